// A device is assigned: VFIO sets vectors, KVM assigns irqfds, the guest changes its routing, MSIs come in between.
import { errno } from '../../machines/kernel/call.ts';

import type { Scenario } from '../define.ts';
import { assignIrqfd, clearIrqs, deassignIrqfd, go, loop, oneOf, setGsiRouting, setIrqs } from '../calls.ts';
import { defineScenario } from '../define.ts';

export const assign: Scenario = defineScenario({
  id: 'assign',
  title: 'A device is assigned: VFIO vectors, irqfds of one VM, routing updates and MSIs, x86',
  description:
    'Each vector and its irqfd share an eventfd; both are set up and torn down for ever while the guest moves its route between vCPUs and to one that cannot be posted. With faults the IRTE may refuse to be posted while a pair connects. Shows b1, b8 and b10.',
  parameters: { vectors: 1, vcpus: 1, msis: true, faults: true },
  script({ vectors, vcpus, msis, faults }) {
    const all = Array.from({ length: vectors }, (_, i) => i);
    const cpus = Array.from({ length: vcpus }, (_, i) => i);
    const routes = cpus.map((i) => setGsiRouting('vm0', 'g0', `vcpu${i}`));
    return {
      producers: all.map((i) => ({
        name: `p${i}`,
        embeddedIn: { machine: 'vfio-vector', wiring: { irq: `irq${i}` } },
      })),
      consumers: all.map((i) => ({
        name: `c${i}`,
        embeddedIn: { machine: 'irqfd', wiring: { vm: 'vm0', gsi: 'g0' } },
      })),
      actors: [
        { name: 'vm0', machine: 'vm', wiring: Object.fromEntries(cpus.map((i) => [`vcpu${i}`, `vcpu${i}`])) },
        ...cpus.map((i) => ({ name: `vcpu${i}`, machine: 'vcpu-vmx', wiring: { vm: 'vm0' } })),
        ...all.map((i) => ({ name: `e${i}`, machine: 'eventfd' })),
        ...all.map((i) => ({
          name: `irq${i}`,
          machine: 'irte',
          wiring: { vector: `p${i}` },
          ...(faults ? { failures: [-errno.EIO] } : {}),
        })),
        ...(msis
          ? all.map((i) => ({
              name: `d${i}`,
              machine: 'device',
              wiring: { irq: `irq${i}` },
              program: { msis: 'forever' },
            }))
          : []),
      ],
      interchangeable: [
        all.map((i) => [`p${i}`, `c${i}`, `e${i}`, `irq${i}`, `v${i}`, `k${i}`, ...(msis ? [`d${i}`] : [])]),
      ],
      threads: Object.fromEntries([
        ...all.map((i) => [`v${i}`, loop(setIrqs(`p${i}`, `e${i}`), clearIrqs(`p${i}`))] as const),
        ...all.map((i) => [`k${i}`, loop(assignIrqfd(`c${i}`, `e${i}`), deassignIrqfd(`c${i}`))] as const),
        ['r0', [go(oneOf(...routes, setGsiRouting('vm0', 'g0', null)), { ok: 0 })]] as const,
      ]),
    };
  },
});
