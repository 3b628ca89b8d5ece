// The config eventfd is put while the device's interrupt signals it.
import { handlers } from '../engine/actors/handlers.ts';
import type { ConfigContext, ConfigMessage } from '../machines/vdpa/vdpa-config.ts';
import type { Mutation } from './mutation.ts';

export const n10a: Mutation = {
  id: 'n10a',
  title: 'The config eventfd is swapped and put while the interrupt of the device signals it',
  source: '62be4e3e5f5f (2026) fixed it',
  patches: {
    'vdpa-config': () => ({ guards: { isQuiet: handlers<ConfigContext, ConfigMessage>().whenever(() => true) } }),
  },
  shown: [{ scenario: 'vdpa-config', revision: 'v2p8', breaks: ['i-nocorrupt'], steps: 9 }],
};
