// The contention model for the sliders: how long the mutex is waited for, by structure, in virtual time.
import { simulateContention } from '../../scale/contention.ts';
import type { ContestantId } from '../../scale/structures.ts';
import { contestantIds, contestantOf } from '../../scale/structures.ts';
import { freeWorkload } from '../../scale/workloads.ts';

/** What the sliders say. */
export interface ContentionRequest {
  readonly irqfds: number;
  readonly cpus: number;
  readonly index: ContestantId;
}

/** Nanoseconds of virtual time. */
export interface ContentionAnswer {
  readonly index: ContestantId;
  readonly title: string;
  readonly elapsed: number;
  readonly wait: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Of all operations, those that found the mutex taken. */
  readonly contended: number;
}

/** Structures to choose from, with what each is. */
export const structures: readonly { readonly id: ContestantId; readonly title: string }[] = contestantIds.map((id) => ({
  id,
  title: contestantOf(id).title,
}));

/**
 * Simulates the workload of `irqbypass scale` without one that was published: as many creators as CPUs.
 *
 * @param request - what the sliders say
 * @param shouldStop - asked now and then: true where the sliders have moved on
 * @returns null where it was stopped
 */
export async function contentionOf(
  { irqfds, cpus, index }: ContentionRequest,
  shouldStop: () => boolean,
): Promise<ContentionAnswer | null> {
  const contestant = contestantOf(index);
  const workload = freeWorkload(irqfds, cpus, 0);
  const found = await simulateContention({ contestant, layout: 'pages', seed: 1, shouldStop, workload });
  if (!found.isComplete) return null;
  const { elapsed, wait, contended } = found;
  const { title } = contestant;
  return {
    index,
    title,
    elapsed,
    wait: { p50: wait.p50, p99: wait.p99, max: wait.max },
    contended: contended / irqfds,
  };
}
