// Long tests: npm run test:long. Not in CI. What is only sampled in npm test is looked at whole, and test/long/ besides.
import { defineConfig } from 'vitest/config';
import config from './vitest.config.ts';

const { projects: _all, ...test } = config.test ?? {};

export default defineConfig({
  ...config,
  test: {
    ...test,
    include: ['test/**/*.test.ts', 'test/long/*.long.ts'],
    env: { ...test.env, IRQBYPASS_TESTS: 'long' },
    testTimeout: 1_800_000,
  },
});
