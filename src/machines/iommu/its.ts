// One event of a device in the ITS of GICv4: where its MSI goes, a physical LPI or a virtual one; and the device that it is of.
//
// Kernel source: drivers/irqchip/irq-gic-v3-its.c (its_vlpi_map(), its_vlpi_unmap(), its_irq_set_vcpu_affinity()), Linux 6.12 and 6.18. A
// mapping changes in two commands: DISCARD, which forgets the event and what is pending of it, then VMAPTI or MAPTI. An MSI between them
// finds no translation and is lost: the source has to be quiet. All events of a device are forwarded to one VM, or to none.
import { call, post, set } from '../../engine/actors/effects.ts';
import type { Handled } from '../../engine/actors/handlers.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { Msi } from '../device/device.ts';
import { lost } from '../device/interrupt.ts';
import { errno, returnTo } from '../kernel/call.ts';
import type { Asks } from '../kernel/request.ts';
import { answer, askerOf, waitFor } from '../kernel/request.ts';
import type { Arm64VcpuMessage } from '../vcpu/vcpu-arm64.ts';
import type { HostInterrupt } from './irte.ts';

/** Where an event goes. */
export type ItsEntry = { readonly mode: 'lpi' | 'unmapped' } | { readonly mode: 'posted'; readonly vcpu: Name };

export type ItsContext = {
  readonly self: Name;
  readonly handler: Name;
  readonly its_device: Name;
  readonly entry: ItsEntry;
  /** The VM that it is forwarded to. */
  readonly vm: Name | null;
};

/** its_map_vlpi(), its_unmap_vlpi(): each a DISCARD; the second command is its own; the device's MSI. */
export type ItsMessage =
  | ({ readonly type: 'its_map_vlpi'; readonly vm: Name; readonly vcpu: Name; readonly answer?: number } & Asks)
  | ({ readonly type: 'its_unmap_vlpi' } & Asks)
  | ({ readonly type: 'vmapti'; readonly vm: Name; readonly vcpu: Name } & Asks)
  | ({ readonly type: 'mapti' } & Asks)
  | Msi;

const { on, when } = handlers<ItsContext, ItsMessage>();
type Handling = Handled<ItsContext, ItsMessage>;

/** Counts the events of the device that are forwarded; the last one that goes leaves the device free. */
function countMaps({ context: { its_device }, cells }: Handling, change: 1 | -1, vm: Name | null): void {
  const maps = Number(cells.load(its_device, 'nr_vlpis')) + change;
  cells.store(its_device, 'nr_vlpis', maps);
  if (change === 1) cells.store(its_device, 'vm', vm);
  else if (maps === 0) cells.store(its_device, 'vm', null);
}

/** struct its_device, as far as vLPIs go: the VM that it is forwarded to, and how many of its events are. */
export const itsDevice: Machine = machine<object, { readonly type: 'none' }>({
  id: 'its-device',
  title: 'A device of the ITS: the VM that its events are forwarded to',
  kinds: ['object'],
  cells: { vm: null, nr_vlpis: 0 },
  context: () => ({}),
  chart: {},
});

/** The machine of an event of the ITS. States: `idle`, `mapping`, `unmapping` (between the two commands). */
export const its: Machine = machine<ItsContext, ItsMessage>({
  id: 'its',
  title: 'An event of a device in the ITS of GICv4',
  kinds: ['object', 'host-irq', 'irte'],
  wiring: { vector: ['vfio-vector', 'irq-handler'], its_device: 'its-device' },
  usual: { its_device: { part: 'itsdevice', machine: 'its-device' } },
  sends: ['handle_irq', 'post_vlpi', 'discard_vlpi', 'vmapti', 'mapti', 'return', 'return.*'],
  variants: { its_map_vlpi: (_, { failures }) => failures.map((value) => ({ answer: value })) },
  context: ({ self, wiring }) => ({
    self,
    handler: wiring['vector'] as Name,
    its_device: wiring['its_device'] as Name,
    entry: { mode: 'lpi' },
    vm: null,
  }),
  guards: {
    fails: when('its_map_vlpi', ({ event }) => (event.answer ?? 0) !== 0),
    isForwardedElsewhere: when('its_map_vlpi', ({ context, event, cells }) => {
      const vm = cells.load(context.its_device, 'vm');
      return vm !== null && vm !== event.vm;
    }),
    isPosted: when('its_unmap_vlpi', ({ context }) => context.entry.mode === 'posted'),
    isTranslated: when('msi', ({ context }) => context.entry.mode === 'posted'),
    isUnmapped: when('msi', ({ context }) => context.entry.mode === 'unmapped'),
  },
  handlers: {
    refuse: on('its_map_vlpi', ({ event }) => answer(event, event.answer ?? -errno.EINVAL)),
    /** DISCARD of the physical mapping, VMAPTI to follow. */
    map: on('its_map_vlpi', (handling) => {
      const { context, event } = handling;
      const { vm, vcpu } = event;
      countMaps(handling, 1, vm);
      return [
        set<ItsContext>({ entry: { mode: 'unmapped' } }),
        waitFor(context.self, { type: 'vmapti', vm, vcpu, ...askerOf(event) }),
      ];
    }),
    mapped: on('vmapti', ({ event }) => [
      set<ItsContext>({ entry: { mode: 'posted', vcpu: event.vcpu }, vm: event.vm }),
      ...answer(event, 0),
    ]),
    /** DISCARD of the vLPI: what is pending of it is not read back. */
    unmap: on('its_unmap_vlpi', ({ context: { self, entry }, event }) => [
      set<ItsContext>({ entry: { mode: 'unmapped' } }),
      ...(entry.mode === 'posted' ? [call<Arm64VcpuMessage>(entry.vcpu, { type: 'discard_vlpi', irq: self })] : []),
      waitFor(self, { type: 'mapti', ...askerOf(event) }),
    ]),
    isNotMapped: on('its_unmap_vlpi', ({ event }) => answer(event, -errno.EINVAL)),
    unmapped: on('mapti', (handling) => {
      countMaps(handling, -1, null);
      return [set<ItsContext>({ entry: { mode: 'lpi' }, vm: null }), ...answer(handling.event, 0)];
    }),
    toHost: on('msi', ({ context: { handler }, event: { interrupt, caller } }) =>
      post<HostInterrupt>(handler, { type: 'handle_irq', interrupt, caller }, caller),
    ),
    toGuest: on('msi', ({ context: { self, entry }, event: { interrupt, caller } }) =>
      call<Arm64VcpuMessage>(entry.mode === 'posted' ? entry.vcpu : self, {
        type: 'post_vlpi',
        irq: self,
        interrupt,
        caller,
      }),
    ),
    lose: on('msi', ({ event: { interrupt, caller }, cells }) => [
      ...lost(cells, [interrupt], 'unmapped: the ITS has no translation for the event'),
      returnTo(caller, null),
    ]),
  },
  chart: {
    initial: 'idle',
    on: {
      msi: [
        { guard: 'isTranslated', actions: 'toGuest' },
        { guard: 'isUnmapped', actions: 'lose' },
        { actions: 'toHost' },
      ],
    },
    states: {
      idle: {
        on: {
          its_map_vlpi: [
            { guard: 'fails', actions: 'refuse' },
            { guard: 'isForwardedElsewhere', actions: 'refuse' },
            { target: 'mapping', actions: 'map' },
          ],
          its_unmap_vlpi: [{ guard: 'isPosted', target: 'unmapping', actions: 'unmap' }, { actions: 'isNotMapped' }],
        },
      },
      mapping: { on: { vmapti: { target: 'idle', actions: 'mapped' } }, waits: ['its_map_vlpi', 'its_unmap_vlpi'] },
      unmapping: { on: { mapti: { target: 'idle', actions: 'unmapped' } }, waits: ['its_map_vlpi', 'its_unmap_vlpi'] },
    },
  },
});
