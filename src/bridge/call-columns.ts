// Sequences of calls in columns, as lockdep prints them: one thread makes them, another one those that come while it waits.
import type { ColumnEntry } from '../engine/traces/columns.ts';
import type { ManagerCall } from './manager-calls.ts';
import { callText } from './manager-calls.ts';
import type { RecordedCall, RecordedOperation } from './recorded-format.ts';

const [FIRST, SECOND] = ['t0', 't1'] as const;

/** A call as text, and those that come between its unlocked half and its turn with the mutex. */
interface CallWithRaces {
  readonly text: string;
  readonly races: readonly string[];
}

function entriesOf({ text, races }: CallWithRaces): ColumnEntry[] {
  if (races.length === 0) return [{ thread: FIRST, text }];
  return [
    { thread: FIRST, text: `${text}: waits for the mutex` },
    ...races.map((race) => ({ thread: SECOND, text: race })),
    { thread: FIRST, text: 'has the mutex' },
  ];
}

/**
 * Calls of a comparison, for columns.
 *
 * @param calls - in order; with races at the mutex
 * @returns who does what: the thread `t0` makes them, `t1` those that race with one of them
 */
export function callColumns(calls: readonly ManagerCall[]): ColumnEntry[] {
  return calls.flatMap(({ race, ...call }) =>
    entriesOf({ text: callText(call), races: race === undefined ? [] : [callText(race)] }),
  );
}

function recordedText({ op, producer, consumer, eventfd }: RecordedCall): string {
  const key = op.startsWith('register') ? `, ${eventfd ?? 'NULL'}` : '';
  return `${op}(${producer ?? consumer ?? 'NULL'}${key})`;
}

/**
 * Recorded calls, for columns.
 *
 * @param operations - in order, as a line of recorded behaviour has them
 */
export function recordedColumns(operations: readonly RecordedOperation[]): ColumnEntry[] {
  return operations.flatMap((operation) => {
    const { race, ...faults } = operation.fault ?? {};
    const failing = Object.entries(faults).map(([what, how]) => `${what} ${JSON.stringify(how)}`);
    const text = `${recordedText(operation)}${failing.length === 0 ? '' : ` [${failing.join(', ')}]`}`;
    return entriesOf({ text, races: race === undefined ? [] : [race].flat().map(recordedText) });
  });
}
