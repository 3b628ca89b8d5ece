// Traces as documents: a self-contained header, then one step a line (ndjson), or one ITF document. bridge/trace-file.ts reads them.
//
// ITF is the Informal Trace Format of Apalache (ADR 015): states with variables, metadata under "#meta".
import type { TraceStep } from '../engine/world/trace.ts';
import type { Assembled } from './assembled.ts';
import type { Parameters, Script } from './define.ts';
import { originOf } from './origin.ts';

/** Choices by name since 2; 1 (irqbypass-lab 0.1) named them by number. */
export const TRACE_FORMAT = 'irqbypass-trace/2';

/** Where a trace comes from: enough to make its world again. */
export interface TraceHeader {
  readonly format: typeof TRACE_FORMAT;
  readonly scenario: string;
  readonly parameters: Parameters;
  readonly revision: string;
  readonly mutation: string | null;
  /** The property that the trace is a counterexample of. */
  readonly property?: string | undefined;
  /** The whole script, so that a trace can be replayed wherever it is; null where it brings machines of its own. */
  readonly script: Readonly<Record<string, unknown>> | null;
  /** Then the file of the scenario. */
  readonly file?: string | undefined;
}

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

/** A trace, as far as it was taken again. */
export interface TakenTrace {
  readonly header: TraceHeader;
  readonly assembled: Assembled;
  readonly steps: readonly TraceStep[];
}
