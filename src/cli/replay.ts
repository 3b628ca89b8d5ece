// irqbypass replay: recorded traces against the machines, observation by observation.
import type { Divergence, ReplayReport } from '../bridge/replay.ts';
import { replayFiles } from '../bridge/replay.ts';
import { recordedColumns } from '../bridge/call-columns.ts';
import { columnsText, inColumns } from '../engine/traces/columns.ts';
import { revisionOf } from '../scenarios/assembled.ts';
import { exitCode } from './exit-codes.ts';
import type { CommonOptions, Terminal } from './terminal.ts';
import { count, createTerminal, grouped } from './terminal.ts';

const SHOWN = 10;

/** Replays files and reports. Answers the exit code. */
export async function replay(
  files: readonly string[],
  options: CommonOptions & { readonly revision?: string; readonly columns?: boolean },
): Promise<number> {
  const terminal = createTerminal(options);
  if (options.revision !== undefined) revisionOf(options.revision);
  const runs: (readonly string[])[] = [];
  const sequences = new Map<Divergence, readonly string[]>();
  const report = await replayFiles(files, {
    ...(options.columns === true
      ? {
          taken: (file, { assembled, steps }) =>
            void runs.push([`${file}:`, '', ...columnsText(assembled.world.language, steps)]),
          diverged: (divergence, calls) => void sequences.set(divergence, inColumns(recordedColumns(calls))),
        }
      : {}),
    ...(options.revision === undefined ? {} : { revision: options.revision }),
    progress: (file, { operations }) => terminal.progress(`${file}: ${grouped(operations)} operations`),
  });
  terminal.clear();
  if (options.json === true) terminal.print(JSON.stringify(report, null, 2));
  else if (report.operations > 0 || report.errors.length === 0) {
    print(terminal, report, sequences);
    for (const lines of runs) terminal.print(['', ...lines].join('\n'));
  }
  for (const { file, line, code, message } of report.errors.slice(0, SHOWN))
    process.stderr.write(`irqbypass: ${code} ${file}${line === 0 ? '' : `:${line}`}: ${message}\n`);
  if (report.errors.length > SHOWN)
    process.stderr.write(`and ${report.errors.length - SHOWN} more lines that cannot be read\n`);
  if (report.errors.length > 0) return exitCode.input;
  return report.diverged.length > 0 ? exitCode.violated : exitCode.ok;
}

function print(
  terminal: Terminal,
  { files, sequences, operations, agreed, diverged }: ReplayReport,
  columns: ReadonlyMap<Divergence, readonly string[]>,
): void {
  terminal.print(
    `${count(files, 'file')}, ${count(sequences, 'sequence')}, ${count(operations, 'operation')}: ${grouped(agreed)} agree, ${grouped(diverged.length)} diverge`,
  );
  for (const divergence of diverged.slice(0, SHOWN)) {
    printDivergence(terminal, divergence);
    const calls = columns.get(divergence);
    if (calls !== undefined) terminal.print(['', ...calls].join('\n'));
  }
  if (diverged.length > SHOWN) terminal.print(`\nand ${diverged.length - SHOWN} more (--json has all)`);
}

function printDivergence(terminal: Terminal, divergence: Divergence): void {
  const { file, sequence, operation, field, expected: wanted, actual: found, differences } = divergence;
  const place = `${file} sequence ${sequence}, operation ${operation}`;
  const shown = differences.length === 0 ? [{ path: '', expected: wanted, actual: found }] : differences;
  for (const { path, expected, actual } of shown.slice(0, SHOWN)) {
    terminal.print(`\n${place}, ${path === '' ? field : `${field}.${path}`}:`);
    terminal.print(`  expected  ${text(expected)}`);
    terminal.print(`  actual    ${text(actual)}`);
  }
  if (differences.length > SHOWN) terminal.print(`and ${differences.length - SHOWN} more values of ${field}`);
}

const text = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
