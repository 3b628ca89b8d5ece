// docs/figures/live.json is what `npm run bench:live -- --record` writes: sizes that double, each driven to its end but the last.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { LiveRecord } from '../../../bench/live.ts';

const file = new URL('../../../docs/figures/live.json', import.meta.url);
const { sizes, threads, revision } = JSON.parse(readFileSync(file, 'utf8')) as LiveRecord;

describe('docs/figures/live.json', () => {
  it('doubles the irqfds of the real live host until a limit', () => {
    expect(revision).toBe('v2p8');
    expect(sizes.length).toBeGreaterThan(3);
    for (const [i, { irqfds, actors, messages, ended, messagesPerSecond, bytesStarted }] of sizes.entries()) {
      expect([irqfds, actors]).toEqual([1000 * 2 ** i, 2 * irqfds + threads + 1]);
      expect(ended === 'complete').toBe(i < sizes.length - 1);
      if (ended === 'complete') expect(messages).toBe(40 * irqfds);
      expect(Math.min(messagesPerSecond, bytesStarted)).toBeGreaterThan(0);
    }
  });
});
