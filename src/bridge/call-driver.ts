// One call of a thread, driven to its end: its unlocked half, its turn with the mutex, each callback and its answer.
import type { Name } from '../engine/actors/name.ts';
import type { Row, World } from '../engine/world/world.ts';
import type { Call } from '../machines/manager/program.ts';
import type { Observation } from '../machines/manager/protocol.ts';
import { REGISTRY } from '../machines/manager/protocol.ts';
import type { ThreadContext } from '../machines/manager/thread.ts';
import type { ManagerView } from '../registry/manager-view.ts';
import type { StructureMemory } from '../registry/structure-memory.ts';

/** Where a thread goes on: there is one step. */
const NEXT = { ok: 0, error: 0 };

/** The events by which threads are told to make calls: each is looked up once. */
export class CallEvents {
  readonly #world: World;
  readonly #known = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The number of the event. */
  event(caller: Name, call: Call): number {
    const { op, object, eventfd, irq, moduleGet } = call as Readonly<Record<string, unknown>>;
    const key = [caller, op, object, eventfd, irq, moduleGet].map(String).join(' ');
    let event = this.#known.get(key);
    if (event === undefined) {
      event = this.#world.call(caller, { type: 'call', how: 'call', call, next: NEXT }).event;
      this.#known.set(key, event);
    }
    return event;
  }
}

/** What the environment does while a call has the mutex. */
export interface Environment {
  /** Fields of the request when it gets the mutex: `{ allocation: 'fails' }`. */
  readonly request?: object;
  /** What a callback answers; undefined for what it answers by itself. */
  readonly answer: (callback: string) => number | undefined;
}

/** Drives calls of threads that have no program, in a world without other actors that act by themselves. */
export class CallDriver {
  readonly #world: World;
  readonly #events: CallEvents;
  readonly #view: ManagerView;
  readonly #memory: StructureMemory | undefined;
  #row: Row;
  #observations: Observation[] = [];

  /**
   * @param events - of the same world
   * @param view - is pointed at each row
   * @param row - the state to begin in
   * @param memory - where the sets are real structures; they are in the row where it is absent
   */
  constructor(events: CallEvents, view: ManagerView, row: Row, memory?: StructureMemory) {
    this.#world = view.world;
    this.#events = events;
    this.#view = view;
    this.#memory = memory;
    this.#row = row;
    this.#view.state.row = row;
  }

  /** The state now. */
  get row(): Row {
    return this.#row;
  }

  /** Does something; answers what is observed meanwhile. */
  observed(something: () => void): readonly Observation[] {
    const outer = this.#observations;
    this.#observations = [];
    something();
    const mine = this.#observations;
    this.#observations = outer;
    return mine;
  }

  /** The unlocked half of a call. Answers whether the thread waits for the mutex now. */
  begin(caller: Name, call: Call): boolean {
    this.#step(this.#events.event(caller, call), -1);
    return this.#request(caller) !== undefined;
  }

  /** Gives the thread the mutex and answers its callbacks, until it returns or the kernel stops. */
  finish(caller: Name, { request: changes, answer: answerOf }: Environment): void {
    const request = this.#request(caller);
    if (request !== undefined && !this.#view.isCorrupt)
      this.#step(changes === undefined ? request.id : this.#world.variant(request.id, changes), request.column);
    while (this.#isCalling(caller) && !this.#view.isCorrupt) {
      const callback = this.#world.inFlight(this.#row).find(({ event }) => event.to !== REGISTRY);
      if (callback === undefined) throw new Error(`${caller} never returns`);
      const answer = answerOf(callback.event.message.type);
      this.#step(answer === undefined ? callback.id : this.#world.variant(callback.id, { answer }), callback.column);
    }
  }

  /** The request of a thread that waits for the mutex. */
  #request(caller: Name): { readonly column: number; readonly id: number } | undefined {
    return this.#world.inFlight(this.#row).find(({ event }) => event.message['caller'] === caller);
  }

  #isCalling(caller: Name): boolean {
    return this.#view.state.context<ThreadContext>(caller).op !== null;
  }

  #step(event: number, column: number): void {
    const { row, observations } = this.#world.step(this.#row, { event, column }, this.#memory);
    this.#row = row;
    this.#view.state.row = row;
    this.#observations.push(...(observations as readonly Observation[]));
  }
}
