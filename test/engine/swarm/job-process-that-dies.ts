// A worker process for tests: the first time that it gets a job with an odd number it dies, with job 5 always.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runJob } from '../../../src/engine/swarm/swarm-job.ts';
import { KnownScenarios } from '../../../src/scenarios/files/known-scenarios.ts';

process.on('message', (job: { readonly number: number }) => {
  const died = join(process.env['DIED_IN'] ?? '', String(job.number));
  if (job.number === 5 || (job.number % 2 === 1 && !existsSync(died))) {
    writeFileSync(died, '');
    if (job.number === 1) process.exit(7);
    if (job.number === 3) throw new Error('out of luck');
    process.kill(process.pid, 'SIGKILL');
  }
  void KnownScenarios.of([])
    .then((known) => runJob(job, known))
    .then((result) => process.send?.({ result }));
});
