// A small interface: make this call with these faults, tell what was observed.
//
// The machines perform it (recorded-run.ts); whatever else can make the manager's calls may, too, and is compared by `replayFiles`.
import type { RecordedOperation, RecordedSequence } from './recorded-format.ts';

/** What was observed of one call, field by field as recorded. Fields that do not apply are absent. */
export type Observed = Partial<Omit<RecordedOperation, 'op' | 'producer' | 'consumer' | 'eventfd' | 'irq' | 'fault'>>;

/** One sequence in progress. */
export interface CallRun {
  /**
   * Makes one call, with the faults that it comes with.
   *
   * @param operation the call: what was observed of it in a recording is not looked at
   * @returns what was observed
   */
  perform(operation: RecordedOperation): Observed;
  /** Has the manager's memory been corrupted? Then nothing more can be run. */
  readonly isCorrupt: boolean;
}

/** Performs sequences of calls, each on a manager of its own. */
export interface CallRunner {
  /**
   * Starts a sequence: an empty manager and zeroed objects.
   *
   * @param sequence which objects there are: `setup`, `eventfds` and the names in its calls
   */
  start(sequence: RecordedSequence): CallRun;
}
