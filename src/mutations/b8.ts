// irqfd->producer is written without irqfds.lock: a routing update uses it while it goes away.
import { set } from '../engine/actors/effects.ts';
import { handlers } from '../engine/actors/handlers.ts';
import type { Machine } from '../engine/actors/machine.ts';
import type { IrqfdContext, IrqfdMessage } from '../machines/kvm/irqfd-context.ts';
import type { Mutation } from './mutation.ts';
import { changed, changeTransitions, inTurn } from './patching.ts';

/** The end of a callback that never took the lock. */
const withoutUnlock = (machine: Machine, handler: string) =>
  changed(machine, handler, (effects) =>
    effects.filter((effect) => effect.do !== 'call' || effect.message.type !== 'spin_unlock_irq'),
  );

export const b8: Mutation = {
  id: 'b8',
  title: 'irqfd->producer is written without irqfds.lock: a routing update uses it while it goes away',
  source: 'f1fb088d9cec (2025-04)',
  patches: {
    irqfd: (machine) => ({
      handlers: {
        takePeer: handlers<IrqfdContext, IrqfdMessage>().on(
          ['add_producer', 'del_producer'],
          ({ context, event: { producer, task } }) =>
            set<IrqfdContext>({ peer: producer, callbackTask: task ?? context.self }),
        ),
        added: withoutUnlock(machine, 'added'),
        addFailed: withoutUnlock(machine, 'addFailed'),
        deleted: withoutUnlock(machine, 'deleted'),
      },
      chart: (chart) =>
        inTurn(
          chart,
          (one) =>
            changeTransitions(one, 'bypass.idle', 'add_producer', () => [
              { guard: 'isPostable', target: 'posting', actions: ['takePeer', 'setProducer', 'postIrte'] },
              { actions: ['takePeer', 'setProducer', 'added'] },
            ]),
          (one) =>
            changeTransitions(one, 'bypass.idle', 'del_producer', () => [
              { guard: 'isPosted', target: 'unposting', actions: ['takePeer', 'resetIrte'] },
              { actions: ['takePeer', 'deleted'] },
            ]),
        ),
    }),
  },
  shown: [{ scenario: 'assign', revision: 'v2p8', breaks: ['i-lockprot', 'i-nocorrupt'], steps: 7 }],
};
