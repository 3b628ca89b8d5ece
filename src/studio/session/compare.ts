// Two worlds on the same choices: a revision and another, a bug and its fix. Where do they first differ?
import { stateDifference } from '../../engine/traces/narrate.ts';
import type { Session } from './session.ts';
import type { StepLine } from './position.ts';

/** One step of both, side by side. */
export interface ComparedStep {
  readonly step: number;
  /** Null where that world took no such step. */
  readonly left: StepLine | null;
  readonly right: StepLine | null;
  /** What differs in what was seen of it, or in the state after it, in words; empty where nothing does. */
  readonly differs: readonly string[];
}

/** Both runs. */
export interface Comparison {
  readonly steps: readonly ComparedStep[];
  /** The first step in which anything differs; null where nothing does. */
  readonly first: number | null;
  /** Why the other world did not go on, where it did not. */
  readonly stopped: string | null;
}

/** What differs in one step of both, and in the state after it. */
function differences(left: Session, right: Session, step: number): string[] {
  const [mine, its] = [left.steps[step - 1], right.steps[step - 1]];
  if (mine === undefined || its === undefined) return [];
  const [one, other] = [left.lines()[step - 1], right.lines()[step - 1]];
  const said = one?.text === other?.text ? [] : [`what is seen: ${one?.text ?? ''} | ${other?.text ?? ''}`];
  const broken = String(one?.breaks) === String(other?.breaks);
  const verdict = broken
    ? []
    : [`violated: ${one?.breaks.join(', ') || 'nothing'} | ${other?.breaks.join(', ') || 'nothing'}`];
  return [...said, ...verdict, ...stateDifference(left.world.language, mine.state, its.state)];
}

/**
 * Takes the choices of one world's path in another one.
 *
 * @param left - with its path
 * @param right - of which the path is made anew
 * @returns every step of both, and where they first differ: a choice that is not offered, something else that is seen, another state
 */
export function compared(left: Session, right: Session): Comparison {
  right.cut(0);
  let stopped: string | null = null;
  for (const { choice, step } of left.lines()) {
    const offered = right.at(right.length).choices.map(({ name }) => name);
    if (!offered.includes(choice)) {
      const are = offered.length === 0 ? 'nothing can happen there' : `offered are: ${offered.slice(0, 6).join(', ')}`;
      stopped = `step ${step}: ${choice} is not offered; ${are}`;
      break;
    }
    right.take(choice);
  }
  const [mine, its] = [left.lines(), right.lines()];
  const steps = mine.map((line, i): ComparedStep => {
    const other = its[i] ?? null;
    return {
      step: line.step,
      left: line,
      right: other,
      differs: other === null ? [] : differences(left, right, line.step),
    };
  });
  const first = steps.find(({ right: other, differs }) => other === null || differs.length > 0);
  return { steps, first: first?.step ?? null, stopped };
}
