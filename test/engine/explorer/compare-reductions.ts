// Compares a search with the same search under each reduction: verdicts, violated properties, lengths of counterexamples.
import { expect } from 'vitest';
import type { Exploration, ExploreOptions } from '../../../src/engine/explorer/search/explore.ts';
import { explore } from '../../../src/engine/explorer/search/explore.ts';
import type { Assembled } from '../../../src/scenarios/assembled.ts';
import { manifest } from '../../../src/scenarios/manifest.ts';
import type { Parameters } from '../../../src/scenarios/define.ts';
import { traceOf } from '../../../src/engine/world/trace.ts';
import { isLong } from '../../sample.ts';
import { assembled, makesSense } from '../assembled.ts';

/** Of more states (a bug may make a world grow without end) a part is compared. */
const MAX_STATES = 1_000_000;

const reductions = [{ por: true }, { symmetry: true }, { por: true, symmetry: true }] as const;

const found = ({ verdict, violations, vacuous }: Exploration): unknown => [
  verdict,
  violations.map(({ property, path }) => [property, path.length]),
  vacuous,
];

/** Explores afresh; undefined where the mutation makes no sense on the revision. */
export async function search(
  id: string,
  revision: string,
  mutation: string | null,
  options: Partial<ExploreOptions>,
  set: Parameters = {},
): Promise<Exploration | undefined> {
  if (mutation !== null && !makesSense(mutation, id, revision, set)) return undefined;
  const { world, properties } = assembled(id, { revision, mutation, set });
  return await explore(world, { properties, ...options });
}

/**
 * Throws where a reduction changes what a search finds in a world; answers what it finds. Where the world meets a limit, and what is found
 * till then, depends on the order: there none may say that it holds.
 */
export async function compareWorlds(what: object, make: () => Assembled): Promise<Exploration> {
  const plainly = make();
  const plain = await explore(plainly.world, { properties: plainly.properties, maxStates: MAX_STATES });
  for (const options of reductions) {
    // What machines do is remembered by the world: most of a small search. In test:long each begins with nothing.
    const { world, properties } = isLong ? make() : plainly;
    const reduced = await explore(world, { properties, maxStates: MAX_STATES, ...options });
    if (plain.limit !== undefined) {
      expect({ ...what, options, verdict: reduced.verdict }).not.toMatchObject({ verdict: 'holds' });
      continue;
    }
    expect({ ...what, options, found: found(reduced) }).toEqual({ ...what, options, found: found(plain) });
    expect(reduced.states).toBeLessThanOrEqual(plain.states);
    for (const { path } of reduced.violations) expect(traceOf(world, path)).toHaveLength(path.length);
  }
  return plain;
}

/** Does a scenario as it is grow without end on a revision? Where a limit ends it, and what is found till then, depends on the order. */
const isUnbounded = (id: string, revision: string, set: Parameters): boolean =>
  Object.keys(set).length === 0 && manifest[id]?.[revision]?.limit !== undefined;

/** The same of a built-in scenario. A mutation that makes no sense on the revision is passed over, and what grows without end. */
export async function compare(
  id: string,
  revision: string,
  mutation: string | null,
  set: Parameters = {},
): Promise<void> {
  if (mutation !== null && !makesSense(mutation, id, revision, set)) return;
  if (isUnbounded(id, revision, set)) return;
  await compareWorlds({ id, revision, mutation, set }, () => assembled(id, { revision, mutation, set }));
}
