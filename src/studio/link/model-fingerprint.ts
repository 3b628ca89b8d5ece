// By what a link finds out that it is opened in another model than it was made in.
import type { World } from '../../engine/world/world.ts';
import { fingerprintText } from './fingerprint.ts';

/** Functions as their text: what handlers, guards and claims do. */
const withCode = (_: string, value: unknown): unknown =>
  typeof value === 'function' ? String(value) : value instanceof Set || value instanceof Map ? [...value] : value;

/**
 * A fingerprint of everything that decides which steps a world has: actors, wiring, programs, charts and handlers.
 *
 * @param world - the world
 * @returns nine letters and digits
 */
export function modelFingerprint(world: World): string {
  const machines = world.machines.map(({ id, declaration }) => ({ id, declaration }));
  const { actors, names } = world.definition;
  const definition = actors.map(({ machine, ...actor }) => ({ ...actor, machine: machine.id }));
  return fingerprintText(JSON.stringify({ definition, names, machines }, withCode));
}
