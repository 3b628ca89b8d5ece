// What hardware posts, and what KVM believes, counts and lists of it: system worlds.
import type { Name } from '../engine/actors/name.ts';
import type { Property } from '../engine/world/property.ts';
import type { WorldView } from '../engine/world/view.ts';
import type { IrqfdContext } from '../machines/kvm/irqfd-context.ts';
import type { AmdIrteContext } from '../machines/iommu/irte-amd.ts';
import type { SvmVcpuContext } from '../machines/vcpu/vcpu-svm.ts';
import type { VmxVcpuContext } from '../machines/vcpu/vcpu-vmx.ts';
import { asObservation } from '../machines/manager/protocol.ts';
import { managerIn } from '../registry/manager-view.ts';
import { hasKind, mutexIsFree, namesOf } from './manager-worlds.ts';
import { blocks, connects, disconnects, posted, runsAgain } from './sometimes.ts';
import {
  hasIrqfdOf,
  hostIrqsOf,
  irqfdsOf,
  isApicvSettled,
  isUnlocked,
  postedToIn,
  wiringOf,
  x86IrqfdsOf,
} from './system-worlds.ts';

/** I-UNPOST: whoever unregisters finds the irq back with the host. */
export const unposted: Property = {
  id: 'i-unpost',
  title: 'Once unregister has returned the irq of the pair goes to the host',
  needs: hasKind('host-irq'),
  sometimes: disconnects,
  step({ after, observations }) {
    const returned = observations
      .map(asObservation)
      .find((one) => one.kind === 'return' && one.op.startsWith('unregister_') && one.early !== true);
    if (returned === undefined) return null;
    for (const { irq, handler } of hostIrqsOf(after.world)) {
      const vcpu = postedToIn(after, irq);
      if (vcpu !== null && managerIn(after).partners(handler).length === 0)
        return `${irq} posts to ${vcpu} after ${handler} was disconnected`;
    }
    return null;
  },
};

/** I-BELIEF: irq_bypass_vcpu is where the hardware posts, whenever nobody is at it. */
export const belief: Property = {
  id: 'i-belief',
  title: 'KVM believes an irq to be posted exactly where the hardware posts it',
  needs: hasIrqfdOf('vmx', 'svm'),
  sometimes: posted,
  state: {
    while: mutexIsFree,
    checks: (world) =>
      x86IrqfdsOf(world).map(({ irqfd, vm, lock }) => (state: WorldView) => {
        const { vcpu, producer } = state.context<IrqfdContext>(irqfd);
        if (producer === null || !isUnlocked(state, lock) || !isApicvSettled(state, vm)) return null;
        if (state.load(vm, 'avic_inhibited') === true) return null;
        const irq = wiringOf(world, producer)['irq'] as Name;
        const there = postedToIn(state, irq);
        if (there === vcpu) return null;
        return `${irqfd} believes ${irq} to be posted to ${vcpu ?? 'nobody'}, it is posted to ${there ?? 'nobody'}`;
      }),
  },
};

/** I-COUNT: nr_possible_bypass_irqs is the number of connected irqfds of the VM. */
export const bypassCount: Property = {
  id: 'i-count',
  title: 'nr_possible_bypass_irqs is the number of connected irqfds of the VM',
  needs: hasIrqfdOf('vmx', 'svm'),
  sometimes: connects,
  state: {
    while: mutexIsFree,
    checks: (world) =>
      namesOf(world, 'vm').map((vm) => {
        const own = x86IrqfdsOf(world).filter((one) => one.vm === vm);
        return (state: WorldView) => {
          if (own.some(({ lock }) => !isUnlocked(state, lock))) return null;
          const connected = own.filter(({ irqfd }) => managerIn(state).partners(irqfd).length > 0).length;
          const counted = Number(state.load(vm, 'nr_possible_bypass_irqs'));
          return counted === connected ? null : `${vm} counts ${counted} possible bypass irqs, there are ${connected}`;
        };
      }),
  },
};

const isQuietSvm = (state: WorldView, vcpu: Name): boolean =>
  isUnlocked(state, wiringOf(state.world, vcpu)['ir_list_lock'] as Name);

/** I-IRLIST: an irqfd is on the list of the vCPU that it posts to, and on no other. */
export const irList: Property = {
  id: 'i-irlist',
  title: 'An irqfd is on the ir_list of the vCPU that it is posted to, on no other, and not once it is freed',
  needs: hasIrqfdOf('svm'),
  sometimes: posted,
  state: {
    while: mutexIsFree,
    checks: (world) =>
      namesOf(world, 'vcpu-svm').flatMap((vcpu) =>
        irqfdsOf(world).map(({ irqfd, lock }) => (state: WorldView) => {
          if (!isUnlocked(state, lock) || !isQuietSvm(state, vcpu)) return null;
          const isListed = state.context<SvmVcpuContext>(vcpu).irList.some((one) => one.irqfd === irqfd);
          const isPosted = state.context<IrqfdContext>(irqfd).vcpu === vcpu;
          if (isListed === isPosted) return null;
          return isListed
            ? `${irqfd} is on the ir_list of ${vcpu}, and is not posted there`
            : `${irqfd} is posted to ${vcpu}, and is not on its ir_list`;
        }),
      ),
  },
};

/** I-FRESHCPU: what an IRTE says of a vCPU is so. */
export const freshCpu: Property = {
  id: 'i-freshcpu',
  title: 'An IRTE in guest mode says where its vCPU runs',
  needs: hasIrqfdOf('svm'),
  sometimes: runsAgain,
  state: {
    checks: (world) =>
      namesOf(world, 'irte-amd').map((irq) => (state: WorldView) => {
        const { entry } = state.context<AmdIrteContext>(irq);
        if (entry.mode !== 'posted' || !isQuietSvm(state, entry.vcpu)) return null;
        // An entry that cannot be told is not the walk's fault.
        if (state.constant(irq, 'refuses_ga') === true) return null;
        // Only who is on its list hears of a vCPU.
        if (!state.context<SvmVcpuContext>(entry.vcpu).irList.some((one) => one.irq === irq)) return null;
        const isRun = state.load(entry.vcpu, 'running') === true;
        const cpu = Number(state.load(entry.vcpu, 'cpu'));
        if (entry.isRun === isRun && (!isRun || entry.cpu === cpu)) return null;
        const says = entry.isRun ? `runs on CPU ${entry.cpu}` : 'does not run';
        return `the IRTE of ${irq} says that ${entry.vcpu} ${says}, it ${isRun ? `runs on CPU ${cpu}` : 'does not run'}`;
      }),
  },
};

/** I-WAKELIST: a vCPU is on a wakeup list exactly while it has the wakeup vector. */
export const wakeupList: Property = {
  id: 'i-wakelist',
  title: 'A vCPU is on one wakeup list while NV is the wakeup vector, on none else',
  needs: hasKind('vcpu-vmx'),
  sometimes: blocks,
  state: {
    checks: (world) =>
      namesOf(world, 'vcpu-vmx').map((vcpu) => (state: WorldView) => {
        const { lists, nv } = state.context<VmxVcpuContext>(vcpu);
        if (lists.length === (nv === 'wakeup' ? 1 : 0)) return null;
        return `${vcpu} has the ${nv} vector and is on ${lists.length} wakeup lists`;
      }),
  },
};

/** I-IRQEXCL: an irq that is posted is requested, and nobody else's. */
export const exclusiveIrq: Property = {
  id: 'i-irqexcl',
  title:
    'An irq that is posted has a handler of its own: requested before it is registered, freed after it is unregistered',
  needs: hasKind('host-irq'),
  sometimes: posted,
  state: {
    checks: (world) =>
      hostIrqsOf(world).map(({ irq, handler }) => (state: WorldView) => {
        const vcpu = postedToIn(state, irq);
        if (vcpu === null) return null;
        const { requested } = state.context<{ readonly requested?: boolean }>(handler);
        if (requested === false) return `${irq} posts to ${vcpu}, and ${handler} has not requested it`;
        const { constants = {} } = state.definitionOf(handler);
        return constants['shares_irq'] === true ? `${irq} is shared, and posts to ${vcpu}` : null;
      }),
  },
};
