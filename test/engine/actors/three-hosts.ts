// A world of a few actors, run by each of its hosts: remembered, computed afresh, live.
import type { Observation } from '../../../src/engine/actors/effects.ts';
import type { PlainEvent } from '../../../src/engine/world/events.ts';
import { LiveHost } from '../../../src/engine/world/live-host.ts';
import type { ActorDefinition } from '../../../src/engine/world/definition.ts';
import { World } from '../../../src/engine/world/world.ts';

/** Which host. */
export const hosts = ['remembered', 'fresh', 'live'] as const;
export type HostName = (typeof hosts)[number];

/** A run in which a driver decides what is asked of whom. */
export interface DrivenRun {
  /** Asks an actor something that it acts on at once; what was observed, in order. */
  readonly ask: (to: string, message: PlainEvent['message']) => readonly Observation[];
  /** Delivers the message in flight of this type. */
  readonly deliver: (type: string) => readonly Observation[];
  /** The messages in flight by type, as often as they travel. */
  readonly inFlight: () => readonly string[];
  /** Types of the messages in flight that are taken now. Throws where one is neither taken nor waiting. */
  readonly taken: () => readonly string[];
}

function liveRun(world: World): DrivenRun {
  const host = new LiveHost(world);
  const deliveries = () => host.choices().filter(({ place }) => place >= 0);
  return {
    ask: (to, message) => host.take({ event: { to, message }, place: -1 }),
    deliver: (type) => {
      const choice = deliveries().find(({ event }) => event.message.type === type);
      if (choice === undefined) throw new Error(`${type} cannot be delivered`);
      return host.take(choice);
    },
    inFlight: () => host.inFlight.map(({ message }) => message.type).toSorted(),
    taken: () => deliveries().map(({ event }) => event.message.type),
  };
}

function scheduledRun(world: World): DrivenRun {
  let row = world.initial();
  const typeOf = (event: number): string => world.transitions.event(event).message.type;
  const take = (choice: ReturnType<World['call']>): readonly Observation[] => {
    const step = world.step(row, choice);
    row = step.row;
    return step.observations;
  };
  const deliveries = () => world.choices(row).filter(({ column }) => column >= 0);
  return {
    ask: (to, message) => take(world.call(to, message)),
    deliver: (type) => {
      const choice = deliveries().find(({ event }) => typeOf(event) === type);
      if (choice === undefined) throw new Error(`${type} cannot be delivered`);
      return take(choice);
    },
    inFlight: () =>
      world
        .inFlight(row)
        .map(({ event }) => event.message.type)
        .toSorted(),
    taken: () => deliveries().map(({ event }) => typeOf(event)),
  };
}

/** Starts a run of a world of these actors. Throws what the world throws. */
export function drivenRun(host: HostName, actors: readonly ActorDefinition[]): DrivenRun {
  const world = new World({ actors });
  world.transitions.remembers = host === 'fresh' ? 'no' : 'yes';
  return host === 'live' ? liveRun(world) : scheduledRun(world);
}
