// Traces: one run of a world, step by step, with what was observed and the state after each.
import type { Address, Observation } from '../actors/effects.ts';
import type { PlainEvent } from './events.ts';
import type { PackedMemory } from './memory.ts';
import { PlainRow } from './memory.ts';
import { WorldView } from './view.ts';
import type { Choice, Row, StepListener, World } from './world.ts';

/** A function call within a step: who called whom with what, and how deep. */
export interface TracedCall {
  readonly from: Address;
  readonly to: Address;
  readonly message: PlainEvent['message'];
  readonly depth: number;
}

/** One step of a trace. */
export interface TraceStep {
  /** Place in the run, from 1. */
  readonly step: number;
  /** What was chosen, by name (`World.nameOf`). */
  readonly choice: string;
  /** Who sent what was delivered; an actor itself where it acted by itself. */
  readonly from: Address;
  /** Who received what. */
  readonly to: Address;
  /**
   * In whose course it happens: the thread that made the call, or whoever acts by itself. What a step sends goes on in its course, but
   * for what an actor sends itself, to do it later.
   */
  readonly thread: Address;
  readonly message: PlainEvent['message'];
  /** Function calls within the step, in order. */
  readonly calls: readonly TracedCall[];
  readonly observations: readonly Observation[];
  /** The state after the step, as `WorldView.toJSON` shows it. */
  readonly state: Readonly<Record<string, unknown>>;
}

/** Who sent a message, and in whose course. */
interface Sender {
  readonly from: Address;
  readonly thread: Address;
}

/** A choice that a trace names but the world does not offer. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
}

/** Runs a world one step at a time, on the memory that it has for single runs, and notes every step down. */
export class TracedRun {
  readonly world: World;
  readonly steps: TraceStep[] = [];
  readonly view: WorldView;
  readonly #memory: PackedMemory;
  /** Who sent the messages in flight, by channel and event; equal messages of one channel have senders in order. */
  readonly #senders = new Map<string, Sender[]>();
  #row: Row;

  constructor(world: World) {
    this.world = world;
    this.#row = world.initial();
    this.#memory = world.memoryFor(new PlainRow(this.#row));
    this.view = new WorldView(world, this.#row);
  }

  get row(): Row {
    return this.#row;
  }

  /** What may happen next. */
  choices(): Choice[] {
    return this.world.choices(this.#row);
  }

  /** Takes one of the choices, by place or by name. Throws TraceError where there is no such choice. */
  take(choice: number | string): TraceStep {
    const choices = this.choices();
    const taken =
      typeof choice === 'number' ? choices[choice] : choices.find((one) => this.world.nameOf(one) === choice);
    if (taken === undefined) throw new TraceError(`there is no choice ${choice} at step ${this.steps.length + 1}`);
    const { transitions } = this.world;
    const { to, message } = transitions.event(taken.event);
    const name = this.world.nameOf(taken);
    const { from, thread } = this.#senderOf(taken) ?? { from: to, thread: to };
    const calls: TracedCall[] = [];
    const listener: StepListener = {
      delivered: (event, sender, depth) => {
        if (sender !== null) calls.push({ from: sender, ...transitions.event(event), depth });
      },
      posted: (event, sender, channel) => {
        const key = `${channel} ${event}`;
        // What an actor sends itself in a channel of its own it does later, by itself: a workqueue.
        const isOwn = this.world.actors[channel]?.address === sender && transitions.event(event).to === sender;
        this.#senders.set(key, [...(this.#senders.get(key) ?? []), { from: sender, thread: isOwn ? sender : thread }]);
      },
    };
    const { row, observations } = this.world.step(this.#row, taken, this.#memory, listener);
    this.#row = row;
    this.view.row = row;
    const step = {
      step: this.steps.length + 1,
      choice: name,
      from,
      to,
      thread,
      message,
      calls,
      observations,
      state: this.view.toJSON(),
    };
    this.steps.push(step);
    return step;
  }

  /** Who sent the message of a choice; it is not in flight any more then. */
  #senderOf({ column }: Choice): Sender | undefined {
    if (column < 0) return undefined;
    const key = `${this.world.channelAt(column)} ${(this.#row[column] ?? 0) - 1}`;
    return this.#senders.get(key)?.shift();
  }
}

/**
 * The trace of a path of choices, from the initial state.
 *
 * @param world - the world that is run
 * @param path - the choices in order: each an index into the choices of its state, or a name (`World.nameOf`)
 * @returns one entry a step
 * @throws TraceError where a choice is not offered
 */
export function traceOf(world: World, path: readonly (number | string)[]): TraceStep[] {
  const run = new TracedRun(world);
  for (const choice of path) run.take(choice);
  return run.steps;
}
