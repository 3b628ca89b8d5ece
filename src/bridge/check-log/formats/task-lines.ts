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

/** With the option latency-format: the flags stand right after the CPU, the time is since the first entry, a mark says how long it took. */
const LATENCY = /^\s*(.*)-(\d+)\s+(\d+)([^\s:]{4,6})\s+(\d+)us[!+*#@$]?\s*:\s+(.*)$/;
const THOUSAND = 1000n;

/**
 * Reads the columns.
 *
 * @returns null where the line has no such columns
 */
export function taskLine(line: string): TaskLine | null {
  const found = LINE.exec(line);
  if (found === null) return latencyLine(line);
  const [, , pid = '', cpu = '', flags = '', seconds = '', fraction = '', text = ''] = found;
  return { task: taskOf(pid, Number(cpu), flags), cpu: Number(cpu), time: nanoseconds(seconds, fraction), text };
}

function latencyLine(line: string): TaskLine | null {
  const found = LATENCY.exec(line);
  if (found === null) return null;
  const [, , pid = '', cpu = '', flags = '', time = '', text = ''] = found;
  return { task: taskOf(pid, Number(cpu), flags), cpu: Number(cpu), time: BigInt(time) * THOUSAND, text };
}

/** What interrupts a thread is not called by it: h and H stand for hard interrupts, s for soft ones, Z and z for NMIs. */
function taskOf(pid: string, cpu: number, flags: string): string {
  if (/^..[hHsZz]/.test(flags)) return `${pid} on CPU ${cpu} in an interrupt`;
  return pid === '0' ? `0 on CPU ${cpu}` : pid;
}
