// Loser of a duplicate key tears down the winner: consumers are unregistered by token.
import type { Mutation } from './mutation.ts';

export const b3a: Mutation = {
  id: 'b3a',
  title: 'Loser of a duplicate key tears down the winner: consumers are unregistered by token',
  source: '4f3dbdf47e15 (2017) fixed it',
  requires: { keyOwner: 'caller', unregisterConsumer: 'by-identity' },
  policy: { unregisterConsumer: 'by-key' },
  discipline: 'raw',
  shown: [{ scenario: 'duplicate-consumer', revision: 'base', breaks: ['i-owner', 'i-nocorrupt'], steps: 15 }],
};
