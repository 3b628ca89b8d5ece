// Ours against Spin, Rumur and xstate/graph on the manager system: whole processes, medians, ratios, in one run.
//
//   npm run bench:peers                    sizes and repetitions of docs/performance.md
//   npm run bench:peers -- --quick         small sizes, once
//   npm run bench:explore                  ours alone
//
// A benchmark, never a test. Spin and Rumur search models of their own (bench/peers-generate.mjs), agreed with ours on
// the verdict; their states are not ours one by one (they count the lock and the commit as steps of their own).
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'irqbypass-bench-'));
const quick = process.argv.includes('--quick');
const oursOnly = process.argv.includes('--ours');
const REPEAT = quick ? 1 : 3;

interface Measured {
  readonly seconds: number;
  readonly memoryMiB: number;
  readonly states: number;
  readonly transitions: number;
}

/** Runs a command `REPEAT` times; the run with the median wall time. */
function measure(
  command: string,
  args: readonly string[],
  read: (output: string) => Pick<Measured, 'states' | 'transitions'>,
): Measured {
  const runs = Array.from({ length: REPEAT }, () => {
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

function ours([p, c, e]: Size, reduced: boolean): Measured {
  const set = ['--set', `producers=${p}`, '--set', `consumers=${c}`, '--set', `eventfds=${e}`, '--set', 'faults=true'];
  const args = [
    join(root, 'bin/irqbypass.js'),
    'explore',
    'manager',
    ...set,
    ...(reduced ? [] : ['--no-symmetry', '--no-por']),
    '--json',
  ];
  return measure(process.execPath, args, (output) => {
    const { states, transitions } = JSON.parse(output) as { states: number; transitions: number };
    return { states, transitions };
  });
}

function spin([p, c, e]: Size, reduced: boolean): Measured {
  run(process.execPath, [join(root, 'bench/peers-generate.mjs'), String(p), String(c), String(e), scratch]);
  run('spin', ['-a', `m_${p}_${c}_${e}.pml`]);
  run('gcc', ['-O2', '-DSAFETY', ...(reduced ? [] : ['-DNOREDUCE']), '-DMEMLIM=14000', '-w', '-o', 'pan', 'pan.c']);
  return measure('./pan', ['-m20000000', '-w24'], (output) => ({
    states: number(output, /([\d]+) states, stored/),
    transitions: number(output, /([\d]+) transitions/),
  }));
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
function xstateGraph([p, c, e]: Size): Measured {
  return measure(process.execPath, [join(root, 'bench/xstate-graph.ts'), String(p), String(c), String(e)], (output) => {
    const { states, transitions } = JSON.parse(output) as { states: number; transitions: number };
    return { states, transitions };
  });
}

const rows: string[] = [];
function report(name: string, size: Size, found: Measured, reference?: Measured): Measured {
  const { seconds, memoryMiB, states, transitions } = found;
  const ratio =
    reference === undefined
      ? ''
      : `${(seconds / reference.seconds).toFixed(2)} / ${(memoryMiB / reference.memoryMiB).toFixed(2)}`;
  const cells = [
    size.join(','),
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

function compare(size: Size, withGraph: boolean): void {
  const mine = report('ours, exact', size, ours(size, false));
  report('ours, symmetry', size, ours(size, true));
  if (oursOnly) return;
  const [first] = [has('spin') && has('gcc')];
  if (first) {
    report('Spin exact', size, spin(size, false), mine);
    report('Spin POR', size, spin(size, true), mine);
  }
  if (has('rumur') && has('gcc')) report('Rumur symmetry', size, rumur(size, true), mine);
  if (withGraph) report('xstate/graph', size, xstateGraph(size), mine);
}

for (const tool of ['spin', 'rumur', 'gcc']) {
  if (!oursOnly && !has(tool)) process.stderr.write(`${tool} is missing: apt-get install ${tool}\n`);
}
if (!existsSync('/usr/bin/time')) throw new Error('/usr/bin/time is missing: apt-get install time');
compare([2, 2, 1], true);
compare([2, 2, 2], !quick);
if (!quick) {
  compare([3, 2, 2], true);
  compare([3, 3, 2], false);
  compare([3, 3, 3], false);
}
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
rmSync(scratch, { recursive: true });
