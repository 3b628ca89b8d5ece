// A statechart as SCXML 1.0 (W3C), for other tools: the states, transitions, guards and actions by name.
//
// Our guards and actions are names of functions, in no script language: a guard is the text of `cond`, and an action an element of a
// namespace of ours, which a processor that does not know it may skip. Ids are paths with dots.
import type { Chart, ChartState, ChartTransition } from './chart.ts';
import { statesIn } from './chart.ts';
import { element, escapeXml } from './svg-text.ts';

/** What is said of the document. */
export interface ScxmlOptions {
  /** Of which revision or scenario this is the machine; said in a comment. */
  readonly title?: string | undefined;
}

/** The namespace of what SCXML has no word for: actions, what waits, kernel functions, marks. */
export const SCXML_NAMESPACE = 'https://irqbypass-lab.invalid/scxml';

/** Ids of SCXML are XML names: letters, digits, and a few signs. */
type Ids = ReadonlyMap<string, string>;

function idsOf({ machine, root }: Chart): Ids {
  const ids = new Map<string, string>();
  const taken = new Set<string>();
  for (const { path } of statesIn(root)) {
    const wanted = (path === '' ? machine : path).replace(/[^\p{L}\p{N}_.-]/gu, '_').replace(/^(?![\p{L}_])/u, '_');
    let id = wanted;
    for (let n = 2; taken.has(id); n++) id = `${wanted}_${String(n)}`;
    taken.add(id);
    ids.set(path, id);
  }
  return ids;
}

const idIn = (ids: Ids, path: string): string => {
  const id = ids.get(path);
  if (id === undefined) throw new RangeError(`the chart has no state "${path}"`);
  return id;
};

const actionsOf = (actions: readonly string[]): readonly string[] =>
  actions.map((name) => element('lab:action', { name }));

/**
 * A message's name as an event's: in SCXML `return` takes `return.irq`, too, and a blank parts two names. `return.irq` is `return·irq` there.
 */
function eventName(event: string): string {
  return event.replaceAll('.', '·').replaceAll(/\s+/g, '_');
}

function transitionOf(ids: Ids, { event, guard, actions, target, mark, was }: ChartTransition): string {
  return element(
    'transition',
    {
      event: event === null ? undefined : eventName(event),
      cond: guard ?? undefined,
      target: target === null ? undefined : idIn(ids, target),
      // XState stays in the state around both ends, too, where nothing says that it is left.
      type: target === null ? undefined : 'internal',
      'lab:mark': mark,
      'lab:was': was,
    },
    ...actionsOf(actions),
  );
}

/** Lines one level further in. */
const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`);

function open(name: string, of: Readonly<Record<string, string | undefined>>): string {
  return element(name, of).replace(/\/>$/, '>');
}

/** A state and those within it. */
function stateLines(ids: Ids, state: ChartState): readonly string[] {
  const { path, kind, initial, entry, exit, waits, kernel, mark, was, transitions, states } = state;
  const name = kind === 'parallel' ? 'parallel' : kind === 'final' ? 'final' : 'state';
  const of = {
    id: idIn(ids, path),
    initial: initial === null || kind === 'parallel' ? undefined : idIn(ids, initial),
    'lab:waits': waits.length === 0 ? undefined : waits.join(' '),
    'lab:kernel': kernel,
    'lab:mark': mark,
    'lab:was': was?.join('; '),
  };
  const content = [
    ...(entry.length === 0 ? [] : [element('onentry', {}, ...actionsOf(entry))]),
    ...(exit.length === 0 ? [] : [element('onexit', {}, ...actionsOf(exit))]),
    ...transitions.map((one) => transitionOf(ids, one)),
    ...states.flatMap((inner) => stateLines(ids, inner)),
  ];
  return content.length === 0 ? [element(name, of)] : [open(name, of), ...indented(content), `</${name}>`];
}

/**
 * Prints a chart as SCXML 1.0. Guards are `cond`, as names; what SCXML has no word for is in a namespace of ours: `lab:action`,
 * `lab:waits`, `lab:kernel`, and of a merged chart `lab:mark` and `lab:was`. A machine with transitions of its own, or of regions,
 * is a state around all others.
 *
 * @param chart - as `chartOf(machine)` reads it, or merged or summed up
 * @param options - `title` says which revision this is
 * @returns the document, ending with a newline
 */
export function scxmlOf(chart: Chart, options: ScxmlOptions = {}): string {
  const { machine, root } = chart;
  const ids = idsOf(chart);
  const { initial, kind, transitions, entry, exit, waits, mark, states } = root;
  // What stands around all states in SCXML takes no events and does nothing.
  const isPlain =
    kind === 'composite' && transitions.length + entry.length + exit.length + waits.length === 0 && mark === undefined;
  const first = isPlain && initial !== null ? idIn(ids, initial) : idIn(ids, '');
  const content = isPlain ? states.flatMap((state) => stateLines(ids, state)) : stateLines(ids, root);
  const name = options.title === undefined ? machine : `${machine}, ${options.title}`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<!-- ${escapeXml(`Machine ${name}.`).replaceAll('--', '- -')} -->`,
    open('scxml', {
      xmlns: 'http://www.w3.org/2005/07/scxml',
      'xmlns:lab': SCXML_NAMESPACE,
      version: '1.0',
      name: machine.replace(/[^\p{L}\p{N}_.-]/gu, '_'),
      initial: first,
    }),
    ...indented(content),
    '</scxml>',
    '',
  ].join('\n');
}
