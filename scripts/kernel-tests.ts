// Generated KUnit suites in a real kernel: user-mode Linux of Debian's linux-source-6.12, built and run by kunit.py.
//
//   npm run test:kernel            builds in /tmp/irqbypass-kernel; three to four minutes the first time, seconds later
//   npm run test:kernel -- --write writes what was said into docs/kernel-tests.md, too
//
// It needs root on a Debian for the packages: linux-source-6.12 flex bison bc libelf-dev make python3.
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { caseOf } from '../src/bridge/generate/counterexample.ts';
import { kunitOf, pathSuitesOf } from '../src/bridge/generate/generate.ts';
import { treeLines } from '../src/bridge/generate/kunit.ts';
import { headerOf } from '../src/bridge/trace-file.ts';
import { explore } from '../src/engine/explorer/search/explore.ts';
import { traceOf } from '../src/engine/world/trace.ts';
import { assemble } from '../src/scenarios/assemble.ts';
import { findScenario } from '../src/scenarios/builtin.ts';
import { revisionOf } from '../src/scenarios/assembled.ts';

const SOURCE = '/usr/src/linux-source-6.12.tar.xz';
const PACKAGES = ['linux-source-6.12', 'flex', 'bison', 'bc', 'libelf-dev', 'make', 'python3'];
/** What this kernel has, as `irqbypass conform` says. */
const REVISION = 'base';
const revision = revisionOf(REVISION);
const SCOPE = { producers: 2, consumers: 2, eventfds: 2 };

const folder = join(tmpdir(), 'irqbypass-kernel');
const tree = join(folder, 'linux-source-6.12');

function ran(cwd: string, command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

/** The case of the counterexample that evicts a producer on 6.17. */
async function evictionCase(): Promise<Readonly<Record<string, string>>> {
  const scenario = findScenario('double-unregister-race');
  if (scenario === undefined) throw new Error('there is no double-unregister-race');
  const assembled = assemble({ scenario, revision: 'v2p8' });
  const properties = assembled.properties.filter(({ id }) => id === 'i-owner');
  const { violations } = await explore(assembled.world, { properties });
  const steps = traceOf(assembled.world, violations[0]?.path ?? []);
  return (await caseOf({ header: headerOf(assembled), assembled, steps }, revision)).files;
}

if (!existsSync(SOURCE) || spawnSync('flex', ['--version']).status !== 0) {
  process.stderr.write(`installing ${PACKAGES.join(' ')}\n`);
  ran('/', 'apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...PACKAGES);
}
mkdirSync(folder, { recursive: true });
if (!existsSync(tree)) {
  process.stderr.write(`unpacking ${SOURCE}\n`);
  ran(folder, 'tar', 'xf', SOURCE);
}
const suites = kunitOf(revision, pathSuitesOf(revision, SCOPE, 'pairs'), SCOPE);
const CONFIG = 'virt/lib/tests/.kunitconfig';
// The race that Linux 6.17 loses and this one does not: three threads wait for the mutex.
const files = {
  ...(await evictionCase()),
  ...suites,
  [CONFIG]: `${suites[CONFIG] ?? ''}CONFIG_IRQBYPASS_TRACE_KUNIT_TEST=y\n`,
};
for (const [file, text] of Object.entries(files)) {
  mkdirSync(dirname(join(tree, file)), { recursive: true });
  writeFileSync(join(tree, file), text);
}
// The tree's own files get the two lines that lead to the new ones.
for (const [file, lines] of Object.entries(treeLines))
  if (!readFileSync(join(tree, file), 'utf8').includes(lines.trim())) appendFileSync(join(tree, file), lines);

const sources = Object.keys(files).filter((file) => file.endsWith('.c'));
const checked = spawnSync('perl', ['scripts/checkpatch.pl', '--no-tree', '--terse', '--file', ...sources], {
  cwd: tree,
  encoding: 'utf8',
});
const style = checked.stdout.trim();
process.stderr.write(`checkpatch.pl:\n${style}\n`);

process.stderr.write('building user-mode Linux and running the suites\n');
const started = performance.now();
const { status, stdout, stderr } = spawnSync(
  'python3',
  [
    'tools/testing/kunit/kunit.py',
    'run',
    '--kunitconfig',
    'virt/lib/tests',
    '--jobs',
    String(availableParallelism()),
    '--build_dir',
    join(folder, 'build'),
  ],
  { cwd: tree, encoding: 'utf8', maxBuffer: 1 << 26, env: { ...process.env, NO_COLOR: '1' } },
);
const said = `${stdout}${stderr}`
  // eslint-disable-next-line no-control-regex
  .replaceAll(/\u001B\[[\d;]*m/g, '')
  .replaceAll(/^\[[\d:]+\] /gm, '');
process.stdout.write(said);
if (process.argv.includes('--write')) {
  const text = said.split('\n').filter((line) => /^(?:=+ |\[|Testing complete|Elapsed)/.test(line));
  writeFileSync(
    fileURLToPath(new URL('../docs/kernel-tests.md', import.meta.url)),
    `# Generated suites in a real kernel

\`npm run test:kernel -- --write\`: the suites of \`irqbypass generate kunit --revision ${REVISION}\` in user-mode Linux, built from Debian's
linux-source-6.12 as it is, with the two lines that lead to virt/lib/tests. kunit.py said, after ${((performance.now() - started) / 1000).toFixed(0)} s:

\`\`\`text
${text.join('\n')}
\`\`\`

scripts/checkpatch.pl --file of that tree said of the sources:

\`\`\`text
${style}
\`\`\`
`,
  );
}
process.exitCode = status ?? 1;
