// What is walked under SRCU is freed after an RCU grace period: in the model the same change as b21a, since neither waits for who reads.
import { b21a } from './b21a.ts';
import type { Mutation } from './mutation.ts';

export const n8f: Mutation = {
  id: 'n8f',
  title: 'An RCU list is walked under SRCU only: its members are freed while an EOI walks it',
  source: "2e7577cd5ddc fixed it in Hyper-V's irqfd (2026)",
  patches: b21a.patches ?? {},
  shown: [{ scenario: 'resampler', revision: 'v2p8', breaks: ['i-nocorrupt'], steps: 17 }],
};
