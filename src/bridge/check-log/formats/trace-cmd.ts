// trace-cmd report.
import type { LogFormat } from '../log-event.ts';
import { functionText, probeText } from './probe-text.ts';
import { taskLine } from './task-lines.ts';

const DROPPED = /^CPU:(\d+) \[(?:(\d+) )?EVENTS DROPPED\]/;
const FUNCTION = /^function:\s+(.*)$/;

export const traceCmd: LogFormat = {
  id: 'trace-cmd',
  recognises: (line) =>
    /^(?:version = |cpus=\d+)/.test(line) || DROPPED.test(line) || FUNCTION.test(taskLine(line)?.text ?? ''),
  read(line) {
    const dropped = DROPPED.exec(line);
    if (dropped !== null)
      return {
        kind: 'lost',
        time: null,
        cpu: Number(dropped[1]),
        count: dropped[2] === undefined ? null : Number(dropped[2]),
      };
    const columns = taskLine(line);
    if (columns === null) return null;
    const { text, ...where } = columns;
    const plain = FUNCTION.exec(text)?.[1];
    return plain === undefined ? probeText(where, text.replace(/:\s+/, ': ')) : functionText(where, plain);
  },
};
