// The referee's tasks: what lockdep keeps of each, as lists and numbers.
import type { Value } from '../../src/engine/actors/name.ts';

/** A task: the locks that it holds, in the order in which it took them, counters by number, its workqueue. */
export interface PlainTask {
  readonly held: { readonly class: Value; readonly manner: number }[];
  readonly counters: Record<string, number>;
  pool: Value;
}

export const emptyTask = (): PlainTask => ({ held: [], counters: {}, pool: null });

/** Performs an operation of the family `task`. */
export function askTask(task: PlainTask, operation: string, b: Value, c: Value): Value {
  const { held, counters } = task;
  switch (operation) {
    case 'take':
      held.push({ class: b, manner: Number(c) });
      return null;
    case 'give': {
      const place = held.findLastIndex((lock) => lock.class === b);
      if (place >= 0) held.splice(place, 1);
      return place >= 0;
    }
    case 'class':
      return held[Number(b)]?.class ?? null;
    case 'manner':
      return held[Number(b)]?.manner ?? 0;
    case 'count':
      counters[String(b)] = Math.max(0, (counters[String(b)] ?? 0) + Number(c));
      return null;
    case 'counter':
      return counters[String(b)] ?? 0;
    case 'run':
      task.pool = b;
      return null;
    case 'pool':
      return task.pool;
    default:
      throw new Error(`tasks have no operation ${operation}`);
  }
}
