// A disconnect clears no binding, unregister no key: a second one runs the callbacks again.
import type { Policy } from '../machines/manager/policy.ts';
import { inCriticalSection } from '../registry/registry.ts';
import { keepsKey } from './m-keep-key.ts';
import type { Mutation } from './mutation.ts';

export const mForgetsNothing: Mutation = {
  id: 'm-forgets-nothing',
  title: 'A disconnect clears no binding, unregister no key: a second one runs the callbacks again',
  source: 'invented: breaks i-idemp',
  patches: {
    registry: (machine) => ({
      handlers: { unbind: inCriticalSection(() => []), erase: keepsKey(machine.declaration.facts as Policy) },
    }),
  },
  shown: [{ scenario: 'double-unregister', revision: 'v2p8', breaks: ['i-idemp'] }],
};
