// Traces in words: one line a step, who did what and what came of it, in the language of the model.
import type { Language } from '../world/language.ts';
import { plainLanguage } from '../world/language.ts';
import type { TraceStep } from '../world/trace.ts';

/** The thread, lock or object whose line of the time line a step is on. */
export function laneOf({ lane }: Language, step: Pick<TraceStep, 'to' | 'message'>): string {
  return lane(step);
}

/**
 * A step as one line: number, thread or object, event, outcome.
 *
 * @param language - the words of the world that was run (`World.language`)
 * @param step - the step, as it was traced
 * @returns the line, without an end of line
 */
export function stepText(language: Language, step: TraceStep): string {
  return `${String(step.step).padStart(4)}  ${laneOf(language, step).padEnd(3)} ${happening(language, step)}`;
}

/** What a step does, and what comes of it. */
export function happening(language: Language, step: TraceStep): string {
  const outcomes = step.observations.map((shown) => language.observation(shown)).filter((text) => text !== null);
  return `${language.event(step)}${outcomes.length === 0 ? '' : `  -> ${outcomes.join('; ')}`}`;
}

/**
 * What a step changed, by path: `c0.peer: NULL -> p0`. Messages in flight are left out in the plain language.
 *
 * @param language - the words of the world that was run (`World.language`)
 * @param before - the state before the step, as `TraceStep.state` has it
 * @param after - the state after it
 * @returns one text for each value that changed, came or went
 * @example
 * stateDifference(plainLanguage, { count: 0 }, { count: 1 }); // ['count: 0 -> 1']
 */
export function stateDifference(
  language: Language,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): string[] {
  const leaves = language.leaves ?? plainLeaves;
  const old = leaves(before);
  const now = leaves(after);
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((path) => {
    const [was, is] = [old.get(path) ?? 'none', now.get(path) ?? 'none'];
    return was === is ? [] : [`${path}: ${was} -> ${is}`];
  });
}

/** Leaves of a state by path; messages in flight are told by the steps themselves. */
function plainLeaves({ inFlight: _inFlight, ...state }: Readonly<Record<string, unknown>>): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (path: string, value: unknown): void => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      found.set(path, Array.isArray(value) ? JSON.stringify(value) : plainLanguage.value(value));
      return;
    }
    for (const [key, item] of Object.entries(value)) visit(path === '' ? key : `${path}.${key}`, item);
  };
  visit('', state);
  return found;
}

/**
 * A trace in lines, grouped by who acts, with what each step changed.
 *
 * @param language - the words of the world that was run (`World.language`)
 * @param trace - the steps in order
 * @param initial - the state before the first step, as `TraceStep.state` has it
 * @returns the lines: whoever acts where that is another one than before, each step, and under it what it changed
 */
export function traceText(
  language: Language,
  trace: readonly TraceStep[],
  initial: Readonly<Record<string, unknown>>,
): string[] {
  const lines: string[] = [];
  let lane = '';
  let before = initial;
  for (const step of trace) {
    const own = laneOf(language, step);
    if (own !== lane) {
      lane = own;
      lines.push(lane);
    }
    lines.push(`${String(step.step).padStart(4)}  ${happening(language, step)}`);
    const changed = stateDifference(language, before, step.state);
    if (changed.length > 0) lines.push(`        ${changed.join(', ')}`);
    before = step.state;
  }
  return lines;
}
