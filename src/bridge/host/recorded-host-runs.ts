// Recorded runs of real hosts: what was played, a line each, as scripts/host-tests.ts --record wrote it.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Mutation } from '../../mutations/mutation.ts';
import { revisionOf } from '../../scenarios/assembled.ts';
import type { Played } from './host-boot.ts';
import type { Comparison } from './host-compare.ts';
import { compareAll, joined } from './host-compare.ts';
import { playedBy } from './host-sequences.ts';
import type { HostShape } from './host-world.ts';
import { HostWorld } from './host-world.ts';

/** A sequence that was played. */
export interface RecordedHostRun extends Played {
  readonly series: string;
  readonly release: string | null;
  readonly revision: string;
  readonly shape: HostShape;
  readonly calls: readonly string[];
}

/** Reads recorded runs. */
export function readHostRuns(file: string): readonly RecordedHostRun[] {
  const lines = gunzipSync(readFileSync(file)).toString().split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as RecordedHostRun);
}

/**
 * Compares recorded runs with the worlds of their kernels.
 *
 * @param runs - of one kernel
 * @param mutation - a bug of the world, which the kernel is to refute
 */
export function compareRecorded(runs: readonly RecordedHostRun[], mutation?: Mutation): Comparison {
  const shapes = new Map(runs.map(({ shape }) => [JSON.stringify(shape), shape]));
  return joined(
    [...shapes].map(([key, shape]) => {
      const some = runs.filter((run) => JSON.stringify(run.shape) === key);
      const revision = revisionOf(some[0]?.revision);
      // Which descriptor a deassign names is as it was played: by the world without the bug.
      const plain = new HostWorld(shape, revision);
      const sequences = some.map(({ name, calls }) => ({ name, shape, steps: playedBy(plain, calls) }));
      const world = mutation === undefined ? plain : new HostWorld(shape, revision, mutation);
      return compareAll(world, sequences, some);
    }),
  );
}
