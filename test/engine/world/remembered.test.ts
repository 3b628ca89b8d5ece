// Remembered, fresh and live: three ways to run the same machines, step by step the same.
import { isLong } from '../../sample.ts';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InspectionEvent } from 'xstate';
import { revisions } from '../../../src/registry/revisions.ts';
import { assemble } from '../../../src/scenarios/assemble.ts';
import { scenarios } from '../../../src/scenarios/builtin.ts';
import { mutations } from '../../../src/mutations/mutations.ts';
import { LiveHost } from '../../../src/engine/world/live-host.ts';
import type { World } from '../../../src/engine/world/world.ts';
import { makesSense } from '../assembled.ts';

const MAX_STEPS = 60;
/** Puts ever more callbacks in flight, beyond what a row has room for. */
const UNBOUNDED = 'm-start-not-awaited';
const worlds = fc
  .record({
    scenario: fc.constantFrom(...scenarios),
    revision: fc.constantFrom(...revisions.map(({ id }) => id)),
    mutation: fc.option(fc.constantFrom(...mutations.map(({ id }) => id).filter((id) => id !== UNBOUNDED)), {
      nil: null,
      freq: 4,
    }),
    choices: fc.array(fc.nat(), { minLength: MAX_STEPS, maxLength: MAX_STEPS }),
  })
  // A bug of the xarray makes no sense on a list, one of KVM none where there is no KVM.
  .filter(({ scenario, revision, mutation }) => mutation === null || makesSense(mutation, scenario.id, revision));

/** Runs two worlds in lock step on the same choices. */
function lockStep(
  choices: readonly number[],
  one: World,
  step: (row: Uint16Array, choice: number) => { row: Uint16Array; observations: unknown; offered: number },
): void {
  let row = one.initial();
  for (const drawn of choices) {
    const offered = one.choices(row);
    if (offered.length === 0) return;
    const index = drawn % offered.length;
    const choice = offered[index];
    if (choice === undefined) return;
    const other = step(row, index);
    const mine = one.step(row, choice);
    expect(other.offered).toBe(offered.length);
    expect([...other.row]).toEqual([...mine.row]);
    expect(other.observations).toEqual(mine.observations);
    row = mine.row;
  }
}

describe('the same machines', () => {
  it('remembered and computed afresh give the same rows and observations', () => {
    fc.assert(
      fc.property(worlds, ({ scenario, revision, mutation, choices }) => {
        const { world } = assemble({ scenario, revision, mutation });
        lockStep(choices, world, (row, index) => {
          world.transitions.remembers = 'no';
          const offered = world.choices(row);
          const choice = offered[index];
          if (choice === undefined) throw new Error('no such choice');
          const fresh = world.step(row, choice);
          world.transitions.remembers = 'yes';
          return { ...fresh, offered: offered.length };
        });
      }),
      { numRuns: isLong ? 300 : 40 },
    );
  });

  it('live XState actors give the same rows and observations', () => {
    fc.assert(
      fc.property(worlds, ({ scenario, revision, mutation, choices }) => {
        const { world } = assemble({ scenario, revision, mutation });
        const live = new LiveHost(world);
        lockStep(choices, world, (_, index) => {
          const offered = live.choices();
          const choice = offered[index];
          if (choice === undefined) throw new Error('no such choice');
          const observations = live.take(choice);
          return { row: live.row(), observations, offered: offered.length };
        });
        live.stop();
      }),
      { numRuns: isLong ? 300 : 80 },
    );
  });

  it('live actors can be inspected', () => {
    const seen: InspectionEvent['type'][] = [];
    const [pairing] = scenarios;
    if (pairing === undefined) throw new Error('no scenario');
    const live = new LiveHost(assemble({ scenario: pairing }).world, (event) => seen.push(event.type));
    const [first] = live.choices();
    if (first === undefined) throw new Error('nothing to do');
    live.take(first);
    expect(new Set(seen)).toEqual(
      new Set(['@xstate.actor', '@xstate.event', '@xstate.snapshot', '@xstate.microstep', '@xstate.action']),
    );
  });

  it('a second world of the same kind needs no machine call', async () => {
    const { explore } = await import('../../../src/engine/explorer/search/explore.ts');
    const [pairing] = scenarios;
    if (pairing === undefined) throw new Error('no scenario');
    const { world } = assemble({ scenario: pairing });
    const first = await explore(world, { properties: [] });
    const again = await explore(world, { properties: [] });
    expect(again.machineCalls).toBe(first.machineCalls);
    expect({ ...again, seconds: 0, memoryMiB: 0 }).toEqual({ ...first, seconds: 0, memoryMiB: 0 });
  });
});
