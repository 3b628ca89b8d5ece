// All formats of logs.
import { InputError } from '../../../engine/input-error.ts';
import type { FormatId, LogFormat } from '../log-event.ts';
import { formatIds } from '../log-event.ts';
import { bpftrace } from './bpftrace.ts';
import { dmesg } from './dmesg.ts';
import { ftrace } from './ftrace.ts';
import { perf } from './perf.ts';
import { traceCmd } from './trace-cmd.ts';

/** In the order in which they are asked: what is a line of trace-cmd is one of ftrace as well. */
const formats: readonly LogFormat[] = [traceCmd, bpftrace, ftrace, perf, dmesg];

/** A format by its name. */
export function formatNamed(id: string): LogFormat {
  const found = formats.find((format) => format.id === id);
  if (found === undefined)
    throw new InputError('IRQB100', `--format ${id}: no such format`, { hint: `one of auto, ${formatIds.join(', ')}` });
  return found;
}

/**
 * The format of a log by its first lines: the one that understands the most of them.
 *
 * @throws InputError IRQB601 where none does
 */
export function formatOf(lines: readonly string[], file: string): LogFormat {
  const counts = formats.map((format) => ({ format, lines: lines.filter((line) => format.recognises(line)).length }));
  const best = counts.reduce((one, other) => (other.lines > one.lines ? other : one));
  if (best.lines > 0) return best.format;
  throw new InputError('IRQB601', 'this is no log that is understood', {
    where: file,
    hint: `ftrace (trace, trace_pipe), trace-cmd report, perf script, bpftrace, dmesg; --format ${ids()} says which`,
  });
}

const ids = (): string => formats.map(({ id }: { readonly id: FormatId }) => id).join('|');
