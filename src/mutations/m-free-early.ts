// The owner frees its object before it unregisters it.
import { before } from './mutation.ts';
import type { Mutation } from './mutation.ts';

export const mFreeEarly: Mutation = {
  id: 'm-free-early',
  title: 'The owner frees its object before it unregisters it',
  source: 'invented: breaks i-deadobj',
  definition: (world) =>
    before(
      world,
      (op) => op.startsWith('unregister'),
      (calls) => calls.map(({ object }) => ({ op: 'free', object })),
    ),
  shown: [{ scenario: 'pairing', revision: 'v2p8', breaks: ['i-deadobj', 'i-nocorrupt'], steps: 3 }],
};
