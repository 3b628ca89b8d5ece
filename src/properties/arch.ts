// The architecture's half: pointers, locks, IRTEs and routes of system worlds.
import type { Observation } from '../engine/actors/effects.ts';
import { isSamePlain } from '../engine/actors/plain-data.ts';
import type { Name, Value } from '../engine/actors/name.ts';
import type { Property } from '../engine/world/property.ts';
import type { WorldView } from '../engine/world/view.ts';
import type { IrteContext } from '../machines/iommu/irte.ts';
import type { LockObservation } from '../machines/kernel/lockdep.ts';
import type { IrqfdContext } from '../machines/kvm/irqfd-context.ts';
import { postable, routeOf, routeText } from '../machines/kvm/route.ts';
import type { VmContext } from '../machines/kvm/vm.ts';
import { asObservation } from '../machines/manager/protocol.ts';
import { managerIn } from '../registry/manager-view.ts';
import { hasKind, mutexIsFree, namesOf } from './manager-worlds.ts';
import { connects, posts, writesIrte } from './sometimes.ts';
import type { Irqfd } from './system-worlds.ts';
import {
  hasIrqfdOf,
  hostIrqsOf,
  isApicvSettled,
  irqfdOf,
  irqfdsOf,
  isUnlocked,
  machineOf,
  postedToIn,
  wantedBy,
  wiringOf,
  x86IrqfdsOf,
} from './system-worlds.ts';

/** I-ARCHPTR: irqfd->producer is the partner that the manager knows, whenever neither lock is held. */
export const archPointer: Property = {
  id: 'i-archptr',
  needs: hasIrqfdOf('vmx', 'svm', 'powerpc'),
  sometimes: connects,
  title: "irqfd->producer is the consumer's partner, whenever the mutex and irqfds.lock are free",
  state: {
    while: mutexIsFree,
    checks: (world) =>
      irqfdsOf(world)
        .filter(({ arch }) => arch !== 'arm64')
        .map(({ irqfd, lock }) => (state: WorldView) => {
          const { producer } = state.context<IrqfdContext>(irqfd);
          if (!isUnlocked(state, lock)) return null;
          const [partner = null] = managerIn(state).partners(irqfd);
          if (producer === partner) return null;
          return `${irqfd}->producer is ${producer ?? 'NULL'}, the manager has connected ${irqfd} with ${partner ?? 'nobody'}`;
        }),
  },
};

/** An entry that is the host's has the host's own mode (Intel); null where it does. */
function hostMode(state: WorldView, irq: Name): string | null {
  if (machineOf(state.world, irq) !== 'irte') return null;
  const { entry, host } = state.context<IrteContext>(irq);
  return entry.mode === host ? null : `${irq} goes to the host as ${entry.mode}, the host has its MSIs ${host}`;
}

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
      return hostIrqsOf(world).map(({ irq, handler }) => (state: WorldView) => {
        const vcpu = postedToIn(state, irq);
        const found = irqfdOf(state, handler, irqfds);
        if (found !== undefined && !(isUnlocked(state, found.lock) && isApicvSettled(state, found.vm))) return null;
        const wanted = found === undefined ? null : wantedBy(state, found);
        if (vcpu === wanted) return vcpu === null ? hostMode(state, irq) : null;
        // There a connect may have nothing to forward, and an update takes a mapping back.
        if (found?.arch === 'arm64' && vcpu === null) return null;
        const route =
          found === undefined
            ? `${handler} is not connected`
            : `the route of ${found.irqfd} goes to ${wanted ?? 'none'}`;
        return `${irq} ${vcpu === null ? 'goes to the host' : `posts to ${vcpu}`}, but ${route}`;
      });
    },
  },
};

/** Is a VM's routing table being changed? Then both routes are right. */
const isBeingRouted = (state: WorldView, vm: Name): boolean => state.context<VmContext>(vm).caller !== null;

/** An interrupt that hardware has posted, by the irq that it came through. */
function postedAstray(before: WorldView, to: Name, vcpu: Name | null): string | null {
  const { world } = before;
  const irq = wiringOf(world, to)['irq'];
  const irte = hostIrqsOf(world).find((one) => one.irq === irq);
  if (irte === undefined) return null;
  const found = irqfdOf(before, irte.handler, irqfdsOf(world));
  // On powerpc routes play no part.
  if (found === undefined || found.arch === 'powerpc' || !isUnlocked(before, found.lock)) return null;
  const { routes, items } = before.context<VmContext>(found.vm);
  if (isBeingRouted(before, found.vm) || !items.some(({ irqfd }) => irqfd === found.irqfd)) return null;
  const route = routeOf(routes, before.context<IrqfdContext>(found.irqfd).gsi);
  if (postable(route) === vcpu) return null;
  return `an interrupt of ${irte.irq} is posted to ${vcpu ?? 'nobody'}, the route of ${found.irqfd} is ${routeText(route)}`;
}

/** An interrupt that KVM has injected: one of the VM's irqfds has to have a route there. */
function injectedAstray(before: WorldView, vcpu: Name | null): string | null {
  const { world } = before;
  const vm = namesOf(world, 'vm').find((one) => vcpu !== null && before.context<VmContext>(one).vcpus.includes(vcpu));
  if (vm === undefined || isBeingRouted(before, vm)) return null;
  const { routes } = before.context<VmContext>(vm);
  const mayGoThere = irqfdsOf(world)
    .filter((one) => one.vm === vm && before.context<IrqfdContext>(one.irqfd).eventfd !== null)
    .map(({ irqfd }) => routeOf(routes, before.context<IrqfdContext>(irqfd).gsi))
    .some((route) => route.type === 'irqchip' || route.type === 'multicast' || postable(route) === vcpu);
  if (mayGoThere || irqfdsOf(world).some((one) => one.vm === vm && !isUnlocked(before, one.lock))) return null;
  return `an interrupt is injected into ${String(vcpu)}, and no route of ${vm} goes there`;
}

/** I-ROUTEFRESH: an interrupt goes by the route that its VM has. */
export const routeFresh: Property = {
  id: 'i-routefresh',
  needs: hasKind('irte'),
  sometimes: posts,
  title:
    'No interrupt is posted to another vCPU than the route of its irqfd says, or injected where no route of an irqfd of its VM goes',
  step({ before, event, observations }) {
    for (const shown of observations.map(asObservation)) {
      if (shown.kind !== 'interrupt') continue;
      const astray =
        shown.how === 'posted'
          ? postedAstray(before, event.to as Name, shown.vcpu)
          : shown.how === 'injected'
            ? injectedAstray(before, shown.vcpu)
            : null;
      if (astray !== null) return astray;
    }
    return null;
  },
};

/** Is a lock of a class taken in this very step? */
const isTakenHere = (observations: readonly Observation[], lockClass: Value): boolean =>
  observations.some(
    (shown) => shown.kind === 'lock' && (shown as LockObservation & { readonly kind: 'lock' }).class === lockClass,
  );

/** Tasks in whose course an irqfd does something: KVM_IRQFD, a callback, a routing update. */
function tasksAt(state: WorldView, { irqfd, vm }: Irqfd): readonly (Name | null)[] {
  const { caller, callbackTask, updateTask } = state.context<IrqfdContext>(irqfd);
  return [caller, callbackTask, updateTask, state.context<VmContext>(vm).caller];
}

/** I-LOCKPROT: what irqfds.lock protects is written by who holds it. */
export const lockProtects: Property = {
  id: 'i-lockprot',
  needs: hasIrqfdOf('vmx', 'svm'),
  sometimes: connects,
  title: 'irqfd->producer, irq_bypass_vcpu, irq_entry and the bypass count are written only by who holds irqfds.lock',
  step({ before, after, event, observations, touched }) {
    const { world } = before;
    for (const one of x86IrqfdsOf(world)) {
      const { irqfd, vm, lock } = one;
      const isCount = touched.has(before.columnOf(vm, 'nr_possible_bypass_irqs'));
      // Nothing else is read of a step that writes nothing of this: it hangs on nothing else then.
      if (!isCount && !touched.has(world.actor(irqfd))) continue;
      // A lock may be taken and given back within one step: it is shown.
      const isTaken = isTakenHere(observations, before.constant(lock, 'class'));
      const holder = before.context<{ readonly owner: Name | null }>(lock).owner;
      // An answer of the lock says that it is had.
      const isHeldBy = (tasks: readonly (Name | null)[]): boolean =>
        event.to === lock || isTaken || (holder !== null && tasks.includes(holder));
      const all = x86IrqfdsOf(world).filter((other) => other.vm === vm);
      if (isCount && !isHeldBy(all.flatMap((other) => [...tasksAt(before, other), ...tasksAt(after, other)])))
        return `${event.to}.${event.message.type} changes the bypass count of ${vm} without irqfds.lock`;
      if (!touched.has(world.actor(irqfd))) continue;
      const [old, now] = [before.context<IrqfdContext>(irqfd), after.context<IrqfdContext>(irqfd)];
      // kfree() and the next allocation are not writes of a field.
      if (old.eventfd === null || now.eventfd === null) continue;
      if (old.producer === now.producer && old.vcpu === now.vcpu && isSamePlain(old.entry, now.entry)) continue;
      if (isHeldBy([...tasksAt(before, one), ...tasksAt(after, one)])) continue;
      return `${event.to}.${event.message.type} changes ${irqfd}->producer, irq_bypass_vcpu or irq_entry without irqfds.lock`;
    }
    return null;
  },
};
