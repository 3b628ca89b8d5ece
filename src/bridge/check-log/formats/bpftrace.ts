// bpftrace: lines of our own printf (irqbypass generate bpftrace) and of scripts that print as ../real-host does, as text or JSON.
import type { LogEvent, LogFormat, Unplaced } from '../log-event.ts';
import { argumentsOf, functionOfProbe, numberOf } from '../probe-names.ts';

/** `irqb1 NANOSECONDS CPU THREAD FUNCTION E|R a=1` */
const OURS = /^irqb1 (\d+) (\d+) (\d+) (\w+) ([ER])\s?(.*)$/;
/** `NANOSECONDS cpuN comm/THREAD function a=1`; as it returns `ret=0` or `done`. */
const PLAIN = /^(\d{6,})\s+cpu(\d+)\s+(.*)\/(\d+)\s+(\w+)\s*(.*)$/;
const LOST = /^Lost (\d+) events/i;
const ATTACHED = /^Attach(?:ing|ed) \d+ probes/;

function textLine(line: string): Unplaced<LogEvent> | null {
  const lost = LOST.exec(line);
  if (lost !== null) return { kind: 'lost', time: null, cpu: null, count: Number(lost[1]) };
  const ours = OURS.exec(line);
  const { time, cpu, task, name, rest = '', isReturn } = ours === null ? plainParts(line) : ourParts(ours);
  if (time === undefined || name === undefined || name === '') return null;
  const where = { time: BigInt(time), cpu: Number(cpu), task: String(task) };
  const given = argumentsOf(rest);
  if (isReturn !== true) return { kind: 'enter', ...where, function: name, arguments: given, caller: null };
  const result = numberOf(given['ret']);
  return { kind: 'return', ...where, function: name, ...(result === undefined ? {} : { result }) };
}

/** Columns of a line. */
interface Parts {
  readonly time?: string | undefined;
  readonly cpu?: string | undefined;
  readonly task?: string | undefined;
  readonly name?: string | undefined;
  readonly rest?: string | undefined;
  readonly isReturn?: boolean;
}

const ourParts = ([, time, cpu, task, name, kind, rest]: RegExpExecArray): Parts => ({
  time,
  cpu,
  task,
  name,
  rest,
  isReturn: kind === 'R',
});

function plainParts(line: string): Parts {
  const [, time, cpu, , task, probe = '', rest = ''] = PLAIN.exec(line) ?? [];
  const isReturn = /\bret=/.test(rest) || rest.trim() === 'done';
  return { time, cpu, task, name: functionOfProbe(probe)?.function ?? probe, rest, isReturn };
}

/** What a line of `-f json` has in it. */
interface JsonLine {
  readonly type?: string;
  readonly data?: unknown;
  readonly count?: number;
}

function jsonLine(line: string): Unplaced<LogEvent> | null {
  let parsed: JsonLine;
  try {
    parsed = JSON.parse(line) as JsonLine;
  } catch {
    return null;
  }
  if (parsed.type === 'lost_events') {
    const { events } = (parsed.data ?? {}) as { readonly events?: number };
    return { kind: 'lost', time: null, cpu: null, count: parsed.count ?? events ?? null };
  }
  return parsed.type === 'printf' && typeof parsed.data === 'string' ? textLine(parsed.data.trimEnd()) : null;
}

const isJson = (line: string): boolean => line.startsWith('{"type"');

export const bpftrace: LogFormat = {
  id: 'bpftrace',
  recognises: (line) => isJson(line) || ATTACHED.test(line) || OURS.test(line) || PLAIN.test(line),
  read: (line) => (isJson(line) ? jsonLine(line) : textLine(line)),
};
