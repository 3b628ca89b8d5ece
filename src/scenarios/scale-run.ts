// The scenario `storm`, which only `irqbypass run` runs: too large for a row, so in a world in columns (world/storm.ts).
import type { Scenario } from './define.ts';

/** What `irqbypass list scenarios` says of it. */
export const stormScenario = {
  id: 'storm',
  title: 'Up to millions of irqfds register, connect and unregister (only run; --scheduler random)',
  description:
    'Each irqfd is a producer and a consumer; threads share them out, register all of them, then unregister all of them. ' +
    'Runs in a world in columns: no faults, a trace of its last steps only, no --out.',
  parameters: { irqfds: 100_000, threads: 144 },
} as const satisfies Omit<Scenario, 'script'>;
