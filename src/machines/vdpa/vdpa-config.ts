// The config interrupt of a vhost-vDPA device, and the eventfd that it is signalled by. Never a producer.
//
// Kernel source: vhost_vdpa_config_cb(), vhost_vdpa_set_config_call(), vhost_vdpa_config_put() of drivers/vhost/vdpa.c, Linux 6.12 and 6.18,
// with the fixes of 2026 (62be4e3e5f5f, e74a9fa50749): who swaps or puts config_ctx waits until the callback is over, and a bad descriptor
// leaves no context. Abstracted away: what changed in the configuration, and by which lock the callback is waited for.
import type { State } from '../../engine/actors/chart.ts';
import { oneAtATime } from '../../engine/actors/chart.ts';
import { call, post, set } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { EventfdMessage } from '../eventfd/eventfd.ts';
import type { Return } from '../kernel/call.ts';
import { returnTo } from '../kernel/call.ts';
import { count, tasks } from '../kernel/task.ts';

export type ConfigContext = {
  readonly self: Name;
  /** v->config_ctx */
  readonly ctx: Name | null;
  /** Does the callback run, and for whom? */
  readonly handles: Name | null;
  /** The ioctl in progress, the eventfd that it brings, the one that it puts. */
  readonly caller: Name | null;
  readonly wanted: Name | null;
  readonly old: Name | null;
};

export type ConfigMessage =
  | { readonly type: 'set_config_call'; readonly caller: Name; readonly eventfd: Name | null }
  | { readonly type: 'config_interrupt'; readonly caller: Name }
  | Return<'irq'>;

const { on, act, when, whenever } = handlers<ConfigContext, ConfigMessage>();
type Region = State<string, string, ConfigMessage['type']>;

function callerOf({ self, caller }: ConfigContext): Name {
  if (caller === null) throw new Error(`nobody calls ${self}`);
  return caller;
}

const ioctl: Region = {
  initial: 'idle',
  states: oneAtATime('idle', ['set_config_call'], {
    idle: {
      on: {
        set_config_call: [
          { guard: 'bringsEventfd', target: 'getting', actions: ['enter', 'get'] },
          { target: 'quieting', actions: ['enter', 'swap'] },
        ],
      },
    },
    getting: {
      on: {
        return: [
          { guard: 'failed', target: 'idle', actions: 'fail' },
          { target: 'quieting', actions: 'swap' },
        ],
      },
    },
    quieting: { always: { guard: 'isQuiet', target: 'idle', actions: 'putOld' } },
  }),
};

const callback: Region = {
  initial: 'idle',
  states: {
    idle: {
      on: {
        config_interrupt: [{ guard: 'hasCtx', target: 'running', actions: 'signal' }, { actions: 'ignore' }],
      },
    },
    running: { on: { 'return.irq': { target: 'idle', actions: 'handled' } }, waits: ['config_interrupt'] },
  },
};

/** The machine of the config interrupt. Regions: `ioctl` (`idle`, `getting`, `quieting`), `callback` (`idle`, `running`). */
export const vdpaConfig: Machine = machine<ConfigContext, ConfigMessage>({
  id: 'vdpa-config',
  title: 'The config interrupt of a vhost-vDPA device and its eventfd',
  kinds: ['irq-handler'],
  families: [tasks],
  sends: ['return', 'eventfd_ctx_fdget', 'eventfd_ctx_put', 'eventfd_signal'],
  operations: {
    set_config_call: {
      arguments: ['eventfd:eventfd'],
      how: 'post',
      kernel: 'VHOST_VDPA_SET_CONFIG_CALL; none: close()',
    },
    config_interrupt: { how: 'post', kernel: 'the device changes its configuration: vhost_vdpa_config_cb()' },
  },
  context: ({ self }) => ({ self, ctx: null, handles: null, caller: null, wanted: null, old: null }),
  guards: {
    bringsEventfd: when('set_config_call', ({ event }) => event.eventfd !== null),
    failed: when('return', ({ event }) => (event.value ?? 0) < 0),
    isQuiet: whenever(({ context }) => context.handles === null),
    hasCtx: when('config_interrupt', ({ context }) => context.ctx !== null),
  },
  handlers: {
    enter: on('set_config_call', ({ event: { caller, eventfd } }) => set<ConfigContext>({ caller, wanted: eventfd })),
    get: on('set_config_call', ({ context: { self }, event: { eventfd } }) =>
      call<EventfdMessage>(eventfd ?? self, { type: 'eventfd_ctx_fdget', holder: self, caller: self }),
    ),
    fail: on('return', ({ context, event }) => [
      set<ConfigContext>({ caller: null, wanted: null }),
      returnTo(callerOf(context), event.value),
    ]),
    swap: act(({ context: { ctx, wanted } }) => set<ConfigContext>({ ctx: wanted, wanted: null, old: ctx })),
    putOld: act(({ context }) => {
      const { self, old } = context;
      return [
        set<ConfigContext>({ caller: null, old: null }),
        ...(old === null ? [] : [call<EventfdMessage>(old, { type: 'eventfd_ctx_put', holder: self })]),
        returnTo(callerOf(context), 0),
      ];
    }),
    signal: on('config_interrupt', ({ context: { self, ctx }, event: { caller }, cells }) => {
      count(cells, caller, 'hardirq', 1);
      const signal = { type: 'eventfd_signal', by: self, caller: self, task: caller, as: 'irq' } as const;
      return [set<ConfigContext>({ handles: caller }), post<EventfdMessage>(ctx ?? self, signal, caller)];
    }),
    ignore: on('config_interrupt', ({ event: { caller } }) => returnTo(caller, null)),
    handled: on('return.irq', ({ context: { self, handles }, cells }) => {
      if (handles === null) throw new Error(`${self} handles nothing`);
      count(cells, handles, 'hardirq', -1);
      return [set<ConfigContext>({ handles: null }), returnTo(handles, null)];
    }),
  },
  chart: { type: 'parallel', states: { ioctl, callback } },
});
