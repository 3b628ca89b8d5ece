// A swarm over any number of machines: its jobs wait in a queue on Redis, workers take them, results come back.
import type { Job, Queue, QueueEvents } from 'bullmq';
import { nanoid } from 'nanoid';
import type { JobEvents, JobRunner } from './swarm.ts';
import type { SwarmJob } from './swarm-job.ts';
import { jobResult } from './swarm-job.ts';
import { KEPT_SECONDS, QUEUE, RETRY_AFTER_MS } from './queue.ts';
import { connectRedis, redisUrl, withoutPassword } from './redis.ts';
import { ATTEMPTS } from './run-in-processes.ts';

/** Messages from Redis may be lost with a connection: all open jobs are looked at so often. Milliseconds. */
const SWEEP_EVERY_MS = 2000;

const MOST_REASON = 1000;

/** A runner whose jobs are run by `irqbypass worker --redis URL`. Throws RedisError, and RedisLostError later on. */
export function onRedis(given: string): JobRunner {
  const url = redisUrl(given);
  return async (jobs, events, signal) => {
    const lost = Promise.withResolvers<never>();
    lost.promise.catch(() => {});
    const redis = await connectRedis(url, (error) => lost.reject(error));
    const { Queue: BullQueue, QueueEvents: BullEvents } = await import('bullmq');
    const queue = new BullQueue(QUEUE, { connection: redis });
    // Waiting for news blocks a connection.
    const second = redis.duplicate();
    second.on('error', () => {});
    const news = new BullEvents(QUEUE, { connection: second });
    // What goes wrong with a connection is said by `lost`, or it comes back.
    queue.on('error', () => {});
    news.on('error', () => {});
    const run = new RedisRun(queue, jobs, events, withoutPassword(url));
    try {
      await Promise.race([run.run(news, signal), lost.promise]);
    } finally {
      await Promise.race([run.cleanUp(), lost.promise.catch(() => {})]);
      await Promise.allSettled([news.close(), queue.close()]);
      second.disconnect();
      redis.disconnect();
    }
  };
}

/** A text of somebody else, safe to print. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').slice(0, MOST_REASON);
}

class RedisRun {
  readonly #queue: Queue;
  readonly #events: JobEvents;
  readonly #where: string;
  readonly #run = nanoid();
  /** Jobs without a result, by their id in the queue. */
  readonly #open: Map<string, SwarmJob>;
  readonly #end = Promise.withResolvers<void>();

  constructor(queue: Queue, jobs: readonly SwarmJob[], events: JobEvents, where: string) {
    this.#queue = queue;
    this.#events = events;
    this.#where = where;
    this.#open = new Map(jobs.map((job) => [`${this.#run}-${job.number}`, job]));
  }

  async run(news: QueueEvents, signal: AbortSignal): Promise<void> {
    await news.waitUntilReady();
    news.on('completed', ({ jobId }) => this.#lookAt(jobId));
    news.on('failed', ({ jobId }) => this.#lookAt(jobId));
    news.on('stalled', ({ jobId }) => {
      const job = this.#open.get(jobId);
      if (job !== undefined) this.#events.note(`job ${job.number}: its worker died; it is tried again`);
    });
    await this.#queue.addBulk(
      [...this.#open].map(([jobId, data]) => ({
        name: 'search',
        data,
        opts: {
          jobId,
          attempts: ATTEMPTS,
          backoff: { type: 'fixed', delay: RETRY_AFTER_MS },
          removeOnComplete: { age: KEPT_SECONDS },
          removeOnFail: { age: KEPT_SECONDS },
        },
      })),
    );
    let hasWorkers = false;
    const sweep = setInterval(() => {
      for (const jobId of this.#open.keys()) this.#lookAt(jobId);
      if (!hasWorkers) void this.#sayWhetherAlone().then((alone) => (hasWorkers = !alone));
    }, SWEEP_EVERY_MS);
    const stop = (): void => this.#end.resolve();
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    await this.#end.promise;
    clearInterval(sweep);
    signal.removeEventListener('abort', stop);
  }

  /** Takes jobs that nobody has begun out of the queue. */
  async cleanUp(): Promise<void> {
    const ids = [...this.#open.keys()];
    this.#open.clear();
    this.#end.resolve();
    await Promise.allSettled(ids.map((jobId) => this.#queue.remove(jobId)));
  }

  async #sayWhetherAlone(): Promise<boolean> {
    const alone = (await this.#queue.getWorkersCount().catch(() => 1)) === 0;
    if (alone) this.#events.note(`no worker has joined so far: irqbypass worker --redis ${this.#where}`);
    return alone;
  }

  /** Takes the result of a job, if there is one. */
  #lookAt(jobId: string): void {
    if (!this.#open.has(jobId)) return;
    // A failed look is repeated by the next sweep.
    this.#fetch(jobId).catch(() => {});
  }

  async #fetch(jobId: string): Promise<void> {
    // The state first: what a job has answered is there once it says that it is over, and not before.
    const state = await this.#queue.getJobState(jobId);
    if (state !== 'failed' && state !== 'completed' && state !== 'unknown') return;
    const job = (await this.#queue.getJob(jobId)) as Job<unknown, unknown> | undefined;
    const own = this.#open.get(jobId);
    if (own === undefined) return;
    if (job === undefined) this.#settle(jobId, () => this.#events.failed(own.number, 'it was removed from the queue'));
    else if (state === 'failed') this.#settle(jobId, () => this.#events.failed(own.number, oneLine(job.failedReason)));
    else if (state === 'completed') {
      const parsed = jobResult.safeParse(job.returnvalue);
      const isOwn = parsed.success && parsed.data.number === own.number;
      this.#settle(jobId, () => {
        if (isOwn) this.#events.done(parsed.data);
        else this.#events.failed(own.number, 'its worker answered with something that is no result of it');
      });
    } else return;
    await job?.remove();
  }

  #settle(jobId: string, tell: () => void): void {
    if (!this.#open.delete(jobId)) return;
    tell();
    if (this.#open.size === 0) this.#end.resolve();
  }
}
