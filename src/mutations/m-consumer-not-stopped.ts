// A connect does not stop the consumer.
import { calling } from '../registry/registry.ts';
import type { Mutation } from './mutation.ts';
import { replaceStates } from './patching.ts';

export const mConsumerNotStopped: Mutation = {
  id: 'm-consumer-not-stopped',
  title: 'A connect does not stop the consumer',
  source: 'invented: breaks i-order',
  patches: {
    registry: () => ({
      chart: (chart) =>
        replaceStates(chart, {
          'locked.connecting.stopProducer': calling('producer', 'stop', { target: 'addConsumer' }),
        }),
    }),
  },
  shown: [{ scenario: 'pairing', revision: 'v2p8', breaks: ['i-order'], steps: 6 }],
};
