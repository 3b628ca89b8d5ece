// Joins the modules of dist into a few files: to find and read two hundred takes a short command longer than what it does.
//
//   node scripts/bundle.ts [DIST]
//
// What others load keeps its place: the entries in dist become a line each. Worker threads load dist as it is, they send plain data.
// XState is not joined: machines are made for the one that is installed, whoever runs them. Nor is what few commands load.
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const dist = resolve(process.argv[2] ?? fileURLToPath(new URL('../dist', import.meta.url)));
const bundle = join(dist, 'bundle');
const fresh = join(dist, 'bundle.new');
/** Entries by name: whoever is loaded beside another one shares its modules. */
const entries = {
  main: 'cli/main.js',
  index: 'index.js',
  engine: 'engine/index.js',
  'job-process': 'scenarios/files/job-process.js',
} as const;

if (existsSync(bundle)) throw new Error(`${dist} was joined before: its entries are no modules of their own any more`);
rmSync(fresh, { recursive: true, force: true });
const build = await rolldown({
  input: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, join(dist, file)])),
  platform: 'node',
  external: [/^node:/, /^(xstate|bullmq|ioredis|yaml|zod|@bomb\.sh\/tab|@hpcc-js\/wasm-graphviz)(\/|$)/],
  plugins: [
    {
      name: 'files-beside-modules',
      // Files that a module reads lie beside it, not beside the bundle.
      transform(code, id) {
        if (!id.startsWith(dist) || !code.includes('import.meta.url')) return null;
        const place = JSON.stringify(relative(bundle, id));
        return { code: code.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`) };
      },
    },
  ],
});
const { output } = await build.write({ dir: fresh, format: 'esm', chunkFileNames: '[name].js', minify: false });
await build.close();
writeFileSync(join(fresh, 'LICENSES'), licenses(output.flatMap((file) => ('moduleIds' in file ? file.moduleIds : []))));
renameSync(fresh, bundle);
for (const [name, file] of Object.entries(entries)) {
  const up = '../'.repeat(file.split('/').length - 1) || './';
  writeFileSync(join(dist, file), `export * from '${up}bundle/${name}.js';\n`);
  rmSync(join(dist, `${file}.map`), { force: true });
}

/** The licenses of packages that are joined with ours. */
function licenses(modules: readonly string[]): string {
  const packages = new Set(modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []));
  return [...packages]
    .toSorted()
    .map((folder) => {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
        string,
        string
      >;
      const file = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license'].find((one) => existsSync(join(folder, one)));
      if (file === undefined) throw new Error(`${folder} has no license to go with it`);
      return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8')}`;
    })
    .join('\n\n');
}
