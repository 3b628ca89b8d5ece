// The queue that a swarm's jobs wait in, on Redis: names and times that clients and workers must agree on.

/** Where jobs wait. */
export const QUEUE = 'irqbypass-swarm';

/** A worker that has not been heard of for so long has died; its job goes back to the queue. Milliseconds. */
export const LOCK_MS = 4000;
/** Between two looks for such jobs. Milliseconds. */
export const STALLED_EVERY_MS = 2000;

/** Before a failed job is tried again, perhaps by another worker. Milliseconds. */
export const RETRY_AFTER_MS = 300;

/** What nobody fetches is dropped after so long. Seconds. */
export const KEPT_SECONDS = 3600;
