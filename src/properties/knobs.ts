// What an irqfd, a vector or a virtqueue does without bypass, and what user space learns of it: system worlds.
import type { Name } from '../engine/actors/name.ts';
import type { Property } from '../engine/world/property.ts';
import type { WorldView } from '../engine/world/view.ts';
import type { World } from '../engine/world/world.ts';
import type { EventfdContext } from '../machines/eventfd/eventfd.ts';
import type { IrqfdContext } from '../machines/kvm/irqfd-context.ts';
import { asObservation } from '../machines/manager/protocol.ts';
import { managerIn } from '../registry/manager-view.ts';
import { policyOf } from '../registry/structure-memory.ts';
import { hasKind, namesOf } from './manager-worlds.ts';
import { assigns, registrationFails } from './sometimes.ts';
import { irqfdsOf } from './system-worlds.ts';

/** I-UNIQ, host wide: since Linux 6.17 (2cdd64cbf990) KVM waits on an eventfd once. */
export const uniqueWaiter: Property = {
  id: 'i-uniqfd',
  title: 'Since Linux 6.17 at most one irqfd waits on an eventfd, in the whole host',
  needs: (world) => irqfdsOf(world).length > 1 && policyOf(world).irq === 'argument',
  sometimes: assigns,
  state: {
    checks: (world) =>
      namesOf(world, 'eventfd').map((eventfd) => (state: WorldView) => {
        const { waiters } = state.context<EventfdContext>(eventfd);
        const irqfds = waiters.filter((one) => namesOf(world, 'irqfd').includes(one));
        return irqfds.length < 2
          ? null
          : `${irqfds.join(' and ')} wait on ${eventfd}: the first one takes every signal`;
      }),
  },
};

const hasBypass = (state: WorldView, irqfd: Name): boolean =>
  state.constant(irqfd, 'has_irq_bypass') === true && state.context<IrqfdContext>(irqfd).bypasses;

/** I-NOBYPASS: where there is no bypass, or none is wanted, KVM stays away from the manager. */
export const noBypass: Property = {
  id: 'i-nobypass',
  title: 'No consumer is registered for an irqfd whose host has no bypass, or that opted out',
  needs: hasKind('irqfd'),
  sometimes: assigns,
  state: {
    checks: (world) =>
      irqfdsOf(world).map(({ irqfd }) => (state: WorldView) => {
        if (hasBypass(state, irqfd) || !managerIn(state).isRegistered(irqfd)) return null;
        return `${irqfd} is registered, and has no bypass or wants none`;
      }),
  },
};

/** System calls of user space that register on the way. */
const registering: ReadonlySet<string> = new Set(['set_irqs', 'irqfd_assign', 'set_vring_call', 'set_status']);

/** What no system call but a failed callback would return. */
const callbackErrors = (world: World): ReadonlySet<number> =>
  new Set(world.definition.actors.flatMap(({ failures = [] }) => failures));

const reports = (state: WorldView, object: Name): boolean => state.constant(object, 'reports') === true;

/** I-SOFT: a failed registration never fails the owner's operation. */
export const softFailure: Property = {
  id: 'i-soft',
  title: 'A failed bypass registration never fails what its owner does: the software path stays',
  needs: (world) => irqfdsOf(world).length > 0 && callbackErrors(world).size > 0,
  sometimes: registrationFails,
  step({ after, observations }) {
    for (const shown of observations.map(asObservation)) {
      if (shown.kind !== 'return' || shown.object === null || !registering.has(shown.op)) continue;
      const value = shown.value ?? 0;
      if (!callbackErrors(after.world).has(value) || reports(after, shown.object)) continue;
      return `${shown.op} of ${shown.object} returns ${value}, the error of a callback`;
    }
    return null;
  },
};

/** System calls that set one interrupt up: a virtqueue registers when it is ready, in whichever call that is. */
const settingUp: ReadonlySet<string> = new Set(['set_irqs', 'irqfd_assign']);

/** I-REPORT: the proposal. */
export const reported: Property = {
  id: 'i-report',
  title: 'Where failed connects are reported, user space learns of every failed pair and of no other',
  needs: (world) => world.actors.some(({ definition }) => definition.constants?.['reports'] === true),
  sometimes: registrationFails,
  step({ after, observations }) {
    for (const shown of observations.map(asObservation)) {
      if (shown.kind !== 'return' || shown.object === null || !settingUp.has(shown.op)) continue;
      const { op, object } = shown;
      if (!reports(after, object)) continue;
      const value = shown.value ?? 0;
      const isRegistered = managerIn(after).isRegistered(object);
      if (isRegistered && value !== 0) return `${op} of ${object} returns ${value}, and its registration did not fail`;
      const isWanted = irqfdsOf(after.world).every(({ irqfd }) => irqfd !== object) || hasBypass(after, object);
      if (!isRegistered && isWanted && value === 0) return `${op} of ${object} returns 0, and its registration failed`;
    }
    return null;
  },
};
