// A chart read back from a Mermaid diagram, as Mermaid itself understands the text. Needs a DOM (jsdom).
import mermaid from 'mermaid';
import type { Chart, ChartState, ChartTransition } from '../../../src/engine/diagrams/chart.ts';

interface Node {
  readonly id: string;
  readonly label: string;
  readonly description?: readonly string[];
  readonly parentId?: string;
  readonly shape: string;
}
export interface Edge {
  readonly start: string;
  readonly end: string;
  readonly label: string;
}
export interface Reading {
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge[];
}

/** What Mermaid understands of a diagram. (mermaidAPI is internal; nothing public shows the parsed graph.) */
export async function read(text: string): Promise<Reading> {
  // Only the public parse() makes the kinds of diagrams known.
  await mermaid.parse('stateDiagram-v2');
  const { db, type } = await mermaid.mermaidAPI.getDiagramFromText(text);
  if (type !== 'stateDiagram') throw new Error(`Mermaid takes it for a ${type}`);
  return (db as unknown as { getData(): Reading }).getData();
}

/** The lines of a label as a reader sees them: Mermaid keeps entity codes in a form of its own until it draws. */
export function linesOf(label: string): string[] {
  return label
    .split(/<br ?\/?>/)
    .map((line) => line.replace(/ﬂ°°(\d+)¶ß/g, (_, code: string) => String.fromCodePoint(Number(code))));
}

interface Placed {
  readonly place: number;
  readonly transition: ChartTransition;
}

/** `event [guard] / action, action` */
function transitionOf(line: string, target: string | null): Placed {
  const [, left = '', actions] = /^(.*?)(?:(?:^| )\/ (.*))?$/.exec(line) ?? [];
  const [, event = '', condition = ''] = /^(.*?)(?:(?:^| )\[(.*)\])?$/.exec(left) ?? [];
  const [, isLater, guard = '', tried] =
    /^(else if |else$)?(.*?)(?:, tried (\d+)(?:st|nd|rd|th))?$/.exec(condition) ?? [];
  const place = isLater === undefined ? 0 : guard === '' ? Infinity : Number(tried ?? 2) - 1;
  return {
    place,
    transition: {
      event: event === '' || event === 'always' ? null : event,
      guard: guard === '' ? null : guard,
      actions: actions?.split(', ') ?? [],
      target,
    },
  };
}

/** A chart whose transitions stand in an order of their own: by event; those on one event as they are tried. */
export function inOrder(chart: Chart): Chart {
  const ordered = (state: ChartState): ChartState => ({
    ...state,
    transitions: state.transitions.toSorted((a, b) =>
      (a.event ?? '') < (b.event ?? '') ? -1 : Number(a.event !== b.event),
    ),
    states: state.states.map(ordered).toSorted((a, b) => (a.key < b.key ? -1 : 1)),
  });
  return { ...chart, root: ordered(chart.root) };
}

class ChartReader {
  readonly #nodes: readonly Node[];
  readonly #edges: readonly Edge[];
  readonly #byId: ReadonlyMap<string, Node>;
  /** The box of the machine as a whole, if there is one. */
  readonly #box: Node | undefined;

  readonly #machine: string;

  constructor({ nodes, edges }: Reading, machine: string) {
    this.#machine = machine;
    this.#nodes = nodes;
    this.#edges = edges;
    this.#byId = new Map(nodes.map((node) => [node.id, node]));
    const top = nodes.filter(({ parentId }) => parentId === undefined);
    this.#box = top.length === 1 ? top[0] : undefined;
  }

  chart(): Chart {
    const machine = this.#machine;
    if (this.#box !== undefined) return { machine, root: this.#state(this.#box) };
    const states = this.#within(undefined).map((node) => this.#state(node));
    const facts = { entry: [], exit: [], waits: [], transitions: [] };
    return {
      machine,
      root: { path: '', key: machine, kind: 'composite', initial: this.#initial(undefined), ...facts, states },
    };
  }

  /** States right in a state; regions are in separated parts of it. */
  #within(id: string | undefined): readonly Node[] {
    return this.#nodes
      .filter(({ parentId, shape }) => parentId === id && shape !== 'stateStart' && shape !== 'stateEnd')
      .flatMap((node) => (node.shape === 'divider' ? this.#within(node.id) : [node]));
  }

  #path(id: string): string {
    const node = this.#byId.get(id);
    if (node === undefined) throw new Error(`no state ${id}`);
    if (node === this.#box) return '';
    const parent = node.parentId === undefined ? '' : this.#path(node.parentId);
    if (node.shape === 'divider') return parent;
    const { key } = nameIn(node);
    return parent === '' ? key : `${parent}.${key}`;
  }

  #initial(id: string | undefined): string | null {
    const starts = this.#edges.filter(({ start }) => {
      const node = this.#byId.get(start);
      return node?.shape === 'stateStart' && node.parentId === id;
    });
    if (starts.length > 1) throw new Error(`${String(id)} begins in several states`);
    return starts[0] === undefined ? null : this.#path(starts[0].end);
  }

  #kind(node: Node): ChartState['kind'] {
    if (this.#nodes.some(({ shape, parentId }) => shape === 'divider' && parentId === node.id)) return 'parallel';
    if (node.shape === 'roundedWithTitle') return 'composite';
    const ends = this.#edges.some(({ start, end }) => start === node.id && this.#byId.get(end)?.shape === 'stateEnd');
    return ends ? 'final' : 'atomic';
  }

  #state(node: Node): ChartState {
    const { key, kernel } = nameIn(node);
    const title = linesOf(node.label).slice(1);
    const path = this.#path(node.id);
    const lines = [...title, ...(node.description ?? []).flatMap(linesOf)];
    const list = (word: string): string[] =>
      lines.flatMap((line) => (line.startsWith(word) ? line.slice(word.length).split(', ') : []));
    const own = lines.filter((line) => !['entry / ', 'exit / ', 'waits: '].some((word) => line.startsWith(word)));
    const ways = [
      ...own.map((line) => {
        const [, text = '', target] = /^(.*?)(?: --> (.*))?$/.exec(line) ?? [];
        return transitionOf(text, target === undefined ? null : target === this.#machine ? '' : target);
      }),
      ...this.#edges
        .filter(({ start, end }) => start === node.id && this.#byId.get(end)?.shape !== 'stateEnd')
        .flatMap(({ end, label }) => linesOf(label).map((line) => transitionOf(line, this.#path(end)))),
    ];
    return {
      path,
      key,
      kind: this.#kind(node),
      initial: this.#initial(node.id),
      entry: list('entry / '),
      exit: list('exit / '),
      waits: list('waits: '),
      ...(kernel === undefined ? {} : { kernel }),
      transitions: ways.toSorted((a, b) => a.place - b.place).map(({ transition }) => transition),
      states: this.#within(node.id).map((child) => this.#state(child)),
    };
  }
}

/** The name of a state, and the kernel function that it is. */
function nameIn({ label }: Node): { readonly key: string; readonly kernel: string | undefined } {
  const [name = ''] = linesOf(label);
  const [key = '', kernel] = name.split(': ');
  return { key, kernel };
}

/** The chart that a diagram shows. */
export function readChart(reading: Reading, machine: string): Chart {
  return new ChartReader(reading, machine).chart();
}
