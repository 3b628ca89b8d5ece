// Swarms: jobs are reproducible, their union does not depend on order, the estimate of coverage is honest.
import { writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { estimateCoverage, FINGERPRINT_END, StateSampler } from '../../../src/engine/swarm/seen-estimate.ts';
import { explore } from '../../../src/engine/explorer/search/explore.ts';
import type { SwarmReport } from '../../../src/engine/swarm/swarm.ts';
import { SwarmUnion } from '../../../src/engine/swarm/swarm.ts';
import type { JobResult, SwarmJob } from '../../../src/engine/swarm/swarm-job.ts';
import { jobResult, RefusedJobError, runJob, swarmJob } from '../../../src/engine/swarm/swarm-job.ts';
import type { Assembled } from '../../../src/scenarios/assembled.ts';
import { assemble } from '../../../src/scenarios/assemble.ts';
import {
  KnownScenarios,
  referenceTo,
  swarmOf,
  UnknownScenarioError,
} from '../../../src/scenarios/files/known-scenarios.ts';
import { seeded } from '../../../src/engine/world/schedulers.ts';
import { isLong } from '../../sample.ts';
import { assembled } from '../assembled.ts';

function unionOf(count: number, chosen: Assembled, results: readonly JobResult[]): SwarmReport {
  const { id } = chosen.scenario;
  const fresh = () => assembled(id, { mutation: chosen.mutation?.id ?? null, set: chosen.parameters }).world;
  const union = new SwarmUnion(count, chosen.properties, fresh);
  for (const result of results) union.add(result);
  return union.report;
}

const untimed = (result: JobResult): object => ({ ...result, seconds: 0 });
const known = await KnownScenarios.of([]);
const small = { stepsPerJob: 10_000, maxStates: 500 };

async function runAll(jobs: readonly SwarmJob[]): Promise<JobResult[]> {
  const results: JobResult[] = [];
  for (const job of jobs) results.push(await runJob(JSON.parse(JSON.stringify(job)), known));
  return results;
}

describe('a job', () => {
  const model = assembled('manager', { mutation: 'm-no-roll-back' });
  const jobs = swarmOf(model, { builtin: 'manager' }, 8, 5, { stepsPerJob: 300, maxStates: 100 });

  it('is plain JSON, and so is its result; the same job gives the same bytes', async () => {
    expect(jobs.map((job) => swarmJob.parse(JSON.parse(JSON.stringify(job))))).toEqual(jobs);
    // One of each kind in npm test.
    const some = isLong ? jobs : jobs.slice(0, 4);
    const [once, again] = [await runAll(some), await runAll(some.toReversed())];
    expect(JSON.stringify(once.map(untimed))).toBe(JSON.stringify(again.toReversed().map(untimed)));
    for (const result of once) expect(jobResult.parse(JSON.parse(JSON.stringify(result)))).toEqual(result);
  });

  it('has a seed and a kind of its own', () => {
    expect(new Set(jobs.map(({ seed }) => seed)).size).toBe(8);
    expect(jobs.map(({ kind }) => (kind.do === 'walk' ? kind.policy : `search ${kind.startSteps}`))).toEqual([
      'search 0',
      'uniform',
      'priorities',
      'features',
      'search 10',
      'uniform',
      'priorities',
      'features',
    ]);
  });

  it('is refused where it is of another release, unknown, or no job', async () => {
    const [job] = jobs as [SwarmJob];
    await expect(runJob({ ...job, release: '0.0.1' }, known)).rejects.toThrow(RefusedJobError);
    await expect(runJob({ ...job, code: 'process.exit()' }, known)).rejects.toThrow('Unrecognized key: "code"');
    const asked = (model: object): Promise<JobResult> => runJob({ ...job, model: { ...job.model, ...model } }, known);
    await expect(asked({ scenario: { builtin: '../evil' } })).rejects.toThrow(UnknownScenarioError);
    await expect(asked({ scenario: { file: 'x.yaml', sha256: 'x' } })).rejects.toThrow('this names no scenario');
    await expect(asked({ code: 'process.exit()' })).rejects.toThrow('Unrecognized key: "code"');
    await expect(asked({ set: { producers: 1e9 } })).rejects.toThrow('from 0 to 64');
    await expect(asked({ mutation: 'b99' })).rejects.toThrow('unknown mutation');
    await expect(runJob({ ...job, properties: ['i-none'] }, known)).rejects.toThrow('unknown property');
    await expect(runJob(null, known)).rejects.toThrow('this is no job of a swarm');
  });

  it('of a scenario file runs only where that very file was given', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'irqbypass-swarm-'));
    const file = join(folder, 'own.yaml');
    writeFileSync(
      file,
      'scenario: own\neventfds: [e0]\nproducers: [p0]\nthreads:\n  t0: ["register_producer(p0, e0)"]\n',
    );
    const owner = await KnownScenarios.of([file]);
    const reference = referenceTo(file);
    const scenario = owner.find(reference);
    const [job] = swarmOf(assemble({ scenario }), reference, 1, 1) as [SwarmJob];
    expect(await runJob(job, owner)).toMatchObject({ isExhaustive: true });
    await expect(runJob(job, known)).rejects.toThrow(/scenario file own.yaml \(sha256 [0-9a-f]{12}\) was not given/);
    writeFileSync(
      file,
      'scenario: own\neventfds: [e0]\nproducers: [p0]\nthreads:\n  t0: ["register_producer(p0, NULL)"]\n',
    );
    await expect(runJob(job, await KnownScenarios.of([file]))).rejects.toThrow(UnknownScenarioError);
  });
});

describe('a swarm', () => {
  for (const mutation of ['m-lock-kept', 'b2', ...(isLong ? ['b24b', 'm-start-not-awaited', 'm-no-disconnect'] : [])]) {
    it(`finds what the explorer finds, nearly as short: ${mutation}`, async () => {
      const chosen = assembled('manager', { mutation });
      const { violations } = await explore(chosen.world, { properties: chosen.properties, symmetry: true });
      const jobs = swarmOf(chosen, { builtin: 'manager' }, 8, 1, small);
      const results = await runAll(jobs);
      const report = unionOf(8, chosen, results);
      expect(report.verdict).toBe('violated');
      expect(report.violations.map(({ property }) => property).toSorted()).toEqual(
        violations.map(({ property }) => property).toSorted(),
      );
      for (const { property, path } of report.violations) {
        const best = violations.find((one) => one.property === property)?.path.length ?? 0;
        expect(path.length).toBeLessThanOrEqual(best + 1);
      }
      expect(unionOf(8, chosen, results.toReversed())).toEqual({ ...report, workSeconds: expect.any(Number) });
    });
  }

  it('explores a small world whole', async () => {
    const chosen = assembled('pairing');
    const report = unionOf(4, chosen, await runAll(swarmOf(chosen, { builtin: 'pairing' }, 4, 1, small)));
    const { world, properties } = assembled('pairing');
    const { states, depth, vacuous } = await explore(world, { properties, por: true });
    expect(vacuous).toContain('i-notrace');
    const whole = { states, depth, vacuous };
    expect(report).toMatchObject({ verdict: 'holds', isExhaustive: true, ...whole, coverage: { seen: 73, share: 1 } });
  });

  it('says how far the job went that went farthest, where none has seen every state', async () => {
    const chosen = assembled('manager');
    const results = await runAll(swarmOf(chosen, { builtin: 'manager' }, 6, 1, { ...small, maxStates: 10 }));
    const { isExhaustive, depth } = unionOf(6, chosen, results);
    // Walks of a manager never end; the second round has walks of 200 steps.
    expect({ isExhaustive, depth }).toEqual({ isExhaustive: false, depth: 200 });
    expect(results.map((result) => result.depth)).toEqual([expect.any(Number), 50, 50, 50, expect.any(Number), 200]);
  });

  it('does not believe a counterexample that does not replay, and is incomplete without all results', async () => {
    const chosen = assembled('pairing');
    const [result] = (await runAll(swarmOf(chosen, { builtin: 'pairing' }, 1, 1, small))) as [JobResult];
    const findings = [{ property: 'i-nowarn', message: 'made up', path: [0, 0], foundAfter: 2 }];
    expect(unionOf(2, chosen, [{ ...result, findings }])).toMatchObject({
      verdict: 'incomplete',
      violations: [],
      failed: [{ job: 0, reason: 'its counterexample to i-nowarn cannot be replayed' }],
    });
  });
});

describe('the estimate of coverage', () => {
  const draw = (size: number, count: number, seed: number): StateSampler => {
    const int = seeded(seed);
    const sampler = new StateSampler(1024);
    // Members of a population, spread over the whole range.
    for (let i = 0; i < count; i++) sampler.add(int(0, size - 1) * Math.floor(FINGERPRINT_END / size));
    return sampler;
  };

  it('is near the truth where every state is as easy to reach', () => {
    const samples = [1, 2, 3, 4, 5, 6].map((seed) => draw(20_000, 6000, seed).sample);
    const { seen, reachable, share, isExact } = estimateCoverage(samples);
    expect(isExact).toBe(false);
    expect(Math.abs((reachable as number) - 20_000)).toBeLessThan(2500);
    expect(Math.abs(seen - 16_700)).toBeLessThan(1500);
    expect(share).toBeGreaterThan(0.75);
  });

  it('is unknown where too little was seen twice', () => {
    const unknown = { reachable: 'unknown', share: 'unknown', known: 'unknown' };
    expect(estimateCoverage([])).toMatchObject({ seen: 0, ...unknown });
    expect(estimateCoverage([draw(100, 90, 1).sample])).toMatchObject(unknown);
    expect(estimateCoverage([1, 2, 3].map((seed) => draw(1e9, 500, seed).sample))).toMatchObject(unknown);
  });

  it('is a lower bound on a real world: never more than there is, never less than was seen', async () => {
    const chosen = assembled('manager');
    const { states } = await explore(chosen.world, { properties: [], symmetry: false });
    for (const stepsPerJob of isLong ? [2000, 10_000, 50_000] : [2000, 10_000]) {
      const jobs = swarmOf(chosen, { builtin: 'manager' }, 12, 1, { stepsPerJob, maxStates: 10 });
      const { coverage } = unionOf(12, chosen, await runAll(jobs));
      expect(coverage.seen).toBeLessThanOrEqual(1.1 * states);
      expect(coverage.reachable).toBeGreaterThanOrEqual(coverage.seen);
      expect(coverage.reachable).toBeLessThanOrEqual(1.15 * states);
    }
  });
});
