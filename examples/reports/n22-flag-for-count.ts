// N22: a flag where a count is needed. Two vCPUs wait for an interrupt window; the first to get it ends the wait of both.
//
// Source: arch/x86/kvm/svm/svm.c up to Linux 6.19; mended by 6563ddadd169, "KVM: SVM: Fix IRQ window inhibit handling across
// multiple vCPUs" (January 2026). With AVIC no ExtINT can be injected, so a vCPU that waits for an interrupt window inhibits
// AVIC for the whole VM (APICV_INHIBIT_REASON_IRQWIN), and clears the reason when its window has come, whoever else waits.
// The fix counts requests (apicv_nr_irq_window_req).
// Modelled: the inhibit reason, the count, vCPUs that each wait for some windows. Abstracted away: the other reasons,
// apicv_update_lock (to set and to clear is one step each), nested guests.
import type { Name } from 'irqbypass-lab';
import { always, call, defineScenario, handlers, invoke, machine, returnTo, step } from 'irqbypass-lab';

type Vm = { readonly self: Name };
type VmMessage = { readonly type: 'set_irqwin' | 'clear_irqwin' };
const vm = handlers<Vm, VmMessage>();

/** struct kvm_arch: is AVIC inhibited for a window, and how many vCPUs ask for that? */
const kvm = (fixed: boolean) =>
  machine<Vm, VmMessage>({
    id: 'kvm',
    title: 'struct kvm_arch: AVIC and interrupt windows',
    cells: { irqwin: false, apicv_nr_irq_window_req: 0 },
    sends: [],
    context: ({ self }) => ({ self }),
    handlers: {
      set: vm.on('set_irqwin', ({ context: { self }, cells }) => {
        cells.store(self, 'irqwin', true);
        cells.store(self, 'apicv_nr_irq_window_req', Number(cells.load(self, 'apicv_nr_irq_window_req')) + 1);
        return [];
      }),
      clear: vm.on('clear_irqwin', ({ context: { self }, cells }) => {
        const left = Number(cells.load(self, 'apicv_nr_irq_window_req')) - 1;
        cells.store(self, 'apicv_nr_irq_window_req', left);
        cells.store(self, 'irqwin', fixed && left > 0);
        return [];
      }),
    },
    chart: { on: { set_irqwin: { actions: 'set' }, clear_irqwin: { actions: 'clear' } } },
  });

type Vcpu = { readonly kvm: Name };
type VcpuMessage = { readonly type: 'svm_enable_irq_window' | 'interrupt_window_interception'; readonly caller: Name };
const { on } = handlers<Vcpu, VcpuMessage>();

/** struct kvm_vcpu: waits for a window, or does not. */
const vcpu = machine<Vcpu, VcpuMessage>({
  id: 'kvm-vcpu',
  title: 'struct kvm_vcpu that waits for interrupt windows',
  wiring: { kvm: 'kvm' },
  sends: ['set_irqwin', 'clear_irqwin', 'return'],
  operations: { svm_enable_irq_window: { how: 'call' }, interrupt_window_interception: { how: 'call' } },
  context: ({ wiring }) => ({ kvm: wiring['kvm'] as Name }),
  handlers: {
    open: on('svm_enable_irq_window', ({ context, event }) => [
      call<VmMessage>(context.kvm, { type: 'set_irqwin' }),
      returnTo(event.caller, null),
    ]),
    close: on('interrupt_window_interception', ({ context, event }) => [
      call<VmMessage>(context.kvm, { type: 'clear_irqwin' }),
      returnTo(event.caller, null),
    ]),
  },
  chart: {
    initial: 'running',
    states: {
      running: { on: { svm_enable_irq_window: { target: 'waiting', actions: 'open' } } },
      waiting: { on: { interrupt_window_interception: { target: 'running', actions: 'close' } } },
    },
  },
});

const neededInhibit = always('i-irqwin', 'AVIC is inhibited if and only if a vCPU waits for a window', (state) => {
  const waiting = state.actorsOf('kvm-vcpu').filter((one) => state.matches(one, 'waiting'));
  const isInhibited = state.load('kvm0', 'irqwin') === true;
  if (isInhibited === waiting.length > 0) return null;
  return isInhibited ? 'AVIC is inhibited, nobody waits' : `AVIC is on, ${waiting.join(', ')} waits in vain`;
});

export default defineScenario({
  id: 'n22-flag-for-count',
  title: 'A flag where a count is needed: interrupt windows of two vCPUs',
  description: 'Property i-irqwin is violated once two vCPUs wait at once; with fixed=true requests are counted.',
  parameters: { fixed: false, vcpus: 2, windows: 2 },
  properties: [neededInhibit, 'l-term'],
  script: ({ fixed, vcpus, windows }) => {
    const numbers = Array.from({ length: vcpus }, (_, i) => i);
    const window = (cpu: string) => [
      step(invoke('svm_enable_irq_window', cpu)),
      step(invoke('interrupt_window_interception', cpu)),
    ];
    return {
      actors: [
        { name: 'kvm0', machine: kvm(fixed) },
        ...numbers.map((i) => ({ name: `vcpu${i}`, machine: vcpu, wiring: { kvm: 'kvm0' } })),
      ],
      threads: Object.fromEntries(
        numbers.map((i) => [`t${i}`, Array.from({ length: windows }, () => window(`vcpu${i}`)).flat()]),
      ),
      interchangeable: [numbers.map((i) => [`vcpu${i}`, `t${i}`])],
    };
  },
});
