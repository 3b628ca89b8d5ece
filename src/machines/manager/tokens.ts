// What a caller does with fields of the struct around a call, where the manager does not do it itself.
//
// Kernel source: drivers/vfio/pci/vfio_pci_intrs.c, drivers/vhost/vdpa.c and virt/kvm/eventfd.c before the series. Where the
// caller owns the token (before 2b521d86ee80) it is `raw` (writes it before every register, never clears it: vDPA) or `clean`
// (writes it only to an object that is not registered, clears it after a failure and after unregister: VFIO in effect).
import type { Cells } from '../../engine/actors/cells.ts';
import type { Name, Value } from '../../engine/actors/name.ts';
import type { Policy } from './policy.ts';
import { isManagerOperation, sideOf } from './protocol.ts';
import { RegisteredSet } from './sets.ts';

/**
 * How a caller treats a token that is its own. `raw`: writes it before every registration, never clears it. `clean`: writes it
 * only to a struct that is not registered, clears it after a failed registration and after unregister.
 */
export type Discipline = 'clean' | 'raw';

/** Arguments of a registration that a caller may have to write into the struct. */
export interface Fields {
  readonly eventfd?: Value | undefined;
  readonly irq?: Value | undefined;
}

/** Writes the irq before a producer is registered, where it is a field (before 23b54381cee2). */
export function fillIrq(op: string, object: Name, { irq }: Fields, cells: Cells): void {
  if (op === 'register_producer') cells.store(object, 'irq', irq ?? null);
}

/** Writes the token before a struct is registered, where it is the caller's (before 2b521d86ee80). */
export function fillToken(discipline: Discipline, op: string, object: Name, { eventfd }: Fields, cells: Cells): void {
  if (op !== 'register_producer' && op !== 'register_consumer') return;
  if (discipline === 'clean' && new RegisteredSet(cells, sideOf(op)).contains(object)) return;
  cells.store(object, 'key', eventfd ?? null);
}

/** Writes all that the caller of a revision must fill in before it registers. */
export function prepare(
  policy: Policy,
  discipline: Discipline,
  op: string,
  object: Name,
  fields: Fields,
  cells: Cells,
): void {
  if (policy.irq === 'field') fillIrq(op, object, fields, cells);
  if (policy.keyOwner === 'caller') fillToken(discipline, op, object, fields, cells);
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
