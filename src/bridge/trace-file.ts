// Traces on disk, as scenarios/trace-document.ts writes them: what is read is checked, and the world is made again.
import * as z from 'zod';
import { findScenario } from '../scenarios/builtin.ts';
import type { Scenario } from '../scenarios/define.ts';
import type { Assembled } from '../scenarios/assembled.ts';
import { assemble, assembleScript } from '../scenarios/assemble.ts';
import { loadScenario } from '../scenarios/files/load.ts';
import { ScenarioError } from '../scenarios/scenario-error.ts';
import type { TraceHeader } from '../scenarios/trace-document.ts';
import { TRACE_FORMAT } from '../scenarios/trace-document.ts';
import { parseLine } from './recorded-format.ts';

export type { TraceHeader } from '../scenarios/trace-document.ts';
export { headerOf, toItf, toNdjson, TRACE_FORMAT } from '../scenarios/trace-document.ts';

const header = z.object({
  format: z.literal(TRACE_FORMAT),
  scenario: z.string().regex(/^[^\p{Cc}]*$/u, 'a name without control characters'),
  parameters: z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])),
  revision: z.string(),
  mutation: z.string().nullable(),
  /** The property that the trace is a counterexample of. */
  property: z
    .string()
    .regex(/^[^\p{Cc}]*$/u, 'a name without control characters')
    .optional(),
  /** The whole script, so that a trace can be replayed wherever it is; null where it brings machines of its own. */
  script: z.looseObject({}).nullable(),
  /** Then the file of the scenario. */
  file: z.string().optional(),
});
const step = z.object({
  step: z.int(),
  choice: z.string(),
  from: z.string(),
  to: z.string(),
  /** Absent in traces of 0.2. */
  thread: z.string().optional(),
  message: z.looseObject({ type: z.string() }),
  calls: z.array(
    z.object({
      from: z.string(),
      to: z.string(),
      message: z.looseObject({ type: z.string() }),
      depth: z.int(),
    }),
  ),
  observations: z.array(z.looseObject({ kind: z.string() })),
  state: z.record(z.string(), z.unknown()),
});

export const traceHeader: z.ZodType<TraceHeader> = header;
export const traceStep: z.ZodType<z.infer<typeof step>> = step;

/**
 * The world that a trace was taken from, under its own revision or another.
 *
 * @throws ScenarioError where the trace names a script that is not there
 */
export async function worldOf(trace: TraceHeader, revision: string = trace.revision): Promise<Assembled> {
  const { script, mutation, parameters } = trace;
  if (script === null) {
    const { file } = trace;
    if (file === undefined) throw new ScenarioError('file', `the trace of ${trace.scenario} names no scenario script`);
    return assemble({ scenario: await loadScenario(file), set: parameters, revision, mutation });
  }
  const stub: Scenario = {
    id: trace.scenario,
    title: trace.scenario,
    description: '',
    parameters: {},
    script: () => script,
  };
  const scenario = findScenario(trace.scenario) ?? stub;
  return assembleScript(scenario, parameters, script, revision, mutation);
}

const itf = z.object({
  '#meta': header,
  states: z.array(z.looseObject({ '#meta': z.looseObject({ index: z.int() }) })),
});
export type ItfDocument = z.infer<typeof itf>;
export const itfDocument: z.ZodType<ItfDocument> = itf;

/** The steps of an ITF document. Throws RecordedFormatError where a state is not a step. */
export function stepsOfItf(document: ItfDocument): z.infer<typeof step>[] {
  return document.states
    .slice(1)
    .map(({ '#meta': { index, ...meta }, ...state }) =>
      parseLine(JSON.stringify({ step: index, ...meta, state }), step),
    );
}
