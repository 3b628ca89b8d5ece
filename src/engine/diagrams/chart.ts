// A statechart as plain data: what every printer of diagrams draws, and what chart-difference.ts compares.
//
// It is read from the XState machine itself, not from the declaration that the machine was made of: targets are resolved
// there, and what is drawn is what runs. A machine with something that a chart cannot hold is refused.
import type { Machine } from '../actors/machine.ts';
import { MachineError } from '../actors/machine-error.ts';

/** What became of a state or transition between two charts that were merged into one (`mergedChart`). */
export type Mark = 'added' | 'removed' | 'changed';

/** A way on from a state. Of several on one event, the first whose guard holds is taken: their order matters. */
export interface ChartTransition {
  /** The message that is taken; null where it is taken as soon as the state is active (XState's `always`). */
  readonly event: string | null;
  readonly guard: string | null;
  /** What is done, in order. */
  readonly actions: readonly string[];
  /** Path of the next state; null where the machine stays, and no state is left or entered. */
  readonly target: string | null;
  /** In a merged chart: is it only in one of the two, or another one in each? */
  readonly mark?: Mark;
  /** Of a changed one: how it was. */
  readonly was?: string;
  /** In a merged chart: its place among those on the same event in the chart that it is from (`placed`). */
  readonly place?: number;
}

/** A state with everything in it. */
export interface ChartState {
  /** Keys from the top, joined by dots; empty for the machine as a whole. */
  readonly path: string;
  readonly key: string;
  /** `parallel`: its states are regions that are active together. */
  readonly kind: 'atomic' | 'composite' | 'parallel' | 'final';
  /** Path of the state in which a composite state begins. */
  readonly initial: string | null;
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  /** Messages that stay in flight while the state is active. */
  readonly waits: readonly string[];
  /** The kernel function, or the part of one, that it is, where the machine says so. */
  readonly kernel?: string;
  /** In a merged chart: is it only in one of the two, or another one in each? */
  readonly mark?: Mark;
  /** Of a changed one: what is only said of it before, line by line. */
  readonly was?: readonly string[];
  /** In a summary: how many states it has that are not shown. */
  readonly hidden?: number;
  /** `always` first: those are tried as soon as the state is entered. */
  readonly transitions: readonly ChartTransition[];
  readonly states: readonly ChartState[];
}

/** The statechart of one machine. It survives JSON. */
export interface Chart {
  /** The machine's id. */
  readonly machine: string;
  /** The machine as a whole. */
  readonly root: ChartState;
}

type Node = Machine['logic']['root'];
type NodeTransition = NonNullable<Node['always']>[number];

const kinds = { atomic: 'atomic', compound: 'composite', parallel: 'parallel', final: 'final' } as const;

function refuse({ machine, path }: Node, what: string): never {
  const place = path.length === 0 ? '' : `, state ${path.join('.')}`;
  throw new MachineError('chart', `machine ${machine.id}${place}: ${what}; that cannot be drawn`);
}

/** Names of actions; a function has none that a reader could look up. */
function namesOf(node: Node, actions: readonly unknown[]): readonly string[] {
  return actions.map((action) => (typeof action === 'string' ? action : refuse(node, 'an action is not a name')));
}

function transitionOf(node: Node, { eventType, guard, actions, target, reenter }: NodeTransition): ChartTransition {
  const targets: readonly Node[] = target ?? [];
  if (targets.length > 1) refuse(node, 'a transition has several targets');
  if (reenter) refuse(node, 'a transition reenters its state');
  if (guard !== undefined && typeof guard !== 'string') refuse(node, 'a guard is not a name');
  return {
    event: eventType === '' ? null : eventType,
    guard: guard ?? null,
    actions: namesOf(node, actions),
    target: targets[0]?.path.join('.') ?? null,
  };
}

function stateOf(node: Node): ChartState {
  const { key, path, type, initial, entry, exit, invoke, meta, always = [], transitions } = node;
  if (key.includes('.')) refuse(node, 'its name has a dot, as paths have');
  if (type === 'history') refuse(node, 'it is a history state');
  if (invoke.length > 0) refuse(node, 'it invokes an actor');
  if (initial.actions.length > 0) refuse(node, 'its initial transition has actions');
  const [first] = type === 'compound' ? (initial.target ?? []) : [];
  const { waits = [], kernel } = (meta ?? {}) as { readonly waits?: readonly string[]; readonly kernel?: string };
  return {
    path: path.join('.'),
    key,
    kind: kinds[type],
    initial: first?.path.join('.') ?? null,
    entry: namesOf(node, entry),
    exit: namesOf(node, exit),
    waits: [...waits],
    ...(kernel === undefined ? {} : { kernel }),
    transitions: [always, ...transitions.values()].flat().map((transition) => transitionOf(node, transition)),
    states: Object.values(node.states).map(stateOf),
  };
}

/**
 * Reads the statechart of a machine.
 *
 * @param machine - as `machine()` or `patched()` made it
 * @returns the chart, as plain data; the same machine gives the same chart
 * @throws MachineError where the machine has what a chart cannot hold (history states, invoked actors, actions or guards
 *   without a name): a drawing draws everything or refuses
 */
export function chartOf({ logic }: Machine): Chart {
  return { machine: logic.id, root: stateOf(logic.root) };
}

/** A state and all states in it, parents first, in the order of the definition. */
export function statesIn(state: ChartState): readonly ChartState[] {
  return [state, ...state.states.flatMap(statesIn)];
}

const endings: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd', other: 'th' };
const ordinals = new Intl.PluralRules('en', { type: 'ordinal' });

/** 1st, 2nd, 3rd, ... */
export function ordinal(n: number): string {
  return `${String(n)}${endings[ordinals.select(n)] ?? ''}`;
}

/** The later ones of several transitions on one event are tried only if no earlier one holds; of three, in this order. */
function conditionText(guard: string | null, place: number): readonly string[] {
  if (guard === null) return place === 0 ? [] : ['[else]'];
  if (place === 0) return [`[${guard}]`];
  return [place === 1 ? `[else if ${guard}]` : `[else if ${guard}, tried ${ordinal(place + 1)}]`];
}

/** A transition, and its place among those of its state on the same event, from 0: the first that holds is taken. */
export interface PlacedTransition {
  readonly transition: ChartTransition;
  readonly place: number;
}

/** The transitions of a state with their places. */
export function placed({ transitions }: ChartState): readonly PlacedTransition[] {
  const seen = new Map<string | null, number>();
  return transitions.map((transition) => {
    const place = seen.get(transition.event) ?? 0;
    seen.set(transition.event, place + 1);
    return { transition, place: transition.place ?? place };
  });
}

/** A transition in one line, without its ends: `event [guard] / action, action`. `always` has no event. */
export function transitionText({ transition: { event, guard, actions }, place }: PlacedTransition): string {
  const done = actions.length === 0 ? [] : [`/ ${actions.join(', ')}`];
  return [...(event === null ? [] : [event]), ...conditionText(guard, place), ...done].join(' ');
}

/** Entry and exit actions and waiting messages, a line each. */
export function stateTexts({ entry, exit, waits }: ChartState): readonly string[] {
  return [
    ...(entry.length === 0 ? [] : [`entry / ${entry.join(', ')}`]),
    ...(exit.length === 0 ? [] : [`exit / ${exit.join(', ')}`]),
    ...(waits.length === 0 ? [] : [`waits: ${waits.join(', ')}`]),
  ];
}
