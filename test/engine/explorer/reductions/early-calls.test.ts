// Calls that are made early: worlds in which each rule of theirs is needed, and what they save.
import { describe, expect, it } from 'vitest';
import { call, post, set } from '../../../../src/engine/actors/effects.ts';
import { handlers } from '../../../../src/engine/actors/handlers.ts';
import { machine } from '../../../../src/engine/actors/machine.ts';
import type { Name } from '../../../../src/engine/actors/name.ts';
import type { Exploration, ExploreOptions } from '../../../../src/engine/explorer/search/explore.ts';
import { explore } from '../../../../src/engine/explorer/search/explore.ts';
import type { SearchSnapshot } from '../../../../src/engine/explorer/search/snapshot.ts';
import type { Property } from '../../../../src/engine/world/property.ts';
import { World } from '../../../../src/engine/world/world.ts';
import { nodeHost } from '../../../../src/engine/explorer/threads/node-host.ts';
import { returnTo } from '../../../../src/machines/kernel/call.ts';
import { count } from '../../../../src/machines/kernel/task.ts';
import { invoke } from '../../../../src/scenarios/calls.ts';
import type { Script } from '../../../../src/scenarios/define.ts';
import { assembled, does } from '../../../machines/kernel/litmus.ts';
import { twoThreads } from '../two-threads.ts';

type Context = { readonly self: Name; readonly task: Name | null };
type Message = { readonly type: 'watch' | 'tell' | 'kick'; readonly caller: Name };
const { on } = handlers<Context, Message>();
const sensing = handlers<{ readonly self: Name }, { readonly type: 'go' | 'poke' } | { readonly type: 'return' }>();
const serving = handlers<{ readonly self: Name }, { readonly type: 'serve'; readonly caller: Name }>();
const poking = handlers<{ readonly self: Name }, { readonly type: 'poke_it'; readonly caller: Name }>();

/** Disables preemption of a task: of one that has called it, or of one that it knows by heart. */
const warden = machine<Context, Message>({
  id: 'warden',
  title: 'A warden',
  sends: ['return'],
  operations: {
    watch: { how: 'call' },
    tell: { how: 'call' },
    kick: { how: 'call' },
  },
  constants: { ward: null },
  context: ({ self }) => ({ self, task: null }),
  handlers: {
    watch: on('watch', ({ event: { caller } }) => [set<Context>({ task: caller }), returnTo(caller, null)]),
    tell: on('tell', ({ context: { self }, event: { caller }, cells }) => [
      set<Context>({ task: cells.constant(self, 'ward') as Name }),
      returnTo(caller, null),
    ]),
    kick: on('kick', ({ context: { task }, event: { caller }, cells }) => {
      if (task !== null) count(cells, task, 'preempt', 1);
      return returnTo(caller, null);
    }),
  },
  chart: {
    initial: 'on',
    states: { on: { on: { watch: { actions: 'watch' }, tell: { actions: 'tell' }, kick: { actions: 'kick' } } } },
  },
});

/** Acts by itself: asks a server once. Who pokes it before that stops it for good. */
const sensor = machine<{ readonly self: Name }, { readonly type: 'go' | 'poke' } | { readonly type: 'return' }>({
  id: 'sensor',
  title: 'A sensor',
  sends: ['serve'],
  actsByItself: {
    offers: ({ value }) => (value === 'idle' ? [{ type: 'go' }] : []),
    isDone: ({ value }) => value === 'end',
  },
  constants: { server: null },
  context: ({ self }) => ({ self }),
  handlers: {
    go: sensing.on('go', ({ context: { self }, cells }) =>
      post(cells.constant(self, 'server') as Name, { type: 'serve', caller: self } as never, self),
    ),
    nothing: sensing.on(['poke', 'return'], () => []),
  },
  chart: {
    initial: 'idle',
    states: {
      idle: { on: { go: { target: 'asking', actions: 'go' }, poke: { target: 'stuck', actions: 'nothing' } } },
      asking: { on: { return: { target: 'end', actions: 'nothing' }, poke: { actions: 'nothing' } } },
      stuck: {},
      end: { on: { poke: { actions: 'nothing' } } },
    },
  },
});

const server = machine<{ readonly self: Name }, { readonly type: 'serve'; readonly caller: Name }>({
  id: 'server',
  title: 'A server',
  sends: ['return'],
  context: ({ self }) => ({ self }),
  handlers: { serve: serving.on('serve', ({ event: { caller } }) => returnTo(caller, null)) },
  chart: { initial: 'on', states: { on: { on: { serve: { actions: 'serve' } } } } },
});

/** Calls a thread that it knows by heart. */
const poker = machine<{ readonly self: Name }, { readonly type: 'poke_it'; readonly caller: Name }>({
  id: 'poker',
  title: 'A poker',
  sends: ['return', 'poke'],
  operations: { poke_it: { how: 'call' } },
  constants: { ward: null },
  context: ({ self }) => ({ self }),
  handlers: {
    poke: poking.on('poke_it', ({ context: { self }, event: { caller }, cells }) => [
      call(cells.constant(self, 'ward') as Name, { type: 'poke' } as never),
      returnTo(caller, null),
    ]),
  },
  chart: { initial: 'on', states: { on: { on: { poke_it: { actions: 'poke' } } } } },
});

type Walk = { readonly type: 'start' | 'go' | 'return' };
const walking = handlers<{ readonly self: Name }, Walk>();

/** Acts by itself: the first one enlists, looks whether its box is stamped and says so to a server; others leave once the clerk is ready. */
const walker = machine<{ readonly self: Name }, Walk>({
  id: 'walker',
  title: 'A walker',
  sends: ['serve'],
  actsByItself: {
    offers: ({ value }) => (value === 'idle' ? [{ type: 'start' }] : value === 'enlisted' ? [{ type: 'go' }] : []),
    isDone: ({ value }) => value === 'end' || value === 'gone',
  },
  constants: { server: null, clerk: null, box: null },
  context: ({ self }) => ({ self }),
  guards: {
    isFirst: walking.whenever(
      ({ context: { self }, cells }) => cells.load(cells.constant(self, 'clerk') as Name, 'box') === null,
    ),
    isReady: walking.whenever(
      ({ context: { self }, cells }) => cells.load(cells.constant(self, 'clerk') as Name, 'ready') === true,
    ),
  },
  handlers: {
    enlist: walking.on('start', ({ context: { self }, cells }) => {
      cells.store(cells.constant(self, 'clerk') as Name, 'box', cells.constant(self, 'box'));
      return [];
    }),
    leave: walking.on('start', ({ context: { self }, cells }) => {
      cells.store(cells.constant(self, 'clerk') as Name, 'left', true);
      return [];
    }),
    go: walking.on('go', ({ context: { self }, cells }) => {
      const isStamped = cells.load(cells.constant(self, 'box') as Name, 'stamped');
      const asked = { type: 'serve', caller: self, isStamped };
      return post(cells.constant(self, 'server') as Name, asked as never, self);
    }),
    end: walking.on('return', () => []),
  },
  chart: {
    initial: 'idle',
    states: {
      idle: {
        on: {
          start: [
            { guard: 'isFirst', target: 'enlisted', actions: 'enlist' },
            { guard: 'isReady', target: 'gone', actions: 'leave' },
          ],
        },
      },
      enlisted: { on: { go: { target: 'asking', actions: 'go' } } },
      asking: { on: { return: { target: 'end', actions: 'end' } } },
      gone: {},
      end: {},
    },
  },
});

const box = machine<{ readonly self: Name }, never>({
  id: 'box',
  title: 'A box',
  cells: { stamped: false },
  context: ({ self }) => ({ self }),
  handlers: {},
  chart: { initial: 'on', states: { on: {} } },
});

const stamping = handlers<{ readonly self: Name }, { readonly type: 'lap' | 'stamp' }>();
const LAPS = 8;
const places = Array.from({ length: LAPS }, (_, i) => `lap${i}`);
/** Acts by itself: gets ready in some laps, and stamps the box that is enlisted once somebody has left. */
const clerk = machine<{ readonly self: Name }, { readonly type: 'lap' | 'stamp' }>({
  id: 'clerk',
  title: 'A clerk',
  actsByItself: {
    offers: ({ value }) => (value === 'off' ? [] : [{ type: value === 'ready' ? 'stamp' : 'lap' }]),
    isDone: () => true,
  },
  cells: { box: null, left: false, ready: false },
  context: ({ self }) => ({ self }),
  guards: { hasLeft: stamping.whenever(({ context: { self }, cells }) => cells.load(self, 'left') === true) },
  handlers: {
    lap: stamping.on('lap', () => []),
    ready: stamping.on('lap', ({ context: { self }, cells }) => {
      cells.store(self, 'ready', true);
      return [];
    }),
    stamp: stamping.on('stamp', ({ context: { self }, cells }) => {
      cells.store(cells.load(self, 'box') as Name, 'stamped', true);
      return [];
    }),
  },
  chart: {
    initial: 'lap0',
    states: {
      ...Object.fromEntries(
        places.map((place, i) => [
          place,
          { on: { lap: { target: places[i + 1] ?? 'ready', actions: i + 1 < LAPS ? 'lap' : 'ready' } } },
        ]),
      ),
      ready: { on: { stamp: { guard: 'hasLeft', target: 'off', actions: 'stamp' } } },
      off: {},
    },
  },
});

const mutexes = ['m0', 'm1'].map((name) => ({ name, machine: 'mutex' }));
const section = (name: string) => [does('mutex_lock', name), does('mutex_unlock', name)];
const w0 = { name: 'w0', machine: warden };

function search(script: Script, options: Partial<ExploreOptions>): Promise<Exploration> {
  const { world, properties } = assembled(script);
  return explore(world, { properties, host: nodeHost, ...options });
}

const found = ({ verdict, violations }: Exploration): unknown => [
  verdict,
  violations.map(({ property, path }) => [property, path.length]),
];

/** Reduced in every way, a search finds what it finds without. */
async function expectSame(script: Script, violated: readonly (readonly [string, number])[]): Promise<void> {
  const plain = await search(script, {});
  expect(found(plain)).toEqual([violated.length > 0 ? 'violated' : 'holds', violated]);
  for (const options of [{}, { earlyCalls: false }, ...twoThreads({ shareAt: 1 }), { symmetry: true }])
    expect([options, found(await search(script, { por: true, ...options }))]).toEqual([options, found(plain)]);
}

describe('a call that is made early', () => {
  it('is one of a thread that nobody else has to do with', async () => {
    const script = { actors: mutexes, threads: { t0: section('m0'), t1: section('m1') } };
    const [plain, late, early] = [
      await search(script, {}),
      await search(script, { por: true, earlyCalls: false }),
      await search(script, { por: true }),
    ];
    expect([plain, late, early].map(({ states, depth }) => [states, depth])).toEqual([
      [16, 6],
      [15, 6],
      [11, 6],
    ]);
    expect([plain, late, early].map(({ por }) => por)).toEqual([false, true, true]);
  });

  it('does not come before somebody who changes what it finds', async () => {
    const script = {
      actors: [...mutexes, { name: 'q0', machine: 'wait-queue' }],
      threads: {
        t0: [{ calls: [invoke('mutex_lock', 'm0'), invoke('set_condition', 'q0', { value: true })] }],
        // The name of t1 is in the queue only after its call.
        t1: [does('wait_event', 'q0'), does('mutex_lock', 'm0')],
      },
    };
    await expectSame(script, [
      ['l-term', 2],
      ['i-lockheld', 4],
    ]);
  });

  it('is not one of a thread whose name somebody knows', async () => {
    const script = {
      actors: [...mutexes, w0],
      threads: { t0: [does('watch', 'w0'), ...section('m0')], t1: [does('kick', 'w0')] },
    };
    await expectSame(script, [
      ['i-ctx', 3],
      ['i-lockheld', 5],
    ]);
  });

  it('is not one of a thread whose name somebody knows by heart', async () => {
    const script = {
      actors: [...mutexes, { ...w0, constants: { ward: 't0' } }],
      threads: { t0: section('m0'), t1: [does('tell', 'w0'), does('kick', 'w0')] },
    };
    await expectSame(script, [
      ['i-ctx', 3],
      ['i-lockheld', 5],
    ]);
  });

  it('is not one of a thread that somebody calls by heart', async () => {
    const script = {
      actors: [
        { name: 'x0', machine: sensor, program: {}, constants: { server: 'v0' } },
        { name: 'v0', machine: server },
        ...mutexes,
        { name: 'p0', machine: poker, constants: { ward: 'x0' } },
      ],
      threads: { t0: [...section('m0'), does('poke_it', 'p0')] },
    } as unknown as Script;
    await expectSame(script, [['l-term', 4]]);
  });

  it('does not keep others from going on, where a thread goes round in a circle', async () => {
    const script = {
      actors: mutexes,
      threads: {
        t0: [does('mutex_lock', 'm0'), { ...does('mutex_unlock', 'm0'), ok: 0 }],
        t1: [does('mutex_lock', 'm1'), does('mutex_lock', 'm1')],
      },
    };
    await expectSame(script, [['i-lockorder', 3]]);
  });

  it('is known again where a search goes on', async () => {
    const script = {
      actors: [...mutexes, w0],
      threads: { t0: [does('watch', 'w0'), ...section('m0')], t1: [...section('m1'), does('kick', 'w0')] },
    };
    const whole = await search(script, { por: true });
    expect(found(whole)).toEqual(found(await search(script, {})));
    for (let maxStates = 2; maxStates < whole.states; maxStates++) {
      let saved: SearchSnapshot | undefined;
      const checkpoint = { isDue: () => false, save: (one: SearchSnapshot) => void (saved = structuredClone(one)) };
      await search(script, { por: true, maxStates, checkpoint });
      if (saved === undefined) throw new Error('nothing was saved');
      const rest = await search(script, { por: true, resume: saved });
      expect([found(rest), rest.states]).toEqual([found(whole), whole.states]);
      // With a bound as well: what was left out in the first part is left out in the second.
      expect(found(await search(script, { por: true, resume: saved, maxDepth: 100 }))).toEqual(found(whole));
    }
  });

  it('has to do with whoever does something to another, where states are merged in which the two have changed their names', async () => {
    const world = new World({
      actors: [
        ...[0, 1].map((i) => ({
          name: `x${i}`,
          machine: walker,
          program: {},
          constants: { server: 'v0', clerk: 'k0', box: `b${i}` },
        })),
        ...[0, 1].map((i) => ({ name: `b${i}`, machine: box })),
        { name: 'v0', machine: server },
        { name: 'k0', machine: clerk, program: {} },
      ],
      interchangeable: [[0, 1].map((i) => [`x${i}`, `b${i}`])],
    });
    const seen: Property = {
      id: 'stamp-seen',
      title: 'Nobody sees a stamp',
      step: ({ event: { message } }) => (message['isStamped'] === true ? 'seen' : null),
    };
    for (const options of [
      {},
      { symmetry: true },
      { por: true, symmetry: true, earlyCalls: false },
      { por: true, symmetry: true },
    ])
      expect([options, found(await explore(world, { properties: [seen], ...options }))]).toEqual([
        options,
        ['violated', [['stamp-seen', LAPS + 5]]],
      ]);
  });
});
