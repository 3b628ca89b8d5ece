// N5: two predicates disagree. One decides whether a VM gets vPEs, the other whether its LPIs are forwarded to them.
//
// Source: arch/arm64/kvm/vgic/, Linux 6.17-rc1: c652887a9288 lets user space clear GICD_TYPER2.nASSGIcap before the vGIC is
// initialized. Without it vgic_supports_direct_irqs() is false on GICv4.1 and vgic_init() allocates no vPEs; but
// kvm_vgic_v4_set_forwarding(), called by the add_producer callback, asks vgic_supports_direct_msis(), which is true, and
// maps the LPI to a vPE that is not there: NULL dereference. Reported in July 2025; as proposed there, the fix makes
// vgic_supports_direct_msis() false for such a VM, too.
// Modelled: the capability, the two predicates, initialization, the callbacks; the manager is the built-in one.
// Abstracted away: the ITS and its translation (every LPI resolves), vCPUs, GICv4.0. No concurrency is needed.
import type { Cells, ManagerObservation, Name } from 'irqbypass-lab';
import { always, defineScenario, embed, errno, handlers, invoke, machine, oneOf, returnTo, show } from 'irqbypass-lab';
import { registerConsumer, registerProducer, step, unregisterConsumer, unregisterProducer } from 'irqbypass-lab';

/** vgic_supports_direct_msis(), on GICv4.1 and for a VM with an ITS. */
const directMsis = (fixed: boolean, nassgicap: boolean) => nassgicap || !fixed;
const hasCapability = (cells: Cells, vgic: Name) => cells.load(vgic, 'nassgicap') === true;

type Vgic = { readonly self: Name };
type VgicMessage =
  | { readonly type: 'vgic_init'; readonly caller: Name }
  | { readonly type: 'set_nassgicap'; readonly caller: Name; readonly value: boolean };
const { on } = handlers<Vgic, VgicMessage>();

const vgic = machine<Vgic, VgicMessage>({
  id: 'vgic',
  title: 'struct vgic_dist: the capability, and the vPEs of the VM',
  cells: { nassgicap: true, vpes: false },
  sends: ['return'],
  operations: {
    set_nassgicap: { arguments: ['value'], how: 'call', kernel: 'user space writes GICD_TYPER2' },
    vgic_init: { how: 'call', kernel: 'KVM_DEV_ARM_VGIC_CTRL_INIT' },
  },
  context: ({ self }) => ({ self }),
  handlers: {
    write: on('set_nassgicap', ({ context, event, cells }) => {
      cells.store(context.self, 'nassgicap', event.value);
      return returnTo(event.caller, 0);
    }),
    refuse: on('set_nassgicap', ({ event }) => returnTo(event.caller, -errno.EBUSY)),
    /** vgic_v4_init() if vgic_supports_direct_irqs(): on GICv4.1 whoever has the capability. */
    init: on('vgic_init', ({ context, event, cells }) => {
      cells.store(context.self, 'vpes', hasCapability(cells, context.self));
      return returnTo(event.caller, 0);
    }),
  },
  chart: {
    initial: 'created',
    states: {
      created: {
        on: { set_nassgicap: { actions: 'write' }, vgic_init: { target: 'initialized', actions: 'init' } },
      },
      initialized: { on: { set_nassgicap: { actions: 'refuse' } } },
    },
  },
});

/** The irqfd with the callbacks of arch/arm64/kvm/arm.c. */
const irqfd = (fixed: boolean) =>
  embed('consumer', {
    id: 'arm64-irqfd',
    title: 'An irqfd of arm64 with its consumer',
    wiring: { vgic: 'vgic' },
    cells: { vlpi: null },
    callbacks: {
      /** kvm_vgic_v4_set_forwarding() */
      add_producer: ({ self, peer, wiring: { vgic }, cells }) => {
        if (!directMsis(fixed, hasCapability(cells, vgic))) return 0;
        if (cells.load(vgic, 'vpes') !== true)
          return [show<ManagerObservation>({ kind: 'oops', what: 'its_map_vlpi(): the vPE of the vCPU' })];
        cells.store(self, 'vlpi', peer);
        return 0;
      },
      /** kvm_vgic_v4_unset_forwarding() */
      del_producer: ({ self, cells }) => {
        cells.store(self, 'vlpi', null);
        return 0;
      },
    },
  });

const forwarded = always('i-forward', 'A connected pair is forwarded where the VM has vPEs, only there', (state) => {
  if (state.value('registry') !== 'unlocked' || state.load('c0', 'peer') === null) return null;
  const isForwarded = state.load('c0', 'vlpi') !== null;
  return isForwarded === state.load('vgic0', 'vpes') ? null : `p0 is ${isForwarded ? '' : 'not '}forwarded`;
});

export default defineScenario({
  id: 'n5-two-predicates',
  title: 'A vGIC without vPEs, and an LPI that is forwarded to one',
  description: 'Violates i-nocorrupt: NULL dereference in add_producer, under the mutex of the manager.',
  parameters: { fixed: false },
  properties: [forwarded, 'i-nocorrupt', 'i-pairsym', 'i-complete', 'i-adddel', 'l-term'],
  script: ({ fixed }) => ({
    actors: [{ name: 'vgic0', machine: vgic }],
    producers: ['p0'],
    consumers: [{ name: 'c0', embeddedIn: { machine: irqfd(fixed), wiring: { vgic: 'vgic0' } } }],
    eventfds: ['e0'],
    threads: {
      t0: [
        oneOf(invoke('set_nassgicap', 'vgic0', { value: false }), invoke('set_nassgicap', 'vgic0', { value: true })),
        step(invoke('vgic_init', 'vgic0')),
        step(registerConsumer('c0', 'e0')),
        step(registerProducer('p0', 'e0')),
        step(unregisterProducer('p0')),
        step(unregisterConsumer('c0')),
      ],
    },
  }),
});
