// A storm: up to sixteen million irqfds, each a producer and a consumer, register, connect and unregister in one world in
// columns.
import type { Machine } from '../engine/actors/machine.ts';
import type { Policy } from '../machines/manager/policy.ts';
import type { Addresses } from './numbered-sets.ts';
import { createNumberedSet, noWork } from './numbered-sets.ts';
import { ColumnWorld } from './column-world.ts';
import type { StormSize } from './scale-run-driver.ts';
import { StormDriver } from './scale-run-driver.ts';

export type { StormStep } from './scale-run-driver.ts';

/** The most irqfds of a storm: what a Map of V8 holds, less some. */
export const MAX_STORM_IRQFDS = 16_000_000;

/** How large a storm is. */
export interface StormOptions extends StormSize {
  readonly policy: Policy;
  /** The registry where it is not the revision's own: one with a bug. */
  readonly registryMachine?: Machine | undefined;
  /** Where the eventfd contexts lie; number 0 is NULL. */
  readonly addresses?: Addresses;
}

/** Eventfd contexts one after the other, as kmalloc-64 hands them out. */
export function denseAddresses(count: number): Addresses {
  return {
    high: new Int32Array(count + 1).fill(0xffff_8881, 1),
    low: Int32Array.from({ length: count + 1 }, (_, i) => i * 64),
  };
}

/** A storm under way in a world in columns. */
export class Storm extends StormDriver<ColumnWorld> {
  constructor({ policy, registryMachine, addresses, ...size }: StormOptions) {
    const { irqfds, threads } = size;
    const where = addresses ?? denseAddresses(irqfds);
    const work = noWork();
    const world = new ColumnWorld({
      policy,
      registryMachine,
      discipline: 'clean',
      producers: irqfds,
      consumers: irqfds,
      eventfds: irqfds,
      callers: Math.min(threads, irqfds),
      sets: [createNumberedSet(policy.index, work, where), createNumberedSet(policy.index, work, where)],
    });
    super(world, size);
  }
}
