// An irqfd that is inactive injects by the route that it has cached, though the table has another.
import { handlers } from '../engine/actors/handlers.ts';
import type { Patch } from '../engine/actors/machine.ts';
import type { IrqfdContext, IrqfdMessage } from '../machines/kvm/irqfd-context.ts';
import { isMsi } from '../machines/kvm/route.ts';
import type { Mutation } from './mutation.ts';

const injectsByCache = (): Patch => ({
  guards: {
    mayInjectAtOnce: handlers<IrqfdContext, IrqfdMessage>().when('wakeup', ({ context }) => isMsi(context.entry)),
  },
});

export const b4b: Mutation = {
  id: 'b4b',
  title: 'An inactive irqfd injects by the route that it has cached, which no update reaches any more',
  source: 'CVE-2026-23198, b4d37cdb77a0 (2026-01)',
  patches: { irqfd: injectsByCache, 'irqfd-svm': injectsByCache },
  shown: [{ scenario: 'routing-race', revision: 'v2p8', breaks: ['i-routefresh'], steps: 16 }],
};
