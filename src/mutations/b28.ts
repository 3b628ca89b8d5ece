// Consumers are registered on a host without bypass.
import { handlers } from '../engine/actors/handlers.ts';
import type { Patch } from '../engine/actors/machine.ts';
import type { IrqfdContext, IrqfdMessage } from '../machines/kvm/irqfd-context.ts';
import type { Mutation } from './mutation.ts';

const registersAnyhow = (): Patch => ({
  guards: { isToBypass: handlers<IrqfdContext, IrqfdMessage>().whenever(({ context }) => context.bypasses) },
});

export const b28: Mutation = {
  id: 'b28',
  title: 'irqfds register consumers on a host without bypass: failed connects, and noise',
  source: '14717e203186 (2016) fixed it',
  patches: { irqfd: registersAnyhow, 'irqfd-svm': registersAnyhow },
  shown: [{ scenario: 'posting-off', revision: 'v2p8', breaks: ['i-nobypass'], steps: 6 }],
};
