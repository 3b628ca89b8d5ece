// A device is assigned: VFIO sets vectors, KVM assigns irqfds, the guest changes its routing, MSIs come in between.
import { errno } from '../../machines/manager/protocol.ts';
import type { Call } from '../../machines/manager/protocol.ts';
import type { ProgramStep } from '../../engine/world/program.ts';
import type { Scenario } from '../define.ts';
import {
  assignIrqfd,
  clearIrqs,
  deassignIrqfd,
  defineScenario,
  go,
  oneOf,
  raiseMsi,
  setGsiRouting,
  setIrqs,
  step,
} from '../define.ts';

/** A thread that makes these calls in turn, for ever. */
function loop(...calls: Call[]): readonly ProgramStep[] {
  return calls.map((call, i) => (i === calls.length - 1 ? go(step(call), { ok: 0 }) : step(call)));
}

export const assign: Scenario = defineScenario({
  id: 'assign',
  title: 'A device is assigned: VFIO vectors, irqfds of one VM, routing updates and MSIs, x86',
  description:
    'Each vector and its irqfd share an eventfd; both are set up and torn down for ever while the guest moves its route between vCPUs and to one that cannot be posted. With faults the IRTE may refuse to be posted while a pair connects. Shows b1, b8 and b10.',
  parameters: { vectors: 1, vcpus: 1, msis: true, faults: true },
  script({ vectors, vcpus, msis, faults }) {
    const all = Array.from({ length: vectors }, (_, i) => i);
    const routes = Array.from({ length: vcpus }, (_, i) => setGsiRouting('vm0', `vcpu${i}`));
    return {
      producers: all.map((i) => ({
        name: `p${i}`,
        lacks: ['stop', 'start', 'add_consumer', 'del_consumer'],
        embeddedIn: { machine: 'vfio-vector', wiring: { irq: `irq${i}` } },
      })),
      consumers: all.map((i) => ({
        name: `c${i}`,
        lacks: ['stop', 'start'],
        embeddedIn: { machine: 'irqfd', wiring: { vm: 'vm0' } },
      })),
      eventfds: all.map((i) => `e${i}`),
      system: [
        { name: 'vm0', machine: 'vm' },
        ...all.map((i) => ({ name: `e${i}`, machine: 'eventfd' as const })),
        ...all.map((i) => ({
          name: `irq${i}`,
          machine: 'iommu' as const,
          wiring: { vector: `p${i}` },
          ...(faults ? { failures: [-errno.EIO] } : {}),
        })),
      ],
      interchangeable: [
        all.map((i) => [`p${i}`, `c${i}`, `e${i}`, `irq${i}`, `v${i}`, `k${i}`, ...(msis ? [`d${i}`] : [])]),
        Array.from({ length: vcpus }, (_, i) => [`vcpu${i}`]),
      ],
      threads: Object.fromEntries([
        ...all.map((i) => [`v${i}`, loop(setIrqs(`p${i}`, `e${i}`), clearIrqs(`p${i}`))] as const),
        ...all.map((i) => [`k${i}`, loop(assignIrqfd(`c${i}`, `e${i}`), deassignIrqfd(`c${i}`))] as const),
        ['r0', [go(oneOf(...routes, setGsiRouting('vm0', null)), { ok: 0 })]] as const,
        ...(msis ? all.map((i) => [`d${i}`, loop(raiseMsi(`irq${i}`))] as const) : []),
      ]),
    };
  },
});
