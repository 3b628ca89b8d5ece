// npm run test:host: real arm64 kernels beside their worlds, 300 sequences each; writes what came of it into docs/real-host.md.
//
//   node scripts/host-tests.ts [--sequences N] [--record]
//
// --record keeps what fewer sequences did in test/fixtures/host-runs: npm test compares it with the worlds, without a boot.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Played } from '../src/bridge/host/host-boot.ts';
import type { HostReport } from '../src/bridge/host/host-check.ts';
import { checkHost, hostSuites } from '../src/bridge/host/host-check.ts';
import { kernelOf, usualFolder } from '../src/bridge/host/host-folder.ts';
import { SERIES, setUpHost } from '../src/bridge/host/host-setup.ts';
import { revisionOf } from '../src/scenarios/assembled.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const isRecorded = process.argv.includes('--record');
const given = process.argv.indexOf('--sequences');
const SEQUENCES = given === -1 ? (isRecorded ? 60 : 300) : Number(process.argv[given + 1]);
const PAGE = join(root, 'docs/real-host.md');
const [BEGIN, END] = ['<!-- host-tests -->\n', '<!-- end of host-tests -->'];

const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** A run as test/fixtures/host-runs has it, a line each. */
function lineOf(series: string, release: string | null, revision: string, played: Played): string {
  const suites = hostSuites(revisionOf(revision), SEQUENCES);
  const all = suites.flatMap(({ shape, sequences }) => sequences.map((one) => ({ shape, one })));
  const found = all.find(({ one }) => one.name === played.name);
  if (found === undefined) throw new Error(`${played.name} is not one of the sequences`);
  const { shape, one } = found;
  const calls = one.steps.map(({ call }) => call);
  return JSON.stringify({ series, release, revision, shape, calls, ...played });
}

function tableOf(reports: readonly HostReport[]): string {
  const rows = reports.map(
    ({ release, kernel, revision, sequences, calls, agreed, differences, logs, warnings, seconds }) => {
      const found =
        differences.length === 0 ? 'none' : differences.map(({ id, count }) => `${id} (${count})`).join(', ');
      return `| ${release ?? kernel} | \`${revision}\` | ${sequences} | ${calls} | ${agreed} | ${found} | ${logs.accepted} of ${sequences} | ${warnings.length} | ${seconds.toFixed(0)} s |`;
    },
  );
  return [
    '| kernel | world | sequences | calls | facts that agree | differences | logs accepted | with a WARN | time |',
    '|---|---|---:|---:|---:|---|---:|---:|---:|',
    ...rows,
    '',
  ].join('\n');
}

const { folder, missing } = await setUpHost(usualFolder(), { progress: say });
for (const series of missing) say(`the archive has no kernel ${series}: it is left out`);
const reports: HostReport[] = [];
for (const series of SERIES.filter((one) => !missing.includes(one))) {
  const all: Played[] = [];
  const revision = revisionOf(series);
  const report = await checkHost({
    folder,
    kernel: kernelOf(folder, series),
    revision,
    isRevisionSure: true,
    sequences: SEQUENCES,
    maxSeconds: 900,
    progress: (what) => {
      if (/[05]0 of/.test(what)) say(what);
    },
    played: (played) => void all.push(...played),
  });
  reports.push(report);
  say(tableOf([report]));
  for (const { id, summary, shortest } of report.differences) say(`${id}: ${summary}\n  ${shortest.calls.join('; ')}`);
  if (isRecorded) {
    const lines = all.map((played) => `${lineOf(series, report.release, revision.id, played)}\n`).join('');
    writeFileSync(join(root, `test/fixtures/host-runs/${series}.jsonl.gz`), gzipSync(lines, { level: 9 }));
  }
}
if (!isRecorded) {
  const page = readFileSync(PAGE, 'utf8');
  const [before = '', rest = ''] = page.split(BEGIN);
  writeFileSync(PAGE, `${before}${BEGIN}\n${tableOf(reports)}\n${END}${rest.split(END)[1] ?? ''}`);
}
process.exitCode = reports.some(({ differences, ended }) => differences.length > 0 || ended !== null) ? 1 : 0;
