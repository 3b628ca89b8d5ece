// Right movers: which messages of a thread may be taken alone, and which of its calls have to commute for that.
import { describe, expect, it } from 'vitest';
import { call, set } from '../../../../src/engine/actors/effects.ts';
import { handlers } from '../../../../src/engine/actors/handlers.ts';
import { machine } from '../../../../src/engine/actors/machine.ts';
import type { Name } from '../../../../src/engine/actors/name.ts';
import { explore } from '../../../../src/engine/explorer/search/explore.ts';
import type { SearchSnapshot } from '../../../../src/engine/explorer/search/snapshot.ts';
import { nodeHost } from '../../../../src/engine/explorer/threads/node-host.ts';
import type { Exploration, ExploreOptions } from '../../../../src/engine/explorer/search/explore.ts';
import { returnTo } from '../../../../src/machines/kernel/call.ts';
import type { Script } from '../../../../src/scenarios/define.ts';
import { assembled, does } from '../../../machines/kernel/litmus.ts';
import { twoThreads } from '../two-threads.ts';

type Context = { readonly self: Name; readonly first: Name; readonly second: Name; readonly task: Name | null };
type Message = { readonly type: 'both'; readonly caller: Name } | { readonly type: 'return'; readonly value: null };
const { on } = handlers<Context, Message>();

/** Takes two mutexes in one call of a thread, in that thread's name: the second one is asked for when the first is had. */
const both = machine<Context, Message>({
  id: 'both',
  title: 'Takes two mutexes in one call',
  wiring: { first: 'mutex', second: 'mutex' },
  sends: ['mutex_lock', 'mutex_unlock', 'return'],
  operations: { both: { how: 'call' } },
  context: ({ self, wiring }) => ({
    self,
    first: wiring['first'] as Name,
    second: wiring['second'] as Name,
    task: null,
  }),
  handlers: {
    begin: on('both', ({ context: { self, first }, event: { caller } }) => [
      set({ task: caller }),
      call(first, { type: 'mutex_lock', caller: self, task: caller }),
    ]),
    next: on('return', ({ context: { self, second, task } }) =>
      call(second, { type: 'mutex_lock', caller: self, task } as never),
    ),
    end: on('return', ({ context: { first, second, task } }) => [
      call(second, { type: 'mutex_unlock', task } as never),
      call(first, { type: 'mutex_unlock', task } as never),
      set<Context>({ task: null }),
      returnTo(task as Name, null),
    ]),
  },
  chart: {
    initial: 'idle',
    states: {
      idle: { on: { both: { target: 'first', actions: 'begin' } } },
      first: { on: { return: { target: 'second', actions: 'next' } } },
      second: { on: { return: { target: 'idle', actions: 'end' } } },
    },
  },
});

const mutexes = ['m0', 'm1'].map((name) => ({ name, machine: 'mutex' }));
const opposite: Script = {
  actors: [
    ...mutexes,
    { name: 'b0', machine: both, wiring: { first: 'm0', second: 'm1' } },
    { name: 'b1', machine: both, wiring: { first: 'm1', second: 'm0' } },
  ],
  threads: { t0: [does('both', 'b0')], t1: [does('both', 'b1')] },
};

function search(script: Script, options: Partial<ExploreOptions>): Promise<Exploration> {
  const { world, properties } = assembled(script, ['l-term']);
  return explore(world, { properties, host: nodeHost, ...options });
}

const violated = ({ violations }: Exploration): unknown =>
  violations.map(({ property, path }) => [property, path.length]);

describe('a message that a delivery leaves in a thread’s channel', () => {
  // Had t0 both mutexes as soon as it has one, nobody would come between, and the deadlock would be missed.
  it('is not taken alone: another thread may come between', async () => {
    const plain = await search(opposite, {});
    expect(violated(plain)).toEqual([['l-term', 4]]);
    for (const options of [{ por: true }, ...twoThreads({ por: true, shareAt: 2 })])
      expect({ options, violated: violated(await search(opposite, options)) }).toEqual({
        options,
        violated: violated(plain),
      });
  });

  it('is not in a search that was stopped, either', async () => {
    for (let maxStates = 2; maxStates < 12; maxStates++) {
      let saved: SearchSnapshot | undefined;
      const checkpoint = { isDue: () => false, save: (one: SearchSnapshot) => void (saved = structuredClone(one)) };
      await search(opposite, { por: true, maxStates, checkpoint });
      if (saved === undefined) throw new Error('nothing was saved');
      expect(violated(await search(opposite, { por: true, resume: saved }))).toEqual([['l-term', 4]]);
    }
  });
});

describe('threads that take mutexes and give them back', () => {
  const section = ['m0', 'm1'].flatMap((name) => [does('mutex_lock', name), does('mutex_unlock', name)]);
  const threads = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, section]));

  it('are movers: a call that leaves nothing in flight, as mutex_unlock(), need not commute', async () => {
    const states = [];
    for (const count of [2, 3, 4]) {
      const script = { actors: mutexes, threads: threads(count) };
      const [plain, reduced] = [await search(script, {}), await search(script, { por: true, earlyCalls: false })];
      expect(reduced).toMatchObject({ verdict: 'holds', por: true });
      states.push([plain.states, reduced.states]);
    }
    expect(states).toEqual([
      [47, 39],
      [305, 189],
      [1925, 837],
    ]);
  });
});
