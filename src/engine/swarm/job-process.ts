// A worker process: runs the jobs that its parent sends, one at a time. Arguments are scenario files.
import { runJob } from './swarm-job.ts';
import { ScenarioShelf } from '../../scenarios/files/known-scenarios.ts';

/** What a worker process answers. */
export type JobAnswer = { readonly result: unknown } | { readonly error: string };

// The parent is told of a signal and decides; a parent that is gone needs no answer.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit());

const shelf = ScenarioShelf.of(process.argv.slice(2));
// Told of with the first job.
shelf.catch(() => {});

async function answerTo(job: unknown): Promise<JobAnswer> {
  try {
    return { result: await runJob(job, await shelf) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

process.on('message', (job) => {
  void answerTo(job).then((answer) => process.send?.(answer));
});
