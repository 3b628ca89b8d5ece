// System worlds: what comes in the middle of something, and what two threads may do to each other.
import { describe, expect, it } from 'vitest';
import { returned, sees, SystemRun } from './system-run.ts';

/** A pair that is connected and posted to vcpu0; `moves` are what other threads do then. */
function connected(moves: Readonly<Record<string, readonly string[]>>): SystemRun {
  const setUp = ['set_gsi_routing(vm0, g0, vcpu0)', 'irqfd_assign(c0, e0)', 'set_irqs(p0, e0)'];
  const run = new SystemRun({}, { t0: setUp, ...moves });
  for (const _ of setUp) run.call('t0');
  expect(run.state('irq0; c0')).toBe('irq0 vcpu0; c0 p0 vcpu0');
  return run;
}

/** An MSI that a thread makes the device raise, until it is taken; all else stands still. */
function msi(run: SystemRun): string {
  const steps = [run.take('m0 raise_msi(d0)')];
  const ofMsi = /^(d0\.raise_msi|p0\.handle_irq|e\d\.eventfd_signal)/;
  for (let next = run.names().find((name) => ofMsi.test(name)); next !== undefined;) {
    steps.push(run.take(next));
    next = run.names().find((name) => ofMsi.test(name));
  }
  return sees(steps, ['m0']);
}

describe('an MSI in the middle of something', () => {
  it('is lost between free_irq() and request_irq(), as a vector is pointed at another eventfd', () => {
    const run = connected({ v0: ['set_irqs(p0, e1)'], m0: ['raise_msi(d0)'] });
    run.take('v0 set_irqs(p0, e1)');
    run.deliver(() => run.isIn('p0', 'ioctl.between'));
    expect(run.state('irq0; c0')).toBe('irq0 host; c0 - -');
    expect(msi(run)).toBe('lost:no-handler');
    run.deliver();
    expect(run.isIn('p0', 'ioctl.idle')).toBe(true);
    expect(run.state('e1')).toBe('e1 2');
  });

  it('is posted although the irqfd waits no more: the software path is cut before the bypass path', () => {
    const run = connected({ k0: ['irqfd_deassign(c0)'], m0: ['raise_msi(d0)', 'raise_msi(d0)'] });
    run.take('k0 irqfd_deassign(c0)');
    run.deliver(() => run.isIn('c0', 'shuttingDown.unregistering'));
    expect(run.run.view.context('e0')['waiters']).toEqual([]);
    expect(msi(run)).toBe('posted:vcpu0');
    run.deliver();
    expect(run.state('irq0; c0')).toBe('irq0 host; c0 - -');
  });

  it('is injected while the producer registers: the irq is requested before', () => {
    const run = new SystemRun(
      {},
      {
        t0: ['set_gsi_routing(vm0, g0, vcpu0)', 'irqfd_assign(c0, e0)'],
        v0: ['set_irqs(p0, e0)'],
        m0: ['raise_msi(d0)'],
      },
    );
    run.call('t0');
    run.call('t0');
    run.take('v0 set_irqs(p0, e0)');
    run.deliver(() => run.isIn('p0', 'ioctl.registering'));
    expect(msi(run)).toBe('injected:vcpu0');
    run.deliver();
    expect(run.state('irq0; c0')).toBe('irq0 vcpu0; c0 p0 vcpu0');
  });

  it('is posted while the producer unregisters, until the IRTE is back in host mode', () => {
    const run = connected({ v0: ['clear_irqs(p0)'], m0: ['raise_msi(d0)', 'raise_msi(d0)'] });
    run.take('v0 clear_irqs(p0)');
    run.deliver(() => run.isIn('c0', 'bypass.unposting'));
    expect(msi(run)).toBe('posted:vcpu0');
    run.deliver();
    expect(msi(run)).toBe('lost:no-handler');
  });
});

describe('two threads at once', () => {
  it('a second VFIO_DEVICE_SET_IRQS waits for the first: igate', () => {
    const run = connected({ v0: ['set_irqs(p0, e1)'], v1: ['clear_irqs(p0)'] });
    run.take('v0 set_irqs(p0, e1)');
    run.deliver(() => run.isIn('p0', 'ioctl.between'));
    run.take('v1 clear_irqs(p0)');
    expect(run.names()).not.toContain('p0.clear_irqs(v1)');
    const steps = run.deliver();
    expect([returned(steps, 'v0'), returned(steps, 'v1'), run.state('e1')]).toEqual([0, 0, 'e1 1']);
  });

  it('a routing update waits for irqfds.lock while a producer is added, and then finds it', () => {
    const run = new SystemRun(
      {},
      {
        t0: ['set_gsi_routing(vm0, g0, vcpu0)', 'irqfd_assign(c0, e0)'],
        v0: ['set_irqs(p0, e0)'],
        r0: ['set_gsi_routing(vm0, g0, vcpu1)'],
      },
    );
    run.call('t0');
    run.call('t0');
    run.take('v0 set_irqs(p0, e0)');
    run.deliver(() => run.isIn('c0', 'bypass.posting'));
    run.take('r0 set_gsi_routing(vm0, g0, vcpu1)');
    run.take('vm0.set_gsi_routing(r0, g0, vcpu1)');
    // It waits in front of irqfds.lock.
    expect(run.isIn('vm0', 'routing.publishing')).toBe(true);
    expect(run.names().filter((name) => name.startsWith('irqfdslock0.'))).toEqual([]);
    run.deliver();
    expect(run.state('irq0; c0')).toBe('irq0 vcpu1; c0 p0 vcpu1');
  });

  it('del_producer waits for irqfds.lock while routes are updated, and undoes the new one', () => {
    const run = connected({ v0: ['clear_irqs(p0)'], r0: ['set_gsi_routing(vm0, g0, vcpu1)'] });
    run.take('r0 set_gsi_routing(vm0, g0, vcpu1)');
    run.deliver(() => run.isIn('c0', 'routing.reposting'));
    run.take('v0 clear_irqs(p0)');
    const steps = run.deliver(() => run.state('irq0; c0') === 'irq0 vcpu1; c0 p0 vcpu1');
    expect(sees(steps, ['v0', 'r0'])).toBe('');
    expect(sees(run.deliver(), ['v0', 'r0'])).toBe('c0.del_producer(p0) unregister_producer(p0)');
    expect(run.state('irq0; c0')).toBe('irq0 host; c0 - -');
  });

  it('an irqfd that is deactivated gets no new route', () => {
    const run = connected({ k0: ['irqfd_deassign(c0)'], r0: ['set_gsi_routing(vm0, g0, vcpu1)'] });
    run.take('k0 irqfd_deassign(c0)');
    run.deliver(() => run.isIn('c0', 'shuttingDown.unregistering'));
    run.take('r0 set_gsi_routing(vm0, g0, vcpu1)');
    run.take('vm0.set_gsi_routing(r0, g0, vcpu1)');
    run.take(String(run.names().find((name) => name.startsWith('irqfdslock0.'))));
    expect([run.state('irq0; c0'), run.isIn('vm0', 'routing.idle')]).toEqual(['irq0 vcpu0; c0 p0 vcpu0', true]);
    run.deliver();
    expect(run.state('irq0; c0')).toBe('irq0 host; c0 - -');
  });
});
