// The naive fix: irqfd->producer is set after a success and cleared late, without irqfds.lock.
import { call } from '../engine/actors/effects.ts';
import type { Machine } from '../engine/actors/machine.ts';
import type { IrqfdContext } from '../machines/kvm/irqfd-context.ts';
import type { Mutation } from './mutation.ts';
import { changed, changeTransitions, inTurn } from './patching.ts';

/** No lock is asked for: it is as if it was had. */
const withoutLock = (machine: Machine) =>
  changed(machine, 'lockToPublish', (_, { context }) => [
    call((context as IrqfdContext).self, { type: 'return.callback', value: null }),
  ]);
const withoutUnlock = (machine: Machine, handler: string) =>
  changed(machine, handler, (effects) => effects.filter((effect) => effect.do === 'set'));

export const b30b: Mutation = {
  id: 'b30b',
  title: 'The naive fix of b30a: irqfd->producer is set on success and cleared late, without irqfds.lock',
  source: 'RFC 20260623081433.21250-1, as its review feared',
  patches: {
    'irqfd-arm64-hooked': (machine) => ({
      handlers: {
        lockToPublish: withoutLock(machine),
        publish: withoutUnlock(machine, 'publish'),
        // Not looked at before the end.
        withdraw: changed(machine, 'withdraw', () => []),
      },
      chart: (chart) =>
        inTurn(chart, (one) => changeTransitions(one, 'bypass.publishing', 'return.callback', (ways) => ways.slice(1))),
    }),
  },
  shown: [
    {
      scenario: 'routing-race',
      revision: 'v2p8',
      set: { arch: 'arm64', reached: true },
      breaks: ['i-irte'],
      steps: 28,
    },
  ],
};
