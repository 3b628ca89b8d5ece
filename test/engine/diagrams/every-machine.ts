// Every machine that there is to draw: the built-in ones on every revision, and with every mutation there.
import type { Machine } from '../../../src/engine/actors/machine.ts';
import { patched } from '../../../src/engine/actors/machine.ts';
import type { Policy } from '../../../src/machines/manager/policy.ts';
import type { Mutation } from '../../../src/mutations/mutation.ts';
import { mutations } from '../../../src/mutations/mutations.ts';
import type { Revision } from '../../../src/registry/revisions.ts';
import { revisions } from '../../../src/registry/revisions.ts';
import type { Machines } from '../../../src/scenarios/machines.ts';
import { machineIds, machinesOf } from '../../../src/scenarios/machines.ts';

export interface Named {
  /** `registry of v2p8 with b2` */
  readonly title: string;
  readonly machine: Machine;
}

/** The machines of a revision with a mutation, whatever the world that they are in. */
export function mutatedMachines(policy: Policy, { policy: other, discipline, patches = {} }: Mutation): Machines {
  const machines = machinesOf({ ...policy, ...other }, discipline ?? 'clean');
  return Object.fromEntries(
    Object.entries(machines).map(([id, machine]: [string, Machine]) => {
      const patch = patches[id];
      return [id, patch === undefined ? machine : patched(machine, patch(machine))];
    }),
  ) as unknown as Machines;
}

/** Does a mutation make sense on a revision? */
export function fits({ requires = {} }: Mutation, policy: Policy): boolean {
  return Object.entries(requires).every(([key, value]) => policy[key as keyof Policy] === value);
}

const named = (machines: Machines, title: string): Named[] =>
  machineIds.map((id) => ({ title: `${id} of ${title}`, machine: machines[id] }));

/** Each machine once, under the first title that it has. */
const once = (all: readonly Named[]): readonly Named[] =>
  [...new Map(all.toReversed().map((one) => [one.machine, one])).values()].toReversed();

const original = revisions.flatMap(({ id, policy }) => named(machinesOf(policy, 'clean'), id));

function withMutations(where: (mutation: Mutation, revision: Revision) => boolean): readonly Named[] {
  return once([
    ...original,
    ...revisions.flatMap((revision) =>
      mutations
        .filter((mutation) => where(mutation, revision))
        .flatMap((mutation) => named(mutatedMachines(revision.policy, mutation), `${revision.id} with ${mutation.id}`)),
    ),
  ]);
}

/** The machines of every revision, and with each mutation on every revision where it makes sense. */
export const everyMachine: readonly Named[] = withMutations((mutation, { policy }) => fits(mutation, policy));

/** The machines of every revision, and with each mutation on the revisions where it is shown. */
export const everyShownMachine: readonly Named[] = withMutations(({ shown }, { id }) =>
  shown.some(({ revision }) => revision === id),
);
