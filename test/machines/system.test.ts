// Worlds of a device assignment do what litmus sequences written from the kernel say; and what two threads may do to each other.
import { describe, expect, it } from 'vitest';
import type { Litmus } from './litmus-table.ts';
import { litmus } from './litmus-table.ts';
import { returned, sees, SystemRun } from './system-run.ts';

/** The weak stop and start of x86 do nothing: the machines leave them out. */
const withoutStopAndStart = (text: string): string =>
  text
    .split(' ')
    .filter((one) => !/^c\d+\.(stop|start)$/.test(one))
    .join(' ');

/** Runs a sequence; answers it with what happened in place of what should. */
function performed({ title, vms, exclusive, fails, lines }: Litmus, revision: string): unknown[] {
  const vectors = title.startsWith('two vectors') ? 2 : 1;
  const run = new SystemRun({ vectors, vms, exclusive, fails }, { t0: lines.map(({ call }) => call) }, revision);
  return lines.map(({ call }) => {
    const steps = run.call('t0');
    return { call, returns: returned(steps, 't0'), sees: sees(steps, ['t0']), state: run.state() };
  });
}

const expected = ({ lines }: Litmus): unknown[] =>
  lines.map(({ call, returns = 0, sees: seen = '', state }) => ({
    call,
    returns,
    sees: withoutStopAndStart(seen),
    state,
  }));

describe.each(['base', 'v2p2', 'v2p3', 'v2p6', 'v2p8'])('litmus sequences on %s', (revision) => {
  for (const one of litmus.filter(({ abstractedAway }) => abstractedAway === undefined)) {
    it(one.title, () => {
      expect(performed(one, revision)).toEqual(expected(one));
    });
  }
});

describe('what the machines leave out', () => {
  for (const one of litmus.filter(({ abstractedAway }) => abstractedAway !== undefined)) {
    it.fails(`${String(one.abstractedAway)}: ${one.title}`, () => {
      expect(performed(one, 'v2p8')).toEqual(expected(one));
    });
  }
});

/** A pair that is connected and posted to vcpu0; `moves` are what other threads do then. */
function connected(moves: Readonly<Record<string, readonly string[]>>): SystemRun {
  const setUp = ['set_gsi_routing(vm0, g0, vcpu0)', 'irqfd_assign(c0, e0)', 'set_irqs(p0, e0)'];
  const run = new SystemRun({}, { t0: setUp, ...moves });
  for (const _ of setUp) run.call('t0');
  expect(run.state()).toBe('irq0 vcpu0, c0 p0 vcpu0');
  return run;
}

describe('an MSI in the middle of something', () => {
  it('is lost between free_irq() and request_irq(), as a vector is pointed at another eventfd', () => {
    const run = connected({ v0: ['set_irqs(p0, e1)'], d0: ['raise_msi(irq0)'] });
    run.take('v0 set_irqs(p0, e1)');
    run.deliver(() => run.isIn('p0', 'between'));
    expect(run.state()).toBe('irq0 host, c0 - -');
    run.take('d0 raise_msi(irq0)');
    expect(sees([run.take('irq0.raise_msi(d0)')], ['d0'])).toBe('lost');
    run.deliver();
    expect(run.isIn('p0', 'on')).toBe(true);
  });

  it('is posted although the irqfd waits no more: the software path is cut before the bypass path', () => {
    const run = connected({ k0: ['irqfd_deassign(c0)'], d0: ['raise_msi(irq0)', 'raise_msi(irq0)'] });
    run.take('k0 irqfd_deassign(c0)');
    run.deliver(() => run.isIn('c0', 'life.unregistering'));
    expect(run.run.view.context('e0')['waiters']).toEqual([]);
    run.take('d0 raise_msi(irq0)');
    expect(sees([run.take('irq0.raise_msi(d0)')], ['d0'])).toBe('posted:vcpu0');
    run.deliver();
    expect(run.state()).toBe('irq0 host, c0 - -');
  });

  it('is injected while the producer registers: the irq is requested before', () => {
    const run = new SystemRun(
      {},
      {
        t0: ['set_gsi_routing(vm0, g0, vcpu0)', 'irqfd_assign(c0, e0)'],
        v0: ['set_irqs(p0, e0)'],
        d0: ['raise_msi(irq0)'],
      },
    );
    run.call('t0');
    run.call('t0');
    run.take('v0 set_irqs(p0, e0)');
    run.deliver(() => run.isIn('p0', 'registering'));
    run.take('d0 raise_msi(irq0)');
    expect(sees([run.take('irq0.raise_msi(d0)')], ['d0'])).toBe('injected:c0');
    run.deliver();
    expect(run.state()).toBe('irq0 vcpu0, c0 p0 vcpu0');
  });

  it('is posted while the producer unregisters, until the IRTE is back in host mode', () => {
    const run = connected({ v0: ['clear_irqs(p0)'], d0: ['raise_msi(irq0)', 'raise_msi(irq0)'] });
    run.take('v0 clear_irqs(p0)');
    run.deliver(() => run.isIn('c0', 'bypass.unposting'));
    run.take('d0 raise_msi(irq0)');
    expect(sees([run.take('irq0.raise_msi(d0)')], ['d0'])).toBe('posted:vcpu0');
    run.deliver();
    expect(sees(run.call('d0'), ['d0'])).toBe('lost');
  });
});

describe('two threads at once', () => {
  it('a second VFIO_DEVICE_SET_IRQS waits for the first: igate', () => {
    const run = connected({ v0: ['set_irqs(p0, e1)'], v1: ['clear_irqs(p0)'] });
    run.take('v0 set_irqs(p0, e1)');
    run.deliver(() => run.isIn('p0', 'between'));
    run.take('v1 clear_irqs(p0)');
    expect(run.names()).not.toContain('p0.clear_irqs(v1)');
    const steps = run.deliver();
    expect([returned(steps, 'v0'), returned(steps, 'v1'), run.isIn('p0', 'off')]).toEqual([0, 0, true]);
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
    expect(run.names().filter((name) => name.startsWith('vm0.'))).toEqual([]);
    run.deliver();
    expect(run.state()).toBe('irq0 vcpu1, c0 p0 vcpu1');
  });

  it('del_producer waits for irqfds.lock while routes are updated, and undoes the new one', () => {
    const run = connected({ v0: ['clear_irqs(p0)'], r0: ['set_gsi_routing(vm0, g0, vcpu1)'] });
    run.take('r0 set_gsi_routing(vm0, g0, vcpu1)');
    run.deliver(() => run.isIn('c0', 'routing.reposting'));
    run.take('v0 clear_irqs(p0)');
    const steps = run.deliver(() => run.state() === 'irq0 vcpu1, c0 p0 vcpu1');
    expect(sees(steps, ['v0', 'r0'])).toBe('');
    expect(sees(run.deliver(), ['v0', 'r0'])).toBe('c0.del_producer(p0) unregister_producer(p0)');
    expect(run.state()).toBe('irq0 host, c0 - -');
  });

  it('an irqfd that is deactivated gets no new route', () => {
    const run = connected({ k0: ['irqfd_deassign(c0)'], r0: ['set_gsi_routing(vm0, g0, vcpu1)'] });
    run.take('k0 irqfd_deassign(c0)');
    run.deliver(() => run.isIn('c0', 'life.unregistering'));
    run.take('r0 set_gsi_routing(vm0, g0, vcpu1)');
    run.take('vm0.set_gsi_routing(r0, g0, vcpu1)');
    expect([run.state(), run.isIn('vm0', 'unlocked')]).toEqual(['irq0 vcpu0, c0 p0 vcpu0', true]);
    run.deliver();
    expect(run.state()).toBe('irq0 host, c0 - -');
  });
});
