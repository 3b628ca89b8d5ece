// Properties about deadlocks: each is asked, wherever nothing can move and something has to.
import { describe, expect, it } from 'vitest';
import { explore } from '../../../../src/engine/explorer/search/explore.ts';
import { walk } from '../../../../src/engine/explorer/walks/walk.ts';
import { runOnce } from '../../../../src/engine/traces/run-once.ts';
import type { Property } from '../../../../src/engine/world/property.ts';
import { stuckActors } from '../../../../src/engine/world/property.ts';
import { simpleVerdicts } from '../../../referee/simple-search.ts';
import { assembled } from '../../assembled.ts';

const deadlock = (id: string, says: Property['deadlock'] & object): Property => ({ id, title: id, deadlock: says });
const never = deadlock('never', () => null);
const stuck = deadlock('stuck', stuckActors);
const more = deadlock('more', () => 'somebody is stuck, says another');

/** The mutex is kept: whoever asks for it next waits for ever. */
const world = () => assembled('duplicate-producer', { mutation: 'm-lock-kept' }).world;

describe('two properties about deadlocks', () => {
  it.each([
    [[stuck], ['stuck']],
    [[never, stuck], ['stuck']],
    [[stuck, never], ['stuck']],
    [
      [stuck, more],
      ['stuck', 'more'],
    ],
    [[never], []],
  ] as const)('%#: a search asks each', async (properties, violated) => {
    const { violations } = await explore(world(), { properties });
    expect(Object.keys(simpleVerdicts(world(), properties))).toEqual(violated);
    expect(violations.map(({ property }) => property)).toEqual(violated);
    const { findings } = await walk(world(), { properties, seed: 1, walks: 200, maxSteps: 100 });
    expect(findings.map(({ property }) => property).toSorted()).toEqual(violated.toSorted());
  });

  it('a single run asks each', async () => {
    const { violations } = await explore(world(), { properties: [stuck] });
    const path = violations[0]?.path ?? [];
    let step = 0;
    const run = await runOnce(world(), () => path[step++] ?? 0, [never, stuck], 100);
    expect(run.violation).toMatchObject({ property: 'stuck' });
  });
});
