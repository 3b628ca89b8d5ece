// Symmetry reduction: as many states as there are orbits, the same verdicts, real counterexamples.
import { describe, expect, it } from 'vitest';
import { explore } from '../../../../src/engine/explorer/search/explore.ts';
import { Symmetry } from '../../../../src/engine/explorer/reductions/symmetry.ts';
import { SymmetryError } from '../../../../src/engine/explorer/reductions/interchangeable.ts';
import { assemble, assembleScript } from '../../../../src/scenarios/assemble.ts';
import { findScenario } from '../../../../src/scenarios/builtin.ts';
import type { Parameters } from '../../../../src/scenarios/define.ts';
import type { World } from '../../../../src/engine/world/world.ts';
import { twoDevices } from '../two-devices.ts';

function assembled(set: Parameters, revision = 'v2p8'): ReturnType<typeof assemble> {
  const scenario = findScenario('manager');
  if (scenario === undefined) throw new Error('no manager');
  return assemble({ scenario, set, revision });
}

const permutations = (count: number): number[][] =>
  count === 0
    ? [[]]
    : permutations(count - 1).flatMap((rest) =>
        Array.from({ length: count }, (_, at) => rest.toSpliced(at, 0, count - 1)),
      );

/** All permutations of all groups, as images of members. */
function group(world: World): Int32Array[] {
  let images: number[][] = [[]];
  for (const members of world.definition.interchangeable ?? []) {
    images = images.flatMap((image) =>
      permutations(members.length).map((one) => [...image, ...one.map((to) => image.length + to)]),
    );
  }
  return images.map((image) => Int32Array.from(image));
}

/** Orbits of the unreduced state space, counted with every permutation. */
function orbits(world: World): number {
  const symmetry = new Symmetry(world);
  const images = group(world);
  const seen = new Set<string>();
  const stack = [world.initial()];
  const other = new Uint16Array(world.width);
  let count = 0;
  while (stack.length > 0) {
    const row = stack.pop();
    if (row === undefined || seen.has(row.join())) continue;
    count += 1;
    // The whole orbit is marked; one of it is expanded.
    for (const image of images) {
      symmetry.apply(image, row, other);
      seen.add(other.join());
    }
    for (const choice of world.choices(row)) stack.push(world.step(row, choice).row);
  }
  return count;
}

describe('states are orbits', () => {
  for (const [set, revision] of [
    [{ producers: 2, consumers: 1, eventfds: 1 }, 'v2p8'],
    [{ producers: 2, consumers: 2, eventfds: 1 }, 'v2p8'],
    [{ producers: 2, consumers: 2, eventfds: 2 }, 'v2p8'],
    [{ producers: 3, consumers: 2, eventfds: 1 }, 'v2p8'],
    [{ producers: 2, consumers: 2, eventfds: 1 }, 'base'],
    [{ producers: 2, consumers: 2, eventfds: 1 }, 'longpeng-hlist'],
  ] as const) {
    it(`${JSON.stringify(set)} on ${revision}`, async () => {
      const { world } = assembled(set, revision);
      const { states, symmetry } = await explore(world, { properties: [], symmetry: true });
      expect(symmetry).toBe(true);
      expect(states).toBe(orbits(assembled(set, revision).world));
    });
  }
});

it('states of the system world are orbits, too: two devices', async () => {
  const fresh = (): World => twoDevices({}).world;
  const { states, symmetry } = await explore(fresh(), { properties: [], symmetry: true });
  expect({ states, symmetry }).toEqual({ states: orbits(fresh()), symmetry: true });
  expect((await explore(fresh(), { properties: [] })).states).toBeGreaterThan(1.5 * states);
});

it('says whether a state has one form, and is right where it says so', async () => {
  const said = new Set<string | undefined>();
  for (const set of [
    { producers: 2, consumers: 1, eventfds: 1 },
    { producers: 3, consumers: 1, eventfds: 1, faults: false },
  ]) {
    for (const por of [true, false]) {
      const { world } = assembled(set, 'v2p8');
      const { representative } = await explore(world, { properties: [], symmetry: true, por });
      said.add(representative);
    }
  }
  expect([...said].toSorted()).toEqual(['exact', 'heuristic']);
  const { world } = assembled({ producers: 1, consumers: 1, eventfds: 1 }, 'v2p8');
  expect(await explore(world, { properties: [], symmetry: true })).not.toHaveProperty('representative');
});

it('what is declared interchangeable and is not is refused', () => {
  const scenario = findScenario('duplicate-producer');
  if (scenario === undefined) throw new Error('no scenario');
  const script = {
    ...scenario.script({}),
    interchangeable: [
      [
        ['p0', 't0'],
        ['p1', 't2'],
      ],
    ],
  };
  const { world } = assembleScript(scenario, {}, script, 'v2p8', null);
  expect(() => new Symmetry(world)).toThrow(SymmetryError);
});
