// The referee in lock step with worlds that have bugs, and with scripts of users: machines, cells and kernel primitives.
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { explore } from '../../../src/engine/explorer/search/explore.ts';
import type { World } from '../../../src/engine/world/world.ts';
import { mutations } from '../../../src/mutations/mutations.ts';
import type { Selection } from '../../../src/scenarios/assemble.ts';
import { assemble } from '../../../src/scenarios/assemble.ts';
import { loadScenario } from '../../../src/scenarios/files/load.ts';
import { lockStep } from '../../referee/lock-step.ts';
import { isLong, sample } from '../../sample.ts';
import { assembled, whereText } from '../assembled.ts';

/** Puts ever more callbacks in flight, beyond what a row has room for: the referee has room for all. */
const UNBOUNDED = 'm-start-not-awaited';

/** The referee takes ten seconds and more for each world of these: in test:long. */
const slow = new Set(['assign', 'routing-race', 'two-vms', 'intx-swap', 'opt-out', 'n3-five-lock-cycle.ts']);

/** The explorer's counts are those of the referee, which agrees with the world in every step. */
async function expectAgreement(fresh: () => World): Promise<void> {
  const { states, transitions, depth } = await explore(fresh(), { properties: [] });
  expect(lockStep(fresh())).toMatchObject({ states, transitions, depth });
  expect(states).toBeGreaterThan(1);
}

describe('mutations where they are shown', () => {
  for (const { id: mutation, shown } of sample(
    mutations.filter(({ id }) => id !== UNBOUNDED),
    12,
  )) {
    for (const { scenario, revision, set = {} } of shown) {
      if (slow.has(scenario) && !isLong) continue;
      it(
        `${mutation} in ${whereText({ scenario, revision, set })}`,
        () => expectAgreement(() => assembled(scenario, { revision, mutation, set }).world),
        isLong ? undefined : 60_000,
      );
    }
  }
});

describe.each(['reports', 'models'])('examples/%s', (folder) => {
  const files = readdirSync(`examples/${folder}`).filter((file) => file.endsWith('.ts'));

  it('has some', () => {
    expect(files.length).toBeGreaterThan(2);
  });

  it.each(files.filter((file) => isLong || !slow.has(file)))('%s, with each of its switches and bugs', async (file) => {
    const scenario = await loadScenario(`examples/${folder}/${file}`);
    const switches = Object.entries(scenario.parameters).filter(([, value]) => typeof value === 'boolean');
    const variants: readonly Omit<Selection, 'scenario'>[] = [
      {},
      ...switches.map(([key, value]) => ({ set: { [key]: value !== true } })),
      ...(scenario.mutations ?? []).map(({ id }) => ({ mutation: id })),
    ];
    for (const variant of variants) await expectAgreement(() => assemble({ scenario, ...variant }).world);
  });
});
