// Why the patches of the series differ from what was before them (lore 20250404211449.1443336 and 20250516230734.2564775, Linux 6.17).
import { errno } from '../machines/kernel/call.ts';
import type { Policy } from '../machines/manager/policy.ts';
import type { CallObserved } from './call-system.ts';
import type { ExplainedClass, Explanation } from './explained-class.ts';
import {
  hasFault,
  isAlone,
  isBroken,
  isMended,
  isOfNull,
  isTwice,
  meets,
  registers,
  returns,
  unregisters,
} from './explained-class.ts';

const { EBUSY, EINVAL, ENODEV, ENOMEM } = errno;

/** An xarray in place of the lists. */
export const xarray: readonly (keyof Policy)[] = [
  'index',
  'insertion',
  'order',
  'undo',
  'identityTest',
  'unregisterProducer',
  'unregisterConsumer',
  'indexRead',
];

/** Patch 1, fa079a0616ed. */
const moduleReferences: readonly Explanation[] = [
  {
    id: 'enodev-gone',
    title: 'No -ENODEV while the module goes',
    text: `Each registration took a reference on irqbypass.ko and failed with -ENODEV where try_module_get() failed. It protected nothing:
where the reference cannot be had, the caller is running in code that is being freed already. KVM and VFIO keep the module by the symbols
that they use. Nothing else changes for a caller.`,
    source: 'fa079a0616ed; try_module_get() in irq_bypass_register_producer() and _consumer()',
    facts: ['R1'],
    policies: ['moduleReference'],
    matches: (one) => registers(one) && hasFault(one, 'module_get') && one.from.returns === -ENODEV,
  },
  {
    id: 'unregister-while-the-module-goes',
    title: 'Unregister works while the module goes',
    text: `Unregister took a reference, too, and returned without a word where it got none: the struct stayed in its list, connected, while
its owner freed it. Now it does what it does at any other time. Where that is to hit the
producer of somebody else ([[only-the-registered-have-a-key]]), it does so here, too.`,
    source: 'fa079a0616ed; try_module_get() in irq_bypass_unregister_producer() and _consumer()',
    facts: ['R1'],
    policies: ['moduleReference'],
    matches: (one) => unregisters(one) && hasFault(one, 'module_get'),
  },
];

/** Patch 3, 2b521d86ee80. */
const keyOwnership: readonly Explanation[] = [
  {
    id: 'null-key-accepted',
    title: 'NULL is a key',
    text: `The test for NULL of 2016 (b52f3ed02220) went with the field that it looked at: what was -EINVAL registers under NULL. The key
in the struct stays NULL, so unregister takes it for a struct that is not registered and leaves it in the set: a leak, and a use after free
once the owner frees it. A bug that no caller in the tree can hit; the cover letters do not mention it.`,
    source: '2b521d86ee80; irq_bypass_register_producer(), irq_bypass_register_consumer()',
    facts: ['D3.1'],
    policies: ['nullKey'],
    matches: (one) => isOfNull(one) && returns(one, -EINVAL, 0),
  },
  {
    id: 'registered-struct-refused-with-a-warn',
    title: 'A registered struct is refused with a WARN',
    text: `A struct that was registered met itself in the scan of the list and got -EBUSY. Now its key is looked at first, without the mutex:
a struct that has one is refused with -EINVAL and a WARN. Seen by callers that register one struct twice.`,
    source: '2b521d86ee80; WARN_ON_ONCE() at the beginning of register',
    facts: ['D3.2'],
    policies: ['keyOwner'],
    matches: (one) => registers(one) && isAlone(one) && returns(one, -EBUSY, -EINVAL) && one.to.warn,
  },
  {
    id: 'registered-struct-keeps-its-key',
    title: 'A registered struct keeps its key',
    text: `The key was a field that callers wrote before they called, also into a struct that was registered, as vDPA did. The list then had
it under the new key while it was connected by the old one: unregister disconnected the wrong consumer or none, and left the right one connected
to a producer that is freed. Now the manager writes the key, when a registration succeeds. (Both refuse this call: before because of NULL, now
with the WARN.)`,
    source: '2b521d86ee80; producer->token, consumer->token',
    facts: ['D3.5'],
    policies: ['keyOwner'],
    matches: (one) => isOfNull(one) && isAlone(one) && returns(one, -EINVAL, -EINVAL) && one.to.warn,
  },
  {
    id: 'only-the-registered-have-a-key',
    title: 'Only what is registered has a key',
    text: `A struct kept its key when its registration failed, and when it was unregistered. Unregister of such a producer went by the key: it
disconnected the consumer of whoever else was registered under it and deleted a list node that was not linked, a NULL dereference. VFIO cleared
the key by hand for that reason (852b1beecb6f), vDPA did not. Now such a struct has no key, and unregister returns at once.`,
    source: '2b521d86ee80; irq_bypass_unregister_producer()',
    facts: ['D3.3', 'D3.4'],
    policies: ['keyOwner'],
    matches: (one) =>
      isMended(one) &&
      ((unregisters(one) && isAlone(one)) || (registers(one) && meets(one, 'unregister'))) &&
      one.policies.from.keyOwner !== one.policies.to.keyOwner,
  },
  {
    id: 'unregister-does-not-wait-for-a-registration',
    title: 'Unregister does not wait for what is not registered',
    text: `With the key that was left in a struct, unregister passed its test for NULL and waited for the mutex. What another thread registered
meanwhile, it took out again; where that registration failed, it hit the winner of the key. Now it returns at once, and the other thread's
registration stands. Two threads, one struct: misuse.`,
    source: '2b521d86ee80; the test of the key in unregister',
    facts: ['D3.4'],
    comesOf: 'only-the-registered-have-a-key',
    policies: ['keyOwner'],
    matches: (one) =>
      unregisters(one) && meets(one, 'register') && one.policies.from.keyOwner !== one.policies.to.keyOwner,
  },
  {
    id: 'the-key-is-an-argument',
    title: 'The key of a call that waits is its own',
    text: `Two threads register one struct under two keys: the second wrote its key into the struct while the first waited for the mutex, and
both then asked for the second key. Now each call has its key as an argument. Misuse either way.`,
    source: '2b521d86ee80; the second argument of register',
    facts: [],
    comesOf: 'registered-struct-keeps-its-key',
    policies: ['keyOwner'],
    matches: (one) => registers(one) && meets(one, 'register') && returns(one, -EBUSY, 0) && !isTwice(one),
  },
  {
    id: 'one-struct-linked-twice',
    title: 'Two threads register one struct and corrupt the list',
    text: `The second one met the struct in the list: -EBUSY. Now both pass the test of the key, which is made without the mutex, and
list_add() links one node twice. The first posting still looked for consumers in the list; the second dropped that test as one that cannot
fail, which is true of one thread. Patch 7 makes two slots ([[one-struct-in-two-slots]]) of it.`,
    source: '2b521d86ee80; the test of the key in register',
    facts: ['D7.6, list'],
    policies: ['keyOwner', 'identityTest'],
    matches: (one) => registers(one) && meets(one, 'register') && isBroken(one) && one.to.returns === null,
  },
];

/** Patches 4 and 5, add57f493e08 and 5d7dbdce388b. */
const bindings: readonly Explanation[] = [
  {
    id: 'a-producer-has-one-partner',
    title: 'A producer has one partner',
    text: `A producer that is registered twice (by two threads at once, or under NULL and then again) is connected to two consumers. Of
these producer->consumer, which is new, has the later one. Callbacks and their order are the same; before this patch they alone tell who is
connected.`,
    source: 'add57f493e08; __connect()',
    facts: ['R4, binding'],
    policies: ['binding'],
    matches: (one) => registers(one) && one.difference.field === 'bindings',
  },
  {
    id: 'the-partner-is-not-the-bound-one',
    title: 'A WARN where the partner is not the bound one',
    text: `Unregister still looks for a partner by key, and WARNs now where that is another one than producer->consumer. It takes two threads
that unregister one producer: the second finds the key NULL, and under NULL a pair of others, which it disconnects. It did so before, silently.`,
    source: 'add57f493e08; irq_bypass_unregister_producer()',
    facts: ['R4, WARN'],
    comesOf: 'null-key-accepted',
    policies: ['binding'],
    matches: (one) =>
      unregisters(one) && meets(one, 'unregister') && !one.from.warn && one.to.warn && one.to.corruption,
  },
  {
    id: 'one-node-deleted-twice',
    title: 'Two threads unregister one struct and delete it twice',
    text: `Both pass the test of the key, which is made without the mutex. The second one found nothing in its scan and returned. Now there is
no scan: it deletes the node again, whose pointers are poison by then, and the kernel stops. A bug of patches 5 and 6 for callers that have no
lock of their own; VFIO and KVM have one. Patch 7 makes a WARN of it.`,
    source: '5d7dbdce388b; irq_bypass_unregister_producer() and _consumer()',
    facts: ['D5'],
    policies: ['unregisterProducer', 'unregisterConsumer'],
    matches: (one) => unregisters(one) && meets(one, 'unregister') && isBroken(one),
  },
  {
    id: 'no-partner-by-key',
    title: 'Unregister disconnects the bound partner only',
    text: `The second of two threads that unregister one producer disconnected a pair that is registered under NULL, with the WARN of patch 4.
Now unregister disconnects producer->consumer and looks for nobody: no callback, no WARN.`,
    source: '5d7dbdce388b; irq_bypass_unregister_producer() and _consumer()',
    facts: ['R5'],
    policies: ['binding'],
    matches: (one) => unregisters(one) && meets(one, 'unregister') && one.from.warn && !one.to.warn,
  },
];

/** Patch 7, 8394b32faecd. */
const slots: readonly Explanation[] = [
  {
    id: 'no-memory-for-a-node',
    title: 'No memory for a node is -ENOMEM',
    text: `A list needs no memory. An xarray may have to allocate nodes, with GFP_KERNEL and the mutex held, and where that fails register
returns -ENOMEM. Since patch 7 stores before it connects, no callback has been called then, and nothing is left behind. VFIO, vDPA and KVM log
it and go on without bypass.`,
    source: '8394b32faecd; xa_insert() (xa_store() in the attempts before)',
    facts: ['D7.1', 'D7.2'],
    policies: xarray,
    matches: (one) =>
      hasFault(one, 'allocation') &&
      !isOfNull(one) &&
      returns(one, 0, -ENOMEM) &&
      one.policies.to.order === 'insert-first',
  },
  {
    id: 'null-is-index-0',
    title: 'NULL is index 0',
    text: `The slot of the key NULL is index 0. Alone in the xarray it is the head and needs no node, so register(NULL) succeeds where no
memory is to be had; beside other entries it needs nodes as they do. It can still not be unregistered.`,
    source: '8394b32faecd; xa_insert() at index 0',
    facts: ['D7.3'],
    comesOf: 'null-key-accepted',
    policies: xarray,
    matches: (one) => hasFault(one, 'allocation') && isOfNull(one) && returns(one, 0, -ENOMEM),
  },
  {
    id: 'one-struct-in-two-slots',
    title: 'Two threads register one struct and it has two slots',
    text: `Both pass the test of the key, which is made without the mutex, and each stores the struct under its own key; both return 0. The
struct has the later key, so unregister clears that slot, and the other points to freed memory once the struct is freed. Before the series the
second got -EBUSY; patches 3 to 6 corrupted the list.`,
    source: '8394b32faecd; the test of the key in register, xa_insert()',
    facts: ['D7.6'],
    policies: [...xarray, 'keyOwner', 'nullKey'],
    matches: (one) => registers(one) && meets(one, 'register') && one.to.returns === 0 && isTwice(one),
  },
  {
    id: 'registered-under-null-and-again',
    title: 'What is registered under NULL registers again',
    text: `The key of such a struct is NULL, so the test of the key does not know that it is registered. The list linked its node a second
time (the first posting refused a consumer with -EBUSY); the xarray has it in two slots, one of which cannot be cleared.`,
    source: '8394b32faecd; the test of the key in register',
    facts: ['D3.1'],
    comesOf: 'null-key-accepted',
    policies: xarray,
    matches: (one) =>
      registers(one) && isAlone(one) && one.to.returns === 0 && isTwice(one) && one.policies.to.keyOwner === 'manager',
  },
  {
    id: 'second-unregister-warns',
    title: 'Two threads unregister one struct and the second WARNs',
    text: `Both pass the test of the key, which is made without the mutex; the second erases at the index that it read before it waited, finds
another entry than its own, and WARNs. Before the series it found nothing and returned; patches 5 and 6 crashed. Where somebody registers under
the key between the two, that one is erased: it stays connected and is no longer registered.`,
    source: '8394b32faecd; WARN_ON_ONCE(xa_erase() != producer)',
    facts: ['D7.5'],
    policies: [...xarray, 'keyOwner', 'binding'],
    matches: (one) =>
      unregisters(one) && meets(one, 'unregister') && one.to.warn && !one.to.corruption && isNothingErased(one),
  },
  {
    id: 'second-unregister-erases-null',
    title: 'The second unregister of version 1 erases NULL',
    text: `The first posting read the index with the mutex held. The second of two threads reads NULL there, erases whoever is registered
under NULL, and WARNs. The posting that was merged reads the index before it waits.`,
    source: 'v1 of 8394b32faecd (20250404211449.1443336-8)',
    facts: ['R7, v1'],
    comesOf: 'second-unregister-warns',
    policies: xarray,
    matches: (one) =>
      unregisters(one) && meets(one, 'unregister') && one.to.warn && !one.to.corruption && !isNothingErased(one),
  },
];

/** Patch 8, 23b54381cee2. */
const irqs: readonly Explanation[] = [
  {
    id: 'irq-of-a-registered-producer-stays',
    title: 'The irq of a registered producer stays',
    text: `The irq was a field that callers wrote before they called, also into a producer that was registered. Now it is an argument and is
written after the test of the key: a call that is refused with -EINVAL leaves it. One that fails later (-EBUSY, -ENOMEM, a callback) leaves the
new irq in a producer that is not registered, which is harmless, and as it was before.`,
    source: '23b54381cee2; the third argument of irq_bypass_register_producer()',
    facts: ['D8'],
    policies: ['irq'],
    matches: (one) => one.difference.field === 'irqs',
  },
];

/** Do both have as many entries afterwards? */
function isNothingErased({ from, to }: ExplainedClass): boolean {
  const count = ({ producers, consumers }: CallObserved): number => (producers?.length ?? 0) + (consumers?.length ?? 0);
  return count(from) === count(to);
}

/** In the order of the patches. */
export const seriesExplanations: readonly Explanation[] = [
  ...moduleReferences,
  ...keyOwnership,
  ...bindings,
  ...slots,
  ...irqs,
];
