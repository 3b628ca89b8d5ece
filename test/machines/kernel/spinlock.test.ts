// The spinlock and the CPU: exclusion, atomic context, interrupts off and on.
import { describe, expect, it } from 'vitest';
import type { Name } from '../../../src/engine/actors/name.ts';
import { explore } from '../../../src/engine/explorer/search/explore.ts';
import type { WorldView } from '../../../src/engine/world/view.ts';
import { contextOf } from '../../../src/machines/kernel/lockdep.ts';
import { HELD_MAX, heldBy } from '../../../src/machines/kernel/task.ts';
import { go } from '../../../src/scenarios/calls.ts';
import { assembled, does, expectLiveRunsToAgree, places, searched, seen } from './litmus.ts';

const s0 = { name: 's0', machine: 'spinlock' };
const s1 = { name: 's1', machine: 'spinlock' };
const cpu0 = { name: 'cpu0', machine: 'cpu' };
const section = [does('spin_lock', 's0'), does('spin_unlock', 's0')];
const context = (task: string) => (state: WorldView) => contextOf(state, task as Name);

describe('a spinlock', () => {
  it('is held by one thread at a time', async () => {
    const script = { actors: [s0], threads: { t0: section, t1: section } };
    expect(seen(script, places('t0', 't1')).anywhere.filter((place) => /^1\.? 1/.test(place))).toEqual([]);
    const found = await searched(script);
    expect([found.violated, found.states]).toEqual([{}, 15]);
  });

  it('is not taken by trylock where it is locked', () => {
    const tries = [go(does('spin_trylock', 's0'), { ok: 1, error: 9 }), does('spin_unlock', 's0')];
    const script = { actors: [s0], threads: { t0: section, t1: tries } };
    expect(seen(script, places('t1')).atEnd).toEqual(['2', '9']);
    expect(seen(script, context('t1')).atEnd).toEqual(['process']);
  });

  it('puts its task in atomic context, from the request on', () => {
    const script = { actors: [s0], threads: { t0: section, t1: section } };
    const both = (state: WorldView): string => `${places('t0')(state)} ${context('t0')(state)}`;
    expect(seen(script, both).anywhere).toEqual(['0 process', '0. preemption off', '1 preemption off', '2 process']);
  });

  it('with irqsave nests: interrupts come on with the outer one', () => {
    const script = {
      actors: [s0, s1],
      threads: {
        t0: [
          does('spin_lock_irqsave', 's0'),
          does('spin_lock_irqsave', 's1'),
          does('spin_unlock_irqrestore', 's1'),
          does('spin_unlock_irqrestore', 's0'),
        ],
      },
    };
    const states = seen(script, (state) => `${places('t0')(state)} ${context('t0')(state)}`).anywhere;
    expect(states).toEqual(expect.arrayContaining(['2 interrupts off', '3 interrupts off', '4 process']));
  });

  it('with irq does not: the inner spin_unlock_irq() enables interrupts under the outer lock', async () => {
    const script = {
      actors: [s0, s1],
      threads: {
        t0: [
          does('spin_lock_irqsave', 's0'),
          does('spin_lock_irq', 's1'),
          does('spin_unlock_irq', 's1'),
          does('spin_unlock_irqrestore', 's0'),
        ],
        // The handler wants what is held with interrupts on.
        t1: [does('irq_enter', 'cpu0'), ...section, does('irq_exit', 'cpu0')],
      },
    };
    const states = seen(
      { ...script, actors: [...script.actors, cpu0] },
      (state) => `${places('t0')(state)} ${context('t0')(state)}`,
    );
    expect(states.anywhere).toContain('3 preemption off');
    const found = await searched({ ...script, actors: [...script.actors, cpu0] });
    expect(found.messages['i-lockorder']).toBe(
      'a cycle of lock classes: s0 -> s0; t1 wants s0 in an interrupt handler, t0 holds s0 with interrupts on',
    );
  });

  it('that is kept while its task sleeps', async () => {
    for (const [lock, how] of [
      ['spin_lock', 'with preemption off'],
      ['spin_lock_irq', 'with interrupts off'],
    ] as const) {
      const found = await searched({
        actors: [s0, cpu0],
        threads: { t0: [does(lock, 's0'), does('might_sleep', 'cpu0')] },
      });
      expect(found.messages['i-ctx']).toBe(`might_sleep: may sleep, is called ${how}`);
    }
  });

  it('is kept in the words of its task, last one last, whatever is given back first', () => {
    const script = {
      actors: [s0, s1],
      threads: {
        t0: [does('spin_lock', 's0'), does('spin_lock', 's1'), does('spin_unlock', 's0'), does('spin_unlock', 's1')],
      },
    };
    const held = (state: WorldView): string =>
      heldBy(state, 't0' as Name)
        .map((one) => String(one.class))
        .join();
    expect(seen(script, held).anywhere).toEqual(['', 's0', 's0,s1', 's1']);
  });

  it('too many of which one task holds are a limit of the world, and no verdict', async () => {
    const names = Array.from({ length: HELD_MAX + 1 }, (_, i) => `s${i}`);
    const actors = names.map((name) => ({ name, machine: 'spinlock' }));
    const { world, properties } = assembled({ actors, threads: { t0: names.map((name) => does('spin_lock', name)) } });
    expect(await explore(world, { properties })).toMatchObject({
      verdict: 'incomplete',
      limit: 'world-limit',
      limitMessage: `t0 holds more than ${HELD_MAX} locks`,
    });
  });
});

describe('a CPU', () => {
  const handler = [does('irq_enter', 'cpu0'), does('irq_exit', 'cpu0')];

  it('runs no handler while interrupts are off, and one at a time', async () => {
    const off = [does('local_irq_disable', 'cpu0'), does('local_irq_enable', 'cpu0')];
    const script = { actors: [cpu0], threads: { t0: off, t1: handler, t2: handler } };
    const { anywhere } = seen(script, places('t0', 't1', 't2'));
    expect(anywhere.filter((place) => place.split(' ').filter((one) => one.startsWith('1')).length > 1)).toEqual([]);
    expect((await searched(script)).violated).toEqual({});
  });

  it('says where something sleeps: in a handler, with preemption off', async () => {
    const slept = async (before: string): Promise<string | undefined> =>
      (await searched({ actors: [cpu0], threads: { t0: [does(before, 'cpu0'), does('might_sleep', 'cpu0')] } }))
        .messages['i-ctx'];
    expect(await slept('irq_enter')).toBe('might_sleep: may sleep, is called in an interrupt handler');
    expect(await slept('preempt_disable')).toBe('might_sleep: may sleep, is called with preemption off');
    expect(await slept('local_irq_disable')).toBe('might_sleep: may sleep, is called with interrupts off');
    expect(await slept('preempt_enable')).toBeUndefined();
  });

  it('lives as the search has it', () => {
    expectLiveRunsToAgree({
      actors: [s0, cpu0],
      threads: {
        t0: [does('spin_lock_irqsave', 's0'), does('spin_unlock_irqrestore', 's0'), ...section],
        t1: [...handler, does('spin_trylock', 's0'), does('spin_unlock_irq', 's0')],
      },
    });
  });
});
