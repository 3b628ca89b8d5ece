// Liveness: what holds, what is violated, that the lassos are real, that a naive search agrees, what is refused.
import { describe, expect, it } from 'vitest';
import { explore } from '../../../../src/engine/explorer/search/explore.ts';
import { lassoText, validateLasso } from '../../../../src/engine/explorer/liveness/lasso.ts';
import type { Liveness, LivenessOptions } from '../../../../src/engine/explorer/liveness/liveness.ts';
import { checkLiveness, LivenessError } from '../../../../src/engine/explorer/liveness/liveness.ts';
import { mutations } from '../../../../src/mutations/mutations.ts';
import {
  bypassed,
  deliver,
  irqfdsUnlock,
  livenessProperties,
  noStarvation,
  resume,
  shutDown,
  unlock,
  wake,
} from '../../../../src/properties/liveness.ts';
import { namesOf } from '../../../../src/properties/manager-worlds.ts';
import { findProperty, properties } from '../../../../src/properties/properties.ts';
import type { PlainEvent } from '../../../../src/engine/world/events.ts';
import type { Property } from '../../../../src/engine/world/property.ts';
import { revisions } from '../../../../src/registry/revisions.ts';
import { assembleScript } from '../../../../src/scenarios/assemble.ts';
import { findScenario, scenarios } from '../../../../src/scenarios/builtin.ts';
import { assignIrqfd, setIrqs, step } from '../../../../src/scenarios/calls.ts';
import type { Parameters } from '../../../../src/scenarios/define.ts';
import type { World } from '../../../../src/engine/world/world.ts';
import { isLong, sample } from '../../../sample.ts';
import { assembled, makesSense } from '../../assembled.ts';
import type { Where } from '../../assembled.ts';
import { naiveGraph, naiveLiveness } from '../../../referee/naive-liveness.ts';

const worldOf = (id: string, where: Where = {}): World => assembled(id, where).world;

const all = [...livenessProperties, noStarvation];
const smallManager: Parameters = { producers: 2, consumers: 1, eventfds: 1 };

const check = (world: World, options: Partial<LivenessOptions> = {}): Promise<Liveness> =>
  checkLiveness(world, { ...options, properties: (options.properties ?? livenessProperties).filter(appliesTo(world)) });

/** A world without a manager has no mutex of the manager. */
const appliesTo =
  (world: World) =>
  ({ needs }: Property): boolean =>
    needs?.(world) ?? true;

const violated = ({ violations }: Liveness): string[] => violations.map(({ property }) => property);

/** L-SHUT under one assumption or another of which locks serve in turn: the property itself has both do so. */
function shut(served: readonly ('spinlock' | 'registry')[]): Property {
  return {
    id: ['l-shut', ...(served.length === 0 ? ['none'] : served)].join('-'),
    title: shutDown.title,
    liveness: {
      checks(world) {
        const locks: ReadonlySet<string> = new Set(served.flatMap((kind) => namesOf(world, kind)));
        return (shutDown.liveness?.checks(world) ?? []).map((claim) => ({
          ...claim,
          inTurn: ({ to }: PlainEvent) => locks.has(to),
        }));
      },
    },
  };
}

/** A pair that comes and goes beside one that is posted: a routing update has irqfds.lock for more than one step, to repost that one. */
function besideOneThatStays(): World {
  const scenario = findScenario('assign');
  if (scenario === undefined) throw new Error('no scenario');
  const set = { ...scenario.parameters, vectors: 2, msis: false, faults: false };
  const { interchangeable: _, threads, ...script } = scenario.script(set);
  const stays = { v1: [step(setIrqs('p1', 'e1'))], k1: [step(assignIrqfd('c1', 'e1'))] };
  return assembleScript(scenario, set, { ...script, threads: { ...threads, ...stays } }, 'v2p8', null).world;
}

describe('what holds', () => {
  for (const set of [
    { producers: 1, consumers: 1, eventfds: 1 },
    smallManager,
    { producers: 2, consumers: 2, eventfds: 2 },
    { producers: 3, consumers: 2, eventfds: 2 },
  ]) {
    it(`manager ${JSON.stringify(set)}`, async () => {
      const world = worldOf('manager', { set });
      const found = await check(world);
      expect([found.verdict, found.violations, found.vacuous]).toEqual(['holds', [], []]);
      const { states, transitions, depth } = await explore(world, { properties: [] });
      expect([found.states, found.transitions, found.depth]).toEqual([states, transitions, depth]);
    });
  }

  it.each(scenarios.map(({ id }) => id).filter((id) => id !== 'manager'))('%s', async (id) => {
    const found = await check(worldOf(id));
    expect([found.verdict, found.violations]).toEqual(['holds', []]);
    // Nobody can be stopped there, and no vCPU sleeps: the locks, the jobs, posting and delivery are all put to the test.
    if (id === 'assign') expect(found.vacuous).toEqual(['l-resume', 'l-wake']);
  });
});

describe('what is violated', () => {
  it('l-resume with b2: the guest is left halted, and nobody has to call again', async () => {
    const found = await check(worldOf('connect-failure', { mutation: 'b2' }));
    expect(violated(found)).toEqual(['l-resume']);
    expect(found.violations[0]).toMatchObject({ message: 'p0 stays stopped for ever', cycle: [] });
  });

  it('l-unlock with m-lock-kept', async () => {
    const found = await check(worldOf('duplicate-producer', { mutation: 'm-lock-kept' }));
    expect(violated(found)).toEqual(['l-unlock']);
  });

  it('l-irqfds-lock with m-irte-hangs, of which no search for deadlocks knows', async () => {
    const world = worldOf('assign', { mutation: 'm-irte-hangs' });
    expect(violated(await check(world))).toEqual(['l-unlock', 'l-irqfds-lock', 'l-shut', 'l-bypass']);
    expect((await explore(world, { properties })).violations).toEqual([]);
  });

  it('l-shut beside an irqfd that stays, unless both locks serve in turn', async () => {
    const world = besideOneThatStays();
    const verdicts = [];
    // One of them alone is not enough either: four seconds each, in test:long.
    const alone = isLong ? ([['spinlock'], ['registry']] as const) : [];
    for (const served of [[], ...alone, ['spinlock', 'registry']] as const) {
      verdicts.push((await check(world, { properties: [shut(served)] })).verdict);
    }
    expect(verdicts).toEqual(['violated', ...alone.map(() => 'violated'), 'holds']);
  });

  it('l-unlock in assign, if irqfds.lock were not a queued spinlock', async () => {
    const bare: Property = {
      ...unlock,
      liveness: {
        checks: (world) => (unlock.liveness?.checks(world) ?? []).map((claim) => ({ ...claim, inTurn: () => false })),
      },
    };
    const found = await check(worldOf('assign'), { properties: [bare] });
    expect(found.verdict).toBe('violated');
    expect(found.violations[0]?.cycle.length).toBeGreaterThan(0);
  });
});

describe('l-fair: a mutex does not provide bounded waiting', () => {
  it('a thread starves in manager, while others come and go', async () => {
    const world = worldOf('manager', { set: smallManager });
    const found = await check(world, { properties: [noStarvation] });
    const [violation] = found.violations;
    if (violation === undefined) throw new Error('nobody starves');
    expect(violation.cycle.length).toBeGreaterThan(1);
    expect(lassoText(world, violation)).toEqual([
      '   1  t2  register_consumer(c0, e0)',
      '   2  t2  lock: register_consumer(c0, e0)  -> register_consumer(c0) returns 0',
      '   3  t2  unregister_consumer(c0)',
      'and so on for ever:',
      '   4  t0  register_producer(p0, e0)',
      '   5  t0  lock: register_producer(p0, e0)',
      '   6  p0  p0.stop()',
      '   7  c0  c0.stop()',
      '   8  p0  p0.add_consumer(c0) = -EIO  -> returns -EIO',
      '   9  c0  c0.start()',
      '  10  p0  p0.start()  -> register_producer(p0) returns -EIO',
      't2 waits all the time; its turn could come in 2 of 7 states',
    ]);
  });

  it('nobody starves where every thread calls but once or twice', async () => {
    expect((await check(worldOf('pairing'), { properties: [noStarvation] })).verdict).toBe('holds');
  });

  it('a lasso that is tampered with is not valid', async () => {
    const world = worldOf('manager', { set: smallManager });
    const [violation] = (await check(world, { properties: [noStarvation] })).violations;
    const claim = noStarvation.liveness?.checks(world).find(({ subject }) => subject === violation?.subject);
    if (violation === undefined || claim === undefined) throw new Error('nobody starves');
    const { stem, cycle } = violation;
    expect(() => validateLasso(world, claim, { stem, cycle: cycle.slice(1) })).toThrow('lasso');
    expect(() => validateLasso(world, claim, { stem, cycle: cycle.slice(0, -1) })).toThrow('does not close');
    expect(() => validateLasso(world, claim, { stem, cycle: [] })).toThrow('is not fair to t2');
    expect(() => validateLasso(world, claim, { stem: stem.slice(0, -1), cycle })).toThrow('the stem of a lasso');
    expect(() => validateLasso(world, claim, { stem: [...stem, 99], cycle })).toThrow('which is not offered');
  });
});

describe('a naive search agrees', () => {
  const LIMIT = 3000;

  async function compare(id: string, where: Where): Promise<void> {
    if (typeof where.mutation === 'string' && !makesSense(where.mutation, id, where.revision)) return;
    const world = worldOf(id, where);
    const isSystem = namesOf(world, 'irqfd').length > 0;
    const asked = isSystem ? [...all, shut([]), shut(['spinlock', 'registry'])] : all;
    const checked = asked.filter(appliesTo(world));
    const found = await check(world, { properties: checked, maxStates: LIMIT });
    if (found.limit !== undefined) return;
    const graph = naiveGraph(world, LIMIT);
    if (graph === undefined) throw new Error('more states than the explorer found');
    const what = { id, ...where };
    expect({ ...what, states: found.states, violated: violated(found) }).toEqual({
      ...what,
      states: graph.length,
      violated: naiveLiveness(world, graph, checked),
    });
  }

  const small = scenarios.filter(({ id }) => id !== 'manager');

  for (const [turn, { id: revision }] of revisions.entries()) {
    it(`on small scenarios, ${revision}`, async () => {
      for (const { id } of sample(small, 120, turn))
        if (id !== 'assign' || revision === 'v2p8') await compare(id, { revision });
    });
  }

  for (const [turn, { id: mutation }] of mutations.entries()) {
    it(`on small scenarios with ${mutation}`, async () => {
      const isOfSystem = !makesSense(mutation, 'manager');
      for (const { id } of sample(small, 120, turn)) if (id !== 'assign' || isOfSystem) await compare(id, { mutation });
      await compare('manager', { mutation, set: smallManager });
    });
  }

  for (const set of [smallManager, { producers: 1, consumers: 2, eventfds: 2 }, { faults: false, eventfds: 1 }]) {
    it(`on manager ${JSON.stringify(set)}`, async () => {
      for (const revision of ['base', 'v1p5', 'v2p8']) await compare('manager', { revision, set });
    });
  }
});

describe('the search itself', () => {
  const world = worldOf('manager', { set: smallManager });

  it('refuses reductions, and properties that are not about runs', async () => {
    await expect(check(world, { symmetry: true })).rejects.toThrow(LivenessError);
    await expect(check(world, { symmetry: true })).rejects.toThrow('--no-symmetry');
    await expect(check(world, { por: true })).rejects.toThrow('--no-por');
    await expect(check(world, { properties })).rejects.toThrow('i-keysync says nothing about runs');
  });

  it('finds the same twice', async () => {
    const results = [];
    for (let i = 0; i < 2; i++) {
      const { seconds: _, memoryMiB: __, ...found } = await check(worldOf('deassign-hup'), { properties: all });
      results.push(JSON.stringify(found));
    }
    expect(results[0]).toBe(results[1]);
  });

  it('ends at limits as incomplete, and finds what a part shows', async () => {
    const held = await check(worldOf('manager'), { maxStates: 500 });
    expect([held.verdict, held.limit]).toEqual(['incomplete', 'states-limit']);
    const found = await check(world, { properties: [noStarvation], maxStates: 250 });
    expect([found.verdict, found.limit]).toEqual(['violated', 'states-limit']);
    const stopped = await check(worldOf('manager', { set: { producers: 3 } }), { signal: AbortSignal.abort() });
    expect([stopped.verdict, stopped.limit]).toEqual(['incomplete', 'interrupted']);
  });

  it('ends when interrupted after the states are found', async () => {
    const interruption = new AbortController();
    const found = await check(worldOf('manager', { set: { producers: 3 } }), {
      progress: ({ phase }) => phase === 'claims' && interruption.abort(),
      signal: interruption.signal,
    });
    expect([found.verdict, found.limit, found.states]).toEqual(['incomplete', 'interrupted', 84_087]);
  });

  it('reports how far it is', async () => {
    const phases = new Set<string>();
    await check(worldOf('manager', { set: { producers: 3 } }), { progress: ({ phase }) => phases.add(phase) });
    expect([...phases]).toEqual(['states', 'claims', 'runs']);
  });

  it('is known by name, but not checked by other searches, unless it says what must be so at an end, too', () => {
    for (const property of all) {
      expect(findProperty(property.id)).toBe(property);
      expect(property.state?.atEnd ?? true).toBe(true);
      expect([property.id, properties.includes(property)]).toEqual([property.id, property.state !== undefined]);
    }
    expect(all.filter(({ state }) => state !== undefined)).toEqual([wake, shutDown, bypassed]);
    expect(livenessProperties).toEqual([resume, unlock, irqfdsUnlock, wake, shutDown, bypassed, deliver]);
  });
});
