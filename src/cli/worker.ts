// irqbypass worker: runs jobs of swarms that wait on Redis.
import { availableParallelism } from 'node:os';
import { work } from '../engine/swarm/worker.ts';
import { jobProcess, KnownScenarios } from '../scenarios/files/known-scenarios.ts';
import { exitCode, UsageError, wholeNumber } from './exit-codes.ts';
import { interruptible } from './interruptible.ts';
import type { CommonOptions } from './terminal.ts';
import { count, createTerminal } from './terminal.ts';

export interface WorkerCommandOptions extends CommonOptions {
  readonly redis?: string;
  readonly concurrency?: string;
  readonly scenario?: readonly string[];
}

const MOST_AT_ONCE = 1024;

/** Works until it is interrupted. Answers the exit code. */
export async function worker(options: WorkerCommandOptions): Promise<number> {
  const terminal = createTerminal(options);
  if (options.redis === undefined) throw new UsageError('--redis URL is missing: where do the jobs wait?');
  const concurrency = wholeNumber('--concurrency', options.concurrency ?? `${availableParallelism()}`, 1, MOST_AT_ONCE);
  const modelFiles = options.scenario ?? [];
  // Wrong files are told of now, not with the first job.
  await KnownScenarios.of(modelFiles);
  let done = 0;
  let failed = 0;
  const events = {
    ready: (where: string): void => terminal.note(`joined ${where}, ${count(concurrency, 'job')} at once`),
    done: (job: string): void => {
      done += 1;
      terminal.progress(`${count(done, 'job')} done, last ${job}`);
    },
    failed: (job: string, reason: string): void => {
      failed += 1;
      terminal.note(`job ${job}: ${reason}`);
    },
  };
  const { redis } = options;
  try {
    await interruptible((signal) =>
      work({ redis, concurrency, processes: { entry: jobProcess, modelFiles } }, events, signal),
    );
  } finally {
    terminal.clear();
  }
  if (options.json === true) terminal.print(JSON.stringify({ done, failedAttempts: failed }, null, 2));
  else terminal.print(`${count(done, 'job')} done, ${count(failed, 'attempt')} failed`);
  return exitCode.interrupted;
}
