// A job of a swarm: one small search of a world, as plain JSON, so that any process can run it. Same job, same result.
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { Property } from '../world/property.ts';
import { seeded } from '../world/schedulers.ts';
import type { Row } from '../world/world.ts';
import { World } from '../world/world.ts';
import { FINGERPRINT_END, StateSampler } from './seen-estimate.ts';
import { explore } from '../explorer/search/explore.ts';
import { fingerprintNumber } from '../explorer/walks/fingerprint.ts';
import type { Violation } from '../world/violation.ts';
import { minimise } from '../explorer/counterexamples/minimise.ts';
import { walk } from '../explorer/walks/walk.ts';
import { walkPolicies } from '../explorer/walks/walk-policies.ts';

const wholeNumber = (most: number) => z.int().min(0).max(most);
const identifier = z.string().max(200);

/** Limits on what a job may ask for. */
const MOST_WALKS = 10_000_000;
const MOST_STEPS = 100_000;
const MOST_STATES = 100_000_000;
const MOST_RUNS = 1000;

/** States that a job keeps to compare. */
const SAMPLE_SIZE = 1024;

const kind = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('walk'),
    policy: z.enum(walkPolicies),
    walks: wholeNumber(MOST_WALKS),
    maxSteps: wholeNumber(MOST_STEPS),
  }),
  z.strictObject({
    do: z.literal('search'),
    /** Random steps before the search; 0 searches from the initial state. */
    startSteps: wholeNumber(MOST_STEPS),
    maxStates: wholeNumber(MOST_STATES),
  }),
]);

/** What a job may be. */
export const swarmJob = z.strictObject({
  /** The version of irqbypass-lab that made it: another one may have other machines. */
  release: identifier,
  /** Its place in the swarm, from 0. */
  number: wholeNumber(1_000_000),
  /** What names the model to whoever can make its world. */
  model: z.record(identifier, z.unknown()),
  properties: z.array(identifier).max(1000),
  seed: wholeNumber(0xffff_ffff),
  kind,
});
/** A job, as plain JSON: what is searched for, in which world, from which seed. */
export type SwarmJob = z.infer<typeof swarmJob>;

const pathOfChoices = z.array(wholeNumber(0xffff)).max(2 * MOST_STEPS);

const finding = z.strictObject({
  property: identifier,
  message: z.string(),
  /** Indexes into `choices` of each state on the way, in a fresh world. */
  path: pathOfChoices,
  /** Paths of other runs that show the rest of what is wrong. */
  alongside: z.array(pathOfChoices).max(MOST_RUNS).optional(),
  /** Steps before the way was made short. */
  foundAfter: wholeNumber(2 * MOST_STEPS),
});
/** A violation that a job found, and a way there. */
export type SwarmFinding = z.infer<typeof finding>;

/** What comes of a job. */
export const jobResult = z.strictObject({
  number: wholeNumber(1_000_000),
  findings: z.array(finding),
  steps: z.int(),
  /** Steps from the initial state to where this job went farthest: of its longest walk, or before and in its search. */
  depth: z.int(),
  /** Different states that this job saw. */
  states: z.int(),
  /** Has the job seen every reachable state? */
  isExhaustive: z.boolean(),
  /** Properties that were never put to the test, where the job has seen every state. */
  vacuous: z.array(identifier),
  /** A limit of the world that the job met. */
  limitMessage: z
    .string()
    .max(1000)
    .regex(/^\P{Cc}*$/u)
    .nullable(),
  /** States to compare with those of other jobs; null where the job did not walk. */
  sample: z
    .strictObject({
      bound: z.number().min(0).max(FINGERPRINT_END),
      fingerprints: z.array(z.int()).max(SAMPLE_SIZE).readonly(),
    })
    .nullable(),
  seconds: z.number(),
});
/** What came of a job: its findings, counts, and states to compare with those of other jobs. */
export type JobResult = z.infer<typeof jobResult>;

/** A job that this process must not or cannot run. */
export class RefusedJobError extends Error {
  override readonly name = 'RefusedJobError';
}

let known: string | undefined;

/** The version of irqbypass-lab that runs. */
export function release(): string {
  const read = (): string => readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  known ??= (JSON.parse(read()) as { readonly version: string }).version;
  return known;
}

const MINIMISE_STEPS = 100_000;

/** A world with the properties that are asked of it. */
export interface Model {
  readonly world: World;
  readonly properties: readonly Property[];
}

/** Makes the worlds that jobs name. Nothing that comes with a job is ever run as code. */
export interface ModelSource {
  /** The world of a job, fresh. Throws where the model is not known. */
  modelOf(model: SwarmJob['model'], properties: readonly string[]): Model;
}

/**
 * Runs a job in this process, and shortens each counterexample that is a single run.
 *
 * @param given - the job as it came from elsewhere: its shape is checked
 * @param source - makes the world that the job names
 * @returns findings and counts; the same for the same job, but for the seconds
 * @throws RefusedJobError for a job of another release or shape, and what the source throws
 */
export async function runJob(given: unknown, source: ModelSource): Promise<JobResult> {
  const started = performance.now();
  const parsed = swarmJob.safeParse(given);
  if (!parsed.success) throw new RefusedJobError(`this is no job of a swarm: ${z.prettifyError(parsed.error)}`);
  const job = parsed.data;
  if (job.release !== release())
    throw new RefusedJobError(`the job is of irqbypass-lab ${job.release}, this worker is ${release()}`);
  const model = source.modelOf(job.model, job.properties);
  const { world, properties } = model;
  const run = job.kind.do === 'walk' ? await runWalks(job, job.kind, model) : await runSearch(job, job.kind, model);
  const findings = run.findings.map(({ property, message, path, alongside = [] }): SwarmFinding => {
    const broken = properties.find(({ id }) => id === property);
    if (broken === undefined) throw new RangeError(`no property ${property}`);
    // What several runs show together cannot be seen in one of them.
    if (alongside.length > 0)
      return {
        property,
        message,
        path: [...path],
        alongside: alongside.map((one) => [...one]),
        foundAfter: path.length,
      };
    const short = minimise(world, path, broken, { maxSteps: MINIMISE_STEPS });
    return { property, message: short.message, path: [...short.path], foundAfter: path.length };
  });
  return { number: job.number, ...run, findings, seconds: (performance.now() - started) / 1000 };
}

interface JobRun extends Pick<
  JobResult,
  'steps' | 'depth' | 'states' | 'isExhaustive' | 'vacuous' | 'limitMessage' | 'sample'
> {
  readonly findings: readonly Violation[];
}

type Kind<K extends SwarmJob['kind']['do']> = Extract<SwarmJob['kind'], { readonly do: K }>;

async function runWalks({ seed }: SwarmJob, options: Kind<'walk'>, { world, properties }: Model): Promise<JobRun> {
  const sampler = new StateSampler(SAMPLE_SIZE);
  const { policy, walks, maxSteps } = options;
  const newState = (low: number, high: number): void => sampler.add(fingerprintNumber(low, high));
  const found = await walk(world, { properties, seed, policy, walks, maxSteps, newState });
  return {
    findings: found.findings,
    steps: found.steps,
    depth: found.depth,
    states: found.states,
    isExhaustive: false,
    vacuous: [],
    limitMessage: found.limitMessage ?? null,
    sample: sampler.sample,
  };
}

/** A world that starts in another state. */
class StartedWorld extends World {
  readonly #start: Row;

  constructor(world: World, start: Row) {
    super(world.definition, world);
    this.#start = start;
  }

  override initial(): Row {
    return this.#start.slice();
  }
}

async function runSearch({ seed }: SwarmJob, options: Kind<'search'>, { world, properties }: Model): Promise<JobRun> {
  const { startSteps, maxStates } = options;
  const int = seeded(seed);
  const start: number[] = [];
  let row = world.initial();
  while (start.length < startSteps) {
    const choices = world.choices(row);
    const index = choices.length === 0 ? 0 : int(0, choices.length - 1);
    const choice = choices[index];
    if (choice === undefined) break;
    row = world.step(row, choice).row;
    start.push(index);
  }
  const from = startSteps === 0 ? world : new StartedWorld(world, row);
  const found = await explore(from, {
    properties,
    maxStates,
    hashSeed: seed | 0,
    // What is interchangeable at the start no longer is on the way.
    symmetry: startSteps === 0,
    por: startSteps === 0,
  });
  const isExhaustive = startSteps === 0 && found.limit === undefined;
  return {
    findings: found.violations.map(({ property, message, path, alongside }) => ({
      property,
      message,
      path: [...start, ...path],
      ...(alongside === undefined ? {} : { alongside: alongside.map((one) => [...start, ...one]) }),
    })),
    steps: start.length + found.transitions,
    depth: start.length + found.depth,
    states: found.states,
    isExhaustive,
    vacuous: isExhaustive ? [...found.vacuous] : [],
    limitMessage: found.limitMessage ?? null,
    sample: null,
  };
}
