// A disconnect calls del_consumer before del_producer.
import { calling } from '../registry/registry.ts';
import type { Mutation } from './mutation.ts';
import { replaceStates } from './patching.ts';

export const mDelConsumerFirst: Mutation = {
  id: 'm-del-consumer-first',
  title: 'A disconnect calls del_consumer before del_producer',
  source: 'invented: breaks i-order',
  patches: {
    registry: () => ({
      chart: (chart) =>
        replaceStates(chart, {
          'locked.disconnecting.stopConsumer': calling('consumer', 'stop', { target: 'delConsumer' }),
          'locked.disconnecting.delConsumer': calling('producer', 'del_consumer', { target: 'delProducer' }),
          'locked.disconnecting.delProducer': calling('consumer', 'del_producer', { target: 'startConsumer' }),
        }),
    }),
  },
  shown: [{ scenario: 'pairing', revision: 'v2p8', breaks: ['i-order'], steps: 15 }],
};
