// The memory that a command may take: what is refused beforehand, and when work under way has to end.
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { UsageError, wholeNumber } from '../exit-codes.ts';
import { grouped } from '../terminal.ts';

const MIB = 2 ** 20;
const LEAST_MIB = 64;
/** Of this machine's memory, and of V8's heap, what may be taken when nothing else is said. */
const SHARE = 0.8;

/** A limit in bytes. */
export interface MemoryLimit {
  readonly bytes: number;
  /** Is this process near the limit? */
  readonly isReached: () => boolean;
}

/** The limit that `--max-memory` sets, in MiB, or most of the machine's memory. Throws UsageError. */
export function memoryLimit(maxMemory: string | undefined): MemoryLimit {
  const most = totalmem() * SHARE;
  const bytes = maxMemory === undefined ? most : wholeNumber('--max-memory', maxMemory, LEAST_MIB) * MIB;
  const heap = getHeapStatistics().heap_size_limit * SHARE;
  const isReached = (): boolean => {
    const { rss, heapUsed } = process.memoryUsage();
    return rss > bytes || heapUsed > heap;
  };
  return { bytes, isReached };
}

/** Refuses what this machine cannot hold. Throws UsageError that says what it would need. */
export function expectToFit(option: string, irqfds: number, bytesEach: number): void {
  const needed = irqfds * bytesEach;
  if (needed <= totalmem()) return;
  const gib = (bytes: number): string => `${grouped(Math.ceil(bytes / 2 ** 30))} GiB`;
  throw new UsageError(
    `${option}: ${grouped(irqfds)} irqfds would need about ${gib(needed)}, this machine has ${gib(totalmem())}`,
  );
}
