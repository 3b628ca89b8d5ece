// A vCPU leaves the wakeup list only where the VM has possible bypass irqs.
import type { Machine } from '../engine/actors/machine.ts';
import type { VmxVcpuContext } from '../machines/vcpu/vcpu-vmx.ts';
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';

/** Stays on the list where the count is 0 by now. */
const leavesByCount = (machine: Machine, handler: string) =>
  changed(machine, handler, (effects, { context, cells }) => {
    const { vm, lists } = context as VmxVcpuContext;
    if (Number(cells.load(vm, 'nr_possible_bypass_irqs')) > 0) return effects;
    return effects.map((effect) =>
      effect.do === 'set' ? { ...effect, context: { ...effect.context, lists } } : effect,
    );
  });

export const b14: Mutation = {
  id: 'b14',
  title: 'A vCPU leaves the wakeup list only while its VM has possible bypass irqs: unplugged meanwhile, it stays',
  source: '8b306e2f3c41 (2017) fixed it',
  patches: {
    'vcpu-vmx': (machine) => ({
      handlers: Object.fromEntries(
        ['goOn', 'comeBack', 'haltAgain', 'load'].map((handler) => [handler, leavesByCount(machine, handler)]),
      ),
    }),
  },
  shown: [
    {
      scenario: 'block-and-wake',
      revision: 'v2p8',
      set: { unplug: true, ipiv: true },
      breaks: ['i-wakelist'],
      steps: 16,
    },
  ],
};
