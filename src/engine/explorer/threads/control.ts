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
  /** What is done with the states of a round: see TASK. */
  task: 5,
} as const;
export const CONTROL_WORDS = 6;

/** What threads do in a round: expand states, or enter them into a new index. */
export const TASK = { expand: 0, enter: 1 } as const;

/** States that a thread takes at a time. */
export const CHUNK = 64;
/** States that a thread enters into an index at a time. */
export const ENTER_CHUNK = 1 << 18;
/** With so many states left in a round a worker rests: it lacks tables, and gets them before the next. */
export const MOST_LEFT = 2048;
