// The embedded swarm: jobs in worker processes of this machine. A process that dies loses no job.
import { InputError } from '../input-error.ts';
import type { JobRunner } from './swarm.ts';
import type { SwarmJob } from './swarm-job.ts';
import type { ProcessPoolOptions } from './process-pool.ts';
import { ProcessPool } from './process-pool.ts';

/** How often a job is tried before it is given up. */
export const ATTEMPTS = 3;

/**
 * A runner with worker processes of this machine.
 *
 * @param workers - how many processes at most
 * @param options - what a process runs, and how long it may take for a job
 * @returns what runs jobs: each is tried three times before it is reported as failed; it throws InputError where a job says that the model
 *   is wrong, as no other attempt will find it right
 */
export function inProcesses(workers: number, options: ProcessPoolOptions): JobRunner {
  return async (jobs, events, signal) => {
    const pool = new ProcessPool(options);
    const waiting: { readonly job: SwarmJob; readonly attempt: number }[] = jobs.map((job) => ({ job, attempt: 1 }));
    let next = 0;
    /** Has a job found the model wrong? Then nobody asks for the others' results. */
    let isWrong = false;
    const close = (): void => pool.close();
    signal.addEventListener('abort', close);
    const work = async (): Promise<void> => {
      while (next < waiting.length && !signal.aborted && !isWrong) {
        const { job, attempt } = waiting[next++] as (typeof waiting)[number];
        const outcome = await pool.run(job).catch((error: unknown) => error as Error);
        if (signal.aborted || isWrong) return;
        if (outcome instanceof InputError) {
          isWrong = true;
          throw outcome;
        }
        if (!(outcome instanceof Error)) events.done(outcome);
        else if (attempt >= ATTEMPTS) events.failed(job.number, outcome.message);
        else {
          events.note(`job ${job.number}: ${outcome.message}; it is tried again`);
          waiting.push({ job, attempt: attempt + 1 });
        }
      }
    };
    try {
      await Promise.all(Array.from({ length: Math.min(workers, jobs.length) }, work));
    } finally {
      signal.removeEventListener('abort', close);
      pool.close();
    }
  };
}
