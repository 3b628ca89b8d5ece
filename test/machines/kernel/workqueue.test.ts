// The workqueue: one running worker a CPU, all of them where it is unbound; flushes and cancelling.
import { describe, expect, it } from 'vitest';
import { call, post, set } from '../../../src/engine/actors/effects.ts';
import { handlers } from '../../../src/engine/actors/handlers.ts';
import { machine } from '../../../src/engine/actors/machine.ts';
import type { Name } from '../../../src/engine/actors/name.ts';
import type { WorldView } from '../../../src/engine/world/view.ts';
import type { WorkqueueContext } from '../../../src/machines/kernel/workqueue.ts';
import type { ProgramStep } from '../../../src/machines/manager/program.ts';
import { go } from '../../../src/scenarios/calls.ts';
import type { ScenarioActor } from '../../../src/scenarios/define.ts';
import { assembled, does, expectLiveRunsToAgree, places, searched, seen } from './litmus.ts';

const wq = (constants: ScenarioActor['constants'] = {}): ScenarioActor => ({
  name: 'wq0',
  machine: 'workqueue',
  constants,
});
const unbound = wq({ unbound: true });
const m0 = { name: 'm0', machine: 'mutex' };
const m1 = { name: 'm1', machine: 'mutex' };
const r0 = { name: 'r0', machine: 'refcount' };
const item = (n: number, ...program: ProgramStep[]): ScenarioActor => ({ name: `w${n}`, machine: 'work', program });
const queues = (n: number): ProgramStep => does('queue_work', 'wq0', { work: `w${n}` });
const flushes = (n: number): ProgramStep => does('flush_work', 'wq0', { work: `w${n}` });
const counts = does('refcount_inc', 'r0');
const pool = (state: WorldView): WorkqueueContext => state.context<WorkqueueContext>('wq0');
const running = (state: WorldView): string => {
  const { active, asleep } = pool(state);
  return active
    .filter((one) => !asleep.includes(one))
    .toSorted()
    .join();
};

describe('a pool of a CPU', () => {
  it('runs one item at a time, in the order in which they were queued', async () => {
    const script = { actors: [wq(), r0, item(0, counts), item(1, counts)], threads: { t0: [queues(0), queues(1)] } };
    expect(seen(script, running).anywhere).toEqual(['', 'w0', 'w1']);
    // The second one begins when the first has returned.
    const both = (state: WorldView): string => `${places('w0', 'w1')(state)} ${pool(state).active.join()}`;
    expect(seen(script, both).anywhere.filter((one) => one.endsWith('w0,w1'))).toEqual([]);
    expect((await searched(script)).violated).toEqual({});
  });

  it('starts another one while one sleeps, and lets both run when it is awake again', () => {
    const locks = [does('mutex_lock', 'm0'), does('mutex_unlock', 'm0')];
    const script = {
      actors: [wq(), m0, item(0, ...locks), item(1)],
      threads: { t0: [queues(0), queues(1)], t1: locks },
    };
    const { anywhere } = seen(script, (state) => `${pool(state).active.join()} ${pool(state).asleep.join()}`);
    expect(anywhere).toEqual(expect.arrayContaining(['w0 w0', 'w0,w1 w0', 'w0,w1 ']));
    // Never begun beside one that runs: w1 is active with w0 only after w0 has slept.
    expect(seen({ ...script, threads: { t0: [queues(0), queues(1)] } }, running).anywhere).toEqual(['', 'w0', 'w1']);
  });

  it('that is full of one that waits for another: a deadlock only where it does not sleep', async () => {
    // w0 flushes w1, which is before or behind it: it sleeps meanwhile, so w1 is started.
    const actors = [wq(), item(0, flushes(1)), item(1)];
    for (const t0 of [
      [queues(0), queues(1)],
      [queues(1), queues(0)],
    ])
      expect((await searched({ actors, threads: { t0 } }, ['l-term'])).violated).toEqual({});
    const one = {
      actors: [wq({ max_active: 1 }), item(0, flushes(1)), item(1)],
      threads: { t0: [queues(0), queues(1)] },
    };
    expect(Object.keys((await searched(one, ['l-term'])).violated)).toEqual(['l-term']);
  });
});

describe('an unbound pool', () => {
  it('runs all items beside each other', async () => {
    const items = [item(0, counts), item(1, counts), item(2, counts)];
    const script = { actors: [unbound, r0, ...items], threads: { t0: [queues(0), queues(1), queues(2)] } };
    expect(seen(script, running).anywhere).toEqual(['', 'w0', 'w0,w1', 'w0,w1,w2', 'w0,w2', 'w1', 'w1,w2', 'w2']);
    expect((await searched(script)).violated).toEqual({});
  });

  it('but no more than max_active', () => {
    const script = {
      actors: [wq({ unbound: true, max_active: 2 }), r0, item(0, counts), item(1, counts), item(2, counts)],
      threads: { t0: [queues(0), queues(1), queues(2)] },
    };
    const { anywhere } = seen(script, running);
    expect(anywhere).toContain('w0,w1');
    expect(anywhere).not.toContain('w0,w1,w2');
  });

  it('never runs one item twice at a time', () => {
    const script = { actors: [unbound, r0, item(0, counts)], threads: { t0: [queues(0), queues(0)] } };
    const { anywhere } = seen(script, (state) => `${pool(state).pending.join()} ${pool(state).active.join()}`);
    // Queued again while it runs; then it waits.
    expect(anywhere.toSorted()).toEqual([' ', ' w0', 'w0 ', 'w0 w0']);
  });
});

describe('an item', () => {
  it('that is queued already is not queued again', () => {
    const script = {
      actors: [wq(), r0, item(0, counts)],
      threads: { t0: [queues(0), go(queues(0), { ok: 2, error: 9 })] },
    };
    expect(seen(script, places('t0')).atEnd).toEqual(['2', '9']);
    const runs = seen(script, (state) => `${places('t0')(state)} ${String(state.context('r0')['count'])}`);
    // Refused: it runs once. Accepted: it had begun, and runs twice. One reference was there.
    expect(runs.atEnd).toEqual(['2 3', '9 2']);
  });

  it('may queue itself again', async () => {
    const again = item(0, go(does('refcount_dec_and_test', 'r0'), { ok: 9, error: 1 }), queues(0));
    const script = { actors: [wq(), { ...r0, constants: { count: 3 } }, again], threads: { t0: [queues(0)] } };
    expect(seen(script, (state) => String(state.context('r0')['count'])).atEnd).toEqual(['0']);
    expect((await searched(script)).violated).toEqual({});
  });

  it('that keeps a lock is warned of', async () => {
    const script = { actors: [wq(), m0, item(0, does('mutex_lock', 'm0'))], threads: { t0: [queues(0)] } };
    expect((await searched(script)).messages['i-nowarn']).toBe(
      'WARN in process_one_work: the work function leaks a lock',
    );
  });

  it('has a program of steps, which passes no NULL', () => {
    const one = (program: unknown) => () => assembled({ actors: [wq(), { name: 'w0', machine: 'work', program }] });
    expect(one(7)).toThrow('w0 is a work: its program is a list of steps');
    expect(one([go(does('queue_work', 'wq0', { work: 'w0' }), {})])).not.toThrow();
    expect(one([{ calls: [{ op: 'mutex_lock', object: null }] }])).toThrow('w0: a work passes no NULL');
    expect(one([does('mutex_lock', 'm9')])).toThrow('actor "m9" is not declared');
  });
});

describe('flush_work()', () => {
  it('waits for the item where it is queued or runs, and not where it is idle', async () => {
    const script = { actors: [wq(), r0, item(0, counts)], threads: { t0: [queues(0), flushes(0)], t1: [flushes(0)] } };
    const { anywhere } = seen(script, (state) => `${places('t0')(state)} ${String(state.context('r0')['count'])}`);
    expect(anywhere.filter((state) => state.startsWith('2 '))).toEqual(['2 2']);
    expect((await searched(script)).violated).toEqual({});
    expect(seen(script, places('t0', 't1')).anywhere).toContain('0 1');
  });

  it('does not wait for what is queued later', async () => {
    // w0 queues itself for ever: whoever flushes it gets through all the same.
    const script = { actors: [wq(), item(0, queues(0))], threads: { t0: [queues(0), flushes(0)] } };
    const { anywhere } = seen(script, places('t0'));
    expect(anywhere).toContain('2');
    expect((await searched(script, ['l-term'])).violated).toEqual({});
  });

  it('waits for a run that was asked for while the one before it goes on', () => {
    const script = {
      actors: [wq(), r0, item(0, counts)],
      threads: { t0: [queues(0), go(queues(0), { ok: 2, error: 9 }), flushes(0)] },
    };
    const { anywhere } = seen(script, (state) => `${places('t0')(state)} ${String(state.context('r0')['count'])}`);
    expect(anywhere.filter((state) => state.startsWith('3 '))).toEqual(['3 3']);
  });

  it('of the whole workqueue waits for all that it finds', () => {
    const script = {
      actors: [unbound, r0, item(0, counts), item(1, counts)],
      threads: { t0: [queues(0), queues(1), does('flush_workqueue', 'wq0')] },
    };
    const { anywhere } = seen(script, (state) => `${places('t0')(state)} ${String(state.context('r0')['count'])}`);
    expect(anywhere.filter((state) => state.startsWith('3 '))).toEqual(['3 3']);
  });

  it('under a mutex that the item takes: lockdep reports it, and some run hangs', async () => {
    const locks = [does('mutex_lock', 'm0'), does('mutex_unlock', 'm0')];
    const script = {
      actors: [wq(), m0, item(0, ...locks)],
      threads: { t0: [queues(0), does('mutex_lock', 'm0'), flushes(0), does('mutex_unlock', 'm0')] },
    };
    const found = await searched(script);
    expect(Object.keys(found.violated).toSorted()).toEqual(['i-lockorder', 'l-term']);
    expect(found.messages['i-lockorder']).toBe(
      'a cycle of lock classes: m0 -> w0 -> m0; t0 wants w0 while it holds m0; w0 wants m0 while it holds w0',
    );
    // Where the item was through before, no run hangs: it is reported all the same.
    const later = {
      ...script,
      threads: { t0: [queues(0), flushes(0), does('mutex_lock', 'm0'), flushes(0), does('mutex_unlock', 'm0')] },
    };
    expect(Object.keys((await searched(later)).violated)).toEqual(['i-lockorder']);
  });

  it('sleeps', async () => {
    const script = {
      actors: [wq(), item(0), { name: 's0', machine: 'spinlock' }],
      threads: { t0: [does('spin_lock', 's0'), flushes(0), does('spin_unlock', 's0')] },
    };
    expect((await searched(script)).messages['i-ctx']).toBe('flush_work: may sleep, is called with preemption off');
  });
});

describe('cancel_work_sync()', () => {
  const cancels = does('cancel_work_sync', 'wq0', { work: 'w0' });

  it('takes a queued item out, and waits for one that runs', async () => {
    const script = {
      actors: [wq(), r0, item(0, counts)],
      threads: { t0: [queues(0), cancels, does('refcount_inc', 'r0')] },
    };
    const { atEnd } = seen(script, (state) => `${running(state)} ${String(state.context('r0')['count'])}`);
    expect(atEnd).toEqual([' 2', ' 3']);
    const { anywhere } = seen(script, (state) => `${places('t0')(state)} ${pool(state).active.join()}`);
    expect(anywhere).not.toContain('2 w0');
    expect((await searched(script)).violated).toEqual({});
  });

  it('lets those go on who waited for it', async () => {
    const script = {
      actors: [wq(), r0, item(0, counts)],
      threads: { t0: [queues(0), cancels, queues(0)], t1: [flushes(0)] },
    };
    expect((await searched(script)).violated).toEqual({});
  });
});

// A work item of a script: it takes two mutexes by message, in its own name.
type ItemContext = { readonly self: Name; readonly first: Name; readonly second: Name; readonly pool: Name | null };
type ItemMessage = { readonly type: 'work'; readonly pool: Name } | { readonly type: 'return'; readonly value: null };
const { on } = handlers<ItemContext, ItemMessage>();
const ownItem = machine<ItemContext, ItemMessage>({
  id: 'own-item',
  title: 'Takes two mutexes',
  wiring: { first: 'mutex', second: 'mutex' },
  sends: ['mutex_lock', 'mutex_unlock', 'work_done'],
  context: ({ self, wiring }) => ({
    self,
    first: wiring['first'] as Name,
    second: wiring['second'] as Name,
    pool: null,
  }),
  handlers: {
    start: on('work', ({ context, event }) => [
      set({ pool: event.pool }),
      call(context.first, { type: 'mutex_lock', caller: context.self }),
    ]),
    next: on('return', ({ context }) => post(context.second, { type: 'mutex_lock', caller: context.self })),
    end: on('return', ({ context: { self, first, second, pool: by } }) => [
      call(second, { type: 'mutex_unlock', task: self }),
      call(first, { type: 'mutex_unlock', task: self }),
      call(by as Name, { type: 'work_done', work: self }),
    ]),
  },
  chart: {
    initial: 'idle',
    states: {
      idle: { on: { work: { target: 'first', actions: 'start' } } },
      first: { on: { return: { target: 'second', actions: 'next' } } },
      second: { on: { return: { target: 'idle', actions: 'end' } } },
    },
  },
});

describe('an item of a script', () => {
  const own = (n: number, first: string, second: string): ScenarioActor => ({
    name: `w${n}`,
    machine: ownItem,
    wiring: { first, second },
  });

  it('takes locks as a task of its own: opposite orders hang, and reductions see it', async () => {
    const script = {
      actors: [unbound, m0, m1, own(0, 'm0', 'm1'), own(1, 'm1', 'm0')],
      threads: { t0: [queues(0), queues(1), does('flush_workqueue', 'wq0')] },
    };
    const found = await searched(script);
    expect(Object.keys(found.violated).toSorted()).toEqual(['i-lockorder', 'l-term']);
    const same = { ...script, actors: [unbound, m0, m1, own(0, 'm0', 'm1'), own(1, 'm0', 'm1')] };
    expect((await searched(same)).violated).toEqual({});
  });

  it('lives as the search has it', () => {
    expectLiveRunsToAgree({
      actors: [wq(), m0, m1, own(0, 'm0', 'm1'), item(1, does('mutex_lock', 'm1'), does('mutex_unlock', 'm1'))],
      threads: { t0: [queues(0), queues(1), flushes(0)], t1: [does('cancel_work_sync', 'wq0', { work: 'w1' })] },
    });
  });
});
