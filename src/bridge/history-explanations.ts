// Why the kernels before the series differ, and what the attempts before it would have changed (kernels 4.4 to 5.13; mails of 2023).
import { errno } from '../machines/kernel/call.ts';
import type { CallObserved } from './call-system.ts';
import type { ExplainedClass, Explanation } from './explained-class.ts';
import {
  hasFault,
  isAlone,
  isMended,
  isOfNull,
  isTwice,
  meets,
  registers,
  returns,
  unregisters,
} from './explained-class.ts';
import { xarray } from './series-explanations.ts';

const { EBUSY, EINVAL, ENOMEM } = errno;

/** Linux 4.7, 4.10 and 5.9. */
const kernels: readonly Explanation[] = [
  {
    id: 'null-key-refused',
    title: 'NULL is refused',
    text: `Linux 4.4 took NULL for a key like any other: structs that had been given none were connected, and a second one was told -EBUSY.
From 4.7 on register returns -EINVAL. (Patch 3 of the series drops the test: [[null-key-accepted]].)`,
    source: 'b52f3ed02220 (4.7)',
    facts: ['B25'],
    policies: ['nullKey'],
    matches: (one) => isOfNull(one) && one.from.returns !== -EINVAL && one.to.returns === -EINVAL && !one.to.warn,
  },
  {
    id: 'unregister-of-no-key-returns-at-once',
    title: 'Unregister of a struct without a key returns at once',
    text: `Linux 4.4 took the mutex and scanned for NULL. What another thread wrote into the struct meanwhile counted: a registration was taken
out again; where it failed, the winner of the key was hit. From 4.7 on unregister returns before it waits. Two threads, one struct: misuse.`,
    source: 'b52f3ed02220 (4.7)',
    facts: ['B25'],
    comesOf: 'null-key-refused',
    policies: ['nullUnregister'],
    matches: (one) => unregisters(one) && meets(one, 'register') && one.policies.from.nullUnregister === 'searches',
  },
  {
    id: 'consumers-matched-by-pointer',
    title: 'Consumers are matched by pointer',
    text: `Unregister of a consumer went by the key, so one whose registration had failed disconnected and deleted on behalf of the winner.
KVM does that: two VMs with one eventfd, -EBUSY for the second irqfd, and its shutdown ends in a NULL dereference (syzkaller, 2017). From 4.10
on the consumer itself has to be in the list. Producers were left as they were, until the key became the manager's. The same patch has register
refuse a consumer that is in the list; its own key had it refused already.`,
    source: '4f3dbdf47e15 (4.10); irq_bypass_unregister_consumer()',
    facts: ['B3a'],
    policies: ['unregisterConsumer'],
    matches: (one) => isMended(one) && one.policies.to.unregisterConsumer === 'by-identity',
  },
  {
    id: 'del-consumer-after-a-success',
    title: 'A connect that succeeds calls del_consumer',
    text: `In 5.9 to 5.12 a success runs on into the clean-up of a failure: after both start callbacks del_consumer is called for a pair that is
connected, and once more when it is disconnected. A bug that nobody is known to have reported, as no producer in the tree has del_consumer. It
came with a979a6aa009f and went with its revert; at least one vendor's tree still has it.`,
    source: 'a979a6aa009f (5.9), reverted by e44b49f623c7 (5.13); __connect()',
    facts: ['linux-5.9, del_consumer'],
    policies: ['afterStart'],
    matches: (one) => !hasFault(one, 'add_consumer', 'add_producer') && !isCalledAsOften(one, 'del_consumer'),
  },
  {
    id: 'nothing-started-after-a-failure',
    title: 'A connect that fails starts nobody',
    text: `In 5.9 to 5.12 the start callbacks came only after a success, though stop had been called. On arm64 stop halts the whole guest: with
four vectors of which the guest had mapped three, the fourth connect failed and the guest was frozen for ever. The reason of the revert.`,
    source: 'a979a6aa009f (5.9), reverted by e44b49f623c7 (5.13); __connect()',
    facts: ['B2'],
    // Where del_consumer follows the start callbacks a failure of add_producer has come past them.
    policies: ['start', 'afterStart'],
    matches: (one) => hasFault(one, 'add_consumer', 'add_producer') && !isCalledAsOften(one, '.start'),
  },
];

/** 20230301021830.880. */
const longpeng: readonly Explanation[] = [
  {
    id: 'consumers-sought-among-producers',
    title: 'Consumers are sought among the producers',
    text: `The helper that looks a consumer up by key walks the table of producers. A producer that comes second is not connected. One that is
unregistered finds itself, is taken for a consumer, and what is called as its callbacks is something else: register and unregister of one
producer, the plainest use there is, stop the kernel. A consumer that comes second looks among producers rightly, and is connected. A bug; the
patch's figures are of irqfds, which are consumers.`,
    source: 'Longpeng, 20230301021830.880-1',
    facts: ['2.2'],
    policies: ['consumerLookup'],
    matches: (one) => one.isShownBy('consumerLookup'),
  },
  {
    id: 'the-bucket-of-the-first-key',
    title: 'A hash table does not see that a key was overwritten',
    text: `An entry stays in the bucket of the key that it was registered under. The lists looked at the field each time, so with a caller that
writes another key into a registered struct they found it under the new one, and a table does not: such a struct is not refused with -EBUSY but
linked twice, is not connected, is not found by unregister. It is misuse that
has other consequences ([[registered-struct-keeps-its-key]]).`,
    source: 'Longpeng, 20230301021830.880-1',
    facts: [],
    policies: ['index'],
    matches: (one) => one.policies.to.index === 'hash' && !one.isShownBy('consumerLookup'),
  },
];

/** 20230801085408.69597, 20230801115646.33990, 20230802051700.52321. */
const likeXu: readonly Explanation[] = [
  {
    id: 'producers-matched-by-pointer',
    title: 'Producers are matched by pointer',
    text: `The patch before the xarray has unregister of a producer look for the struct itself, as that of a consumer does since 4.10. A producer
whose registration failed, or that is unregistered twice, no longer hits the one that has its key. Not what was
objected to; the series has the same effect by another way ([[only-the-registered-have-a-key]]).`,
    source: 'Like Xu, 20230801085408.69597; irq_bypass_unregister_producer()',
    facts: ['B3c'],
    policies: ['unregisterProducer'],
    matches: (one) => isMended(one) && one.policies.to.unregisterProducer === 'by-identity',
  },
  {
    id: 'connected-but-not-stored',
    title: 'Connected though registration failed',
    text: `Version 1 connects, stores, and does not disconnect where the xarray has no memory for a node: the caller is told -ENOMEM and frees a
struct that its partner is still connected to. (Without a partner nothing is left behind.) Alex Williamson's objection. Version 2 and the series
store first: no callback is called then.`,
    source: 'Like Xu v1, 20230801115646.33990-1; __connect() before xa_store()',
    facts: ['2.3', 'D7.2'],
    policies: xarray,
    matches: (one) => hasFault(one, 'allocation') && one.to.returns === -ENOMEM && isOfV1(one),
  },
  {
    id: 'stored-but-not-connected',
    title: 'Registered though a callback failed',
    text: `Version 2 stores, connects, and does not erase where a callback fails: the caller is told the error and frees a struct that is
registered. The reference on the module is given back all the same, one too few for the entries. Refused by Alex Williamson for it. Callers that do
nothing wrong see it. The series erases.`,
    source: 'Like Xu v2, 20230802051700.52321; xa_store() before __connect()',
    facts: ['2.4'],
    policies: xarray,
    matches: (one) =>
      hasFault(one, 'add_consumer', 'add_producer') && one.from.returns === one.to.returns && !one.policies.to.undo,
  },
  {
    id: 'only-the-slot-is-looked-at',
    title: 'A registered struct registers under another key',
    text: `A list was scanned, and a struct that was in it met itself: -EBUSY. An xarray is asked for the new key alone: where nobody has it, the
struct is stored a second time, and unregister leaves one of the two. (The series refuses it by the key in the struct, with a WARN.)`,
    source: 'Like Xu, 20230801115646.33990-1, 20230802051700.52321; xa_load()',
    facts: [],
    policies: xarray,
    matches: (one) => registers(one) && isAlone(one) && returns(one, -EBUSY, 0) && isOverwriting(one) && isTwice(one),
  },
  {
    id: 'an-entry-stays-at-its-index',
    title: 'An entry stays at its index',
    text: `A caller that writes another key into a registered struct changes the key that a list has it under. In an xarray it stays where it was
stored. Refused either way; the same misuse as above.`,
    source: 'Like Xu, 20230801115646.33990-1, 20230802051700.52321; xa_store()',
    facts: [],
    comesOf: 'only-the-slot-is-looked-at',
    policies: xarray,
    matches: (one) =>
      registers(one) &&
      isAlone(one) &&
      !hasFault(one, 'allocation', 'add_consumer', 'add_producer') &&
      one.from.returns === one.to.returns &&
      isOverwriting(one),
  },
];

/** Does one of the two connect before it stores, in an xarray? */
const isOfV1 = ({ policies: { from, to } }: ExplainedClass): boolean =>
  [from, to].some(({ index, order }) => index === 'xarray' && order === 'connect-first');

/** Does the second one store over what is in a slot? */
const isOverwriting = ({ policies }: ExplainedClass): boolean => policies.to.insertion === 'xa_store';

/** Does a callback come as often in both? */
function isCalledAsOften({ from, to }: ExplainedClass, callback: string): boolean {
  const count = (seen: CallObserved): number =>
    [...seen.callbacks, ...(seen.race?.callbacks ?? [])].filter((one) => one.includes(callback)).length;
  return count(from) === count(to);
}

/** Kernels, then attempts. */
export const historyExplanations: readonly Explanation[] = [...kernels, ...longpeng, ...likeXu];
