// Shortest counterexamples beside calls that are made early: when no call may be, and a second search where some were.
import { inOrder } from '../counterexamples/violations.ts';
import type { PartialOrderMode } from '../reductions/partial-order.ts';
import type { Exploration, ExploreOptions } from './exploration.ts';

/** Which calls a search puts off or makes early. Early calls make ways longer; where only some ways are followed, the graph is not whole. */
export function partialOrderOf(options: ExploreOptions): PartialOrderMode {
  const { por, edge, order, maxDepth, traces, earlyCalls, resume } = options;
  if (por !== true || edge !== undefined) return 'none';
  if (resume !== undefined) return resume.partialOrder?.mode ?? 'none';
  const lengthMatters = order === 'depth-first' || maxDepth !== undefined || traces !== undefined;
  return earlyCalls === false || lengthMatters ? 'late' : 'late and early';
}

/**
 * What a search has found, with shortest counterexamples: where calls are made early, some of a path may be for nothing. Another search,
 * without that, has only to go as deep as what was found.
 *
 * @param found - what was found with early calls
 * @param options - of that search
 * @param search - searches the same world with other options
 * @throws Error where the second search finds a property violated that the first has not: the reduction would be unsound
 */
export async function withShortest(
  found: Exploration,
  options: ExploreOptions,
  search: (others: ExploreOptions) => Promise<Exploration>,
): Promise<Exploration> {
  // Without early calls there are more states: it goes by depth and time, and is not saved.
  const { checkpoint: _checkpoint, resume: _resume, maxStates: _maxStates, maxSeconds, ...others } = options;
  const left = maxSeconds === undefined ? undefined : maxSeconds - found.seconds;
  if (left !== undefined && left <= 0) return found;
  const lengths = found.violations.flatMap(({ path, alongside = [] }) => [path, ...alongside].map((one) => one.length));
  const wanted = new Set(found.violations.map(({ property }) => property));
  const again = await search({
    ...others,
    ...(left === undefined ? {} : { maxSeconds: left }),
    earlyCalls: false,
    // Where nothing happens any more shows as a state is expanded.
    maxDepth: Math.max(...lengths) + 1,
    until: wanted,
  });
  const missed = again.violations.find(({ property }) => !wanted.has(property));
  if (missed !== undefined && found.limit === undefined && options.stopAtFirst !== true)
    throw new Error(`${missed.property} is violated, and the search with early calls has missed it: it is unsound`);
  const isThere = new Set(again.violations.map(({ property }) => property));
  // What a limit has kept from being found again stays as it was, perhaps longer than it has to be.
  const rest = options.stopAtFirst === true && isThere.size > 0 ? [] : found.violations;
  const kept = rest.filter(({ property }) => !isThere.has(property));
  const order = options.properties.map(({ id }) => id);
  const violations = inOrder([...again.violations, ...kept], order);
  const { limit, limitMessage } = kept.length > 0 && found.limit === undefined ? again : found;
  return {
    ...found,
    ...(limit === undefined ? {} : { limit }),
    ...(limitMessage === undefined ? {} : { limitMessage }),
    violations,
    counterexamples: violations,
    seconds: found.seconds + again.seconds,
    memoryMiB: again.memoryMiB ?? found.memoryMiB,
    machineCalls: again.machineCalls,
  };
}
