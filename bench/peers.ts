// Ours against Spin, Rumur and xstate/graph on the manager system: whole processes, medians, ratios, in one run.
//
//   npm run bench:peers                    sizes and repetitions of docs/performance.md
//   npm run bench:peers -- --quick         small sizes, once
//   npm run bench:peers -- --reduced       both reductions at 4,3,3 and beyond, only
//   npm run bench:peers -- --workers       one and two workers, only
//   npm run bench:peers -- --start         start-up beside node's own, only
//   npm run bench:peers -- --assign        a device with two vectors, ours in all four modes and Spin in both of its, only
//   npm run bench:explore                  ours alone
//
// A benchmark, never a test. Ours is what is installed: bin and dist, built before. Spin and Rumur search models of their own
// (bench/peers-generate.mjs), agreed with ours on the verdict; their states are not ours one by one (they count the lock and the commit
// as steps of their own). Of bench/promela/assign.pml they are: as many states, as many transitions.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'irqbypass-bench-'));
const quick = process.argv.includes('--quick');
const oursOnly = process.argv.includes('--ours');
const REPEAT = quick ? 1 : 3;
/** Runs of a command that takes tens of milliseconds. */
const START_RUNS = 31;

interface Measured {
  readonly seconds: number;
  readonly memoryMiB: number;
  readonly states: number;
  readonly transitions: number;
  /** Ours only: calls of XState, transitions a second within the search. */
  readonly machineCalls?: number;
  readonly rate?: number;
}

interface Explored {
  readonly states: number;
  readonly transitions: number;
  readonly machineCalls: number;
  readonly seconds: number;
}

const EXACT = ['--no-symmetry', '--no-por'];
const SYMMETRY = ['--no-por'];
const BOTH: readonly string[] = [];

/** Runs a command `repeat` times; the run with the median wall time. */
function measure(
  command: string,
  args: readonly string[],
  read: (output: string) => Omit<Measured, 'seconds' | 'memoryMiB'>,
  repeat = REPEAT,
): Measured {
  const runs = Array.from({ length: repeat }, () => {
    const report = join(scratch, 'time');
    const { stdout, status, error } = spawnSync('/usr/bin/time', ['-o', report, '-f', '%e %M', command, ...args], {
      cwd: scratch,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    if (error !== undefined || status !== 0)
      throw new Error(`${command} ${args.join(' ')}: ${String(error ?? status)}`);
    const [seconds = 0, kilobytes = 0] =
      readFileSync(report, 'utf8').trim().split('\n').at(-1)?.split(' ').map(Number) ?? [];
    return { seconds, memoryMiB: Math.round(kilobytes / 1024), ...read(stdout) };
  });
  return median(runs);
}

/** The run with the median wall time. */
function median(runs: readonly Measured[]): Measured {
  const sorted = runs.toSorted((one, other) => one.seconds - other.seconds);
  return sorted[Math.floor(sorted.length / 2)] as Measured;
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { cwd: scratch, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}

const has = (command: string): boolean => spawnSync('which', [command]).status === 0;

function number(output: string, pattern: RegExp): number {
  return Number((pattern.exec(output)?.[1] ?? 'NaN').replaceAll(',', ''));
}

type Size = readonly [number, number, number];

/** The program as it is installed: without the source beside it. */
function installed(): string {
  run('npm', ['run', '--prefix', root, 'build']);
  for (const part of ['bin', 'dist', 'package.json'])
    cpSync(join(root, part), join(scratch, 'package', part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(scratch, 'package', 'node_modules'));
  return join(scratch, 'package', 'bin', 'irqbypass.js');
}
const program = installed();

function ours([p, c, e]: Size, flags: readonly string[], repeat = REPEAT): Measured {
  return explored(['manager', `producers=${p}`, `consumers=${c}`, `eventfds=${e}`, 'faults=true'], flags, repeat);
}

/** Explores a scenario with some parameters. */
function explored([scenario = '', ...set]: readonly string[], flags: readonly string[], repeat = REPEAT): Measured {
  const args = [program, 'explore', scenario, ...set.flatMap((one) => ['--set', one]), ...flags, '--json'];
  const read = (output: string): Omit<Measured, 'seconds' | 'memoryMiB'> => {
    const { states, transitions, machineCalls, seconds } = JSON.parse(output) as Explored;
    return { states, transitions, machineCalls, rate: transitions / seconds };
  };
  return measure(process.execPath, args, read, repeat);
}

function spin([p, c, e]: Size, reduced: boolean): Measured {
  run(process.execPath, [join(root, 'bench/peers-generate.mjs'), String(p), String(c), String(e), scratch]);
  return panOf([`m_${p}_${c}_${e}.pml`], reduced);
}

/** Makes a search of a Promela model, and runs it. */
function panOf(model: readonly string[], reduced: boolean, repeat = REPEAT): Measured {
  run('spin', ['-a', ...model]);
  run('gcc', ['-O2', '-DSAFETY', ...(reduced ? [] : ['-DNOREDUCE']), '-DMEMLIM=14000', '-w', '-o', 'pan', 'pan.c']);
  const read = (output: string): Omit<Measured, 'seconds' | 'memoryMiB'> => {
    if (!output.includes('errors: 0') || output.includes('depth too small')) throw new Error(output);
    return { states: number(output, /([\d]+) states, stored/), transitions: number(output, /([\d]+) transitions/) };
  };
  return measure('./pan', ['-m20000000', '-w24'], read, repeat);
}

function rumur([p, c, e]: Size, symmetry: boolean): Measured {
  run(process.execPath, [join(root, 'bench/peers-generate.mjs'), String(p), String(c), String(e), scratch]);
  const reduction = ['--symmetry-reduction', symmetry ? 'heuristic' : 'off', '--scalarset-schedules', 'off'];
  run('rumur', [...reduction, '--counterexample-trace', 'off', '--threads', '1', '-o', 'r.c', `m_${p}_${c}_${e}.m`]);
  run('gcc', ['-std=c11', '-O3', '-march=native', '-w', '-mcx16', '-o', 'r', 'r.c', '-lpthread', '-latomic']);
  return measure('./r', [], (output) => ({
    states: number(output, /([\d]+) states, [\d]+ rules/),
    transitions: number(output, /states, ([\d]+) rules/),
  }));
}

/** xstate/graph's getAdjacencyMap on the same world, its events our choices. */
function xstateGraph([p, c, e]: Size, remembers: boolean): Measured {
  const args = [
    join(root, 'bench/xstate-graph.ts'),
    String(p),
    String(c),
    String(e),
    ...(remembers ? ['--remembers'] : []),
  ];
  return measure(process.execPath, args, (output) => {
    const { states, transitions } = JSON.parse(output) as { states: number; transitions: number };
    return { states, transitions };
  });
}

const rows: string[] = [];
function report(name: string, size: Size | string, found: Measured, reference?: Measured): Measured {
  const { seconds, memoryMiB, states, transitions } = found;
  const ratio =
    reference === undefined
      ? ''
      : `${(seconds / reference.seconds).toFixed(2)} / ${(memoryMiB / reference.memoryMiB).toFixed(2)}`;
  const cells = [
    typeof size === 'string' ? size : size.join(','),
    name,
    states.toLocaleString('en'),
    transitions.toLocaleString('en'),
    seconds.toFixed(2),
    String(memoryMiB),
    ratio,
  ];
  rows.push(`| ${cells.join(' | ')} |`);
  process.stderr.write(`${rows.at(-1) ?? ''}\n`);
  return found;
}

const goals: string[] = [];
function goal(what: string, reached: number, wanted: string): void {
  goals.push(
    `| ${what} | ${reached >= 100 ? Math.round(reached).toLocaleString('en') : reached.toPrecision(3)} | ${wanted} |`,
  );
  process.stderr.write(`${goals.at(-1) ?? ''}\n`);
}

const withSpin = !oursOnly && has('spin') && has('gcc');
const withRumur = !oursOnly && has('rumur') && has('gcc');

function compare(size: Size, graph: 'none' | 'remembered' | 'both'): void {
  const mine = report('ours, exact', size, ours(size, EXACT));
  const symmetric = report('ours, symmetry', size, ours(size, SYMMETRY));
  report('ours, both reductions', size, ours(size, BOTH), mine);
  const isLargest = size.join() === '3,3,3';
  if (isLargest) {
    goal('3,3,3 unreduced: transitions a second', mine.rate ?? 0, '>= 5,000,000');
    goal('3,3,3 unreduced: calls of XState / transitions', (mine.machineCalls ?? 0) / mine.transitions, '<= 0.01');
  }
  if (withSpin) {
    const exact = report('Spin exact', size, spin(size, false), mine);
    report('Spin POR', size, spin(size, true), mine);
    if (isLargest) {
      goal('3,3,3 unreduced: wall time / Spin exact', mine.seconds / exact.seconds, '<= 0.30');
      goal('3,3,3 unreduced: peak memory / Spin exact', mine.memoryMiB / exact.memoryMiB, '<= 0.7');
    }
  }
  if (withRumur) {
    const theirs = report('Rumur symmetry', size, rumur(size, true), mine);
    if (isLargest)
      goal('3,3,3 symmetry only: wall time / Rumur symmetry', symmetric.seconds / theirs.seconds, '<= 0.7');
  }
  if (graph !== 'none' && !oursOnly) {
    report('xstate/graph on remembered steps', size, xstateGraph(size, true), mine);
    if (graph === 'both') {
      const plain = report('xstate/graph', size, xstateGraph(size, false), mine);
      if (size.join() === '3,2,2')
        goal('3,2,2 unreduced: wall time of xstate/graph / ours', plain.seconds / mine.seconds, '>= 30');
    }
  }
}

/** The sizes at which reductions and threads are put to the test. */
function compareReduced(): void {
  const size: Size = [4, 3, 3];
  const both = report('ours, both reductions', size, ours(size, BOTH));
  const peers = [
    ...(withSpin ? [report('Spin POR', size, spin(size, true), both)] : []),
    ...(withRumur ? [report('Rumur symmetry', size, rumur(size, true), both)] : []),
  ];
  if (peers.length > 0) {
    const best = Math.min(...peers.map(({ seconds }) => seconds));
    goal(
      '4,3,3 both reductions: wall time / the better of Spin POR and Rumur symmetry',
      both.seconds / best,
      '<= 0.07',
    );
  }
  for (const larger of [
    [8, 8, 4],
    [16, 16, 4],
  ] as const)
    report('ours, both reductions', larger, ours(larger, BOTH));
}

/** Threads, at sizes that keep them busy. */
function compareWorkers(): void {
  const manager = ['manager', 'producers=4', 'consumers=3', 'eventfds=3', 'faults=true'];
  for (const [name, what] of [
    ['4,3,3', manager],
    [ASSIGN, assign],
  ] as const) {
    // In turn: a shared machine is not equally fast for minutes.
    const pairs = Array.from(
      { length: REPEAT },
      () => [explored(what, EXACT, 1), explored(what, [...EXACT, '--workers', '2'], 1)] as const,
    );
    const one = report('ours, exact, one worker', name, median(pairs.map(([alone]) => alone)));
    const two = report('ours, exact, two workers', name, median(pairs.map(([, together]) => together)), one);
    goal(`${name} unreduced: one worker / two workers`, one.seconds / two.seconds, '>= 1.7');
  }
}

/** A system world of some millions of states: powerpc, where a route never changes. On vmx two vectors are hundreds of millions. */
const assign = ['assign', 'arch=powerpc', 'vectors=2'];
const ASSIGN = 'assign, powerpc, 2 vectors';

/** A device with two vectors, which are interchangeable. */
function compareAssign(): void {
  const modes = [EXACT, ['--no-symmetry'], SYMMETRY, BOTH];
  const names = ['exact', 'partial order', 'symmetry', 'both reductions'];
  // In turn, Spin too: a shared machine is not equally fast for minutes.
  const model = ['-o3', '-DN=2', '-DFAULTS', join(root, 'bench/promela/assign.pml')];
  const runs = Array.from({ length: REPEAT }, () => [
    ...modes.map((flags) => explored(assign, flags, 1)),
    ...(withSpin ? [false, true].map((reduced) => panOf(model, reduced, 1)) : []),
  ]);
  const medianOf = (place: number): Measured => median(runs.map((one) => one[place] as Measured));
  const found = modes.map((_, mode) => medianOf(mode));
  for (const [mode, one] of found.entries()) report(`ours, ${names[mode] ?? ''}`, ASSIGN, one, found[0]);
  if (withSpin) compareAssignWithSpin(found[0] as Measured, medianOf(modes.length), medianOf(modes.length + 1));
  const [exact, partial, , both] = found as [Measured, Measured, Measured, Measured];
  goal(
    `${ASSIGN}: wall time with symmetry / without, both with partial order`,
    both.seconds / partial.seconds,
    '<= 0.4',
  );
  goal(`${ASSIGN}: states with both reductions / without any`, both.states / exact.states, '<= 0.05');
}

/** Spin on a model of the same granularity: what is counted has to agree. */
function compareAssignWithSpin(ours: Measured, exact: Measured, partial: Measured): void {
  // The first state is a transition of its own there.
  if (exact.states !== ours.states || exact.transitions - 1 !== ours.transitions)
    throw new Error(`Spin has ${exact.states} states and ${exact.transitions} transitions: bench/promela/assign.pml`);
  report('Spin exact', ASSIGN, exact, ours);
  report('Spin POR', ASSIGN, partial, ours);
  goal(`${ASSIGN} unreduced: wall time / Spin exact`, ours.seconds / exact.seconds, 'no goal');
}

for (const tool of ['spin', 'rumur', 'gcc']) {
  if (!oursOnly && !has(tool)) process.stderr.write(`${tool} is missing: apt-get install ${tool}\n`);
}
if (!existsSync('/usr/bin/time')) throw new Error('/usr/bin/time is missing: apt-get install time');
const part = process.argv.find((argument) => ['--reduced', '--workers', '--assign', '--start'].includes(argument));
if (part === undefined) compare([2, 2, 1], 'both');
if (part === undefined) compare([2, 2, 2], quick ? 'none' : 'both');
if (!quick && part === undefined) {
  compare([3, 2, 2], 'both');
  compare([3, 3, 2], 'none');
  compare([3, 3, 3], 'none');
}
/** Whole processes that do little, in turn with node that does nothing. */
function compareStart(): void {
  const commands = [
    ['node -e 0', ['-e', '0']],
    ['explore pairing', [program, 'explore', 'pairing']],
    ['--version', [program, '--version']],
  ] as const;
  const times = commands.map((): number[] => []);
  for (let run = 0; run < START_RUNS; run++)
    for (const [i, [, args]] of commands.entries()) {
      const begin = performance.now();
      spawnSync(process.execPath, args, { cwd: scratch });
      times[i]?.push(performance.now() - begin);
    }
  const medians = times.map((some) => some.toSorted((a, b) => a - b)[Math.floor(START_RUNS / 2)] ?? 0);
  const [node = 0, pairing = 0] = medians;
  for (const [i, [name]] of commands.entries())
    process.stderr.write(`${name}: ${(medians[i] ?? 0).toFixed(0)} ms, ${((medians[i] ?? 0) / node).toFixed(1)}\n`);
  goal('explore pairing, whole process / node -e 0', pairing / node, '<= 5');
}

const isWanted = (one: string): boolean => part === one || (part === undefined && !quick);
if (isWanted('--start')) compareStart();
if (isWanted('--reduced')) compareReduced();
if (isWanted('--assign')) compareAssign();
if (isWanted('--workers')) compareWorkers();
const [cpu] = cpus();
const version = (command: string, flag: string): string =>
  spawnSync(command, [flag], { encoding: 'utf8' }).stdout?.split('\n')[0] ?? '';
console.log(
  `${cpu?.model ?? 'unknown CPU'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; Node ${process.versions.node}`,
);
if (!oursOnly)
  console.log(`${version('spin', '-V')}; ${version('rumur', '--version')}; ${version('gcc', '--version')}`);
console.log(
  '\n| P,C,E | search | states | transitions | wall s | peak MiB | time / memory, by ours (exact) |\n|---|---|---:|---:|---:|---:|---:|',
);
console.log(rows.join('\n'));
console.log('\n| ratio | reached | to reach |\n|---|---:|---:|');
console.log(goals.join('\n'));
rmSync(scratch, { recursive: true });
