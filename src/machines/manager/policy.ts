// The policies that charts and handlers of the manager are made by: everything in which one revision differs from another.
//
// The rows are in registry/revisions.ts. A bug is no policy: it is a patch in its own file (src/mutations/).

/** How unregister finds an entry: by its key, by its address, by the binding alone, or at an index. */
export type Finding = 'by-key' | 'by-identity' | 'by-binding' | 'by-index';

/** What distinguishes one revision from another. Resolved when a chart is built: two revisions are two drawings. */
export interface Policy {
  /** What PS and CS are made of. */
  readonly index: 'list' | 'hash' | 'xarray' | 'list+xarray';
  /** How a newcomer is entered: at the head of the list, refusing an occupied slot, or overwriting it. */
  readonly insertion: 'list_add' | 'xa_insert' | 'xa_store' | 'list_add+xa_store';
  /** Who writes the key into the struct: the caller before the call, or the manager under the lock (2b521d86ee80). */
  readonly keyOwner: 'caller' | 'manager';
  /** Registering with a NULL key: refused with -EINVAL, or accepted since nothing tests it: in the series of 2025, and before 4.7. */
  readonly nullKey: 'refused' | 'accepted';
  /** Unregistering with a NULL key: there is nothing to do, or (before 4.7) a key like any other. */
  readonly nullUnregister: 'returns' | 'searches';
  readonly unregisterProducer: Finding;
  readonly unregisterConsumer: Finding;
  /** Does register refuse a struct that is in the set under another key? */
  readonly identityTest: { readonly producers: boolean; readonly consumers: boolean };
  /**
   * Are producer->consumer and consumer->producer kept (add57f493e08), and who is disconnected: the one found by key, or the bound
   * one (5d7dbdce388b)?
   */
  readonly binding: 'implied' | 'tracked' | 'used';
  /** Which comes first: connecting the pair or entering the newcomer into the set? */
  readonly order: 'connect-first' | 'insert-first';
  /** Is what a failing connect leaves in the set taken out again? */
  readonly undo: boolean;
  /** A reference on irqbypass.ko per registered object, -ENODEV when it cannot be had (dropped by fa079a0616ed). */
  readonly moduleReference: boolean;
  /** might_sleep() before the lock (dropped by 07fbc83c0152; mutex_lock() looks for itself). */
  readonly mightSleep: boolean;
  /** When unregister reads the index it will erase: before it takes the lock, or after. */
  readonly indexRead: 'before-lock' | 'after-lock';
  /** How the Linux irq number reaches the manager: a field the caller fills, or an argument (23b54381cee2). */
  readonly irq: 'field' | 'argument';
  /** In which set the partner of a producer is looked up. `producers` is the bug of the hash table patch. */
  readonly consumerLookup: 'consumers' | 'producers';
  /** Are the start callbacks called always, or only after a successful connect (5.9 to 5.12)? */
  readonly start: 'always' | 'on-success';
  /** Does a successful connect run on into the del_consumer of the failed one (5.9 to 5.12)? */
  readonly afterStart: 'returns' | 'del_consumer';
}
