// Shared memory by its parts: numbers of values and operations, where cells are, what a run of a machine notes down.
import { describe, expect, it } from 'vitest';
import type { Family } from '../../../src/engine/actors/family.ts';
import { machine } from '../../../src/engine/actors/machine.ts';
import type { Name, Value } from '../../../src/engine/actors/name.ts';
import { abstract, instantiate, isName } from '../../../src/engine/world/abstract-names.ts';
import { layOut } from '../../../src/engine/world/cell-layout.ts';
import { accessTo, PackedMemory, PlainRow, WideRow } from '../../../src/engine/world/memory.ts';
import { noCells, NotedCells } from '../../../src/engine/world/noted-cells.ts';
import { CONSTANT, LOAD, Operations, STORE } from '../../../src/engine/world/operations.ts';
import { Values } from '../../../src/engine/world/values.ts';
import { MAX_NUMBER, within, WorldLimitError } from '../../../src/engine/world/world-limit.ts';

const [a0, a1, b0] = ['a0', 'a1', 'b0'] as [Name, Name, Name];

/** A word in which the last key is kept that was put, and how often. */
const box: Family = {
  id: 'box',
  operations: [
    { name: 'last', values: [], reads: true },
    { name: 'put', values: [true, false], reads: false },
    { name: 'is', values: [true], reads: true },
  ],
  layOut: ({ actors, actorsOf }, { idOf }) => ({
    columns: [{ holds: 'value' }, { holds: 'plain', owner: actorsOf('keeper').join() as Name }],
    perform(words, host, operation, a, b) {
      if (operation === 0) return words.get(0);
      if (operation === 2) return host.idOf(words.get(0) === a && host.load(a, 'mark') === idOf(7));
      words.set(0, a);
      words.set(1, b + actors.length);
      return host.idOf(host.valueOf(a) === a1);
    },
  }),
};

const marked = machine({
  id: 'marked',
  title: 'Has a mark',
  cells: { mark: 7, peer: null },
  constants: { limit: 3, level: null },
  families: [box],
  context: () => ({}),
  chart: {},
});
const keeper = machine({
  id: 'keeper',
  title: 'Has a peer, too',
  cells: { peer: 'a1' as Name },
  families: [box],
  context: () => ({}),
  chart: {},
});

/** Two that are marked, and a keeper. */
function memory() {
  const values = new Values();
  const operations = new Operations([marked, keeper]);
  const actors = [
    { name: a0, machine: marked },
    { name: a1, machine: marked, constants: { limit: 4 } },
    { name: b0, machine: keeper },
  ];
  const { layout, initial, end } = layOut(actors, operations, values);
  const row = new PlainRow(new Uint16Array(end));
  for (const [column, value] of initial) row.set(column, values.id(value));
  return { values, operations, layout, initial, end, row, packed: new PackedMemory(values, operations, layout, row) };
}

describe('values', () => {
  it('are numbered as they come, after NULL, false and true', () => {
    const values = new Values();
    expect([null, false, true, a0, 5, a0].map((value) => values.id(value))).toEqual([0, 1, 2, 3, 4, 3]);
    expect(values.all).toEqual([null, false, true, 'a0', 5]);
    expect([0, 4].map((id) => values.value(id))).toEqual([null, 5]);
    expect(() => values.value(5)).toThrow(new RangeError('no value has the number 5'));
  });

  it('are taken over where they have the same numbers', () => {
    const values = new Values();
    values.id(a0);
    values.adopt([null, false, true, a0, a1]);
    expect(values.id(a1)).toBe(4);
    expect(() => values.adopt([null, false, true, a1])).toThrow(new RangeError('value 3 is not what it was'));
  });

  it('are as many as a row can hold, or as it is said', () => {
    const values = new Values(4);
    expect([values.id(a0), values.id(a1)]).toEqual([3, 4]);
    expect(() => values.id(b0)).toThrow(new WorldLimitError('more than 4 values: the world is too large'));
    expect([within(MAX_NUMBER, 'things'), within(9, 'things', 9)]).toEqual([MAX_NUMBER, 9]);
    expect(() => within(MAX_NUMBER + 1, 'things')).toThrow('more than 65534 things: the world is too large');
  });
});

describe('operations', () => {
  const operations = new Operations([marked, keeper]);

  it('are numbered after those of every world; what two machines have is one', () => {
    expect([operations.cells, operations.constants, operations.families]).toEqual([
      ['mark', 'peer'],
      ['limit', 'level'],
      [box],
    ]);
    expect([LOAD, STORE, CONSTANT].map((code) => operations.familyOf(code))).toEqual([undefined, undefined, undefined]);
    expect(operations.shapes).toEqual([
      { values: [true, false], reads: true },
      { values: [true, false, true], reads: false },
      { values: [true, false], reads: true },
      { values: [], reads: true },
      { values: [true, false], reads: false },
      { values: [true], reads: true },
    ]);
    const code = operations.code('box', 'put');
    expect([code, operations.familyOf(code), operations.familyOf(code + 2)]).toEqual([
      4,
      { family: 0, operation: 1 },
      undefined,
    ]);
  });

  it('say what is known where something is not', () => {
    expect(() => operations.cell('key')).toThrow('cell "key" is not declared by any machine (known: mark, peer)');
    expect(() => operations.constant('key')).toThrow('constant "key" is not declared (known: limit, level)');
    expect(() => operations.code('box', 'take')).toThrow('no operation box.take (known: box.last, box.put, box.is)');
    expect(() => new Operations([]).cell('key')).toThrow('(known: none)');
  });
});

describe('cells of a row', () => {
  it('come after the actors, in order; what is NULL at first is not written', () => {
    const { layout, initial, end, operations, values } = memory();
    const columns = (actor: Name) => layout.cells.get(values.id(actor));
    const [mark, peer] = [operations.cell('mark'), operations.cell('peer')];
    expect([columns(a0)?.[mark], columns(a0)?.[peer], columns(a1)?.[mark], columns(b0)?.[mark]]).toEqual([
      3,
      4,
      5,
      undefined,
    ]);
    expect(columns(b0)?.[peer]).toBe(7);
    expect([...initial]).toEqual([
      [3, 7],
      [5, 7],
      [7, 'a1'],
    ]);
    expect([layout.families.map(({ start }) => start), end]).toEqual([[8], 10]);
    expect(layout.families[0]?.family.columns[1]).toEqual({ holds: 'plain', owner: b0 });
  });

  it('are loaded and stored, constants are what the scenario says, families answer for themselves', () => {
    const { packed, values, operations, row } = memory();
    const id = (value: Value): number => values.id(value);
    const load = (actor: Name, cell: string): Value =>
      values.value(packed.perform(LOAD, id(actor), operations.cell(cell), 0));
    const constant = (actor: Name, name: string): Value =>
      values.value(packed.perform(CONSTANT, id(actor), operations.constant(name), 0));
    expect([load(a0, 'mark'), load(a0, 'peer'), load(b0, 'peer')]).toEqual([7, null, a1]);
    expect(packed.perform(STORE, id(a0), operations.cell('peer'), id(b0))).toBe(0);
    expect([load(a0, 'peer'), load(a1, 'peer')]).toEqual([b0, null]);
    expect([constant(a0, 'limit'), constant(a1, 'limit'), constant(a0, 'level')]).toEqual([3, 4, null]);
    const ask = (operation: string, a = 0, b = 0): Value =>
      values.value(packed.perform(operations.code('box', operation), a, b, 0));
    expect([ask('last'), ask('put', id(a1), 2), ask('last'), ask('is', id(a1)), ask('is', id(a0))]).toEqual([
      null,
      true,
      a1,
      true,
      false,
    ]);
    expect([ask('put', id(a0)), row.get(9)]).toEqual([false, 3]);
  });

  it('are refused where an actor has none of that name, and operations where there are none', () => {
    const { packed, values, operations } = memory();
    const [b, none] = [values.id(b0), values.id('x' as Name)];
    expect(() => packed.perform(LOAD, b, operations.cell('mark'), 0)).toThrow('b0 has no cell "mark"');
    expect(() => packed.perform(STORE, none, operations.cell('mark'), 0)).toThrow('x has no cell "mark"');
    expect(() => packed.perform(CONSTANT, b, operations.constant('limit'), 0)).toThrow('b0 has no constant "limit"');
    expect(() => packed.perform(99, 0, 0, 0)).toThrow(new RangeError('no operation 99'));
    const without = new PackedMemory(
      values,
      operations,
      { cells: new Map(), constants: new Map(), families: [] },
      new WideRow(1),
    );
    expect(() => without.perform(operations.code('box', 'last'), 0, 0, 0)).toThrow(new RangeError('no family 0'));
  });

  it('are there up to the last column', () => {
    const plain = new PlainRow(new Uint16Array(2));
    const wide = new WideRow(2);
    for (const row of [plain, wide, accessTo(plain), accessTo(new Uint16Array(2))]) {
      row.set(1, 70_000);
      expect(row.get(1)).toBe(row === wide ? 70_000 : 70_000 & 0xffff);
      expect(() => row.get(2)).toThrow(new RangeError('no column 2'));
    }
    expect(accessTo(wide)).toBe(wide);
  });
});

describe('what a run of a machine asks of memory', () => {
  it('is noted down, once as long as nothing is written; what is known already is not asked', () => {
    const { packed, values, operations, row } = memory();
    const cells = new NotedCells(values, operations, packed, []);
    const code = (operation: string): number => operations.code('box', operation);
    expect([cells.load(a0, 'mark'), cells.load(a0, 'mark'), cells.constant(a1, 'limit')]).toEqual([7, 7, 4]);
    cells.store(a0, 'mark', 8);
    expect([cells.load(a0, 'mark'), cells.ask('box', 'put', a1, 5), cells.ask('box', 'last')]).toEqual([8, true, a1]);
    const [mark, limit] = [operations.cell('mark'), operations.constant('limit')];
    const id = (value: Value): number => values.id(value);
    expect(cells.requests).toEqual([
      { code: LOAD, args: [id(a0), mark] },
      { code: CONSTANT, args: [id(a1), limit] },
      { code: STORE, args: [id(a0), mark, id(8)] },
      { code: LOAD, args: [id(a0), mark] },
      { code: code('put'), args: [id(a1), 5] },
      { code: code('last'), args: [] },
    ]);
    expect(cells.answers.map((answer) => values.value(answer))).toEqual([7, 4, null, 8, true, a1]);
    // The first two are known: they are answered as it is said, whatever the row says.
    const again = new NotedCells(values, operations, packed, [id(1), id(2)]);
    row.set(3, id(9));
    expect([again.load(a0, 'mark'), again.load(a1, 'mark'), again.load(a0, 'peer')]).toEqual([1, 2, null]);
    expect([again.requests.length, again.answers]).toEqual([3, [id(1), id(2), 0]]);
  });

  it('holds names, numbers, truth values and NULL', () => {
    const { packed, values, operations } = memory();
    const cells = new NotedCells(values, operations, packed, []);
    for (const value of [null, a1, 0, false] as const) {
      cells.store(a0, 'peer', value);
      expect(cells.load(a0, 'peer')).toBe(value);
    }
    for (const wrong of [undefined, {}, []])
      expect(() => cells.store(a0, 'peer', wrong as never)).toThrow(`a0: cell "peer" cannot hold ${String(wrong)}`);
    expect(() => noCells.load(a0, 'mark')).toThrow(/a guard that decides whether a message waits/);
  });
});

describe('names', () => {
  it('are letters and digits', () => {
    expect(['p0', 'vcpu12', 'registry', '0p', 'p', 7, null].map((value) => isName(value))).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  it('are numbered by first occurrence, wherever they are but in types, and put back', () => {
    const names: string[] = [];
    const value = {
      type: 'p0',
      kind: 'p1',
      do: 'p2',
      to: 'p1',
      list: ['p0', 'p1', 3, null, true],
      in: { to: 'registry' },
    };
    const template = abstract(value, names, true);
    expect(template).toEqual({
      type: 'p0',
      kind: 'p1',
      do: 'p2',
      to: '#0',
      list: ['#1', '#0', 3, null, true],
      in: { to: 'registry' },
    });
    expect(names).toEqual(['p1', 'p0']);
    expect(instantiate(template, names)).toEqual(value);
    expect(instantiate(template, ['x7', 'y8'])).toMatchObject({ to: 'x7', list: ['y8', 'x7', 3, null, true] });
    expect(() => abstract({ to: 'q0' }, names, false)).toThrow('a machine made up the name "q0": names are opaque');
    expect(() => abstract(['q0'], names, false)).toThrow('names are opaque');
    expect([abstract('p0', names, false), abstract(null, names, false), names]).toEqual(['#1', null, ['p1', 'p0']]);
  });
});
