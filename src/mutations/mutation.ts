// What a mutation is: one historical or invented bug, as a small patch of a correct model.
import type { Machine, Patch } from '../engine/actors/machine.ts';
import { patched } from '../engine/actors/machine.ts';
import { MachineError } from '../engine/actors/machine-error.ts';
import { isSamePlain } from '../engine/actors/plain-data.ts';
import { stillInterchangeable } from '../engine/explorer/reductions/interchangeable.ts';
import type { ActorDefinition, WorldDefinition } from '../engine/world/definition.ts';
import type { Policy } from '../machines/manager/policy.ts';
import type { Discipline } from '../machines/manager/tokens.ts';
import type { Call, Program, ProgramStep } from '../machines/manager/program.ts';
import { DEFAULT_REVISION } from '../registry/revisions.ts';

/** A bug: what changes, what breaks, and where it shows. */
export interface Mutation {
  /** `b1`..`b30` for the catalogue, `m-...` for bugs that exist to test a property. */
  readonly id: string;
  readonly title: string;
  /** Commit or mail where the bug was, or why it was invented. */
  readonly source: string;
  /** Policies of another revision, where the bug is that the manager was so once. */
  readonly policy?: Partial<Policy>;
  /** Policies that a revision must have for the bug to make sense in it. */
  readonly requires?: Partial<Policy>;
  /** How callers treat tokens that they own, where the bug needs it. */
  readonly discipline?: Discipline;
  /** Changed machines, by id: a patch of each. */
  readonly patches?: Readonly<Record<string, (machine: Machine) => Patch>>;
  /** Changed actors or programs. */
  readonly definition?: (definition: WorldDefinition) => WorldDefinition;
  /** Scenario and revision where exploration finds it, and the property that it breaks there. */
  readonly shown: readonly {
    readonly scenario: string;
    readonly revision: string;
    /** Parameters of the scenario that are not the usual ones: `arch`, ... */
    readonly set?: Readonly<Record<string, string | number | boolean>>;
    readonly breaks: readonly string[];
    /** Steps of the counterexample to the first of them; none where only infinite runs violate it. */
    readonly steps?: number;
  }[];
}

/**
 * The command that shows a bug, as it is typed, but for the bug itself.
 *
 * @param row - where it is shown
 */
export function shownBy({ scenario, revision, set = {} }: Mutation['shown'][number]): string {
  const settings = Object.entries(set).map(([key, value]) => ` --set ${key}=${value}`);
  return `explore ${scenario}${settings.join('')}${revision === DEFAULT_REVISION ? '' : ` --revision ${revision}`}`;
}

/**
 * A world with a bug. Groups that it tells apart are not interchangeable any more.
 *
 * @throws MachineError where the bug is one of machines that the world does not have, or changes nothing in it
 */
export function mutated(
  definition: WorldDefinition,
  { id, patches = {}, ...mutation }: Mutation,
  where: string,
): WorldDefinition {
  const ids = new Set(definition.actors.map(({ machine }) => machine.id));
  const missing = Object.keys(patches).filter((one) => !ids.has(one));
  // A bug of several architectures is one of machines that no world has all of.
  if (mutation.definition === undefined && missing.length > 0 && missing.length === Object.keys(patches).length) {
    const [row] = mutation.shown;
    const instead = row === undefined ? '' : `; it is shown by ${shownBy(row)}`;
    const have = `machines of ${where}: ${[...ids].join(', ')}${instead}`;
    throw new MachineError(
      'patch',
      `mutation ${id} is a bug of ${missing.join(', ')}, which ${where} does not have`,
      have,
    );
  }
  const made = new Map<Machine, Machine>();
  const patchedMachine = (machine: Machine): Machine => {
    const patch = patches[machine.id];
    if (patch === undefined) return machine;
    const known = made.get(machine) ?? patched(machine, patch(machine));
    made.set(machine, known);
    return known;
  };
  const actors = definition.actors.map((actor): ActorDefinition => ({
    ...actor,
    machine: patchedMachine(actor.machine),
  }));
  const changed = { ...definition, actors };
  const mutant = mutation.definition?.(changed) ?? changed;
  if (mutation.definition !== undefined && isSame(definition, mutant))
    throw new MachineError('patch', `mutation ${id} changes nothing in ${where}`);
  return stillInterchangeable(mutant);
}

/** Do the actors of two definitions run the same machines and programs, with the same constants? */
function isSame({ actors: some }: WorldDefinition, { actors: others }: WorldDefinition): boolean {
  return (
    some.length === others.length &&
    some.every(({ machine, ...actor }, i) => {
      const { machine: other, ...rest } = others[i] ?? {};
      return machine === other && isSamePlain(actor, rest);
    })
  );
}

/** Changes the programs of all threads. */
export function withPrograms(definition: WorldDefinition, change: (program: Program) => Program): WorldDefinition {
  const actors = definition.actors.map((actor) =>
    actor.machine.id !== 'thread' || actor.program === undefined
      ? actor
      : { ...actor, program: change(actor.program as Program) },
  );
  return { ...definition, actors };
}

/** Changes the program of the first thread. */
export function withFirstProgram(definition: WorldDefinition, change: (program: Program) => Program): WorldDefinition {
  const first = definition.actors.find(({ machine, program }) => machine.id === 'thread' && program !== undefined);
  const actors = definition.actors.map((actor) =>
    actor === first ? { ...actor, program: change(actor.program as Program) } : actor,
  );
  return { ...definition, actors };
}

/** Puts a step before every step that makes a certain call, in all programs. */
export function before(
  definition: WorldDefinition,
  test: (op: string) => boolean,
  insert: (calls: readonly Call[]) => readonly Call[],
): WorldDefinition {
  return withPrograms(definition, ({ steps, how }) => {
    const matches = steps.map(({ calls }) => calls.some(({ op }) => test(op)));
    const moved = (pc: number): number => pc + matches.slice(0, pc).filter(Boolean).length;
    const changed = steps.flatMap(({ calls, ok, error }, i) => {
      const there: ProgramStep = {
        calls,
        ...(ok === undefined ? {} : { ok: moved(ok) }),
        ...(error === undefined ? {} : { error: moved(error) }),
      };
      return matches[i] === true ? [{ calls: insert(calls) }, there] : [there];
    });
    return { steps: changed, how };
  });
}
