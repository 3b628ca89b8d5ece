// The system world on every revision: the naive referee agrees, and so do searches with each reduction, bugs included.
import { expect, it } from 'vitest';
import { explore } from '../../src/engine/explorer/search/explore.ts';
import { mutations } from '../../src/mutations/mutations.ts';
import { revisions } from '../../src/registry/revisions.ts';
import { assemble } from '../../src/scenarios/assemble.ts';
import { findScenario } from '../../src/scenarios/builtin.ts';
import type { World } from '../../src/engine/world/world.ts';
import { compare } from '../engine/explorer/compare-reductions.ts';
import { lockStep } from '../referee/lock-step.ts';

/** likexu-v2 leaks module references for ever: no search ends. */
const ending = revisions.filter(({ id }) => id !== 'likexu-v2');

function assign(revision: string): World {
  const scenario = findScenario('assign');
  if (scenario === undefined) throw new Error('no assign');
  return assemble({ scenario, revision }).world;
}

for (const { id } of ending) {
  it(`${id}: the referee finds the same states, transitions, depth and observations`, async () => {
    const { states, transitions, depth } = await explore(assign(id), { properties: [] });
    expect(lockStep(assign(id))).toMatchObject({ states, transitions, depth });
  });

  it(`${id}: every reduction finds the same`, async () => {
    await compare('assign', id, null);
  });
}

for (const { id: mutation } of mutations.filter(({ id }) => id !== 'm-start-not-awaited')) {
  it(`${mutation} on base: every reduction finds the same`, async () => {
    await compare('assign', 'base', mutation);
  });
}
