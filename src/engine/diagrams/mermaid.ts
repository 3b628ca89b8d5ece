// A machine as a Mermaid state diagram, drawn from the machine's own definition: nothing is written by hand.
//
// XState's `machine.definition` leaves the `always` transitions out, so this reads the state nodes, `machine.root`. They
// are taken by their shape alone: xstate is imported only where machines are made and hosted.

/** A transition, as far as it is drawn. `guard` and `actions` are names or `{ type, params }`. */
interface DrawnTransition {
  /** Empty for `always`. */
  readonly eventType: string;
  /** Absent where the machine stays in its state. */
  readonly target?: readonly DrawnState[] | undefined;
  readonly guard?: unknown;
  readonly actions: readonly unknown[];
}

/** A state, as far as it is drawn; XState's `StateNode` has this shape. */
export interface DrawnState {
  readonly key: string;
  readonly path: readonly string[];
  readonly type: string;
  readonly states: Readonly<Record<string, DrawnState>>;
  readonly initial: { readonly target?: readonly DrawnState[] | undefined; readonly actions: readonly unknown[] };
  readonly entry: readonly unknown[];
  readonly exit: readonly unknown[];
  readonly invoke: readonly unknown[];
  readonly always?: readonly DrawnTransition[] | undefined;
  readonly transitions: ReadonlyMap<string, readonly DrawnTransition[]>;
}

/** A machine, as far as it is drawn; XState's `StateMachine` has this shape. */
export interface DrawnMachine {
  readonly id: string;
  readonly root: DrawnState;
}

/** What the diagram says about itself. */
export interface StateDiagramOptions {
  /** Of which revision or scenario this is the machine; shown in the comment at the top. */
  readonly title?: string | undefined;
}

/**
 * Makes any text fit for a Mermaid label: one line, with Mermaid's own signs as entity codes.
 *
 * @param text - what the reader shall see
 * @returns the text as it must stand in the diagram's source
 */
export function escapeLabel(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[#;<>"%`*{}\\]/g, (sign) => `#${String(sign.codePointAt(0))};`);
}

/** As `escapeLabel`, for state diagrams, where a colon begins the label. */
function escapeStateLabel(text: string): string {
  return escapeLabel(text).replaceAll(':', '#58;');
}

/** Parameters as a path: `{ whom: 'producer', callback: 'stop' }` is `producer.stop`. */
function paramsText(params: unknown): string {
  if (typeof params === 'function') return '...';
  if (typeof params !== 'object' || params === null) return JSON.stringify(params);
  const values: readonly unknown[] = Object.values(params);
  return values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join('.');
}

/** A guard or an action in short form: its name, and its parameters if it has any. */
function shortForm(item: unknown): string {
  if (typeof item === 'string') return item;
  const { type, name, params } = item as { readonly type?: string; readonly name?: string; readonly params?: unknown };
  const called = type ?? name ?? '';
  if (called === '') throw new TypeError('a guard or an action without a name cannot be drawn');
  return params === undefined ? called : `${called} ${paramsText(params)}`;
}

/** `/ a, b` for actions, nothing for none. */
function actionsText(actions: readonly unknown[]): string[] {
  return actions.length === 0 ? [] : [`/ ${actions.map(shortForm).join(', ')}`];
}

/** `[guard]`; among several transitions on one event the first that holds is taken, so the later ones say `else`. */
function guardText(guard: unknown, index: number): string[] {
  if (guard === undefined) return index === 0 ? [] : ['[else]'];
  return [index === 0 ? `[${shortForm(guard)}]` : `[else if ${shortForm(guard)}]`];
}

function labelText({ eventType, guard, actions }: DrawnTransition, index: number): string {
  const event = eventType === '' ? [] : [eventType];
  return [...event, ...guardText(guard, index), ...actionsText(actions)].join(' ');
}

/** The unique id of a state: its whole path, the machine first (so that it is never a word of Mermaid's). */
function idOf(machine: DrawnMachine, state: DrawnState): string {
  return [machine.id, ...state.path].join('_').replace(/\W/g, '_');
}

/** An edge; several labels are several lines on it. */
function edge(from: string, to: string, labels: readonly string[]): string {
  const label = labels.filter((line) => line !== '').map(escapeStateLabel);
  return label.length === 0 ? `${from} --> ${to}` : `${from} --> ${to} : ${label.join('<br/>')}`;
}

/** The first state of a machine or of a composite state. */
function initialLine(machine: DrawnMachine, parent: DrawnState): string {
  const first = parent.initial.target?.[0];
  if (first === undefined) throw new RangeError(`state ${idOf(machine, parent)} has no initial state`);
  return edge('[*]', idOf(machine, first), actionsText(parent.initial.actions));
}

function kindsText(state: DrawnState): string[] {
  return [
    ...actionsText(state.entry).map((text) => `entry ${text}`),
    ...actionsText(state.exit).map((text) => `exit ${text}`),
  ];
}

/** A state and the states within it, without edges but those from `[*]`. */
function stateLines(machine: DrawnMachine, state: DrawnState): string[] {
  const id = idOf(machine, state);
  const kinds = kindsText(state);
  if (state.type === 'atomic') {
    return [
      `state "${escapeStateLabel(state.key)}" as ${id}`,
      ...kinds.map((text) => `${id} : ${escapeStateLabel(text)}`),
    ];
  }
  // Mermaid gives a composite state a title and no description.
  const title = [state.key, ...kinds].join(', ');
  const inner = Object.values(state.states).flatMap((child) => stateLines(machine, child));
  return [
    `state "${escapeStateLabel(title)}" as ${id} {`,
    ...[initialLine(machine, state), ...inner].map((line) => `  ${line}`),
    '}',
  ];
}

/**
 * The transitions out of a state, `always` first: they are tried as soon as the state is entered. Those that stay are
 * lines on one loop, at the end: of several loops on one state, Mermaid 11 shows a single one.
 */
function edgeLines(machine: DrawnMachine, state: DrawnState): string[] {
  const from = idOf(machine, state);
  const drawn = [state.always ?? [], ...state.transitions.values()].flatMap((candidates) =>
    candidates.map((transition, index) => ({
      to: transition.target?.[0] ?? state,
      label: labelText(transition, index),
    })),
  );
  const leaving = drawn.filter(({ to }) => to !== state);
  const staying = drawn.filter(({ to }) => to === state);
  return [
    ...leaving.map(({ to, label }) => edge(from, idOf(machine, to), [label])),
    ...(staying.length === 0
      ? []
      : [
          edge(
            from,
            from,
            staying.map(({ label }) => label),
          ),
        ]),
  ];
}

/** All states below one, in the order of the definition. */
function descendants(state: DrawnState): DrawnState[] {
  return Object.values(state.states).flatMap((child) => [child, ...descendants(child)]);
}

/** Refuses what the drawing would leave out or confuse. */
function check(machine: DrawnMachine, states: readonly DrawnState[]): void {
  const { root } = machine;
  if (kindsText(root).length > 0 || edgeLines(machine, root).length > 0) {
    throw new RangeError(`machine ${machine.id} has actions or transitions of its own, outside any state`);
  }
  // Mermaid calls the outermost [*] `root_start` and the one within a state `<state>_start`.
  const ids = new Set(['root_start']);
  for (const state of [root, ...states]) {
    const id = idOf(machine, state);
    const kind = state === root ? 'compound' : state.type;
    if (kind !== 'atomic' && kind !== 'compound') throw new RangeError(`state ${id} is ${kind}; that cannot be drawn`);
    if (state.invoke.length > 0) throw new RangeError(`state ${id} invokes an actor; that cannot be drawn`);
    if (state === root) continue;
    if (ids.has(id)) throw new RangeError(`two states would both be drawn as ${id}`);
    ids.add(id);
    if (kind === 'compound') ids.add(`${id}_start`);
  }
}

/** A comment cannot hold a line break, nor a directive. */
function comment(text: string): string {
  return `%% ${text.replace(/\s+/g, ' ').trim().replaceAll('%', '')}`;
}

/**
 * Draws a machine as Mermaid `stateDiagram-v2` text: every state under its own name, nested states as composite states,
 * every transition as an edge labelled `event [guard] / actions`.
 *
 * An `always` transition has no event; of several transitions on one event the later are labelled `[else if guard]` and
 * `[else]`, since the first that holds is taken. The transitions that stay in their state share one edge from the state
 * to itself, a line each (`<br/>`). The same machine and options give the same bytes.
 *
 * @param machine - an XState machine, such as `createRegistryMachine(policy)` makes
 * @param options - `title` says in the comment at the top which revision this is
 * @returns the diagram's source, ending with a newline
 * @throws RangeError if the machine has what is not drawn (parallel, final and history states, invoked actors,
 *   transitions or actions of the machine as a whole), or if two states would get one id
 * @throws TypeError if a guard or an action has no name
 */
export function stateDiagram(machine: DrawnMachine, options: StateDiagramOptions = {}): string {
  const states = descendants(machine.root);
  check(machine, states);
  const title = options.title === undefined ? '' : `, ${options.title}`;
  const drawn = Object.values(machine.root.states).flatMap((state) => stateLines(machine, state));
  // All edges stand outside the composite states: within one, Mermaid would move the other end into it.
  const edges = states.flatMap((state) => edgeLines(machine, state));
  return [
    comment(`Machine ${machine.id}${title}.`),
    comment("Generated from the machine's definition by src/engine/diagrams/mermaid.ts: do not edit."),
    'stateDiagram-v2',
    ...[initialLine(machine, machine.root), ...drawn, ...edges].map((line) => `  ${line}`),
    '',
  ].join('\n');
}
