// What one line of a log says, whatever wrote it: a function begins, a function returns, events are lost.

/** Named values of a function, as the log spells them: `{ cons: '0xffff5c1a05074f00', fd: '13' }`. */
export type LogArguments = Readonly<Record<string, string>>;

/** Where an event comes from. Lines are counted from 1. */
interface Placed {
  readonly line: number;
  /** Nanoseconds of the log's clock; null where none is shown. */
  readonly time: bigint | null;
  readonly cpu: number | null;
}

/** A function begins. */
export interface Entered extends Placed {
  readonly kind: 'enter';
  /** Who runs it: a thread id; interrupts that come in the middle of a thread have a name of their own. */
  readonly task: string;
  readonly function: string;
  readonly arguments: LogArguments;
  /** Who called it, where the log says so. */
  readonly caller: string | null;
  /** How deep it is nested, where the log says so (function_graph). */
  readonly depth?: number;
  /** Does it return on the same line (function_graph: `f();`)? */
  readonly returns?: true;
  /** What it returned then. */
  readonly result?: number;
}

/** A function returns. */
export interface Returned extends Placed {
  readonly kind: 'return';
  readonly task: string;
  /** Null where only the end of the innermost function is shown (function_graph: `}`). */
  readonly function: string | null;
  readonly depth?: number;
  /** Absent where the log has none. */
  readonly result?: number;
}

/** Events were lost before this line. */
export interface Lost extends Placed {
  readonly kind: 'lost';
  /** How many; null where the log does not say. */
  readonly count: number | null;
}

/** What the kernel said by itself: evidence, no verdict. */
export interface KernelMessage extends Placed {
  readonly kind: 'message';
  readonly about: Evidence;
  readonly text: string;
}

/** Kinds of kernel messages that are known. */
export type Evidence =
  | 'registration fails'
  | 'unregistration fails'
  | 'warning'
  | 'list corruption'
  | 'oops'
  | 'lockdep'
  | 'hung task'
  | 'workqueue lockup';

/** Another thread runs on a CPU. */
export interface Switched extends Placed {
  readonly kind: 'switch';
  readonly from: string;
  readonly task: string;
}

/** What the header of a log says of it. */
export interface Header extends Placed {
  readonly kind: 'header';
  /** Entries that were written and are not there any more: the buffer has wrapped. */
  readonly overwritten: number;
}

/** One event. */
export type LogEvent = Entered | Returned | Lost | KernelMessage | Switched | Header;

/** Events without their line, which whoever reads lines adds. */
export type Unplaced<T> = T extends unknown ? Omit<T, 'line'> : never;

/** What understands the lines of one tool. */
export interface LogFormat {
  readonly id: FormatId;
  /** Does this line look like one of its own? Asked of the first lines of a log. */
  readonly recognises: (line: string) => boolean;
  /**
   * What a line says; null for what says nothing about calls. Throws nothing: what is not understood says nothing.
   */
  readonly read: (line: string) => Unplaced<LogEvent> | null;
}

/** Tools whose logs are read. */
export const formatIds = ['ftrace', 'trace-cmd', 'perf', 'bpftrace', 'dmesg'] as const;
export type FormatId = (typeof formatIds)[number];
