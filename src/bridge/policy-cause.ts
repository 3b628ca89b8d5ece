// Which policies of two revisions make a difference between them: one of the two is given some policies of the other, and both make
// the same calls.
import { isSamePlain } from '../engine/actors/plain-data.ts';
import type { Policy } from '../machines/manager/policy.ts';
import { CallModel } from './call-model.ts';
import type { CallObserved } from './call-system.ts';
import type { ManagerCall, Scope } from './manager-calls.ts';

const seen = ['returns', 'callbacks', 'warn', 'race', 'corruption', 'bindings', 'irqs'] as const;
/** Null where a revision does not show it. */
const held = ['producers', 'consumers', 'references'] as const;

function isSame(one: CallObserved, other: CallObserved): boolean {
  return (
    seen.every((field) => isSamePlain(one[field], other[field])) &&
    held.every((field) => one[field] === null || other[field] === null || isSamePlain(one[field], other[field]))
  );
}

/** Two revisions, and all that is between them. */
export class PolicyCauses {
  readonly #from: Policy;
  readonly #to: Policy;
  readonly #scope: Scope;
  readonly #hasIrqs: boolean;
  readonly #models = new Map<string, CallModel>();

  /**
   * @param from - the one
   * @param to - the other
   * @param scope - of the calls
   * @param hasIrqs - are producers given irqs?
   */
  constructor(from: Policy, to: Policy, scope: Scope, hasIrqs = false) {
    this.#from = from;
    this.#to = to;
    this.#scope = scope;
    this.#hasIrqs = hasIrqs;
  }

  /**
   * Does the last of these calls tell the first revision from itself with only these policies of the second, and no call before it?
   *
   * @param policies - some in which the two differ
   * @param calls - a witness
   */
  isShownBy(policies: readonly (keyof Policy)[], calls: readonly ManagerCall[]): boolean {
    const [one, other] = [this.#model([]), this.#model(policies)];
    let [a, b] = [one.initial, other.initial];
    for (const [i, call] of calls.entries()) {
      const [mine, theirs] = [one.perform(a, call), other.perform(b, call)];
      if (!isSame(mine.observed, theirs.observed)) return i === calls.length - 1;
      [a, b] = [mine.state, theirs.state];
    }
    return false;
  }

  #model(policies: readonly (keyof Policy)[]): CallModel {
    const key = policies.filter((one) => !isSamePlain(this.#from[one], this.#to[one])).join();
    let model = this.#models.get(key);
    if (model === undefined) {
      const changed = Object.fromEntries(policies.map((one) => [one, this.#to[one]]));
      model = new CallModel({ ...this.#from, ...changed }, this.#scope, 'raw', {}, this.#hasIrqs);
      this.#models.set(key, model);
    }
    return model;
  }
}
