// What generated pages need of the model, gathered once: machines, scenarios with the machines in them, bugs.
import { fileURLToPath } from 'node:url';
import type { Machine } from '../../src/engine/actors/machine.ts';
import { mutations } from '../../src/mutations/mutations.ts';
import { DEFAULT_REVISION, findRevision } from '../../src/registry/revisions.ts';
import { assemble } from '../../src/scenarios/assemble.ts';
import { scenarios } from '../../src/scenarios/builtin.ts';
import type { Scenario } from '../../src/scenarios/define.ts';
import type { Manifest } from '../../src/scenarios/manifest.ts';
import type { MachineId } from '../../src/scenarios/machines.ts';
import { machineIds, machinesOf } from '../../src/scenarios/machines.ts';

/** Root of the repository, with a slash. */
export const root: string = fileURLToPath(new URL('../../', import.meta.url));

/** The machine of an id, as it is on the revision that is used when none is named. */
export function machineOf(id: MachineId): Machine {
  const policy = findRevision(DEFAULT_REVISION)?.policy;
  if (policy === undefined) throw new Error(`there is no revision ${DEFAULT_REVISION}`);
  return machinesOf(policy, 'clean')[id];
}

/** Rows of the manifest on another architecture: `arch=svm v2p8`. */
export const ofArch = /^arch=(\S+) (\S+)$/;

/** Which built-in machines stand in each scenario, on its usual architecture and on the others that are in the manifest. */
export function machinesInScenarios(verdicts: Manifest): ReadonlyMap<string, ReadonlySet<MachineId>> {
  return new Map(
    scenarios.map((scenario: Scenario) => {
      const archs = Object.keys(verdicts[scenario.id] ?? {}).flatMap((key) => ofArch.exec(key)?.[1] ?? []);
      const sets = [{}, ...[...new Set(archs)].map((arch) => ({ arch }))];
      const ids = new Set<string>(
        sets.flatMap((set) => assemble({ scenario, set }).world.definition.actors.map(({ machine }) => machine.id)),
      );
      return [scenario.id, new Set(machineIds.filter((id) => ids.has(id)))];
    }),
  );
}

/** Where bugs are shown, with the bug. */
export function shownIn(scenario: string) {
  return mutations.flatMap((mutation) =>
    mutation.shown.filter((row) => row.scenario === scenario).map((row) => ({ mutation, row })),
  );
}
