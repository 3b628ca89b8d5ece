// Worlds of a few lines whose orbits are counted by names in the plain form of a state, without what symmetry itself renames by.
import { describe, expect, it } from 'vitest';
import type { Name } from '../../../../src/engine/actors/name.ts';
import { handlers } from '../../../../src/engine/actors/handlers.ts';
import { post, set } from '../../../../src/engine/actors/effects.ts';
import { machine } from '../../../../src/engine/actors/machine.ts';
import { SymmetryError } from '../../../../src/engine/explorer/reductions/interchangeable.ts';
import { Symmetry } from '../../../../src/engine/explorer/reductions/symmetry.ts';
import { explore } from '../../../../src/engine/explorer/search/explore.ts';
import type { WorldDefinition } from '../../../../src/engine/world/definition.ts';
import { WorldView } from '../../../../src/engine/world/view.ts';
import { World } from '../../../../src/engine/world/world.ts';

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

/** All orders of some things. */
const ordersOf = <T>(all: readonly T[]): readonly (readonly T[])[] =>
  all.length === 0
    ? [[]]
    : all.flatMap((one, i) => ordersOf(all.toSpliced(i, 1) as readonly T[]).map((rest) => [one, ...rest]));

/** All renamings: each group in every order. */
function renamingsOf({ interchangeable = [] }: WorldDefinition): readonly ReadonlyMap<string, string>[] {
  let all: readonly (readonly (readonly [string, string])[])[] = [[]];
  for (const group of interchangeable)
    all = all.flatMap((pairs) =>
      ordersOf(group).map((order) => [
        ...pairs,
        ...group.flatMap((member, i) => member.map((one, k) => [one, order[i]?.[k] ?? one] as const)),
      ]),
    );
  return all.map((pairs) => new Map(pairs));
}

/** Plain data under other names, as text; the order of keys and of messages says nothing. */
function textOf(data: unknown, names: ReadonlyMap<string, string>): string {
  if (typeof data === 'string') return JSON.stringify(names.get(data) ?? data);
  if (Array.isArray(data))
    return `[${data
      .map((one) => textOf(one, names))
      .toSorted()
      .join()}]`;
  if (typeof data !== 'object' || data === null) return String(data);
  const entries = Object.entries(data).map(([key, one]) => `${names.get(key) ?? key}:${textOf(one, names)}`);
  return `{${entries.toSorted().join()}}`;
}

/** States and orbits of a world, and states in which a channel holds two messages. */
function counted(definition: WorldDefinition): {
  readonly states: number;
  readonly orbits: number;
  readonly crowded: number;
} {
  const world = new World(definition);
  const renamings = renamingsOf(definition);
  const seen = new Set<string>();
  const orbits = new Set<string>();
  let crowded = 0;
  const stack = [world.initial()];
  for (let row = stack.pop(); row !== undefined; row = stack.pop()) {
    if (seen.has(row.join())) continue;
    seen.add(row.join());
    const view = new WorldView(world, row);
    const data = view.actorsAsData();
    orbits.add(renamings.map((names) => textOf(data, names)).toSorted()[0] ?? '');
    if (world.actors.some(({ address }) => view.inChannel(address).length > 1)) crowded += 1;
    for (const choice of world.choices(row)) stack.push(world.step(row, choice).row);
  }
  return { states: seen.size, orbits: orbits.size, crowded };
}

/** Expects what a search stores to be orbits, one by one. */
async function expectOrbits(definition: WorldDefinition): Promise<ReturnType<typeof counted>> {
  const all = counted(definition);
  const plain = await explore(new World(definition), { properties: [] });
  expect(plain.states).toBe(all.states);
  const reduced = await explore(new World(definition), { properties: [], symmetry: true });
  expect([reduced.states, reduced.representative]).toEqual([all.orbits, 'exact']);
  expect(all.orbits).toBeLessThan(all.states);
  return all;
}

interface Holding {
  readonly self: Name;
}
const holding = handlers<Holding, { readonly type: 'take' } | { readonly type: 'drop' }>();

/** Has a cell for an owner: nobody, or itself. */
const holder = machine({
  id: 'holder',
  title: 'A holder',
  cells: { owner: null },
  context: ({ self }): Holding => ({ self }),
  actsByItself: { offers: () => [{ type: 'take' }, { type: 'drop' }], isDone: () => true },
  handlers: {
    take: holding.on('take', ({ context: { self }, cells }) => {
      cells.store(self, 'owner', self);
      return [];
    }),
    drop: holding.on('drop', ({ context: { self }, cells }) => {
      cells.store(self, 'owner', null);
      return [];
    }),
  },
  chart: { initial: 'idle', states: { idle: { on: { take: { actions: 'take' }, drop: { actions: 'drop' } } } } },
});

interface Counting {
  readonly n: number;
}
const counting = handlers<Counting, { readonly type: 'count' }>();

/** Counts to what its program says. */
const counter = machine({
  id: 'counter',
  title: 'A counter',
  context: (): Counting => ({ n: 0 }),
  actsByItself: {
    offers: ({ context }, program) =>
      Number(context['n']) < (program as { readonly to: number }).to ? [{ type: 'count' }] : [],
    isDone: ({ context }, program) => Number(context['n']) >= (program as { readonly to: number }).to,
  },
  handlers: { count: counting.on('count', ({ context }) => set({ n: context.n + 1 })) },
  chart: { initial: 'counting', states: { counting: { on: { count: { actions: 'count' } } } } },
});

const counters = (...to: readonly number[]): WorldDefinition['actors'] =>
  to.map((limit, i) => ({ name: `x${i}`, machine: counter, program: { to: limit } }));

interface Queueing {
  readonly self: Name;
  readonly last: Name | null;
}
interface Sending {
  readonly self: Name;
  readonly queue: Name;
  readonly sent: number;
}
interface Taken {
  readonly type: 'take';
  readonly about: Name;
}
interface About {
  readonly steps: readonly { readonly calls: readonly { readonly about: Name }[] }[];
}
interface Go {
  readonly type: 'go';
  readonly about: Name;
}
const queueing = handlers<Queueing, Taken>();
const sending = handlers<Sending, Go>();

/** Takes messages about queues, of which several may wait. */
const queue = machine({
  id: 'queue',
  title: 'A queue',
  slots: 2,
  context: ({ self }): Queueing => ({ self, last: null }),
  handlers: { take: queueing.on('take', ({ event }) => set({ last: event.about })) },
  chart: { initial: 'open', states: { open: { on: { take: { actions: 'take' } } } } },
});

/** Sends two messages to its queue, each about any. */
const sender = machine({
  id: 'sender',
  title: 'A sender',
  sends: ['take'],
  wiring: { queue: 'queue' },
  context: ({ self, wiring }): Sending => ({ self, queue: wiring['queue'] as Name, sent: 0 }),
  actsByItself: {
    offers: ({ context }, program) =>
      Number(context['sent']) < 2
        ? (program as About).steps.flatMap(({ calls }) => calls.map(({ about }) => ({ type: 'go', about })))
        : [],
    isDone: ({ context }) => context['sent'] === 2,
  },
  handlers: {
    go: sending.on('go', ({ context, event }) => [
      set({ sent: context.sent + 1 }),
      post(context.queue, { type: 'take', about: event.about }, context.queue),
    ]),
  },
  chart: { initial: 'sending', states: { sending: { on: { go: { actions: 'go' } } } } },
});

const queues = (count: number): WorldDefinition => ({
  actors: [
    ...numbers(count).map((i) => ({ name: `q${i}`, machine: queue })),
    ...numbers(count).map((i) => ({
      name: `s${i}`,
      machine: sender,
      program: { steps: [{ calls: numbers(count).map((k) => ({ about: `q${k}` })) }] },
      wiring: { queue: `q${i}` },
    })),
  ],
  interchangeable: [numbers(count).map((i) => [`q${i}`, `s${i}`])],
});

describe('states are orbits', () => {
  it.each([3, 4, 5])('of %i holders, whose cells name themselves or nobody', async (count) => {
    const names = numbers(count).map((i) => `h${i}`);
    const { orbits } = await expectOrbits({
      actors: names.map((name) => ({ name, machine: holder, program: {} })),
      interchangeable: [names.map((name) => [name])],
    });
    expect(orbits).toBe(count + 1);
  });

  it('of members whose actors are declared in another order than their names stand in them', async () => {
    const { orbits } = await expectOrbits({
      actors: counters(2, 1, 1, 2),
      interchangeable: [
        [
          ['x0', 'x1'],
          ['x3', 'x2'],
        ],
      ],
    });
    // Six states of a member, two members.
    expect(orbits).toBe((6 * 7) / 2);
  });

  it('where messages wait for one actor: few permutations', async () => {
    const { crowded } = await expectOrbits(queues(2));
    expect(crowded).toBeGreaterThan(10);
  });

  it('and many', async () => {
    // Two more that have nothing to do with it, so that members are sorted first: 2 * 3! permutations.
    const world = queues(2);
    const { crowded } = await expectOrbits({
      actors: [...world.actors, ...counters(1, 1, 1)],
      interchangeable: [...(world.interchangeable ?? []), numbers(3).map((i) => [`x${i}`])],
    });
    expect(crowded).toBeGreaterThan(10);
  });
});

it('members that have other columns in a state are refused', () => {
  const definition: WorldDefinition = {
    actors: [...counters(1, 1), { name: 'h0', machine: holder, program: {} }],
    interchangeable: [[['x0'], ['h0']]],
  };
  expect(() => new Symmetry(new World(definition))).toThrow(SymmetryError);
});
