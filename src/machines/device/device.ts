// A device: it raises MSIs, one at a time. What becomes of them is up to the interrupt remapping.
//
// Hardware, PCI Express: an MSI is a posted write. The next one leaves when the one before has been taken: by a vCPU, by the
// host's handler, or by nobody. Abstracted away: the MSI-X table (the host's drivers write it, the guest's writes are the VMM's).
import { call, set } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { Return } from '../kernel/call.ts';
import { returnTo } from '../kernel/call.ts';
import type { Interrupt } from './interrupt.ts';
import { ledgerCells, NUMBERS_MAX, raised } from './interrupt.ts';

/** What a device does by itself: so many MSIs, which are numbered, or one after the other for ever, which are all number 0. */
export type DeviceProgram = { readonly msis: number | 'forever' };

export type DeviceContext = {
  readonly self: Name;
  /** The host irq that its MSI is. */
  readonly irq: Name;
  /** MSIs that it has raised by itself; not counted where it never ends. */
  readonly raised: number;
  /** How often it was quiesced: it raises nothing until it is let go on as often. */
  readonly quiet: number;
};

/** A program makes it raise an MSI; it does so by itself; the MSI has been taken. */
export type DeviceMessage =
  | { readonly type: 'raise_msi' | 'quiesce' | 'unquiesce'; readonly caller: Name }
  | { readonly type: 'raise'; readonly counts: boolean }
  | Return;

/** To the interrupt remapping: an MSI, and who waits until it is taken. */
export type Msi = { readonly type: 'msi'; readonly interrupt: Interrupt; readonly caller: Name };

const { on } = handlers<DeviceContext, DeviceMessage>();
const isLeft = (context: Readonly<Record<string, unknown>>, { msis }: DeviceProgram): boolean =>
  msis === 'forever' || Number(context['raised']) < msis;

/** The machine of a device. States: `idle`, `raising`. */
export const device: Machine = machine<DeviceContext, DeviceMessage>({
  id: 'device',
  title: 'A device that raises MSIs',
  wiring: { irq: 'irte' },
  cells: ledgerCells,
  sends: ['msi', 'return'],
  operations: {
    raise_msi: { how: 'post', kernel: "the device's MSI" },
    quiesce: { how: 'post', kernel: 'user space quiesces the device: it raises no more' },
    unquiesce: { how: 'post', kernel: 'user space lets the device go on' },
  },
  actsByItself: {
    offers({ value, context }, program = { msis: 0 }) {
      const { msis } = program as DeviceProgram;
      return value === 'idle' && context['quiet'] === 0 && isLeft(context, { msis })
        ? [{ type: 'raise', counts: msis !== 'forever' }]
        : [];
    },
    isDone: ({ value, context }, program = { msis: 0 }) =>
      // A device that is quiesced for good has nothing more to do.
      value === 'idle' && (context['quiet'] !== 0 || !isLeft(context, program as DeviceProgram)),
  },
  context: ({ self, wiring }) => ({ self, irq: wiring['irq'] as Name, raised: 0, quiet: 0 }),
  handlers: {
    raise: on('raise', ({ context, event, cells }) => {
      const { self, irq } = context;
      return [
        set<DeviceContext>({ raised: context.raised + Number(event.counts) }),
        call<Msi>(irq, { type: 'msi', interrupt: raised(cells, self, context.raised % NUMBERS_MAX), caller: self }),
      ];
    }),
    raiseFor: on('raise_msi', ({ context: { self, irq }, event, cells }) => [
      call<Msi>(irq, { type: 'msi', interrupt: raised(cells, self), caller: self }),
      returnTo(event.caller, null),
    ]),
    quiesce: on(['quiesce', 'unquiesce'], ({ context, event }) => [
      set<DeviceContext>({ quiet: context.quiet + (event.type === 'quiesce' ? 1 : -1) }),
      returnTo(event.caller, null),
    ]),
    taken: on('return', () => []),
  },
  chart: {
    initial: 'idle',
    states: {
      idle: {
        on: {
          raise: { target: 'raising', actions: 'raise' },
          raise_msi: { target: 'raising', actions: 'raiseFor' },
          quiesce: { actions: 'quiesce' },
          unquiesce: { actions: 'quiesce' },
        },
      },
      raising: { on: { return: { target: 'idle', actions: 'taken' } }, waits: ['raise_msi', 'quiesce', 'unquiesce'] },
    },
  },
});
