// JSON Schemas of what the commands print that are about real kernels, their logs, tests of them, and cost.
import * as z from 'zod';
import { difference, figure, flag, number, scope, text, texts } from './shapes.ts';

const replay = z.strictObject({
  files: z.int(),
  sequences: z.int(),
  operations: z.int(),
  agreed: z.int(),
  diverged: z.array(
    z.strictObject({
      file: z.string(),
      sequence: number('its own number; 0 for a trace, which is one sequence'),
      operation: number('place in its sequence, from 0'),
      field: text('which observation'),
      expected: z.unknown().describe('absent where there was to be nothing'),
      actual: z.unknown().describe('absent where there is nothing'),
      differences: z
        .array(z.strictObject({ path: z.string(), expected: z.unknown(), actual: z.unknown() }))
        .describe('where within the field the two differ'),
    }),
  ),
  errors: z
    .array(z.strictObject({ file: z.string(), line: z.int(), code: z.string(), message: z.string() }))
    .describe('lines that cannot be read: exit code 2'),
});

const scenarioRow = z.strictObject({ scenario: z.string(), from: z.array(z.string()), to: z.array(z.string()) });
const diff = z.strictObject({
  from: z.string(),
  to: z.string(),
  equivalent: flag('no difference, and everything was looked at'),
  complete: z.boolean(),
  calls: z.int().nullable().describe('sequences of at most so many calls'),
  limit: z.string().optional(),
  states: z.int(),
  transitions: z.int(),
  seconds: z.number(),
  differences: z.array(difference),
  scenarios: z
    .strictObject({
      broken: z.array(scenarioRow).describe('violated by the second one only'),
      mended: z.array(scenarioRow),
      changed: z.array(scenarioRow),
      asBefore: z.array(z.string()),
    })
    .nullable()
    .describe('what the built-in scenarios say of two revisions; null between others'),
});

const conform = z.strictObject({
  tree: z.string(),
  behavesLike: z.string().nullable().describe('id of a revision'),
  nearest: text('id of the revision that it was compared with'),
  states: z.int(),
  transitions: z.int(),
  seconds: z.number(),
  complete: z.boolean(),
  limit: z.string().optional(),
  agreed: z.boolean(),
  differences: z.array(difference),
  coverage: z.strictObject({
    lines: figure('share of the lines of irqbypass.c'),
    branches: z.number(),
    missedLines: z.array(z.int()),
    missedBranches: z.array(z.int()),
  }),
  sanitizers: z.array(z.string()),
  xarray: z.enum(['tree', 'shim']).nullable(),
  whyShim: z.string().optional(),
  sets: flag('can its sets be seen?'),
  parts: z.array(
    z.strictObject({
      title: z.string(),
      scope,
      lacks: z.unknown().optional().describe('callbacks that structs do without'),
      hasIrqs: z.boolean().optional(),
      callers: z.enum(['clean', 'raw']),
      states: z.int(),
      transitions: z.int(),
      seconds: z.number(),
      complete: z.boolean(),
    }),
  ),
});

const generate = z.strictObject({
  what: z.enum(['kunit', 'vitest', 'traces', 'rv', 'host', 'bpftrace', 'ftrace']),
  revision: z.string(),
  coverage: z.enum(['states', 'transitions', 'pairs']).nullable(),
  states: z.int().optional().describe('of the graph of calls, or of the automaton'),
  transitions: z.int().optional(),
  events: z.int().optional().describe('rv'),
  sequences: z.int().optional(),
  steps: z.int().optional(),
  optimum: z.int().optional().describe('there is no way with fewer steps'),
  calls: z.int().optional().describe('host'),
  probes: z.int().optional().describe('bpftrace, ftrace'),
  stages: z
    .array(
      z.strictObject({
        calls: z.array(
          z.strictObject({
            op: z.string(),
            object: z.string(),
            argument: z.string().nullable().optional(),
            thread: z.string(),
          }),
        ),
      }),
    )
    .optional()
    .describe('--from: calls that are made at once'),
  cannotTell: z.string().nullable().optional().describe('--from: a property that the case does not look at'),
  files: texts('paths of what was written'),
});

const checkLog = z.strictObject({
  file: z.string(),
  format: z.enum(['ftrace', 'trace-cmd', 'perf', 'bpftrace', 'dmesg']),
  revision: z.string(),
  events: z.int(),
  objects: number('producers and consumers whose addresses were seen'),
  verdict: z.enum(['accepted', 'rejected', 'inconclusive']),
  rejected: z.array(z.strictObject({ line: z.int(), text: z.string(), why: z.string(), expected: z.string() })),
  lost: z.int().nullable().describe('events that the log says were lost; null where it does not say how many'),
  truncated: z.boolean(),
  reasons: z.array(z.string()),
  evidence: z
    .array(z.strictObject({ line: z.int(), about: z.string(), text: z.string() }))
    .describe('kernel messages about irqbypass: no verdict'),
});

const ended = z.enum(['interrupted', 'seconds-limit', 'guest']).nullable().describe('why not everything was played');
const hostDifference = z.strictObject({
  sequence: z.string(),
  calls: z.array(z.string()),
  field: z.enum(['returns', 'manager', 'signals', 'play']),
  world: z.string(),
  kernel: z.string(),
});
const hostCheck = z.strictObject({
  kernels: z.array(
    z.strictObject({
      kernel: z.string(),
      release: z.string().nullable(),
      revision: z.string(),
      sequences: z.int(),
      calls: z.int(),
      agreed: z.int(),
      differences: z.array(
        z.strictObject({ id: z.string(), summary: z.string(), count: z.int(), shortest: hostDifference }),
      ),
      logs: z.strictObject({ accepted: z.int(), rejected: z.int(), inconclusive: z.int() }),
      rejected: z.array(z.string()),
      skipped: texts('probes that this kernel has not'),
      warnings: texts('sequences with kernel warnings'),
      ended,
      seconds: z.number(),
    }),
  ),
});
const hostRun = z.strictObject({
  kernel: z.string(),
  revision: z.string(),
  release: z.string().nullable(),
  skipped: z.array(z.string()),
  ended,
  seconds: z.number(),
  sequences: z.array(z.strictObject({ name: z.string(), status: z.int(), log: checkLog.nullable() })),
});
const hostSetup = z.strictObject({ folder: z.string(), kernels: z.array(z.string()), missing: z.array(z.string()) });

const distribution = z
  .strictObject({
    count: z.number(),
    avg: z.number(),
    min: z.number(),
    p50: z.number(),
    p95: z.number(),
    p99: z.number(),
    max: z.number(),
  })
  .meta({ id: 'distribution', description: 'nanoseconds' });
const scale = z.strictObject({
  irqfds: z.array(z.int()),
  cpus: z.int(),
  index: z.array(z.string()),
  layout: z.string(),
  producers: z.string(),
  seed: z.int(),
  verdict: z.enum(['done', 'incomplete']),
  limit: z.enum(['interrupted', 'memory-limit']).optional(),
  series: z
    .array(
      z.strictObject({
        index: z.string(),
        irqfds: z.int(),
        oneMore: figure('nanoseconds: one more consumer registered and unregistered'),
        random: figure('nanoseconds: a random consumer unregistered and registered again'),
        fromEmpty: z.number().optional().describe('nanoseconds a consumer: all of them, and back'),
        objects: z.int(),
        kernelBytes: figure('for each registered object'),
        nodes: z.number(),
        processBytes: z.number().optional(),
      }),
    )
    .optional()
    .describe('measured; not of a published workload'),
  crossover: z.number().nullable().optional().describe('from how many irqfds on the xarray is faster than the list'),
  contention: z.strictObject({
    workload: z.record(z.string(), z.union([z.string(), z.number()])),
    costs: z.record(z.string(), z.union([z.number(), z.record(z.string(), z.number())])).describe('nanoseconds'),
    results: z.array(
      z.strictObject({
        index: z.string(),
        isComplete: z.boolean(),
        irqfds: z.int(),
        elapsed: z.number(),
        contended: z.int(),
        wait: distribution,
        operation: distribution,
        creation: distribution,
        waits: z.array(z.strictObject({ from: z.number(), count: z.int() })),
        handOffs: z.int(),
        wakeUps: z.int(),
        messages: z.int(),
        machineCalls: z.int(),
        published: z.array(
          z.strictObject({
            what: z.string(),
            statistic: z.string(),
            value: z.number(),
            isInput: z.literal(true).optional(),
            ratio: z.number().optional(),
          }),
        ),
      }),
    ),
  }),
});

/** Schemas by the words that follow `irqbypass`. */
export const kernelDocuments = {
  replay,
  diff,
  conform,
  generate,
  'check-log': checkLog,
  'host setup': hostSetup,
  'host run': hostRun,
  'host check': hostCheck,
  scale,
  worker: z.strictObject({ done: number('jobs'), failedAttempts: z.int() }),
} as const;
