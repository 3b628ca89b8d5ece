// A callback that calls the manager hangs; what other threads do with its struct meanwhile they do all the same.
import { describe, expect, it } from 'vitest';
import type { Exploration } from '../../src/engine/explorer/search/explore.ts';
import { explore } from '../../src/engine/explorer/search/explore.ts';
import { assemble } from '../../src/scenarios/assemble.ts';
import { parseScenario } from '../../src/scenarios/files/file.ts';

/** A pair on one eventfd, with a callback that calls back, and a third thread. */
async function searched(struct: 'p0' | 'c0', reenters: string, call: string, mutation: string | null = null) {
  const own = (name: string): object => (name === struct ? { name, reenters } : { name });
  const text = JSON.stringify({
    scenario: 'reentry',
    eventfds: ['e0'],
    producers: [own('p0'), 'p1'],
    consumers: [own('c0'), 'c1'],
    threads: {
      t0: ['register_producer(p0, e0)', 'unregister_producer(p0)'],
      t1: ['register_consumer(c0, e0)', 'unregister_consumer(c0)'],
      t2: [call],
    },
  });
  const { world, properties } = assemble({ scenario: parseScenario(text, 'reentry.json'), mutation });
  const found = await explore(world, { properties, maxStates: 20_000 });
  return { found, violated: found.violations.map(({ property }: Exploration['violations'][number]) => property) };
}

describe('a struct whose callback waits for the mutex', () => {
  for (const struct of ['p0', 'c0'] as const) {
    const other = struct === 'p0' ? 'p1' : 'c1';

    it(`${struct} is freed: what is reached through the sets and pointers is gone`, async () => {
      const { found, violated } = await searched(struct, 'stop', `free(${struct})`);
      expect(found.limit).toBeUndefined();
      expect(violated).toEqual(expect.arrayContaining(['i-noreentry', 'i-deadobj', 'i-nocorrupt']));
    });

    it(`${struct} is copied`, async () => {
      const { found, violated } = await searched(struct, 'stop', `copy(${struct}, ${other})`);
      expect(found.limit).toBeUndefined();
      expect(violated).toContain('i-noreentry');
    });
  }

  it('where a mutant gives the mutex back too early, the call inside the callback returns', async () => {
    for (const [struct, reenters] of [
      ['p0', 'del_consumer'],
      ['p0', 'start'],
      ['c0', 'del_producer'],
    ] as const) {
      const { violated } = await searched(struct, reenters, `free(${struct})`, 'm-start-not-awaited');
      expect(violated).toEqual(expect.arrayContaining(['i-noreentry', 'i-serial']));
    }
  });
});
