// Properties that a script brings: whether they are properties, and whose mistake it is when they throw.
import { InputError } from '../engine/input-error.ts';
import type { LeadsTo, Property, Sometimes, StateCheck, StateClaim } from '../engine/world/property.ts';
import { ScenarioError } from './scenario-error.ts';

const made = new WeakMap<Property, Property>();

/** The functions of a property, guarded: what they throw is an error of the script, and what they answer is checked. */
class Guarded {
  readonly #what: string;

  constructor(scenario: string, { id }: Property) {
    this.#what = `${scenario}: property ${id}`;
  }

  /** Runs a function of the property. */
  call<A extends readonly unknown[], R>(run: (...args: A) => R): (...args: A) => R {
    return (...args) => {
      try {
        return run(...args);
      } catch (error) {
        if (error instanceof InputError) throw error;
        throw new ScenarioError('property', `${this.#what} throws: ${String(error)}`, { cause: error });
      }
    };
  }

  /** Runs a check, and looks at its answer. */
  check<A extends readonly unknown[]>(run: (...args: A) => string | null): (...args: A) => string | null {
    const guarded = this.call(run);
    return (...args) => {
      const answer = guarded(...args);
      if (answer === null || typeof answer === 'string') return answer;
      const hint = 'null where it holds, else what is wrong';
      throw new ScenarioError('property', `${this.#what} answers ${String(answer)}`, { hint });
    };
  }

  /** Runs what gathers facts, and looks at its answer. */
  facts<A extends readonly unknown[]>(run: (...args: A) => readonly string[]): (...args: A) => readonly string[] {
    const guarded = this.call(run);
    return (...args) => {
      const answer: unknown = guarded(...args);
      if (Array.isArray(answer) && answer.every((fact) => typeof fact === 'string')) return answer;
      throw new ScenarioError('property', `${this.#what} gathers ${String(answer)}`, { hint: 'a list of texts' });
    };
  }

  state({ while: gate, checks, ...claim }: StateClaim): StateClaim {
    return {
      ...claim,
      ...(gate === undefined ? {} : { while: { ...gate, isIn: this.call(gate.isIn) } }),
      checks: this.call((world) => checks(world).map((check): StateCheck => this.check(check))),
    };
  }

  sometimes({ step, ...witness }: Sometimes): Sometimes {
    return step === undefined ? witness : { ...witness, step: this.call(step) };
  }

  leadsTo({ from, to, inTurn, ...claim }: LeadsTo): LeadsTo {
    const isInTurn = inTurn === undefined ? {} : { inTurn: this.call(inTurn) };
    return { ...claim, ...isInTurn, from: this.call(from), to: this.call(to) };
  }

  property({ state, step, gathered, deadlock, needs, liveness, sometimes, ...property }: Property): Property {
    return {
      ...property,
      ...(needs === undefined ? {} : { needs: this.call(needs) }),
      ...(state === undefined ? {} : { state: this.state(state) }),
      ...(step === undefined ? {} : { step: this.check(step) }),
      ...(gathered === undefined
        ? {}
        : { gathered: { facts: this.facts(gathered.facts), check: this.check(gathered.check) } }),
      ...(deadlock === undefined ? {} : { deadlock: this.check(deadlock) }),
      ...(liveness === undefined
        ? {}
        : { liveness: { checks: this.call((world) => liveness.checks(world).map((claim) => this.leadsTo(claim))) } }),
      ...(sometimes === undefined ? {} : { sometimes: this.sometimes(sometimes) }),
    };
  }
}

/**
 * A property as a script brings it, for a search.
 *
 * @throws ScenarioError where it is none; so do its functions where they throw, or answer neither null nor text
 */
export function ownProperty(scenario: string, property: Property): Property {
  const fail = (what: string): never => {
    throw new ScenarioError('property', `${scenario}: ${what}`);
  };
  if (typeof property !== 'object' || property === null || typeof property.id !== 'string')
    return fail('a property is an id of a built-in one, or an object with an id');
  const { id, state, step, gathered, deadlock, liveness } = property;
  if ([state, step, gathered, deadlock, liveness].every((claim) => claim === undefined))
    fail(`property ${id} claims nothing: it has neither state nor step, gathered, deadlock or liveness`);
  const known = made.get(property) ?? new Guarded(scenario, property).property(property);
  made.set(property, known);
  return known;
}
