// How large a world a scenario may make for a search.
import { WorldLimitError } from '../engine/world/world-limit.ts';

/** So many actors at most: beyond, one step of a search takes longer than a signal should wait. */
const MAX_ACTORS = 1024;

/** What has actors: a script, or what a file says. */
interface Sized {
  readonly eventfds?: readonly unknown[];
  readonly producers?: readonly unknown[];
  readonly consumers?: readonly unknown[];
  readonly actors?: readonly unknown[] | undefined;
  readonly threads?: object;
}

/** Throws WorldLimitError where there are more actors than a search is for. */
export function expectSize(where: string, { eventfds, producers, consumers, actors, threads }: Sized): void {
  const lists = [eventfds, producers, consumers, actors, Object.keys(threads ?? {})];
  const count = lists.reduce((sum, list) => sum + (list?.length ?? 0), 0);
  if (count <= MAX_ACTORS) return;
  throw new WorldLimitError(
    `${where} has ${count} actors (producers, consumers, eventfds, threads and others), a world holds ${MAX_ACTORS}; for thousands of irqfds there are irqbypass run storm and irqbypass scale`,
  );
}
