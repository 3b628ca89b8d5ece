// A device is assigned: VFIO sets vectors, KVM assigns irqfds, the guest changes its routing, MSIs come in between.
import type { Scenario } from '../define.ts';
import { assignIrqfd, clearIrqs, deassignIrqfd, go, loop, oneOf, setGsiRouting, setIrqs } from '../calls.ts';
import { defineScenario } from '../define.ts';
import { expectSome } from '../parameters.ts';
import { archOf, irteFailures, numbers, system, threadsOn, vcpusOf } from '../system.ts';

export const assign: Scenario = defineScenario({
  id: 'assign',
  title: 'A device is assigned: VFIO vectors, irqfds of one VM, routing updates and MSIs',
  description:
    'Each vector and its irqfd share an eventfd; both are set up and torn down for ever, in whichever order, while the guest moves its route between vCPUs and to one that cannot be posted. With faults the IRTE may refuse to be posted while a pair connects. On arm64 and powerpc routes stay as they are: a route that changes is routing-race.',
  parameters: { arch: 'vmx', vectors: 1, vcpus: 1, msis: true, faults: true },
  script({ arch: name, vectors, vcpus, msis, faults }) {
    const arch = archOf('assign', name);
    expectSome('assign', { vectors, vcpus });
    const all = numbers(vectors);
    const shape = {
      arch,
      vms: [vcpus],
      vectors,
      irqfds: all.map(() => ({ vm: 0, gsi: 0 })),
      eventfds: vectors,
      device: { msis: msis ? 'forever' : 0 },
      ...(faults ? { failures: irteFailures } : {}),
    } as const;
    const routes = vcpusOf(shape).map((vcpu) => setGsiRouting('vm0', 'g0', vcpu));
    const follows = arch === 'vmx' || arch === 'svm';
    return {
      ...system(shape),
      interchangeable: [all.map((i) => [`p${i}`, `c${i}`, `e${i}`, `irq${i}`, `d${i}`, `v${i}`, `k${i}`])],
      // Where updates reach nobody the route comes first.
      ...(follows ? {} : { after: Object.fromEntries(all.flatMap((i) => [`v${i}`, `k${i}`]).map((t) => [t, ['r0']])) }),
      threads: threadsOn(
        { arch, devices: all.map((i) => `d${i}`) },
        Object.fromEntries([
          ...all.map((i) => [`v${i}`, loop(setIrqs(`p${i}`, `e${i}`), clearIrqs(`p${i}`))] as const),
          ...all.map((i) => [`k${i}`, loop(assignIrqfd(`c${i}`, `e${i}`), deassignIrqfd(`c${i}`))] as const),
          follows
            ? (['r0', [go(oneOf(...routes, setGsiRouting('vm0', 'g0', null)), { ok: 0 })]] as const)
            : (['r0', [oneOf(...routes)]] as const),
        ]),
      ),
    };
  },
});
