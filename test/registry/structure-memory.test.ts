// Real structures beside the cells of a row: every answer is compared, and a difference is an error.
import { describe, expect, it } from 'vitest';
import type { Name, Value } from '../../src/engine/actors/name.ts';
import { PlainRow } from '../../src/engine/world/memory.ts';
import { STORE } from '../../src/engine/world/operations.ts';
import { errno } from '../../src/machines/kernel/call.ts';
import { addressesOf, EVENTFDS, policyOf, StructureMemory } from '../../src/registry/structure-memory.ts';
import { assembled } from '../engine/assembled.ts';

/** Real structures beside the cells of the first state of `manager`: two of each, operations by name. */
function structures(revision: string, addresses: Readonly<Record<string, bigint>> = {}) {
  const { world } = assembled('manager', { revision });
  const row = new PlainRow(world.initial());
  const memory = new StructureMemory(world, row, addresses);
  const { values, operations, layout } = world;
  const id = (value: Value): number => values.id(value);
  return {
    memory,
    ask: (operation: string, a: Value, b: Value = null, fails = false): Value =>
      values.value(memory.perform(operations.code('producers', operation), id(a), id(b), Number(fails))),
    store: (object: Name, cell: string, value: Value) =>
      memory.perform(STORE, id(object), operations.cell(cell), id(value)),
    /** Empties the cells behind the back of the structures. */
    forget: () => {
      const laidOut = layout.families[operations.families.findIndex((family) => family.id === 'producers')];
      for (let i = 0; i < (laidOut?.family.columns.length ?? 0); i++) row.set((laidOut?.start ?? 0) + i, 0);
    },
    entries: () => memory.realEntries('producers').map((entry) => entry.map((value) => values.value(value))),
  };
}

const [p0, p1, e0, e1] = ['p0', 'p1', 'e0', 'e1'] as [Name, Name, Name, Name];

describe('real structures beside cells', () => {
  it('answers as xa_insert() and xa_erase() do, nodes and all', () => {
    const { ask, memory, entries } = structures('v2p8');
    expect([ask('insert', e0, p0), ask('insert', e0, p1), ask('find', e0), ask('contains', p0)]).toEqual([
      0,
      -errno.EBUSY,
      p0,
      true,
    ]);
    // One path of eleven nodes; the next context is 64 bytes further, so one node more.
    expect(memory.nodes).toBe(11);
    expect([ask('insert', e1, p1, true), ask('find', e1), memory.nodes]).toEqual([-errno.ENOMEM, null, 11]);
    expect([ask('insert', e1, p1), memory.nodes, entries()]).toEqual([
      0,
      12,
      [
        [e0, p0],
        [e1, p1],
      ],
    ]);
    expect([ask('erase', e0), ask('erase', e0), ask('contains', p0), ask('walksFreed', e0)]).toEqual([
      p0,
      null,
      false,
      false,
    ]);
    expect([ask('put', e1, p0), ask('find', e1), memory.realEntries('consumers')]).toEqual([0, p0, []]);
  });

  it('fails allocations for as long as it is told to', () => {
    const { ask, memory } = structures('v2p8');
    memory.failAllocations('all');
    expect([ask('insert', e0, p0), ask('put', e0, p0), ask('insert', null, p0)]).toEqual([
      -errno.ENOMEM,
      -errno.ENOMEM,
      0,
    ]);
    memory.failAllocations('none');
    expect(ask('insert', e0, p0)).toBe(0);
  });

  it.each(['base', 'longpeng-hlist', 'likexu-draft3'])('on %s links and unlinks by the keys of structs', (revision) => {
    const { ask, store, entries } = structures(revision);
    store(p0, 'key', e0);
    store(p1, 'key', e1);
    expect([ask('add', p0), ask('add', p1), ask('add', p0), ask('find', e1)]).toEqual([true, true, false, p1]);
    expect(entries().toSorted()).toEqual([
      [e0, p0],
      [e1, p1],
    ]);
    expect([ask('del', p0), ask('del', p0), ask('contains', p0), ask('contains', p1)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it('stops where the cells say something else', () => {
    const array = structures('v2p8');
    array.ask('insert', e0, p0);
    array.forget();
    expect(() => array.ask('find', e0)).toThrow(new Error('producers.find: the structure says p0, the cells null'));
    expect(() => array.ask('contains', p0)).toThrow(
      new Error('producers.contains: the structure says true, the cells false'),
    );
    expect(() => array.ask('insert', e0, p1)).toThrow(
      new Error(`producers.insert: the structure says ${-errno.EBUSY}, the cells 0`),
    );
    const list = structures('base');
    list.ask('add', p0);
    list.forget();
    expect(() => list.ask('del', p0)).toThrow(new Error('producers.del: the structure says true, the cells false'));
  });

  it('has an address for eventfds and NULL alone: 64 bytes apart, or where it is told', () => {
    const { world } = assembled('manager', { revision: 'v2p8' });
    expect([...addressesOf(world)]).toEqual([
      [e0, EVENTFDS + 64n],
      [e1, EVENTFDS + 128n],
    ]);
    const { ask, memory, entries } = structures('v2p8', { e0: 7n });
    expect(() => ask('find', p0)).toThrow(new RangeError('p0 has no address'));
    ask('insert', e0, p0);
    // Index 7 is in the first node.
    expect([memory.nodes, entries()]).toEqual([1, [[e0, p0]]]);
  });

  it('knows a struct by an address of its own', () => {
    const { ask, memory } = structures('likexu-draft3');
    // Hints under the key and under the address of the struct, which part at bit 30: six nodes of both, five of each. The next
    // context and the next struct, 128 bytes further, have a last node of their own.
    expect([ask('add', p0), ask('put', e0, p0)]).toEqual([true, 0]);
    const one = memory.nodes;
    expect([ask('add', p1), ask('put', e1, p1)]).toEqual([true, 0]);
    expect([one, memory.nodes - one]).toEqual([16, 2]);
  });

  it('needs a registry', () => {
    const { world } = assembled('block-and-wake');
    const actors = world.definition.actors.filter(({ name }) => name !== 'registry');
    expect(() => policyOf({ definition: { ...world.definition, actors } })).toThrow(
      new RangeError('this world has no registry'),
    );
    expect(policyOf(assembled('manager', { revision: 'base' }).world).index).toBe('list');
  });
});
