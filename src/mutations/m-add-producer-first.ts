// add_producer is called before add_consumer.
import { changeState } from '../engine/actors/machine.ts';
import { calling } from '../registry/registry.ts';
import type { Mutation } from './mutation.ts';
import { inTurn } from './patching.ts';

export const mAddProducerFirst: Mutation = {
  id: 'm-add-producer-first',
  title: 'add_producer is called before add_consumer',
  source: 'invented: breaks i-order',
  patches: {
    registry: () => ({
      chart: (chart) =>
        inTurn(
          chart,
          (one) =>
            changeState(one, 'locked.connecting.stopConsumer', () =>
              calling('consumer', 'stop', { target: 'addProducer' }),
            ),
          (one) =>
            changeState(one, 'locked.connecting.addProducer', () =>
              calling(
                'consumer',
                'add_producer',
                { guard: 'answersError', target: 'delConsumer' },
                { target: 'addConsumer' },
              ),
            ),
          (one) =>
            changeState(one, 'locked.connecting.addConsumer', () =>
              calling('producer', 'add_consumer', { target: 'startConsumer' }),
            ),
        ),
    }),
  },
  shown: [{ scenario: 'pairing', revision: 'v2p8', breaks: ['i-order'] }],
};
