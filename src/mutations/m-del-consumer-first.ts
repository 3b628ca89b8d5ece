// A disconnect calls del_consumer before del_producer.
import { changeState } from '../engine/actors/machine.ts';
import { calling } from '../registry/registry.ts';
import type { Mutation } from './mutation.ts';
import { inTurn } from './patching.ts';

export const mDelConsumerFirst: Mutation = {
  id: 'm-del-consumer-first',
  title: 'A disconnect calls del_consumer before del_producer',
  source: 'invented: breaks i-order',
  patches: {
    registry: () => ({
      chart: (chart) =>
        inTurn(
          chart,
          (one) =>
            changeState(one, 'locked.disconnecting.stopConsumer', () =>
              calling('consumer', 'stop', { target: 'delConsumer' }),
            ),
          (one) =>
            changeState(one, 'locked.disconnecting.delConsumer', () =>
              calling('producer', 'del_consumer', { target: 'delProducer' }),
            ),
          (one) =>
            changeState(one, 'locked.disconnecting.delProducer', () =>
              calling('consumer', 'del_producer', { target: 'startConsumer' }),
            ),
        ),
    }),
  },
  shown: [{ scenario: 'pairing', revision: 'v2p8', breaks: ['i-order'] }],
};
