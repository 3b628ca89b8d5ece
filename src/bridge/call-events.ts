// Calls as events of a world: what a driver that has no program tells a thread to do.
import type { Name } from '../engine/actors/name.ts';
import type { World } from '../engine/world/world.ts';
import type { Call } from '../machines/manager/program.ts';

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
    const key = `${caller} ${call.op} ${String(call.object)} ${String(call['eventfd'])} ${String(call['moduleGet'])} ${String(call['irq'])}`;
    let event = this.#known.get(key);
    if (event === undefined) {
      event = this.#world.call(caller, { type: 'call', how: 'call', call, next: NEXT }).event;
      this.#known.set(key, event);
    }
    return event;
  }
}
