// Remembered transitions for actors whose names are plain numbers: what a world of a million actors runs on.
//
// `LocalTransitions` keeps its trees up to renaming, but it also fills names in for each actor it meets. Here an actor is a
// *control state* (its local state with names replaced by places) and a few numbers in columns. Every tree is made by
// delivering to a representative, an actor called `r0` that holds `r1`, `r2`: so the machines and what is remembered of
// them are those of every other world, and nothing is kept per actor.
import type { Observation } from '../engine/actors/effects.ts';
import { REGISTRY } from '../machines/manager/protocol.ts';
import type { LocalId, LocalTransitions, Outcome } from '../engine/world/local-transitions.ts';
import { abstract, instantiate } from '../engine/world/abstract-names.ts';
import type { Memory } from '../engine/world/memory.ts';
import type { OperationCode } from '../engine/world/operations.ts';
import type { Connection } from '../registry/language.ts';
import { connectionOf, isNotable } from '../registry/language.ts';
import type { ValueId, Values } from '../engine/world/values.ts';
import { WorldLimitError } from '../engine/world/world-limit.ts';

/** Value numbers from here on are names of a world in columns; below are null, truth values, numbers. */
export const FIRST_NAME = 0x1_0000;

/** The most names that an actor, an event, or both together hold. */
export const MAX_NAMES = 12;
/** `to` of a message for the registry. */
export const TO_REGISTRY = -1;

/** A local state up to renaming: the number of the local state of its representative. */
export type ControlId = LocalId;
/** A message up to renaming. */
export type TemplateId = number;

/** A message that a transition sends: to whom, what, and which names it holds, as places among the joint names. */
export interface Send {
  readonly to: number;
  /** Does it travel, in the channel of the thread or callback at hand? Else it is a function call. */
  readonly travels: boolean;
  readonly template: TemplateId;
  readonly places: readonly number[];
}

/** What a transition leads to, up to renaming. */
export interface RenamedOutcome {
  readonly control: ControlId;
  /** Places of the names that the actor then holds. */
  readonly places: readonly number[];
  /** Function calls and messages that travel, in order. */
  readonly sends: readonly Send[];
  /** Templates over `#place`. */
  readonly observations: readonly Observation[];
  /** The first of them that no call does where all goes well. */
  readonly notable: Observation | null;
  /** The add callback that succeeded, or the del callback that was called: of whom and for whom, as places. */
  readonly connection: Connection<number> | null;
}

/** The first connection that observations tell of, its names as places. */
function placesOfConnection(observations: readonly Observation[]): Connection<number> | null {
  for (const shown of observations) {
    const found = connectionOf(shown);
    if (found === null) continue;
    const place = (template: string): number => Number(template.slice(1));
    return { adds: found.adds, object: place(found.object), peer: place(found.peer) };
  }
  return null;
}

/** A node of a decision tree; arguments are value numbers, or `-1 - place` for a name. */
interface TreeNode {
  request: { readonly code: OperationCode; readonly args: readonly [number, number, number] } | null;
  outcome: RenamedOutcome | null;
  readonly constants: TreeNode[];
  readonly places: TreeNode[];
  fresh: TreeNode | null;
}

const emptyNode = (): TreeNode => ({ request: null, outcome: null, constants: [], places: [], fresh: null });

interface Template {
  readonly to: 'registry' | 'struct';
  readonly message: unknown;
  readonly names: number;
}

const representative = (place: number): string => `r${place}`;
const placeOf = (name: string): number => Number(name.slice(1));
const isRepresentative = (value: unknown): value is string => typeof value === 'string' && /^r\d+$/.test(value);
const allRepresentatives: readonly string[] = Array.from({ length: MAX_NAMES }, (_, place) => representative(place));

/** The transitions of a world's machines, for actors and events whose names are numbers from FIRST_NAME. */
export class RenamedTransitions {
  /** The names of actor and event together, of the last delivery: the actor's, the event's, those that memory answered. */
  readonly joint: Int32Array<ArrayBuffer> = new Int32Array(MAX_NAMES + 1);
  jointCount = 0;
  readonly #transitions: LocalTransitions;
  readonly #values: Values;
  readonly #nameCounts: number[] = [];
  readonly #templates: Template[] = [];
  readonly #templateIds = new Map<string, TemplateId>();
  readonly #roots: TreeNode[][][] = [];
  readonly #accepts: boolean[][] = [];

  constructor(transitions: LocalTransitions, values: Values) {
    this.#transitions = transitions;
    this.#values = values;
  }

  /** The control state in which a machine starts. Its own name is its first. */
  initial(machine: number): ControlId {
    const local = this.#transitions.initial(machine, { self: representative(0), wiring: {}, constants: {} });
    return this.#control(local).control;
  }

  /** The number of names that an actor in a control state holds. */
  namesOf(control: ControlId): number {
    return this.#nameCounts[control] ?? 0;
  }

  /** The number of names that a message holds. */
  namesIn(template: TemplateId): number {
    return this.#templates[template]?.names ?? 0;
  }

  /** The template of a message whose names are `r0`, `r1`, ... in the order in which they first occur. */
  template(to: Template['to'], message: object): TemplateId {
    const names: string[] = [];
    return this.#internTemplate(to, abstract(message, names, true), names.length);
  }

  /** The message of a template with names filled in. */
  message(template: TemplateId, names: readonly string[]): unknown {
    return instantiate(this.#templates[template]?.message, names);
  }

  /** Does a machine in this control state take this message? Decided by state and type alone. */
  accepts(control: ControlId, template: TemplateId): boolean {
    const row = (this.#accepts[control] ??= []);
    return (row[template] ??= this.#transitions.accepts(control, this.#event(template, allRepresentatives)));
  }

  /**
   * Delivers a message to an actor. `names` holds the actor's names from `at` on, `eventNames` those of the message. The
   * outcome's places refer to `joint`.
   */
  deliver(
    control: ControlId,
    names: Int32Array<ArrayBuffer>,
    at: number,
    template: TemplateId,
    eventNames: Int32Array<ArrayBuffer>,
    eventAt: number,
    memory: Memory,
  ): RenamedOutcome {
    const { joint } = this;
    let count = this.#nameCounts[control] ?? 0;
    for (let i = 0; i < count; i++) joint[i] = names[at + i] ?? 0;
    let pattern = 0;
    const end = eventAt + (this.#templates[template]?.names ?? 0);
    for (let i = eventAt; i < end; i++) {
      const name = eventNames[i] ?? 0;
      const place = this.#place(name, count);
      if (place === count) joint[count++] = name;
      pattern = pattern * MAX_NAMES + place;
    }
    let node = this.#roots[control]?.[template]?.[pattern] ?? this.#root(control, template, pattern);
    const known = count;
    for (;;) {
      const { request } = node;
      if (request === null) break;
      const [a, b, c] = request.args;
      const answer = memory.perform(
        request.code,
        a < 0 ? (joint[-1 - a] ?? 0) : a,
        b < 0 ? (joint[-1 - b] ?? 0) : b,
        c < 0 ? (joint[-1 - c] ?? 0) : c,
      );
      this.#answers[this.#answered++] = answer;
      const before = count;
      if (answer >= FIRST_NAME) {
        const place = this.#place(answer, count);
        if (place === count) joint[count++] = answer;
      }
      node = this.#edge(node, answer, before);
    }
    const outcome = node.outcome ?? this.#compute(control, template, pattern, known, memory);
    if (node.outcome !== null) this.jointCount = count;
    this.#answered = 0;
    return outcome;
  }

  /** Answers of memory during the current delivery. */
  readonly #answers = new Int32Array(64);
  #answered = 0;

  #place(name: number, count: number): number {
    const { joint } = this;
    for (let place = 0; place < count; place++) if (joint[place] === name) return place;
    if (count >= MAX_NAMES) throw new WorldLimitError(`more than ${MAX_NAMES} names in one delivery`);
    return count;
  }

  /** The child of a node for an answer; `count` names were known when it came. */
  #edge(node: TreeNode, answer: ValueId, count: number): TreeNode {
    if (answer < FIRST_NAME) return (node.constants[answer] ??= emptyNode());
    const place = this.#place(answer, count);
    if (place === count) return (node.fresh ??= emptyNode());
    return (node.places[place] ??= emptyNode());
  }

  #root(control: ControlId, template: TemplateId, pattern: number): TreeNode {
    const ofControl = (this.#roots[control] ??= []);
    const ofTemplate = (ofControl[template] ??= []);
    return (ofTemplate[pattern] ??= emptyNode());
  }

  /** Delivers to the representative, with the real memory behind renamed operations, and notes the way in the tree. */
  #compute(control: ControlId, template: TemplateId, pattern: number, known: number, memory: Memory): RenamedOutcome {
    const { joint } = this;
    let count = known;
    const names = this.#eventNames(template, pattern);
    let node = this.#root(control, template, pattern);
    let performed = 0;
    const renamed: Memory = {
      perform: (code, ...args) => {
        const specs = args.map((arg, i) => this.#spec(code, i, arg)) as [number, number, number];
        node.request ??= { code, args: specs };
        const real = specs.map((spec) => (spec < 0 ? (joint[-1 - spec] ?? 0) : spec)) as [number, number, number];
        const answer = performed < this.#answered ? (this.#answers[performed] ?? 0) : memory.perform(code, ...real);
        if (performed >= this.#answered) this.#answers[this.#answered++] = answer;
        performed += 1;
        node = this.#edge(node, answer, count);
        if (answer < FIRST_NAME) return answer;
        const place = this.#place(answer, count);
        if (place === count) joint[count++] = answer;
        return this.#values.id(representative(place) as never);
      },
    };
    const outcome = this.#transitions.deliver(control, this.#event(template, names), renamed);
    node.outcome = this.#rename(outcome);
    this.jointCount = count;
    return node.outcome;
  }

  /** A message's names as the representative's, out of the places that the pattern is made of. */
  #eventNames(template: TemplateId, pattern: number): readonly string[] {
    const names: string[] = [];
    let rest = pattern;
    for (let i = this.namesIn(template); i > 0; i--) {
      names.unshift(representative(rest % MAX_NAMES));
      rest = Math.floor(rest / MAX_NAMES);
    }
    return names;
  }

  #spec(code: OperationCode, i: number, arg: number): number {
    if (this.#transitions.operations.shapes[code]?.values[i] !== true) return arg;
    const value = this.#values.value(arg);
    return isRepresentative(value) ? -1 - placeOf(value) : arg;
  }

  #event(template: TemplateId, names: readonly string[]): number {
    const known = this.#templates[template];
    if (known === undefined) throw new RangeError(`no template ${template}`);
    const message = instantiate(known.message, names) as { type: string };
    const to = known.to === 'registry' ? REGISTRY : representative(0);
    return this.#transitions.internEvent({ to, message });
  }

  /** A local state of the representative as control state and places. */
  #control(local: LocalId): { readonly control: ControlId; readonly places: readonly number[] } {
    const { machine, value, ...state } = this.#transitions.local(local);
    const names: string[] = [];
    const context = instantiate(abstract(state.context, names, true), allRepresentatives) as typeof state.context;
    const control = this.#transitions.internLocal({ machine, value, context });
    this.#nameCounts[control] = names.length;
    return { control, places: names.map(placeOf) };
  }

  #rename(outcome: Outcome): RenamedOutcome {
    const firstCall = outcome.effects.findIndex((effect) => effect.do === 'call');
    if (firstCall >= 0 && outcome.effects.slice(firstCall).some((effect) => effect.do === 'show'))
      throw new Error('an observation after a function call has no place in a world in columns');
    const { control, places } = this.#control(outcome.local);
    const observations = outcome.effects.flatMap((effect) =>
      effect.do === 'show' ? [abstract(effect.observation, [...allRepresentatives], false) as Observation] : [],
    );
    return {
      control,
      places,
      sends: outcome.effects.flatMap((effect) =>
        effect.do === 'show' ? [] : [this.#send(effect.event, effect.do === 'post')],
      ),
      observations,
      notable: observations.find(isNotable) ?? null,
      connection: placesOfConnection(observations),
    };
  }

  #send(event: number, travels: boolean): Send {
    const { to, message } = this.#transitions.event(event);
    const names: string[] = [];
    const kind = to === REGISTRY ? 'registry' : 'struct';
    const template = this.#internTemplate(kind, abstract(message, names, true), names.length);
    return { to: to === REGISTRY ? TO_REGISTRY : placeOf(to), travels, template, places: names.map(placeOf) };
  }

  #internTemplate(to: Template['to'], message: unknown, names: number): TemplateId {
    const key = `${to} ${JSON.stringify(message)}`;
    const known = this.#templateIds.get(key);
    if (known !== undefined) return known;
    const id = this.#templates.push({ to, message, names }) - 1;
    this.#templateIds.set(key, id);
    return id;
  }
}
