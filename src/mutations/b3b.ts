// Loser of a duplicate key tears down the winner: the key survives a failed registration.
import type { Mutation } from './mutation.ts';

export const b3b: Mutation = {
  id: 'b3b',
  title: 'Loser of a duplicate key tears down the winner: the key survives a failed registration',
  source: '852b1beecb6f (2020) and R3 fixed it',
  policy: { keyOnFailure: 'written' },
  shown: [
    { scenario: 'duplicate-producer', revision: 'v2p8', breaks: ['i-owner', 'i-nowarn', 'i-notrace'] },
    { scenario: 'duplicate-producer', revision: 'v2p6', breaks: ['i-nocorrupt'] },
  ],
};
