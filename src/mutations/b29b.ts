// Two registrations of one struct both pass the test that is made without the mutex.
import type { Mutation } from './mutation.ts';

export const b29b: Mutation = {
  id: 'b29b',
  title:
    'Two registrations of one struct under two keys both succeed: the test is made without the mutex (open on 6.17)',
  source: 'DERIVED: difference D7.6, since 2b521d86ee80',
  policy: { keyOwner: 'manager', nullKey: 'accepted', identityTest: { producers: false, consumers: false } },
  shown: [{ scenario: 'double-register-race', revision: 'v2p2', breaks: ['i-nocorrupt'], steps: 4 }],
};
