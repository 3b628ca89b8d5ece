// What properties gather over a whole search: found by every kind of search, with runs that show it when they are taken again.
import { describe, expect, it } from 'vitest';
import { messageAtEnd } from '../../../src/engine/explorer/counterexamples/counterexample.ts';
import { minimise, NoCounterexampleError } from '../../../src/engine/explorer/counterexamples/minimise.ts';
import { nodeHost } from '../../../src/engine/explorer/threads/node-host.ts';
import type { Exploration, ExploreOptions } from '../../../src/engine/explorer/search/explore.ts';
import { explore } from '../../../src/engine/explorer/search/explore.ts';
import type { SearchSnapshot } from '../../../src/engine/explorer/search/snapshot.ts';
import { walk } from '../../../src/engine/explorer/walks/walk.ts';
import { planSwarm, SwarmUnion } from '../../../src/engine/swarm/swarm.ts';
import { runJob } from '../../../src/engine/swarm/swarm-job.ts';
import { runOnce } from '../../../src/engine/traces/run-once.ts';
import type { Property } from '../../../src/engine/world/property.ts';
import { createScheduler } from '../../../src/engine/world/schedulers.ts';
import type { World } from '../../../src/engine/world/world.ts';
import { go } from '../../../src/scenarios/calls.ts';
import type { Script } from '../../../src/scenarios/define.ts';
import { assembled, does } from '../../machines/kernel/litmus.ts';

const mutexes = (...names: string[]) => names.map((name) => ({ name, machine: 'mutex' }));
const nested = (...names: string[]) => [
  ...names.map((name) => does('mutex_lock', name)),
  ...names.toReversed().map((name) => does('mutex_unlock', name)),
];

/** Two locks in both orders under a third one: no run deadlocks, each shows both orders in the end. */
const guarded: Script = {
  actors: mutexes('m0', 'm1', 'm2'),
  threads: { t0: nested('m2', 'm0', 'm1'), t1: nested('m2', 'm1', 'm0') },
};
/** One order or the other, as a condition is: no run shows both. */
const eitherOr: Script = {
  actors: [...mutexes('m0', 'm1'), { name: 'q0', machine: 'wait-queue' }],
  threads: {
    t0: [
      go(does('test_condition', 'q0'), { ok: 1, error: 3 }),
      does('mutex_lock', 'm0'),
      go(does('mutex_lock', 'm1'), { ok: 9 }),
      does('mutex_lock', 'm1'),
      does('mutex_lock', 'm0'),
    ],
    t1: [does('set_condition', 'q0', { value: true })],
  },
};

function modelOf(script: Script): {
  readonly world: World;
  readonly property: Property;
  readonly properties: Property[];
} {
  const { world, properties } = assembled(script, ['i-lockorder', 'l-term']);
  const [property] = properties;
  if (property === undefined) throw new Error('no property');
  return { world, property, properties: [...properties] };
}

async function found(script: Script, options: Partial<ExploreOptions> = {}): Promise<Exploration> {
  const { world, properties } = modelOf(script);
  const exploration = await explore(world, { properties, host: nodeHost, ...options });
  // Taken again in a world that has met nothing, the runs show what is said.
  for (const { property, path, message, alongside } of exploration.violations) {
    const asked = properties.find(({ id }) => id === property) as Property;
    expect(messageAtEnd(modelOf(script).world, path, asked, alongside)).toBe(message);
  }
  return exploration;
}

const violated = ({ violations }: Exploration): unknown =>
  violations.map(({ property, path }) => [property, path.length]);

describe('a search', () => {
  it('finds what runs show together, with the fewest runs that do', async () => {
    const one = await found(guarded);
    expect(violated(one)).toEqual([['i-lockorder', 5]]);
    expect(one.violations[0]?.alongside).toHaveLength(1);
    const other = await found(eitherOr);
    expect(other.violations).toHaveLength(1);
    expect(other.violations[0]?.alongside).toHaveLength(1);
  });

  it('says nothing alongside where one run shows it all', async () => {
    const alone = { actors: mutexes('m0', 'm1'), threads: { t0: [...nested('m0', 'm1'), ...nested('m1', 'm0')] } };
    const one = await found(alone);
    expect(one.violations.map(({ alongside }) => alongside)).toEqual([undefined]);
    const self = await found({ actors: mutexes('m0'), threads: { t0: nested('m0', 'm0') } });
    expect(self.violations.find(({ property }) => property === 'i-lockorder')?.alongside).toBeUndefined();
  });

  it('finds the same with reductions, with more threads, depth-first, and in one that ends at the first', async () => {
    const plain = violated(await found(guarded));
    for (const options of [
      { por: true },
      { workers: 2, shareAt: 2 },
      { workers: 2, shareAt: 2, por: true },
      { stopAtFirst: true },
    ])
      expect({ options, violated: violated(await found(guarded, options)) }).toEqual({ options, violated: plain });
    const deep = await found(guarded, { order: 'depth-first' });
    expect(deep.violations.map(({ property }) => property)).toEqual(['i-lockorder']);
    const many = await found(guarded, { traces: { atMost: 9, distinctBy: 'final' } });
    expect(many.counterexamples.length).toBeGreaterThanOrEqual(1);
  });

  it('finds it with symmetry where what is merged shows one order only', async () => {
    const script: Script = {
      ...guarded,
      interchangeable: [
        [
          ['t0', 'm0'],
          ['t1', 'm1'],
        ],
      ],
    };
    const plain = await found(script);
    for (const options of [{ symmetry: true }, { symmetry: true, por: true }]) {
      const one = await found(script, options);
      expect(one.symmetry).toBe(true);
      expect(one.states).toBeLessThan(plain.states);
      expect(violated(one)).toEqual(violated(plain));
    }
  });

  it('goes on with what it had gathered when it is resumed', async () => {
    const whole = await found(guarded);
    for (const por of [false, true]) {
      for (let stop = 2; stop < whole.states; stop += 3) {
        let saved: SearchSnapshot | undefined;
        const checkpoint = { isDue: () => false, save: (one: SearchSnapshot) => void (saved = structuredClone(one)) };
        const first = await found(guarded, { maxStates: stop, checkpoint, por });
        const last =
          first.limit === undefined
            ? first
            : await found(guarded, { por, ...(saved === undefined ? {} : { resume: saved }) });
        expect({ stop, violated: violated(last) }).toEqual({ stop, violated: violated(whole) });
      }
    }
  });
});

describe('single runs', () => {
  it('gather what they show themselves', async () => {
    const { world, properties, property } = modelOf(guarded);
    const run = await runOnce(world, createScheduler('fifo', world, 1), properties, 100);
    expect(run).toMatchObject({ verdict: 'violated', violation: { property: 'i-lockorder' } });
    expect(await runOnce(world, createScheduler('fifo', world, 1), [property], 8)).toMatchObject({ verdict: 'holds' });
    const other = modelOf(eitherOr);
    for (let seed = 1; seed < 9; seed++)
      expect(
        await runOnce(other.world, createScheduler('random', other.world, seed), other.properties, 100),
      ).toMatchObject({ verdict: 'holds' });
  });

  it('are walked from the beginning each time', async () => {
    const { world, properties } = modelOf(guarded);
    const walks = await walk(world, { properties, seed: 1, walks: 50, maxSteps: 50 });
    expect(walks.findings.map(({ property }) => property)).toEqual(['i-lockorder']);
    const path = walks.findings[0]?.path ?? [];
    expect(messageAtEnd(modelOf(guarded).world, path, properties[0] as Property)).toBe(walks.findings[0]?.message);
    const other = modelOf(eitherOr);
    expect(
      (await walk(other.world, { properties: other.properties, seed: 1, walks: 200, maxSteps: 50 })).findings,
    ).toEqual([]);
  });

  it('are made short where they show it alone', async () => {
    const { world, properties, property } = modelOf(guarded);
    const walks = await walk(world, { properties, seed: 3, walks: 50, maxSteps: 50 });
    const path = walks.findings[0]?.path ?? [];
    const short = minimise(world, path, property);
    expect(messageAtEnd(modelOf(guarded).world, short.path, property)).toBe(short.message);
    // Three locks and as many unlocks of one thread, then three locks of the other, the last not had.
    expect(short.path).toHaveLength(9 + 5);
    const search = await explore(world, { properties });
    expect(() => minimise(world, search.violations[0]?.path ?? [], property)).toThrow(NoCounterexampleError);
  });
});

it('a swarm believes what several runs show when it has taken them again', async () => {
  for (const script of [guarded, eitherOr]) {
    const { properties } = modelOf(script);
    const jobs = planSwarm({}, properties, 4, 1, { stepsPerJob: 500, maxStates: 500 });
    const union = new SwarmUnion(jobs.length, properties, () => modelOf(script).world);
    for (const job of jobs) union.add(await runJob(job, { modelOf: () => modelOf(script) }));
    expect(union.report).toMatchObject({
      verdict: 'violated',
      failed: [],
      violations: [{ property: 'i-lockorder', job: 0 }],
    });
  }
});
