// irqbypass conform: somebody's irqbypass.c, compiled as it is, beside the model: same calls, same faults, same races.
import { mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compile, harness, removeProgram } from '../bridge/compiled/compile.ts';
import type { CompiledProgram, XarrayUsed } from '../bridge/compiled/compile.ts';
import type { ConformReport } from '../bridge/compiled/conform.ts';
import { Conformance } from '../bridge/compiled/conform.ts';
import type { Coverage } from '../bridge/compiled/coverage.ts';
import { coverageOf } from '../bridge/compiled/coverage.ts';
import type { KernelFile } from '../bridge/compiled/kernel-file.ts';
import { kernelFileOf, kernelFileOfTree } from '../bridge/compiled/kernel-file.ts';
import { revisionOf } from '../scenarios/assembled.ts';
import { jsonOfDifference, printDifference, printParts, scopeOf } from './differences.ts';
import { exitCode, UsageError, wholeNumber } from './exit-codes.ts';
import { interruptible } from './interruptible.ts';
import type { CommonOptions, Terminal } from './terminal.ts';
import { count, createTerminal, grouped } from './terminal.ts';

export interface ConformCommandOptions extends CommonOptions {
  readonly kernelTree?: string;
  readonly file?: string;
  readonly header?: string;
  readonly revision?: string;
  readonly set?: readonly string[];
  readonly harnessOnly?: string;
  readonly maxSeconds?: string;
  readonly columns?: boolean;
}

/** So many classes of difference are printed; all of them are in --json. */
const MOST_SHOWN = 12;

/** Compares a kernel file with the model and reports. Answers the exit code. */
export async function conform(options: ConformCommandOptions): Promise<number> {
  const terminal = createTerminal(options);
  const kernel = kernelOf(options);
  const revision = options.revision === undefined ? undefined : revisionOf(options.revision);
  const scope = scopeOf('conform', options.set ?? []);
  const maxSeconds = options.maxSeconds === undefined ? undefined : wholeNumber('--max-seconds', options.maxSeconds, 1);
  if (options.harnessOnly !== undefined) return keepHarness(terminal, kernel, options.harnessOnly);
  const started = performance.now();
  return interruptible(async (signal) => {
    const program = await compile(kernel, { counts: true });
    try {
      const report = await new Conformance(program, {
        scope,
        signal,
        ...(revision === undefined ? {} : { revision }),
        ...(maxSeconds === undefined ? {} : { maxSeconds }),
        progress: (what, states, transitions, seconds) =>
          terminal.progress(
            `${what}: ${grouped(states)} states, ${grouped(transitions)} calls, ${seconds.toFixed(0)} s`,
          ),
      }).run();
      terminal.clear();
      const seconds = (performance.now() - started) / 1000;
      const found = { program, report, coverage: await coverageOf(program), seconds };
      if (options.json === true) terminal.print(JSON.stringify(jsonOf(found), null, 2));
      else print(terminal, found, options.columns === true);
      if (report.limit === 'interrupted') return exitCode.interrupted;
      if (report.differences.length > 0) return exitCode.violated;
      return report.isComplete ? exitCode.ok : exitCode.incomplete;
    } finally {
      removeProgram(program);
    }
  });
}

function kernelOf({ kernelTree, file, header }: ConformCommandOptions): KernelFile {
  if ((kernelTree === undefined) === (file === undefined))
    throw new UsageError('either --kernel-tree DIR or --file irqbypass.c says what is compared');
  if (kernelTree !== undefined) {
    if (header !== undefined) throw new UsageError('--header is for --file: a tree has its own');
    return kernelFileOfTree(kernelTree);
  }
  return kernelFileOf(file ?? '', header);
}

async function keepHarness(terminal: Terminal, kernel: KernelFile, wanted: string): Promise<number> {
  const folder = resolve(wanted);
  mkdirSync(folder, { recursive: true });
  if (readdirSync(folder).length > 0) throw new UsageError(`--harness-only ${wanted}: is not empty`);
  const { program, counting }: CompiledProgram = await compile(kernel, { counts: true, folder });
  terminal.say(`with sanitizers: ${program}`);
  terminal.say(`for gcov:        ${String(counting)}`);
  terminal.say(`how it is driven: the head of ${join(harness, 'harness.c')}`);
  return exitCode.ok;
}

interface Found {
  readonly program: CompiledProgram;
  readonly report: ConformReport;
  readonly coverage: Coverage;
  readonly seconds: number;
}

const xarrayText = (xarray: XarrayUsed): string =>
  xarray.of === 'tree'
    ? 'its XArray is lib/xarray.c of the tree'
    : `its XArray is the harness’s own, not lib/xarray.c of the tree: ${xarray.why}`;

const sum = (report: ConformReport, what: 'states' | 'transitions'): number =>
  report.parts.reduce((total, part) => total + part.report[what], 0);

function jsonOf({ program: { kernel, xarray }, report, coverage, seconds }: Found): object {
  const { behavesLike, nearest, differences, isComplete, limit, sanitizers, parts } = report;
  return {
    tree: kernel.title,
    behavesLike: behavesLike?.id ?? null,
    nearest: nearest.id,
    states: sum(report, 'states'),
    transitions: sum(report, 'transitions'),
    seconds,
    complete: isComplete,
    ...(limit === undefined ? {} : { limit }),
    agreed: differences.length === 0,
    differences: differences.map(jsonOfDifference),
    coverage,
    sanitizers,
    xarray: xarray?.of ?? null,
    ...(xarray?.of === 'shim' ? { whyShim: xarray.why } : {}),
    sets: kernel.hasSets,
    parts: parts.map(({ part, report: { states, transitions, seconds: took, isComplete: whole } }) => ({
      ...part,
      states,
      transitions,
      seconds: took,
      complete: whole,
    })),
  };
}

function print(
  terminal: Terminal,
  { program: { kernel, xarray }, report, coverage, seconds }: Found,
  isInColumns: boolean,
): void {
  const { behavesLike, nearest, differences, isComplete, limit, sanitizers, parts } = report;
  const named = `${nearest.id} (${nearest.where})`;
  const verdict =
    behavesLike !== null
      ? `behaves like ${named}`
      : differences.length > 0
        ? `${count(differences.length, 'class', 'classes')} of difference from ${named}`
        : `no difference from ${named} so far (${String(limit)})`;
  terminal.say(`${kernel.title}: ${terminal.style('bold', verdict)}`);
  terminal.say('  the same calls made of its C and of the machines, with faults and races at the mutex:');
  printParts(terminal, parts);
  const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;
  const missed = [
    ...(coverage.missedLines.length === 0 ? [] : [`lines ${coverage.missedLines.join(', ')} never executed`]),
    ...(coverage.missedBranches.length === 0
      ? []
      : [`a branch of line ${coverage.missedBranches.join(', ')} never taken`]),
  ];
  terminal.say(
    `  in all ${grouped(sum(report, 'states'))} states, ${grouped(sum(report, 'transitions'))} calls, ${seconds.toFixed(1)} s${isComplete ? ', complete' : ''}`,
  );
  terminal.say(
    `  of irqbypass.c: ${percent(coverage.lines)} of lines, ${percent(coverage.branches)} of branches${missed.length === 0 ? '' : ` (${missed.join('; ')})`}`,
  );
  if (xarray !== null) terminal.say(`  ${xarrayText(xarray)}`);
  if (!kernel.hasSets)
    terminal.say('  its sets cannot be seen: no producers and consumers in the file; what is observed is compared');
  for (const line of sanitizers) terminal.say(`  ${terminal.style('red', line)}`);
  for (const one of differences.slice(0, MOST_SHOWN))
    printDifference(terminal, nearest.id, 'the tree', one, isInColumns);
  if (differences.length > MOST_SHOWN)
    terminal.say(`\nand ${differences.length - MOST_SHOWN} more: --json has them all`);
}
