// No interrupt is lost, none is seen twice, none comes from where nothing is any more: system worlds.
//
// Coalescing is allowed: interrupts of one device that meet are one (machines/device/interrupt.ts). Declared gaps, where nothing is
// promised: no handler is requested (a vector is being programmed), the VM or the eventfd is given up by user space.
import type { Name } from '../engine/actors/name.ts';
import type { Property } from '../engine/world/property.ts';
import type { WorldView } from '../engine/world/view.ts';
import type { World } from '../engine/world/world.ts';
import type { EventfdContext } from '../machines/eventfd/eventfd.ts';
import type { IrqfdContext } from '../machines/kvm/irqfd-context.ts';
import type { VmContext } from '../machines/kvm/vm.ts';
import type { LossReason } from '../machines/manager/protocol.ts';
import { asObservation } from '../machines/manager/protocol.ts';
import { hasKind, namesOf } from './manager-worlds.ts';
import { interruptSeen, posted, raises } from './sometimes.ts';
import { hostIrqsOf, irqfdsOf, wiringOf } from './system-worlds.ts';

const gaps: ReadonlySet<LossReason> = new Set<LossReason>([
  'no handler: the irq is not requested',
  'the eventfd is gone',
]);

/** What raises interrupts: devices, INTx lines, and where KVM listens eventfds that a program signals. */
const sourcesOf = (world: World): readonly Name[] => [
  ...namesOf(world, 'device'),
  ...namesOf(world, 'vfio-intx'),
  ...(namesOf(world, 'irqfd').length > 0 ? namesOf(world, 'eventfd') : []),
];

/** Interrupts of a device that are kept in eventfds that nobody of KVM waits on: they are not lost, the next one who polls finds them. */
const keptOf = (state: WorldView, device: Name): number =>
  state
    .actorsOf('eventfd')
    .map((eventfd) => state.context<EventfdContext>(eventfd))
    .flatMap(({ counter, waiters }) => (waiters.length === 0 ? counter : []))
    .filter((one) => one.device === device).length;

/** How many interrupts of a device the guest has yet to see. */
export function outstandingIn(state: WorldView, device: Name): number {
  let octal = Number(state.load(device, 'outstanding'));
  let count = 0;
  for (; octal > 0; octal = Math.floor(octal / 8)) count += octal % 8;
  return count;
}

/** A line that is masked, or that nobody listens to, may stay up. */
function isSilenced(state: WorldView, device: Name): boolean {
  const {
    enabled = true,
    masked = false,
    trigger,
  } = state.context<{
    readonly enabled?: boolean;
    readonly masked?: boolean;
    readonly trigger?: Name | null;
  }>(device);
  return !enabled || masked || trigger === null;
}

/** Does an interrupt of this device hang somewhere where nothing will move it on? */
export const isStranded = (state: WorldView, device: Name): boolean =>
  outstandingIn(state, device) > keptOf(state, device) && !isSilenced(state, device);

/** I-NOLOSS: every interrupt of a device is seen by the guest, outside the declared gaps. */
export const noLoss: Property = {
  id: 'i-noloss',
  title: 'Every interrupt of a device is seen by the guest in the end, or kept in its eventfd: none is dropped',
  needs: (world) => sourcesOf(world).length > 0,
  sometimes: raises,
  step({ observations }) {
    for (const shown of observations.map(asObservation)) {
      if (shown.kind !== 'interrupt' || shown.how !== 'lost' || gaps.has(shown.why as LossReason)) continue;
      return `an interrupt of ${shown.device} is lost: ${String(shown.why)}`;
    }
    return null;
  },
  state: {
    atEnd: true,
    checks: (world) =>
      sourcesOf(world).map(
        (device) => (state: WorldView) =>
          isStranded(state, device) ? `an interrupt of ${device} is never seen, and nothing moves any more` : null,
      ),
  },
};

/** I-NODUP: no interrupt is seen twice. */
export const noDuplicate: Property = {
  id: 'i-nodup',
  title: 'The guest sees no interrupt that was not raised since it saw the last one',
  needs: (world) => sourcesOf(world).length > 0,
  sometimes: interruptSeen,
  step({ observations }) {
    const shown = observations.map(asObservation).find((one) => one.kind === 'interrupt' && one.how === 'duplicate');
    return shown?.kind === 'interrupt'
      ? `${String(shown.vcpu)} sees an interrupt of ${shown.device} that was not raised again`
      : null;
  },
};

/** I-NOSTRAY: no interrupt is posted to a vCPU for which no irqfd is left. */
export const noStray: Property = {
  id: 'i-nostray',
  title: 'No interrupt is posted to a VM that has no irqfd on the eventfd of its source',
  needs: hasKind('irqfd'),
  sometimes: posted,
  step({ before, event, observations }) {
    const shown = observations.map(asObservation).find((one) => one.kind === 'interrupt' && one.how === 'posted');
    if (shown?.kind !== 'interrupt') return null;
    const { world } = before;
    const vm = namesOf(world, 'vm').find((one) => before.context<VmContext>(one).vcpus.includes(shown.vcpu as Name));
    const irq = wiringOf(world, event.to as Name)['irq'];
    const source = hostIrqsOf(world).find((one) => one.irq === irq);
    if (source === undefined) return null;
    const { trigger, ctx } = before.context<{ readonly trigger?: Name | null; readonly ctx?: Name | null }>(
      source.handler,
    );
    const eventfd = trigger ?? ctx ?? null;
    const isLeft = irqfdsOf(world).some(
      (one) => one.vm === vm && eventfd !== null && before.context<IrqfdContext>(one.irqfd).eventfd === eventfd,
    );
    if (isLeft) return null;
    return `an interrupt of ${shown.device} is posted to ${String(shown.vcpu)}, and no irqfd of its VM has the eventfd of ${source.handler}`;
  },
};
