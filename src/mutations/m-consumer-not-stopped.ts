// A connect does not stop the consumer.
import type { Mutation } from './mutation.ts';

export const mConsumerNotStopped: Mutation = {
  id: 'm-consumer-not-stopped',
  title: 'A connect does not stop the consumer',
  source: 'invented: breaks i-order',
  policy: { stops: 'producer' },
  shown: [{ scenario: 'pairing', revision: 'v2p8', breaks: ['i-order'] }],
};
