// Bundles the tests that judge mutants, with all of src as Stryker has instrumented it: .mutants/all.cjs, which is
// a function's body, so that a thread can evaluate it again and again. Called by Stryker.
//
//   node scripts/mutants/bundle.ts TESTS...
import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { build } from 'vite';

const harness = resolve('scripts/mutants/harness.ts');
const entry = '.mutants/all.ts';
const files = process.argv.slice(2).flatMap((pattern) => globSync(pattern).toSorted());
if (files.length === 0) throw new Error('no tests');

mkdirSync('.mutants', { recursive: true });
writeFileSync(
  entry,
  [...new Set(files)].map((file) => `import '../${file}';\n`).join('') +
    `export { collected, leave, run } from '${harness}';\n`,
);

await build({
  configFile: false,
  logLevel: 'warn',
  resolve: {
    alias: [
      { find: /^irqbypass-lab$/, replacement: resolve('src/index.ts') },
      { find: /^irqbypass-lab\/engine$/, replacement: resolve('src/engine/index.ts') },
    ],
  },
  plugins: [
    {
      name: 'vitest-is-the-harness',
      enforce: 'pre',
      resolveId: (source, importer) =>
        source !== 'vitest' ? null : importer === harness ? { id: 'vitest', external: true } : harness,
    },
  ],
  ssr: { noExternal: true, external: ['fast-check', 'jsdom'] },
  build: {
    ssr: true,
    target: 'node24',
    minify: false,
    outDir: '.mutants',
    emptyOutDir: false,
    rolldownOptions: { input: entry, output: { entryFileNames: 'all.cjs', format: 'cjs', codeSplitting: false } },
  },
});
