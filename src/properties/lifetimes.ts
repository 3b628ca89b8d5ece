// Lifetimes in system worlds: references on eventfds, one shutdown job an irqfd, no irqfd freed in the middle of KVM_IRQFD.
import type { Property } from '../engine/world/property.ts';
import type { SignalObservation } from '../machines/eventfd/eventfd.ts';
import type { DeactivationObservation } from '../machines/kvm/irqfd.ts';
import { hasKind } from './manager-worlds.ts';
import { assigns, deactivates, signals } from './sometimes.ts';
import { irqfdsOf } from './system-worlds.ts';

/** I-EVREF: who signals an eventfd has a reference on it. */
export const eventfdReference: Property = {
  id: 'i-evref',
  title: 'An eventfd is signalled only by who has a reference on it, or while a descriptor is open',
  needs: hasKind('irq-handler'),
  sometimes: signals,
  step({ observations }) {
    const shown = observations.find((one) => one.kind === 'signal' && !(one as SignalObservation).held) as
      SignalObservation | undefined;
    return shown === undefined ? null : `${shown.by} signals ${shown.eventfd}, on which it has no reference`;
  },
};

/** I-ONCE: one shutdown job per irqfd. */
export const once: Property = {
  id: 'i-once',
  title: 'An irqfd is deactivated once: one shutdown job, whoever comes first',
  needs: hasKind('irqfd'),
  sometimes: deactivates,
  step({ observations }) {
    const shown = observations.find(
      (one) => one.kind === 'deactivated' && !(one as DeactivationObservation).wasActive,
    ) as DeactivationObservation | undefined;
    return shown === undefined ? null : `${shown.irqfd} is deactivated, and is not active`;
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
