// perf script: events of probes. Losses are shown by --show-lost-events alone.
import type { LogFormat } from '../log-event.ts';
import { probeText } from './probe-text.ts';
import { nanoseconds } from './task-lines.ts';

/** comm, thread or process/thread, CPU, time, group:event: text. */
const LINE = /^\s*(\S.*?)\s+(?:\d+\/)?(\d+)\s+\[(\d+)\]\s+(\d+)\.(\d{6}|\d{9}):\s+(?:\w+):(\w+):\s+(.*)$/;
const LOST = /PERF_RECORD_LOST(?:_SAMPLES)?(?:\s+lost\s+(\d+))?/;
const LOST_CPU = /\[(\d+)\]/;

export const perf: LogFormat = {
  id: 'perf',
  recognises: (line) => LINE.test(line) || LOST.test(line),
  read(line) {
    const lost = LOST.exec(line);
    if (lost !== null) {
      const cpu = LOST_CPU.exec(line)?.[1];
      return {
        kind: 'lost',
        time: null,
        cpu: cpu === undefined ? null : Number(cpu),
        count: lost[1] === undefined ? null : Number(lost[1]),
      };
    }
    const found = LINE.exec(line);
    if (found === null) return null;
    const [, , tid = '', cpu = '', seconds = '', fraction = '', probe = '', text = ''] = found;
    const where = {
      task: tid === '0' ? `0 on CPU ${Number(cpu)}` : tid,
      cpu: Number(cpu),
      time: nanoseconds(seconds, fraction),
    };
    return probeText(where, `${probe}: ${text}`);
  },
};
