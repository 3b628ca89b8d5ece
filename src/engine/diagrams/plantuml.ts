// A statechart as PlantUML: states within each other, regions between `--`, texts folded by PlantUML's own `\n`.
import type { Chart, ChartState, Mark } from './chart.ts';
import { statesIn } from './chart.ts';
import { boxLines, edgeMark, edgesFrom, edgeTexts, isBox, nameText } from './drawn-chart.ts';

/** What the diagram says about itself. */
export interface PlantumlOptions {
  /** Of which revision or scenario this is the machine; shown as the title. */
  readonly title?: string | undefined;
}

const colours: Readonly<Record<Mark, string>> = { added: '#1a7f37', removed: '#cf222e', changed: '#9a6700' };
const fills: Readonly<Record<Mark, string>> = { added: '#dafbe1', removed: '#ffebe9', changed: '#fff8c5' };

const coded = (sign: string): string => `<U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`;

/** Signs that PlantUML reads as markup or escapes, as codes of its own; of doubled ones, which are markup, the second. */
function escaped(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[<>"\\~{}|#]/g, coded)
    .replace(/(?<=([-_*/[]))\1/g, coded);
}

/** By which name PlantUML knows each state: a letter and its number. */
type Names = ReadonlyMap<string, string>;

function nameIn(names: Names, path: string): string {
  const name = names.get(path);
  if (name === undefined) throw new RangeError(`the chart has no state "${path}"`);
  return name;
}

function stateLines(names: Names, machine: string, state: ChartState): readonly string[] {
  const { path, kind, mark, states } = state;
  const name = nameIn(names, path);
  const paint = mark === undefined ? '' : ` ${fills[mark]};line:${colours[mark].slice(1)}`;
  const texts = boxLines(machine, state).map(({ text }) => `${name} : ${escaped(text)}`);
  const head = `state "${escaped(nameText(machine, state))}" as ${name}${paint}`;
  if (states.length === 0) return [head, ...texts, ...(kind === 'final' ? [`${name} --> [*]`] : [])];
  return [`${head} {`, ...innerLines(names, machine, state).map((line) => `  ${line}`), '}', ...texts];
}

function innerLines(names: Names, machine: string, { kind, initial, states }: ChartState): readonly string[] {
  const start = initial === null ? [] : [`[*] --> ${nameIn(names, initial)}`];
  const inner = states.map((state) => stateLines(names, machine, state));
  if (kind !== 'parallel') return [...start, ...inner.flat()];
  return inner.flatMap((lines, i) => (i === 0 ? lines : ['--', ...lines]));
}

function edgeLines(names: Names, state: ChartState): readonly string[] {
  return edgesFrom(state).map((edge) => {
    const mark = edgeMark(edge);
    const arrow = mark === undefined ? '-->' : `-[${colours[mark]}${mark === 'removed' ? ',dashed' : ',bold'}]->`;
    const texts = edgeTexts(edge).map(escaped);
    const label = texts.length === 0 ? '' : ` : ${texts.join('\\n')}`;
    return `${nameIn(names, state.path)} ${arrow} ${nameIn(names, edge.to)}${label}`;
  });
}

/**
 * Prints a chart as a PlantUML state diagram; what is drawn where is as in `mermaidOf`. The same chart and options give the same bytes.
 *
 * @param chart - as `chartOf(machine)` reads it, or merged or summed up
 * @param options - `title` says which revision this is
 * @returns the source of the diagram, ending with a newline
 */
export function plantumlOf(chart: Chart, options: PlantumlOptions = {}): string {
  const { machine, root } = chart;
  const names: Names = new Map(statesIn(root).map(({ path }, i) => [path, `s${String(i)}`]));
  const boxes = isBox(chart) ? stateLines(names, machine, root) : innerLines(names, machine, root);
  const edges = statesIn(root).flatMap((state) => edgeLines(names, state));
  const title = options.title === undefined ? machine : `${machine}, ${options.title}`;
  return ['@startuml', 'hide empty description', `title ${escaped(title)}`, ...boxes, ...edges, '@enduml', ''].join(
    '\n',
  );
}
