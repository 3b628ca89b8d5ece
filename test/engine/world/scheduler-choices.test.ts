// What each scheduler picks, in a world of notes: by hand for fifo, by what is drawn for random, beside a plain account of the paper for pct.
import { describe, expect, it } from 'vitest';
import { createScheduler, schedulerNames, seeded } from '../../../src/engine/world/schedulers.ts';
import type { Scheduler } from '../../../src/engine/world/schedulers.ts';
import type { Choice, Row, World } from '../../../src/engine/world/world.ts';
import { note, theBox, threadOf, worldOf } from './note-world.ts';

const notes = (...texts: readonly string[]) => texts.map((text) => note(text));

/** Names of what is picked, up to so many steps, and what there was to pick. */
function run(
  world: World,
  pick: Scheduler,
  steps = 200,
): readonly (readonly [name: string, picked: number, of: number])[] {
  const taken: [string, number, number][] = [];
  let row = world.initial();
  for (let step = 0; step < steps; step++) {
    const choices = world.choices(row);
    if (choices.length === 0) break;
    const picked = pick(row, choices);
    const choice = choices[picked];
    if (choice === undefined) throw new Error(`no choice ${picked}`);
    taken.push([world.nameOf(choice), picked, choices.length]);
    ({ row } = world.step(row, choice));
  }
  return taken;
}
const namesOf = (world: World, pick: Scheduler): readonly string[] => run(world, pick).map(([name]) => name);

describe('fifo', () => {
  it('delivers what has waited longest, and lets threads take turns while nothing waits', () => {
    const world = worldOf([theBox, threadOf('t0', notes('a', 'b')), threadOf('t1', notes('c', 'd'))]);
    expect(namesOf(world, createScheduler('fifo', world, 0))).toEqual([
      't0 note(a, false)',
      'box.note(a) for t0',
      't1 note(c, false)',
      'box.note(c) for t1',
      't0 note(b, false)',
      'box.note(b) for t0',
      't1 note(d, false)',
      'box.note(d) for t1',
    ]);
  });

  it('goes by when a message came, not by where it stands, and counts equal ones', () => {
    const world = worldOf([theBox, threadOf('t0', notes('b', 'a')), threadOf('t1', notes('c', 'c'))]);
    const pick = createScheduler('fifo', world, 0);
    const states: Row[] = [world.initial()];
    const after = (row: Row, name: string): Row => {
      const choice = world.choiceNamed(row, name) as Choice;
      return world.step(row, choice).row;
    };
    const picked = (row: Row): string => {
      const choices = world.choices(row);
      return world.nameOf(choices[pick(row, choices)] as Choice);
    };
    // It is asked at each step; somebody else does something else.
    let row = states[0] as Row;
    const seen: string[] = [];
    for (const name of [
      't1 note(c, false)',
      't0 note(b, false)',
      't0 note(a, false)',
      't1 note(c, false)',
      'box.note(c) for t1',
      'box.note(c) for t1',
      'box.note(b) for t0',
    ]) {
      row = after(row, name);
      seen.push(picked(row));
    }
    expect(seen).toEqual([
      'box.note(c) for t1',
      'box.note(c) for t1',
      'box.note(c) for t1',
      'box.note(c) for t1',
      // One c is left. Which of the two came first cannot be told; it is the first that is taken for delivered.
      'box.note(c) for t1',
      'box.note(b) for t0',
      'box.note(a) for t0',
    ]);
  });
});

describe('random', () => {
  it('takes what is drawn from its seed, of all choices', () => {
    const world = worldOf([theBox, threadOf('t0', notes('a', 'b')), threadOf('t1', notes('c', 'd'))]);
    for (const seed of [0, 7, 0xffff_ffff]) {
      const int = seeded(seed);
      for (const [, picked, of] of run(world, createScheduler('random', world, seed)))
        expect(picked).toBe(int(0, of - 1));
    }
    expect(schedulerNames).toEqual(['fifo', 'random', 'pct']);
  });
});

describe('pct', () => {
  /** The paper: each actor has a priority; at two random steps of the first hundred that of the running one falls below all others. */
  function plain(world: World, seed: number): Scheduler {
    const int = seeded(seed);
    const priority = new Map(world.actors.map(({ address }) => [address, int(3, 1_000_000)]));
    const falls = [int(1, 100), int(1, 100)];
    let step = 0;
    return (_, choices) => {
      step += 1;
      const runners = choices.map((choice) => world.actors[world.whoseStep(choice)]?.address ?? '');
      const running = runners.reduce((best, one) =>
        (priority.get(one) ?? 0) > (priority.get(best) ?? 0) ? one : best,
      );
      if (falls.includes(step)) priority.set(running, falls.indexOf(step) + 1);
      const own = runners.flatMap((one, i) => (one === running ? [i] : []));
      return own[int(0, own.length - 1)] as number;
    };
  }

  it('runs who has the highest priority, until it falls', () => {
    const letters = Array.from({ length: 26 }, (_, i) => String.fromCodePoint(97 + i));
    const stepsOf = (who: string) => notes(...letters.map((letter) => who + letter));
    const world = worldOf([
      { ...theBox, failures: [-5, -12] },
      threadOf('t0', stepsOf('a')),
      threadOf('t1', stepsOf('b'), { inBox: true }),
      threadOf('t2', stepsOf('c').slice(0, 9)),
    ]);
    const orders = new Set<string>();
    for (let seed = 0; seed < 30; seed++) {
      const [real, expected] = [createScheduler('pct', world, seed), plain(world, seed)];
      const limited =
        (pick: Scheduler): Scheduler =>
        (row, choices) => {
          // Channels are small: what is in flight is delivered first.
          const deliveries = choices.filter(({ column }) => column >= 0);
          const offered = deliveries.length > 0 ? deliveries : choices;
          return choices.indexOf(offered[pick(row, offered)] as Choice);
        };
      const taken = run(world, limited(real), 120);
      expect(taken).toEqual(run(world, limited(expected), 120));
      // Of three threads each runs to its end, but where one falls: twice at most.
      const runners = taken.flatMap(([name]) => (name.startsWith('t') ? [name.slice(0, 2)] : []));
      expect(runners.filter((runner, i) => i > 0 && runner !== runners[i - 1]).length).toBeLessThanOrEqual(4);
      orders.add(taken.map(([name]) => name).join());
    }
    expect(orders.size).toBeGreaterThan(20);
  });
});
