// The table of one thread and that of several hold the same rows under the same numbers.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Layout } from '../../../../src/engine/explorer/store/layout.ts';
import { SharedStateTable } from '../../../../src/engine/explorer/store/shared-state-table.ts';
import { StateTable } from '../../../../src/engine/explorer/store/state-table.ts';

const WORDS = 2;
/** Few values, so that rows come again, within a batch too. */
const batches = fc.array(fc.array(fc.tuple(fc.nat(12), fc.nat(40)), { minLength: 1, maxLength: 64 }), {
  maxLength: 30,
});

function layoutOf(words: number): Layout {
  const layout = new Layout(0);
  layout.words = words;
  return layout;
}

/** What a table has to answer: by a Map of texts. */
class Referee {
  readonly #numbers = new Map<string, number>();

  add(row: readonly number[]): number {
    const key = row.join();
    const known = this.#numbers.get(key);
    if (known !== undefined) return -1 - known;
    this.#numbers.set(key, this.#numbers.size);
    return this.#numbers.size - 1;
  }
}

describe.each([
  ['of one thread', 60_000, (layout: Layout) => new StateTable(layout)],
  ['of one thread, every row in one slot', 3000, (layout: Layout) => new StateTable(layout, { collides: true })],
  ['of several', 60_000, (layout: Layout) => SharedStateTable.from(new StateTable(layout), layout, { seed: 7 })],
  [
    'of several, every row in one slot',
    3000,
    (layout: Layout) => SharedStateTable.from(new StateTable(layout), layout, { collides: true }),
  ],
] as const)('a table %s', (_, count, make) => {
  it('answers what a Map answers', () => {
    fc.assert(
      fc.property(batches, (all) => {
        const layout = layoutOf(WORDS);
        const table = make(layout);
        const referee = new Referee();
        for (const batch of all) {
          if (table instanceof SharedStateTable && table.reserve(batch.length)) table.enter(0, table.size);
          const results = new Int32Array(batch.length);
          table.addBatch(Int32Array.from(batch.flat()), batch.length, new Int32Array(batch.length), results);
          expect([...results]).toEqual(batch.map((row) => referee.add(row)));
        }
      }),
    );
  });

  it('grows, and every row is found again', () => {
    const layout = layoutOf(WORDS);
    const table = make(layout);
    const size = 100;
    for (const isNew of [true, false]) {
      for (let first = 0; first < count; first += size) {
        if (table instanceof SharedStateTable && table.reserve(size)) table.enter(0, table.size);
        const words = Int32Array.from({ length: size * WORDS }, (__, i) => first + Math.floor(i / WORDS));
        const results = new Int32Array(size);
        table.addBatch(words, size, new Int32Array(size), results);
        const numbers = Array.from({ length: size }, (__, i) => first + i);
        expect([...results]).toEqual(isNew ? numbers : numbers.map((id) => -1 - id));
      }
    }
    expect(table.size).toBe(count);
  });

  it('says what it takes at once when there is no room, and that in time', () => {
    const layout = layoutOf(WORDS);
    const table = make(layout);
    const [one, results] = [new Int32Array(WORDS), new Int32Array(1)];
    for (let id = 0; id < count / 3; id++) {
      const soon = table.bytesToGrow(1);
      // The copies of rows with their parents, and a larger index: at least what is there.
      if (soon > 0) expect(soon).toBeGreaterThanOrEqual(4 * table.size);
      const before = table.rows.buffer;
      if (table instanceof SharedStateTable && table.reserve(1)) table.enter(0, table.size);
      one[0] = id;
      table.addBatch(one, 1, new Int32Array(1), results);
      if (table.rows.buffer !== before) expect(soon).toBeGreaterThanOrEqual(4 * (WORDS + 1) * id);
    }
    expect(table.bytesToGrow(1_000_000)).toBeGreaterThan(4 * (WORDS + 1) * table.size);
  });
});
