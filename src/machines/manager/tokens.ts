// What a caller does with fields of the struct around a call, where the manager does not do it itself.
//
// Kernel source: drivers/vfio/pci/vfio_pci_intrs.c, drivers/vhost/vdpa.c and virt/kvm/eventfd.c before the series. Where the
// caller owns the token (before R3) it is `raw` (writes it before every register, never clears it: vDPA) or `clean`
// (writes it only to an object that is not registered, clears it after a failure and after unregister: VFIO in effect).
import type { Cells } from '../../engine/actors/cells.ts';
import type { Name, Value } from '../../engine/actors/name.ts';
import type { Policy } from './policy.ts';
import { isManagerOperation, sideOf } from './protocol.ts';
import { RegisteredSet } from './sets.ts';

export type Discipline = 'clean' | 'raw';

/** Arguments of a registration that a caller may have to write into the struct. */
export interface Fields {
  readonly eventfd?: Value | undefined;
  readonly irq?: Value | undefined;
}

/** Writes what the caller must fill in before it registers: the token (before R3) and the irq (before R8). */
export function prepare(
  policy: Policy,
  discipline: Discipline,
  op: string,
  object: Name,
  fields: Fields,
  cells: Cells,
): void {
  if (!op.startsWith('register_')) return;
  if (policy.irq === 'field' && op === 'register_producer') cells.store(object, 'irq', fields.irq ?? null);
  if (policy.keyOwner !== 'caller') return;
  if (discipline === 'clean' && new RegisteredSet(cells, sideOf(op)).contains(object)) return;
  cells.store(object, 'key', fields.eventfd ?? null);
}

/** Clears a caller-owned token after a failed registration and after unregister, as a clean caller does. */
export function tidy(
  policy: Policy,
  discipline: Discipline,
  op: string,
  object: Name,
  value: number | null,
  cells: Cells,
): void {
  if (policy.keyOwner !== 'caller' || discipline === 'raw' || !isManagerOperation(op)) return;
  if (op.startsWith('register') && (value === 0 || new RegisteredSet(cells, sideOf(op)).contains(object))) return;
  cells.store(object, 'key', null);
}
