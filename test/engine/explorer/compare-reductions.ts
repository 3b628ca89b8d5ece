// Compares a search with the same search under each reduction: verdicts, violated properties, lengths of counterexamples.
import { expect } from 'vitest';
import type { Exploration, ExploreOptions } from '../../../src/engine/explorer/search/explore.ts';
import { explore } from '../../../src/engine/explorer/search/explore.ts';
import type { Assembled } from '../../../src/scenarios/assembled.ts';
import type { Parameters } from '../../../src/scenarios/define.ts';
import { traceOf } from '../../../src/engine/world/trace.ts';
import { isLong } from '../../sample.ts';
import { assembled, makesSense } from '../assembled.ts';

const reductions = [{ por: true }, { symmetry: true }, { por: true, symmetry: true }] as const;

const found = ({ verdict, violations }: Exploration): unknown => [
  verdict,
  violations.map(({ property, path }) => [property, path.length]),
];

/** Explores afresh, or a world that was assembled before; undefined where the mutation makes no sense on the revision. */
export async function search(
  id: string,
  revision: string,
  mutation: string | null,
  options: Partial<ExploreOptions>,
  set: Parameters = {},
  like?: Assembled,
): Promise<{ assembled: Assembled; exploration: Exploration } | undefined> {
  if (mutation !== null && !makesSense(mutation, id, revision)) return undefined;
  const made = like ?? assembled(id, { revision, mutation, set });
  const { world, properties } = made;
  return { assembled: made, exploration: await explore(world, { properties, ...options }) };
}

/** Throws where a reduction changes what a search finds. A mutation that makes no sense on the revision is passed over. */
export async function compare(
  id: string,
  revision: string,
  mutation: string | null,
  set: Parameters = {},
): Promise<void> {
  const plain = await search(id, revision, mutation, {}, set);
  if (plain === undefined) return;
  for (const options of reductions) {
    // What machines do is remembered by the world: most of a small search. In test:long each begins with nothing.
    const reduced = await search(id, revision, mutation, options, set, isLong ? undefined : plain.assembled);
    if (reduced === undefined) throw new Error('assembled once, but not twice');
    const what = { id, revision, mutation, options };
    expect({ what, found: found(reduced.exploration) }).toEqual({ what, found: found(plain.exploration) });
    expect(reduced.exploration.states).toBeLessThanOrEqual(plain.exploration.states);
    for (const { path } of reduced.exploration.violations)
      expect(traceOf(reduced.assembled.world, path)).toHaveLength(path.length);
  }
}
