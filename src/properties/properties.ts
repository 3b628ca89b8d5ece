// All properties, in the order in which they are reported.
import { archPointer, irteFollowsRoute, lockProtects, routeFresh } from './arch.ts';
import { addDel, balance, noReentry, order, serial } from './callbacks.ts';
import { livenessProperties, noStarvation } from './liveness.ts';
import { bypassed, shutDown, wake } from './liveness.ts';
import { noBypass, reported, softFailure, uniqueWaiter } from './knobs.ts';
import { noDuplicate, noLoss, noStray } from './interrupts.ts';
import { eventfdReference, notFreedInAssign, once } from './lifetimes.ts';
import { lockHeld, lockOrder, noSrcuInReader } from './locks.ts';
import { belief, bypassCount, exclusiveIrq, freshCpu, irList, unposted, wakeupList } from './posting.ts';
import {
  complete,
  deadObject,
  errors,
  idempotent,
  keyReference,
  keySync,
  leak,
  noTrace,
  owner,
  pairKey,
  pairSymmetry,
  unique,
} from './manager-safety.ts';
import { context, noCorruption, noWarn, termination } from './outcomes.ts';
import type { Property } from '../engine/world/property.ts';

/** The properties that every search checks, by group of kernel-spec part 7. */
export const properties: readonly Property[] = [
  keySync,
  unique,
  pairSymmetry,
  pairKey,
  complete,
  noTrace,
  owner,
  idempotent,
  deadObject,
  keyReference,
  addDel,
  balance,
  order,
  serial,
  noReentry,
  errors,
  termination,
  noCorruption,
  noWarn,
  leak,
  context,
  lockOrder,
  lockHeld,
  noSrcuInReader,
  archPointer,
  irteFollowsRoute,
  routeFresh,
  lockProtects,
  unposted,
  belief,
  bypassCount,
  irList,
  wakeupList,
  exclusiveIrq,
  freshCpu,
  eventfdReference,
  once,
  notFreedInAssign,
  uniqueWaiter,
  noBypass,
  softFailure,
  reported,
  noLoss,
  noDuplicate,
  noStray,
  wake,
  shutDown,
  bypassed,
];

/** All there are: also those of liveness searches, and the one that is measured rather than claimed. */
export const everyProperty: readonly Property[] = [...new Set([...properties, ...livenessProperties, noStarvation])];

/** Finds a property by id; undefined where there is none. */
export function findProperty(id: string): Property | undefined {
  return everyProperty.find((property) => property.id === id);
}
