// Joins the modules of dist into a few files: to find and read two hundred takes a short command longer than what it does.
//
// What others load keeps its place: the entries in dist become a line each. Worker threads load dist as it is, they send plain data.
import { rmSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const bundle = `${dist}bundle`;
/** Entries by name: whoever is loaded beside another one shares its modules. */
const entries = {
  main: 'cli/main.js',
  index: 'index.js',
  engine: 'engine/index.js',
  'job-process': 'scenarios/files/job-process.js',
} as const;

rmSync(bundle, { recursive: true, force: true });
const build = await rolldown({
  input: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, dist + file])),
  platform: 'node',
  // Scripts of users may have their own; commander and its like are nobody's but ours.
  external: [/^node:/, /^(bullmq|ioredis|yaml|zod)(\/|$)/],
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
await build.write({ dir: bundle, format: 'esm', chunkFileNames: '[name].js', minify: false });
await build.close();
for (const [name, file] of Object.entries(entries)) {
  const up = '../'.repeat(file.split('/').length - 1) || './';
  writeFileSync(dist + file, `export * from '${up}bundle/${name}.js';\n`);
  rmSync(`${dist}${file}.map`);
}
