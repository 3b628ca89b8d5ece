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
  /** What differs in what was seen of it, in words. */
  readonly seen: readonly string[];
  /** What differs in the state after it and did not before, by path. */
  readonly state: readonly string[];
}

/** Both runs. */
export interface Comparison {
  readonly steps: readonly ComparedStep[];
  /** The first step in which anything differs, be it a field of the state; null where nothing does. */
  readonly first: number | null;
  /** The first step in which what is seen differs: a choice that is not offered, what is observed, what is violated. */
  readonly firstSeen: number | null;
  /** Why the other world did not go on, where it did not. */
  readonly stopped: string | null;
}

/** What is seen of a step in both worlds, where it is not the same. */
function seenDifferences(left: StepLine, right: StepLine): string[] {
  const [mine, its] = [left, right].map(({ breaks }) => breaks.join(', ') || 'nothing');
  return [
    ...(left.text === right.text ? [] : [`what is seen: ${left.text} | ${right.text}`]),
    ...(mine === its ? [] : [`violated: ${mine ?? ''} | ${its ?? ''}`]),
  ];
}

/** What differs in the states after a step. */
function stateDifferences(left: Session, right: Session, step: number): string[] {
  const [mine, its] = [left.steps[step - 1], right.steps[step - 1]];
  return mine === undefined || its === undefined ? [] : stateDifference(left.world.language, mine.state, its.state);
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
  let known: readonly string[] = [];
  const steps = mine.map((line, i): ComparedStep => {
    const other = its[i] ?? null;
    if (other === null) return { step: line.step, left: line, right: null, seen: [], state: [] };
    const all = stateDifferences(left, right, line.step);
    const before = known;
    known = all;
    const fresh = all.filter((one) => !before.includes(one));
    return { step: line.step, left: line, right: other, seen: seenDifferences(line, other), state: fresh };
  });
  const isSeen = (one: ComparedStep): boolean => one.right === null || one.seen.length > 0;
  const first = steps.find((one) => isSeen(one) || one.state.length > 0);
  return { steps, first: first?.step ?? null, firstSeen: steps.find(isSeen)?.step ?? null, stopped };
}
