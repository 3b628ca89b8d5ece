// The columns that lines of ftrace and trace-cmd begin with: comm-pid, CPU, flags, time.

/** What comes before the text of an event. */
export interface TaskLine {
  readonly task: string;
  readonly cpu: number;
  readonly time: bigint;
  /** The rest of the line. */
  readonly text: string;
}

/**
 * comm may have blanks and dashes, so the last `-digits` before the CPU counts. Then perhaps a thread group, the CPU, perhaps flags (4
 * characters of old, 5 since 5.x, one more with lazy preemption; none with noirq-info), seconds.
 */
const LINE = /^\s*(.*)-(\d+)\s+(?:\(\s*[\d-]+\)\s+)?\[(\d{3,})\]\s+(?:([^\s:]{4,6})\s+)?(\d+)\.(\d{6}|\d{9}):\s+(.*)$/;

/** Seconds and their fraction as nanoseconds. */
export function nanoseconds(seconds: string, fraction: string): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9));
}

/**
 * Reads the columns.
 *
 * @returns null where the line has no such columns
 */
export function taskLine(line: string): TaskLine | null {
  const found = LINE.exec(line);
  if (found === null) return null;
  const [, , pid = '', cpu = '', flags = '', seconds = '', fraction = '', text = ''] = found;
  return {
    // What interrupts a thread is not called by it: h and H stand for hard interrupts, s for soft ones, Z and z for NMIs.
    task: /^..[hHsZz]/.test(flags)
      ? `${pid} on CPU ${Number(cpu)} in an interrupt`
      : `${pid}${pid === '0' ? ` on CPU ${Number(cpu)}` : ''}`,
    cpu: Number(cpu),
    time: nanoseconds(seconds, fraction),
    text,
  };
}
