// Who holds which lock and who waits, by hand, in worlds whose locks are known from the kernel's source.
import { describe, expect, it } from 'vitest';
import { TracedRun } from '../../src/engine/world/trace.ts';
import { WorldView } from '../../src/engine/world/view.ts';
import type { World } from '../../src/engine/world/world.ts';
import { assemble } from '../../src/scenarios/assemble.ts';
import { findScenario } from '../../src/scenarios/builtin.ts';
import type { Script } from '../../src/scenarios/define.ts';
import { locksIn } from '../../src/scenarios/locks-of-world.ts';
import { assembled, does } from '../machines/kernel/litmus.ts';

function worldOf(scenario: string, revision = 'v2p8'): World {
  const found = findScenario(scenario);
  if (found === undefined) throw new Error(`no scenario ${scenario}`);
  return assemble({ scenario: found, revision }).world;
}

/** Locks that somebody holds or wants after some choices, as `lock: holder (readers) < waiters`. */
function locksAfter(world: World, choices: readonly string[]): readonly string[] {
  const run = new TracedRun(world);
  for (const choice of choices) run.take(choice);
  return locksIn(world, run.row)
    .filter(({ holder, readers, waiters }) => holder !== null || readers.length + waiters.length > 0)
    .map(({ lock, holder, readers, waiters }) => {
      const reads = readers.length === 0 ? '' : ` (${readers.join(', ')})`;
      const waits =
        waiters.length === 0 ? '' : ` < ${waiters.map(({ actor, what }) => `${actor}: ${what}`).join('; ')}`;
      return `${lock}: ${holder ?? 'free'}${reads}${waits}`;
    });
}

const of = (script: Script): World => assembled(script).world;

describe("the manager's mutex", () => {
  const world = worldOf('pairing');

  it('is free at first', () => {
    expect(locksIn(world, world.initial())).toEqual([{ lock: 'registry', holder: null, readers: [], waiters: [] }]);
  });

  it('is wanted by whoever is past the tests before it, and had by one, who keeps it while callbacks run', () => {
    const [first, second] = ['t0 register_producer(p0, e0)', 't1 register_consumer(c0, e0)'];
    expect(locksAfter(world, [first])).toEqual(['registry: free < t0: lock: register_producer(p0, e0)']);
    const begun = [first, 'registry.register_producer(p0, e0, t0)', second];
    expect(locksAfter(world, begun)).toEqual(['registry: free < t1: lock: register_consumer(c0, e0)']);
    const connecting = [...begun, 'registry.register_consumer(c0, e0, t1)'];
    expect(locksAfter(world, connecting)).toEqual(['registry: t1']);
    expect(locksAfter(world, [...connecting, 't0 unregister_producer(p0)'])).toEqual([
      'registry: t1 < t0: lock: unregister_producer(p0)',
    ]);
  });

  it('is never given back where the kernel stops on a corrupted list', () => {
    const base = worldOf('double-unregister-race', 'base');
    const run = new TracedRun(base);
    const view = new WorldView(base, run.row);
    let steps = 0;
    for (let choices = run.choices(); choices.length > 0 && steps < 200; choices = run.choices(), steps++) run.take(0);
    view.row = run.row;
    const [mutex] = locksIn(base, run.row);
    expect(mutex?.holder === null).toBe(view.value('registry') === 'unlocked');
  });
});

describe('locks of kernel/locking', () => {
  const section = (lock: string, take: string, give: string) => [does(take, lock), does(give, lock)];

  it('a mutex has one owner, and who finds it locked waits', () => {
    const mutex = section('m0', 'mutex_lock', 'mutex_unlock');
    const world = of({ actors: [{ name: 'm0', machine: 'mutex' }], threads: { t0: mutex, t1: mutex } });
    const has = ['t0 mutex_lock(m0)', 'm0.acquire(t0)'];
    expect(locksAfter(world, has.slice(0, 1))).toEqual(['m0: free < t0: m0.acquire()']);
    expect(locksAfter(world, has)).toEqual(['m0: t0']);
    expect(locksAfter(world, [...has, 't1 mutex_lock(m0)'])).toEqual(['m0: t0 < t1: m0.acquire()']);
    expect(locksAfter(world, [...has, 't1 mutex_lock(m0)', 't0 mutex_unlock(m0)'])).toEqual([
      'm0: free < t1: m0.acquire()',
    ]);
  });

  it('a spinlock likewise', () => {
    const spin = section('s0', 'spin_lock_irqsave', 'spin_unlock_irqrestore');
    const world = of({ actors: [{ name: 's0', machine: 'spinlock' }], threads: { t0: spin, t1: spin } });
    const choices = ['t0 spin_lock_irqsave(s0)', 's0.acquire(t0)', 't1 spin_lock_irqsave(s0)'];
    expect(locksAfter(world, choices)).toEqual(['s0: t0 < t1: s0.acquire()']);
  });

  it('an SRCU domain has readers and no holder; synchronize_srcu() waits for them', () => {
    const world = of({
      actors: [{ name: 'q0', machine: 'srcu' }],
      threads: {
        t0: section('q0', 'srcu_read_lock', 'srcu_read_unlock'),
        t1: [does('synchronize_srcu', 'q0')],
      },
    });
    expect(locksAfter(world, ['t0 srcu_read_lock(q0)', 't1 synchronize_srcu(q0)'])).toEqual([
      'q0: free (t0) < t1: q0.grace_period()',
    ]);
  });
});

describe('locks of the system', () => {
  /** All locks that are ever held in the first steps, with a few of the holders. */
  it('are held by tasks, those of the kernel within each other as the kernel takes them', () => {
    const world = worldOf('assign');
    const run = new TracedRun(world);
    const held = new Map<string, Set<string>>();
    for (let i = 0; i < 60 && run.choices().length > 0; i++) {
      run.take(i % run.choices().length);
      for (const { lock, holder } of locksIn(world, run.row))
        if (holder !== null) held.set(lock, (held.get(lock) ?? new Set()).add(holder));
    }
    // vfio_pci_set_irqs_ioctl() holds igate; kvm_set_irq_routing() irq_lock; add_producer takes irqfds.lock under the mutex.
    expect([...(held.get('igate0') ?? [])]).toEqual(['v0']);
    expect([...(held.get('irqlock0') ?? [])]).toEqual(['r0']);
    expect([...(held.get('registry') ?? [])]).toEqual(expect.arrayContaining(['k0', 'v0']));
    for (const holders of held.values())
      for (const holder of holders)
        expect(holder, 'an object that code is about holds no lock').not.toMatch(/^[pce]\d/);
  });

  it('wqh.lock of an eventfd is held by whoever releases the file, who spins on irqfds.lock of a routing update', () => {
    const world = worldOf('vm-kill');
    const choices = [
      's0 set_gsi_routing(vm0, g0, vcpu0)',
      'vm0.set_gsi_routing(s0, g0, vcpu0)',
      'irqfdslock0.acquire(vm0, s0, routing)',
      's0 irqfd_assign(c0, e0)',
      'c0.irqfd_assign(s0, e0)',
      'registry.register_consumer(c0, e0, c0, s0, assign)',
      's0 set_irqs(p0, e0)',
      'p0.set_irqs(s0, e0)',
      'registry.register_producer(p0, e0, p0, s0)',
      'c0.add_producer(p0, s0)',
      'irq0.irq_set_vcpu_affinity(add_producer, vcpu0, c0, s0, callback)',
      'irq0.qi_flush_iec(c0, s0, callback)',
      'r0 set_gsi_routing(vm0, g0, NULL)',
      'x0 close_eventfd(e0)',
      'vm0.set_gsi_routing(r0, g0, NULL)',
      'irqfdslock0.acquire(vm0, r0, routing)',
      'e0.close_eventfd(x0)',
    ];
    expect(locksAfter(world, choices.slice(0, -2))).toEqual([
      'irqfdslock0: free < r0: irqfdslock0.acquire(r0)',
      'irqlock0: r0',
    ]);
    expect(locksAfter(world, choices)).toEqual([
      'e0.wqh.lock: x0',
      'irqfdslock0: r0 < x0: irqfdslock0.acquire(x0)',
      'irqlock0: r0',
    ]);
  });
});
