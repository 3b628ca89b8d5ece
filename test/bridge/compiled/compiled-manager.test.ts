// The harness in single calls: what it does not do again is what it would have done, and what callbacks could see is what the machines say.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CallModel } from '../../../src/bridge/call-model.ts';
import type { CallSystem } from '../../../src/bridge/call-system.ts';
import { namesOf } from '../../../src/bridge/call-system.ts';
import { sightsDiffering } from '../../../src/bridge/callback-sights.ts';
import type { CompiledProgram } from '../../../src/bridge/compiled/compile.ts';
import { compile, removeProgram } from '../../../src/bridge/compiled/compile.ts';
import { CompiledManager } from '../../../src/bridge/compiled/compiled-manager.ts';
import { kernelFileOfTree } from '../../../src/bridge/compiled/kernel-file.ts';
import type { ManagerCall } from '../../../src/bridge/manager-calls.ts';
import { plainCalls, withFaults } from '../../../src/bridge/manager-calls.ts';
import { revisionOf } from '../../../src/scenarios/assembled.ts';
import { Scratch, standIn } from './kernel-trees.ts';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const SCOPE = { producers: 2, consumers: 1, eventfds: 1 };
const STATES_MAX = 60;
const plain = plainCalls(SCOPE);
const compound = plain.flatMap((call) => [...withFaults(call), ...plain.map((race) => ({ ...call, race }))]);

/** States that plain calls lead to, each with the calls that lead there. */
async function pathsOf(manager: CompiledManager): Promise<readonly (readonly ManagerCall[])[]> {
  const paths = new Map<number, readonly ManagerCall[]>([[manager.initial, []]]);
  for (const [state, path] of paths)
    for (const [i, { state: next, observed }] of (await manager.performAll(state, plain)).entries())
      if (next >= 0 && !observed.corruption && !paths.has(next) && paths.size < STATES_MAX)
        paths.set(next, [...path, plain[i] as ManagerCall]);
  return [...paths.values()];
}

async function after<State>(system: CallSystem<State>, calls: readonly ManagerCall[]): Promise<State> {
  let state = system.initial;
  for (const call of calls) state = (await system.performAll(state, [call]))[0]?.state ?? state;
  return state;
}

describe.each(['list', 'xarray'] as const)('a program of %s', (which) => {
  let program: CompiledProgram;
  const running: CompiledManager[] = [];
  const start = async (): Promise<CompiledManager> => {
    const manager = await CompiledManager.start(program, { scope: SCOPE, isClean: true });
    running.push(manager);
    return manager;
  };
  beforeAll(async () => {
    program = await compile(kernelFileOfTree(standIn(which)));
  });
  afterAll(async () => {
    for (const one of running) await one.close();
    removeProgram(program);
  });

  it('does what it knows as it would do it', async () => {
    const [knowing, fresh] = [await start(), await start()];
    for (const path of await pathsOf(knowing)) {
      const [known, unknown] = [await after(knowing, path), await after(fresh, path)];
      // The one has made plain calls in this state, the other has not.
      const [ones, others] = [await knowing.performAll(known, compound), await fresh.performAll(unknown, compound)];
      for (const [i, call] of compound.entries()) {
        expect([call, ones[i]?.observed]).toEqual([call, others[i]?.observed]);
        const [state, other] = [ones[i]?.state ?? -1, others[i]?.state ?? -1];
        expect(state < 0).toBe(other < 0);
        if (state >= 0) expect(knowing.exchanged(state, IDENTITY)).toBe(fresh.exchanged(other, IDENTITY));
      }
    }
  });

  it('tells of the same calls together and one by one', async () => {
    const [together, apart] = [await start(), await start()];
    const all = await together.performAll(0, plain);
    for (const [i, call] of plain.entries()) expect(await apart.performAll(0, [call])).toEqual([all[i]]);
  });
});

const IDENTITY = Int32Array.from(namesOf(SCOPE), (_, i) => i);

describe('what callbacks could see', () => {
  const one = { producers: 1, consumers: 1, eventfds: 1 };
  const sights = { peers: true, sets: true };
  const calls: readonly ManagerCall[] = [
    { op: 'register_producer', object: 'p0', eventfd: 'e0' },
    { op: 'register_consumer', object: 'c0', eventfd: 'e0' },
    { op: 'unregister_producer', object: 'p0' },
  ];

  async function seenOf(tree: string): Promise<readonly (readonly string[] | undefined)[]> {
    const program = await compile(kernelFileOfTree(tree));
    const manager = await CompiledManager.start(program, { scope: one, hasIrqs: true, sights });
    try {
      return await sightsIn(manager);
    } finally {
      await manager.close();
      removeProgram(program);
    }
  }

  async function sightsIn<State>(system: CallSystem<State>): Promise<readonly (readonly string[] | undefined)[]> {
    const seen: (readonly string[] | undefined)[] = [];
    let state = system.initial;
    for (const call of calls) {
      const [performed] = await system.performAll(state, [call]);
      seen.push(performed?.observed.sights);
      state = performed?.state ?? state;
    }
    return seen;
  }

  // Facts: __connect() and __disconnect() of Linux 6.17. The newcomer is in its set and has no key yet; bindings are written and
  // cleared after the start callbacks; the irq was written before the mutex was taken.
  const [producer, consumer] = ['p0 key=e0 irq=33 in', 'c0 in'];
  const [bound, partner] = ['p0 key=e0 peer=c0 irq=33 in', 'c0 key=e0 peer=p0 in'];
  const expected = [
    [],
    [producer, consumer, `${producer}; ${consumer}`, `${consumer}; ${producer}`, consumer, producer],
    [bound, partner, `${partner}; ${bound}`, `${bound}; ${partner}`, partner, bound],
  ];

  it('is the same in C and in the machines', async () => {
    expect(await seenOf(standIn('xarray'))).toEqual(expected);
    expect(await sightsIn(new CallModel(revisionOf('v2p8').policy, one, 'raw', {}, true, sights))).toEqual(expected);
  });

  it.each([
    [
      '\tresume_pair(p, c);\n\tp->consumer = NULL;',
      '\tp->consumer = NULL;\n\tresume_pair(p, c);',
      'start sees another binding',
    ],
    ['\tp->irq = irq;\n\tguard(mutex)(&both);', '\tp->irq = 1;\n\tguard(mutex)(&both);', 'stop sees another irq'],
    [
      '\terror = xa_insert(&consumers, at, c, GFP_KERNEL);',
      '\tc->eventfd = eventfd;\n\terror = xa_insert(&consumers, at, c, GFP_KERNEL);',
      'stop sees another key',
    ],
  ])('tells %j from %j', async (text, by, summary) => {
    const seen = await seenOf(scratch.altered('xarray', text, by));
    const at = seen.findIndex((one, i) => JSON.stringify(one) !== JSON.stringify(expected[i]));
    const callbacks =
      at === 1
        ? ['p0.stop', 'c0.stop']
        : ['p0.stop', 'c0.stop', 'c0.del_producer(p0)', 'p0.del_consumer(c0)', 'c0.start', 'p0.start'];
    const callSeen = (some: readonly string[] | undefined) => ({
      returns: null,
      callbacks,
      warn: false,
      ...(some === undefined ? {} : { sights: some }),
    });
    expect(sightsDiffering(callSeen(expected[at]), callSeen(seen[at]))).toBe(summary);
  });
});
