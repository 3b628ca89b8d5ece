// The machines by name: what `list machines` shows and `diagram` draws.
import type { AnyStateMachine } from 'xstate';
import { createCallerMachine } from '../../machines/manager/thread.ts';
import { createConsumerMachine } from '../../machines/manager/consumer.ts';
import { createEventfdMachine } from '../../machines/eventfd/eventfd.ts';
import { createIommuMachine } from '../../machines/iommu/irte.ts';
import { createIrqfdMachine } from '../../machines/kvm/irqfd.ts';
import type { Policy } from '../../machines/manager/policy.ts';
import { createProducerMachine } from '../../machines/manager/producer.ts';
import type { ArchPolicy } from '../../machines/system-protocol.ts';
import { archPolicy } from '../../machines/system-protocol.ts';
import { createVfioVectorMachine } from '../../machines/vfio/vfio-vector.ts';
import { createVmMachine } from '../../machines/kvm/vm.ts';
import { createRegistryMachine } from '../../registry/registry.ts';

/** A machine that can be drawn or hosted. */
export interface NamedMachine {
  readonly id: string;
  readonly title: string;
  readonly create: (policy: Policy) => AnyStateMachine;
}

/** Machines of system worlds. */
export type SystemMachine = 'eventfd' | 'iommu' | 'irqfd' | 'vfio-vector' | 'vm';

/** Creates a machine of a system world. */
export function createSystemMachine(machine: SystemMachine, policy: Policy, arch: ArchPolicy): AnyStateMachine {
  switch (machine) {
    case 'eventfd':
      return createEventfdMachine();
    case 'iommu':
      return createIommuMachine();
    case 'irqfd':
      return createIrqfdMachine(policy, arch);
    case 'vfio-vector':
      return createVfioVectorMachine(policy);
    case 'vm':
      return createVmMachine();
  }
}

/** All machines, in the order in which to read them. */
export const machines: readonly NamedMachine[] = [
  { id: 'registry', title: 'The mutex, both sets, connect and disconnect', create: createRegistryMachine },
  { id: 'producer', title: 'struct irq_bypass_producer with its callbacks', create: createProducerMachine },
  { id: 'consumer', title: 'struct irq_bypass_consumer with its callbacks', create: createConsumerMachine },
  { id: 'caller', title: 'A thread that calls the manager', create: (policy) => createCallerMachine(policy, 'clean') },
  { id: 'vfio-vector', title: 'An MSI-X vector of VFIO with its producer', create: createVfioVectorMachine },
  {
    id: 'irqfd',
    title: 'An irqfd of KVM with its consumer and the x86 bypass callbacks',
    create: (policy) => createIrqfdMachine(policy, archPolicy),
  },
  { id: 'vm', title: 'A VM: irqfds.lock, active irqfds, routing entry', create: createVmMachine },
  { id: 'iommu', title: 'The IRTE of one host irq', create: createIommuMachine },
  { id: 'eventfd', title: 'An eventfd context', create: createEventfdMachine },
];
