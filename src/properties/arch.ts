// The architecture's half: pointers, locks, IRTEs and routes of system worlds.
import type { Observation } from '../engine/actors/effects.ts';
import type { Name, Value } from '../engine/actors/name.ts';
import type { Property } from '../engine/world/property.ts';
import type { WorldView } from '../engine/world/view.ts';
import type { World } from '../engine/world/world.ts';
import type { IrteContext } from '../machines/iommu/irte.ts';
import type { LockObservation } from '../machines/kernel/lockdep.ts';
import { postedTo } from '../machines/iommu/irte.ts';
import type { IrqfdContext } from '../machines/kvm/irqfd.ts';
import { postable, routeOf, routeText } from '../machines/kvm/route.ts';
import type { VmContext } from '../machines/kvm/vm.ts';
import { asObservation } from '../machines/manager/protocol.ts';
import { managerIn } from '../registry/manager-view.ts';
import { hasKind, mutexIsFree, namesOf } from './manager-worlds.ts';
import { connects, posts, writesIrte } from './sometimes.ts';

const wiringOf = (world: World, actor: Name): Readonly<Record<string, Name>> =>
  world.actors[world.actor(actor)]?.input.wiring ?? {};

/** An irqfd with the VM that it belongs to, and that VM's irqfds.lock. */
interface Irqfd {
  readonly irqfd: Name;
  readonly vm: Name;
  readonly lock: Name;
}

/** The irqfds of a world. */
function irqfdsOf(world: World): Irqfd[] {
  return namesOf(world, 'irqfd').map((irqfd) => {
    const { vm, irqfds_lock: lock } = wiringOf(world, irqfd);
    return { irqfd, vm: vm as Name, lock: lock as Name };
  });
}

/** The IRTEs of a world with the vector whose irq each is about. */
function irtesOf(world: World): { readonly irq: Name; readonly vector: Name }[] {
  return namesOf(world, 'irte').map((irq) => ({ irq, vector: wiringOf(world, irq)['vector'] as Name }));
}

const isUnlocked = (state: WorldView, lock: Name): boolean => state.value(lock) === 'unlocked';

/** I-ARCHPTR: irqfd->producer is the partner that the manager knows, whenever neither lock is held. */
export const archPointer: Property = {
  id: 'i-archptr',
  needs: hasKind('irte'),
  sometimes: connects,
  title: "irqfd->producer is the consumer's partner, whenever the mutex and irqfds.lock are free",
  state: {
    while: mutexIsFree,
    checks: (world) =>
      irqfdsOf(world).map(({ irqfd, lock }) => (state: WorldView) => {
        const { producer } = state.context<IrqfdContext>(irqfd);
        if (!isUnlocked(state, lock)) return null;
        const [partner = null] = managerIn(state).partners(irqfd);
        if (producer === partner) return null;
        return `${irqfd}->producer is ${producer ?? 'NULL'}, the manager has connected ${irqfd} with ${partner ?? 'nobody'}`;
      }),
  },
};

/** I-IRTE: an irq is posted exactly to the vCPU of the cached route of the irqfd that it is connected with. */
export const irteFollowsRoute: Property = {
  id: 'i-irte',
  needs: hasKind('irte'),
  sometimes: writesIrte,
  title: 'An irq is posted to the vCPU of the route of the irqfd that it is connected with, else it goes to the host',
  state: {
    while: mutexIsFree,
    checks: (world) => {
      const irqfds = irqfdsOf(world);
      return irtesOf(world).map(({ irq, vector }) => (state: WorldView) => {
        const vcpu = postedTo(state.context<IrteContext>(irq).entry);
        const [irqfd] = managerIn(state).partners(vector);
        const found = irqfds.find((one) => one.irqfd === irqfd);
        if (found !== undefined && !isUnlocked(state, found.lock)) return null;
        const wanted = found === undefined ? null : postable(state.context<IrqfdContext>(found.irqfd).entry);
        if (vcpu === wanted) return null;
        const route =
          irqfd === undefined ? `${vector} is not connected` : `the route of ${irqfd} goes to ${wanted ?? 'none'}`;
        return `the IRTE of ${irq} ${vcpu === null ? 'is in host mode' : `posts to ${vcpu}`}, but ${route}`;
      });
    },
  },
};

/** I-ROUTEFRESH: an active irqfd has the route of its VM, whenever irqfds.lock is free. */
export const routeFresh: Property = {
  id: 'i-routefresh',
  needs: hasKind('irte'),
  sometimes: posts,
  title: 'No interrupt is posted to another vCPU than the current route of its active irqfd says',
  step({ before, event, observations }) {
    const shown = observations.map(asObservation).find((o) => o.kind === 'interrupt' && o.how === 'posted');
    if (shown?.kind !== 'interrupt') return null;
    const { world } = before;
    const irq = wiringOf(world, event.to as Name)['irq'];
    const irte = irtesOf(world).find((one) => one.irq === irq);
    if (irte === undefined) return null;
    const partners = managerIn(before).partners(irte.vector);
    const found = irqfdsOf(world).find(({ irqfd }) => partners.includes(irqfd));
    if (found === undefined || !isUnlocked(before, found.lock)) return null;
    const { routes, items, caller } = before.context<VmContext>(found.vm);
    // While KVM_SET_GSI_ROUTING is under way both routes are right.
    if (caller !== null || !items.some(({ irqfd }) => irqfd === found.irqfd)) return null;
    const route = routeOf(routes, before.context<IrqfdContext>(found.irqfd).gsi);
    if (postable(route) === shown.vcpu) return null;
    return `an interrupt of ${irte.irq} is posted to ${String(shown.vcpu)}, the route of ${found.irqfd} is ${routeText(route)}`;
  },
};

/** A lock may be taken and given back within one step: it is shown. */
const isTakenHere = (observations: readonly Observation[], lockClass: Value): boolean =>
  observations.some(
    (shown) => shown.kind === 'lock' && (shown as LockObservation & { readonly kind: 'lock' }).class === lockClass,
  );

/** I-LOCKPROT: irqfd->producer and irq_bypass_vcpu are written under irqfds.lock. */
export const lockProtects: Property = {
  id: 'i-lockprot',
  needs: hasKind('irte'),
  sometimes: connects,
  title: 'irqfd->producer and irq_bypass_vcpu are written only under irqfds.lock',
  step({ before, after, event, observations, touched }) {
    const { world } = before;
    for (const { irqfd, lock } of irqfdsOf(world)) {
      if (!touched.has(world.actor(irqfd))) continue;
      const [old, now] = [before.context<IrqfdContext>(irqfd), after.context<IrqfdContext>(irqfd)];
      // kfree() and the next allocation are not writes of a field.
      if (old.eventfd === null || now.eventfd === null) continue;
      if (old.producer === now.producer && old.vcpu === now.vcpu) continue;
      // The lock may have been taken in this very step.
      if (!isUnlocked(before, lock) || event.to === lock || isTakenHere(observations, before.constant(lock, 'class')))
        continue;
      return `${event.to}.${event.message.type} changes ${irqfd}->producer or irq_bypass_vcpu without irqfds.lock`;
    }
    return null;
  },
};
