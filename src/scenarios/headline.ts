// What a report says first.
import type { Assembled } from './assembled.ts';

/** What a report says first: scenario, revision and the kernels that have it, mutation. */
export function headline({ scenario, parameters, revision, mutation }: Assembled): string {
  const set = Object.entries(parameters).map(([key, value]) => `${key}=${String(value)}`);
  const under = mutation === null ? '' : ` with ${mutation.id}`;
  return `${scenario.id}${set.length === 0 ? '' : ` (${set.join(', ')})`} on ${revision.id}, ${revision.where}${under}`;
}
