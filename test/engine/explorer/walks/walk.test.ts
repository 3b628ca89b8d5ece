// Random walks: reproducible, their findings real, and made short.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explore } from '../../../../src/engine/explorer/search/explore.ts';
import { minimise, NoCounterexampleError } from '../../../../src/engine/explorer/counterexamples/minimise.ts';
import { walk } from '../../../../src/engine/explorer/walks/walk.ts';
import { walkPolicies } from '../../../../src/engine/explorer/walks/walk-policies.ts';
import { mutations } from '../../../../src/mutations/mutations.ts';
import { findProperty } from '../../../../src/properties/properties.ts';
import type { Property } from '../../../../src/engine/world/property.ts';
import type { Assembled } from '../../../../src/scenarios/assembled.ts';
import { assemble } from '../../../../src/scenarios/assemble.ts';
import { findScenario } from '../../../../src/scenarios/builtin.ts';
import { isLong, sample } from '../../../sample.ts';
import { whereText } from '../../assembled.ts';
import { violatedAtEnd } from '../replayed.ts';

function assembled(id: string, revision = 'v2p8', mutation: string | null = null, set = {}): Assembled {
  const scenario = findScenario(id);
  if (scenario === undefined) throw new Error(`no scenario ${id}`);
  return assemble({ scenario, revision, mutation, set });
}

function propertyOf(id: string): Property {
  const found = findProperty(id);
  if (found === undefined) throw new Error(`no property ${id}`);
  return found;
}

describe('walks', () => {
  for (const policy of walkPolicies) {
    it(`${policy}: the same seed gives the same report, in a fresh world and in a used one`, async () => {
      const { world, properties } = assembled('manager');
      const options = { properties, policy, seed: 7, walks: 20, maxSteps: 100 };
      const [first, again, fresh, other] = [
        await walk(world, options),
        await walk(world, options),
        await walk(assembled('manager').world, options),
        await walk(world, { ...options, seed: 8 }),
      ];
      expect(again).toEqual(first);
      expect(fresh).toEqual(first);
      expect(other.states).not.toBe(first.states);
      expect(first.findings).toEqual([]);
    });

    it(`${policy}: enough of them see every state of a small world, and no more`, async () => {
      const { world, properties } = assembled('pairing');
      const { states, depth } = await explore(world, { properties });
      const seen = await walk(world, { properties, policy, seed: 1, walks: 3000, maxSteps: 60 });
      expect(seen.states).toBe(states);
      expect(seen.depth).toBeGreaterThanOrEqual(depth);
      expect(seen.depth).toBeLessThanOrEqual(60);
    });
  }

  it('a full table is said', async () => {
    const { world, properties } = assembled('manager');
    const report = await walk(world, { properties, seed: 1, walks: 100, maxSteps: 100, tableBits: 6 });
    expect(report).toMatchObject({ isTableFull: true, states: 51 });
  });

  it('can be interrupted', async () => {
    const { world, properties } = assembled('manager');
    const options = { properties, seed: 1, walks: 1_000_000, maxSteps: 1000, signal: AbortSignal.abort() };
    expect(await walk(world, options)).toMatchObject({ isInterrupted: true });
  });
});

/** What is found in these worlds takes ten seconds to half a minute to be made short: in test:long. */
const slow = new Set(['assign', 'vcpu-migration', 'msix-mask', 'routing-race', 'avic-inhibit']);

describe('what walks find is what the explorer finds, and nearly as short', () => {
  const ratios: number[] = [];
  for (const { id, shown } of sample(mutations, 18, 17)) {
    for (const { scenario, revision, set = {}, breaks } of shown) {
      if (slow.has(scenario) && !isLong) continue;
      it(`${id} in ${whereText({ scenario, revision, set })}`, async () => {
        const { world, properties } = assembled(scenario, revision, id, set);
        const shortest = await explore(world, { properties });
        // What a search gathers from several runs a walk has to do in one: that is not to be compared.
        const inOne = shortest.violations.filter(({ alongside }) => alongside === undefined);
        const lengths = new Map(inOne.map(({ property, path }) => [property, path.length]));
        const gathered = new Set(shortest.violations.filter((one) => !inOne.includes(one)).map((one) => one.property));
        // Walks say nothing of infinite runs.
        const finite = breaks.filter((broken) => propertyOf(broken).liveness === undefined);
        const options = { properties, seed: 3, walks: 2000 };
        let { findings } = await walk(world, { ...options, maxSteps: 60 });
        // What wants one thread to be late for long is not met by chance (b23), but by priorities.
        if (!finite.every((broken) => findings.some(({ property }) => property === broken)))
          ({ findings } = await walk(world, { ...options, maxSteps: 100, policy: 'priorities' }));
        expect(findings.map(({ property }) => property)).toEqual(expect.arrayContaining(finite));
        for (const { property, path } of findings) {
          const short = minimise(world, path, propertyOf(property));
          expect(await violatedAtEnd(assembled(scenario, revision, id, set).world, properties, short.path)).toContain(
            property,
          );
          expect(short.isMinimal).toBe(true);
          expect(short.path.length).toBeLessThanOrEqual(path.length);
          if (gathered.has(property)) continue;
          const best = lengths.get(property) ?? 0;
          expect(best).toBeGreaterThan(0);
          ratios.push(short.path.length / best);
          expect(short.path.length).toBeLessThanOrEqual(Math.ceil(1.25 * best));
        }
      });
    }
  }

  it('on average', () => {
    const mean = ratios.reduce((sum, one) => sum + one, 0) / ratios.length;
    expect(mean).toBeLessThan(1.02);
  });
});

describe('minimise', () => {
  it('shortens any counterexample of a world that loops, to one that replays', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(0xffff_ffff),
        fc.constantFrom(...walkPolicies),
        fc.constantFrom('m-forgets-nothing', 'm-start-not-awaited', 'm-no-roll-back', 'm-no-disconnect'),
        async (seed, policy, mutation) => {
          const { world, properties } = assembled('manager', 'v2p8', mutation);
          const { findings } = await walk(world, { properties, policy, seed, walks: 20, maxSteps: 300 });
          for (const { property, path } of findings) {
            const short = minimise(world, path, propertyOf(property), { maxSteps: 20_000 });
            expect(short.path.length).toBeLessThanOrEqual(path.length);
            expect(await violatedAtEnd(world, properties, short.path)).toContain(property);
            const { world: fresh } = assembled('manager', 'v2p8', mutation);
            expect(await violatedAtEnd(fresh, properties, short.path)).toContain(property);
          }
        },
      ),
      { numRuns: isLong ? 20 : 2 },
    );
  });

  it('refuses a path that violates nothing', () => {
    const { world } = assembled('pairing');
    expect(() => minimise(world, [0, 0], propertyOf('i-nowarn'))).toThrow(NoCounterexampleError);
    expect(() => minimise(world, [99], propertyOf('i-nowarn'))).toThrow('there is no choice 99 at step 1');
  });
});
