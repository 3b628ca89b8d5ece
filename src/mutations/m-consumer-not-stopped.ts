// A connect does not stop the consumer.
import { changeState } from '../engine/actors/machine.ts';
import { calling } from '../registry/registry.ts';
import type { Mutation } from './mutation.ts';

export const mConsumerNotStopped: Mutation = {
  id: 'm-consumer-not-stopped',
  title: 'A connect does not stop the consumer',
  source: 'invented: breaks i-order',
  patches: {
    registry: () => ({
      chart: (chart) =>
        changeState(chart, 'locked.connecting.stopProducer', () =>
          calling('producer', 'stop', { target: 'addConsumer' }),
        ),
    }),
  },
  shown: [{ scenario: 'pairing', revision: 'v2p8', breaks: ['i-order'] }],
};
