// A worker process: runs the jobs that its parent sends, one at a time. Arguments are scenario files.
import { InputError } from '../../engine/input-error.ts';
import type { JobAnswer } from '../../engine/swarm/process-pool.ts';
import { runJob } from '../../engine/swarm/swarm-job.ts';
import { KnownScenarios } from './known-scenarios.ts';

// The parent is told of a signal and decides; a parent that is gone needs no answer.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit());

const known = KnownScenarios.of(process.argv.slice(2));
// Told of with the first job.
known.catch(() => {});

async function answerTo(job: unknown): Promise<JobAnswer> {
  try {
    return { result: await runJob(job, await known) };
  } catch (error) {
    if (error instanceof InputError) {
      const { code, message, where, hint } = error;
      return { error: message, input: { code, where, hint } };
    }
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

process.on('message', (job) => {
  void answerTo(job).then((answer) => process.send?.(answer));
});
