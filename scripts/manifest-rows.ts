// The rows of src/scenarios/manifest.json: each built-in scenario on every revision, and system scenarios on every architecture.
import { explore } from '../src/engine/explorer/search/explore.ts';
import { revisions } from '../src/registry/revisions.ts';
import { assemble } from '../src/scenarios/assemble.ts';
import type { Scenario } from '../src/scenarios/define.ts';
import type { ManifestEntry } from '../src/scenarios/manifest.ts';
import { ScenarioError } from '../src/scenarios/scenario-error.ts';

/** Where a world grows without end (likexu-v2 leaks module references in assign) this much of it is on record. */
export const MAX_STATES = 60_000;

/** A row: how its scenario is set up. */
export interface ManifestRow {
  /** The revision; on an architecture that is not the scenario's usual one `arch=svm v2p8`. */
  readonly key: string;
  readonly revision: string;
  readonly set: Readonly<Record<string, string>>;
}

/** The two kernels whose other halves are modelled: 6.12 and 6.18. */
const kernels = ['base', 'v2p8'] as const;

/** Does a scenario know this architecture? */
function knows(scenario: Scenario, arch: string): boolean {
  try {
    assemble({ scenario, revision: 'v2p8', set: { arch } });
    return true;
  } catch (error) {
    if (error instanceof ScenarioError) return false;
    throw error;
  }
}

/** The rows of a scenario. */
export function rowsOf(scenario: Scenario): readonly ManifestRow[] {
  const usual = revisions.map(({ id }) => ({ key: id, revision: id, set: {} }));
  if (!('arch' in scenario.parameters)) return usual;
  const others = ['vmx', 'svm', 'arm64', 'powerpc'].filter(
    (arch) => arch !== scenario.parameters['arch'] && knows(scenario, arch),
  );
  return [
    ...usual,
    ...others.flatMap((arch) =>
      kernels.map((revision) => ({ key: `arch=${arch} ${revision}`, revision, set: { arch } })),
    ),
  ];
}

/** Explores a row. */
export async function entryOf(scenario: Scenario, { revision, set }: ManifestRow): Promise<ManifestEntry> {
  const { world, properties } = assemble({ scenario, revision, set });
  const { verdict, limit, states, transitions, depth, violations } = await explore(world, {
    properties,
    maxStates: MAX_STATES,
  });
  const violated = violations.map((violation) => `${violation.property}@${violation.path.length}`);
  return { verdict, ...(limit === undefined ? {} : { limit }), states, transitions, depth, violated };
}
