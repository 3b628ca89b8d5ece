// Test runner: plain vitest, tests mirror src/.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Scripts of users import the package by its name: here they get the source, as irqbypass gives it to them.
  resolve: {
    alias: [
      { find: /^irqbypass-lab$/, replacement: fileURLToPath(new URL('src/index.ts', import.meta.url)) },
      { find: /^irqbypass-lab\/engine$/, replacement: fileURLToPath(new URL('src/engine/index.ts', import.meta.url)) },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    // Lines to paste begin with npx where npx has called: what they begin with does not depend on who calls the tests.
    env: { npm_command: '' },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Every core: by default one of two would rest, and the whole would take twice as long.
    maxWorkers: '100%',
  },
});
