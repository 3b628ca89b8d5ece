// An interrupt of a device on its way to the guest, and the books that are kept of it.
//
// An interrupt is outstanding from when it is raised until the guest sees it. The device's cell `outstanding` has an octal digit for
// each of its numbers: so many of them are. Several interrupts of one device that meet at one place are one from then on, as they are
// in the counter of an eventfd, in a bit of the PIR, in a bit of the IRR: the guest is to see it once after the last of them. What is
// dropped is shown, with where; what reaches the guest that was not outstanding is shown as a duplicate.
import type { Cells } from '../../engine/actors/cells.ts';
import type { HostEffect } from '../../engine/actors/effects.ts';
import { show } from '../../engine/actors/effects.ts';
import type { Name } from '../../engine/actors/name.ts';
import { WorldLimitError } from '../../engine/world/world-limit.ts';
import type { InterruptObservation, LossReason } from '../manager/protocol.ts';

/** Which device raised it (an eventfd for one that a program signals), and its number. */
export type Interrupt = {
  readonly device: Name;
  readonly number: number;
  /** A level: as long as the line is up it may be seen more than once. */
  readonly level?: true;
  /** A multicast interrupt is seen by several vCPUs: the books are kept of the first. */
  readonly copy?: true;
};

/** Cells of what raises interrupts: how many of each number the guest has yet to see. */
export const ledgerCells = { outstanding: 0 } as const;

/** Numbers of the interrupts of one device. */
export const NUMBERS_MAX = 8;
const DIGIT = 8;

/** How many interrupts of a number are outstanding. */
export function outstanding(cells: Pick<Cells, 'load'>, { device, number }: Interrupt): number {
  return Math.floor(Number(cells.load(device, 'outstanding')) / DIGIT ** number) % DIGIT;
}

function add(cells: Cells, { device, number }: Interrupt, change: 1 | -1): void {
  cells.store(device, 'outstanding', Number(cells.load(device, 'outstanding')) + change * DIGIT ** number);
}

/** An interrupt is outstanding no more; what never was stays so. */
function settle(cells: Cells, interrupt: Interrupt): void {
  if (interrupt.copy !== true && outstanding(cells, interrupt) > 0) add(cells, interrupt, -1);
}

/** A new interrupt of a device. */
export function raised(cells: Cells, device: Name, number = 0): Interrupt {
  const interrupt = { device, number };
  if (outstanding(cells, interrupt) === DIGIT - 1)
    throw new WorldLimitError(`more than ${DIGIT - 1} interrupts of ${device} outstanding`);
  add(cells, interrupt, 1);
  return interrupt;
}

/** Interrupts that come to a place where others are: one of a device that has one there is the same from now on. */
export function merged(cells: Cells, there: readonly Interrupt[], more: readonly Interrupt[]): readonly Interrupt[] {
  const fresh = more.filter((one) => {
    const other = there.find(({ device }) => device === one.device);
    if (other === undefined) return true;
    settle(cells, one);
    return false;
  });
  return [...there, ...fresh];
}

/** The guest sees interrupts. */
export function delivered(cells: Cells, vcpu: Name, interrupts: readonly Interrupt[]): readonly HostEffect[] {
  return interrupts.map((one) => {
    const how = one.copy === true || one.level === true || outstanding(cells, one) > 0 ? 'delivered' : 'duplicate';
    settle(cells, one);
    return show<InterruptObservation>({ kind: 'interrupt', how, vcpu, ...one });
  });
}

/** Interrupts are written to a vCPU by hardware, or handed to it by KVM. */
export function reached(
  how: 'posted' | 'injected',
  vcpu: Name | null,
  interrupts: readonly Interrupt[],
): readonly HostEffect[] {
  return interrupts.map((one) => show<InterruptObservation>({ kind: 'interrupt', how, vcpu, ...one }));
}

/** What was signalled was no interrupt of the guest's, and is heard of where it was meant to be. */
export function heard(cells: Cells, interrupts: readonly Interrupt[]): readonly HostEffect[] {
  for (const one of interrupts) settle(cells, one);
  return [];
}

/** Interrupts are dropped. */
export function lost(cells: Cells, interrupts: readonly Interrupt[], why: LossReason): readonly HostEffect[] {
  return interrupts.map((one) => {
    settle(cells, one);
    return show<InterruptObservation>({ kind: 'interrupt', how: 'lost', vcpu: null, why, ...one });
  });
}
