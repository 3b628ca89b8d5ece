// Resampling irqfds of one GSI are torn down while the guest acknowledges.
import type { Scenario } from '../define.ts';
import { assignIrqfd, closeVm, deassignIrqfd, invoke, signalEventfd, step } from '../calls.ts';
import { defineScenario } from '../define.ts';
import { expectSome } from '../parameters.ts';
import { archOf, numbers, system, tornDown } from '../system.ts';

export const resampler: Scenario = defineScenario({
  id: 'resampler',
  title: 'Resampling irqfds are torn down while the guest acknowledges: shutdown jobs wait for each other',
  description:
    'Each shutdown job takes resampler_lock and waits for a grace period of irq_srcu, while an EOI walks the list of those that resample. With unbound=false all jobs are of one pool of one CPU.',
  parameters: { arch: 'vmx', irqfds: 2, unbound: true },
  script({ arch: name, irqfds, unbound }) {
    const arch = archOf('resampler', name);
    expectSome('resampler', { irqfds });
    const all = numbers(irqfds);
    return {
      ...system({
        arch,
        vms: [1],
        vectors: 0,
        irqfds: all.map(() => ({ vm: 0, gsi: 0 })),
        eventfds: irqfds + 1,
        ...(unbound ? {} : { cleanupOfOneCpu: true }),
      }),
      ...tornDown(
        { arch },
        {
          s0: all.map((i) => step(assignIrqfd(`c${i}`, `e${i}`, { resamplefd: `e${irqfds}` }))),
          g0: [step(signalEventfd('e0')), step(invoke('guest_eoi', 'vm0', { gsi: 'g0' }))],
          ...Object.fromEntries(all.map((i) => [`k${i}`, [step(deassignIrqfd(`c${i}`))]])),
        },
        Object.fromEntries(['g0', ...all.map((i) => `k${i}`)].map((thread) => [thread, ['s0']])),
        closeVm('vm0'),
      ),
    };
  },
});
