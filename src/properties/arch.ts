// The x86 half: pointers, locks and IRTEs of system worlds.
import type { Name } from '../engine/actors/name.ts';
import type { Property } from '../engine/world/property.ts';
import type { WorldView } from '../engine/world/view.ts';
import type { World } from '../engine/world/world.ts';
import type { IrteContext } from '../machines/iommu/irte.ts';
import type { IrqfdContext } from '../machines/kvm/irqfd.ts';
import type { VmContext } from '../machines/kvm/vm.ts';
import { routeOf } from '../machines/kvm/vm.ts';
import { asObservation } from '../machines/manager/protocol.ts';
import { managerIn } from '../registry/manager-view.ts';
import { hasKind, mutexIsFree, namesOf } from './manager-worlds.ts';
import { connects, posts, writesIrte } from './sometimes.ts';

const wiringOf = (world: World, actor: Name): Readonly<Record<string, Name>> =>
  world.actors[world.actor(actor)]?.input.wiring ?? {};

/** The irqfds of a world with the VM that each belongs to. */
function irqfdsOf(world: World): { readonly irqfd: Name; readonly vm: Name }[] {
  return namesOf(world, 'irqfd').map((irqfd) => ({ irqfd, vm: wiringOf(world, irqfd)['vm'] as Name }));
}

/** The IRTEs of a world with the vector whose irq each is about. */
function irtesOf(world: World): { readonly irq: Name; readonly vector: Name }[] {
  return namesOf(world, 'irte').map((irq) => ({ irq, vector: wiringOf(world, irq)['vector'] as Name }));
}

const isUnlocked = (state: WorldView, vm: Name): boolean => state.value(vm) === 'unlocked';

/** I-ARCHPTR: irqfd->producer is the partner that the manager knows, whenever neither lock is held. */
export const archPointer: Property = {
  id: 'i-archptr',
  needs: hasKind('irte'),
  sometimes: connects,
  title: "irqfd->producer is the consumer's partner, whenever the mutex and irqfds.lock are free",
  state: {
    while: mutexIsFree,
    checks: (world) =>
      irqfdsOf(world).map(({ irqfd, vm }) => (state: WorldView) => {
        const { producer } = state.context<IrqfdContext>(irqfd);
        if (!isUnlocked(state, vm)) return null;
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
    checks: (world) =>
      irtesOf(world).map(({ irq, vector }) => (state: WorldView) => {
        const { vcpu } = state.context<IrteContext>(irq);
        const [irqfd] = managerIn(state).partners(vector);
        const vm = irqfd === undefined ? undefined : irqfdsOf(world).find((one) => one.irqfd === irqfd)?.vm;
        if (vm !== undefined && !isUnlocked(state, vm)) return null;
        const wanted = irqfd === undefined ? null : state.context<IrqfdContext>(irqfd).entry;
        if (vcpu === wanted) return null;
        const route =
          irqfd === undefined ? `${vector} is not connected` : `the route of ${irqfd} goes to ${wanted ?? 'none'}`;
        return `the IRTE of ${irq} ${vcpu === null ? 'is in host mode' : `posts to ${vcpu}`}, but ${route}`;
      }),
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
    const irte = irtesOf(before.world).find(({ irq }) => irq === event.to);
    if (shown?.kind !== 'interrupt' || irte === undefined) return null;
    const partners = managerIn(before).partners(irte.vector);
    const found = irqfdsOf(before.world).find(({ irqfd }) => partners.includes(irqfd));
    if (found === undefined || !isUnlocked(before, found.vm)) return null;
    const { routes, items } = before.context<VmContext>(found.vm);
    const route = routeOf(routes, before.context<IrqfdContext>(found.irqfd).gsi);
    if (!items.some(({ irqfd }) => irqfd === found.irqfd) || route === shown.vcpu) return null;
    return `an interrupt of ${irte.irq} is posted to ${String(shown.vcpu)}, the route of ${found.irqfd} goes to ${route ?? 'none'}`;
  },
};

/** I-LOCKPROT: irqfd->producer and irq_bypass_vcpu are written under irqfds.lock. */
export const lockProtects: Property = {
  id: 'i-lockprot',
  needs: hasKind('irte'),
  sometimes: connects,
  title: 'irqfd->producer and irq_bypass_vcpu are written only under irqfds.lock',
  step({ before, after, event, touched }) {
    const { world } = before;
    for (const { irqfd, vm } of irqfdsOf(world)) {
      if (!touched.has(world.actor(irqfd))) continue;
      const [old, now] = [before.context<IrqfdContext>(irqfd), after.context<IrqfdContext>(irqfd)];
      // kfree() and the next allocation are not writes of a field.
      if (old.eventfd === null || now.eventfd === null) continue;
      if (old.producer === now.producer && old.vcpu === now.vcpu) continue;
      if (!isUnlocked(before, vm) || event.to === vm) continue;
      return `${event.to}.${event.message.type} changes ${irqfd}->producer or irq_bypass_vcpu without irqfds.lock`;
    }
    return null;
  },
};
