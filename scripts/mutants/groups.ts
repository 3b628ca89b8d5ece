// What is mutated, and which tests judge it: those that are fast enough.
import { globSync } from 'node:fs';

/** A part of src with its judges. */
export interface Group {
  readonly id: string;
  /** Files that are mutated. */
  readonly mutated: readonly string[];
  /** Files of tests; what several are named twice is run once. */
  readonly tests: readonly string[];
}

/** Runs on record: no search, every property at every step. */
const runs = 'test/properties/recorded-runs.test.ts';

/** Single steps, judged by themselves: milliseconds each. */
const steps = [
  'test/properties/{sometimes,lock-order,manager-safety,system-properties,arch,locks}.test.ts',
  'test/properties/marks.test.ts',
];

/** Small worlds with every bug and without: exact counts of states, exact lengths of counterexamples. */
const worlds = [
  'test/mutations/mutations.test.ts',
  'test/mutations/reentry.test.ts',
  'test/scenarios/manifest.test.ts',
  'test/properties/*.test.ts',
];

const systemWorlds = ['test/machines/litmus.test.ts', 'test/machines/system.test.ts', 'test/machines/kernel/*.test.ts'];

const groups: readonly Group[] = [
  {
    id: 'properties',
    mutated: ['src/properties/**/*.ts'],
    tests: [...steps, runs, ...worlds, ...systemWorlds],
  },
  {
    id: 'registry',
    mutated: ['src/registry/**/*.ts'],
    tests: [
      'test/registry/{charts,critical-section,language,index-tree-geometry,index-trees,manager-view,misuse-matrix,revisions}.test.ts',
      'test/registry/{structure-memory,years-before}.test.ts',
      'test/registry/structures/*.test.ts',
      'test/engine/traces/columns.test.ts',
      'test/bridge/revision-explanations.test.ts',
      'test/model-based/*.test.ts',
      'test/bridge/divergence.test.ts',
      runs,
      ...worlds,
    ],
  },
  {
    id: 'engine',
    mutated: [
      'src/engine/actors/**/*.ts',
      'src/engine/world/**/*.ts',
      'src/engine/explorer/expansion/**/*.ts',
      'src/engine/explorer/search/**/*.ts',
    ],
    tests: [
      'test/engine/actors/*.test.ts',
      'test/engine/world/{enabling,language,live-host,local-transitions,memory,not-modelled}.test.ts',
      'test/engine/world/{opaque-names,same-message,scheduler-choices,view,wiring,world}.test.ts',
      'test/engine/explorer/reductions/{call-images,early-calls,orbits,partial-order,right-movers,symmetry,thread-names}.test.ts',
      'test/engine/explorer/{search,tables}/*.test.ts',
      'test/engine/explorer/store/*.test.ts',
      'test/engine/explorer/liveness/fair-runs.test.ts',
      'test/engine/traces/columns.test.ts',
      runs,
      'test/machines/system.test.ts',
      'test/machines/kernel/*.test.ts',
      ...worlds,
    ],
  },
  {
    id: 'machines',
    mutated: ['src/machines/**/*.ts'],
    tests: [runs, ...systemWorlds, ...worlds],
  },
];

/** Their ids. */
export const groupIds: readonly string[] = groups.map(({ id }) => id);

/** Files of a group that are mutated. */
export const filesOf = ({ mutated }: Group): readonly string[] =>
  mutated.flatMap((pattern) => globSync(pattern)).toSorted();

/**
 * A group by its id.
 *
 * @throws Error where there is none.
 */
export function groupOf(id: string | undefined): Group {
  const found = groups.find((group) => group.id === id);
  if (found === undefined) throw new Error(`no group ${String(id)}: one of ${groupIds.join(', ')}`);
  return found;
}
