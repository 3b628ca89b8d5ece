// A bad descriptor leaves an error pointer as the config eventfd.
import { set, show } from '../engine/actors/effects.ts';
import { handlers } from '../engine/actors/handlers.ts';
import { returnTo } from '../machines/kernel/call.ts';
import type { Observation } from '../machines/manager/protocol.ts';
import type { ConfigContext, ConfigMessage } from '../machines/vdpa/vdpa-config.ts';
import type { Mutation } from './mutation.ts';
import { changed, changeTransitions } from './patching.ts';

/** config_ctx is no eventfd; the actor's own name stands for ERR_PTR(-EBADF). */
const { on, when } = handlers<ConfigContext, ConfigMessage>();

export const n10b: Mutation = {
  id: 'n10b',
  title: 'A bad descriptor leaves an error pointer as config_ctx, which the next interrupt follows',
  source: 'e74a9fa50749 (2026) fixed it',
  patches: {
    'vdpa-config': (machine) => ({
      guards: { isErrorPointer: when('config_interrupt', ({ context }) => context.ctx === context.self) },
      handlers: {
        fail: changed(machine, 'fail', (effects, { context }) => [
          ...effects,
          set<ConfigContext>({ ctx: (context as ConfigContext).self }),
        ]),
        follow: on('config_interrupt', ({ context: { self }, event }) => [
          show<Observation>({ kind: 'use-after-free', object: self, what: 'config_ctx, an error pointer' }),
          returnTo(event.caller, null),
        ]),
        putOld: changed(machine, 'putOld', (effects, { context }) =>
          effects.filter((effect) => effect.do !== 'call' || effect.to !== (context as ConfigContext).self),
        ),
      },
      chart: (chart) =>
        changeTransitions(chart, 'callback.idle', 'config_interrupt', (ways) => [
          { guard: 'isErrorPointer', actions: 'follow' },
          ...ways,
        ]),
    }),
  },
  shown: [{ scenario: 'vdpa-config', revision: 'v2p8', breaks: ['i-nocorrupt'], steps: 10 }],
};
