// Whole commands, timed by hyperfine: start-up, the default search with and without reductions, a storm, a simulation.
//
//   npm run bench:commands
//
// A benchmark, never a test. Ratios are to the first command.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../bin/irqbypass.js', import.meta.url));
const commands: readonly (readonly [string, string])[] = [
  ['start-up: list machines', 'list machines'],
  ['explore manager', 'explore manager'],
  ['explore manager, no reductions', 'explore manager --no-symmetry --no-por'],
  ['explore assign', 'explore assign'],
  ['run storm, 100 000 irqfds', 'run storm --set irqfds=100000'],
  ['scale, bug 217379, list and xarray', 'scale --workload bug-217379 --index list,xarray'],
];

if (spawnSync('which', ['hyperfine']).status !== 0) {
  process.stderr.write('hyperfine is missing: apt-get install hyperfine\n');
  process.exit(2);
}
const scratch = mkdtempSync(join(tmpdir(), 'irqbypass-bench-'));
const report = join(scratch, 'hyperfine.json');
const lines = commands.map(([, args]) => `${process.execPath} ${bin} ${args} --json`);
const { status, stderr } = spawnSync('hyperfine', ['--warmup', '1', '--export-json', report, ...lines], {
  encoding: 'utf8',
  maxBuffer: 1 << 28,
});
if (status !== 0) throw new Error(`hyperfine: ${stderr}`);
interface Timing {
  readonly median: number;
  readonly stddev: number | null;
}
const { results } = JSON.parse(readFileSync(report, 'utf8')) as { readonly results: readonly Timing[] };
rmSync(scratch, { recursive: true });
console.log('| command | median s | spread s | to start-up |\n|---|---:|---:|---:|');
const [first] = results;
for (const [i, { median, stddev }] of results.entries()) {
  const ratio = (median / (first?.median ?? median)).toFixed(2);
  console.log(`| ${commands[i]?.[0] ?? ''} | ${median.toFixed(2)} | ${(stddev ?? 0).toFixed(2)} | ${ratio} |`);
}
