// Decision tables: what was entered is found, and no more than there is room for is entered.
import { describe, expect, it } from 'vitest';
import { Packing } from '../../../../src/engine/explorer/store/packing.ts';
import { DecisionTable } from '../../../../src/engine/explorer/tables/decision-table.ts';
import { WorldLimitError } from '../../../../src/engine/world/world-limit.ts';

/** A packing in which each of two columns has some values, and the packed row of two of them. */
function packed(values: number): { readonly packing: Packing; readonly row: (...codes: number[]) => Int32Array } {
  const packing = new Packing(Uint16Array.of(0, 0));
  for (const column of [0, 1]) for (let raw = 0; raw < values; raw++) packing.code(column, raw);
  packing.widen();
  const row = (...codes: number[]): Int32Array => {
    const words = new Int32Array(packing.words);
    for (const [column, code] of codes.entries()) packing.write(words, 0, column, code);
    return words;
  };
  return { packing, row };
}

describe('a decision table', () => {
  it('finds what was entered, and nothing else', () => {
    const { packing, row } = packed(8);
    const table = new DecisionTable(packing);
    let root = table.enter(0, [0, 1], [3, 2], 7);
    root = table.enter(root, [0, 1], [5, 0], 9);
    expect([row(3, 2), row(5, 0), row(3, 0), row(0, 0)].map((words) => table.find(root, words, 0))).toEqual([
      7, 9, -1, -1,
    ]);
    expect(() => table.enter(root, [0, 1], [3, 2], 8)).toThrow('not deterministic');
    expect(() => table.enter(root, [1], [3], 8)).toThrow('not deterministic');
  });

  it('that is full is a limit of the world, and what is in it is found', () => {
    const { packing, row } = packed(200);
    const table = new DecisionTable(packing, 300);
    let root = table.enter(0, [0, 1], [1, 1], 1);
    const enterAll = (): void => {
      for (let code = 2; code < 200; code++) root = table.enter(root, [0, 1], [1, code], code);
    };
    expect(enterAll).toThrow(WorldLimitError);
    expect(table.find(root, row(1, 1), 0)).toBe(1);
    expect(table.find(root, row(1, 20), 0)).toBe(20);
    expect(table.find(root, row(1, 199), 0)).toBe(-1);
  });
});
