// Lifetimes in system worlds: references on eventfds, one shutdown job an irqfd, no irqfd freed in the middle of KVM_IRQFD.
import type { Name } from '../engine/actors/name.ts';
import type { Property } from '../engine/world/property.ts';
import type { WorldView } from '../engine/world/view.ts';
import type { SignalObservation } from '../machines/eventfd/eventfd.ts';
import type { DeactivationObservation } from '../machines/kvm/irqfd-context.ts';
import type { VmContext } from '../machines/kvm/vm.ts';
import { hasKind, namesOf } from './manager-worlds.ts';
import { assigns, deactivates, signals } from './sometimes.ts';
import { irqfdsOf } from './system-worlds.ts';

/** I-EVREF: who signals an eventfd has a reference on it. */
export const eventfdReference: Property = {
  id: 'i-evref',
  title: 'An eventfd is signalled only by who has a reference on it, or while a descriptor is open',
  needs: (world) => hasKind('irq-handler')(world) || namesOf(world, 'vfio-intx').length > 0,
  sometimes: signals,
  step({ observations }) {
    const shown = observations.find((one) => one.kind === 'signal' && !(one as SignalObservation).held) as
      | SignalObservation
      | undefined;
    return shown === undefined ? null : `${shown.by} signals ${shown.eventfd}, on which it has no reference`;
  },
};

/** Is an irqfd in kvm->irqfds.items, whatever it says of itself? What is no irqfd has no such list. */
function isListed(state: WorldView, irqfd: Name): boolean {
  const vm = irqfdsOf(state.world).find((one) => one.irqfd === irqfd)?.vm;
  return vm === undefined || state.context<VmContext>(vm).items.some((one) => one.irqfd === irqfd);
}

/** I-ONCE: one shutdown job per irqfd. */
export const once: Property = {
  id: 'i-once',
  title: 'An irqfd is deactivated once: one shutdown job, whoever comes first',
  needs: hasKind('irqfd'),
  sometimes: deactivates,
  step({ before, observations }) {
    const shown = observations.filter(
      (one) => one.kind === 'deactivated',
    ) as unknown as readonly DeactivationObservation[];
    const twice = shown.find(({ irqfd, wasActive }) => !wasActive || !isListed(before, irqfd));
    return twice === undefined ? null : `${twice.irqfd} is deactivated, and is not active`;
  },
};

/** States of KVM_IRQFD in which it is under way. */
const isUnderWay = (life: unknown): boolean => life !== 'unassigned' && life !== 'assigned';

/** I-NOSHUT: an irqfd is not freed while KVM_IRQFD has yet to return. */
export const notFreedInAssign: Property = {
  id: 'i-noshut',
  title: 'An irqfd is not freed before its KVM_IRQFD has returned',
  needs: hasKind('irqfd'),
  sometimes: assigns,
  state: {
    checks: (world) =>
      irqfdsOf(world).map(({ irqfd }) => (state) => {
        if (state.load(irqfd, 'freed') !== true) return null;
        const { life } = state.value(irqfd) as { readonly life: unknown };
        return isUnderWay(life) ? `${irqfd} was freed, and its KVM_IRQFD is ${String(life)}` : null;
      }),
  },
};
