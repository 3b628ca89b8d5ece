// What the architecture's properties say of steps, case by case: no run need come to them.
import { expect, it } from 'vitest';
import type { Name } from '../../src/engine/actors/name.ts';
import { WorldView } from '../../src/engine/world/view.ts';
import { lockProtects, routeFresh } from '../../src/properties/arch.ts';
import { assembled } from '../engine/assembled.ts';

type Changes = Readonly<Record<string, object>>;

const { world } = assembled('two-vms');

/** Two VMs with an irqfd each: a state of theirs with contexts and values changed, and how many irqs vm0 may have bypassed. */
function stateWith(changes: Changes, bypassed = 0): WorldView {
  const row = world.initial();
  const cells = world.layout.cells.get(world.values.id('vm0' as Name));
  row[cells?.[world.operations.cell('nr_possible_bypass_irqs')] as number] = world.values.id(bypassed);
  for (const [address, change] of Object.entries(changes)) {
    const actor = world.actor(address);
    const local = world.transitions.local(row[actor] as number);
    const { value = local.value, ...context } = change as { readonly value?: string };
    const changed = { ...local, value, context: { ...(local.context as object), ...context } };
    row[actor] = world.transitions.internLocal(changed);
  }
  return new WorldView(world, row);
}

/** What is said of a step that injects interrupts into vCPUs. */
function saidOf(changes: Changes, ...vcpus: readonly (string | null)[]): string | null {
  const before = stateWith(changes);
  const observations = vcpus.map((vcpu) => ({ kind: 'interrupt', how: 'injected', vcpu }) as never);
  const event = { to: 'vm0' as Name, message: { type: 'inject' } } as never;
  return routeFresh.step?.({ before, after: before, event, observations, touched: new Set() }) ?? null;
}

const msiTo = (vcpu: string, gsi = 'g0'): object => ({ gsi, type: 'msi', vcpu });
const vm0 = { vcpus: ['vcpu0', 'vcpu2'], routes: [msiTo('vcpu0')] };
const assigned = { vm0, c0: { eventfd: 'e0' } };
const locked = { value: 'locked', owner: 'r0' };
const astray = 'an interrupt is injected into vcpu2, and no route of vm0 goes there';

it.each<readonly [string, Changes, string | null, string | null]>([
  ['where the route of an irqfd goes', assigned, 'vcpu0', null],
  ['elsewhere', assigned, 'vcpu2', astray],
  ['elsewhere, while the routing table changes', { ...assigned, vm0: { ...vm0, caller: 'r0' } }, 'vcpu2', null],
  ['elsewhere, while an entry changes', { ...assigned, irqfdslock0: locked }, 'vcpu2', null],
  ['elsewhere, while an entry of another VM changes', { ...assigned, irqfdslock1: locked }, 'vcpu2', astray],
  ['into nobody', assigned, null, null],
  ['into a vCPU of no VM', assigned, 'vcpu9', null],
  ['by the irqchip, which may go anywhere', { ...assigned, vm0: { ...vm0, routes: [] } }, 'vcpu2', null],
  [
    'by an MSI to several',
    { ...assigned, vm0: { ...vm0, routes: [{ gsi: 'g0', type: 'multicast', vcpu: null }] } },
    'vcpu2',
    null,
  ],
  [
    'where the route of an irqfd goes that is not assigned',
    { vm0: { ...vm0, routes: [msiTo('vcpu2')] } },
    'vcpu2',
    astray,
  ],
  [
    "where the route of another VM's irqfd goes",
    { ...assigned, vm1: { routes: [msiTo('vcpu2', 'g1')] }, c1: { eventfd: 'e0' } },
    'vcpu2',
    astray,
  ],
])('%s', (_, changes, vcpu, message) => {
  expect(saidOf(changes, vcpu)).toBe(message);
});

it('each interrupt of a step is looked at, and nothing else that it shows', () => {
  expect(saidOf(assigned, 'vcpu0', 'vcpu2')).toBe(astray);
  const before = stateWith(assigned);
  const shown = [{ kind: 'lost', how: 'injected', vcpu: 'vcpu2' } as never];
  const event = { to: 'vm0' as Name, message: { type: 'inject' } } as never;
  expect(routeFresh.step?.({ before, after: before, event, observations: shown, touched: new Set() })).toBeNull();
});

/** A step of one irqfd: contexts before and after, what is shown, who is told. */
interface Step {
  readonly before?: Changes;
  readonly after?: Changes;
  readonly bypassed?: number;
  readonly shown?: readonly object[];
  readonly to?: string;
  readonly touched?: readonly string[];
}

/** What is said of a step with regard to irqfds.lock. */
function saidOfLock({
  before = {},
  after = {},
  bypassed = 0,
  shown = [],
  to = 'c0',
  touched = ['c0'],
}: Step): string | null {
  return (
    lockProtects.step?.({
      before: stateWith(before),
      after: stateWith(after, bypassed),
      event: { to, message: { type: 'does' } },
      observations: shown as never,
      touched: new Set([
        ...touched.map((address) => world.actor(address as Name)),
        ...(bypassed === 0 ? [] : [stateWith({}).columnOf('vm0' as Name, 'nr_possible_bypass_irqs')]),
      ]),
    }) ?? null
  );
}

const c0 = { eventfd: 'e0' };
const connected = { c0: { ...c0, producer: 'p0' } };
const isWritten = 'c0.does changes c0->producer, irq_bypass_vcpu or irq_entry without irqfds.lock';
const isCounted = 'c0.does changes the bypass count of vm0 without irqfds.lock';
const taken = (kind: string, lockClass: unknown): object => ({ kind, class: lockClass });
const lockClass = stateWith({}).constant('irqfdslock0', 'class');

it.each<readonly [string, Step, string | null]>([
  ['the producer', { before: { c0 }, after: connected }, isWritten],
  ['the vCPU', { before: { c0 }, after: { c0: { ...c0, vcpu: 'vcpu0' } } }, isWritten],
  ['the entry', { before: { c0 }, after: { c0: { ...c0, entry: msiTo('vcpu0') } } }, isWritten],
  ['nothing', { before: connected, after: connected }, null],
  ['another irqfd, which says so itself', { before: { c0 }, after: connected, touched: ['c1'] }, null],
  ['memory that is handed out', { before: {}, after: connected }, null],
  ['memory that is freed', { before: connected, after: {} }, null],
  [
    'a field, by who holds the lock',
    { before: { c0: { ...c0, caller: 'k0' }, irqfdslock0: { owner: 'k0' } }, after: connected },
    null,
  ],
  [
    'a field, by who does something there after it',
    { before: { c0, irqfdslock0: { owner: 'v0' } }, after: { c0: { ...connected.c0, callbackTask: 'v0' } } },
    null,
  ],
  [
    'a field, in a routing update',
    { before: { c0, vm0: { caller: 'r0' }, irqfdslock0: { owner: 'r0' } }, after: connected },
    null,
  ],
  [
    'a field, while another task holds the lock',
    { before: { c0, irqfdslock0: { owner: 'z0' } }, after: connected },
    isWritten,
  ],
  [
    "a field, under another VM's lock",
    { before: { c0: { ...c0, caller: 'k0' }, irqfdslock1: { owner: 'k0' } }, after: connected },
    isWritten,
  ],
  [
    'a field, as the lock is taken in the step',
    { before: { c0 }, after: connected, shown: [taken('lock', lockClass)] },
    null,
  ],
  [
    'a field, as the lock is given back',
    { before: { c0 }, after: connected, shown: [taken('unlock', lockClass)] },
    isWritten,
  ],
  [
    'a field, as another lock is taken',
    { before: { c0 }, after: connected, shown: [taken('lock', 'another')] },
    isWritten,
  ],
  ['the count', { bypassed: 1 }, isCounted],
  [
    'the count, of an irqfd that is not assigned, under the lock',
    { bypassed: 1, before: { c0: { caller: 'k0' }, irqfdslock0: { owner: 'k0' } } },
    null,
  ],
  [
    "the count, under another VM's lock",
    { bypassed: 1, before: { c1: { caller: 'k1' }, irqfdslock0: { owner: 'k1' } } },
    isCounted,
  ],
])('irqfds.lock: %s', (_, step, message) => {
  expect(saidOfLock(step)).toBe(message);
});

it('irqfds.lock: what the lock answers is done with it', () => {
  const step: Step = { before: { c0 }, after: connected, bypassed: 1, to: 'irqfdslock0' };
  expect(saidOfLock(step)).toBeNull();
});
