// irqbypass generate: tests from what a revision can do, as few and as short sequences as there are; or of one counterexample.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { caseOf } from '../bridge/generate/counterexample.ts';
import type { CoverageOf, Generated, PathSuites, Sequences, Suite, TraceFormat } from '../bridge/generate/generate.ts';
import {
  coverages,
  generated,
  kunitOf,
  pathSuitesOf,
  suiteOf,
  traceFormats,
  tracesOf,
  vitestOf,
} from '../bridge/generate/generate.ts';
import { hostSuites } from '../bridge/host/host-check.ts';
import { commandsFor } from '../bridge/host/host-sequences.ts';
import type { KernelFiles } from '../bridge/generate/kunit.ts';
import { treeLines } from '../bridge/generate/kunit.ts';
import type { Appended } from '../bridge/generate/patch.ts';
import { patchOf } from '../bridge/generate/patch.ts';
import { pairAutomaton } from '../bridge/generate/rv-pair.ts';
import { rvOf } from '../bridge/generate/rv.ts';
import { bpftraceScript, ftraceScript } from '../bridge/generate/trace-setup.ts';
import { takenTrace } from '../bridge/trace-reader.ts';
import type { Revision } from '../registry/revisions.ts';
import { revisionOf } from '../scenarios/assembled.ts';
import { unreadable, unwritable } from '../scenarios/files/load.ts';
import { scopeOf, scopeText } from './differences.ts';
import { exitCode, UsageError } from './exit-codes.ts';
import type { CommonOptions, Terminal } from './terminal.ts';
import { count, createTerminal, expectWritable, grouped, writeFileWhole } from './terminal.ts';

export interface GenerateCommandOptions extends CommonOptions {
  readonly revision?: string;
  readonly coverage?: string;
  readonly set?: readonly string[];
  readonly format?: string;
  readonly from?: string;
  readonly out?: string;
  readonly patch?: string;
  readonly kernelTree?: string;
}

/** Sequences for hosts. */
const HOST_SEQUENCES = 300;
/** Files that are named in the report; the JSON document has all. */
const SHOWN = 6;

/** What was generated, and what is said of it. */
interface Made {
  readonly files: KernelFiles;
  readonly revision: Revision;
  readonly coverage: CoverageOf | null;
  /** Keys of the JSON document. */
  readonly figures: Readonly<Record<string, unknown>>;
  /** The report, under its headline. */
  readonly lines: readonly string[];
  readonly about: string;
}

/** Generates files and says how many sequences and steps they have. Answers the exit code. */
export async function generate(what: string, options: GenerateCommandOptions): Promise<number> {
  const terminal = createTerminal(options);
  const kind = oneOf('what is generated', what, generated) as Generated;
  expectTogether(kind, options);
  if (options.patch !== undefined) expectWritable(options.patch);
  terminal.progress(`${kind}: the graph of calls, and the fewest sequences that cover it`);
  const made =
    kind === 'bpftrace' || kind === 'ftrace'
      ? setUpOf(kind, options)
      : kind === 'host'
        ? sequencesOf(options)
        : kind === 'rv'
          ? monitorsOf(options)
          : options.from === undefined
            ? suitesOf(kind, options)
            : await caseFrom(options.from, options);
  const paths = options.patch === undefined ? written(made.files, options.out ?? '.') : [patched(made, options)];
  terminal.clear();
  const { revision, coverage, figures, lines, about } = made;
  if (options.json === true) {
    const found = { what: kind, revision: revision.id, coverage, ...figures, files: paths };
    terminal.print(JSON.stringify(found, null, 2));
    return exitCode.ok;
  }
  terminal.say(`${kind} of ${revision.id} (${revision.where}), ${about}`);
  for (const line of [...lines, ...paths.slice(0, SHOWN)]) terminal.say(`  ${line}`);
  if (paths.length > SHOWN) terminal.say(`  and ${grouped(paths.length - SHOWN)} more`);
  noteOfTree(terminal, kind, options);
  return exitCode.ok;
}

function expectTogether(
  kind: Generated,
  { from, coverage, set, format, out, patch, kernelTree }: GenerateCommandOptions,
): void {
  if (from !== undefined && kind !== 'kunit')
    throw new UsageError(`--from makes a case of KUnit: generate kunit --from ${from}`);
  if (from !== undefined && (coverage !== undefined || set !== undefined))
    throw new UsageError(
      `--${coverage === undefined ? 'set' : 'coverage'} does not go with --from: a trace is what it is`,
    );
  if (isWithoutScope(kind) && (coverage !== undefined || set !== undefined)) {
    const option = coverage === undefined ? 'set' : 'coverage';
    const why =
      {
        rv: 'an automaton has all sequences of one eventfd',
        host: 'a host has two vectors, two eventfds, one VM or two',
      }[kind as string] ?? 'it traces whatever is called';
    throw new UsageError(`--${option} does not go with ${kind}: ${why}`);
  }
  if (format !== undefined && kind !== 'traces') throw new UsageError('--format is for traces');
  if (patch !== undefined && kind !== 'kunit')
    throw new UsageError('--patch is for kunit: nothing else goes into a tree');
  if (patch !== undefined && out !== undefined) throw new UsageError('--patch and --out: a patch or a folder');
  if (kernelTree !== undefined && patch === undefined)
    throw new UsageError('--kernel-tree is the tree that a --patch is for');
}

/** Does it have no sequences of calls, so no numbers of objects? */
const isWithoutScope = (kind: Generated): boolean => !['kunit', 'vitest', 'traces'].includes(kind);

/** Sequences for real hosts: every state that calls can tell apart, as far as so many go. */
function sequencesOf({ revision: id }: GenerateCommandOptions): Made {
  const revision = revisionOf(id);
  const all = hostSuites(revision, HOST_SEQUENCES).flatMap(({ sequences }) => sequences);
  const calls = all.reduce((sum, { steps }) => sum + steps.length, 0);
  return {
    files: Object.fromEntries(all.map((one) => [`${one.name}.s`, commandsFor(one).text])),
    revision,
    coverage: null,
    figures: { sequences: all.length, calls },
    lines: [`${count(all.length, 'sequence')}, ${count(calls, 'call')}; play them with irqbypass host run`],
    about: 'an arm64 host with VFIO and KVM',
  };
}

/** What sets up tracing on a host. */
function setUpOf(kind: 'bpftrace' | 'ftrace', { revision: id }: GenerateCommandOptions): Made {
  const revision = revisionOf(id);
  const [file, text, how] =
    kind === 'ftrace'
      ? ['irqbypass-trace.sh', ftraceScript(revision), 'sh irqbypass-trace.sh start, ... stop > LOG, clear (as root)']
      : ['irqbypass.bt', bpftraceScript(revision), 'bpftrace -f json irqbypass.bt > LOG (as root)'];
  return {
    files: { [file]: text },
    revision,
    coverage: null,
    figures: { probes: text.split('\n').filter((line) => /^ *(?:probe '|k(?:ret)?probe:)/.test(line)).length },
    lines: [`${how}; then irqbypass check-log LOG --revision ${revision.id}`],
    about: 'the calls of the manager, of KVM and of VFIO',
  };
}

/** Monitors for runtime verification. */
function monitorsOf({ revision: id }: GenerateCommandOptions): Made {
  const revision = revisionOf(id);
  const { states, transitions } = pairAutomaton(revision);
  const events = new Set(transitions.map(({ event }) => event)).size;
  return {
    files: rvOf(revision),
    revision,
    coverage: null,
    figures: { states: states.length, transitions: transitions.length, events },
    about: 'monitors of one eventfd',
    lines: [
      `the automaton: ${count(states.length, 'state')}, ${count(transitions.length, 'transition')}, ${count(events, 'event')}`,
    ],
  };
}

/** Every sequence that the coverage asks for. */
function suitesOf(kind: Sequences, options: GenerateCommandOptions): Made {
  const coverage = oneOf('--coverage', options.coverage ?? 'pairs', coverages) as CoverageOf;
  const revision = revisionOf(options.revision);
  const scope = scopeOf('generate', options.set ?? []);
  const format = oneOf('--format', options.format ?? 'recorded', traceFormats) as TraceFormat;
  const paths = kind === 'kunit' ? pathSuitesOf(revision, scope, coverage) : null;
  const suites = paths?.silent ?? [suiteOf(revision, scope, coverage, kind)];
  const [suite] = suites as [Suite];
  const each = { pairs: 'two calls that can follow each other', states: 'state', transitions: 'call in every state' };
  const files = {
    kunit: () => kunitOf(revision, paths as PathSuites, scope),
    traces: () => tracesOf(revision, suite, coverage, scope, format),
    vitest: () => vitestOf(revision, suite, coverage, scope, each[coverage]),
  }[kind]();
  const { graph } = suite;
  const sum = (of: (one: Suite) => number): number => suites.reduce((total, one) => total + of(one), 0);
  const [sequences, steps, optimum] = [
    sum(({ walks }) => walks.length),
    sum(({ cover }) => cover.steps),
    sum(({ cover }) => cover.optimum),
  ];
  const best = coverage === 'states' ? `at least ${grouped(optimum)} are needed` : 'there is no way with fewer';
  return {
    files,
    revision,
    coverage,
    figures: { states: graph.nodes, transitions: graph.arcs.length, sequences, steps, optimum },
    about: scopeText(scope),
    lines: [
      `the graph of calls: ${count(graph.nodes, 'state')}, ${count(graph.arcs.length, 'call')} that lead on`,
      ...(suites.length > 1 ? [`and ${suites.length - 1} of one each, without some callbacks`] : []),
      `every ${each[coverage]}: ${count(sequences, 'sequence')}, ${count(steps, 'step')} (${best})`,
      ...warningLines(paths?.warning ?? null),
    ],
  };
}

function warningLines(suites: readonly Suite[] | null): string[] {
  if (suites === null) return [];
  const [sequences, steps] = [
    suites.reduce((sum, { walks }) => sum + walks.length, 0),
    suites.reduce((sum, { cover }) => sum + cover.steps, 0),
  ];
  return [
    `with what warns, where a test can suppress that (kunit_warning_suppress): ${count(sequences, 'sequence')}, ${count(steps, 'step')}`,
  ];
}

/** The case of one trace. */
async function caseFrom(file: string, options: GenerateCommandOptions): Promise<Made> {
  const trace = await takenTrace(file);
  const revision = revisionOf(options.revision ?? trace.header.revision);
  const { files, staging, cannotTell } = await caseOf(trace, revision);
  const { stages } = staging;
  const steps = stages.reduce((sum, { calls }) => sum + calls.length, 0);
  const raced = stages.filter(({ calls }) => calls.length > 1);
  const atOnce = raced.reduce((sum, { calls }) => sum + calls.length, 0);
  return {
    files,
    revision,
    coverage: null,
    figures: { sequences: 1, steps, optimum: steps, stages, cannotTell },
    about: `the case of ${trace.header.scenario} on ${trace.header.revision}`,
    lines: [
      raced.length === 0
        ? `${count(steps, 'call')}, one after the other`
        : `${count(steps, 'call')}, ${atOnce} of them in ${count(raced.length, 'race')} at the mutex`,
      ...(cannotTell === null ? [] : [`it does not look at what ${cannotTell} is about, and does not fail for it`]),
    ],
  };
}

/** Writes the files into a folder; those that are there must be the same already. */
function written(files: KernelFiles, out: string): string[] {
  const all = Object.entries(files).map(([file, text]) => ({ path: join(out, file), text }));
  const there = all.find(({ path, text }) => existsSync(path) && readFileSync(path, 'utf8') !== text);
  if (there !== undefined) throw new UsageError(`${there.path}: is there already: --out DIR names another folder`);
  for (const { path, text } of all) {
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    } catch (error) {
      throw unwritable(path, error);
    }
  }
  return all.map(({ path }) => path);
}

/** Writes the files as a patch, with the lines that lead to them where the tree is at hand. */
function patched({ files, revision, about }: Made, { patch = '', kernelTree, from }: GenerateCommandOptions): string {
  const lines = kernelTree === undefined ? [] : Object.entries(treeLines);
  const changes = lines.flatMap(([path, added]) => change(kernelTree ?? '', path, added));
  const created = kernelTree === undefined ? files : newIn(kernelTree, files);
  const [subject, ...what] =
    from === undefined
      ? [
          'KVM: irqbypass: Add KUnit tests',
          'Tests of the IRQ bypass manager, which need no hardware: producers and',
          'consumers are structs whose callbacks note what they are called with.',
        ]
      : [
          'KVM: irqbypass: Add a KUnit test of a counterexample',
          'One interleaving of calls, and what callers may rely on after it. Races',
          'are staged: a callback keeps the mutex until everybody waits for it.',
        ];
  const body = [...what, '', 'Generated by irqbypass-lab:', `  ${revision.id}, ${about}`];
  writeFileWhole(patch, patchOf(subject ?? '', body, created, changes));
  return patch;
}

/** What has to be added to a file of the tree; nothing where it leads to the tests already. */
function change(tree: string, path: string, added: string): Appended[] {
  const file = join(tree, path);
  try {
    const before = readFileSync(file, 'utf8');
    return before.includes(added.trim()) ? [] : [{ path, before, added }];
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** Files that the tree does not have yet: the suites and a case share Kconfig and Makefile. */
function newIn(tree: string, files: KernelFiles): KernelFiles {
  const isThere = ([path, text]: readonly [string, string]): boolean => {
    const file = join(tree, path);
    if (!existsSync(file)) return false;
    if (readFileSync(file, 'utf8') !== text) throw new UsageError(`${file}: is there already, and is another one`);
    return true;
  };
  const created = Object.entries(files).filter((one) => !isThere(one));
  if (created.length === 0) throw new UsageError(`${tree}: has these tests already`);
  return Object.fromEntries(created);
}

function noteOfTree(terminal: Terminal, kind: Generated, { patch, kernelTree }: GenerateCommandOptions): void {
  if (kind === 'kunit' && patch !== undefined && kernelTree === undefined)
    terminal.note(
      'virt/lib/Kconfig and Makefile do not lead to virt/lib/tests yet: --kernel-tree DIR adds that to the patch',
    );
}

function oneOf(what: string, given: string, some: readonly string[]): string {
  if (!some.includes(given)) throw new UsageError(`${what} "${given}": expected ${some.join(', ')}`);
  return given;
}
