// Module TwoPhase of Gray and Lamport's "Consensus on Transaction Commit", action by action, to compare the example with.
//
// A state is text, so that states are equal where their texts are. What it shares with the example is this text only.

/** The variables of TwoPhase; sets are sorted. */
export interface TwoPhase {
  readonly rmState: readonly string[];
  readonly tmState: string;
  readonly tmPrepared: readonly number[];
  readonly msgs: readonly string[];
}

/** A state as text. */
export const textOf = (state: TwoPhase): string => JSON.stringify(state);

const union = <T>(set: readonly T[], one: T): readonly T[] => [...new Set([...set, one])].toSorted();

/** The steps of TPNext that are enabled: what the example calls each, and the state after it. */
function next(state: TwoPhase): (readonly [string, TwoPhase])[] {
  const { rmState, tmState, tmPrepared, msgs } = state;
  const found: (readonly [string, TwoPhase])[] = [];
  if (tmState === 'init' && tmPrepared.length === rmState.length)
    found.push(['tm commit()', { ...state, tmState: 'committed', msgs: union(msgs, 'Commit') }]);
  if (tmState === 'init') found.push(['tm abort()', { ...state, tmState: 'aborted', msgs: union(msgs, 'Abort') }]);
  for (const [rm, own] of rmState.entries()) {
    const becomes = (value: string): TwoPhase => ({ ...state, rmState: rmState.with(rm, value) });
    if (tmState === 'init' && msgs.includes(`Prepared ${rm}`))
      found.push([`tm.prepared(rm${rm})`, { ...state, tmPrepared: union(tmPrepared, rm) }]);
    if (own === 'working') {
      found.push([`rm${rm} prepare()`, { ...becomes('prepared'), msgs: union(msgs, `Prepared ${rm}`) }]);
      found.push([`rm${rm} choose_to_abort()`, becomes('aborted')]);
    }
    if (msgs.includes('Commit')) found.push([`rm${rm} receive_commit()`, becomes('committed')]);
    if (msgs.includes('Abort')) found.push([`rm${rm} receive_abort()`, becomes('aborted')]);
  }
  return found;
}

/** The reachable states of TwoPhase and its steps, by name; those that change nothing are counted. */
export function twoPhaseGraph(managers: number): {
  readonly states: ReadonlySet<string>;
  readonly steps: ReadonlySet<string>;
  readonly stuttering: number;
} {
  const initial: TwoPhase = {
    rmState: Array.from({ length: managers }, () => 'working'),
    tmState: 'init',
    tmPrepared: [],
    msgs: [],
  };
  const queue = [initial];
  const states = new Set([textOf(initial)]);
  const steps = new Set<string>();
  let stuttering = 0;
  for (const state of queue) {
    for (const [name, after] of next(state)) {
      const to = textOf(after);
      if (to === textOf(state)) {
        stuttering += 1;
        continue;
      }
      steps.add(`${textOf(state)} ${name} ${to}`);
      if (!states.has(to)) queue.push(after);
      states.add(to);
    }
  }
  return { states, steps, stuttering };
}
