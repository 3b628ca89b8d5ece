// Does a machine of a script wait for an event that nobody in its world sends? Then a name is misspelt somewhere.
import { MachineError, NotModelledError } from '../engine/actors/machine-error.ts';
import type { World } from '../engine/world/world.ts';
import { isMachineId } from './machines.ts';
import { nearest } from './nearest.ts';

/** What is sent in a world; open where somebody may send what he does not declare. */
function sentIn(world: World): { readonly sent: ReadonlySet<string>; readonly isOpen: boolean } {
  // What threads may call is sent: those of another scenario do.
  const sent = new Set(
    world.machines.flatMap(({ declaration: { sends = [], operations = {} } }) => [
      ...sends,
      ...Object.keys(operations),
    ]),
  );
  // A thread sends what its program says; what another actor does by itself is not known before it runs.
  const isOpen = world.machines.some(
    ({ id, declaration }) =>
      id !== 'thread' && (declaration.sends === undefined || declaration.actsByItself !== undefined),
  );
  return { sent, isOpen };
}

/**
 * Throws MachineError where a machine that a script brings takes an event that no machine declares to send, no thread may
 * call and no actor does by itself; NotModelledError where it declares a call that no state of it takes.
 */
export function expectSent(world: World, where: string): void {
  const { sent, isOpen } = sentIn(world);
  for (const { id, takes, declaration } of world.machines) {
    if (isMachineId(id)) continue;
    const call = Object.keys(declaration.operations ?? {}).find((op) => !takes.has(op));
    if (call !== undefined)
      throw new NotModelledError(
        `${where}: machine ${id} declares the call "${call}", which no state of it takes`,
        `not modelled; it takes ${[...takes].join(', ') || 'nothing'}`,
      );
    const missing = [...takes].find((type) => !sent.has(type));
    if (missing === undefined || isOpen) continue;
    const near = nearest(missing, [...sent]);
    const meant = near === undefined ? '' : `, did you mean "${near}"?`;
    throw new MachineError('neverSent', `${where}: machine ${id} takes "${missing}", which nobody sends${meant}`);
  }
}
