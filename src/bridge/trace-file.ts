// Traces on disk: a self-contained header, then one step a line (ndjson), or one ITF document.
//
// ITF is the Informal Trace Format of Apalache (ADR 015): states with variables, metadata under "#meta".
import * as z from 'zod';
import { findScenario } from '../scenarios/builtin.ts';
import type { Scenario, Script } from '../scenarios/define.ts';
import { originOf } from '../scenarios/origin.ts';
import type { Assembled } from '../scenarios/assembled.ts';
import { assemble, assembleScript } from '../scenarios/assemble.ts';
import { loadScenario } from '../scenarios/files/load.ts';
import { ScenarioError } from '../scenarios/scenario-error.ts';
import type { TraceStep } from '../engine/world/trace.ts';
import { parseLine } from './recorded-format.ts';

/** Choices by name since 2; 1 (irqbypass-lab 0.1) named them by number. */
export const TRACE_FORMAT = 'irqbypass-trace/2';

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

export type TraceHeader = z.infer<typeof header>;
export const traceHeader: z.ZodType<TraceHeader> = header;
export const traceStep: z.ZodType<z.infer<typeof step>> = step;

/** Can a script be written down? Not where it brings machines, mutations or properties of its own. */
function isPlain({ scenario, script }: Assembled): boolean {
  const own = [...(scenario.properties ?? []).filter((one) => typeof one !== 'string'), ...(scenario.mutations ?? [])];
  const actors = [...(script.actors ?? []), ...embeddings(script)];
  return own.length === 0 && actors.every(({ machine }) => typeof machine === 'string');
}

function embeddings({ producers = [], consumers = [] }: Script): { readonly machine: unknown }[] {
  return [...producers, ...consumers].flatMap((one) =>
    typeof one === 'string' || one.embeddedIn === undefined ? [] : [one.embeddedIn],
  );
}

/** The header of a trace of an assembled world; of a counterexample with the property that it violates. */
export function headerOf(assembled: Assembled, property?: string): TraceHeader {
  const { scenario, parameters, revision, mutation, script } = assembled;
  const file = originOf(scenario);
  const isWhole = isPlain(assembled);
  return {
    format: TRACE_FORMAT,
    scenario: scenario.id,
    parameters,
    revision: revision.id,
    mutation: mutation?.id ?? null,
    ...(property === undefined ? {} : { property }),
    script: isWhole ? (JSON.parse(JSON.stringify(script)) as TraceHeader['script']) : null,
    ...(isWhole || file === undefined ? {} : { file }),
  };
}

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

/** A trace as JSON lines. */
export function toNdjson(of: TraceHeader, steps: readonly TraceStep[]): string {
  return [of, ...steps].map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** A trace as an ITF document. State 0 is the initial state. */
export function toItf(
  of: TraceHeader,
  initial: Readonly<Record<string, unknown>>,
  steps: readonly TraceStep[],
): string {
  const vars = Object.keys(initial);
  const states = [
    { '#meta': { index: 0 }, ...initial },
    ...steps.map(({ step: index, choice, from, to, thread, message, calls, observations, state }) => ({
      '#meta': { index, choice, from, to, thread, message, calls, observations },
      ...state,
    })),
  ];
  return `${JSON.stringify({ '#meta': { 'format-description': 'https://apalache-mc.org/docs/adr/015adr-trace.html', ...of }, vars, states }, null, 1)}\n`;
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
