// Test runner: plain vitest, tests mirror src/. Five projects, to be run by themselves: npx vitest run --project unit.
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const docs = ['test/docs/**/*.test.ts', 'test/examples/**/*.test.ts', 'test/tidy.test.ts', 'test/layers.test.ts'];
const swarm = ['test/engine/swarm/**/*.test.ts'];
const search = [
  'test/engine/explorer/**/*.test.ts',
  'test/engine/checkpoint/**/*.test.ts',
  'test/engine/world/remembered.test.ts',
  'test/mutations/**/*.test.ts',
  'test/properties/**/*.test.ts',
  'test/scenarios/manifest.test.ts',
];

// What runs machines and looks at what comes of it, and leaves nothing behind in its process: files share one, with modules loaded
// and code that V8 has made fast.
const model = [
  'test/engine/{actors,diagrams,report,traces,world}/**/*.test.ts',
  'test/{machines,model-based,registry}/**/*.test.ts',
  'test/bridge/{check-log,generate}/**/*.test.ts',
];

export default defineConfig({
  // Scripts of users import the package by its name: here they get the source, as irqbypass gives it to them.
  resolve: {
    alias: [
      { find: /^irqbypass-lab$/, replacement: fileURLToPath(new URL('src/index.ts', import.meta.url)) },
      { find: /^irqbypass-lab\/engine$/, replacement: fileURLToPath(new URL('src/engine/index.ts', import.meta.url)) },
    ],
  },
  test: {
    // Lines to paste begin with npx where npx has called: what they begin with does not depend on who calls the tests.
    env: { npm_command: '' },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // By default one of two cores would rest. One file more than cores: some wait for Redis, processes and limits of time.
    maxWorkers: availableParallelism() + 1,
    projects: [
      { extends: true, test: { name: 'docs', include: docs } },
      { extends: true, test: { name: 'swarm', include: swarm } },
      { extends: true, test: { name: 'search', include: search, isolate: false } },
      { extends: true, test: { name: 'model', include: model, exclude: search, isolate: false } },
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...docs, ...swarm, ...search, ...model],
        },
      },
    ],
  },
});
