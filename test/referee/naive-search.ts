// The referee: a naive search over XState snapshots and plain objects. Nothing remembered, nothing packed.
//
// Shares only the machines with the explorer: their XState logic and what they declare. Memory (plain-memory.ts), channels,
// steps and search are written again, as simply as possible, so that equal counts mean something.
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import { initialTransition, transition } from 'xstate';
import { during } from '../../src/engine/actors/cells.ts';
import type { State } from '../../src/engine/actors/chart.ts';
import type { HostEffect, Observation } from '../../src/engine/actors/effects.ts';
import type { ActorDefinition, WorldDefinition } from '../../src/engine/world/definition.ts';
import type { PlainMemory } from './plain-memory.ts';
import { emptyMemory, indexOf, memoryText, plainCells } from './plain-memory.ts';

/** A message with its recipient. */
export interface PlainMessage {
  readonly to: string;
  readonly message: Readonly<Record<string, unknown>> & { readonly type: string };
}

/** A state: local states, memory, and the messages in flight by the actor in whose channel they travel. */
export interface Plain {
  readonly actors: Record<string, { readonly value: unknown; readonly context: Readonly<Record<string, unknown>> }>;
  readonly memory: PlainMemory;
  readonly channels: Record<string, PlainMessage[]>;
}

/** What may happen next: a message out of a channel, or (null) what an actor does by itself. */
export interface PlainChoice {
  readonly sent: PlainMessage;
  readonly channel: string | null;
  /** As it is delivered: with the environment's answer. */
  readonly message: PlainMessage['message'];
}

/** Where a step leads to, and what was observed on the way, in order. */
export interface PlainStep {
  readonly state: Plain;
  readonly observations: readonly Observation[];
}

/** Counts of a search. */
export interface NaiveCounts {
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
}

/** A step of the search; states by key. */
export interface NaiveStep {
  readonly from: string;
  readonly choice: PlainChoice;
  readonly to: string;
  readonly step: PlainStep;
}

/** Who is told of the search: the first state, every step, every state from which there is none. */
export interface NaiveListener {
  readonly first: (key: string, state: Plain) => void;
  readonly step: (step: NaiveStep) => void;
  readonly last: (key: string) => void;
}

/** Explores a world breadth-first, with a `Set` of JSON strings. */
export function naiveSearch(
  { definition }: { readonly definition: WorldDefinition },
  listener?: NaiveListener,
): NaiveCounts {
  const search = new NaiveSearch(definition);
  const first = search.initial();
  const seen = new Set<string>([search.key(first)]);
  listener?.first(search.key(first), first);
  let frontier = new Map([[search.key(first), first]]);
  let transitions = 0;
  let depth = -1;
  while (frontier.size > 0) {
    depth += 1;
    const next = new Map<string, Plain>();
    for (const [from, state] of frontier) {
      const choices = search.choices(state);
      if (choices.length === 0) listener?.last(from);
      for (const choice of choices) {
        transitions += 1;
        const step = search.step(state, choice);
        const to = search.key(step.state);
        listener?.step({ from, choice, to, step });
        if (seen.has(to)) continue;
        seen.add(to);
        next.set(to, step.state);
      }
    }
    frontier = next;
  }
  return { states: seen.size, transitions, depth };
}

const sameMessage = (one: PlainMessage, other: PlainMessage): boolean => JSON.stringify(one) === JSON.stringify(other);

/** The active states of a value, from the top. */
function activeIn(chart: State, value: unknown): State[] {
  const children = typeof value === 'string' ? [[value, {}]] : Object.entries(value as object);
  return [chart, ...children.flatMap(([key, inner]) => activeIn(chart.states?.[key as string] ?? {}, inner))];
}

/** The pieces of the naive search. */
export class NaiveSearch {
  readonly #actors: readonly ActorDefinition[];

  constructor({ actors }: WorldDefinition) {
    this.#actors = actors;
  }

  initial(): Plain {
    const actors = this.#actors.map(({ name, machine, wiring = {}, constants = {} }) => {
      const input = { self: name, wiring, constants: { ...machine.declaration.constants, ...constants } };
      const [{ value, context }] = initialTransition(machine.logic, input) as unknown as [AnyMachineSnapshot];
      return [name, { value: value as unknown, context: context as Readonly<Record<string, unknown>> }] as const;
    });
    return {
      actors: Object.fromEntries(actors),
      memory: emptyMemory(this.#actors),
      channels: Object.fromEntries(this.#actors.map(({ name }) => [name, []])),
    };
  }

  /** The same for two states that are the same. */
  key({ actors, memory, channels }: Plain): string {
    return `${JSON.stringify([actors, channels])} ${memoryText(memory, indexOf(this.#actors))}`;
  }

  /** Everything that may happen next. Throws where a message is neither taken nor said to wait. */
  choices(state: Plain): PlainChoice[] {
    const own = this.#actors.flatMap(({ name, machine, program, after = [] }): PlainChoice[] => {
      const { actsByItself } = machine.declaration;
      if (actsByItself === undefined || program === undefined || !after.every((other) => this.#isDone(state, other)))
        return [];
      const offered = actsByItself.offers(this.#local(state, name), program) as readonly PlainMessage['message'][];
      return offered
        .map((message): PlainChoice => ({ sent: { to: name, message }, channel: null, message }))
        .filter(({ sent }) => this.#takes(state, sent) || !this.#isGuarded(state, sent));
    });
    const deliveries = Object.entries(state.channels).flatMap(([channel, messages]) =>
      messages
        .filter((one, i) => messages.findIndex((other) => sameMessage(one, other)) === i)
        .filter((sent) => this.#takes(state, sent) || this.#waits(state, sent))
        .flatMap((sent) => this.#variants(sent).map((message): PlainChoice => ({ sent, channel, message }))),
    );
    return [...own, ...deliveries];
  }

  /** Takes one choice. Calls are made depth first: a callee is through before the caller's next effect. */
  step(before: Plain, { sent, channel, message }: PlainChoice): PlainStep {
    const state = structuredClone(before);
    if (channel !== null) {
      const place = state.channels[channel]?.findIndex((one) => sameMessage(one, sent)) ?? -1;
      if (place < 0) throw new Error(`${sent.message.type} is not in flight`);
      state.channels[channel]?.splice(place, 1);
    }
    const observations: Observation[] = [];
    this.#deliver(state, { to: sent.to, message }, observations);
    return { state, observations };
  }

  #deliver(state: Plain, event: PlainMessage, observations: Observation[]): void {
    const { to, message } = event;
    if (!this.#takes(state, event)) throw new Error(`not modelled: ${to} is called with ${message.type}`);
    const { logic } = this.#definition(to).machine;
    const cells = plainCells(this.#actors, state.memory);
    const [after, wanted] = during(cells, () => transition(logic, this.#snapshot(state, to), message)) as unknown as [
      AnyMachineSnapshot,
      readonly { readonly type: string; readonly params: unknown }[],
    ];
    state.actors[to] = { value: after.value as unknown, context: after.context as Readonly<Record<string, unknown>> };
    const effects = wanted.filter(({ type }) => type === 'effect').map(({ params }) => params as HostEffect);
    for (const effect of effects) {
      if (effect.do === 'show') {
        observations.push(effect.observation);
        continue;
      }
      const sent = { to: effect.to, message: effect.message as PlainMessage['message'] };
      if (effect.do === 'call') this.#deliver(state, sent, observations);
      else this.#post(state, effect.by ?? to, sent);
    }
  }

  /** Puts a message into a channel, whose messages are in order of their text. */
  #post({ channels }: Plain, channel: string, sent: PlainMessage): void {
    const texts = [...(channels[channel] ?? []), sent].map((one) => JSON.stringify(one)).toSorted();
    channels[channel] = texts.map((text) => JSON.parse(text) as PlainMessage);
  }

  /** As the environment may deliver a message. */
  #variants({ to, message }: PlainMessage): readonly PlainMessage['message'][] {
    const { name, machine, constants = {}, failures = [] } = this.#definition(to);
    const { declaration } = machine;
    const facts = { name, constants: { ...declaration.constants, ...constants }, failures };
    const others = declaration.variants?.[message.type]?.(message, facts) ?? [];
    return [message, ...others.map((extra) => ({ ...message, ...extra }))];
  }

  #takes(state: Plain, { to, message }: PlainMessage): boolean {
    const cells = plainCells(this.#actors, structuredClone(state.memory));
    const { logic } = this.#definition(to).machine;
    return during(cells, () => logic.getTransitionData(this.#snapshot(state, to), message)).length > 0;
  }

  /** Does a message that is not taken wait, by what the active states say? Answers false, and throws where it does not. */
  #waits(state: Plain, { to, message: { type } }: PlainMessage): false {
    const { machine } = this.#definition(to);
    const active = activeIn(machine.declaration.chart, this.#local(state, to).value);
    if (active.some(({ waits = [], on = {} }) => waits.includes(type) || on[type] !== undefined)) return false;
    throw new Error(`not modelled: ${to} gets ${type}, and it does not wait`);
  }

  /** Is there a transition for a message, be it with a guard that is false? Then an actor waits with what it offers. */
  #isGuarded(state: Plain, { to, message: { type } }: PlainMessage): boolean {
    const active = activeIn(this.#definition(to).machine.declaration.chart, this.#local(state, to).value);
    return active.some(({ on = {} }) => on[type] !== undefined);
  }

  #isDone(state: Plain, name: string): boolean {
    const { machine, program } = this.#definition(name);
    return machine.declaration.actsByItself?.isDone(this.#local(state, name), program) ?? true;
  }

  #snapshot(state: Plain, name: string): AnyMachineSnapshot {
    const logic: AnyStateMachine = this.#definition(name).machine.logic;
    return logic.resolveState(this.#local(state, name) as never);
  }

  #local({ actors }: Plain, name: string): Plain['actors'][string] {
    const local = actors[name];
    if (local === undefined) throw new Error(`no actor ${name}`);
    return local;
  }

  #definition(name: string): ActorDefinition {
    const definition = this.#actors.find((one) => one.name === name);
    if (definition === undefined) throw new Error(`no actor ${name}`);
    return definition;
  }
}
