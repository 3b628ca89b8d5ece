// Every contestant that is measured, against two maps: the same model-based test for all.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyLayout } from '../../src/scale/layouts.ts';
import type { Registered, RegistrantSide } from '../../src/scale/registered.ts';
import { createRegistered, Registrant } from '../../src/scale/registered.ts';
import type { Contestant } from '../../src/scale/structures.ts';
import { contestants } from '../../src/scale/structures.ts';

const OBJECTS = 10;
/** Neighbours in a page, others far away; two objects share each key. */
const slots = [0, 1, 64, 128, 1 << 20];
const make = (side: RegistrantSide, n: number): Registrant => {
  const slot = slots[n % slots.length] ?? 0;
  const own = 128 * (2 * n + (side === 'producers' ? 1 : 0));
  return new Registrant(KeyLayout.high(slot), KeyLayout.low(slot), own, hasDevice(n));
};
const hasDevice = (n: number): boolean => n % 2 === 0;

class Model {
  readonly sides = { producers: new Map<number, Registrant>(), consumers: new Map<number, Registrant>() };
}
interface Real {
  readonly sets: Registered;
  readonly objects: Readonly<Record<RegistrantSide, readonly Registrant[]>>;
}

const other = (side: RegistrantSide): RegistrantSide => (side === 'producers' ? 'consumers' : 'producers');
const keyOf = (n: number): number => n % slots.length;

function step(
  what: 'register' | 'unregister',
  side: RegistrantSide,
  n: number,
  registers: Contestant['registers'],
): fc.Command<Model, Real> {
  const isKept = side === 'producers' || registers === 'all' || (registers === 'devices' && hasDevice(n));
  return {
    // Unregistering what is not registered is misuse: the manager's machines look at the key first.
    check: ({ sides }) => what === 'register' || isRegistered(sides, side, n) || !isKept,
    run({ sides }, { sets, objects }) {
      const object = objects[side][n];
      if (object === undefined) throw new Error('no object');
      if (what === 'register') {
        const isBusy = sides[side].has(keyOf(n));
        expect(sets.register(side, object)).toBe(isBusy && isKept ? -16 : 0);
        if (isKept && !isBusy) sides[side].set(keyOf(n), object);
      } else {
        sets.unregister(side, object);
        if (isKept) sides[side].delete(keyOf(n));
      }
      expect(sets.size).toBe(sides.producers.size + sides.consumers.size);
      for (const one of ['producers', 'consumers'] as const) {
        for (const [i, half] of objects[one].entries()) {
          expect(sets.partner(one, half)).toBe(sides[other(one)].get(keyOf(i)) ?? null);
        }
      }
    },
    toString: () => `${what} ${side} ${n}`,
  };

  function isRegistered(sides: Model['sides'], whose: RegistrantSide, number: number): boolean {
    const held = sides[whose].get(keyOf(number));
    return held !== undefined && held.own === make(whose, number).own;
  }
}

describe('every contestant', () => {
  it.each(contestants)('$id registers, refuses, finds partners and unregisters', ({ id, registers }) => {
    const steps = fc
      .tuple(
        fc.constantFrom<'register' | 'unregister'>('register', 'register', 'unregister'),
        fc.constantFrom<RegistrantSide>('producers', 'consumers'),
        fc.nat({ max: OBJECTS - 1 }),
      )
      .map(([what, side, n]) => step(what, side, n, registers));
    const create = (): { model: Model; real: Real } => {
      const objects = (side: RegistrantSide): Registrant[] => Array.from({ length: OBJECTS }, (_, n) => make(side, n));
      const real = {
        sets: createRegistered(id),
        objects: { producers: objects('producers'), consumers: objects('consumers') },
      };
      return { model: new Model(), real };
    };
    fc.assert(
      fc.property(fc.commands([steps], { maxCommands: 40, size: 'max' }), (sequence) => fc.modelRun(create, sequence)),
    );
  });
});

describe('what the kernel would need', () => {
  const filled = (
    id: Parameters<typeof createRegistered>[0],
    count: number,
    device: (i: number) => boolean = () => false,
  ): Registered => {
    const sets = createRegistered(id);
    const layout = new KeyLayout('pages', 1);
    for (let i = 0; i < count; i++) {
      const slot = layout.slot(i);
      sets.enter('consumers', new Registrant(KeyLayout.high(slot), KeyLayout.low(slot), 128 * i, device(i)));
    }
    return sets;
  };

  it('is 16 bytes an entry for lists and hash tables', () => {
    expect([filled('list', 640).kernelBytes, filled('hashtable', 640).kernelBytes]).toEqual([10_240, 10_240]);
  });

  it('is a node an entry, and what lies above, for an xarray; one leaf a page for pointer >> 6', () => {
    const { nodes, kernelBytes } = filled('xarray', 640);
    expect(kernelBytes).toBe(576 * nodes);
    // 640 leaves, 10 nodes for pages, and a path of at most 9 above each of those.
    expect([nodes >= 640 + 10 + 9, nodes <= 640 + 10 * 10]).toEqual([true, true]);
    expect(filled('xarray-shifted', 640).nodes).toBe(nodes - 640);
  });

  it('is nothing where consumers are not registered', () => {
    expect([filled('opt-out', 640).kernelBytes, filled('posted-irqs-off', 640, () => true).size]).toEqual([0, 0]);
  });

  it('is that of the VMs with a device where the others opt out', () => {
    expect(filled('opt-out', 640, (i) => i < 64).size).toBe(64);
    expect(filled('opt-out', 640, () => true).kernelBytes).toBe(filled('xarray', 640).kernelBytes);
  });
});

describe('what this process needs', () => {
  it('is exact for what lies in typed arrays, and unknown for objects of the heap', () => {
    for (const { id, policy } of contestants) {
      const { processBytes } = createRegistered(id);
      if (policy.index === 'xarray') expect(processBytes).toBeGreaterThan(0);
      else expect(processBytes).toBe(null);
    }
  });
});
