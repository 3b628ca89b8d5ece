// The linked list against arrays: order, second additions and deletions, links of every node.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LinkedList, ListHead } from '../../../src/registry/structures/linked-list.ts';

const NODES = 6;

/** Two lists that share their nodes: a node is on one of them at most. */
interface Real {
  readonly lists: readonly [LinkedList<number>, LinkedList<number>];
  readonly nodes: readonly ListHead<number>[];
}
/** Owners by list, head first. */
type Model = readonly [number[], number[]];
type Which = 0 | 1;

const create = (): { model: Model; real: Real } => ({
  model: [[], []],
  real: {
    lists: [new LinkedList<number>(), new LinkedList<number>()],
    nodes: Array.from({ length: NODES }, (_, owner) => new ListHead(owner)),
  },
});

function nodeOf({ nodes }: Real, owner: number): ListHead<number> {
  const node = nodes[owner];
  if (node === undefined) throw new RangeError(`no node ${owner}`);
  return node;
}

/** Walks a list by its links, forward and backward, and compares both with what should be there. */
function compare(model: Model, real: Real): void {
  real.lists.forEach((list, which) => {
    const owners = model[which as Which];
    expect([...list]).toEqual(owners);
    expect(list.length).toBe(owners.length);
    const ring = [list.head, ...owners.map((owner) => nodeOf(real, owner))];
    ring.forEach((node, i) => {
      expect(node.next).toBe(ring[(i + 1) % ring.length]);
      expect(node.prev).toBe(ring.at(i - 1));
      expect(node.isLinked).toBe(true);
    });
  });
  real.nodes.forEach((node, owner) => {
    expect(node.owner).toBe(owner);
    const isLinked = model.some((owners) => owners.includes(owner));
    expect(node.isLinked).toBe(isLinked);
    if (!isLinked) expect([node.prev, node.next]).toEqual([null, null]);
  });
}

/** Outcomes that the runs met. */
const seen = new Set<string>();

function step(text: string, act: (model: Model, real: Real) => void): fc.Command<Model, Real> {
  return {
    check: () => true,
    run(model, real) {
      act(model, real);
      compare(model, real);
    },
    toString: () => text,
  };
}

const which = fc.constantFrom<Which>(0, 1);
const owner = fc.nat({ max: NODES - 1 });

const steps = [
  fc.tuple(which, owner).map(([w, o]) =>
    step(`add(${o}) to list ${w}`, (model, real) => {
      const isNew = model.every((owners) => !owners.includes(o));
      expect(real.lists[w].add(nodeOf(real, o))).toBe(isNew);
      if (isNew) model[w].unshift(o);
      seen.add(`add ${isNew}`);
    }),
  ),
  owner.map((o) =>
    step(`del(${o})`, (model, real) => {
      // As in the kernel, nothing says which list a node is on; a node that is on none is refused by both.
      const on = model.findIndex((owners) => owners.includes(o));
      if (on < 0) expect(real.lists.map((list) => list.del(nodeOf(real, o)))).toEqual([false, false]);
      else {
        expect(real.lists[on as Which].del(nodeOf(real, o))).toBe(true);
        model[on as Which].splice(model[on as Which].indexOf(o), 1);
      }
      seen.add(`del ${on >= 0}`);
    }),
  ),
  fc.tuple(which, fc.integer({ min: 1, max: 3 }), fc.nat({ max: 2 })).map(([w, modulus, rest]) =>
    step(`find(owner % ${modulus} = ${rest}) in list ${w}`, (model, real) => {
      const asked: number[] = [];
      const found = real.lists[w].find((o) => {
        asked.push(o);
        return o % modulus === rest;
      });
      const place = model[w].findIndex((o) => o % modulus === rest);
      expect(found).toBe(model[w][place] ?? null);
      // The walk starts at the head and ends where it finds something.
      expect(asked).toEqual(place < 0 ? model[w] : model[w].slice(0, place + 1));
      seen.add(`find ${place >= 0}`);
    }),
  ),
];

describe('every sequence of operations', () => {
  it('leaves two lists that are right in both directions', () => {
    fc.assert(
      fc.property(fc.commands(steps, { maxCommands: 40, size: 'max' }), (sequence) => {
        fc.modelRun(create, sequence);
      }),
    );
    expect([...seen].sort()).toEqual(['add false', 'add true', 'del false', 'del true', 'find false', 'find true']);
  });
});

describe('list_add()', () => {
  it('inserts at the head', () => {
    const list = new LinkedList<string>();
    for (const name of ['first', 'second', 'third']) expect(list.add(new ListHead(name))).toBe(true);
    expect([...list]).toEqual(['third', 'second', 'first']);
  });

  it.each([0, 1, 2])('refuses a node that is linked already, wherever it is (place %i)', (place) => {
    const list = new LinkedList<number>();
    const nodes = [0, 1, 2].map((n) => new ListHead(n));
    for (const node of nodes) list.add(node);
    expect(list.add(nodes[place] as ListHead<number>)).toBe(false);
    expect([[...list], list.length]).toEqual([[2, 1, 0], 3]);
  });

  it('takes a deleted node again', () => {
    const list = new LinkedList<number>();
    const node = new ListHead(7);
    expect([list.add(node), list.del(node), list.add(node), list.length]).toEqual([true, true, true, 1]);
  });

  it('refuses to corrupt a list whose first node was overwritten', () => {
    const list = new LinkedList<number>();
    const first = new ListHead(1);
    list.add(first);
    first.prev = first;
    expect([list.add(new ListHead(2)), list.length, [...list]]).toEqual([false, 1, [1]]);
  });
});

describe('list_del()', () => {
  it('refuses a node that is on no list, before and after it was on one', () => {
    const list = new LinkedList<number>();
    const node = new ListHead(1);
    expect([list.del(node), list.add(node), list.del(node), list.del(node)]).toEqual([false, true, true, false]);
    expect([list.length, [...list], list.head.next]).toEqual([0, [], list.head]);
  });

  it.each(['prev', 'next'] as const)('refuses a node whose neighbour does not point back (%s)', (side) => {
    const list = new LinkedList<number>();
    const nodes = [0, 1, 2].map((n) => new ListHead(n));
    for (const node of nodes) list.add(node);
    const [last, middle, first] = nodes as [ListHead<number>, ListHead<number>, ListHead<number>];
    if (side === 'prev') first.next = last;
    else last.prev = first;
    expect([list.del(middle), middle.isLinked, list.length]).toEqual([false, true, 3]);
  });
});

describe('a walk', () => {
  it('finds the first of several owners and nothing in an empty list', () => {
    const list = new LinkedList<{ key: number; name: string }>();
    expect([list.find(() => true), [...list]]).toEqual([null, []]);
    for (const name of ['old', 'new']) list.add(new ListHead({ key: 1, name }));
    expect(list.find(({ key }) => key === 1)?.name).toBe('new');
    expect(list.find(({ key }) => key === 2)).toBe(null);
  });
});
