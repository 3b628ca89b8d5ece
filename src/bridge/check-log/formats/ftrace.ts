// Files trace and trace_pipe of tracefs: tracers function and function_graph, kprobe and fprobe events.
import type { LogEvent, LogFormat, Unplaced } from '../log-event.ts';
import { graphLine } from './graph-lines.ts';
import { functionText, probeText } from './probe-text.ts';
import { taskLine } from './task-lines.ts';

const LOST = /^CPU:(\d+) \[LOST (\d+) EVENTS\]/;
/** One CPU's buffer has more to say than the others' had before. */
const BUFFER = /^##### CPU \d+ buffer started ####/;
const ENTRIES = /^# (?:entries-in-buffer\/entries-written: |latency: \d+ us, #)(\d+)\/(\d+)/;

function header(line: string): Unplaced<LogEvent> | null {
  if (BUFFER.test(line)) return { kind: 'header', time: null, cpu: null, overwritten: 0 };
  const [, kept = '0', written = '0'] = ENTRIES.exec(line) ?? [];
  const overwritten = Number(written) - Number(kept);
  return overwritten > 0 ? { kind: 'header', time: null, cpu: null, overwritten } : null;
}

export const ftrace: LogFormat = {
  id: 'ftrace',
  recognises: (line) =>
    line.startsWith('# tracer: ') || LOST.test(line) || taskLine(line) !== null || graphLine(line) !== null,
  read(line) {
    if (line.startsWith('#')) return header(line);
    const [, cpu, count] = LOST.exec(line) ?? [];
    if (cpu !== undefined) return { kind: 'lost', time: null, cpu: Number(cpu), count: Number(count) };
    const columns = taskLine(line);
    if (columns === null) return graphLine(line);
    const { text, ...where } = columns;
    return functionText(where, text) ?? probeText(where, text);
  },
};
