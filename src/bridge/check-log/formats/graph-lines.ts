// Lines of the function_graph tracer: calls and their ends by brackets, with arguments and results where the kernel prints them.
import type { LogEvent, Unplaced } from '../log-event.ts';
import { argumentsOf, numberOf } from '../probe-names.ts';
import { nanoseconds } from './task-lines.ts';

/** Time, CPU, thread, duration; all but the CPU or the thread may be missing. */
const COLUMNS =
  /^\s*(?:(\d+)\.(\d{6}) \|)?\s*(?:\d+ us \|)?\s*(?:(\d+)\))?\s*(?:(\S.*?)-(\d+)\s+\|)?\s*(?:[^\s|]{4,6}\s*\|)?\s*(?:[$@*#!+] )?(?:\d+\.\d+ us)?\s*\|\s(\s*)(.*)$/;
/** ` 3)  comm-170  =>  kworker-61 ` */
const SWITCH = /^\s*(?:\d+\.\d+ \|)?\s*(\d+)\)\s+\S.*-(\d+)\s+=>\s+\S.*-(\d+)\s*$/;
const CALL = /^([A-Za-z_]\w*)(?:\.\w+)*(?: \[\w+\])?\((.*?)\)(?: \[\w+\])?(;| \{)(.*)$/;
const RESULT = /(?:\bret=|= )(-?\d+|0x[0-9a-f]+)\s*(?:\(trunc\))?\s*\*\//i;

function resultOf(comment: string): { readonly result?: number } {
  const result = numberOf(RESULT.exec(comment)?.[1]);
  return result === undefined ? {} : { result };
}

/**
 * Reads a line.
 *
 * @returns null where it says nothing of calls: comments, interrupts' arrows
 */
export function graphLine(line: string): Unplaced<LogEvent> | null {
  const [, onCpu, last, next] = SWITCH.exec(line) ?? [];
  if (onCpu !== undefined && last !== undefined && next !== undefined)
    return { kind: 'switch', time: null, cpu: Number(onCpu), from: last, task: next };
  const columns = COLUMNS.exec(line);
  if (columns === null) return null;
  const [, seconds, fraction = '0', cpu, , pid, blanks = '', text = ''] = columns;
  if (cpu === undefined && pid === undefined) return null;
  const where = {
    time: seconds === undefined ? null : nanoseconds(seconds, fraction),
    cpu: cpu === undefined ? null : Number(cpu),
    task: pid ?? `CPU ${String(cpu)}`,
    depth: Math.floor(blanks.length / 2),
  };
  if (text.startsWith('}'))
    return { kind: 'return', ...where, function: /\/\* (\w+)/.exec(text)?.[1] ?? null, ...resultOf(text) };
  const call = CALL.exec(text);
  if (call === null) return null;
  const [, name = '', given = '', end = '', comment = ''] = call;
  return {
    kind: 'enter',
    ...where,
    function: name,
    arguments: argumentsOf(given),
    caller: /<-(\w+)/.exec(comment)?.[1] ?? null,
    ...(end === ';' ? { returns: true, ...resultOf(comment) } : {}),
  };
}
