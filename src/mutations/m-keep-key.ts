// unregister does not clear the key.
import type { Handler } from '../engine/actors/handlers.ts';
import type { Policy } from '../machines/manager/policy.ts';
import type { RegistryContext } from '../registry/critical-section.ts';
import { erase, operation } from '../registry/critical-section.ts';
import { changes } from '../registry/registry.ts';
import type { Mutation } from './mutation.ts';

/** The erasing half of unregister, without clearing the key. */
export const keepsKey = (policy: Policy): Handler<RegistryContext> =>
  changes((section) => {
    const { object } = operation(section.context);
    const key = section.cells.load(object, 'key');
    const change = erase(policy, section);
    section.cells.store(object, 'key', key);
    return change;
  });

export const mKeepKey: Mutation = {
  id: 'm-keep-key',
  title: 'unregister does not clear the key',
  source: 'invented: breaks i-keysync',
  patches: { registry: (machine) => ({ handlers: { erase: keepsKey(machine.declaration.facts as Policy) } }) },
  shown: [{ scenario: 'pairing', revision: 'v2p8', breaks: ['i-keysync'] }],
};
