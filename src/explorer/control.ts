// The memory by which the threads of a search steer each other.

/** Words of the memory that threads steer each other by. */
export const CONTROL = {
  /** Number of the round; workers sleep on it. */
  round: 0,
  /** The next state to take, and where the level ends. */
  cursor: 1,
  end: 2,
  /** 1 when threads shall finish what they have taken. */
  stop: 3,
  /** Workers that have finished the round. */
  finished: 4,
} as const;
export const CONTROL_WORDS = 5;

/** States that a thread takes at a time. */
export const CHUNK = 64;
