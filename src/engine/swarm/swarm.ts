// A swarm: many small searches of a world that differ from each other, and the union of what they find.
//
// Holzmann, Joshi, Groce, "Swarm Verification", ASE 2008: where one search cannot finish, many different bounded ones
// see more than one large one, and need not know of each other. Who runs the jobs is up to the caller.
import type { Property } from '../world/property.ts';
import type { World } from '../world/world.ts';
import type { CoverageEstimate, StateSample } from './seen-estimate.ts';
import { estimateCoverage } from './seen-estimate.ts';
import { messageAtEnd } from '../explorer/counterexamples/counterexample.ts';
import type { JobResult, SwarmFinding, SwarmJob } from './swarm-job.ts';
import { release } from './swarm-job.ts';
import { derivedSeed } from '../explorer/walks/walk.ts';
import { walkPolicies } from '../explorer/walks/walk-policies.ts';

/** How large the jobs of a swarm are. */
export interface SwarmSize {
  /** Steps of a job that walks, about. */
  readonly stepsPerJob?: number;
  /** States of a job that searches. */
  readonly maxStates?: number;
}

const STEPS_PER_JOB = 200_000;
const MAX_STATES = 20_000;

/** Lengths of walks, and random steps before searches: a job takes the next of them each time. */
const WALK_STEPS: readonly number[] = [50, 200, 1000];
const START_STEPS: readonly number[] = [10, 30, 100, 300];

/**
 * Plans a swarm: job k's seed is derived from the seed and k, kinds alternate. The first job searches from the initial
 * state: a small world is explored whole.
 *
 * @param model - what names the model to whoever can make its world
 * @param properties - what every job checks; jobs name them by id
 * @param count - how many jobs
 * @param seed - of the whole swarm, a whole number of which 32 bits count
 * @param size - how large the jobs are
 * @returns the jobs, numbered from 0
 */
export function planSwarm(
  model: SwarmJob['model'],
  properties: readonly Property[],
  count: number,
  seed: number,
  size: SwarmSize = {},
): SwarmJob[] {
  const { stepsPerJob = STEPS_PER_JOB, maxStates = MAX_STATES } = size;
  const kindOf = (number: number): SwarmJob['kind'] => {
    const turn = number % (1 + walkPolicies.length);
    const round = Math.floor(number / (1 + walkPolicies.length));
    const policy = walkPolicies[turn - 1];
    if (policy === undefined) {
      const startSteps = round === 0 ? 0 : (START_STEPS[(round - 1) % START_STEPS.length] as number);
      return { do: 'search', startSteps, maxStates };
    }
    const maxSteps = WALK_STEPS[round % WALK_STEPS.length] as number;
    return { do: 'walk', policy, walks: Math.ceil(stepsPerJob / maxSteps), maxSteps };
  };
  return Array.from({ length: count }, (_, number) => ({
    release: release(),
    number,
    model,
    properties: properties.map(({ id }) => id),
    seed: derivedSeed(seed, number),
    kind: kindOf(number),
  }));
}

/** What whoever runs the jobs is told to call. */
export interface JobEvents {
  readonly done: (result: JobResult) => void;
  /** A job that was tried several times and will not be tried again. */
  readonly failed: (job: number, reason: string) => void;
  readonly note: (text: string) => void;
}

/** Runs jobs, in any order and anywhere; ends when all are done or failed, or soon after the signal. */
export type JobRunner = (jobs: readonly SwarmJob[], events: JobEvents, signal: AbortSignal) => Promise<void>;

/** A violation that a swarm found, and the job that found it. */
export interface SwarmViolation extends SwarmFinding {
  readonly job: number;
}

/** Where a swarm stands, or what came of it. */
export interface SwarmReport {
  readonly verdict: 'holds' | 'violated' | 'incomplete';
  /** Has one of the jobs seen every reachable state? Otherwise `holds` means: nothing was found. */
  readonly isExhaustive: boolean;
  readonly jobs: number;
  readonly done: number;
  readonly failed: readonly { readonly job: number; readonly reason: string }[];
  /** One per violated property, shortest first. */
  readonly violations: readonly SwarmViolation[];
  readonly steps: number;
  /** Different states that were seen: by the job that has seen every state, where there is one (as far as it was reduced). */
  readonly states: number;
  /** Steps to the farthest state of that job; else of the longest way that a job went. */
  readonly depth: number;
  /** Properties that were never put to the test, where a job has seen every state. */
  readonly vacuous: readonly string[];
  /** Seconds of work, over all workers. */
  readonly workSeconds: number;
  /** Most states that one job saw. */
  readonly mostStates: number;
  /** Of the state space as walks see it, without symmetry. */
  readonly coverage: CoverageEstimate;
  /** Limits of the world that jobs met. */
  readonly limitMessages: readonly string[];
}

/** The union of what jobs found. The order in which they come makes no difference. */
export class SwarmUnion {
  readonly #jobs: number;
  readonly #properties: readonly Property[];
  readonly #freshWorld: () => World;
  readonly #results = new Map<number, Omit<JobResult, 'findings'>>();
  readonly #failed = new Map<number, string>();
  readonly #violations = new Map<string, SwarmViolation>();

  /** `freshWorld` makes the world of the jobs anew: what they report is taken again before it is believed. */
  constructor(jobs: number, properties: readonly Property[], freshWorld: () => World) {
    this.#jobs = jobs;
    this.#properties = properties;
    this.#freshWorld = freshWorld;
  }

  /** Enters a result; a second one of the same job changes nothing. */
  add(result: JobResult): void {
    const { findings, ...rest } = result;
    if (this.#results.has(rest.number)) return;
    for (const found of findings) {
      const job = rest.number;
      const known = this.#violations.get(found.property);
      if (known !== undefined && !isBetter(found.path.length, job, known)) continue;
      const property = this.#properties.find(({ id }) => id === found.property);
      const message =
        property === undefined ? null : messageAtEnd(this.#freshWorld(), found.path, property, found.alongside);
      if (message === null) {
        this.fail(job, `its counterexample to ${found.property} cannot be replayed`);
        return;
      }
      this.#violations.set(found.property, { ...found, message, job });
    }
    this.#results.set(rest.number, rest);
  }

  fail(job: number, reason: string): void {
    this.#failed.set(job, reason);
  }

  get report(): SwarmReport {
    const results = [...this.#results.values()].toSorted((one, other) => one.number - other.number);
    const order = this.#properties.map(({ id }) => id);
    const violations = [...this.#violations.values()].toSorted(
      (one, other) =>
        one.path.length - other.path.length || order.indexOf(one.property) - order.indexOf(other.property),
    );
    const whole = results.find((result) => result.isExhaustive);
    const limitMessages = [...new Set(results.flatMap(({ limitMessage }) => limitMessage ?? []))];
    const isDone = results.length === this.#jobs && limitMessages.length === 0;
    const coverage = estimateCoverage(
      results.flatMap(({ sample }): StateSample[] => (sample === null ? [] : [sample])),
    );
    const mostStates = Math.max(0, ...results.map(({ states }) => states));
    return {
      verdict: violations.length > 0 ? 'violated' : isDone ? 'holds' : 'incomplete',
      isExhaustive: whole !== undefined,
      jobs: this.#jobs,
      done: results.length,
      failed: [...this.#failed].map(([job, reason]) => ({ job, reason })).toSorted((a, b) => a.job - b.job),
      violations,
      steps: results.reduce((sum, { steps }) => sum + steps, 0),
      states: whole?.states ?? Math.max(coverage.seen, mostStates),
      depth: whole?.depth ?? Math.max(0, ...results.map(({ depth }) => depth)),
      workSeconds: results.reduce((sum, { seconds }) => sum + seconds, 0),
      vacuous: (whole?.vacuous ?? []).filter((id) => !violations.some(({ property }) => property === id)),
      mostStates,
      coverage,
      limitMessages,
    };
  }
}

/** Shorter, or as short and of an earlier job: then the union does not depend on who was first. */
function isBetter(steps: number, job: number, known: SwarmViolation): boolean {
  return steps < known.path.length || (steps === known.path.length && job < known.job);
}
