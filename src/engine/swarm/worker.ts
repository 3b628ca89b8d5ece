// A worker of a swarm over many machines: takes jobs from the queue on Redis, runs each in a process of its own.
import { hostname } from 'node:os';
import type { ProcessPoolOptions } from './process-pool.ts';
import { ProcessPool } from './process-pool.ts';
import { LOCK_MS, QUEUE, STALLED_EVERY_MS } from './queue.ts';
import { connectRedis, redisUrl, withoutPassword } from './redis.ts';
import { ATTEMPTS } from './run-in-processes.ts';

export interface WorkerOptions {
  readonly redis: string;
  /** Jobs at once. */
  readonly concurrency: number;
  /** What a process runs, and the files of models that jobs may name. */
  readonly processes: ProcessPoolOptions;
}

/** What a worker calls. */
export interface WorkerEvents {
  readonly ready: (where: string) => void;
  readonly done: (job: string) => void;
  readonly failed: (job: string, reason: string) => void;
}

/** Jobs under way have so long to end when the worker is told to. Milliseconds. */
const CLOSE_MS = 10_000;

/** Works until the signal. Throws RedisError. */
export async function work(options: WorkerOptions, events: WorkerEvents, signal: AbortSignal): Promise<void> {
  const { concurrency, processes } = options;
  const url = redisUrl(options.redis);
  const end = Promise.withResolvers<void>();
  end.promise.catch(() => {});
  const redis = await connectRedis(url, (error) => end.reject(error));
  const { Worker } = await import('bullmq');
  const pool = new ProcessPool(processes);
  const worker = new Worker(QUEUE, async ({ data }) => pool.run(data), {
    connection: redis,
    concurrency,
    // No space: the name is also that of a connection, by which workers are counted.
    name: `${hostname()}-${process.pid}`,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_EVERY_MS,
    maxStalledCount: ATTEMPTS,
  });
  worker.on('completed', ({ id = '?' }) => events.done(id));
  worker.on('failed', (job, error) => events.failed(job?.id ?? '?', error.message));
  // A connection that is lost comes back, or `end` says so.
  worker.on('error', () => {});
  const stop = (): void => end.resolve();
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    await Promise.race([worker.waitUntilReady(), end.promise]);
    events.ready(withoutPassword(url));
    await end.promise;
  } finally {
    const late = setTimeout(() => pool.close(), CLOSE_MS);
    await worker.close().catch(() => {});
    clearTimeout(late);
    pool.close();
    redis.disconnect();
  }
}
