// Node as the host of a search: the resident memory of the process, and worker threads.
import type { Host } from '../search/host.ts';

const MiB = 1024 * 1024;

/** Gives a search in node what the engine alone has not: `explore(world, { properties, workers: 4, host: nodeHost })`. */
export const nodeHost: Host = {
  memoryMiB: () => process.memoryUsage.rss() / MiB,
  // Loaded by searches that share their work only.
  startThreads: async (start) => {
    const { WorkerThreads } = await import('./search-threads.ts');
    return new WorkerThreads(start);
  },
};
