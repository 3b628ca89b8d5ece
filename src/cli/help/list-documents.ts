// JSON Schemas of what irqbypass list prints.
import * as z from 'zod';
import { flag, number, parameters, text, texts } from './shapes.ts';

const listed = { id: z.string(), title: z.string() } as const;
const setting = parameters.optional().describe('parameters that are not the usual ones');
const scenarios = z.array(
  z.strictObject({
    ...listed,
    description: z.string(),
    callers: z.string().optional().describe('of a misuse: whether a caller in Linux can do it'),
    parameters: parameters.describe('default values; the type of each is the type that --set must give'),
    architectures: texts('values that its parameter arch has; empty where it has none'),
    properties: texts('ids of the properties that a search of it checks by default'),
    mutations: texts('ids of the bugs that are shown in it'),
    verdicts: z
      .array(
        z.strictObject({
          revision: z.string(),
          arch: z.string().optional(),
          verdict: z.enum(['holds', 'violated', 'incomplete']),
          limit: z.string().optional(),
          states: number('with the usual reductions'),
          transitions: number('with the usual reductions'),
          depth: z.int(),
          violated: z.array(z.strictObject({ property: z.string(), steps: z.int() })),
        }),
      )
      .describe('what a search with the usual parameters finds, revision by revision; none of a scenario of a file'),
  }),
);
const revisions = z.array(
  z.strictObject({
    ...listed,
    where: text('the kernels that have it'),
    aliases: z.array(z.string()),
    source: text('commit or mail'),
    policy: z
      .record(z.string(), z.union([z.string(), z.boolean(), z.record(z.string(), z.boolean())]))
      .describe('what distinguishes it from others'),
  }),
);
const mutations = z.array(
  z.strictObject({
    ...listed,
    source: text('commit or mail where the bug was, or why it was invented'),
    shown: z.array(
      z.strictObject({
        scenario: z.string(),
        revision: z.string(),
        set: setting,
        parameters: parameters.describe('the same with the usual ones'),
        arch: z.string().optional(),
        breaks: texts('ids of the properties that it violates there'),
        property: z.string().optional().describe('the first of them'),
        steps: z
          .int()
          .optional()
          .describe('shortest counterexample of that one; none where only infinite runs violate it'),
        command: text('the arguments of irqbypass that show it'),
      }),
    ),
  }),
);
const properties = z.array(
  z.strictObject({
    ...listed,
    group: z.string().optional().describe('what it is about; none of a property that a script brings'),
    about: z
      .array(z.enum(['states', 'steps', 'gathered', 'deadlock', 'runs']))
      .describe('of what it is a claim; runs are infinite ones: --liveness'),
    needs: flag('does it speak only of worlds that have what it is about?'),
    checkedBy: z.enum(['every search', '--liveness', '--property']).describe('what checks it where nothing is named'),
    scenarios: texts('ids of the built-in scenarios that check it by default'),
    mutations: texts('ids of the bugs that violate it'),
  }),
);
const machines = z.array(
  z.strictObject({
    ...listed,
    wiring: z.record(z.string(), z.union([z.string(), z.array(z.string())])).describe('kinds of actors by role'),
    calls: texts('calls that threads may make to it'),
    states: number('states of its chart, the top one included'),
    takes: texts('types of the messages that some state takes'),
    subsystem: z.string().optional().describe('folder under src/machines, or registry; none of a script’s own'),
    source: z.string().optional().describe('file of this project that declares it'),
  }),
);

/** Schemas by the words that follow `irqbypass`. */
export const listDocuments = {
  'list scenarios': scenarios,
  'list revisions': revisions,
  'list mutations': mutations,
  'list properties': properties,
  'list machines': machines,
  'list schema': z.looseObject({ $schema: z.string() }).describe('the JSON Schema of scenario files'),
} as const;
