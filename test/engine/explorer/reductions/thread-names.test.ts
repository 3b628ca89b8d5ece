// Where threads are named: what is in a state, and what tables that were handed out say of it later.
import { describe, expect, it } from 'vitest';
import type { ThreadNameTables } from '../../../../src/engine/explorer/reductions/thread-names.ts';
import { isNamedBy, ThreadNames } from '../../../../src/engine/explorer/reductions/thread-names.ts';
import { Packing } from '../../../../src/engine/explorer/store/packing.ts';
import type { Row, World } from '../../../../src/engine/world/world.ts';
import { WorldView } from '../../../../src/engine/world/view.ts';
import { assembled, does, everything } from '../../../machines/kernel/litmus.ts';

const { world } = assembled({
  actors: [
    { name: 'm0', machine: 'mutex' },
    { name: 'q0', machine: 'wait-queue' },
  ],
  threads: {
    t0: [does('mutex_lock', 'm0'), does('wait_event', 'q0'), does('mutex_unlock', 'm0')],
    t1: [does('mutex_lock', 'm0'), does('mutex_unlock', 'm0')],
    t2: [does('set_condition', 'q0', { value: true }), does('wake_up', 'q0')],
  },
});
const { rows } = everything(world);
const threads = ['t0', 't1', 't2'].map((name) => world.actor(name as never));

/** Is a thread named in the text of a state without itself and without what travels for it, or does something travel for it? */
function isInText(row: Row, thread: number): boolean {
  const { start, slots } = world.channel(thread);
  if (row.subarray(start, start + slots).some((one) => one !== 0)) return true;
  const { address } = world.actors[thread] as World['actors'][number];
  const { [address]: _, inFlight, ...others } = new WorldView(world, row).toJSON();
  return JSON.stringify([others, inFlight]).includes(`"${address}"`);
}

describe('threads', () => {
  it('are named where the text of a state has their name', () => {
    const packing = new Packing(world.initial());
    const names = new ThreadNames(world, packing);
    const seen = new Set<boolean>();
    for (const row of rows) {
      for (const [column, raw] of row.entries()) packing.code(column, raw);
      packing.widen();
      const words = new Int32Array(packing.words);
      packing.pack(row, words, 0);
      for (const thread of threads) {
        const named = names.isNamed(thread, words, 0);
        seen.add(named);
        expect(named).toBe(isInText(row, thread));
      }
    }
    expect(seen.size).toBe(2);
  });

  it('are never said to be named nowhere by tables that do not know where', () => {
    const packing = new Packing(world.initial());
    const names = new ThreadNames(world, packing);
    let [version, unknown, known] = [-1, 0, 0];
    let tables: ThreadNameTables | undefined;
    for (const row of rows) {
      for (const [column, raw] of row.entries()) packing.code(column, raw);
      if (row.some((_, column) => !packing.fits(column))) packing.widen();
      // Handed out when the layout is another one, not at every new value.
      if (tables === undefined || packing.version !== version) {
        ({ tables } = names);
        ({ version } = packing);
      }
      const words = new Int32Array(packing.words);
      packing.pack(row, words, 0);
      for (const thread of threads) {
        const said = isNamedBy(tables, packing, thread, words, 0);
        if (said < 0) unknown += 1;
        else {
          known += 1;
          expect(said === 1).toBe(names.isNamed(thread, words, 0));
        }
      }
    }
    expect(unknown).toBeGreaterThan(0);
    expect(known).toBeGreaterThan(50);
  });

  it('are named by what never changes, too', () => {
    // The wait queue knows its first waiter from the start, and nothing else of it ever changes.
    const row = world.initial();
    const column = world.actor('q0');
    const local = world.transitions.local(row[column] as number);
    row[column] = world.transitions.internLocal({ ...local, context: { ...(local.context as object), ward: 't1' } });
    const packing = new Packing(row);
    packing.widen();
    const names = new ThreadNames(world, packing);
    const words = new Int32Array(packing.words);
    packing.pack(row, words, 0);
    expect(packing.mask[column]).toBe(0);
    expect(threads.map((thread) => names.isNamed(thread, words, 0))).toEqual([false, true, false]);
    expect(threads.map((thread) => isNamedBy(names.tables, packing, thread, words, 0))).toEqual([0, 1, 0]);
  });
});
