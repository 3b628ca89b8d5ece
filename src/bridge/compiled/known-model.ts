// The machines of one revision in a search beside compiled C: what is known of a state is not asked of them again.
//
// A fault that nothing asks for changes nothing. Where a call does not wait for the mutex, the other thread's call comes after it; where
// it waits and has written nothing yet, and the other thread's call changes nothing, each does what it does alone. A test makes every
// call in states of small scopes of both.
import type { Row } from '../../engine/world/world.ts';
import type { Policy } from '../../machines/manager/policy.ts';
import type { CallModel, PerformedCall } from '../call-model.ts';
import type { CallSeen, CallSystem, Performed } from '../call-system.ts';
import type { CallFault, ManagerCall } from '../manager-calls.ts';

/** A plain call, as a key. */
const plainKey = ({ op, object, eventfd }: ManagerCall): string => `${op} ${object} ${String(eventfd)}`;

/** What a plain call did. */
interface Known extends PerformedCall {
  /** Is the state the same as before? */
  readonly isUnchanged: boolean;
}

/** A model that remembers the plain calls of the state that it was asked of last. */
export class KnownModel implements CallSystem<Row> {
  readonly initial: Row;
  readonly #model: CallModel;
  readonly #policy: Policy;
  #row: Row | undefined;
  readonly #plain = new Map<string, Known>();
  /** Of rows that were asked for since then: most of them several times. */
  readonly #texts = new Map<Row, string>();

  /**
   * @param policy - of the model's revision
   * @param model - who is asked of what is not known
   */
  constructor(policy: Policy, model: CallModel) {
    this.#policy = policy;
    this.#model = model;
    this.initial = model.initial;
  }

  performAll(row: Row, calls: readonly ManagerCall[]): Promise<readonly Performed<Row>[]> {
    if (row !== this.#row) {
      this.#row = row;
      this.#plain.clear();
      this.#texts.clear();
    }
    return Promise.resolve(calls.map((call) => this.#performed(row, call)));
  }

  #performed(row: Row, call: ManagerCall): Performed<Row> {
    const { fault, race } = call;
    if (fault === undefined && race === undefined) return this.#performedPlain(row, call);
    const alone = this.#plain.get(plainKey(call));
    if (alone === undefined) return this.#model.perform(row, call);
    if (race === undefined)
      return fault === undefined || this.#mayMatter(fault, alone) ? this.#model.perform(row, call) : alone;
    return (fault === undefined ? this.#performedRace(row, alone, race) : undefined) ?? this.#model.perform(row, call);
  }

  /** A call with another thread's, as far as that follows from what each does alone. */
  #performedRace(row: Row, alone: Known, race: ManagerCall): Performed<Row> | undefined {
    if (!alone.waits) return alone.isUnchanged ? together(alone, this.#performedPlain(row, race), 'race') : undefined;
    if (alone.writes) return undefined;
    const other = this.#performedPlain(row, race);
    return other.isUnchanged ? together(alone, other, 'alone') : undefined;
  }

  #performedPlain(row: Row, call: ManagerCall): Known {
    const key = plainKey(call);
    let known = this.#plain.get(key);
    if (known === undefined) {
      const performed = this.#model.perform(row, call);
      known = { ...performed, isUnchanged: isSameRow(row, performed.state) };
      this.#plain.set(key, known);
    }
    return known;
  }

  /** May a call do something else with a fault, when this is what it does without? */
  #mayMatter(fault: CallFault, { observed, waits }: PerformedCall): boolean {
    if (fault === 'module_get') return this.#policy.moduleReference;
    if (fault === 'allocation') return waits && this.#policy.insertion !== 'list_add';
    return observed.callbacks.some((one) => one.includes(`.${fault}(`));
  }

  commute(row: Row, calls: readonly ManagerCall[]): Promise<readonly boolean[]> {
    return this.#model.commute(row, calls);
  }

  textOf(row: Row): string {
    let text = this.#texts.get(row);
    if (text === undefined) {
      text = this.#model.textOf(row);
      this.#texts.set(row, text);
    }
    return text;
  }

  exchanged(row: Row, permutation: Int32Array): string {
    return this.#model.exchanged(row, permutation);
  }

  hold(): void {
    this.#model.hold();
  }

  release(): void {
    this.#model.release();
  }
}

function isSameRow(one: Row, other: Row): boolean {
  return one.length === other.length && one.every((column, i) => column === other[i]);
}

/** Two calls at once, one of which changed nothing: what is held afterwards is what the last one left. */
function together(alone: Known, race: Known, last: 'alone' | 'race'): Performed<Row> {
  const { state, observed } = last === 'alone' ? alone : race;
  return { state, observed: { ...observed, ...seenOf(alone.observed), race: seenOf(race.observed) } };
}

function seenOf({ returns, callbacks, warn, sights }: CallSeen): CallSeen {
  return { returns, callbacks, warn, ...(sights === undefined ? {} : { sights }) };
}
