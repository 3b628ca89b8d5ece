// Coverage marks: branches of the kernel's code that a search should meet somewhere (matklad, "Coverage Marks").
//
// Kernel source: virt/lib/irqbypass.c, Linux 6.12 to 6.17. A mark is met when a step shows what that branch does; a search
// lists those it never met, and a minimal test expects each (test/properties/marks.test.ts).
import type { Observation } from '../machines/manager/protocol.ts';
import { asObservation } from '../machines/manager/protocol.ts';
import { errno } from '../machines/kernel/call.ts';
import { hasKind } from './manager-worlds.ts';
import type { Mark } from '../engine/world/property.ts';

type Seen = (observation: Observation) => boolean;
const shows = (id: string, title: string, seen: Seen, needs?: Mark['needs']): Mark => ({
  id,
  title,
  ...(needs === undefined ? {} : { needs }),
  isMet: ({ observations }) => observations.some((one) => seen(asObservation(one))),
});
const returned = (op: string, value: number): Seen => {
  return (o) => o.kind === 'return' && o.op.startsWith(op) && o.value === value;
};
const called = (callback: string, fails: boolean): Seen => {
  return (o) => o.kind === 'callback' && o.callback === callback && ((o.value ?? 0) !== 0) === fails;
};

/** All marks, in the order in which the code has them. */
export const marks: readonly Mark[] = [
  shows('registered', 'a registration returns 0', returned('register', 0)),
  shows('einval', 'a registration returns -EINVAL', returned('register', -errno.EINVAL)),
  shows('ebusy', 'a registration returns -EBUSY: the eventfd is taken', returned('register', -errno.EBUSY)),
  shows('enomem', 'a registration returns -ENOMEM: no node for the xarray', returned('register', -errno.ENOMEM)),
  shows('enodev', 'a registration returns -ENODEV: no reference on the module', returned('register', -errno.ENODEV)),
  shows('stop', 'a stop callback runs', called('stop', false)),
  shows('add-consumer', 'add_consumer succeeds', called('add_consumer', false)),
  shows('add-consumer-fails', 'add_consumer fails: nothing to roll back', called('add_consumer', true)),
  shows('add-producer', 'add_producer succeeds: a pair is connected', called('add_producer', false)),
  shows('add-producer-fails', 'add_producer fails: add_consumer is rolled back', called('add_producer', true)),
  shows('start', 'a start callback runs', called('start', false)),
  shows('del-producer', 'del_producer runs: a pair is disconnected', called('del_producer', false)),
  shows('del-consumer', 'del_consumer runs', called('del_consumer', false)),
  {
    id: 'unregister-nothing',
    title: 'unregister returns before it takes the mutex',
    isMet: ({ observations }) =>
      observations
        .map(asObservation)
        .some((o) => o.kind === 'return' && o.early === true && o.op.startsWith('unregister')),
  },
  shows('warn', 'WARN_ON_ONCE() fires', (o) => o.kind === 'warn'),
  shows(
    'posted',
    'an interrupt is posted to a vCPU',
    (o) => o.kind === 'interrupt' && o.how === 'posted',
    hasKind('irte'),
  ),
  shows('injected', 'an interrupt is injected', (o) => o.kind === 'interrupt' && o.how === 'injected', hasKind('irte')),
];
