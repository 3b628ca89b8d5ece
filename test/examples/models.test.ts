// examples/models: models of other people's systems, with exactly the states that others publish, or that a count by hand gives.
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { getAdjacencyMap } from 'xstate/graph';
import philosophers from '../../examples/models/dining-philosophers.ts';
import peterson from '../../examples/models/peterson-lock.ts';
import twoPhaseCommit from '../../examples/models/two-phase-commit.ts';
import { main } from '../../src/cli/main.ts';
import type { Exploration, World } from '../../src/engine/index.ts';
import { composedMachine, composedTraversal, explore, WorldView } from '../../src/engine/index.ts';
import { assemble } from '../../src/scenarios/assemble.ts';
import type { Parameters, Scenario } from '../../src/scenarios/define.ts';
import { breadthFirst } from '../breadth-first.ts';
import { textOf, twoPhaseGraph } from './two-phase-reference.ts';

const worldOf = (scenario: Scenario, set: Parameters = {}): World => assemble({ scenario, set }).world;

async function search(scenario: Scenario, set: Parameters, reduces = false): Promise<Exploration> {
  const { world, properties } = assemble({ scenario, set });
  return explore(world, { properties, symmetry: reduces, por: reduces });
}

/** What is wrong, and in how many steps. */
const violated = ({ violations }: Exploration): string[] =>
  violations.map(({ property, path }) => `${property}@${path.length}`);

/** The same world as one XState machine, searched by xstate/graph. */
function xstateGraph(world: World): { states: number; transitions: number } {
  const nodes = Object.values(
    getAdjacencyMap(composedMachine(world), { ...composedTraversal(world), limit: Infinity }),
  );
  const transitions = nodes.reduce((sum, node) => sum + Object.keys(node.transitions).length, 0);
  return { states: nodes.length, transitions };
}

describe('two-phase-commit', () => {
  // TLC: 288, at 11 levels (tlaplus/Examples, manifest.json), and 50 816 (TwoPhase.tla); Stateright: 288 and 8 832 (2pc.rs).
  for (const [managers, states, transitions] of [
    [3, 288, 761],
    [5, 8832, 37_345],
    [6, 50_816, 256_001],
    [7, 296_448, 1_735_809],
  ] as const)
    it(`has ${states} states with ${managers} resource managers`, async () => {
      const found = await search(twoPhaseCommit, { managers });
      expect(found).toMatchObject({ verdict: 'holds', states, transitions, depth: 3 * managers + 1 });
      // While undecided each of them is in one of four states, committed two, aborted six.
      expect(states).toBe(4 ** managers + 2 ** managers + 6 ** managers);
    });

  for (const [managers, states] of [
    [3, 80],
    [5, 314],
    [7, 920],
  ] as const)
    it(`has ${states} by symmetry with ${managers}`, async () => {
      const found = await search(twoPhaseCommit, { managers }, true);
      expect(found).toMatchObject({ verdict: 'holds', states, representative: 'exact' });
    });

  it('has them for other searches, too', () => {
    const world = worldOf(twoPhaseCommit);
    expect(xstateGraph(world)).toEqual({ states: 288, transitions: 761 });
    expect(breadthFirst(world)).toEqual({ states: 288, transitions: 761 });
  });

  it('has the states and steps of TwoPhase, but for those that change nothing', () => {
    const managers = 3;
    const { states, steps, stuttering } = twoPhaseGraph(managers);
    // TLC generates 1 146 states: one for each step, and the initial one.
    expect(steps.size + stuttering + 1).toBe(1146);
    const world = worldOf(twoPhaseCommit, { managers });
    const ours = { states: new Set<string>(), steps: new Set<string>() };
    breadthFirst(world, (before, choice, after) => {
      const [from, to] = [asTwoPhase(world, before), asTwoPhase(world, after)];
      ours.states.add(from).add(to);
      ours.steps.add(`${from} ${world.nameOf(choice)} ${to}`);
    });
    expect(ours).toEqual({ states, steps });
  });

  it('blocks where the transaction manager crashes', async () => {
    const all = await search(twoPhaseCommit, { crash: true });
    expect(all).toMatchObject({ verdict: 'violated', states: 288 + 4 ** 3 });
    expect(violated(all)).toEqual(['not-blocked@4']);
    expect(violated(await search(twoPhaseCommit, { crash: true }, true))).toEqual(['not-blocked@4']);
  });
});

/** A row of the example as a state of TwoPhase. */
function asTwoPhase(world: World, row: Uint16Array): string {
  const state = new WorldView(world, row);
  const names = state.actorsOf('resource-manager');
  const sent = names.map((name) => state.context<{ readonly hasPrepared: boolean }>(name).hasPrepared);
  const all = names.map((_, rm) => rm);
  return textOf({
    rmState: names.map((name) => String(state.value(name))),
    tmState: String(state.value('tm')),
    tmPrepared: all.filter((rm) => sent[rm] === true && state.inChannel(names[rm] ?? '').length === 0),
    msgs: [
      ...(state.load('tm', 'abort') === true ? ['Abort'] : []),
      ...(state.load('tm', 'commit') === true ? ['Commit'] : []),
      ...all.filter((rm) => sent[rm] === true).map((rm) => `Prepared ${rm}`),
    ],
  });
}

describe('dining-philosophers', () => {
  const walks = [2, 5];
  for (let n = 2; n <= 5; n++) walks.push(5 * (walks[n - 1] ?? 0) + 2 * (walks[n - 2] ?? 0));

  for (const [count, states, transitions, steps] of [
    [2, 28, 48, 6],
    [3, 154, 396, 9],
    [5, 4474, 19_200, 15],
  ] as const)
    it(`has ${states} states with ${count} philosophers, and a deadlock after ${steps} steps`, async () => {
      const found = await search(philosophers, { philosophers: count });
      expect(found).toMatchObject({ verdict: 'violated', states, transitions });
      expect(states).toBe((walks[count] ?? 0) - 1);
      expect(violated(found)).toEqual([`l-term@${steps}`]);
      expect(violated(await search(philosophers, { philosophers: count }, true))).toEqual([`l-term@${steps}`]);
    });

  for (const [count, states, transitions] of [
    [2, 20, 32],
    [3, 110, 273],
    [5, 3170, 13_301],
  ] as const)
    it(`has ${states} states and no deadlock where one of ${count} begins on the right`, async () => {
      const set = { philosophers: count, fixed: true };
      expect(await search(philosophers, set)).toMatchObject({ verdict: 'holds', states, transitions, vacuous: [] });
      expect(await search(philosophers, set, true)).toMatchObject({ verdict: 'holds' });
    });

  it('has them for another search, too', () => {
    expect(breadthFirst(worldOf(philosophers))).toEqual({ states: 154, transitions: 396 });
    expect(xstateGraph(worldOf(philosophers, { fixed: true }))).toEqual({ states: 110, transitions: 273 });
  });
});

describe('peterson-lock', () => {
  it('has 42 states and excludes', async () => {
    // TLC: 42 distinct states of 77 generated, one of them initial, at 11 levels (tlaplus/Examples, manifest.json).
    for (const reduces of [false, true])
      expect(await search(peterson, {}, reduces)).toMatchObject({
        verdict: 'holds',
        states: 42,
        transitions: 77 - 1,
        depth: 11 - 1,
      });
    expect(breadthFirst(worldOf(peterson))).toEqual({ states: 42, transitions: 76 });
    expect(xstateGraph(worldOf(peterson))).toEqual({ states: 42, transitions: 76 });
  });

  it('has both in the critical section where the turn is written first', async () => {
    const found = await search(peterson, { broken: true });
    expect(found).toMatchObject({ verdict: 'violated', states: 72, transitions: 138 });
    expect(violated(found)).toEqual(['mutual-exclusion@8']);
    expect(breadthFirst(worldOf(peterson, { broken: true }))).toEqual({ states: 72, transitions: 138 });
  });
});

describe('irqbypass explore', () => {
  async function code(...args: string[]): Promise<number> {
    const quiet = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockReturnValue(true));
    return main(['explore', ...args]).finally(() => {
      for (const one of quiet) one.mockRestore();
    });
  }
  const fileOf = (model: string): string =>
    fileURLToPath(new URL(`../../examples/models/${model}.ts`, import.meta.url));

  it('says which hold', async () => {
    expect(await code(fileOf('two-phase-commit'))).toBe(0);
    expect(await code(fileOf('two-phase-commit'), '--set', 'crash=true')).toBe(1);
    expect(await code(fileOf('dining-philosophers'))).toBe(1);
    expect(await code(fileOf('dining-philosophers'), '--set', 'fixed=true')).toBe(0);
    expect(await code(fileOf('peterson-lock'))).toBe(0);
    expect(await code(fileOf('peterson-lock'), '--set', 'broken=true')).toBe(1);
  });
});
