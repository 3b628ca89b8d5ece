// Shapes that several JSON documents share: what was chosen, a step of a trace, a violation, a difference.
import * as z from 'zod';

/** A whole number from 0 upwards. */
export const number = (about: string): z.ZodNumber => z.number().int().min(0).describe(about);

/** A number of any kind, as seconds or a share. */
export const figure = (about: string): z.ZodNumber => z.number().describe(about);

/** A text. */
export const text = (about: string): z.ZodString => z.string().describe(about);

/** Texts. */
export const texts = (about: string): z.ZodArray<z.ZodString> => z.array(z.string()).describe(about);

/** Yes or no. */
export const flag = (about: string): z.ZodBoolean => z.boolean().describe(about);

/** Parameters of a scenario. */
export const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** First keys of every document about a world. */
export const selection = {
  scenario: text('id of the scenario'),
  parameters: parameters.describe('parameters of the scenario, the usual ones included'),
  revision: text('id of the revision of the manager'),
  mutation: z.string().nullable().describe('the bug that was put in'),
} as const;

/** What is sent: its type, and fields of its own. */
export const message = z
  .looseObject({ type: z.string() })
  .meta({ id: 'message', description: 'a message: its type, and the fields that its machine gives it' });

/** What a step shows. */
export const observation = z.looseObject({ kind: z.string() }).meta({
  id: 'observation',
  description: 'call, return, callback, interrupt, warn, ...: its kind, and fields of that kind',
});

/** One step of a run. */
export const traceStep = z
  .strictObject({
    step: z.number().int().min(1).describe('place in the run'),
    choice: text('what was chosen, by its name: the same in every run, process and release'),
    from: text('who sent what was delivered'),
    to: text('who received it'),
    thread: text('in whose course it happens'),
    message,
    calls: z
      .array(
        z.strictObject({
          from: text('who calls'),
          to: text('who is called'),
          message,
          depth: z.number().int().min(1).describe('how deep in the step'),
        }),
      )
      .describe('function calls within the step, in order'),
    observations: z.array(observation),
    state: z.record(z.string(), z.unknown()).describe('the state after the step: actors by name, cells, messages'),
  })
  .meta({ id: 'traceStep', description: 'one step of a run' });

export const trace = z.array(traceStep);

/** What every violation says. */
const violated = {
  property: text('id of the property'),
  message: text('what is wrong'),
  steps: number('length of the counterexample'),
} as const;

/** What kinds of searches say of a counterexample beside that. */
const details = {
  states: {
    alongside: z.array(trace).optional().describe('other runs that the claim puts beside this one'),
  },
  runs: {
    stem: number('steps before the cycle'),
    cycle: number('steps that go on for ever'),
  },
  swarm: {
    job: number('the job that found it'),
    foundAfter: number('steps of that job until then'),
    alongside: z.array(trace).optional(),
  },
} as const;

/** Violations as the kinds of searches report them. */
export const violations = {
  states: { ...violated, ...details.states },
  runs: { ...violated, ...details.runs },
  swarm: { ...violated, ...details.swarm },
} as const;

/** A class of difference of diff and conform. */
const seen = {
  returns: z.number().nullable().describe('the return value; null for none'),
  callbacks: texts('in order, as p0.add_consumer(c0)=0'),
  sights: z.array(z.string()).optional().describe('what each callback could see'),
  warn: z.boolean(),
} as const;

const callObserved = z
  .strictObject({
    ...seen,
    race: z.strictObject(seen).optional().describe('of the call that came while this one waited'),
    corruption: flag('has the kernel stopped?'),
    trouble: z.string().nullable().describe('a mutex that is not given back, a report of a sanitizer'),
    producers: z.array(z.string()).nullable().describe('entries of the set, as e0 p0'),
    consumers: z.array(z.string()).nullable(),
    bindings: texts('connected pairs, as p0 c0'),
    keys: texts('keys in the structs, as p0 e0'),
    irqs: texts('irqs in producers, as p0 33'),
    references: z.number().nullable().describe('references on the module, where it takes any'),
  })
  .meta({
    id: 'callObserved',
    description: 'what was seen of the last call of a witness, and what the manager holds then',
  });

export const difference = z
  .strictObject({
    id: text('stable id of the class'),
    field: text('what differs'),
    summary: z.string(),
    steps: number('calls of the witness'),
    witness: texts('the shortest sequence of calls that shows it'),
    from: callObserved.describe('what the first one did'),
    to: callObserved.describe('what the second one did'),
  })
  .meta({ id: 'difference', description: 'a class of observable difference with its shortest witness' });

/** Scope of a search in lock step. */
export const scope = z.strictObject({ producers: z.int(), consumers: z.int(), eventfds: z.int() });
