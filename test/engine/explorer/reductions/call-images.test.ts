// Images of calls: what the machines do under other names, of every call of a world.
import { describe, expect, it } from 'vitest';
import { CompiledWorld } from '../../../../src/engine/explorer/expansion/compiled-world.ts';
import { CallImages } from '../../../../src/engine/explorer/reductions/call-images.ts';
import { Symmetry } from '../../../../src/engine/explorer/reductions/symmetry.ts';
import type { Footprint } from '../../../../src/engine/explorer/tables/step-table.ts';
import type { Script } from '../../../../src/scenarios/define.ts';
import type { World } from '../../../../src/engine/world/world.ts';
import { assembled as builtin } from '../../assembled.ts';
import { assembled, does, everything } from '../../../machines/kernel/litmus.ts';

/** Threads with a mutex of their own each, and one for all. */
const script = (members: number): Script => {
  const all = Array.from({ length: members }, (_, i) => i);
  return {
    actors: [{ name: 'm0', machine: 'mutex' }, ...all.map((i) => ({ name: `o${i}`, machine: 'mutex' }))],
    threads: Object.fromEntries(
      all.map((i) => [`t${i}`, [does('mutex_lock', 'm0'), does('mutex_trylock', `o${i}`), does('mutex_unlock', 'm0')]]),
    ),
    interchangeable: [all.map((i) => [`t${i}`, `o${i}`])],
  };
};

interface Calls {
  readonly world: World;
  readonly known: CompiledWorld;
  readonly images: CallImages;
  readonly calls: readonly Footprint[];
}

/** Every call that is made from some states, by what it reads and writes. */
function callsOf(world: World, rows: readonly Uint16Array[]): Calls {
  const symmetry = new Symmetry(world);
  const known = new CompiledWorld(world, [], [], 'none', symmetry);
  const { packing, steps, sources } = known;
  for (const row of rows) packing.learn(row);
  packing.widen();
  const words = new Int32Array(packing.words);
  for (const row of rows) {
    packing.pack(row, words, 0);
    for (const source of sources.filter(({ slot }) => slot < 0))
      for (const choice of known.offers(source, packing.read(words, 0, source.column)))
        if (steps.find(choice, words, 0) < 0) known.learnLeaf(choice, source, words, 0);
  }
  const calls = steps.footprints.filter(({ isCall, isTrial, leaf }) => isCall && !isTrial && leaf > 0);
  return { world, known, images: new CallImages(symmetry, packing, steps), calls };
}

const plain = ({ choice, source, path, writes, observations }: Footprint): unknown => ({
  choice,
  source,
  path: [...path].toSorted(([a], [b]) => a - b),
  writes: [...writes].toSorted(([a], [b]) => a - b),
  observations,
});

describe('images of a call', () => {
  it.each([2, 3])('of %s members are what the machines do under other names', (members) => {
    const { world } = assembled(script(members));
    const { known, images, calls } = callsOf(world, everything(world).rows);
    let many = 0;
    for (const call of calls) {
      const all = images.of(call) ?? [];
      expect(all[0]).toBe(call);
      expect(new Set(all.map(({ source }) => source)).size).toBe(members);
      for (const image of all.slice(1)) {
        many += 1;
        const { footprint } = known.steps.attempt(image.choice, image.row);
        expect(plain(image)).toEqual(plain(footprint));
      }
      expect(images.of(call)).toBe(all);
    }
    expect(many).toBeGreaterThanOrEqual(8);
  });

  it('are looked for again where a step property has read more of the call since', () => {
    const { world } = assembled(script(2));
    const { images, calls } = callsOf(world, [world.initial()]);
    const [call] = calls as readonly [Footprint];
    const column = world.actor('o0');
    expect(images.of(call)?.map(({ checked }) => [...checked])).toEqual([[], []]);
    call.checked.add(column);
    expect(images.of(call)?.map(({ checked }) => [...checked])).toEqual([[column], [world.actor('o1')]]);
  });

  it('are not told of a call that reads a channel which is kept in order, nor where there are too many', () => {
    const { world } = builtin('assign', { set: { vectors: 2 } });
    const { images, calls } = callsOf(world, [world.initial()]);
    const [call] = calls as readonly [Footprint];
    expect(images.of(call)).toHaveLength(2);
    const wide = world.actors.findIndex((_, actor) => world.channel(actor).slots > 1);
    call.checked.add(world.channel(wide).start);
    expect(images.of(call)).toBeNull();
    const many = assembled(script(129)).world;
    const others = callsOf(many, [many.initial()]);
    expect(others.images.of(others.calls[0] as Footprint)).toBeNull();
    const fewer = assembled(script(128)).world;
    const few = callsOf(fewer, [fewer.initial()]);
    expect(few.images.of(few.calls[0] as Footprint)).toHaveLength(128);
  });
});
