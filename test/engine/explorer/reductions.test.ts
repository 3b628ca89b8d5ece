// With and without each reduction: the same verdicts, the same violated properties, counterexamples as short and real.
//
// The system world takes half a second a search: here it is on some revisions, in test/long on all.
import { describe, expect, it } from 'vitest';
import { explore } from '../../../src/engine/explorer/search/explore.ts';
import { mutations } from '../../../src/mutations/mutations.ts';
import { revisions } from '../../../src/registry/revisions.ts';
import { scenarios } from '../../../src/scenarios/builtin.ts';
import { sample } from '../../sample.ts';
import { compare, compareWorlds, search } from './compare-reductions.ts';
import { twoDevices } from './two-devices.ts';

/** Puts more callbacks in flight than a row has room for: where that ends a search depends on its order. */
const UNBOUNDED = 'm-start-not-awaited';

const small = scenarios.filter(({ id }) => id !== 'manager');
const isSystem = (id: string): boolean => id === 'assign';
const revisionsOfSystem = new Set(['base', 'v1p5', 'v2p8', 'longpeng-hlist']);

describe('every scenario on every revision', () => {
  for (const [turn, { id: revision }] of sample([...revisions.entries()], 18)) {
    it(revision, async () => {
      for (const { id } of sample(small, 14, turn))
        if (!isSystem(id) || revisionsOfSystem.has(revision)) await compare(id, revision, null);
      await compare('manager', revision, null, { producers: 2, consumers: 2, eventfds: 1 });
    });
  }
});

describe('every mutation in every scenario', () => {
  const bounded = [...mutations.filter(({ id }) => id !== UNBOUNDED).entries()];
  for (const [turn, { id: mutation }] of sample(bounded, 60)) {
    it(mutation, async () => {
      for (const { id } of sample(small, 14, turn)) {
        for (const revision of isSystem(id) ? ['v2p8'] : ['v2p8', 'base']) await compare(id, revision, mutation);
      }
      await compare('manager', 'v2p8', mutation, { producers: 2, consumers: 2, eventfds: 1 });
    });
  }
});

describe('every bug of a device assignment, with two devices that are interchangeable', () => {
  const shownThere = mutations.flatMap(({ id, shown }) =>
    shown.flatMap(({ scenario, set = {} }) => (scenario === 'assign' ? [{ mutation: id, set }] : [])),
  );

  it('there are some', () => {
    expect(shownThere.map(({ mutation }) => mutation)).toEqual(
      expect.arrayContaining(['b1', 'b8', 'b10', 'm-irte-hangs']),
    );
  });

  for (const { mutation, set } of sample(shownThere, 8, 5)) {
    it(`${mutation} ${JSON.stringify(set)}`, async () => {
      // Where an irqfd that goes has a bug it has to go; where a connect fails it has to be able to.
      const goes = mutation === 'b4a' ? 'irqfd' : 'vector';
      const make = () => twoDevices({ goes, reroutes: true, mutation, set: { ...set, faults: mutation === 'b1' } });
      const { world, properties } = make();
      expect(await explore(world, { properties, symmetry: true })).toMatchObject({
        verdict: 'violated',
        symmetry: true,
      });
      await compareWorlds({ mutation, set }, make);
    });
  }
});

describe('right movers', () => {
  it('shrink the manager world, together with symmetry to what does not grow with threads', async () => {
    const states = [];
    for (const set of [
      { producers: 5, consumers: 5 },
      { producers: 6, consumers: 6 },
    ]) {
      const one = await search('manager', 'v2p8', null, { por: true, symmetry: true }, { ...set, eventfds: 3 });
      expect(one).toMatchObject({ verdict: 'holds', por: true, symmetry: true });
      states.push(one?.states);
    }
    expect(states).toEqual([440, 440]);
  });

  it('are given up for threads whose calls meet on one struct', async () => {
    const one = await search('double-unregister-race', 'v2p8', null, { por: true, earlyCalls: false });
    const plain = await search('double-unregister-race', 'v2p8', null, {});
    // Both unregister p0: what one reads the other clears. With their calls put off, too, there would be 108.
    expect([one?.states, plain?.states]).toEqual([182, 206]);
  });

  it('leave the graph alone where it is asked for', async () => {
    const edges: number[] = [];
    const one = await search('pairing', 'v2p8', null, { por: true, edge: (from) => edges.push(from) });
    const plain = await search('pairing', 'v2p8', null, {});
    expect([one?.por, edges.length]).toEqual([false, plain?.transitions]);
  });
});
