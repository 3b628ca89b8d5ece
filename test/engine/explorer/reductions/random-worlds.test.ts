// Reductions in small random worlds: threads that take locks, wait and wake in any order, in programs that may loop. What a search finds
// with a reduction is what it finds without.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Exploration, ExploreOptions } from '../../../../src/engine/explorer/search/explore.ts';
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

/** A call of a member of a group: what is `own` is its own mutex. */
const memberCall = fc.constantFrom(
  ...calls,
  ...['mutex_lock', 'mutex_unlock', 'mutex_trylock'].map((op): readonly [string, string] => [op, 'own']),
);
const memberSteps = fc.array(
  fc.record({ calls: fc.array(memberCall, { minLength: 1, maxLength: 2 }), to: fc.option(fc.nat(4), { freq: 5 }) }),
  { minLength: 1, maxLength: 3 },
);
/** Groups: a thread and a mutex each, all with the same program; and threads for which a mutex of a member is as good as that of another. */
const groups = fc
  .record({
    members: fc.integer({ min: 2, max: 3 }),
    program: memberSteps,
    others: fc.array(memberSteps, { minLength: 1, maxLength: 1 }),
  })
  .map(({ members, program, others }): Script => {
    const all = Array.from({ length: members }, (_, i) => i);
    const stepsOf = (some: typeof program, own: readonly string[]): readonly ProgramStep[] =>
      some.map(({ calls: made, to }): ProgramStep => {
        const one: ProgramStep = {
          calls: made.flatMap(([op, object, args = {}]) =>
            (object === 'own' ? own : [object]).map((name) => invoke(op, name, args)),
          ),
        };
        return to === null ? one : go(one, { ok: to % (some.length + 1) });
      });
    return {
      actors: [...actors, ...all.map((i) => ({ name: `o${i}`, machine: 'mutex' }))],
      threads: Object.fromEntries([
        ...all.map((i) => [`t${i}`, stepsOf(program, [`o${i}`])] as const),
        ...others.map((some, i) => [
          `t${members + i}`,
          stepsOf(
            some,
            all.map((k) => `o${k}`),
          ),
        ]),
      ]),
      interchangeable: [all.map((i) => [`t${i}`, `o${i}`])],
    };
  });

const found = ({ verdict, limit, violations, vacuous }: Exploration): unknown => ({
  verdict,
  limit,
  violated: violations.map(({ property, path }) => [property, path.length]),
  vacuous,
});
const MAX_STATES = 20_000;

/** Throws where a search with partial order reduction finds something else than one without, in some of these worlds. */
async function expectSame(worlds: fc.Arbitrary<Script>, options: Partial<ExploreOptions>): Promise<void> {
  const [late, both] = [
    { ...options, por: true, earlyCalls: false },
    { ...options, por: true },
  ];
  const modes = [late, both, ...(isLong ? [{ ...both, workers: 2, shareAt: 1, host: nodeHost }] : [])];
  let [whole, reduced, violated] = [0, 0, 0];
  await fc.assert(
    fc.asyncProperty(worlds, async (script) => {
      const { world, properties } = assembled(script);
      const plain = await explore(world, { properties, maxStates: MAX_STATES, ...options });
      if (plain.limit !== undefined) return;
      for (const mode of modes) {
        const one = await explore(world, { properties, ...mode });
        expect({ mode, ...(found(one) as object) }).toEqual({ mode, ...(found(plain) as object) });
        if (mode === late) expect(one.states).toBeLessThanOrEqual(plain.states);
        if (mode === both) reduced += one.states;
      }
      whole += plain.states;
      violated += Number(plain.verdict === 'violated');
    }),
    { numRuns: isLong ? 600 : 120 },
  );
  // Else there was nothing to be wrong about.
  expect(reduced).toBeLessThan(whole);
  expect(violated).toBeGreaterThan(5);
}

describe('in a random world', () => {
  it('calls that are put off or made early change nothing that is found', () => expectSame(scripts, {}));

  it('the same of threads that are interchangeable, with states that are merged', () =>
    expectSame(groups, { symmetry: true }));
});
