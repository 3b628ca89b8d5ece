// H1: the partner of a producer is looked up among the producers.
import type { Mutation } from './mutation.ts';

export const b24d: Mutation = {
  id: 'b24d',
  title: 'H1: the partner of a producer is looked up among the producers',
  source: 'Longpeng, lore 20230301021830.880',
  requires: { consumerLookup: 'consumers' },
  policy: { consumerLookup: 'producers' },
  shown: [{ scenario: 'pairing', revision: 'base', breaks: ['i-complete'], steps: 4 }],
};
