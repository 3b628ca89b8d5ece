// Test runner: plain vitest, tests mirror src/.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

export default defineConfig({
  resolve: {
    // Scripts of users import the package: here they get the sources that are tested, never a built copy.
    alias: [
      { find: /^irqbypass-lab$/, replacement: source('src/index.ts') },
      { find: /^irqbypass-lab\/engine$/, replacement: source('src/engine/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Every core: by default one of two would rest, and the whole would take twice as long.
    maxWorkers: '100%',
  },
});
