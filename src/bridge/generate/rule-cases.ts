// The small KUnit suite: rules of the manager, each with the calls that show it.
import type { Lacks } from '../call-model.ts';
import type { ManagerCall } from '../manager-calls.ts';

/** A rule of the manager, and the calls that show it. */
export interface RuleCase {
  readonly name: string;
  /** What is tested, and which bug it would have caught. */
  readonly comment: string;
  readonly calls: readonly ManagerCall[];
  /** Callbacks that structs do without. */
  readonly lacks?: Lacks;
}

const register = (object: string, eventfd: string | null, fault?: ManagerCall['fault']): ManagerCall => ({
  op: object.startsWith('p') ? 'register_producer' : 'register_consumer',
  object,
  eventfd,
  ...(fault === undefined ? {} : { fault }),
});
const unregister = (object: string): ManagerCall => ({
  op: object.startsWith('p') ? 'unregister_producer' : 'unregister_consumer',
  object,
});

/** The small suite. Each is one or two dozen lines of C; those that warn are for kernels in which a test can suppress that. */
export const ruleCases: readonly RuleCase[] = [
  {
    name: 'consumer_after_producer_is_connected',
    comment: 'Stops, adds and starts come in this order; starts in the order reverse to stops.',
    calls: [register('p0', 'e0'), register('c0', 'e0')],
  },
  {
    name: 'producer_after_consumer_is_connected',
    comment: 'Which side comes second makes no difference.',
    calls: [register('c0', 'e0'), register('p0', 'e0')],
  },
  {
    name: 'other_eventfd_is_not_connected',
    comment: 'The key decides who is connected, and who is disconnected.',
    calls: [
      register('p0', 'e0'),
      register('c0', 'e1'),
      register('p1', 'e1'),
      register('c1', 'e0'),
      unregister('c0'),
      register('c0', 'e0'),
    ],
  },
  {
    name: 'producer_unregister_disconnects',
    comment: 'The consumer stays and is connected to the next producer.',
    calls: [register('p0', 'e0'), register('c0', 'e0'), unregister('p0'), register('p1', 'e0')],
  },
  {
    name: 'consumer_unregister_disconnects',
    comment: 'The producer stays and is connected to the next consumer.',
    calls: [register('p0', 'e0'), register('c0', 'e0'), unregister('c0'), register('c1', 'e0')],
  },
  {
    name: 'second_producer_is_refused',
    comment: 'One producer for each eventfd; the first one stays connected.',
    calls: [register('p0', 'e0'), register('c0', 'e0'), register('p1', 'e0')],
  },
  {
    name: 'second_consumer_is_refused',
    comment: 'One consumer for each eventfd; the first one stays connected.',
    calls: [register('p0', 'e0'), register('c0', 'e0'), register('c1', 'e0')],
  },
  {
    name: 'failed_add_consumer_starts_both_again',
    comment:
      'add_producer is not called, nor del_consumer; both are started (e44b49f623c7). The newcomer is not registered.',
    calls: [register('c0', 'e0'), register('p0', 'e0', 'add_consumer'), register('p1', 'e0')],
  },
  {
    name: 'failed_add_producer_is_rolled_back',
    comment: 'del_consumer undoes add_consumer, both are started again. The newcomer is not registered.',
    calls: [register('p0', 'e0'), register('c0', 'e0', 'add_producer'), register('c1', 'e0')],
  },
  {
    name: 'failed_registration_can_be_repeated',
    comment: 'After a failed connect the same struct can be registered.',
    calls: [register('c0', 'e0'), register('p0', 'e0', 'add_producer'), register('p0', 'e0')],
  },
  {
    name: 'unregister_twice_does_nothing',
    comment: 'The second call finds nothing to do, and others stay.',
    calls: [register('p0', 'e0'), register('c0', 'e0'), unregister('p0'), unregister('p0'), register('p1', 'e0')],
  },
  {
    name: 'unregister_before_register_does_nothing',
    comment: 'A zeroed struct is not registered.',
    calls: [unregister('p0'), unregister('c0')],
  },
  {
    name: 'registered_struct_is_refused',
    comment: 'It stays registered as it was: who comes next is connected by the first key.',
    calls: [
      register('p0', 'e0'),
      register('p0', 'e1'),
      register('c0', 'e1'),
      register('c0', 'e0'),
      register('c1', 'e0'),
    ],
  },
  {
    name: 'missing_callbacks_are_left_out',
    comment: 'All but add_producer and del_producer may be NULL: a consumer without one of those is refused.',
    lacks: {
      p0: ['add_consumer', 'del_consumer', 'stop', 'start'],
      c0: ['stop', 'start'],
      c1: ['del_producer'],
    },
    calls: [
      register('p0', 'e0'),
      register('c1', 'e0'),
      register('c0', 'e0', 'add_producer'),
      register('c0', 'e0'),
      unregister('c0'),
    ],
  },
  {
    name: 'null_key_is_refused',
    comment: 'Nobody is registered without a key.',
    calls: [register('p0', null), register('c0', null), register('p0', 'e0')],
  },
];
