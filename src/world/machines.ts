// The machines by name: what `list machines` shows and `diagram` draws.
import type { AnyStateMachine } from 'xstate';
import { createCallerMachine } from '../machines/caller.ts';
import { createConsumerMachine } from '../machines/consumer.ts';
import type { Policy } from '../machines/policy.ts';
import { createProducerMachine } from '../machines/producer.ts';
import { createRegistryMachine } from '../registry/registry.ts';

/** A machine that can be drawn or hosted. */
export interface NamedMachine {
  readonly id: string;
  readonly title: string;
  readonly create: (policy: Policy) => AnyStateMachine;
}

/** All machines, in the order in which to read them. */
export const machines: readonly NamedMachine[] = [
  { id: 'registry', title: 'The mutex, both sets, connect and disconnect', create: createRegistryMachine },
  { id: 'producer', title: 'struct irq_bypass_producer with its callbacks', create: createProducerMachine },
  { id: 'consumer', title: 'struct irq_bypass_consumer with its callbacks', create: createConsumerMachine },
  { id: 'caller', title: 'A thread that calls the manager', create: (policy) => createCallerMachine(policy, 'clean') },
];
