// Test runner: plain vitest, tests mirror src/.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Every core: by default one of two would rest, and the whole would take twice as long.
    maxWorkers: '100%',
  },
});
