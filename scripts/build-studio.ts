// npm run build:studio: the page of src/studio as static files, in dist/page or in the folder that is named.
//
//   node scripts/build-studio.ts [FOLDER] [--quick]
//
// The page and the worker are a module each: a report carries them as text. Pictures of the built-in statecharts are laid out here, so that
// the page needs no layout engine; --quick leaves out those that there are already.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import type { RolldownPlugin } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src/studio');

/** What runs in a browser imports nothing of node; a chain of imports that does is told. */
const refuseNode: RolldownPlugin = {
  name: 'refuse-node',
  resolveId(specifier, importer) {
    if (isBuiltin(specifier)) throw new Error(`${importer ?? ''} imports ${specifier}, which no browser has`);
    return null;
  },
};

const NO_LAYOUT = '\0no-layout';

/** Graphviz weighs more than everything else: the page shows what was laid out here, and lays nothing out. */
const withoutGraphviz: RolldownPlugin = {
  name: 'without-graphviz',
  resolveId: (specifier) => (specifier === '@hpcc-js/wasm-graphviz' ? NO_LAYOUT : null),
  load: (id) =>
    id === NO_LAYOUT
      ? 'export const Graphviz = { load: () => Promise.reject(new Error("the page lays no charts out")) };'
      : null,
};

/** One entry as one module, without imports. */
async function bundle(entry: string): Promise<string> {
  const build = await rolldown({
    input: join(source, entry),
    platform: 'browser',
    plugins: [refuseNode, withoutGraphviz],
    transform: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    preserveEntrySignatures: 'strict',
  });
  const { output } = await build.generate({ format: 'esm', minify: true, codeSplitting: false });
  await build.close();
  const [chunk] = output;
  if (output.length > 1 || chunk.imports.length > 0) throw new Error(`${entry} is not one module`);
  return chunk.code;
}

/** Kilobytes over the wire. */
const kilobytes = (text: string): number => Math.round(gzipSync(text, { level: 9 }).length / 1000);

/** What the page may weigh, gzipped, without its pictures. */
const BUDGET_KB = 300;

/** Lays out the statecharts that a built-in scenario may show. */
async function drawCharts(folder: string): Promise<number> {
  const [{ chartsOfLab }, { svgOf }] = await Promise.all([
    import('../src/scenarios/charts-of-lab.ts'),
    import('../src/engine/diagrams/svg.ts'),
  ]);
  mkdirSync(folder, { recursive: true });
  const there = new Set(readdirSync(folder));
  const wanted = new Set<string>();
  for (const { key, chart } of chartsOfLab()) {
    const file = `${key}.svg`;
    wanted.add(file);
    if (!there.has(file)) writeFileSync(join(folder, file), await svgOf(chart));
  }
  for (const file of there) if (!wanted.has(file)) rmSync(join(folder, file));
  return wanted.size;
}

/**
 * Builds the page.
 *
 * @param folder - where to; made where it is not there
 * @param isQuick - keep pictures that are there already, whose names are hashes of what they show
 * @returns what it weighs
 * @throws Error where it weighs more than it may
 */
export async function buildStudio(folder: string, isQuick: boolean): Promise<string> {
  if (!isQuick) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const [page, worker] = await Promise.all([bundle('page/main.tsx'), bundle('lab/worker.ts')]);
  const style = readFileSync(join(source, 'page/style.css'), 'utf8');
  writeFileSync(join(folder, 'page.js'), page);
  for (const file of ['index.html', 'style.css', 'icon.svg']) cpSync(join(source, 'page', file), join(folder, file));
  // What the server has for the page: a plain file server has nothing.
  writeFileSync(join(folder, 'setup.json'), '{}\n');
  const figures = join(root, 'docs/figures');
  mkdirSync(join(folder, 'figures'), { recursive: true });
  for (const file of readdirSync(figures).filter((one) => one.endsWith('.svg')))
    cpSync(join(figures, file), join(folder, 'figures', file));
  const count = await drawCharts(join(folder, 'charts'));
  // Last: by its time it is known that everything is there.
  writeFileSync(join(folder, 'worker.js'), worker);
  const weight = kilobytes(page) + kilobytes(worker) + kilobytes(style);
  if (weight > BUDGET_KB) throw new Error(`the page weighs ${weight} kB gzipped, ${BUDGET_KB} at most`);
  return `page ${kilobytes(page)} kB, worker ${kilobytes(worker)} kB, style ${kilobytes(style)} kB gzipped; ${count} charts`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv.slice(2).find((one) => !one.startsWith('--')) ?? join(root, 'dist/page');
  const begin = performance.now();
  const said = await buildStudio(folder, process.argv.includes('--quick') && existsSync(folder));
  process.stdout.write(`${said} (${((performance.now() - begin) / 1000).toFixed(1)} s)\n`);
}
