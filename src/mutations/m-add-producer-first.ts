// add_producer is called before add_consumer.
import { calling } from '../registry/registry.ts';
import type { Mutation } from './mutation.ts';
import { replaceStates } from './patching.ts';

export const mAddProducerFirst: Mutation = {
  id: 'm-add-producer-first',
  title: 'add_producer is called before add_consumer',
  source: 'invented: breaks i-order',
  patches: {
    registry: () => ({
      chart: (chart) =>
        replaceStates(chart, {
          'locked.connecting.stopConsumer': calling('consumer', 'stop', { target: 'addProducer' }),
          'locked.connecting.addProducer': calling(
            'consumer',
            'add_producer',
            { guard: 'answersError', target: 'delConsumer' },
            { target: 'addConsumer' },
          ),
          'locked.connecting.addConsumer': calling('producer', 'add_consumer', { target: 'startConsumer' }),
        }),
    }),
  },
  shown: [{ scenario: 'pairing', revision: 'v2p8', breaks: ['i-order'], steps: 7 }],
};
