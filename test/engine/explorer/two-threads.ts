// Searches by two threads.
import type { ExploreOptions } from '../../../src/engine/explorer/search/explore.ts';
import { isQuick } from '../../sample.ts';

/** Options with two workers: none where mutants are judged, since a bundle has no files that workers could be started from. */
export const twoThreads = (options: Partial<ExploreOptions>): readonly Partial<ExploreOptions>[] =>
  isQuick ? [] : [{ ...options, workers: 2 }];
