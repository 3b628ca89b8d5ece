// Schedulers: what picks the next step when a world runs once.
//
// `pct` is probabilistic concurrency testing: Burckhardt, Kothari, Musuvathi, Nagarakatte, "A Randomized Scheduler with
// Probabilistic Guarantees of Finding Bugs", ASPLOS 2010.
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { EventId } from './local-transitions.ts';
import type { Choice, Row, World } from './world.ts';

/** The schedulers that there are: the oldest message first, by chance, or by random priorities of actors. */
export type SchedulerName = 'fifo' | 'random' | 'pct';
/** All schedulers, by name. */
export const schedulerNames: readonly SchedulerName[] = ['fifo', 'random', 'pct'];

/** Picks one of the choices, by index. Asked once a step, in order. */
export type Scheduler = (row: Row, choices: readonly Choice[]) => number;

/** A source of random integers, both ends included; the same seed gives the same numbers everywhere. */
export type RandomInt = (from: number, to: number) => number;

/** A seeded source of random integers. */
export function seeded(seed: number): RandomInt {
  const generator = xoroshiro128plus(seed | 0);
  return (from, to) => uniformInt(generator, from, to);
}

/** How many priority changes `pct` makes, and how long it expects a run to be. */
const PCT_CHANGES = 2;
const PCT_STEPS = 100;

/**
 * Makes a scheduler for one run of a world: it remembers what it has picked.
 *
 * @param name - which of the schedulers
 * @param world - the world that is run
 * @param seed - a whole number, of which 32 bits count, for `random` and `pct`; `fifo` draws nothing
 * @returns what picks a choice, by index, at each step
 */
export function createScheduler(name: SchedulerName, world: World, seed: number): Scheduler {
  switch (name) {
    case 'fifo':
      return fifo(world);
    case 'random': {
      const int = seeded(seed);
      return (_, choices) => int(0, choices.length - 1);
    }
    case 'pct':
      return pct(world, seeded(seed));
  }
}

/** The message that has waited longest; when none can be delivered, the thread whose last call is longest ago. */
function fifo(world: World): Scheduler {
  let waiting: EventId[] = [];
  const lastCall = new Map<string, number>();
  let calls = 0;
  return (row, choices) => {
    const now = world.inFlight(row).map(({ id }) => id);
    const rest = [...now];
    waiting = waiting.filter((id) => {
      const at = rest.indexOf(id);
      if (at >= 0) rest.splice(at, 1);
      return at >= 0;
    });
    waiting.push(...rest);
    for (const id of waiting) {
      const found = choices.findIndex((choice) => choice.event === id);
      if (found >= 0) return found;
    }
    const threads = choices.map(({ event }) => world.transitions.event(event).to);
    const [thread = ''] = threads.toSorted((one, other) => (lastCall.get(one) ?? 0) - (lastCall.get(other) ?? 0));
    lastCall.set(thread, ++calls);
    return Math.max(
      threads.findIndex((one) => one === thread),
      0,
    );
  };
}

/** Random priorities of actors; at a few random steps the running one falls below all others. */
function pct(world: World, int: RandomInt): Scheduler {
  const priorities = world.actors.map(() => int(PCT_CHANGES + 1, 1_000_000));
  const changes = Array.from({ length: PCT_CHANGES }, () => int(1, PCT_STEPS));
  let step = 0;
  return (_, choices) => {
    step += 1;
    const actorOf = (choice: Choice | undefined): number => {
      if (choice === undefined) return 0;
      // A request for a lock is a step of the thread that makes it.
      return world.whoseStep(choice);
    };
    const priority = (i: number): number => priorities[actorOf(choices[i])] ?? 0;
    let best = 0;
    for (let i = 1; i < choices.length; i++) if (priority(i) > priority(best)) best = i;
    const change = changes.indexOf(step);
    if (change >= 0) priorities[actorOf(choices[best])] = change + 1;
    // Among equals (answers of one callback) the draw decides.
    const equals = choices.flatMap((choice, i) => (actorOf(choice) === actorOf(choices[best]) ? [i] : []));
    return equals[int(0, equals.length - 1)] ?? best;
  };
}
