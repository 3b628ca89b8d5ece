// Choices have names that mean the same in every world, run and process: every counterexample replays in a fresh world.
//
// Found in a world that has met every state there is (in the order of this search), taken by name in one that has met
// nothing. What a message, a local state or a cell's value was numbered must not show.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { MAX_STATES, rowsOf } from '../../../../scripts/manifest-rows.ts';
import { checkLiveness } from '../../../../src/engine/explorer/liveness/liveness.ts';
import type { ExploreOptions } from '../../../../src/engine/explorer/search/explore.ts';
import { explore } from '../../../../src/engine/explorer/search/explore.ts';
import type { TraceStep } from '../../../../src/engine/world/trace.ts';
import { TracedRun, traceOf } from '../../../../src/engine/world/trace.ts';
import { mutations } from '../../../../src/mutations/mutations.ts';
import { livenessProperties } from '../../../../src/properties/liveness.ts';
import { scenarios } from '../../../../src/scenarios/builtin.ts';
import { manifest } from '../../../../src/scenarios/manifest.ts';
import { isLong, sample } from '../../../sample.ts';
import type { Where } from '../../assembled.ts';
import { assembled, whereText } from '../../assembled.ts';

const searches: Readonly<Record<string, Partial<ExploreOptions>>> = {
  plain: {},
  por: { por: true },
  symmetry: { symmetry: true },
  both: { por: true, symmetry: true },
};

/** In npm test the plain search and one of the others, in turn. */
function searchesOf(turn: number): readonly (readonly [string, Partial<ExploreOptions>])[] {
  const [plain, ...others] = Object.entries(searches);
  return isLong ? Object.entries(searches) : [plain, others[turn % others.length]].filter((one) => one !== undefined);
}

/** The names of all choices after each step, which must be different; then the steps themselves. */
function replayed(id: string, where: Where, names: readonly string[]): readonly TraceStep[] {
  const { world } = assembled(id, where);
  const run = new TracedRun(world);
  const expectDistinct = (): void => {
    const offered = run.choices().map((choice) => world.nameOf(choice));
    expect([...new Set(offered)]).toEqual(offered);
  };
  expectDistinct();
  for (const name of names) {
    run.take(name);
    expectDistinct();
  }
  return run.steps;
}

/** Takes a path again, by name, in a fresh world: what is chosen, sent, called, observed, and every state are the same. */
function expectSameInFreshWorld(id: string, where: Where, found: readonly TraceStep[]): void {
  const again = replayed(
    id,
    where,
    found.map(({ choice }) => choice),
  );
  expect(again).toHaveLength(found.length);
  for (const [i, step] of found.entries()) expect(again[i]).toEqual(step);
  // A trace is written down: what JSON loses would be missing in a process of its own.
  expect(JSON.parse(JSON.stringify(again))).toEqual(JSON.parse(JSON.stringify(found)));
}

/** Explores, and replays every counterexample. Answers how many there are. */
async function replayAll(id: string, where: Where, options: Partial<ExploreOptions>): Promise<string[]> {
  const { world, properties } = assembled(id, where);
  const { violations } = await explore(world, { properties, maxStates: MAX_STATES, ...options });
  for (const { path, alongside = [] } of violations)
    for (const run of [path, ...alongside]) expectSameInFreshWorld(id, where, traceOf(world, run));
  return violations.map(({ property, path }) => `${property}@${path.length}`);
}

const violatedOnes = scenarios.flatMap((scenario) =>
  rowsOf(scenario).flatMap(({ key, revision, set }) => {
    const entry = manifest[scenario.id]?.[key];
    return entry?.verdict === 'violated' ? [{ id: scenario.id, key, revision, set, violated: entry.violated }] : [];
  }),
);

describe('every scenario and revision that is violated', () => {
  it('there are a hundred', () => {
    expect(violatedOnes.length).toBeGreaterThan(100);
  });

  for (const [turn, { id, key, revision, set, violated }] of sample([...violatedOnes.entries()], 37)) {
    it(`${id} on ${key}`, async () => {
      for (const [search, options] of searchesOf(turn)) {
        const found = await replayAll(id, { revision, set }, options);
        expect([search, found.length > 0]).toEqual([search, true]);
        if (search === 'plain') expect(found).toEqual(violated);
      }
    });
  }
});

describe('every mutation where it is shown', () => {
  for (const [turn, { id: mutation, shown }] of sample([...mutations.entries()], 27, 1)) {
    for (const { scenario, revision, set = {}, breaks } of shown) {
      it(`${mutation} in ${whereText({ scenario, revision, set })}`, async () => {
        const isLiveness = (property: string): boolean => livenessProperties.some(({ id }) => id === property);
        for (const [search, options] of searchesOf(turn)) {
          const found = await replayAll(scenario, { revision, mutation, set }, options);
          const properties = found.map((one) => one.split('@')[0]);
          for (const property of breaks.filter((one) => !isLiveness(one)))
            expect([search, ...properties]).toContain(property);
        }
        if (!breaks.some(isLiveness)) return;
        const { world } = assembled(scenario, { revision, mutation, set });
        const { violations } = await checkLiveness(world, { properties: livenessProperties });
        expect(violations.map(({ property }) => property)).toEqual(
          expect.arrayContaining(breaks.filter((one) => isLiveness(one))),
        );
        for (const { stem, cycle } of violations)
          expectSameInFreshWorld(scenario, { revision, mutation, set }, traceOf(world, [...stem, ...cycle]));
      });
    }
  }
});

describe('in processes of their own', () => {
  const bin = fileURLToPath(new URL('../../../../bin/irqbypass.js', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'irqbypass-stable-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const irqbypass = (...args: readonly string[]) => spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8' });

  const searchesThatFind = [
    // F4: the first, and the fourth and fifth, diverged.
    ['connect-failure', '--mutation', 'm-start-not-awaited', '--property', 'i-order'],
    ['double-unregister-race', '--revision', 'v2p8'],
    ['double-register-race', '--revision', 'longpeng-hlist'],
    ['connect-failure', '--mutation', 'm-start-not-awaited', '--no-symmetry', '--no-por'],
    ['pairing', '--mutation', 'm-start-not-awaited'],
    ['manager', '--revision', 'linux-5.9'],
    ['assign', '--mutation', 'b8'],
    ['assign', '--mutation', 'b1', '--no-symmetry'],
  ];
  it.each(sample(searchesThatFind, 3, 1))('%s %s %s %s %s', (...args) => {
    const file = join(folder, `${args.join('').replaceAll(/\W/g, '')}.ndjson`);
    const found = irqbypass('explore', ...args, '--trace', file);
    expect([found.status, found.stderr]).toEqual([1, '']);
    expect(readFileSync(file, 'utf8').split('\n').length).toBeGreaterThan(3);
    expect(irqbypass('replay', file)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(' 0 diverge') as string,
    });
  });

  it('a trace that was changed diverges', () => {
    const file = join(folder, 'changed.ndjson');
    expect(irqbypass('explore', 'double-unregister-race', '--trace', file).status).toBe(1);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const last = JSON.parse(lines.at(-1) ?? '') as TraceStep;
    for (const change of [
      { observations: [...last.observations, { kind: 'oops', what: 'nothing' }] },
      { state: { ...last.state, registry: 'somewhere else' } },
      { from: 'nobody' },
      { choice: 'nothing of that name' },
    ]) {
      writeFileSync(file, [...lines.slice(0, -1), JSON.stringify({ ...last, ...change })].join('\n'));
      expect([change, irqbypass('replay', file).status]).toEqual([change, 1]);
    }
  });
});
