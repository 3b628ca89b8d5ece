// npm run docs:build: gathers and generates the pages, builds the site with VitePress, and looks at what was built.
//
//   node scripts/docs/build.ts                   writes site/dist; exit code 1 where a check fails
//   node scripts/docs/build.ts --without-lab     without the lab, whose links are then dead: to work on pages
//   node scripts/docs/build.ts --dev             serves the pages while they are edited
//   node scripts/docs/build.ts --check           looks for stale pages (two minutes), and at site/dist as it is
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, createServer } from 'vitepress';
import { apiPages } from './api-pages.ts';
import { budgets, checkSite } from './check-site.ts';
import { passedOver } from './fences.ts';
import { root } from './model.ts';
import { sideBars, topBar } from './navigation.ts';
import type { Page } from './page.ts';
import { pictureStyles } from './pictures.ts';
import { sitePages, staleBugPages } from './site-pages.ts';
import { sourcePages } from './source-pages.ts';

const site = join(root, 'site');
const dist = join(site, 'dist');
const lab = join(root, 'node_modules/.cache/site-lab');

/** Says what is being done, and how long it took. */
async function timed<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  const begin = performance.now();
  const answer = await work();
  process.stdout.write(`${what.padEnd(34)} ${((performance.now() - begin) / 1000).toFixed(1)} s\n`);
  return answer;
}

function written(folder: string, path: string, text: string): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** A page as VitePress is given it. */
function vitepressText({ path, text }: Page): string {
  // Transcripts are text: a shell's grammar colours output as if it were commands. The theme marks what is typed.
  const plain = text.replaceAll(/^```console$/gm, '```text');
  if (path.startsWith('api/')) return `---\noutline: 2\n---\n\n${plain}`;
  // Pictures, large tables and the lab need the width that the list of headings has elsewhere.
  const isLab = text.includes('<Lab ') && !text.startsWith('---');
  if (!isLab && !/^(machine|bugs|scenario)\/|^properties/.test(path)) return plain;
  return `---\naside: false\npageClass: wide\n---\n\n${isLab ? plain.replace(/^## /m, '[[toc]]\n\n## ') : plain}`;
}

/** Writes the pages and what they share where VitePress finds them. */
function putPages(pages: readonly Page[]): void {
  const folder = join(site, '.pages');
  rmSync(folder, { recursive: true, force: true });
  for (const page of pages) written(folder, page.path, vitepressText(page));
  const cache = join(root, 'node_modules/.cache');
  written(cache, 'site-navigation.json', JSON.stringify({ topBar, sideBars: sideBars(pages) }));
  const figures = join(root, 'docs/figures');
  const svgs = readdirSync(figures).filter((name) => name.endsWith('.svg'));
  written(cache, 'site-pictures.css', pictureStyles(svgs.map((name) => readFileSync(join(figures, name), 'utf8'))));
}

/** Runs a script of the project with this Node; throws with what it is for where it fails. */
async function run(script: string, args: readonly string[], what: string): Promise<void> {
  const child = spawn(process.execPath, [join(root, script), ...args], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`${what}: node ${script} ${args.join(' ')} ended with ${String(code)}`);
}

/** Committed pictures are those of the machines, and pages of bugs those of the catalogue. */
async function expectFresh(): Promise<void> {
  const folder = join(root, 'docs/bugs');
  const stale = staleBugPages(
    new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')])),
  );
  if (stale.length > 0) throw new Error(`docs/bugs is stale, node scripts/bug-pages.ts writes it: ${stale.join(', ')}`);
  await run('scripts/diagrams.ts', ['--check'], 'docs/diagrams is stale, node scripts/diagrams.ts writes it');
}

/** Each block of a written page is one that a test runs, or one that is not meant to be run. */
function expectBlocksAreRun(pages: readonly Page[]): void {
  const wrong = pages.flatMap(({ source }) =>
    source === undefined
      ? []
      : passedOver(readFileSync(join(root, source), 'utf8')).map((what) => `${source}: ${what}`),
  );
  if (wrong.length > 0) throw new Error(`blocks that no test runs:\n${wrong.join('\n')}`);
}

/** Builds the lab, where pictures that are there already are kept. */
async function builtLab(): Promise<void> {
  await run(
    'scripts/build-studio.ts',
    [lab, '--quick'],
    'the lab cannot be built (--without-lab builds the pages alone)',
  );
  if (!existsSync(join(lab, 'index.html'))) throw new Error(`the lab has no index.html in ${lab}`);
}

/** Looks at site/dist; answers the exit code. */
function checked(hasLab: boolean, dead: readonly string[] = []): number {
  const { problems, ...report } = checkSite(dist);
  const all = [...dead, ...problems];
  const open = hasLab ? all : all.filter((one) => !/: \/lab\/index\.html/.test(one));
  const kilo = (bytes: number): string => `${(bytes / 1000).toFixed(0)} kB`;
  process.stdout.write(
    [
      `${report.pages} pages, ${report.files} files, ${(report.bytes / 1e6).toFixed(1)} MB without the lab, ${report.links} links`,
      `largest HTML     ${report.largest[0]}: ${kilo(report.largest[1])} compressed (budget ${kilo(budgets.html)})`,
      `loads most       ${report.heaviest[0]}: ${kilo(report.heaviest[1])} compressed (budget ${kilo(budgets.loaded)})`,
      `search index     ${kilo(report.searchBytes)} compressed, loaded by a search (budget ${kilo(budgets.search)})`,
      ...open.slice(0, 50),
      open.length === 0 ? 'ok' : `${open.length} problems`,
      '',
    ].join('\n'),
  );
  return open.length === 0 ? 0 : 1;
}

async function built(hasLab: boolean): Promise<number> {
  const begin = performance.now();
  // Typedoc and the lab are processes of their own: they work while the pages are generated.
  const [api, labIsBuilt] = [Promise.all([apiPages(), expectFresh()]), hasLab ? builtLab() : Promise.resolve()];
  // What fails is told when it is waited for.
  labIsBuilt.catch(() => undefined);
  const { pages, linked, dead } = await timed('pages, pictures', sitePages);
  expectBlocksAreRun(pages);
  const [ofApi] = await timed('API reference, stale pages', () => api);
  const all = [...pages, ...ofApi];
  putPages(all);
  await timed(`VitePress, ${all.length} pages`, () => build(site));
  await timed('source files', () => {
    for (const [path, text] of sourcePages(linked)) written(dist, path, text);
    for (const name of ['source.css', 'source.js']) cpSync(join(site, 'source', name), join(dist, 'source', name));
  });
  await timed('the lab', () => labIsBuilt);
  if (hasLab) cpSync(lab, join(dist, 'lab'), { recursive: true });
  const code = await timed('links, budgets', () => checked(hasLab, dead));
  process.stdout.write(`site/dist in ${((performance.now() - begin) / 1000).toFixed(0)} s\n`);
  return code;
}

const { values } = parseArgs({
  options: { 'without-lab': { type: 'boolean' }, dev: { type: 'boolean' }, check: { type: 'boolean' } },
});
const hasLab = values['without-lab'] !== true;
if (values.check === true) {
  await expectFresh();
  await run('scripts/bug-pages.ts', ['--check'], 'docs/bugs is stale, node scripts/bug-pages.ts writes it');
  expectBlocksAreRun((await sitePages()).pages);
  process.exitCode = checked(hasLab);
} else if (values.dev === true) {
  putPages((await sitePages()).pages);
  const server = await createServer(site);
  await server.listen();
  server.printUrls();
} else process.exitCode = await built(hasLab);
