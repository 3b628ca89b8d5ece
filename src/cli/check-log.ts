// irqbypass check-log: a log of a real host against the model.
import type { LogReport } from '../bridge/check-log/check-log.ts';
import { checkLog as checked } from '../bridge/check-log/check-log.ts';
import type { FormatId } from '../bridge/check-log/log-event.ts';
import { formatIds } from '../bridge/check-log/log-event.ts';
import { exitCode, UsageError } from './exit-codes.ts';
import { interruptible } from './interruptible.ts';
import type { CommonOptions, Terminal } from './terminal.ts';
import { count, createTerminal, grouped } from './terminal.ts';

export interface CheckLogCommandOptions extends CommonOptions {
  readonly format?: string;
  readonly revision?: string;
}

const SHOWN = 10;
const EXIT = { accepted: exitCode.ok, rejected: exitCode.violated, inconclusive: exitCode.incomplete } as const;

/** Checks a log and reports. Answers the exit code. */
export async function checkLog(file: string, options: CheckLogCommandOptions): Promise<number> {
  const terminal = createTerminal(options);
  const report = await interruptible((signal) =>
    checked(file, {
      signal,
      format: formatNamed(options.format ?? 'auto'),
      ...(options.revision === undefined ? {} : { revision: options.revision }),
      progress: (what, lines) => terminal.progress(`${file}: ${grouped(lines)} lines ${what}`),
    }),
  ).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'AbortError') return null;
    throw error;
  });
  if (report === null) return exitCode.interrupted;
  terminal.clear();
  if (options.json === true) terminal.print(JSON.stringify(report, null, 2));
  else print(terminal, report);
  return EXIT[report.verdict];
}

/** A line of a log without what a terminal would obey. */
// oxlint-disable-next-line no-control-regex -- these are what is taken out
const printable = (text: string): string => text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\uFFFD');

function formatNamed(given: string): FormatId | 'auto' {
  const known = ['auto', ...formatIds] as const;
  const found = known.find((format) => format === given);
  if (found === undefined) throw new UsageError(`--format ${given}: expected ${known.join(', ')}`);
  return found;
}

function print(terminal: Terminal, report: LogReport): void {
  const { file, format, revision, events, objects, verdict, rejected, reasons, evidence } = report;
  const colour = { accepted: 'green', rejected: 'red', inconclusive: 'yellow' } as const;
  const seen = `${format}, ${count(events, 'event')}, ${count(objects, 'object')}`;
  terminal.print(`${terminal.style(colour[verdict], verdict)}  ${file}  (${seen}; manager of ${revision})`);
  for (const { line, text, why, expected } of rejected.slice(0, SHOWN)) {
    terminal.say(`\n  line ${line}: ${why}`);
    terminal.print(`    ${terminal.style('dim', printable(text))}`);
    terminal.say(`    expected: ${expected}`);
  }
  if (rejected.length > SHOWN) terminal.print(`\n  and ${rejected.length - SHOWN} more (--json has them)`);
  if (evidence.length > 0) terminal.print('\n  what the kernel said (evidence, no verdict):');
  for (const { line, text } of evidence.slice(0, SHOWN)) terminal.print(`    line ${line}: ${printable(text)}`);
  if (evidence.length > SHOWN) terminal.print(`    and ${evidence.length - SHOWN} more (--json has them)`);
  if (reasons.length > 0) terminal.print(`\n  ${verdict === 'inconclusive' ? 'why' : 'what this does not say'}:`);
  for (const reason of reasons) terminal.say(`    - ${reason}`);
}
