// Like Xu's prerequisite taken back: a producer that was refused is unregistered by its token.
import type { Mutation } from './mutation.ts';

export const b3c: Mutation = {
  id: 'b3c',
  title: "Like Xu's prerequisite (2023) taken back: producers are matched by token again",
  source: 'lore 20230801085408.69597 matched them by address',
  policy: { unregisterProducer: 'by-key', identityTest: { producers: false, consumers: true } },
  shown: [{ scenario: 'loser-unregisters', revision: 'likexu-draft3', breaks: ['i-owner'], steps: 16 }],
};
