// A storm of real XState actors: the live host as a world that the driver of storms can drive.
import type { Policy } from '../machines/manager/policy.ts';
import type { Observation } from '../engine/actors/effects.ts';
import type { Name } from '../engine/actors/name.ts';
import { name } from '../engine/actors/name.ts';
import type { ManagerOperation } from '../machines/manager/protocol.ts';
import { REGISTRY } from '../machines/manager/protocol.ts';
import { StructureMemory } from '../registry/structure-memory.ts';
import { build } from '../scenarios/build.ts';
import { machinesOf } from '../scenarios/machines.ts';
import { LiveHost } from '../engine/world/live-host.ts';
import type { PlainEvent } from '../engine/world/events.ts';
import { connectionOf, isNotable } from '../registry/language.ts';
import type { Onlooker, StormSize, StormWorld } from './scale-run-driver.ts';
import { callEvent, StormDriver } from './scale-run-driver.ts';
import { World } from '../engine/world/world.ts';

const numbered = (letter: string, count: number): { name: string }[] =>
  Array.from({ length: count }, (_, i) => ({ name: `${letter}${i}` }));

/** The live host with its actors by number. */
class LiveStormWorld implements StormWorld {
  onlooker: Onlooker | null = null;
  observed: Observation[] | null = null;
  readonly host: LiveHost;
  readonly #irqfds: number;
  readonly #threads: readonly Name[];

  constructor(policy: Policy, irqfds: number, threads: number) {
    this.#irqfds = irqfds;
    const callers = numbered('t', threads);
    this.#threads = callers.map((thread) => name(thread.name));
    const names = (letter: string): string[] => numbered(letter, irqfds).map((one) => one.name);
    const definition = build({ producers: names('p'), consumers: names('c'), eventfds: names('e') }, policy);
    const { thread } = machinesOf(policy, 'clean');
    const world = new World({
      ...definition,
      actors: [...definition.actors, ...callers.map((one) => ({ name: one.name, machine: thread }))],
      holdsRows: false,
    });
    this.host = new LiveHost(world);
  }

  get messages(): number {
    return this.host.messages;
  }
  get nodes(): number {
    return this.#memory.nodes;
  }
  get moduleReferences(): number {
    return Number(this.host.ask('module_references', 'count'));
  }
  get #memory(): StructureMemory {
    const { memory } = this.host;
    if (!(memory instanceof StructureMemory)) throw new TypeError('the sets are no real structures');
    return memory;
  }
  get callsBack(): boolean {
    return this.#callback() >= 0;
  }

  call(thread: number, op: ManagerOperation, struct: number, _eventfd: number): void {
    this.#take(callEvent(thread, op, struct), -1);
  }
  isIdle(thread: number): boolean {
    return this.host.stateOf(this.#name(thread)) === 'idle';
  }
  isWaiting(thread: number): boolean {
    return this.#request(thread) >= 0;
  }
  waiting(thread: number): PlainEvent {
    return this.#inFlight(this.#request(thread));
  }
  calledBack(): PlainEvent {
    return this.#inFlight(this.#callback());
  }
  take(thread: number): void {
    this.#takeInFlight(this.#request(thread));
  }
  callBack(_thread: number): void {
    this.#takeInFlight(this.#callback());
  }
  registered(): readonly [number, number] {
    return [this.#memory.realEntries('producers').length, this.#memory.realEntries('consumers').length];
  }
  isBlank(struct: number): boolean {
    const object = name(struct < this.#irqfds ? `p${struct}` : `c${struct - this.#irqfds}`);
    return this.host.load(object, 'key') === null && this.host.load(object, 'peer') === null;
  }

  #name(thread: number): Name {
    const found = this.#threads[thread];
    if (found === undefined) throw new RangeError(`no thread ${thread}`);
    return found;
  }
  /** Place in flight of a thread's request for the mutex, or -1. */
  #request(thread: number): number {
    const caller = this.#name(thread);
    return this.host.placeOf(({ message }) => message['caller'] === caller);
  }
  /** Place in flight of the callback under way, or -1. */
  #callback(): number {
    return this.host.placeOf(({ to }) => to !== REGISTRY);
  }
  #inFlight(place: number): PlainEvent {
    const found = this.host.at(place);
    if (found === undefined) throw new RangeError('no such message in flight');
    return found;
  }
  #takeInFlight(place: number): void {
    this.#take(this.#inFlight(place), place);
  }
  #take(event: PlainEvent, place: number): void {
    for (const shown of this.host.take({ event, place })) {
      this.observed?.push(shown);
      if (this.onlooker === null) continue;
      const connection = connectionOf(shown);
      if (connection?.adds === true)
        this.onlooker.connected(this.#struct(connection.object), this.#struct(connection.peer));
      if (connection?.adds === false)
        this.onlooker.disconnected(this.#struct(connection.object), this.#struct(connection.peer));
      if (isNotable(shown)) this.onlooker.noted(shown);
    }
  }
  #struct(object: string): number {
    return Number(object.slice(1)) + (object.startsWith('c') ? this.#irqfds : 0);
  }
}

/** A storm of live actors under way: the same steps as `Storm` takes with the same seed. */
export class LiveStorm extends StormDriver<LiveStormWorld> {
  constructor({ policy, ...size }: StormSize & { readonly policy: Policy }) {
    super(new LiveStormWorld(policy, size.irqfds, Math.min(size.threads, size.irqfds)), size);
  }

  /** Eventfds are actors, too: they have a wait queue. */
  override get actors(): number {
    return super.actors + this.irqfds;
  }

  /** Stops all actors. */
  stop(): void {
    this.world.host.stop();
  }
}
