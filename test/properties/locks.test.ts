// The order of locks: cycles of classes that no run need deadlock on, and orders that are right.
import { describe, expect, it } from 'vitest';
import { go } from '../../src/scenarios/calls.ts';
import type { ScenarioActor, Script } from '../../src/scenarios/define.ts';
import type { ProgramStep } from '../../src/machines/manager/program.ts';
import { does, searched } from '../machines/kernel/litmus.ts';

const mutex = (name: string, lockClass?: string): ScenarioActor => ({
  name,
  machine: 'mutex',
  ...(lockClass === undefined ? {} : { constants: { class: lockClass } }),
});
const spin = (name: string): ScenarioActor => ({ name, machine: 'spinlock' });
const cpu0: ScenarioActor = { name: 'cpu0', machine: 'cpu' };

/** Takes mutexes in order, and gives them back in the opposite one. */
const nested = (...names: string[]): ProgramStep[] => [
  ...names.map((name) => does('mutex_lock', name)),
  ...names.toReversed().map((name) => does('mutex_unlock', name)),
];
const spins = (how: '' | '_irq', ...names: string[]): ProgramStep[] => [
  ...names.map((name) => does(`spin_lock${how}`, name)),
  ...names.toReversed().map((name) => does(`spin_unlock${how}`, name)),
];
const handles = (...steps: ProgramStep[]): ProgramStep[] => [
  does('irq_enter', 'cpu0'),
  ...steps,
  does('irq_exit', 'cpu0'),
];
const order = async (script: Script): Promise<string | undefined> =>
  (await searched(script, ['i-lockorder', 'l-term'])).messages['i-lockorder'];

describe('two mutexes in both orders', () => {
  const actors = [mutex('m0'), mutex('m1'), mutex('m2')];

  it('are a deadlock, and a cycle before it', async () => {
    const script = { actors, threads: { t0: nested('m0', 'm1'), t1: nested('m1', 'm0') } };
    const found = await searched(script);
    expect(found.violated).toEqual({ 'i-lockorder': 3, 'l-term': 6 });
    expect(found.messages['i-lockorder']).toBe(
      'a cycle of lock classes: m0 -> m1 -> m0; t0 wants m1 while it holds m0; t1 wants m0 while it holds m1',
    );
  });

  it('under a third one, or one thread after the other, never hang: the cycle is reported all the same', async () => {
    const guarded = { actors, threads: { t0: nested('m2', 'm0', 'm1'), t1: nested('m2', 'm1', 'm0') } };
    expect(Object.keys((await searched(guarded)).violated)).toEqual(['i-lockorder']);
    const later = { actors, threads: { t0: nested('m0', 'm1'), t1: nested('m1', 'm0') }, after: { t1: ['t0'] } };
    expect(Object.keys((await searched(later)).violated)).toEqual(['i-lockorder']);
    const alone = { actors, threads: { t0: [...nested('m0', 'm1'), ...nested('m1', 'm0')] } };
    // Two steps a lock, one an unlock; the ninth wants m0 under m1.
    expect((await searched(alone)).violated).toEqual({ 'i-lockorder': 6 + 3 });
  });

  it('that no one run takes both: the thread has to choose', async () => {
    // It begins with one or with the other, as the condition is, and never comes back.
    const chooses = [
      go(does('test_condition', 'q0'), { ok: 1, error: 3 }),
      does('mutex_lock', 'm0'),
      go(does('mutex_lock', 'm1'), { ok: 9 }),
      does('mutex_lock', 'm1'),
      does('mutex_lock', 'm0'),
    ];
    const script = {
      actors: [...actors, { name: 'q0', machine: 'wait-queue' }],
      threads: { t0: chooses, t1: [does('set_condition', 'q0', { value: true })] },
    };
    const found = await searched(script, ['i-lockorder', 'l-term']);
    expect(Object.keys(found.violated)).toEqual(['i-lockorder']);
  });

  it('in one order are right', async () => {
    const script = {
      actors,
      threads: { t0: nested('m0', 'm1', 'm2'), t1: nested('m1', 'm2'), t2: nested('m0', 'm2') },
    };
    expect(await searched(script, ['i-lockorder', 'l-term'])).toMatchObject({ violated: {}, vacuous: [] });
  });

  it('that are never held together say nothing', async () => {
    const script = {
      actors,
      threads: { t0: [...nested('m0'), ...nested('m1')], t1: [...nested('m1'), ...nested('m0')] },
    };
    expect(await searched(script, ['i-lockorder'])).toMatchObject({ violated: {}, vacuous: ['i-lockorder'] });
  });
});

describe('a cycle', () => {
  it('of three is reported as one of three', async () => {
    const actors = ['m0', 'm1', 'm2'].map((name) => mutex(name));
    const threads = { t0: nested('m0', 'm1'), t1: nested('m1', 'm2'), t2: nested('m2', 'm0') };
    expect(await order({ actors, threads })).toMatch(/^a cycle of lock classes: (m\d -> ){3}m\d; /);
  });

  it('is one of classes: two locks of a class within each other are one', async () => {
    const actors = [mutex('m0', 'vcpu->mutex'), mutex('m1', 'vcpu->mutex')];
    expect(await order({ actors, threads: { t0: nested('m0', 'm1') } })).toBe(
      'a cycle of lock classes: vcpu->mutex -> vcpu->mutex; t0 wants vcpu->mutex while it holds vcpu->mutex',
    );
    const told = [mutex('m0', 'vcpu->mutex'), mutex('m1', 'vcpu->mutex/1')];
    expect(await order({ actors: told, threads: { t0: nested('m0', 'm1') } })).toBeUndefined();
  });

  it('is none through trylock, which does not wait; what is taken after it counts', async () => {
    const tries = [does('mutex_lock', 'm0'), does('mutex_trylock', 'm1')];
    const actors = [mutex('m0'), mutex('m1')];
    expect(await order({ actors, threads: { t0: tries, t1: nested('m1', 'm0') } })).toBeUndefined();
    const first = [does('mutex_trylock', 'm1'), does('mutex_lock', 'm0')];
    expect(await order({ actors, threads: { t0: first, t1: nested('m0', 'm1') } })).toContain('m0 -> m1 -> m0');
    // What was held before the trylock comes before what is taken after it.
    const between = [does('mutex_lock', 'm0'), does('mutex_trylock', 'm1'), does('mutex_lock', 'm2')];
    const three = [...actors, mutex('m2')];
    expect(await order({ actors: three, threads: { t0: between, t1: nested('m2', 'm0') } })).toContain(
      'm0 -> m2 -> m0',
    );
  });
});

describe('interrupt handlers', () => {
  it('that want what is held with interrupts on', async () => {
    const script = (how: '' | '_irq') => ({
      actors: [cpu0, spin('s0')],
      threads: { t0: spins(how, 's0'), t1: handles(...spins('', 's0')) },
    });
    expect(await order(script(''))).toBe(
      'a cycle of lock classes: s0 -> s0; t1 wants s0 in an interrupt handler, t0 holds s0 with interrupts on',
    );
    expect(await order(script('_irq'))).toBeUndefined();
  });

  it('that want a lock whose holder waits for one that is held with interrupts on', async () => {
    const both = [
      does('spin_lock_irq', 's0'),
      does('spin_lock', 's1'),
      does('spin_unlock', 's1'),
      does('spin_unlock_irq', 's0'),
    ];
    const script = (how: '' | '_irq') => ({
      actors: [cpu0, spin('s0'), spin('s1')],
      threads: { t0: both, t1: handles(...spins('', 's0')), t2: spins(how, 's1') },
    });
    expect(await order(script(''))).toMatch(/^a cycle of lock classes: (s0 -> s1 -> s0|s1 -> s0 -> s1); /);
    expect(await order(script('_irq'))).toBeUndefined();
  });
});

describe('a thread that is done', () => {
  const left = async (actor: ScenarioActor, ...t0: ProgramStep[]): Promise<unknown> =>
    (await searched({ actors: [actor], threads: { t0 } }, ['i-lockheld'])).messages['i-lockheld'];

  it('holds no lock', async () => {
    expect(await left(mutex('m0', 'memory_lock'), does('mutex_lock', 'm0'))).toBe('t0 is done and holds memory_lock');
    expect(await left(mutex('m0'), ...nested('m0'))).toBeUndefined();
  });

  it('has preemption and interrupts on', async () => {
    const mixed = [does('spin_lock_irqsave', 's0'), does('spin_unlock', 's0')];
    expect(await left(spin('s0'), ...mixed)).toBe('t0 is done with interrupts off');
    expect(await left(cpu0, does('preempt_disable', 'cpu0'))).toBe('t0 is done with preemption off');
    expect(await left(cpu0, ...handles())).toBeUndefined();
  });

  it('says nothing where no lock is taken', async () => {
    const script = {
      actors: [cpu0],
      threads: { t0: [does('preempt_disable', 'cpu0'), does('preempt_enable', 'cpu0')] },
    };
    expect(await searched(script, ['i-lockheld'])).toMatchObject({ violated: {}, vacuous: ['i-lockheld'] });
  });
});
