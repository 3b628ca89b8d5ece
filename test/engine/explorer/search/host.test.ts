// What a search asks of the program around it, and what it does without.
import { describe, expect, it } from 'vitest';
import { checkLiveness } from '../../../../src/engine/explorer/liveness/liveness.ts';
import type { Exploration, ExploreOptions } from '../../../../src/engine/explorer/search/explore.ts';
import { explore } from '../../../../src/engine/explorer/search/explore.ts';
import { nodeHost } from '../../../../src/engine/explorer/threads/node-host.ts';
import { livenessProperties } from '../../../../src/properties/liveness.ts';
import { assemble } from '../../../../src/scenarios/assemble.ts';
import { findScenario } from '../../../../src/scenarios/builtin.ts';

const scenario = findScenario('manager');
if (scenario === undefined) throw new Error('no manager');
const { world, properties } = assemble({ scenario, set: { producers: 3, consumers: 3, eventfds: 2 } });

const search = (options: Partial<ExploreOptions>): Promise<Exploration> => explore(world, { properties, ...options });

describe('without a host', () => {
  it('a search knows nothing of memory', async () => {
    expect((await search({ maxStates: 10 })).memoryMiB).toBeUndefined();
  });

  it('threads and a limit of memory are refused, not ignored', async () => {
    await expect(search({ workers: 2 })).rejects.toMatchObject({ code: 'IRQB402', message: /workers 2/ });
    await expect(search({ maxMemoryMiB: 500 })).rejects.toMatchObject({ code: 'IRQB401', message: /maxMemoryMiB 500/ });
    const asked = checkLiveness(world, { properties: livenessProperties, maxMemoryMiB: 500 });
    await expect(asked).rejects.toMatchObject({ code: 'IRQB401', hint: /nodeHost/ });
  });

  it('a host that lacks one of them is refused that one only', async () => {
    const host = { memoryMiB: () => 7.4 };
    await expect(search({ workers: 2, host })).rejects.toMatchObject({ code: 'IRQB402' });
    expect((await search({ maxStates: 10, maxMemoryMiB: 500, host })).memoryMiB).toBe(7);
  });
});

describe('with a host', () => {
  it('a search ends when the memory that the host tells reaches the limit', async () => {
    let memory = 100;
    const host = { memoryMiB: () => (memory += 50) };
    expect(await search({ maxMemoryMiB: 200, host })).toMatchObject({ verdict: 'incomplete', limit: 'memory-limit' });
  });

  it('and before a table grows beyond it', async () => {
    // A third of a mebibyte below the limit: what is stored fits until rows are copied to where there is more room.
    const host = { memoryMiB: () => 199.6 };
    const found = await search({ maxMemoryMiB: 200, host });
    expect(found).toMatchObject({ verdict: 'incomplete', limit: 'memory-limit' });
    expect(found.states).toBeLessThan(70_000);
    expect(await search({ maxMemoryMiB: 300, host, maxStates: 400_000 })).toMatchObject({ limit: 'states-limit' });
  });

  it('liveness is told the same', async () => {
    const host = { memoryMiB: () => 200 };
    const found = await checkLiveness(world, { properties: livenessProperties, maxMemoryMiB: 200, host });
    expect([found.verdict, found.limit, found.memoryMiB]).toEqual(['incomplete', 'memory-limit', 200]);
  });

  it('node tells its resident memory, and progress tells it when asked', async () => {
    const told: (number | undefined)[] = [];
    const { memoryMiB = 0 } = await search({
      host: nodeHost,
      maxStates: 100_000,
      progress: (progress) => told.push(progress.memoryMiB),
    });
    expect(memoryMiB).toBeGreaterThan(20);
    expect(told.length).toBeGreaterThan(0);
    expect(Math.min(...told.map((one) => one ?? 0))).toBeGreaterThan(20);
  });
});

it('an abort before the search ends it at its first turn', async () => {
  const { limit, states } = await search({ signal: AbortSignal.abort() });
  expect(limit).toBe('interrupted');
  expect(states).toBeLessThan(519_129);
});
