// Symmetry reduction: as many states as there are orbits, the same verdicts, real counterexamples.
import { describe, expect, it } from 'vitest';
import { explore } from '../../../../src/engine/explorer/search/explore.ts';
import { Symmetry } from '../../../../src/engine/explorer/reductions/symmetry.ts';
import { SymmetryError } from '../../../../src/engine/explorer/reductions/interchangeable.ts';
import { assemble, assembleScript } from '../../../../src/scenarios/assemble.ts';
import { findScenario } from '../../../../src/scenarios/builtin.ts';
import type { Parameters } from '../../../../src/scenarios/define.ts';
import type { World } from '../../../../src/engine/world/world.ts';
import { AGAIN, PACKED } from '../../../../src/engine/explorer/expansion/lookups.ts';
import { canonicalForm } from '../../../../src/engine/explorer/expansion/canonical-row.ts';
import { Packing } from '../../../../src/engine/explorer/store/packing.ts';
import { seeded } from '../../../../src/engine/world/schedulers.ts';
import { assembled as systemWorld } from '../../assembled.ts';
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
      const expected = orbits(assembled(set, revision).world);
      const least = await explore(world, { properties: [], symmetry: true });
      expect([least.states, least.representative]).toEqual([expected, 'exact']);
      const coloured = await explore(world, { properties: [], symmetry: true, permutationsMax: 1 });
      expect(coloured.states).toBe(expected);
    });
  }
});

it('states of the system world are orbits, too: two devices', async () => {
  const fresh = (): World => twoDevices({}).world;
  const { states, symmetry } = await explore(fresh(), { properties: [], symmetry: true });
  expect({ states, symmetry }).toEqual({ states: orbits(fresh()), symmetry: true });
  expect((await explore(fresh(), { properties: [] })).states).toBeGreaterThan(1.5 * states);
});

it('says whether a state has one form where members of large groups are coloured, and is right where it says so', async () => {
  const said = new Set<string | undefined>();
  for (const set of [
    { producers: 2, consumers: 1, eventfds: 1 },
    { producers: 3, consumers: 1, eventfds: 1, faults: false },
  ]) {
    for (const options of [{}, { por: true }, { por: true, earlyCalls: false }]) {
      const { world } = assembled(set, 'v2p8');
      const { representative } = await explore(world, {
        properties: [],
        symmetry: true,
        permutationsMax: 1,
        ...options,
      });
      said.add(representative);
    }
  }
  expect([...said].toSorted()).toEqual(['exact', 'heuristic']);
  const { world } = assembled({ producers: 1, consumers: 1, eventfds: 1 }, 'v2p8');
  expect(await explore(world, { properties: [], symmetry: true })).not.toHaveProperty('representative');
});

describe('the least image', () => {
  const worlds = {
    manager: () => assembled({ producers: 3, consumers: 2, eventfds: 2 }).world,
    'two devices': () => twoDevices({}).world,
    assign: () => systemWorld('assign', { set: { vectors: 2, vcpus: 2 } }).world,
  };
  it.each(Object.entries(worlds))('of packed rows is that of rows, and one for an orbit: %s', (_, make) => {
    const world = make();
    const symmetry = new Symmetry(world);
    const packing = new Packing(world.initial());
    const canonical = canonicalForm(symmetry, packing, () => packing.widen());
    const int = seeded(7);
    let row = world.initial();
    const [image, packed] = [new Uint16Array(world.width), new Uint16Array(world.width)];
    const other = new Uint16Array(world.width);
    let moved = 0;
    for (let step = 0; step < 300; step++) {
      const choices = world.choices(row);
      const choice = choices[int(0, choices.length - 1)];
      row = choice === undefined ? world.initial() : world.step(row, choice).row;
      const isMoved = symmetry.arrange(row);
      symmetry.apply(symmetry.image, row, image);
      if (isMoved) moved += 1;

      if (!packing.learn(row)) packing.widen();
      const into = new Int32Array(64);
      packing.pack(row, into, 0);
      if (canonical.find(into, 0) > 0) {
        const to = new Int32Array(64);
        if (canonical.packImage(to, 0) === AGAIN) {
          canonical.packPlain(into, 0);
          expect(canonical.packImage(to, 0)).toBe(PACKED);
        }
        packing.unpack(to, 0, packed);
      } else packed.set(row);
      expect(packed).toEqual(image);

      // Every other row of the orbit has the same one.
      const some = symmetry.least?.images[int(0, symmetry.permutations - 1)];
      if (some === undefined) throw new Error('no permutation');
      symmetry.apply(some, row, other);
      symmetry.arrange(other);
      symmetry.apply(symmetry.image, other, packed);
      expect(packed).toEqual(image);
    }
    expect(moved).toBeGreaterThan(50);
  });
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
