// Generated KUnit suites in a real kernel: user-mode Linux of Debian's linux-source-6.12, built and run by kunit.py.
//
//   npm run test:kernel            builds in /tmp/irqbypass-kernel; three to four minutes the first time, seconds later
//   npm run test:kernel -- --write writes what was said into docs/kernel-tests.md, too
//
// It needs root on a Debian for the packages: linux-source-6.12 flex bison bc libelf-dev make python3.
import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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
import type { Revision } from '../src/registry/revisions.ts';
import { revisionOf } from '../src/scenarios/assembled.ts';

const SOURCE = '/usr/src/linux-source-6.12.tar.xz';
const PACKAGES = ['linux-source-6.12', 'flex', 'bison', 'bc', 'libelf-dev', 'make', 'python3'];
const SCOPE = { producers: 2, consumers: 2, eventfds: 2 };
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const folder = join(tmpdir(), 'irqbypass-kernel');
const tree = join(folder, 'linux-source-6.12');
/** The manager of a tree. */
const MANAGER = ['virt/lib/irqbypass.c', 'include/linux/irqbypass.h'];

/** What is run: a manager in this kernel, and the revision that it does. */
interface Round {
  readonly title: string;
  readonly revision: string;
  /** Where the manager is taken from. */
  readonly from: string;
  /** Cases that fail: the race that this manager loses. */
  readonly failing: readonly string[];
}

const rounds: readonly Round[] = [
  {
    title: 'The manager of that kernel, as it is',
    revision: 'base',
    from: join(folder, 'own'),
    failing: [],
  },
  {
    title:
      'The stand-in for 6.17 ([test/fixtures/kernel-trees](../test/fixtures/kernel-trees/README.md)), with the xarray of that kernel',
    revision: 'v2p8',
    from: at('../test/fixtures/kernel-trees/xarray'),
    failing: ['trace_double_unregister_race'],
  },
];

function ran(cwd: string, command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

/** The kernel, unpacked, with the lines that lead to virt/lib/tests; its own manager is kept aside. */
function prepare(): void {
  if (!existsSync(SOURCE) || spawnSync('flex', ['--version']).status !== 0) {
    process.stderr.write(`installing ${PACKAGES.join(' ')}\n`);
    ran('/', 'apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...PACKAGES);
  }
  mkdirSync(folder, { recursive: true });
  if (!existsSync(tree)) {
    process.stderr.write(`unpacking ${SOURCE}\n`);
    ran(folder, 'tar', 'xf', SOURCE);
  }
  for (const file of MANAGER)
    if (!existsSync(join(folder, 'own', file))) cpSync(join(tree, file), join(folder, 'own', file));
  for (const [file, lines] of Object.entries(treeLines))
    if (!readFileSync(join(tree, file), 'utf8').includes(lines.trim())) appendFileSync(join(tree, file), lines);
}

/** The suites of a revision, and the case of the counterexample that evicts a producer on 6.17. */
async function filesOf(revision: Revision): Promise<Readonly<Record<string, string>>> {
  const scenario = findScenario('double-unregister-race');
  if (scenario === undefined) throw new Error('there is no double-unregister-race');
  const assembled = assemble({ scenario, revision: 'v2p8' });
  const properties = assembled.properties.filter(({ id }) => id === 'i-owner');
  const { violations } = await explore(assembled.world, { properties });
  const steps = traceOf(assembled.world, violations[0]?.path ?? []);
  const { files: race } = await caseOf({ header: headerOf(assembled), assembled, steps }, revision);
  const suites = kunitOf(revision, pathSuitesOf(revision, SCOPE, 'pairs'), SCOPE);
  const config = 'virt/lib/tests/.kunitconfig';
  return { ...race, ...suites, [config]: `${suites[config] ?? ''}CONFIG_IRQBYPASS_TRACE_KUNIT_TEST=y\n` };
}

/** What was said of a round, and whether it is what it should be. */
interface Said {
  readonly style: string;
  readonly lines: readonly string[];
  readonly seconds: number;
  readonly isAsExpected: boolean;
}

async function run({ revision, from, failing }: Round): Promise<Said> {
  const files = await filesOf(revisionOf(revision));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), text);
  }
  for (const file of MANAGER) writeFileSync(join(tree, file), readFileSync(join(from, file)));
  const sources = Object.keys(files).filter((file) => file.endsWith('.c'));
  const checkpatch = ['scripts/checkpatch.pl', '--no-tree', '--terse', '--file', ...sources];
  const style = spawnSync('perl', checkpatch, { cwd: tree, encoding: 'utf8' }).stdout.trim();
  process.stderr.write(`building user-mode Linux and running the suites of ${revision}\n`);
  const started = performance.now();
  const kunit = ['tools/testing/kunit/kunit.py', 'run', '--kunitconfig', 'virt/lib/tests'];
  const where = ['--jobs', String(availableParallelism()), '--build_dir', join(folder, 'build')];
  const { stdout, stderr } = spawnSync('python3', [...kunit, ...where], {
    cwd: tree,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    env: { ...process.env, NO_COLOR: '1' },
  });
  const said = `${stdout}${stderr}`
    // eslint-disable-next-line no-control-regex
    .replaceAll(/\u001B\[[\d;]*m/g, '')
    .replaceAll(/^\[[\d:]+\] /gm, '');
  process.stdout.write(said);
  const lines = said.split('\n');
  const failed = lines.flatMap((line) => /^\[FAILED\] (\w+)$/.exec(line)?.[1] ?? []);
  const count = /Ran (\d+) tests: passed: (\d+)/.exec(said);
  const isAsExpected = failed.join() === failing.join() && Number(count?.[1]) - Number(count?.[2]) === failing.length;
  const isShown = /^(?:=+ |\[(?!PASSED\] path_)|\s*# |Testing complete|Elapsed)/;
  return {
    style,
    lines: lines.filter((line) => isShown.test(line)),
    seconds: (performance.now() - started) / 1000,
    isAsExpected,
  };
}

function chapter({ title, revision }: Round, { style, lines, seconds }: Said): string {
  return `## ${title}

The suites of \`irqbypass generate kunit --revision ${revision}\`. kunit.py said, after ${seconds.toFixed(0)} s (of paths only those that do not
pass are listed):

\`\`\`text
${lines.join('\n')}
\`\`\`

scripts/checkpatch.pl --file said of the sources: ${style === '' ? 'nothing.' : `\n\n\`\`\`text\n${style}\n\`\`\``}
`;
}

prepare();
const chapters: string[] = [];
for (const round of rounds) {
  const said = await run(round);
  chapters.push(chapter(round, said));
  if (!said.isAsExpected) process.exitCode = 1;
}
if (process.argv.includes('--write'))
  writeFileSync(
    at('../docs/kernel-tests.md'),
    `# Generated suites in a real kernel

\`npm run test:kernel -- --write\`: the generated suites in user-mode Linux, built from Debian's linux-source-6.12, and besides the case
that \`irqbypass generate kunit --from\` makes of \`explore double-unregister-race --property i-owner\`, which evicts a producer on
6.17: three threads wait for the mutex, and there is no hardware. The first build takes some minutes, another one seconds.

${chapters.join('\n')}`,
  );
