// Traces on disk: a self-contained header, then one step a line (ndjson), or one ITF document.
//
// ITF is the Informal Trace Format of Apalache (ADR 015): states with variables, metadata under "#meta".
import * as z from 'zod';
import { findScenario } from '../scenarios/builtin.ts';
import type { Scenario, Script } from '../scenarios/define.ts';
import type { Assembled } from '../scenarios/assemble.ts';
import { assembleScript } from '../scenarios/assemble.ts';
import type { TraceStep } from '../engine/world/trace.ts';
import { parseLine } from './recorded-format.ts';

export const TRACE_FORMAT = 'irqbypass-trace/1';

const header = z.object({
  format: z.literal(TRACE_FORMAT),
  scenario: z.string(),
  parameters: z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])),
  revision: z.string(),
  mutation: z.string().nullable(),
  /** The whole script, so that a trace can be replayed wherever it is. */
  script: z
    .object({ eventfds: z.array(z.string()), threads: z.record(z.string(), z.array(z.looseObject({}))) })
    .loose(),
});
const step = z.object({
  step: z.int(),
  choice: z.int().nonnegative(),
  to: z.string(),
  message: z.looseObject({ type: z.string() }),
  observations: z.array(z.looseObject({ kind: z.string() })),
  state: z.record(z.string(), z.unknown()),
});

export type TraceHeader = z.infer<typeof header>;
export const traceHeader: z.ZodType<TraceHeader> = header;
export const traceStep: z.ZodType<z.infer<typeof step>> = step;

/** The header of a trace of an assembled world. */
export function headerOf({ scenario, parameters, revision, mutation, script }: Assembled): TraceHeader {
  return {
    format: TRACE_FORMAT,
    scenario: scenario.id,
    parameters,
    revision: revision.id,
    mutation: mutation?.id ?? null,
    script: JSON.parse(JSON.stringify(script)) as TraceHeader['script'],
  };
}

/** The world that a trace was taken from, under its own revision or another. */
export function worldOf(trace: TraceHeader, revision: string = trace.revision): Assembled {
  const stub: Scenario = {
    id: trace.scenario,
    title: trace.scenario,
    description: '',
    parameters: {},
    script: () => trace.script as unknown as Script,
  };
  const scenario = findScenario(trace.scenario) ?? stub;
  return assembleScript(scenario, trace.parameters, trace.script as unknown as Script, revision, trace.mutation);
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
    ...steps.map(({ step: index, choice, to, message, observations, state }) => ({
      '#meta': { index, choice, to, message, observations },
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
