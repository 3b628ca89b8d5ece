// The newer dialect of DOT in rvgen: a grammar (lark, 2026), a subset of Graphviz' own.
import type { ParsedAutomaton, ParsedTransition } from './parsed-automaton.ts';

type Attributes = ReadonlyMap<string, string>;

/** The mark of the start. */
const INIT = '__init_';

const TOKEN = /\s*(?:("(?:[^"\\\n]|\\.)*")|(-?(?:\.\d+|\d+\.\d*))|([A-Za-z_]\w*)|(->|--|[{}[\]=;,]))/y;

/** The tokens of a text. Throws Error where there is none: a comment, a port, HTML. */
function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex;
    const [, ...groups] = TOKEN.exec(text) ?? [];
    const token = groups.find((one) => one !== undefined);
    if (token === undefined) throw new Error(`no token at: ${text.slice(at, at + 20).trim()}`);
    tokens.push(token);
  }
  return tokens;
}

/** Nodes and edges with the attributes that they have. */
class DotParser {
  readonly nodes = new Map<string, Attributes>();
  readonly edges = new Map<string, { readonly from: string; readonly to: string; readonly attributes: Attributes }>();
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = tokensOf(text);
    this.#accept('strict');
    if (!this.#accept('graph')) this.#expect('digraph');
    if (this.#token !== '{') this.#id();
    this.#body(new Map(), new Map());
    if (this.#token !== undefined) throw new Error(`unexpected ${this.#token}`);
  }

  get #token(): string | undefined {
    return this.#tokens[this.#at];
  }

  #isOne(...tokens: readonly string[]): boolean {
    return this.#token !== undefined && tokens.includes(this.#token);
  }

  #accept(token: string): boolean {
    if (this.#token !== token) return false;
    this.#at += 1;
    return true;
  }

  #expect(token: string): void {
    if (!this.#accept(token)) throw new Error(`expected ${token}, found ${this.#token}`);
  }

  /** A name, a number or a string, without the quotes. */
  #id(): string {
    const token = this.#token;
    if (token === undefined || !/^["\w.]|^-[\d.]/.test(token)) throw new Error(`expected a name, found ${token}`);
    this.#at += 1;
    return token.replaceAll(/^"|"$/g, '');
  }

  /** `{ statements }`, with the attributes that nodes and edges have in it by default. */
  #body(nodeDefaults: Attributes, edgeDefaults: Attributes): void {
    const defaults = { node: new Map(nodeDefaults), edge: new Map(edgeDefaults), graph: new Map<string, string>() };
    this.#expect('{');
    while (!this.#accept('}')) {
      this.#statement(defaults);
      this.#accept(';');
    }
  }

  #statement(defaults: { readonly [Kind in 'node' | 'edge' | 'graph']: Map<string, string> }): void {
    for (const kind of ['graph', 'node', 'edge'] as const)
      if (this.#accept(kind)) {
        if (this.#token !== '[') throw new Error(`expected [, found ${this.#token}`);
        for (const [name, value] of this.#attributes()) defaults[kind].set(name, value);
        return;
      }
    if (this.#isOne('subgraph', '{')) {
      this.#subgraph(defaults);
      if (this.#isOne('->', '--')) throw new Error('Only state-to-state transition is supported');
      return;
    }
    const id = this.#id();
    if (this.#accept('=')) this.#id();
    else if (this.#accept('->') || this.#accept('--')) this.#edge(id, defaults.edge);
    else this.#add(this.nodes, id, new Map([...defaults.node, ...this.#attributes()]));
  }

  #subgraph({ node, edge }: { readonly node: Attributes; readonly edge: Attributes }): void {
    if (this.#accept('subgraph') && this.#token !== '{') this.#id();
    this.#body(node, edge);
  }

  #edge(from: string, defaults: Attributes): void {
    if (this.#isOne('subgraph', '{')) throw new Error('Only state-to-state transition is supported');
    const to = this.#id();
    if (this.#isOne('->', '--')) throw new Error('Only state-to-state transition is supported');
    const key = `${from} -> ${to}`;
    const attributes = new Map([...defaults, ...this.#attributes()]);
    // What the same edge had before wins.
    const known = this.edges.get(key)?.attributes ?? [];
    this.edges.set(key, { from, to, attributes: new Map([...attributes, ...known]) });
  }

  #add(nodes: Map<string, Attributes>, id: string, attributes: Attributes): void {
    nodes.set(id, new Map([...attributes, ...(nodes.get(id) ?? [])]));
  }

  /** `[a = b, c = d]`, as often as it comes. */
  #attributes(): Map<string, string> {
    const found = new Map<string, string>();
    while (this.#accept('['))
      while (!this.#accept(']')) {
        const name = this.#id();
        this.#expect('=');
        const value = this.#id();
        if (!found.has(name)) found.set(name, value);
        if (!this.#accept(';')) this.#accept(',');
      }
    return found;
  }
}

const NAME = '[A-Za-z_]\\w*';
const CONDITION = `${NAME}\\s*(?:==|!=|<=|>=|<|>)\\s*(?:\\d+|[A-Z_]+\\(\\)|[A-Z_]+|[a-z_]+\\(\\)|[a-z_]+)\\s*(?:ns|us|ms|s|j)?`;
const RULE = `${CONDITION}(?:\\s*(?:&&|\\|\\|)\\s*${CONDITION})*`;
const RESET = `reset\\s*\\(\\s*${NAME}\\s*\\)`;
const GUARD = `(?:${RESET}\\s*;\\s*${RULE}|${RULE}\\s*;\\s*${RESET}|${RESET}|${RULE})`;
const EVENT = new RegExp(`^\\s*(${NAME})\\s*(;\\s*${GUARD})?\\s*$`);
const STATE = new RegExp(`^\\s*(${NAME})\\s*(?:\\\\n\\s*(${CONDITION}))?\\s*$`);

/**
 * Parses a .dot file as that parser does, for deterministic automata.
 *
 * @throws Error where it gives up
 */
export function parseDialectB(text: string): ParsedAutomaton {
  const { nodes, edges } = new DotParser(text);
  const transitions: ParsedTransition[] = [];
  for (const { from, to, attributes } of edges.values()) {
    if (attributes.size === 0) continue;
    const label = attributes.get('label');
    if (label === undefined) throw new Error(`an edge from ${from} to ${to} with attributes and without a label`);
    for (const one of label.split('\\n')) {
      const [, event, guard] = EVENT.exec(one) ?? [];
      if (event === undefined) throw new Error(`Unrecognised event "${one}"`);
      if (guard !== undefined) throw new Error("Detected hybrid automaton, use the 'ha' class");
      transitions.push({ from, event, to });
    }
  }
  const states: string[] = [];
  const finals: string[] = [];
  for (const attributes of nodes.values()) {
    const label = attributes.get('label') ?? '';
    if (label === '') continue;
    const [, state, constraint] = STATE.exec(label) ?? [];
    if (state === undefined) throw new Error(`Unrecognised state "${label}"`);
    if (constraint !== undefined) throw new Error("Detected hybrid automaton, use the 'ha' class");
    states.push(state);
    if (/^(?:doublecircle|ellipse)$/.test(attributes.get('shape') ?? '')) finals.push(state);
  }
  const initial = [...nodes.keys()].findLast((id) => id.startsWith(INIT))?.slice(INIT.length);
  if (initial === undefined || !states.includes(initial))
    throw new Error("The automaton doesn't have an initial state");
  for (const { from, to } of transitions)
    if (!states.includes(from) || !states.includes(to)) throw new Error(`no state ${from} or ${to}`);
  return { states, initial, finals: finals.length > 0 ? finals : [initial], transitions };
}
