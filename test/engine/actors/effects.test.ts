// Effects are carried out in the order in which they are written, calls depth first: the callee is through before the next.
import { describe, expect, it } from 'vitest';
import { call, post, set, show } from '../../../src/engine/actors/effects.ts';
import type { Observation } from '../../../src/engine/actors/effects.ts';
import { handlers } from '../../../src/engine/actors/handlers.ts';
import type { Machine } from '../../../src/engine/actors/machine.ts';
import { machine } from '../../../src/engine/actors/machine.ts';
import { machineErrors } from '../../../src/engine/actors/machine-error.ts';
import { createScheduler } from '../../../src/engine/world/schedulers.ts';
import { TracedRun } from '../../../src/engine/world/trace.ts';
import type { TraceStep } from '../../../src/engine/world/trace.ts';
import { assembled } from '../assembled.ts';
import { drivenRun, hosts } from './three-hosts.ts';

type Context = { readonly self: string; readonly count: number };
type Message = { readonly type: 'go' | 'work' | 'deep' | 'done' | 'later' | 'again' };
const { on, act } = handlers<Context, Message>();
const said = (kind: string): Observation => ({ kind });
const sends = ['work', 'deep', 'done', 'later', 'again'];
const context = ({ self }: { readonly self: string }): Context => ({ self, count: 0 });

/** Calls the callee between two things that it shows, and posts before and after. */
const caller: Machine = machine<Context, Message>({
  id: 'caller',
  title: 'Calls',
  sends,
  slots: 2,
  context,
  handlers: {
    go: on('go', () => [
      show(said('before')),
      post('callee', { type: 'later' }),
      call('callee', { type: 'work' }),
      show(said('between')),
      call('callee', { type: 'work' }),
      post('callee', { type: 'again' }),
      show(said('after')),
    ]),
    done: on('done', ({ context: { count } }) => [set({ count: count + 1 }), show(said(`done ${count}`))]),
    count: act(({ context: { count } }) => show(said(`count ${count}`))),
    set: on('again', () => [set({ count: 7 }), set({ count: 8 })]),
    forEver: on('later', () => call('caller', { type: 'later' })),
  },
  chart: {
    initial: 'idle',
    states: {
      idle: {
        on: {
          go: { target: 'calling', actions: 'go' },
          again: { actions: ['set', 'count'] },
          later: { actions: 'forEver' },
        },
      },
      // Only here: the state has changed before the first effect is carried out.
      calling: { on: { done: { actions: ['done', 'count'] } } },
    },
  },
});

/** Works: calls deeper, and returns to the caller before it is through. */
const callee: Machine = machine<Context, Message>({
  id: 'callee',
  title: 'Is called',
  sends,
  context,
  handlers: {
    work: on('work', () => [
      show(said('work begins')),
      call('deep', { type: 'deep' }),
      call('caller', { type: 'done' }),
      show(said('work ends')),
    ]),
    later: on(['later', 'again'], ({ event }) => show(said(event.type))),
  },
  chart: { on: { work: { actions: 'work' }, later: { actions: 'later' }, again: { actions: 'later' } } },
});

const deep: Machine = machine<Context, Message>({
  id: 'deep',
  title: 'Is called by who is called',
  sends: [],
  context,
  chart: { on: { deep: { actions: on('deep', ({ context: { self } }) => show(said(`deep ${self}`))) } } },
});

const actors = [
  { name: 'caller', machine: caller },
  { name: 'callee', machine: callee },
  { name: 'deep', machine: deep },
];
const work = (times: number): string[] => [
  'work begins',
  'deep deep',
  `done ${times}`,
  `count ${times + 1}`,
  'work ends',
];
const kinds = (shown: readonly Observation[]): string[] => shown.map(({ kind }) => kind);

describe.each(hosts)('effects, %s', (host) => {
  it('are in written order, and calls are through before what is written after them', () => {
    const run = drivenRun(host, actors);
    expect(kinds(run.ask('caller', { type: 'go' }))).toEqual(['before', ...work(0), 'between', ...work(1), 'after']);
  });

  it('that are posted travel: they are delivered when they are chosen, in any order', () => {
    const run = drivenRun(host, actors);
    run.ask('caller', { type: 'go' });
    expect(run.inFlight()).toEqual(['again', 'later']);
    expect(kinds(run.deliver('later'))).toEqual(['later']);
    expect(run.inFlight()).toEqual(['again']);
  });

  it('that set the context are seen by later handlers of the same delivery', () => {
    expect(kinds(drivenRun(host, actors).ask('caller', { type: 'again' }))).toEqual(['count 8']);
  });

  it('that call without end are an error of the machine', () => {
    expect(() => drivenRun(host, actors).ask('caller', { type: 'later' })).toThrow(
      expect.objectContaining({ code: machineErrors.chart, message: expect.stringContaining('without end') as string }),
    );
  });
});

/** The steps of seeded runs of a scenario in which a device raises its MSI. */
function msis(count: number): TraceStep[] {
  const found: TraceStep[] = [];
  for (let seed = 0; seed < count; seed++) {
    const { world } = assembled('assign');
    const run = new TracedRun(world);
    const pick = createScheduler('random', world, seed);
    for (let choices = run.choices(); choices.length > 0 && run.steps.length < 60; choices = run.choices())
      run.take(pick(run.row, choices));
    found.push(...run.steps.filter(({ message }) => message.type === 'raise_msi'));
  }
  return found;
}

describe('assign under the random scheduler (F9)', () => {
  const steps = msis(30);
  const ofInterrupt = (how: string): TraceStep[] =>
    steps.filter(({ observations }) => observations.some((one) => (one as { how?: unknown }).how === how));

  it('the interrupt is observed before the return of the raise_msi that caused it', () => {
    expect(steps.length).toBeGreaterThan(10);
    for (const { observations } of steps) expect(kinds(observations)).toEqual(['interrupt', 'return']);
  });

  it('wherever the interrupt goes: posted, injected by the irqfd, lost', () => {
    for (const how of ['posted', 'injected', 'lost']) expect(ofInterrupt(how).length).toBeGreaterThan(0);
  });

  it('the calls of a step say who called whom, and how deep', () => {
    const [injected] = ofInterrupt('injected');
    const calls = injected?.calls.map(({ from, to, message, depth }) => `${depth} ${from} ${to}.${message.type}`);
    expect(calls).toEqual(['1 irq0 p0.interrupt', '2 p0 e0.eventfd_signal', '3 e0 c0.wakeup', '1 irq0 d0.return']);
  });
});
