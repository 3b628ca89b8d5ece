// In which states and transitions two charts differ: two revisions, or a bug and its fix.
import type { Chart, ChartState, ChartTransition, PlacedTransition } from './chart.ts';
import { ordinal, placed, statesIn, stateTexts, transitionText } from './chart.ts';

/** A state that one of two charts lacks, or that is another one in it, apart from its transitions and the states in it. */
export interface StateDifference {
  readonly of: 'state';
  readonly path: string;
  /** As it is in the first chart; null where the second adds it. */
  readonly before: ChartState | null;
  /** As it is in the second chart; null where it is removed. */
  readonly after: ChartState | null;
}

/** A transition that one of two charts lacks, or that leads elsewhere, does something else or is tried in another order. */
export interface TransitionDifference {
  readonly of: 'transition';
  /** Path of the state that it is a way on from. */
  readonly path: string;
  readonly before: PlacedTransition | null;
  readonly after: PlacedTransition | null;
}

/** In what two charts differ, in one place. */
export type ChartDifference = StateDifference | TransitionDifference;

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** A state without its transitions and the states in it. */
function factsOf({ kind, initial, entry, exit, waits }: ChartState): readonly unknown[] {
  return [kind, initial, entry, exit, waits];
}

/** Transitions by event and guard; of two that have both in common, the second is another one. */
function byCondition(transitions: readonly PlacedTransition[]): ReadonlyMap<string, PlacedTransition> {
  const found = new Map<string, PlacedTransition>();
  for (const one of transitions) {
    const { event, guard } = one.transition;
    for (let n = 0; ; n++) {
      const key = JSON.stringify([event, guard, n]);
      if (found.has(key)) continue;
      found.set(key, one);
      break;
    }
  }
  return found;
}

/** The order in which what both charts have is tried, by event: how many of the others come before. */
function ranks(own: ReadonlyMap<string, PlacedTransition>, other: ReadonlyMap<string, PlacedTransition>) {
  const counts = new Map<string | null, number>();
  const ranked = new Map<string, number>();
  for (const [key, { transition }] of own) {
    if (!other.has(key)) continue;
    const rank = counts.get(transition.event) ?? 0;
    counts.set(transition.event, rank + 1);
    ranked.set(key, rank);
  }
  return ranked;
}

const outcomeOf = ({ target, actions }: ChartTransition): readonly unknown[] => [target, actions];

function transitionDifferences(
  path: string,
  first: readonly PlacedTransition[],
  second: readonly PlacedTransition[],
): readonly TransitionDifference[] {
  const [befores, afters] = [byCondition(first), byCondition(second)];
  const [ranksBefore, ranksAfter] = [ranks(befores, afters), ranks(afters, befores)];
  return [...new Set([...befores.keys(), ...afters.keys()])].flatMap((key): TransitionDifference[] => {
    const [before = null, after = null] = [befores.get(key), afters.get(key)];
    const isSame =
      before !== null &&
      after !== null &&
      ranksBefore.get(key) === ranksAfter.get(key) &&
      same(outcomeOf(before.transition), outcomeOf(after.transition));
    return isSame ? [] : [{ of: 'transition', path, before, after }];
  });
}

/**
 * Tells in which states and transitions two charts differ. A transition is known by its state, event and guard: with another
 * target, other actions or another place among those that both charts have, it is a changed one. A state that is added or
 * removed comes with all of its transitions.
 *
 * @param first - the chart before
 * @param second - the chart after
 * @returns what differs, in the order of the first chart, then what the second adds; empty where the drawings are the same
 * @example
 * chartDifference(chartOf(machine), chartOf(patched(machine, patch))).map(differenceText)
 */
export function chartDifference(first: Chart, second: Chart): readonly ChartDifference[] {
  const [befores, afters] = [first, second].map(
    ({ root }) => new Map(statesIn(root).map((state) => [state.path, state])),
  ) as [Map<string, ChartState>, Map<string, ChartState>];
  return [...new Set([...befores.keys(), ...afters.keys()])].flatMap((path): ChartDifference[] => {
    const [before = null, after = null] = [befores.get(path), afters.get(path)];
    const isSame = before !== null && after !== null && same(factsOf(before), factsOf(after));
    return [
      ...(isSame ? [] : [{ of: 'state', path, before, after } as const]),
      ...transitionDifferences(path, before === null ? [] : placed(before), after === null ? [] : placed(after)),
    ];
  });
}

const pathText = (path: string): string => (path === '' ? 'the machine' : path);

function stateText(state: ChartState): string {
  const { kind, initial } = state;
  const facts = [
    ...(kind === 'atomic' ? [] : [kind]),
    ...(initial === null ? [] : [`begins in ${initial}`]),
    ...stateTexts(state),
  ];
  return facts.length === 0 ? 'nothing is done' : facts.join('; ');
}

function wayText(path: string, { transition }: PlacedTransition): string {
  const label = transitionText({ transition, place: 0 });
  const ends = transition.target === null ? pathText(path) : `${pathText(path)} --> ${pathText(transition.target)}`;
  return label === '' ? ends : `${ends} : ${label}`;
}

/** What a difference says of the two charts; null where the state or transition is not there. */
type Sides = readonly [before: string | null, after: string | null];

function stateSides({ path, before, after }: StateDifference): Sides {
  const text = (state: ChartState | null): string | null =>
    state === null ? null : `${pathText(path)}: ${stateText(state)}`;
  return [text(before), text(after)];
}

function transitionSides({ path, before, after }: TransitionDifference): Sides {
  if (before === null || after === null)
    return [before === null ? null : wayText(path, before), after === null ? null : wayText(path, after)];
  const [first, second] = [wayText(path, before), wayText(path, after)];
  if (first !== second) return [first, second];
  return [`${first}, tried ${ordinal(before.place + 1)}`, `${second}, tried ${ordinal(after.place + 1)}`];
}

/** A difference in one line: `+` added, `-` removed, `~` changed. */
export function differenceText(difference: ChartDifference): string {
  const [before, after] = difference.of === 'state' ? stateSides(difference) : transitionSides(difference);
  if (before === null) return `+ ${String(after)}`;
  return after === null ? `- ${before}` : `~ ${before} => ${after}`;
}
