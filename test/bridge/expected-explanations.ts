// What two revisions must differ in, written down by hand from the facts of the kernel (not from what the search finds).

/** Explanations that each pair of docs/revisions.md has, and no other. */
export const expected: Readonly<Record<string, readonly string[]>> = {
  // fa079a0616ed takes the references on the module away, and with them -ENODEV and the silent return of unregister.
  'base to v2p1': ['enodev-gone', 'unregister-while-the-module-goes'],
  'base to v1p1': ['enodev-gone', 'unregister-while-the-module-goes'],
  // 07fbc83c0152: mutex_lock() looks for itself whether it may sleep.
  'v2p1 to v2p2': [],
  'v1p1 to v1p2': [],
  // 2b521d86ee80: D3.1, D3.2, D3.3, D3.4, D3.5, and what becomes of two threads with one struct.
  'v2p2 to v2p3': [
    'null-key-accepted',
    'registered-struct-refused-with-a-warn',
    'registered-struct-keeps-its-key',
    'only-the-registered-have-a-key',
    'unregister-does-not-wait-for-a-registration',
    'the-key-is-an-argument',
    'one-struct-linked-twice',
  ],
  'v1p2 to v1p3': [
    'null-key-accepted',
    'registered-struct-refused-with-a-warn',
    'registered-struct-keeps-its-key',
    'only-the-registered-have-a-key',
    'unregister-does-not-wait-for-a-registration',
    'the-key-is-an-argument',
    'one-struct-linked-twice',
  ],
  // add57f493e08: bindings can be seen, and a WARN where they are not what the key says.
  'v2p3 to v2p4': ['a-producer-has-one-partner', 'the-partner-is-not-the-bound-one'],
  'v1p3 to v1p4': ['a-producer-has-one-partner', 'the-partner-is-not-the-bound-one'],
  // 5d7dbdce388b: D5; no scan, no check of itself.
  'v2p4 to v2p5': ['one-node-deleted-twice', 'no-partner-by-key'],
  'v1p4 to v1p5': ['one-node-deleted-twice', 'no-partner-by-key'],
  // 46a4bfd0ae48 changes nothing.
  'v2p5 to v2p6': [],
  'v1p5 to v1p6': [],
  // 8394b32faecd: D7.1, D7.3, D7.5, D7.6; version 1 reads the index with the mutex held.
  'v2p6 to v2p7': [
    'no-memory-for-a-node',
    'null-is-index-0',
    'one-struct-in-two-slots',
    'registered-under-null-and-again',
    'second-unregister-warns',
  ],
  'v1p6 to v1p7': [
    'no-memory-for-a-node',
    'null-is-index-0',
    'one-struct-in-two-slots',
    'registered-under-null-and-again',
    'second-unregister-warns',
    'second-unregister-erases-null',
  ],
  // 23b54381cee2: D8.
  'v2p7 to v2p8': ['irq-of-a-registered-producer-stays'],
  // All of it. Nothing is registered under NULL in both, so nothing comes of NULL; the crash and the corrupt list are in between.
  'base to v2p8': [
    'enodev-gone',
    'unregister-while-the-module-goes',
    'null-key-accepted',
    'registered-struct-refused-with-a-warn',
    'registered-struct-keeps-its-key',
    'only-the-registered-have-a-key',
    'unregister-does-not-wait-for-a-registration',
    'no-memory-for-a-node',
    'one-struct-in-two-slots',
    'second-unregister-warns',
  ],
  // b52f3ed02220: NULL is refused by register and nothing to unregister.
  'linux-4.4 to linux-4.7': ['null-key-refused', 'unregister-of-no-key-returns-at-once'],
  // 4f3dbdf47e15.
  'linux-4.7 to base': ['consumers-matched-by-pointer'],
  // a979a6aa009f and its revert: B2, and what comes after a success.
  'base to linux-5.9': ['del-consumer-after-a-success', 'nothing-started-after-a-failure'],
  'linux-5.9 to base': ['del-consumer-after-a-success', 'nothing-started-after-a-failure'],
  // The wrong table, and tables at all.
  'base to longpeng-hlist': ['consumers-sought-among-producers', 'the-bucket-of-the-first-key'],
  // The patch before, an xarray in which nothing but the slot is tested, and for each version its own order without its undo.
  'base to likexu-v1': [
    'producers-matched-by-pointer',
    'only-the-slot-is-looked-at',
    'an-entry-stays-at-its-index',
    'connected-but-not-stored',
  ],
  'base to likexu-v2': [
    'producers-matched-by-pointer',
    'only-the-slot-is-looked-at',
    'an-entry-stays-at-its-index',
    'no-memory-for-a-node',
    'stored-but-not-connected',
  ],
  // The list decides; the patch before is all that is seen.
  'base to likexu-draft3': ['producers-matched-by-pointer'],
  // The order alone.
  'likexu-v1 to likexu-v2': ['connected-but-not-stored', 'stored-but-not-connected'],
};

/** The facts of the kernel that a comparison of revisions is about: sections of the facts that the project collected. */
export const facts: readonly string[] = [
  'R1; R2; R4, binding; R4, WARN; R5; R6; R7, v1',
  'D3.1; D3.2; D3.3; D3.4; D3.5; D3.6; D3.7; D3.8; D5',
  'D7.1; D7.2; D7.3; D7.4; D7.5; D7.5, eviction; D7.6; D7.6, list; D7.7; D7.8; D8',
  'B2; B3a; B3c; B25; linux-5.9, del_consumer',
  '2.2; 2.3; 2.4; 2.5, cost',
].flatMap((line) => line.split('; '));
