// Reductions in small random worlds: threads that take locks, wait and wake in any order, in programs that may loop. What a search finds
// with a reduction is what it finds without.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Exploration } from '../../../../src/engine/explorer/search/explore.ts';
import { explore } from '../../../../src/engine/explorer/search/explore.ts';
import { nodeHost } from '../../../../src/engine/explorer/threads/node-host.ts';
import type { ProgramStep } from '../../../../src/machines/manager/program.ts';
import type { Arguments } from '../../../../src/scenarios/calls.ts';
import { go, invoke } from '../../../../src/scenarios/calls.ts';
import type { Script } from '../../../../src/scenarios/define.ts';
import { assembled } from '../../../machines/kernel/litmus.ts';
import { isLong } from '../../../sample.ts';

const actors = [
  { name: 'm0', machine: 'mutex' },
  { name: 'm1', machine: 'mutex' },
  { name: 's0', machine: 'spinlock' },
  { name: 'q0', machine: 'wait-queue' },
  { name: 'u0', machine: 'srcu' },
];
const calls: readonly (readonly [string, string, Arguments?])[] = [
  ['mutex_lock', 'm0'],
  ['mutex_unlock', 'm0'],
  ['mutex_lock', 'm1'],
  ['mutex_unlock', 'm1'],
  ['mutex_trylock', 'm0'],
  ['spin_lock', 's0'],
  ['spin_unlock', 's0'],
  ['wait_event', 'q0'],
  ['set_condition', 'q0', { value: true }],
  ['set_condition', 'q0', { value: false }],
  ['wake_up', 'q0'],
  ['test_condition', 'q0'],
  ['srcu_read_lock', 'u0'],
  ['srcu_read_unlock', 'u0'],
  ['synchronize_srcu', 'u0'],
];
const call = fc.constantFrom(...calls).map(([op, object, args = {}]) => invoke(op, object, args));

/** A step makes one call or another, and may go on elsewhere in the program: backwards, too. */
const steps = fc
  .array(fc.record({ calls: fc.array(call, { minLength: 1, maxLength: 2 }), to: fc.option(fc.nat(4), { freq: 5 }) }), {
    minLength: 1,
    maxLength: 5,
  })
  .map((some) =>
    some.map(({ calls: made, to }): ProgramStep => {
      const one: ProgramStep = { calls: made };
      return to === null ? one : go(one, { ok: to % (some.length + 1) });
    }),
  );
const scripts = fc
  .record({ programs: fc.array(steps, { minLength: 2, maxLength: 3 }), isAfter: fc.boolean() })
  .map(({ programs, isAfter }): Script => ({
    actors,
    threads: Object.fromEntries(programs.map((program, i) => [`t${i}`, program])),
    ...(isAfter ? { after: { t1: ['t0'] } } : {}),
  }));

const found = ({ verdict, limit, violations, vacuous }: Exploration): unknown => ({
  verdict,
  limit,
  violated: violations.map(({ property, path }) => [property, path.length]),
  vacuous,
});
const MAX_STATES = 20_000;

describe('in a random world', () => {
  it('calls that are put off or made early change nothing that is found', async () => {
    let [whole, reduced, violated] = [0, 0, 0];
    await fc.assert(
      fc.asyncProperty(scripts, async (script) => {
        const { world, properties } = assembled(script);
        const plain = await explore(world, { properties, maxStates: MAX_STATES });
        if (plain.limit !== undefined) return;
        const modes = [
          { por: true },
          { por: true, earlyCalls: false },
          ...(isLong ? [{ por: true, workers: 2, shareAt: 1, host: nodeHost }] : []),
        ];
        for (const mode of modes) {
          const one = await explore(world, { properties, ...mode });
          expect({ mode, ...(found(one) as object) }).toEqual({ mode, ...(found(plain) as object) });
          expect(one.states).toBeLessThanOrEqual(plain.states);
          if (!('earlyCalls' in mode)) reduced += one.states;
        }
        whole += plain.states * (modes.length - 1);
        violated += Number(plain.verdict === 'violated');
      }),
      { numRuns: isLong ? 600 : 120 },
    );
    // Else there was nothing to be wrong about.
    expect(reduced).toBeLessThan(whole);
    expect(violated).toBeGreaterThan(5);
  });
});
