// irqbypass host: real arm64 kernels in QEMU. Sets them up, plays sequences of system calls, compares them with the world.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { LogReport } from '../bridge/check-log/check-log.ts';
import { checkLogText } from '../bridge/check-log/check-log.ts';
import type { Played, Tracer } from '../bridge/host/host-boot.ts';
import { boot, tracers } from '../bridge/host/host-boot.ts';
import type { HostReport } from '../bridge/host/host-check.ts';
import { checkHost } from '../bridge/host/host-check.ts';
import type { HostKernel } from '../bridge/host/host-folder.ts';
import { hostFolder, kernelOf, usualFolder } from '../bridge/host/host-folder.ts';
import { ownKernel, SERIES, setUpHost } from '../bridge/host/host-setup.ts';
import { sequenceOf } from '../bridge/host/sequence.ts';
import type { Revision } from '../registry/revisions.ts';
import { revisionOf } from '../scenarios/assembled.ts';
import { unreadable } from '../scenarios/files/load.ts';
import { exitCode, UsageError, wholeNumber } from './exit-codes.ts';
import { interruptible } from './interruptible.ts';
import type { CommonOptions, Terminal } from './terminal.ts';
import { count, createTerminal, grouped } from './terminal.ts';

export interface HostCommandOptions extends CommonOptions {
  readonly kernel?: string;
  readonly modules?: string;
  readonly revision?: string;
  readonly gic?: string;
  readonly trace?: string;
  readonly sequences?: string;
  readonly maxSeconds?: string;
  readonly out?: string;
}

const actions = ['setup', 'run', 'check'] as const;
const SEQUENCES = 300;
const MAX_SECONDS = 1800;
/** Timers have a limit; nobody waits longer. */
const A_DAY = 86_400;
const SHOWN = 12;

/** Sets a host up, plays sequences, or checks a kernel. Answers the exit code. */
export async function host(action: string, names: readonly string[], options: HostCommandOptions): Promise<number> {
  const known = actions.find((one) => one === action);
  if (known === undefined) throw new UsageError(`host ${action}: expected ${actions.join(', ')}`);
  const terminal = createTerminal(options);
  return await interruptible(async (signal) => {
    if (known === 'setup') return await setUp(terminal, names, options, signal);
    if (known === 'run') return await play(terminal, names, options, signal);
    if (names.length > 0) throw new UsageError(`host check takes no ${names[0]}: it makes its own sequences`);
    return await check(terminal, options, signal);
  }).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'AbortError') return exitCode.interrupted;
    throw error;
  });
}

async function setUp(
  terminal: Terminal,
  [folder = usualFolder(), ...more]: readonly string[],
  options: HostCommandOptions,
  signal: AbortSignal,
): Promise<number> {
  if (more.length > 0) throw new UsageError('host setup takes one folder');
  const made = await setUpHost(folder, { progress: (what) => terminal.progress(what), signal });
  terminal.clear();
  if (options.json === true) terminal.print(JSON.stringify(made, null, 2));
  else {
    terminal.say(`${made.folder}: ${made.kernels.join(', ')}`);
    if (made.missing.length > 0) terminal.say(`the archive has none of ${made.missing.join(', ')}`);
  }
  return made.missing.length > 0 ? exitCode.incomplete : exitCode.ok;
}

const gicOf = (given: string | undefined): 3 | 4 | undefined =>
  given === undefined ? undefined : (wholeNumber('--gic', given, 3, 4) as 3 | 4);

/** The kernel that is meant: of a series that was set up, or an Image. */
async function kernelFor(
  folder: string,
  given: string,
  { modules, revision }: HostCommandOptions,
  signal: AbortSignal,
): Promise<{ readonly kernel: HostKernel; readonly revision: Revision; readonly isRevisionSure: boolean }> {
  const isImage = existsSync(given);
  if (!isImage && modules !== undefined) throw new UsageError('--modules goes with --kernel IMAGE');
  const kernel = isImage ? await ownKernel(folder, given, modules, signal) : kernelOf(folder, given);
  const series = /^\d+\.\d+/.exec(kernel.version)?.[0];
  return {
    kernel,
    revision: revisionOf(revision ?? (isImage ? undefined : series)),
    isRevisionSure: !isImage || revision !== undefined,
  };
}

function sequenceFile(file: string): { readonly name: string; readonly text: string } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
  sequenceOf(text, file);
  return {
    name: basename(file)
      .replace(/\.s$/, '')
      .replaceAll(/[^\w.+-]/g, '-'),
    text,
  };
}

async function play(
  terminal: Terminal,
  files: readonly string[],
  options: HostCommandOptions,
  signal: AbortSignal,
): Promise<number> {
  if (files.length === 0) throw new UsageError('host run wants files of sequences: docs/real-host.md');
  const trace = options.trace ?? 'kprobe';
  const tracer = tracers.find((one) => one === trace);
  if (tracer === undefined) throw new UsageError(`--trace ${trace}: expected ${tracers.join(', ')}`);
  const sequences = files.map(sequenceFile);
  const twice = sequences.find(({ name }, i) => sequences.findIndex((one) => one.name === name) < i);
  if (twice !== undefined)
    throw new UsageError(`two sequences are called ${twice.name}: their traces would have one name`);
  const folder = hostFolder();
  const { kernel, revision, isRevisionSure } = await kernelFor(folder, options.kernel ?? '6.18', options, signal);
  const report = await boot({
    folder,
    kernel,
    revision,
    isRevisionSure,
    gic: gicOf(options.gic) ?? 4,
    tracer,
    sequences,
    maxSeconds: wholeNumber('--max-seconds', options.maxSeconds ?? String(MAX_SECONDS), 1, A_DAY),
    signal,
    progress: (what, done) => terminal.progress(`${kernel.version}: ${what} (${done} of ${sequences.length})`),
  });
  terminal.clear();
  const results = [];
  for (const played of report.played) {
    keep(options.out, played);
    results.push({ played, log: await logOf(played, tracer, revision) });
  }
  if (options.json === true) {
    const { console: _, played: __, ...rest } = report;
    const sequencesPlayed = results.map(({ played: { name, status }, log }) => ({ name, status, log }));
    terminal.print(
      JSON.stringify({ kernel: kernel.version, revision: revision.id, ...rest, sequences: sequencesPlayed }, null, 2),
    );
  } else {
    terminal.say(
      `${report.release ?? kernel.version} (${revision.id}): ${count(report.played.length, 'sequence')} in ${report.seconds.toFixed(0)} s`,
    );
    for (const { played, log } of results) terminal.say(`  ${played.name}: ${playedText(played, log)}`);
    if (report.ended !== null) terminal.say(`  ended early: ${report.ended}`);
  }
  if (report.ended === 'interrupted') return exitCode.interrupted;
  if (results.some(({ log }) => log?.verdict === 'rejected')) return exitCode.violated;
  const isOpen = report.ended !== null || results.some(({ log }) => log?.verdict === 'inconclusive');
  return isOpen ? exitCode.incomplete : exitCode.ok;
}

function playedText({ status }: Played, log: LogReport | null): string {
  const ended = status === 0 ? '' : status === 137 ? 'killed; ' : `exit ${status}; `;
  if (log === null) return `${ended}not traced`;
  const [first] = log.rejected;
  const why = first === undefined ? log.reasons[0] : `line ${first.line}, ${first.why}`;
  return `${ended}${log.verdict} (${count(log.events, 'event')})${why === undefined ? '' : `: ${why}`}`;
}

/** What check-log says of a trace; null where there is none. */
async function logOf({ name, log }: Played, tracer: Tracer, revision: Revision): Promise<LogReport | null> {
  const format = tracer === 'bpftrace' ? 'bpftrace' : 'ftrace';
  return tracer === 'none' || log === null ? null : await checkLogText(log, name, revision, format);
}

/** Writes what came back. */
function keep(folder: string | undefined, { name, log, truth, dmesg }: Played): void {
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  for (const [ending, text] of Object.entries({ log, truth, dmesg }))
    if (text !== null && text !== '') writeFileSync(join(folder, `${name}.${ending}`), text);
}

async function check(terminal: Terminal, options: HostCommandOptions, signal: AbortSignal): Promise<number> {
  const sequences = wholeNumber('--sequences', options.sequences ?? String(SEQUENCES), 1);
  const maxSeconds = wholeNumber('--max-seconds', options.maxSeconds ?? String(MAX_SECONDS), 1, A_DAY);
  if (options.trace !== undefined && options.trace !== 'kprobe')
    throw new UsageError(`--trace ${options.trace}: host check compares what kprobe events show`);
  const folder = hostFolder();
  const begin = performance.now();
  const reports: HostReport[] = [];
  for (const given of options.kernel === undefined ? SERIES : [options.kernel]) {
    const { kernel, revision, isRevisionSure } = await kernelFor(folder, given, options, signal);
    reports.push(
      await checkHost({
        folder,
        kernel,
        revision,
        isRevisionSure,
        sequences,
        gic: gicOf(options.gic),
        maxSeconds: Math.max(maxSeconds - (performance.now() - begin) / 1000, 1),
        signal,
        progress: (what) => terminal.progress(what),
        played: (all) =>
          all.forEach((one) => keep(options.out === undefined ? undefined : join(options.out, kernel.version), one)),
      }),
    );
    if (reports.at(-1)?.ended !== null) break;
  }
  terminal.clear();
  if (options.json === true) terminal.print(JSON.stringify({ kernels: reports }, null, 2));
  else for (const report of reports) print(terminal, report);
  if (reports.some(({ ended }) => ended === 'interrupted')) return exitCode.interrupted;
  if (reports.some(({ differences, logs }) => differences.length > 0 || logs.rejected > 0)) return exitCode.violated;
  return reports.every(({ ended }) => ended === null) ? exitCode.ok : exitCode.incomplete;
}

function print(terminal: Terminal, report: HostReport): void {
  const { release, kernel, revision, sequences, calls, agreed, differences, logs, warnings, ended, seconds } = report;
  const verdict =
    differences.length === 0
      ? terminal.style('green', 'as the world says')
      : terminal.style('red', count(differences.length, 'class', 'classes') + ' of difference');
  terminal.say(
    `${release ?? kernel} (${revision}): ${count(sequences, 'sequence')}, ${count(calls, 'call')} in ${seconds.toFixed(0)} s: ${verdict}`,
  );
  terminal.say(`  ${grouped(agreed)} results, orders of callbacks and signals agree`);
  terminal.say(
    `  check-log: ${Object.entries(logs)
      .map(([what, many]) => `${grouped(many)} ${what}`)
      .join(', ')}`,
  );
  if (warnings.length > 0) terminal.say(`  the kernel warned in ${warnings.slice(0, SHOWN).join(', ')}`);
  for (const one of report.rejected.slice(0, SHOWN)) terminal.say(`  rejected: ${one}`);
  if (report.skipped.length > 0) terminal.say(`  this kernel has no ${report.skipped.join(', ')}`);
  if (ended !== null) terminal.say(`  ended early: ${ended}`);
  for (const { id, summary, count: many, shortest } of differences.slice(0, SHOWN)) {
    terminal.say(`\n  ${id} (${grouped(many)}): ${summary}`);
    terminal.say(`    ${shortest.sequence}: ${shortest.calls.join('; ')}`);
  }
  if (differences.length > SHOWN) terminal.say(`\n  and ${differences.length - SHOWN} more (--json has all)`);
}
