// The policies that machines read: everything in which one revision of the manager differs from another.
//
// The rows are in registry/revisions.ts; a mutation (src/mutations/) is a row with one entry changed.

/** What distinguishes one revision from another. Every field is read by a guard or an action of a machine. */
export interface Policy {
  /** What PS and CS are made of. */
  readonly index: 'list' | 'hash' | 'xarray' | 'list+xarray';
  /** How a newcomer is entered: at the head of the list, refusing an occupied slot, or overwriting it. */
  readonly insertion: 'list_add' | 'xa_insert' | 'xa_store' | 'list_add+xa_store';
  /** Who writes the key into the struct: the caller before the call, or the manager under the lock (R3). */
  readonly keyOwner: 'caller' | 'manager';
  /** Registering with a NULL key: refused with -EINVAL, or accepted since nothing tests it (D3.1). */
  readonly nullKey: 'refused' | 'accepted';
  /** How unregister finds a producer's entry: by its key, by its address, by the binding alone, or at an index. */
  readonly unregisterProducer: 'by-key' | 'by-identity' | 'by-binding' | 'by-index';
  readonly unregisterConsumer: 'by-key' | 'by-identity' | 'by-binding' | 'by-index';
  /** Does register refuse a struct that is in the set under another key? */
  readonly identityTest: { readonly producers: boolean; readonly consumers: boolean };
  /** Are producer->consumer and consumer->producer kept (R4), and who is disconnected: the one found by key, or the bound one (R5)? */
  readonly binding: 'implied' | 'tracked' | 'used';
  /** Which comes first: connecting the pair or entering the newcomer into the set? */
  readonly order: 'connect-first' | 'insert-first';
  /** A failing second half takes the first half back. */
  readonly undo: boolean;
  /** A reference on irqbypass.ko per registered object, -ENODEV when it cannot be had (dropped by R1). */
  readonly moduleReference: boolean;
  /** might_sleep() before the lock (dropped by R2; mutex_lock() looks for itself). */
  readonly mightSleep: boolean;
  /** When unregister reads the index it will erase: before it takes the lock, or after. */
  readonly indexRead: 'before-lock' | 'after-lock';
  /** How the Linux irq number reaches the manager: a field the caller fills, or an argument (R8). */
  readonly irq: 'field' | 'argument';
  /** In which set the partner of a producer is looked up. `producers` is the bug of the hash table patch. */
  readonly consumerLookup: 'consumers' | 'producers';
  /** Are the start callbacks called always, or only after a successful connect (the 2020 change reverted in 2021)? */
  readonly start: 'always' | 'on-success';
  /** Does a failing add_producer roll add_consumer back? */
  readonly rollBack: boolean;
  /** Which halves are stopped before the callbacks of a pair. */
  readonly stops: 'both' | 'producer';
  /** Order of the callbacks that take a pair apart. */
  readonly delOrder: 'producer-then-consumer' | 'consumer-then-producer';
  /** Order of the fallible callbacks. */
  readonly addOrder: 'consumer-then-producer' | 'producer-then-consumer';
  /** Is the lock given back when a registration fails? Every version does; a mutant forgets it. */
  readonly unlockOnError: boolean;
  /** The error of a registration whose key is taken. */
  readonly busyError: number;
  /** Is a second object with a registered key refused? */
  readonly busyTest: boolean;
  /** Which bindings a disconnect clears. */
  readonly unbind: 'both' | 'own' | 'none';
  /** Is the last start callback of a connect waited for before the lock is given back? */
  readonly lastStart: 'awaited' | 'posted';
  /** Does a registration that fails leave its key in the struct? */
  readonly keyOnFailure: 'untouched' | 'written';
  /** Is the key cleared by unregister (manager-owned keys)? */
  readonly clearKey: boolean;
  /** Does unregister disconnect a bound partner at all? */
  readonly disconnect: boolean;
}
