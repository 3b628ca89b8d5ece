// The wait queue: all shared waiters and one exclusive one, priority waiters first, and the lost wake-up.
import { describe, expect, it } from 'vitest';
import { call, set, show } from '../../../src/engine/actors/effects.ts';
import { handlers } from '../../../src/engine/actors/handlers.ts';
import { machine } from '../../../src/engine/actors/machine.ts';
import type { Name } from '../../../src/engine/actors/name.ts';
import type { ProgramStep } from '../../../src/machines/manager/program.ts';
import { returnTo } from '../../../src/machines/kernel/call.ts';
import { go } from '../../../src/scenarios/calls.ts';
import { assembled, does, everything, expectLiveRunsToAgree, places, searched, seen, shownByRuns } from './litmus.ts';

const q0 = { name: 'q0', machine: 'wait-queue' };
const waits = [does('wait_event', 'q0')];
const waitsExclusively = [does('wait_event', 'q0', { exclusive: true })];
const makesSo = does('set_condition', 'q0', { value: true });

/** The threads that sleep on the queue, in its order, where all of some others are through. */
function sleepers(threads: Record<string, readonly ProgramStep[]>, done: string, after = {}): string[] {
  const { world } = assembled({ actors: [q0], threads, after });
  const { ends } = everything(world);
  expect(ends.length).toBeGreaterThan(0);
  return [
    ...new Set(
      seen({ actors: [q0], threads, after }, (state) =>
        state.context<{ pc: number }>(done).pc === threads[done]?.length
          ? state
              .context<{ waiters: { waiter: string }[] }>('q0')
              .waiters.map(({ waiter }) => waiter)
              .join()
          : 'before',
      ).anywhere,
    ),
  ].filter((one) => one !== 'before');
}

/** A function on a queue: it shows that it is called. */
type FunctionContext = {
  readonly self: Name;
  readonly queue: Name;
  readonly answer: number | null;
  readonly caller: Name | null;
};
type FunctionMessage =
  | { readonly type: 'enter'; readonly caller: Name; readonly exclusive?: boolean; readonly priority?: boolean }
  | { readonly type: 'leave'; readonly caller: Name }
  | { readonly type: 'return'; readonly value: number | null }
  | { readonly type: 'wakeup' };
const { on } = handlers<FunctionContext, FunctionMessage>();
const wakeFunction = machine<FunctionContext, FunctionMessage>({
  id: 'wake-function',
  title: 'A function on a wait queue',
  wiring: { queue: 'wait-queue' },
  sends: ['add_wait_queue', 'remove_wait_queue', 'return'],
  operations: {
    enter: { arguments: ['exclusive?', 'priority?'], how: 'call' },
    leave: { how: 'call' },
  },
  context: ({ self, wiring }) => ({ self, queue: wiring['queue'] as Name, answer: null, caller: null }),
  handlers: {
    enter: on('enter', ({ context, event: { caller, exclusive = false, priority = false } }) => [
      set({ caller }),
      call(context.queue, { type: 'add_wait_queue', waiter: context.self, caller: context.self, exclusive, priority }),
    ]),
    leave: on('leave', ({ context, event: { caller } }) => [
      set({ caller }),
      call(context.queue, { type: 'remove_wait_queue', waiter: context.self, caller: context.self }),
    ]),
    answered: on('return', ({ context, event }) => [
      set({ caller: null }),
      returnTo(context.caller as Name, event.value),
    ]),
    woken: on('wakeup', ({ context }) => show({ kind: 'woken', waiter: context.self } as never)),
  },
  chart: {
    on: {
      enter: { actions: 'enter' },
      leave: { actions: 'leave' },
      return: { actions: 'answered' },
      wakeup: { actions: 'woken' },
    },
  },
});
const f = (n: number) => ({ name: `f${n}`, machine: wakeFunction, wiring: { queue: 'q0' } });
const woken = (shown: { readonly kind: string }): string | null =>
  shown.kind === 'woken' ? (shown as unknown as { waiter: string }).waiter : null;

describe('wake_up()', () => {
  it('wakes all shared waiters', () => {
    const threads = { t0: waits, t1: waits, t2: [makesSo, does('wake_up', 'q0')] };
    expect(sleepers(threads, 't2')).toEqual(['']);
  });

  it('wakes one exclusive waiter: the first one', () => {
    const threads = { t0: waitsExclusively, t1: waitsExclusively, t2: [does('wake_up', 'q0')] };
    // Both slept: one is left, whichever came second. One came too late: it sleeps, too.
    expect(sleepers(threads, 't2')).toEqual(expect.arrayContaining(['t0', 't1']));
    const { anywhere } = seen({ actors: [q0], threads }, (state) => {
      const waiters = state.context<{ waiters: { waiter: string }[] }>('q0').waiters.map(({ waiter }) => waiter);
      return `${places('t2')(state)} ${waiters.join()}`;
    });
    expect(anywhere).toEqual(expect.arrayContaining(['0 t0,t1', '0 t1,t0']));
  });

  it('wakes shared waiters besides: they stand before exclusive ones', () => {
    const after = { t2: ['t3'], t3: [] };
    const threads = { t0: waitsExclusively, t1: waits, t2: [does('wake_up', 'q0')], t3: [] };
    const { anywhere } = seen({ actors: [q0], threads, after }, (state) =>
      state
        .context<{ waiters: { waiter: string }[] }>('q0')
        .waiters.map(({ waiter }) => waiter)
        .join(),
    );
    expect(anywhere).toContain('t1,t0');
    expect(anywhere).not.toContain('t0,t1');
  });

  it('of a number wakes so many exclusive waiters, wake_up_all() all of them', () => {
    const sleeping = { t0: waitsExclusively, t1: waitsExclusively };
    expect(sleepers({ ...sleeping, t2: [makesSo, does('wake_up', 'q0', { nr: 2 })] }, 't2')).toEqual(['']);
    expect(sleepers({ ...sleeping, t2: [makesSo, does('wake_up_all', 'q0')] }, 't2')).toEqual(['']);
    expect(sleepers({ ...sleeping, t2: [makesSo, does('wake_up', 'q0')] }, 't2')).toEqual(['', 't0', 't1']);
  });

  it('that leaves an exclusive waiter asleep is a deadlock where nobody wakes it later', async () => {
    const script = (wakes: string) => ({
      actors: [q0],
      threads: { t0: waitsExclusively, t1: waitsExclusively, t2: [makesSo, does(wakes, 'q0')] },
    });
    expect(Object.keys((await searched(script('wake_up'))).violated)).toEqual(['l-term']);
    expect((await searched(script('wake_up_all'))).violated).toEqual({});
  });
});

describe('functions on a queue', () => {
  it('are called in the order of the queue: priority first, then shared ones, exclusive ones last', () => {
    const script = {
      actors: [q0, f(0), f(1), f(2)],
      threads: {
        t0: [
          does('enter', 'f0', { exclusive: true }),
          does('enter', 'f1'),
          does('enter', 'f2', { priority: true }),
          does('wake_up', 'q0'),
        ],
      },
    };
    expect(shownByRuns(script, woken)).toEqual(['f2 f1 f0']);
  });

  it('stay on it, and a priority waiter that is exclusive swallows what comes', () => {
    const script = {
      actors: [q0, f(0), f(1)],
      threads: {
        t0: [
          does('enter', 'f0'),
          does('enter', 'f1', { priority: true, exclusive: true }),
          does('wake_up', 'q0'),
          does('wake_up', 'q0'),
          does('leave', 'f1'),
          does('wake_up', 'q0'),
        ],
      },
    };
    expect(shownByRuns(script, woken)).toEqual(['f1 f1 f0']);
  });

  it('that want to be exclusive with priority behind another are refused with -EBUSY (Linux 6.17)', () => {
    const both = { priority: true, exclusive: true };
    const script = {
      actors: [q0, f(0), f(1)],
      threads: { t0: [does('enter', 'f0', both), go(does('enter', 'f1', both), { ok: 8, error: 9 })] },
    };
    expect(seen(script, places('t0')).atEnd).toEqual(['9']);
  });
});

describe('sleeping by hand', () => {
  // Who waits: tests the condition and sleeps where it is not so. Step 3 is what comes after.
  const tests = (then: number, sleep: number) => go(does('test_condition', 'q0'), { ok: then, error: sleep });

  it('in the right order loses no wake-up: on the queue first, then the test', async () => {
    const sleeper = [does('prepare_to_wait', 'q0'), tests(3, 2), does('schedule', 'q0'), does('finish_wait', 'q0')];
    const script = { actors: [q0], threads: { t0: sleeper, t1: [makesSo, does('wake_up', 'q0')] } };
    expect((await searched(script)).violated).toEqual({});
    expect(seen(script, (state) => JSON.stringify(state.context('q0')['waiters'])).atEnd).toEqual(['[]']);
  });

  it('in the wrong order loses one: the test first', async () => {
    const sleeper = [tests(3, 1), does('prepare_to_wait', 'q0'), does('schedule', 'q0'), does('finish_wait', 'q0')];
    const script = { actors: [q0], threads: { t0: sleeper, t1: [makesSo, does('wake_up', 'q0')] } };
    expect((await searched(script)).violated).toEqual({ 'l-term': 5 });
  });

  it('wait_event() does it right, and looks again when it was woken for nothing', async () => {
    const script = {
      actors: [q0],
      threads: { t0: waits, t1: [does('wake_up', 'q0'), makesSo, does('wake_up', 'q0')] },
    };
    const found = await searched(script);
    expect(found.violated).toEqual({});
    const early = { actors: [q0], threads: { t0: waits, t1: [does('wake_up', 'q0'), makesSo] } };
    expect(Object.keys((await searched(early)).violated)).toEqual(['l-term']);
  });

  it('sleeps: not under a spinlock, not even where the condition is so', async () => {
    const s0 = { name: 's0', machine: 'spinlock' };
    const script = { actors: [q0, s0], threads: { t0: [makesSo, does('spin_lock', 's0'), ...waits] } };
    expect((await searched(script)).messages['i-ctx']).toBe('wait_event: may sleep, is called with preemption off');
  });

  it('lives as the search has it', () => {
    expectLiveRunsToAgree({
      actors: [q0, f(0)],
      threads: {
        t0: waits,
        t1: waitsExclusively,
        t2: [does('enter', 'f0'), makesSo, does('wake_up', 'q0'), does('wake_up_all', 'q0')],
      },
    });
  });
});
