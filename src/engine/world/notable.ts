// What an onlooker of many actors wants to know of an observation: does it tell of something wrong, or of a connection?
import type { Observation } from '../../machines/manager/protocol.ts';

/** An error that a call or a callback answers, a warning, corruption; not calls, returns of 0, callbacks. */
export function isNotable(observation: Observation): boolean {
  const { kind } = observation;
  if (kind === 'return' || kind === 'callback') return observation.value !== null && observation.value !== 0;
  return kind !== 'call' && kind !== 'interrupt';
}

/** A struct that was connected with a peer, or disconnected from it: its add callback succeeded, its del callback ran. */
export interface Connection<T> {
  readonly adds: boolean;
  readonly object: T;
  readonly peer: T;
}

/** The connection that an observation tells of; null where it tells of none. */
export function connectionOf(shown: Observation): Connection<string> | null {
  if (shown.kind !== 'callback' || shown.peer === null || isNotable(shown)) return null;
  return { adds: shown.callback.startsWith('add_'), object: shown.object, peer: shown.peer };
}
