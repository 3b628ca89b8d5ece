// What an index refuses: operations of the other kind of index, keys that it has no place for, links that are broken. The manager
// asks for none of it; a mistake in its charts would.
import { describe, expect, it } from 'vitest';
import type { FamilyHost, FamilyWords, MemoryPlan } from '../../../src/engine/actors/family.ts';
import type { Name, Value } from '../../../src/engine/actors/name.ts';
import { errno } from '../../../src/machines/kernel/call.ts';
import type { Policy } from '../../../src/machines/manager/policy.ts';
import type { SetOperation } from '../../../src/machines/manager/sets.ts';
import { setOperations } from '../../../src/machines/manager/sets.ts';
import { halvesOf } from '../../../src/registry/structures/index-halves.ts';
import type { Indexed } from '../../../src/registry/structures/index-structure.ts';
import { createIndexStructure } from '../../../src/registry/structures/index-structure.ts';
import { HashTable } from '../../../src/registry/structures/hash-table.ts';
import {
  emptyList,
  LinkedList,
  listDel,
  listFind,
  ListHead,
  owners,
} from '../../../src/registry/structures/linked-list.ts';
import { moduleReferences } from '../../../src/registry/structures/module-references.ts';
import type { PackedSet } from '../../../src/registry/structures/packed-index.ts';
import { packedIndex } from '../../../src/registry/structures/packed-index.ts';

const actors = ['p0', 'p1', 'p2', 'e0', 'e1', 'c0'] as Name[];
/** Numbers of values as a world gives them: NULL is 0. */
const numbered: readonly Value[] = [null, ...actors, false, true, 0, -errno.EBUSY, -errno.ENOMEM];
const idOf = (value: Value): number => {
  const id = numbered.indexOf(value);
  if (id < 0) throw new Error(`no number for ${String(value)}`);
  return id;
};

/** A set laid out among three producers, a consumer and two eventfds, with cells of its own. */
function packed(index: Policy['index'], side: 'producers' | 'consumers' = 'producers') {
  const kinds: Readonly<Record<string, readonly Name[]>> = {
    producer: actors.slice(0, 3),
    eventfd: actors.slice(3, 5),
    consumer: actors.slice(5),
  };
  const plan: MemoryPlan = { actors, actorsOf: (kind) => kinds[kind] ?? [] };
  const fields = new Map<string, Value>();
  const host: FamilyHost = {
    idOf,
    valueOf: (id) => numbered[id] ?? null,
    load: (actor, cell) => idOf(fields.get(`${String(numbered[actor])}.${cell}`) ?? (cell === 'freed' ? false : null)),
  };
  const family = packedIndex(side, index);
  const set = family.layOut(plan, host) as PackedSet;
  const cells = set.columns.map(() => 0);
  const words: FamilyWords = {
    get: (place) => {
      const cell = cells[place];
      if (cell === undefined) throw new RangeError(`no word ${place}`);
      return cell;
    },
    set: (place, value) => {
      if (place >= cells.length) throw new RangeError(`no word ${place}`);
      cells[place] = value;
    },
  };
  const perform = (name: SetOperation | number, a: Value = null, b: Value = null, fails = false): Value => {
    const operation = typeof name === 'number' ? name : setOperations.findIndex((one) => one.name === name);
    return host.valueOf(set.perform(words, host, operation, idOf(a), idOf(b), Number(fails)));
  };
  return {
    family,
    columns: set.columns,
    perform,
    write: (field: string, value: Value) => fields.set(field, value),
    words: () => cells.map((id) => numbered[id]),
    entries: () =>
      set.entries(words, (object) => host.load(object, 'key')).map((entry) => entry.map((id) => numbered[id])),
  };
}

const name = (text: string): Name => text as Name;
const [p0, p1, p2, e0, e1] = ['p0', 'p1', 'p2', 'e0', 'e1'].map(name) as [Name, Name, Name, Name, Name];

describe('a set as cells', () => {
  it.each<readonly [Policy['index'], readonly SetOperation[]]>([
    ['xarray', ['add', 'del']],
    ['list', ['insert']],
    ['hash', ['insert']],
    ['list+xarray', ['insert']],
  ])('that is a %s refuses %j, and what is no operation', (index, refused) => {
    for (const operation of refused)
      expect(() => packed(index).perform(operation, p0, p0)).toThrow(
        new RangeError(`${operation} is no operation of this index`),
      );
    expect(() => packed(index).perform(setOperations.length)).toThrow(
      new RangeError('undefined is no operation of this index'),
    );
    for (const { name: operation } of setOperations)
      if (!refused.includes(operation)) expect(() => packed(index).perform(operation, null, p0)).not.toThrow();
  });

  it('has the operations of a set, and a word for every member or key', () => {
    expect(packed('xarray').family).toMatchObject({ id: 'producers', operations: setOperations });
    expect(packed('list', 'consumers').family.id).toBe('consumers');
    // A key's word moves with the key; a place in a list belongs to nobody.
    expect(packed('xarray').columns).toEqual([
      { holds: 'value' },
      { holds: 'value', owner: e0 },
      { holds: 'value', owner: e1 },
    ]);
    const places = (count: number) => Array.from({ length: count }, () => ({ holds: 'value' }));
    expect(packed('list').columns).toEqual(places(3));
    expect(packed('list', 'consumers').columns).toEqual(places(1));
    expect(packed('hash').columns).toEqual(places(6));
  });

  it('that is an xarray has a place for eventfds and NULL alone', () => {
    expect(() => packed('xarray').perform('find', p0)).toThrow(new RangeError('p0 is not an eventfd'));
    const { perform, entries, words } = packed('xarray');
    // NULL alone needs no node.
    expect(perform('insert', null, p0, true)).toBe(0);
    expect(perform('insert', e1, p1, true)).toBe(-errno.ENOMEM);
    expect(perform('insert', e1, p1)).toBe(0);
    // What replaces an entry finds its leaf; a key that is new needs one.
    expect([perform('put', null, p2, true), perform('put', e0, p2, true)]).toEqual([0, -errno.ENOMEM]);
    expect([perform('insert', null, p1, true), perform('put', null, p0, true)]).toEqual([-errno.EBUSY, 0]);
    expect(entries()).toEqual([
      [null, p0],
      [e1, p1],
    ]);
    expect([perform('contains', p1), perform('contains', p2), perform('walksFreed', e1)]).toEqual([true, false, false]);
    expect([perform('put', e1, p2), perform('find', e1), perform('erase', e1), perform('erase', e1)]).toEqual([
      0,
      p2,
      p2,
      null,
    ]);
    expect(words()).toEqual([p0, null, null]);
  });

  it('that is a list goes by the keys that its entries have now, newest first', () => {
    const { perform, write, entries, words } = packed('list');
    write('p0.key', e0);
    write('p1.key', e0);
    expect([perform('add', p0), perform('add', p1), perform('add', p0)]).toEqual([true, true, false]);
    expect(entries()).toEqual([
      [e0, p1],
      [e0, p0],
    ]);
    expect(perform('find', e0)).toBe(p1);
    write('p1.key', e1);
    expect([perform('find', e0), perform('find', e1), perform('find', null)]).toEqual([p0, p1, null]);
    expect([perform('add', p2), words()]).toEqual([true, [p2, p1, p0]]);
    expect([perform('del', p1), perform('del', p1), words()]).toEqual([true, false, [p2, p0, null]]);
    expect([perform('contains', p0), perform('contains', p1)]).toEqual([true, false]);
  });

  it('that is a hash table knows an entry under the key with which it was entered, while that is still its key', () => {
    const { perform, write, words } = packed('hash');
    write('p0.key', e0);
    write('p1.key', e1);
    expect([perform('add', p0), perform('add', p1), words()]).toEqual([true, true, [p1, p0, null, e1, e0, null]]);
    expect([perform('find', e0), perform('find', e1)]).toEqual([p0, p1]);
    write('p0.key', e1);
    expect([perform('find', e0), perform('find', e1)]).toEqual([null, p1]);
    write('p1.key', e0);
    expect([perform('find', e0), perform('find', e1)]).toEqual([null, null]);
    expect([perform('del', p1), words()]).toEqual([true, [p0, null, null, e0, null, null]]);
  });

  it('that is a list is walked up to what is looked for: a node that was freed before it is read, one behind it is not', () => {
    const { perform, write } = packed('list');
    for (const [object, key] of [
      [p0, null],
      [p1, e0],
      [p2, e1],
    ] as const) {
      write(`${object}.key`, key);
      perform('add', object);
    }
    expect([perform('walksFreed', e0), perform('walksFreed', null)]).toEqual([false, false]);
    write('p1.freed', true);
    expect([perform('walksFreed', e1), perform('walksFreed', e0), perform('walksFreed', null)]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('that is a list does nothing for the hints of a draft that has them', () => {
    const { perform, words } = packed('list+xarray');
    expect([perform('put', e0, p0), perform('erase', e0), words()]).toEqual([0, null, [null, null, null]]);
  });
});

describe('a real structure', () => {
  const struct = (address: bigint, key: bigint): Indexed => ({ address: halvesOf(address), key: halvesOf(key) });

  it('refuses operations of the other kind', () => {
    const one = struct(64n, 128n);
    for (const kind of ['list', 'hash'] as const) {
      const set = createIndexStructure(kind);
      expect(() => set.insert(one.key, one)).toThrow(new RangeError('xa_insert() on a list'));
      expect(() => set.put(one.key, one)).toThrow(new RangeError('xa_store() on a list'));
      expect(() => set.erase(one.key)).toThrow(new RangeError('xa_erase() on a list'));
      expect(set.nodes).toBe(0);
    }
    const array = createIndexStructure('xarray');
    expect(() => array.add(one)).toThrow(new RangeError('list_add() on an xarray'));
    expect(() => array.del(one)).toThrow(new RangeError('list_del() on an xarray'));
    expect(() => createIndexStructure('list+xarray').insert(one.key, one)).toThrow(RangeError);
  });

  it('with hints believes one only while it is true', () => {
    const key = { at: 128n };
    const one: Indexed = {
      address: halvesOf(0x4000n),
      get key() {
        return halvesOf(key.at);
      },
    };
    const set = createIndexStructure('list+xarray');
    expect([set.contains(one), set.find(one.key)]).toEqual([false, null]);
    // A hint for what is not in the list.
    set.put(one.key, one);
    expect([set.contains(one), set.find(one.key)]).toEqual([false, null]);
    set.add(one);
    expect([set.contains(one), set.find(one.key)]).toEqual([true, one]);
    // A struct that is found by an address is not one with this key.
    expect(set.find(one.address)).toBeNull();
    key.at = 256n;
    expect([set.find(halvesOf(128n)), set.find(halvesOf(256n))]).toEqual([null, one]);
    expect([set.del(one), set.del(one), set.contains(one)]).toEqual([true, false, false]);
  });

  it('that is an xarray finds a struct also where its key was rewritten', () => {
    const key = { at: 128n };
    const one: Indexed = {
      address: halvesOf(0x4000n),
      get key() {
        return halvesOf(key.at);
      },
    };
    const set = createIndexStructure('xarray');
    set.insert(one.key, one);
    expect(set.contains(one)).toBe(true);
    key.at = 256n;
    expect([set.contains(one), set.find(halvesOf(256n)), set.contains(struct(1n, 128n))]).toEqual([true, null, false]);
  });
});

describe('a list whose links are broken', () => {
  it.each<readonly [string, 'prev' | 'next']>([
    ['before', 'prev'],
    ['behind', 'next'],
  ])('half a node, which has nothing %s it, is linked nowhere, and is not taken out', (_, side) => {
    const list = new LinkedList<number>();
    const node = new ListHead(1);
    list.add(node);
    node[side] = null;
    expect([node.isLinked, list.del(node), list.length]).toEqual([false, false, 1]);
    // Nor is one taken from between neighbours that know nothing of it.
    const alone = new ListHead(2);
    alone[side] = list.head;
    expect([alone.isLinked, listDel(alone)]).toEqual([false, false]);
  });

  it('a head that leads nowhere takes nothing', () => {
    const head = new ListHead<number>(null);
    const list = new LinkedList<number>();
    list.head.next = null;
    expect([list.add(new ListHead(1)), list.length, [...owners(head)]]).toEqual([false, 0, []]);
  });

  it('a walk ends where a link ends, and passes what has no owner', () => {
    const head = emptyList<number>();
    const [first, second] = [new ListHead<number>(null), new ListHead(2)];
    head.next = first;
    first.next = second;
    expect([...owners(head)]).toEqual([2]);
    expect([listFind(head, () => true), listFind(head, (owner) => owner === 1)]).toEqual([2, null]);
  });

  it('of a hash table: one that is linked half is not taken out', () => {
    const table = new HashTable<number>();
    const node = new ListHead(1);
    table.add(node, 64n);
    node.prev = null;
    expect([table.del(node), table.length]).toEqual([false, 1]);
    expect(table.del(new ListHead(2))).toBe(false);
  });
});

describe('references on the module', () => {
  it('are counted in one word, which is as at first where there are none', () => {
    const { operations } = moduleReferences;
    expect(operations).toEqual([
      { name: 'count', values: [], reads: true },
      { name: 'get', values: [], reads: false },
      { name: 'put', values: [], reads: false },
    ]);
    // 0 and 1 are 10 and 11 here; the word of NULL counts as none.
    const host: FamilyHost = {
      idOf: (value) => 10 + Number(value),
      valueOf: (id) => (id === 0 ? null : id - 10),
      load: () => 0,
    };
    const laidOut = moduleReferences.layOut({ actors: [], actorsOf: () => [] }, host);
    expect(laidOut.columns).toEqual([{ holds: 'value' }]);
    let word = 0;
    const words: FamilyWords = { get: () => word, set: (_, value) => (word = value) };
    const perform = (operation: string): readonly number[] => [
      laidOut.perform(
        words,
        host,
        operations.findIndex((one) => one.name === operation),
        0,
        0,
        0,
      ),
      word,
    ];
    expect(['count', 'get', 'get', 'count', 'put', 'put', 'count', 'put', 'count'].map(perform)).toEqual([
      [10, 0],
      [0, 11],
      [0, 12],
      [12, 12],
      [0, 11],
      [0, 0],
      [10, 0],
      [0, 9],
      [9, 9],
    ]);
  });
});
