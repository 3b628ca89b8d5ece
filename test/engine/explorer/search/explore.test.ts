// What a search may be asked for, and what it answers, on small worlds: limits, resumption, edges, first violations, reductions that are
// left out, what is said of a search that is not whole.
import { describe, expect, it } from 'vitest';
import type { Exploration, ExploreOptions } from '../../../../src/engine/explorer/search/explore.ts';
import { explore } from '../../../../src/engine/explorer/search/explore.ts';
import { SnapshotError } from '../../../../src/engine/explorer/search/snapshot-error.ts';
import type { SearchSnapshot, SnapshotStore } from '../../../../src/engine/explorer/search/snapshot.ts';
import { DepthFirst } from '../../../../src/engine/explorer/search/depth-first.ts';
import { partialOrderOf } from '../../../../src/engine/explorer/search/shortest.ts';
import { inOrder, Violations } from '../../../../src/engine/explorer/counterexamples/violations.ts';
import type { DistinctBy, Violation } from '../../../../src/engine/world/violation.ts';
import type { Row } from '../../../../src/engine/world/world.ts';
import type { Where } from '../../assembled.ts';
import { assembled } from '../../assembled.ts';

const search = (id: string, options: Partial<ExploreOptions> = {}, where: Where = {}): Promise<Exploration> => {
  const { world, properties } = assembled(id, where);
  return explore(world, { properties, ...options });
};
const counts = ({ verdict, limit, states, transitions, depth, isWhole }: Exploration): unknown => [
  verdict,
  limit ?? '',
  states,
  transitions,
  depth,
  isWhole,
];
const violated = ({ violations }: Exploration): unknown =>
  violations.map(({ property, path }) => `${property}@${path.length}`);

/** Keeps the last snapshot: that of the end, since it is never due before. */
class Kept implements SnapshotStore {
  last: SearchSnapshot | undefined;
  readonly isDue = (): boolean => false;
  save(snapshot: SearchSnapshot): void {
    this.last = structuredClone(snapshot);
  }
}

/** `pairing` on today's kernel, as the manifest has it. */
const WHOLE = ['holds', '', 73, 112, 18, true];
/** A race with a WARN and an eviction. */
const RACE = 'double-unregister-race';

describe('a search', () => {
  it('is whole where nothing ends it', async () => {
    const pairing = await search('pairing');
    expect(counts(pairing)).toEqual(WHOLE);
    expect(pairing).toMatchObject({ symmetry: false, por: false, workers: 1, growing: [], violations: [] });
    expect(pairing.counterexamples).toBe(pairing.violations);
    for (const absent of ['limit', 'limitMessage', 'symmetryLeftOut', 'representative'])
      expect(Object.keys(pairing)).not.toContain(absent);
    expect(pairing.machineCalls).toBeGreaterThan(0);
    expect(pairing.bytesPerState).toBeGreaterThan(8);
    expect(pairing.coverage.neverTaken.length).toBeLessThan(pairing.coverage.transitions);
  });

  it('ends at a number of states, and says so', async () => {
    for (const maxStates of [1, 7, 48, 72]) {
      const found = await search('pairing', { maxStates });
      expect([found.verdict, found.limit, found.isWhole]).toEqual(['incomplete', 'states-limit', false]);
      // The successors of a state are stored together.
      expect(found.states).toBeGreaterThanOrEqual(maxStates);
      expect(found.states).toBeLessThan(maxStates + 3);
      // What would put a property to the test may be among what was not looked at.
      expect(found.vacuous).toEqual([]);
    }
    expect(counts(await search('pairing', { maxStates: 74 }))).toEqual(WHOLE);
  });

  it('ends at a number of steps', async () => {
    const depths: unknown[] = [];
    for (const maxDepth of [0, 1, 5, 17]) {
      const found = await search('pairing', { maxDepth });
      depths.push([found.limit, found.depth]);
    }
    expect(depths).toEqual([
      ['depth-limit', 0],
      ['depth-limit', 1],
      ['depth-limit', 5],
      ['depth-limit', 17],
    ]);
    expect(counts(await search('pairing', { maxDepth: 19 }))).toEqual(WHOLE);
  });

  it('says what is vacuous where it is whole', async () => {
    const { vacuous } = await search('unpaired');
    expect(vacuous.length).toBeGreaterThan(0);
    expect((await search('pairing')).vacuous.length).toBeLessThan(vacuous.length);
  });

  it('goes on from where it was ended, in another world', async () => {
    for (const ends of [[1], [2, 3, 4], [10, 30], [72]]) {
      let resume: SearchSnapshot | undefined;
      for (const maxStates of ends) {
        const checkpoint = new Kept();
        const options = { maxStates, checkpoint, ...(resume === undefined ? {} : { resume }) };
        expect((await search('pairing', options)).limit).toBe('states-limit');
        resume = checkpoint.last;
        expect(resume?.size).toBeGreaterThanOrEqual(maxStates);
        expect(resume).toMatchObject({ pass: 1, isWarm: false, isExact: true, violations: [] });
      }
      expect(counts(await search('pairing', { resume: resume as SearchSnapshot }))).toEqual(WHOLE);
    }
  });

  it('keeps what it has found where it goes on, and the time it took', async () => {
    const whole = await search(RACE);
    const checkpoint = new Kept();
    await search(RACE, { maxStates: whole.states - 1, checkpoint });
    const saved = checkpoint.last as SearchSnapshot;
    expect(saved.violations.length).toBeGreaterThan(0);
    const found = await search(RACE, { resume: { ...saved, seconds: 1000 } });
    expect([violated(found), counts(found)]).toEqual([violated(whole), counts(whole)]);
    expect(found.seconds).toBeGreaterThan(1000);
  });

  it('does not go on in another model, nor where it cannot be saved', async () => {
    const checkpoint = new Kept();
    await search('pairing', { maxStates: 20, checkpoint });
    const resume = checkpoint.last as SearchSnapshot;
    await expect(search('manager', { resume })).rejects.toThrow(/the search that was saved is of another model: /);
    const full = {
      isDue: () => false,
      save: () => {
        throw new SnapshotError('the disk is full');
      },
    };
    expect(await search('pairing', { maxStates: 20, checkpoint: full })).toMatchObject({
      verdict: 'incomplete',
      limit: 'checkpoint-failed',
      limitMessage: 'the disk is full',
    });
    const broken = {
      isDue: () => false,
      save: () => {
        throw new Error('broken');
      },
    };
    await expect(search('pairing', { maxStates: 20, checkpoint: broken })).rejects.toThrow('broken');
  });

  it('tells every transition where it is asked to', async () => {
    const edges: (readonly [number, number, number])[] = [];
    const found = await search('pairing', { edge: (...one) => void edges.push(one) });
    expect([edges.length, found.transitions]).toEqual([112, 112]);
    expect(edges[0]?.[0]).toBe(0);
    const reached = new Set(edges.map(([, , to]) => to));
    expect([...reached].filter((id) => id > 0).length).toBe(found.states - 1);
    // A graph is not reduced by partial order.
    expect((await search('pairing', { por: true, edge: () => undefined })).por).toBe(false);
  });

  it('ends at its first violation, or with those that are asked for', async () => {
    const whole = await search(RACE);
    expect(whole.violations.length).toBeGreaterThan(1);
    expect(whole).toMatchObject({ verdict: 'violated', isWhole: true });
    const first = await search(RACE, { stopAtFirst: true });
    expect(violated(first)).toEqual((violated(whole) as string[]).slice(0, 1));
    expect(first.isWhole).toBe(false);
    expect(first.states).toBeLessThan(whole.states);
    const wanted = new Set([whole.violations[0]?.property ?? '']);
    expect((await search(RACE, { until: wanted })).states).toBe(first.states);
    expect((await search(RACE, { until: new Set(['i-nothing']) })).states).toBe(whole.states);
  });

  it('keeps as many counterexamples as are asked for', async () => {
    const whole = await search(RACE);
    const one = await search(RACE, { traces: { atMost: 1, distinctBy: 'final' } });
    expect([one.counterexamples.length, one.isWhole]).toEqual([1, false]);
    const many = await search(RACE, { traces: { atMost: 1000, distinctBy: 'final' } });
    expect(many.counterexamples.length).toBeGreaterThan(whole.violations.length);
    expect(violated(many)).toEqual(violated(whole));
  });

  it('finds the same depth-first', async () => {
    const [wide, deep] = [await search(RACE), await search(RACE, { order: 'depth-first' })];
    expect([deep.states, deep.transitions, deep.verdict]).toEqual([wide.states, wide.transitions, wide.verdict]);
    const ids = ({ violations }: Exploration) => violations.map(({ property }) => property).toSorted();
    expect(ids(deep)).toEqual(ids(wide));
  });

  it('merges what is interchangeable, and says why not where nothing is', async () => {
    const set = { producers: 2, consumers: 2, eventfds: 1 };
    const [plain, merged] = [
      await search('manager', {}, { set }),
      await search('manager', { symmetry: true }, { set }),
    ];
    expect([plain.states, merged.states, plain.symmetry, merged.symmetry]).toEqual([1104, 289, false, true]);
    expect(merged.representative).toBe('exact');
    expect(merged).not.toHaveProperty('symmetryLeftOut');
    expect(await search('pairing', { symmetry: true })).toMatchObject({
      symmetry: false,
      symmetryLeftOut: 'nothing is declared interchangeable',
    });
    const alone = { producers: 1, consumers: 1, eventfds: 1 };
    expect(await search('manager', { symmetry: true }, { set: alone })).toMatchObject({
      symmetry: false,
      symmetryLeftOut: 'no group has two members',
    });
  });

  it('leaves out calls that lead to nothing else, and says so', async () => {
    const set = { producers: 2, consumers: 2, eventfds: 1 };
    const found = await search('manager', { por: true, symmetry: true }, { set });
    expect([found.states, found.transitions, found.por, found.verdict]).toEqual([46, 62, true, 'holds']);
  });

  it('is the same whatever the hash', async () => {
    const set = { producers: 2, consumers: 2, eventfds: 1 };
    const plain = counts(await search('manager', {}, { set }));
    expect(counts(await search('manager', { hashSeed: 7 }, { set }))).toEqual(plain);
    expect(counts(await search('manager', { collides: true }, { set }))).toEqual(plain);
  });
});

describe('which calls are put off or made early', () => {
  it.each<readonly [Partial<ExploreOptions>, string]>([
    [{}, 'none'],
    [{ por: false }, 'none'],
    [{ por: true }, 'late and early'],
    [{ por: true, earlyCalls: true }, 'late and early'],
    [{ por: true, earlyCalls: false }, 'late'],
    [{ por: true, order: 'depth-first' }, 'late'],
    [{ por: true, order: 'breadth-first' }, 'late and early'],
    [{ por: true, maxDepth: 5 }, 'late'],
    [{ por: true, traces: { atMost: 2, distinctBy: 'final' } }, 'late'],
    [{ por: true, edge: () => undefined }, 'none'],
    [{ por: true, resume: {} as SearchSnapshot }, 'none'],
    [{ por: true, resume: { partialOrder: { mode: 'late' } } as SearchSnapshot }, 'late'],
    [
      { por: true, maxDepth: 5, resume: { partialOrder: { mode: 'late and early' } } as SearchSnapshot },
      'late and early',
    ],
  ])('of a search with %j', (options, mode) => {
    expect(partialOrderOf({ properties: [], ...options })).toBe(mode);
  });
});

describe('depth-first', () => {
  it('expands what was found last, each state once', () => {
    const deep = new DepthFirst(Infinity);
    expect([deep.next(), deep.waiting]).toEqual([0, 0]);
    deep.found(0, 3);
    expect([deep.waiting, deep.next(), deep.depth]).toEqual([2, 2, 1]);
    deep.found(2, 4);
    expect([deep.next(), deep.depth, deep.next(), deep.depth, deep.next(), deep.isCut]).toEqual([
      3,
      2,
      1,
      2,
      undefined,
      false,
    ]);
    expect(deep.isAgain).toBe(false);
  });

  it('within a bound expands a state again that is reached by a shorter way', () => {
    const deep = new DepthFirst(3);
    deep.next();
    deep.found(0, 3);
    expect(deep.next()).toBe(2);
    deep.found(2, 4);
    // 3 is two steps away by 2; what comes after it is at the bound.
    expect([deep.next(), deep.isAgain]).toEqual([3, false]);
    deep.found(3, 5);
    expect([deep.isCut, deep.isShorter(2, 3), deep.isShorter(3, 9)]).toEqual([true, false, false]);
    // 1 is popped, 4 is at the bound.
    expect(deep.next()).toBe(1);
    expect([deep.isShorter(1, 4), deep.isShorter(1, 4)]).toEqual([true, false]);
    expect([deep.next(), deep.isAgain, deep.next()]).toEqual([4, false, undefined]);
    expect([deep.depth, deep.isCut]).toEqual([2, false]);
    expect([deep.isShorter(0, 3), deep.next(), deep.isAgain]).toEqual([true, 3, true]);
  });
});

describe('counterexamples', () => {
  const { world, properties } = assembled('manager', { set: { producers: 2, consumers: 2, eventfds: 1 } });
  const [first, second] = properties.map(({ id }) => id) as [string, string];
  const of = (property: string, ...path: readonly number[]): Violation => ({ property, message: property, path });

  it('come shortest first, then in the order of properties', () => {
    const all = [of('b', 1, 2), of('a', 1, 2), of('c', 1)];
    expect(inOrder(all, ['a', 'b', 'c']).map(({ property }) => property)).toEqual(['c', 'a', 'b']);
  });

  it('are one a property, the first that comes', () => {
    const kept = new Violations(world, properties);
    expect([kept.any, kept.isFull, kept.wants(first), kept.has(new Set())]).toEqual([false, false, true, true]);
    kept.add(of(second, 0, 0));
    kept.add(of(first, 0, 0, 0));
    kept.add(of(second, 0));
    expect(kept.sorted).toEqual([of(second, 0, 0), of(first, 0, 0, 0)]);
    expect([kept.any, kept.wants(first), kept.wants('other'), kept.isFull]).toEqual([true, false, true, false]);
    expect([[first], [first, second], ['other'], [first, 'other']].map((ids) => kept.has(new Set(ids)))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    kept.clear();
    expect(kept.all).toEqual([]);
    kept.adopt([of(first, 0)]);
    expect([kept.all, kept.wants(first)]).toEqual([[of(first, 0)], false]);
  });

  /** All ways of some length: where each ends, and what is done on it, whatever the order. */
  const ways = (
    length: number,
  ): readonly { readonly path: readonly number[]; readonly end: string; readonly done: string }[] => {
    const found: { path: number[]; end: string; done: string }[] = [];
    const go = (row: Row, path: number[], done: readonly number[]): void => {
      if (path.length === length) {
        found.push({ path, end: row.join(), done: done.toSorted((x, y) => x - y).join() });
        return;
      }
      for (const [i, choice] of world.choices(row).entries())
        go(world.step(row, choice).row, [...path, i], [...done, choice.event]);
    };
    go(world.initial(), [], []);
    return found;
  };
  /** How many are kept of two ways. */
  const keptOf = (distinctBy: DistinctBy, ...paths: readonly (readonly number[])[]): number => {
    const kept = new Violations(world, properties, { atMost: 9, distinctBy });
    for (const path of paths) kept.add(of(first, ...path));
    return kept.all.length;
  };

  it('are told apart by where they end, or by what is done', () => {
    const all = ways(4);
    const pair = (test: (one: (typeof all)[number], other: (typeof all)[number]) => boolean) => {
      for (const one of all)
        for (const other of all) if (one !== other && test(one, other)) return [one.path, other.path];
      throw new Error('no such pair');
    };
    const same = pair((one, other) => one.end === other.end && one.done === other.done);
    const sameDone = pair((one, other) => one.end !== other.end && one.done === other.done);
    const neither = pair((one, other) => one.end !== other.end && one.done !== other.done);
    expect([same, sameDone, neither].map((paths) => keptOf('final', ...paths))).toEqual([1, 2, 2]);
    expect([same, sameDone, neither].map((paths) => keptOf('actions', ...paths))).toEqual([1, 1, 2]);
    expect([same, sameDone, neither].map((paths) => keptOf('property', ...paths))).toEqual([1, 1, 1]);
  });

  it('are as many as are wanted', () => {
    const [one, other] = [of(first, 0, 0), of(first, 0)];
    for (const distinctBy of ['final', 'actions'] as const) {
      const kept = new Violations(world, properties, { atMost: 2, distinctBy });
      kept.add(one);
      expect([kept.all, kept.isFull, kept.wants(first)]).toEqual([[one], false, true]);
      kept.add(other);
      expect([kept.all.length, kept.isFull, kept.wants(first)]).toEqual([2, true, false]);
    }
    const tired = new Violations(world, properties, { atMost: 2, distinctBy: 'final' });
    for (let i = 0; i < 99; i++) tired.add(one);
    expect(tired.wants(first)).toBe(true);
    tired.add(one);
    expect([tired.wants(first), tired.isFull]).toEqual([false, false]);
    tired.clear();
    expect(tired.wants(first)).toBe(true);
    expect(() => tired.add(of(first, 99))).toThrow(new RangeError('no choice 99 on the way to a violation'));
  });
});
