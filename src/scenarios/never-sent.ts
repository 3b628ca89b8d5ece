// Does a machine of a script wait for an event that nobody in its world sends? Then a name is misspelt somewhere.
import { kindsOf } from '../engine/actors/machine.ts';
import { MachineError } from '../engine/actors/machine-error.ts';
import type { World } from '../engine/world/world.ts';
import type { Program } from '../machines/manager/program.ts';
import { nearest } from './nearest.ts';
import { isMachineId } from './machines.ts';

/**
 * Throws MachineError where a machine that a script brings takes an event that no machine declares to send, no thread calls
 * and no actor does by itself.
 */
export function expectSent(world: World, where: string): void {
  const sent = new Set(world.machines.flatMap(({ declaration }) => declaration.sends ?? []));
  let isOpen = world.machines.some(({ declaration }) => declaration.sends === undefined);
  for (const { definition, address } of world.actors) {
    const { declaration } = definition.machine;
    if (definition.machine.id === 'thread' || kindsOf(definition.machine).includes('program')) {
      const { steps = [] } = (definition.program ?? {}) as Partial<Program>;
      for (const { op } of steps.flatMap(({ calls }) => calls)) sent.add(op);
      sent.add('call');
    } else if (declaration.actsByItself !== undefined) {
      const initial = world.initial()[world.actor(address)] ?? 0;
      for (const { type } of declaration.actsByItself.offers(world.local(initial), definition.program)) sent.add(type);
      // What it does later is not known before it runs.
      isOpen = true;
    }
  }
  for (const { id, takes } of world.machines) {
    if (isMachineId(id)) continue;
    const missing = [...takes].find((type) => !sent.has(type));
    if (missing === undefined || isOpen) continue;
    const near = nearest(missing, [...sent]);
    const meant = near === undefined ? '' : `, did you mean "${near}"?`;
    throw new MachineError('neverSent', `${where}: machine ${id} takes "${missing}", which nobody sends${meant}`);
  }
}
