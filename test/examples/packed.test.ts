// examples/reports in an empty folder that has only the packed package: what a stranger gets from `npm i irqbypass-lab`.
//
// It builds where dist is not of the source as it is, packs and installs, and then runs every script four times. It needs nothing of
// the other tests, so that it can be moved to test/long as it is.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isLong, sample } from '../sample.ts';
import { blocksOf, commandsOf, normalise, Shell } from '../docs/transcripts.ts';

const REPORTS = 'examples/reports';
const scripts = readdirSync(REPORTS).filter((file) => /^n\d+-.*\.ts$/.test(file));
/** What the package has beside compiled code. */
const PACKED = [
  'bin',
  'package.json',
  'LICENSE',
  'README.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'docs',
  'examples',
  'test/fixtures/recorded',
  'test/fixtures/kernel-trees',
  'test/fixtures/real-logs',
];

let folder = '';
const place = (...path: readonly string[]): string => join(folder, ...path);

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program with the Node that runs the tests, whatever the host has. */
function run(cwd: string, command: string, ...args: readonly string[]): Ran {
  const PATH = [dirname(process.execPath), process.env['PATH']].join(delimiter);
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, PATH, NO_UPDATE_NOTIFIER: '1' },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

/** Runs a program that has to succeed. */
function succeed(cwd: string, command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = run(cwd, command, ...args);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

/** Makes the folder a package of CommonJS, as `npm init` does, or of modules. */
function setType(type: 'commonjs' | 'module'): void {
  const file = place('user', 'package.json');
  const { type: _type, ...rest } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  writeFileSync(file, JSON.stringify(type === 'module' ? { ...rest, type } : rest));
}

/** Is dist of the source as it is? `npm test` has just built it. */
function isBuilt(): boolean {
  if (!existsSync('dist/page/worker.js')) return false;
  const built = statSync('dist/page/worker.js').mtimeMs;
  return globSync('{src,scripts}/**/*.*').every((file) => statSync(file).mtimeMs < built);
}

/** Builds beside the checkout: a dist in it may be in use. */
function build(): void {
  succeed('.', 'npx', 'tsc', '-p', 'tsconfig.build.json', '--outDir', place('package', 'dist'));
  cpSync('src/scenarios/manifest.json', place('package', 'dist', 'scenarios', 'manifest.json'));
  cpSync('src/bridge/compiled/harness', place('package', 'dist', 'bridge', 'compiled', 'harness'), { recursive: true });
  cpSync('src/bridge/host/guest', place('package', 'dist', 'bridge', 'host', 'guest'), { recursive: true });
  // The page as it is; where there is none this test builds it.
  if (!existsSync('dist/page/worker.js')) succeed('.', process.execPath, 'scripts/build-studio.ts');
  cpSync('dist/page', place('package', 'dist', 'page'), { recursive: true });
  // What is joined of other packages is found beside it.
  symlinkSync(resolve('node_modules'), place('package', 'node_modules'));
  succeed('.', process.execPath, 'scripts/bundle.ts', place('package', 'dist'));
}

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'irqbypass-packed-')));
  for (const one of PACKED) cpSync(one, place('package', one), { recursive: true });
  // But for what other tests put there for a moment.
  const filter = (file: string): boolean => !basename(file).startsWith('snippet-');
  if (isBuilt()) cpSync('dist', place('package', 'dist'), { recursive: true, filter });
  else build();
  const packed = succeed(place('package'), 'npm', 'pack', '--ignore-scripts', '--silent', '--pack-destination', folder);
  mkdirSync(place('user'));
  writeFileSync(place('user', 'package.json'), '{ "private": true }\n');
  const tgz = place(packed.trim());
  succeed(place('user'), 'npm', 'i', '--no-audit', '--no-fund', '--prefer-offline', tgz);
  for (const script of scripts) cpSync(join(REPORTS, script), place('user', script));
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('there are scripts, and the package has no sources', () => {
  expect(scripts).toContain('n5-two-predicates.ts');
  expect(readdirSync(place('user', 'node_modules', 'irqbypass-lab')).toSorted()).toEqual([
    'ARCHITECTURE.md',
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'bin',
    'dist',
    'docs',
    'examples',
    'package.json',
    'test',
  ]);
});

it('pages of the package link to what is in it', () => {
  const at = place('user', 'node_modules', 'irqbypass-lab');
  const links = [...readFileSync(join(at, 'README.md'), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(
    (match) => match[1] ?? '',
  );
  // Sources are compiled: their names lead to the repository only.
  expect(links.filter((link) => !link.startsWith('src/') && !existsSync(join(at, link)))).toEqual([]);
});

// A minute: in npm test the demo of the checkout is README's first command.
it.runIf(isLong)('the demo is whole', () => {
  const { status, stdout } = run(place('user'), 'npx', 'irqbypass', 'demo');
  expect(status).toBe(0);
  expect(stdout).toContain('224,200 operations: 224,200 agree, 0 diverge');
});

// What a page needs of the package it says; a text block has the line.
const BRING = 'cp -r node_modules/irqbypass-lab/examples node_modules/irqbypass-lab/test .';
const pages = ['README.md', 'docs/tour.md', ...globSync('docs/cli/*.md').toSorted()];

describe.each(sample(pages, 3))('%s, as typed in an empty folder with the package', (page) => {
  const text = readFileSync(page, 'utf8');
  const commands = blocksOf(text).flatMap((block) => (block.language === 'console' ? commandsOf(block) : []));
  const needsFiles = text.includes(`\n${BRING}\n`);
  let shell: Shell;
  beforeAll(() => {
    const own = place('user', page.replaceAll('/', '-'));
    mkdirSync(own);
    const home = place('user', 'node_modules', 'irqbypass-lab');
    shell = new Shell(own, home, needsFiles ? ['test', 'examples'] : []);
  });

  it('says what it needs', () =>
    expect(commands.some(({ command }) => / (test|examples)\//.test(command))).toBe(needsFiles));

  // In their order: one may read what another has written. All of them in test:long.
  it.each(isLong ? commands : commands.slice(0, 1))('$command', ({ command, output }) => {
    expect(normalise(shell.run(command))).toBe(normalise(output));
  });
});

describe('what is joined', () => {
  const bin = (): string => place('user', 'node_modules', '.bin', 'irqbypass');

  it('has the licenses of the packages in it', () => {
    const text = readFileSync(place('user', 'node_modules', 'irqbypass-lab', 'dist', 'bundle', 'LICENSES'), 'utf8');
    for (const name of ['commander', 'pure-rand']) expect(text).toMatch(new RegExp(`^${name} \\d`, 'm'));
  });

  it('starts processes that know a script', () => {
    const { status, stderr } = run(place('user'), bin(), 'explore', './n5-two-predicates.ts', '--swarm', '2');
    expect({ status, stderr: stderr.replaceAll(/.*\r/g, '') }).toEqual({ status: 1, stderr: '' });
  });

  it('starts threads', () => {
    const set = ['--set', 'producers=3', '--set', 'consumers=3', '--set', 'eventfds=2'];
    const args = ['explore', 'manager', ...set, '--no-symmetry', '--no-por', '--workers', '2', '--json'];
    expect(JSON.parse(succeed(place('user'), bin(), ...args))).toMatchObject({ states: 519_129, workers: 2 });
  });

  it('is one with what a program of its own imports', () => {
    const text = `
      import * as lab from 'irqbypass-lab';
      import * as engine from 'irqbypass-lab/engine';
      console.log(Object.keys(engine).filter((name) => name in lab && lab[name] !== engine[name]).join(), lab.World === engine.World);`;
    writeFileSync(place('user', 'plain.mjs'), text);
    expect(succeed(place('user'), process.execPath, 'plain.mjs')).toBe(' true\n');
  });
});

it('types need nothing that is not installed with it', () => {
  const text =
    "import * as lab from 'irqbypass-lab';\nimport * as engine from 'irqbypass-lab/engine';\nexport const all = { ...lab, ...engine };\n";
  writeFileSync(place('user', 'all.ts'), text);
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', ''];
  const tsc = resolve('node_modules', '.bin', 'tsc');
  expect(run(place('user'), tsc, ...options, 'all.ts')).toEqual({ status: 0, stdout: '', stderr: '' });
});

describe.each(['commonjs', 'module'] as const)('beside a package.json of type %s', (type) => {
  beforeAll(() => setType(type));

  const explore = (script: string, ...args: readonly string[]): Ran =>
    run(place('user'), place('user', 'node_modules', '.bin', 'irqbypass'), 'explore', `./${script}`, ...args);

  // All of them beside either kind in test:long.
  it.each(sample(scripts, 3, type === 'commonjs' ? 0 : 1))('%s is violated, and holds with fixed=true', (script) => {
    const bug = explore(script);
    expect({ status: bug.status, stderr: bug.stderr }).toEqual({ status: 1, stderr: '' });
    const fix = explore(script, '--set', 'fixed=true');
    expect({ status: fix.status, stderr: fix.stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('npx finds the same program', () => {
    const { status, stdout } = run(place('user'), 'npx', 'irqbypass', 'explore', `./${scripts[0] ?? ''}`);
    expect(status).toBe(1);
    expect(stdout).toMatch(/: violated\n/);
  });

  it('what a script types is what the package declares', () => {
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--skipLibCheck'];
    const tsc = resolve('node_modules', '.bin', 'tsc');
    expect(run(place('user'), tsc, ...options, ...scripts)).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});
