// What counts as an occasion, step by step: each witness and mark with steps that are one, and near misses that are none.
import { describe, expect, it } from 'vitest';
import type { ShownStep, Sometimes } from '../../src/engine/world/property.ts';
import { marks } from '../../src/properties/marks.ts';
import * as witnesses from '../../src/properties/sometimes.ts';
import { assembled } from '../engine/assembled.ts';

type Shown = Readonly<Record<string, unknown>>;

/** A step that shows something. */
const shows = (...observations: readonly Shown[]): ShownStep =>
  ({ observations, event: { message: { type: 'elsewhere' } } }) as unknown as ShownStep;
/** A step that is the delivery of a message, and shows nothing. */
const delivers = (type: string, more: Shown = {}): ShownStep =>
  ({ observations: [], event: { message: { type, ...more } } }) as unknown as ShownStep;

const callback = (name: string, value: number | null): Shown => ({ kind: 'callback', callback: name, value });
const returns = (op: string, value: number | null, more: Shown = {}): Shown => ({ kind: 'return', op, value, ...more });
const call = (op: string): Shown => ({ kind: 'call', op });
const interrupt = (how: string): Shown => ({ kind: 'interrupt', how });
const lock = (more: Shown): Shown => ({
  kind: 'lock',
  spins: false,
  context: 'process',
  held: [],
  class: 'x',
  ...more,
});

const { either, ...plain } = witnesses;

interface Row {
  readonly title: string;
  readonly occasions: readonly ShownStep[];
  readonly others: readonly ShownStep[];
}

const rows: Readonly<Record<Exclude<keyof typeof plain, 'allDone'>, Row>> = {
  registrationAsked: {
    title: 'a registration waits for the mutex',
    occasions: [delivers('register_producer'), delivers('register_consumer')],
    others: [delivers('unregister_producer'), delivers('call_register_producer')],
  },
  unregistrationAsked: {
    title: 'an unregistration waits for the mutex',
    occasions: [delivers('unregister_producer'), delivers('unregister_consumer')],
    others: [delivers('register_producer'), delivers('vcpu_unregister_')],
  },
  unregistersNothing: {
    title: 'unregister returns at once',
    occasions: [shows(returns('unregister_producer', null, { early: true }))],
    others: [
      shows(returns('unregister_producer', null)),
      shows(returns('register_producer', 0, { early: true })),
      shows({ ...returns('unregister_producer', null, { early: true }), kind: 'call' }),
    ],
  },
  connects: {
    title: 'a pair is connected',
    occasions: [shows(call('x'), callback('add_producer', 0))],
    others: [
      shows(callback('add_producer', -5)),
      shows(callback('add_consumer', 0)),
      shows({ ...callback('add_producer', 0), kind: 'reentry' }),
    ],
  },
  callsBack: {
    title: 'a callback runs',
    occasions: [shows(callback('stop', null))],
    others: [shows(call('stop')), shows()],
  },
  registrationFails: {
    title: 'a registration fails',
    occasions: [shows(returns('register_producer', -16))],
    others: [
      shows(returns('register_producer', 0)),
      shows(returns('register_producer', null)),
      shows(returns('unregister_producer', -16)),
      shows({ ...returns('register_producer', -16), kind: 'callback' }),
    ],
  },
  givesBack: {
    title: 'a struct is freed',
    occasions: [
      shows(call('free')),
      ...['clear_irqs', 'irqfd_deassign', 'vdpa_release', 'close_vm', 'close_eventfd'].map((op) =>
        shows(returns(op, 0)),
      ),
    ],
    others: [
      shows(call('allocate')),
      shows(call('close_vm')),
      shows(returns('free', 0)),
      shows({ kind: 'callback', op: 'free' }),
      shows(returns('irqfd_deassign_all', 0)),
      shows(returns('to_close_vm', 0)),
    ],
  },
  putsEventfd: {
    title: 'the last reference on an eventfd is put',
    occasions: [shows(call('eventfd_ctx_put')), shows({ kind: 'last reference' })],
    others: [shows(call('eventfd_signal')), shows(returns('eventfd_ctx_put', 0))],
  },
  atomicCall: {
    title: 'a call is made in atomic context',
    occasions: [delivers('call', { atomic: true }), delivers('call', { call: { atomic: true } })],
    others: [delivers('call'), delivers('call', { atomic: false }), delivers('call', { call: { atomic: false } })],
  },
  primitiveAsked: {
    title: 'a call returns',
    occasions: [shows(returns('mutex_lock', null))],
    others: [shows(call('mutex_lock'))],
  },
  atomicContext: {
    title: 'a lock is taken in atomic context',
    occasions: [
      shows({ kind: 'splat' }),
      shows(lock({ spins: true })),
      shows(lock({ context: 'hard irq' })),
      shows(lock({}), lock({ spins: true })),
    ],
    others: [shows(lock({})), shows({ ...lock({ spins: true }), kind: 'unlock' })],
  },
  takesLock: { title: 'a lock is taken', occasions: [shows(lock({}))], others: [shows({ kind: 'unlock' })] },
  nests: {
    title: 'a lock is taken while another one is held',
    occasions: [shows(lock({ held: ['y'] }))],
    others: [shows(lock({})), shows({ ...lock({ held: ['y'] }), kind: 'unlock' })],
  },
  disconnects: {
    title: 'a pair is disconnected',
    occasions: [shows(callback('del_producer', null))],
    others: [shows(callback('del_consumer', null)), shows({ ...callback('del_producer', null), kind: 'reentry' })],
  },
  posted: {
    title: 'an interrupt is posted',
    occasions: [shows(interrupt('posted'))],
    others: [shows(interrupt('injected')), shows({ kind: 'irq', how: 'posted' })],
  },
  interruptSeen: {
    title: 'the guest sees an interrupt',
    occasions: [shows(interrupt('delivered'))],
    others: [shows(interrupt('duplicate')), shows({ kind: 'irq', how: 'delivered' })],
  },
  raises: {
    title: 'a device raises an interrupt',
    occasions: [delivers('raise'), delivers('raise_msi'), delivers('raise_intx')],
    others: [delivers('raise_irq'), delivers('to_raise'), delivers('raised')],
  },
  blocks: {
    title: 'a vCPU blocks',
    occasions: [delivers('vcpu_block'), delivers('vcpu_check')],
    others: [delivers('vcpu_load'), delivers('vcpu_preempt')],
  },
  runsAgain: {
    title: 'a vCPU leaves the CPU, or comes back',
    occasions: [delivers('vcpu_block'), delivers('vcpu_preempt'), delivers('vcpu_load')],
    others: [delivers('vcpu_check'), delivers('vcpu_loaded'), delivers('a_vcpu_load')],
  },
  wakes: { title: 'a blocked vCPU is woken', occasions: [shows({ kind: 'wake' })], others: [shows({ kind: 'kick' })] },
  signals: {
    title: 'an eventfd is signalled',
    occasions: [shows({ kind: 'signal' })],
    others: [shows(call('eventfd_signal'))],
  },
  deactivates: {
    title: 'an irqfd is deactivated',
    occasions: [shows({ kind: 'deactivated' })],
    others: [shows({ kind: 'activated' })],
  },
  assigns: {
    title: 'KVM_IRQFD assigns',
    occasions: [delivers('irqfd_assign')],
    others: [delivers('irqfd_deassign')],
  },
  synchronizes: {
    title: 'synchronize_srcu() is called',
    occasions: [shows(lock({ class: 'kvm.irq_srcu', reads: false }))],
    others: [
      shows(lock({ class: 'kvm.irq_srcu', reads: true })),
      shows(lock({ class: 'kvm.lock', reads: false })),
      shows({ ...lock({ class: 'kvm.irq_srcu', reads: false }), kind: 'unlock' }),
    ],
  },
  anyReturn: {
    title: 'a call returns',
    occasions: [shows(returns('ioctl', 0))],
    others: [shows(call('ioctl'))],
  },
  posts: {
    title: 'an interrupt is posted',
    occasions: [shows(interrupt('posted'))],
    others: [shows(interrupt('injected')), shows({ kind: 'irq', how: 'posted' })],
  },
  writesIrte: {
    title: 'an IRTE is written',
    occasions: ['irq_set_vcpu_affinity', 'vmapti', 'mapti', 'kvmppc_set_passthru_irq', 'kvmppc_clr_passthru_irq'].map(
      (type) => delivers(type),
    ),
    others: [delivers('vmapti_all'), delivers('to_vmapti'), delivers('unmapti'), delivers('kvmppc_get_passthru_irq')],
  },
};

const table = Object.entries(rows).map(([name, row]) => [name, plain[name as keyof typeof rows], row] as const);

describe('a witness', () => {
  it('has its row', () =>
    expect(Object.keys(rows).toSorted()).toEqual(
      Object.keys(plain)
        .filter((name) => name !== 'allDone')
        .toSorted(),
    ));

  it.each(table)('%s', (_, witness: Sometimes, { title, occasions, others }) => {
    expect(witness.title).toBe(title);
    expect(witness.final).toBe(undefined);
    expect(occasions.map((step) => witness.step?.(step))).toEqual(occasions.map(() => true));
    expect(others.map((step) => witness.step?.(step))).toEqual(others.map(() => false));
  });

  it('of the end looks at no step', () =>
    expect(witnesses.allDone).toEqual({ title: 'all threads are done', final: true }));

  it('of two occasions is met by either, also where one of them is no step', () => {
    const [connected, called] = [shows(callback('add_producer', 0)), shows(callback('stop', null))];
    const both = either(plain.connects, plain.disconnects);
    expect(both.title).toBe('a pair is connected, or a pair is disconnected');
    expect([connected, shows(callback('del_producer', null)), called].map((step) => both.step?.(step))).toEqual([
      true,
      true,
      false,
    ]);
    for (const one of [either(witnesses.allDone, plain.connects), either(plain.connects, witnesses.allDone)])
      expect([connected, called].map((step) => one.step?.(step))).toEqual([true, false]);
  });
});

describe('a mark', () => {
  const [EINVAL, EBUSY, ENOMEM, ENODEV] = [-22, -16, -12, -19];

  /** Title, a step that meets it, steps that do not. */
  const shown: Readonly<Record<string, readonly [string, Shown, ...Shown[]]>> = {
    registered: [
      'a registration returns 0',
      returns('register_producer', 0),
      returns('unregister_producer', 0),
      call('register'),
    ],
    einval: [
      'a registration returns -EINVAL',
      returns('register_producer', EINVAL),
      returns('unregister_producer', EINVAL),
      returns('register_producer', EBUSY),
    ],
    ebusy: [
      'a registration returns -EBUSY: the eventfd is taken',
      returns('register_consumer', EBUSY),
      returns('unregister_consumer', EBUSY),
      returns('register_consumer', EINVAL),
    ],
    enomem: [
      'a registration returns -ENOMEM: no node for the xarray',
      returns('register_consumer', ENOMEM),
      returns('unregister_consumer', ENOMEM),
    ],
    enodev: [
      'a registration returns -ENODEV: no reference on the module',
      returns('register_consumer', ENODEV),
      returns('unregister_consumer', ENODEV),
    ],
    stop: [
      'a stop callback runs',
      callback('stop', null),
      callback('start', null),
      { ...callback('stop', null), kind: 'reentry' },
    ],
    'add-consumer': [
      'add_consumer succeeds',
      callback('add_consumer', 0),
      callback('add_consumer', -1),
      callback('add_producer', 0),
    ],
    'add-consumer-fails': [
      'add_consumer fails: nothing to roll back',
      callback('add_consumer', -1),
      callback('add_consumer', 0),
    ],
    'add-producer': [
      'add_producer succeeds: a pair is connected',
      callback('add_producer', 0),
      callback('add_producer', -1),
    ],
    'add-producer-fails': [
      'add_producer fails: add_consumer is rolled back',
      callback('add_producer', -1),
      callback('add_producer', 0),
    ],
    start: ['a start callback runs', callback('start', null), callback('stop', null)],
    'del-producer': [
      'del_producer runs: a pair is disconnected',
      callback('del_producer', null),
      callback('del_consumer', null),
    ],
    'del-consumer': ['del_consumer runs', callback('del_consumer', null), callback('del_producer', null)],
    'unregister-nothing': [
      'unregister returns before it takes the mutex',
      returns('unregister_producer', null, { early: true }),
      returns('unregister_producer', null),
      returns('register_producer', 0, { early: true }),
      { ...returns('unregister_producer', null, { early: true }), kind: 'call' },
    ],
    warn: ['WARN_ON_ONCE() fires', { kind: 'warn' }, { kind: 'splat' }],
    posted: [
      'an interrupt is posted to a vCPU',
      interrupt('posted'),
      interrupt('injected'),
      { kind: 'irq', how: 'posted' },
    ],
    injected: [
      'an interrupt is injected',
      interrupt('injected'),
      interrupt('posted'),
      { kind: 'irq', how: 'injected' },
    ],
  };

  it.each(marks.map((mark) => [mark.id, mark] as const))('%s', (id, { title, isMet }) => {
    const [wanted, meets, ...misses] = shown[id] ?? ['', {}];
    expect(title).toBe(wanted);
    expect(isMet(shows(call('x'), meets))).toBe(true);
    expect(misses.map((one) => isMet(shows(one)))).toEqual(misses.map(() => false));
  });

  it('of interrupts is one of worlds with an IRTE', () => {
    const needing = marks.filter(({ needs }) => needs !== undefined);
    expect(needing.map(({ id }) => id)).toEqual(['posted', 'injected']);
    for (const { needs } of needing)
      expect([needs?.(assembled('assign').world), needs?.(assembled('pairing').world)]).toEqual([true, false]);
  });
});
