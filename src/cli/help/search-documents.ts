// JSON Schemas of what run, explore and diagram print.
import * as z from 'zod';
import { figure, flag, number, selection, text, texts, trace, violations } from './shapes.ts';

const verdict = z.enum(['holds', 'violated', 'incomplete']);
const runViolation = z.strictObject({
  property: z.string(),
  message: z.string(),
  step: z.int().describe('after this step'),
});
const scheduled = {
  ...selection,
  scheduler: text('fifo, random or pct'),
  seed: number('seed of random and pct'),
  steps: number('length of the run'),
  violation: runViolation.optional(),
} as const;

const run = z.strictObject({ ...scheduled, verdict: z.enum(['holds', 'violated']), trace });
const storm = z.strictObject({
  ...scheduled,
  verdict,
  limit: z.enum(['interrupted', 'memory-limit', 'steps-limit']).optional(),
  mutexKept: z.literal(true).optional().describe('the manager never gave the mutex back'),
  properties: texts('that were checked'),
  actors: z.int(),
  messages: z.int(),
  machineCalls: number('how often XState was asked'),
  peakNodes: number('nodes of both xarrays, at most'),
  seconds: z.number(),
  messagesPerSecond: z.number(),
  memoryMiB: z.number(),
  trace: trace.describe('the last steps, up to 50'),
});

/** Keys of every search; `violation` is what that kind of search says of a counterexample. */
const search = <V extends z.ZodRawShape>(violation: V) =>
  ({
    ...selection,
    verdict,
    limit: z
      .enum([
        'states-limit',
        'memory-limit',
        'seconds-limit',
        'depth-limit',
        'world-limit',
        'interrupted',
        'checkpoint-failed',
        'jobs-failed',
        'redis-lost',
      ])
      .optional()
      .describe('what ended the search'),
    states: z.int(),
    transitions: z.int(),
    depth: number('steps to the farthest state'),
    seconds: z.number(),
    statesPerSecond: z.int(),
    memoryMiB: z.number().optional(),
    workers: z.int().nullable().describe('threads or processes; null over Redis'),
    reductions: z.strictObject({ symmetry: z.boolean(), por: z.boolean() }),
    properties: texts('ids of the properties that were checked'),
    vacuous: texts('those that were never put to the test'),
    violation: z
      .strictObject({ ...violation, trace })
      .optional()
      .describe('the shortest counterexample'),
    otherViolations: z.array(z.strictObject(violation)).optional().describe('of the other properties, without traces'),
    counterexamples: z
      .array(z.strictObject({ ...violation, trace }))
      .optional()
      .describe('with --traces: all that were kept'),
  }) as const;

const machineCoverage = {
  transitions: number('transitions of the machines'),
  neverTaken: z.array(z.string()),
  guards: z.int(),
  neverSeen: texts('outcomes of guards'),
  marks: number('branches of the kernel’s code that are looked for'),
  neverMet: texts('marks'),
} as const;

const exploreStates = z.strictObject({
  ...search(violations.states),
  representative: z.enum(['exact', 'heuristic']).optional().describe('with symmetry: how a state stands for its orbit'),
  symmetryLeftOut: z.string().optional().describe('why symmetry was not used'),
  bytesPerState: figure('what a stored state costs'),
  machineCalls: number('calls of XState’s transition function'),
  coverage: z.strictObject({ ...machineCoverage, isReduced: flag('did partial order leave steps out?') }),
  growing: z
    .array(z.strictObject({ name: z.string(), values: z.int() }))
    .optional()
    .describe('what still took new values when a limit ended the search'),
});
const unknownOr = z.union([z.number(), z.literal('unknown')]);
const exploreSwarm = z.strictObject({
  ...search(violations.swarm),
  exhaustive: flag('has one job seen every state?'),
  swarm: z.strictObject({
    seed: z.int(),
    jobs: z.int(),
    done: z.int(),
    failed: z.array(z.strictObject({ job: z.int(), reason: z.string() })),
  }),
  coverage: z.strictObject({
    jobs: number('jobs that were compared'),
    seen: number('different states that they have seen'),
    isExact: z.boolean(),
    reachable: unknownOr.describe('lower bound on what such jobs reach'),
    share: unknownOr,
    known: unknownOr,
  }),
});

const exploreRuns = z.strictObject(search(violations.runs));
const ui = z.strictObject({ url: text('where the page is served'), scripts: texts('files that the page shows first') });

/** Schemas by the words that follow `irqbypass`. */
export const searchDocuments = {
  run,
  'run storm': storm,
  explore: exploreStates,
  'explore --liveness': exploreRuns,
  'explore --swarm': exploreSwarm,
  report: exploreStates,
  'report --liveness': exploreRuns,
  'report --swarm': exploreSwarm,
  ui,
} as const;
