// Does a machine of a script wait for an event that nobody in its world sends? Then a name is misspelt somewhere.
import type { Machine } from '../engine/actors/machine.ts';
import { isSent, kindsOf } from '../engine/actors/machine.ts';
import { MachineError, NotModelledError } from '../engine/actors/machine-error.ts';
import type { World } from '../engine/world/world.ts';
import { isMachineId } from './machines.ts';
import { nearest } from './nearest.ts';

/** Does it make the calls of a program? */
const makesCalls = (machine: Machine): boolean => machine.id === 'thread' || kindsOf(machine).includes('program');

/** What is sent in a world; open where somebody may send what he does not declare. */
function sentIn({ machines }: World): { readonly sent: ReadonlySet<string>; readonly isOpen: boolean } {
  const declared = machines.flatMap(({ declaration: { sends = [] } }) => sends);
  // What a program may call is sent: that of another scenario does.
  const calls = machines.flatMap(({ declaration: { operations = {} } }) => Object.keys(operations));
  // What another actor does by itself is not known before it runs.
  const isOpen = machines.some(
    (machine) =>
      !makesCalls(machine) &&
      (machine.declaration.sends === undefined || machine.declaration.actsByItself !== undefined),
  );
  return { sent: new Set([...declared, ...calls, 'call']), isOpen };
}

/**
 * Throws MachineError where a machine that a script brings takes an event that no machine declares to send, no program may
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
    const missing = [...takes].find((type) => !isSent(sent, type));
    if (missing === undefined || isOpen) continue;
    const near = nearest(missing, [...sent]);
    const meant = near === undefined ? '' : `, did you mean "${near}"?`;
    throw new MachineError('neverSent', `${where}: machine ${id} takes "${missing}", which nobody sends${meant}`);
  }
}
