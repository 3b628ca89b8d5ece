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

/** The steps of seeded runs of a scenario in which a device's MSI has been taken: it goes on. */
function taken(count: number): TraceStep[] {
  const found: TraceStep[] = [];
  for (let seed = 0; seed < count; seed++) {
    const { world } = assembled('assign');
    const run = new TracedRun(world);
    const pick = createScheduler('random', world, seed);
    for (let choices = run.choices(); choices.length > 0 && run.steps.length < 120; choices = run.choices())
      run.take(pick(run.row, choices));
    found.push(
      ...run.steps.filter(({ calls }) => calls.some(({ to, message }) => to === 'd0' && message.type === 'return')),
    );
  }
  return found;
}

describe('assign under the random scheduler (F9)', () => {
  /** Taken when the first test asks: not as the file loads. */
  let found: readonly TraceStep[] | undefined;
  const steps = (): readonly TraceStep[] => (found ??= taken(40));
  const interrupts = ({ observations }: TraceStep): readonly string[] =>
    observations.flatMap((one) => (one.kind === 'interrupt' ? [(one as unknown as { how: string }).how] : []));
  const ofInterrupt = (...how: readonly string[]): TraceStep[] =>
    steps().filter((one) => interrupts(one).join() === how.join());

  it('the interrupt is observed in the step that lets the device go on, before any return that waited for its handler', () => {
    expect(steps().length).toBeGreaterThan(100);
    const ways = new Set(steps().map((one) => interrupts(one).join()));
    expect([...ways].toSorted()).toEqual(['', 'injected,delivered', 'lost', 'pending', 'posted,delivered']);
    // It is one with another that irqfd_inject() is to inject: nothing new to see.
    for (const { calls } of ofInterrupt()) expect(calls.map(({ message }) => message.type)).toContain('queue_work');
    const returned = steps()
      .map(({ observations }) => kinds(observations))
      .filter((all) => all.includes('return') && all.includes('interrupt'));
    // free_irq() waited.
    expect(returned.length).toBeGreaterThan(0);
    for (const all of returned) expect(all.lastIndexOf('interrupt')).toBeLessThan(all.indexOf('return'));
  });

  it('the calls of a step say who called whom, and how deep', () => {
    const callsOf = (...how: readonly string[]): readonly string[] | undefined =>
      ofInterrupt(...how)
        .find(({ observations }) => !kinds(observations).includes('return'))
        ?.calls.map(({ from, to, message, depth }) => `${depth} ${from} ${to}.${message.type}`);
    expect(callsOf('posted', 'delivered')).toEqual([
      '1 d0 irq0.msi',
      '2 irq0 vcpu0.post_interrupt',
      '3 vcpu0 d0.return',
    ]);
    expect(callsOf('injected', 'delivered')).toEqual([
      '1 e0 c0.wakeup',
      '2 c0 vm0.inject_route',
      '3 vm0 vcpu0.inject',
      '1 e0 p0.return.irq',
      '2 p0 d0.return',
    ]);
    expect(callsOf('lost')).toEqual(['1 p0 d0.return']);
  });
});
