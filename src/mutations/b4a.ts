// Deassign forgets the type of the route before the shutdown job: del_producer leaves the irq posted.
import { set } from '../engine/actors/effects.ts';
import { handlers } from '../engine/actors/handlers.ts';
import type { Machine, Patch } from '../engine/actors/machine.ts';
import type { IrqfdContext, IrqfdMessage } from '../machines/kvm/irqfd-context.ts';
import { isMsi } from '../machines/kvm/route.ts';
import type { Mutation } from './mutation.ts';
import { changed, changeTransitions } from './patching.ts';

/** irq_entry.type = 0, before irqfd_deactivate(). */
const clobbers = (machine: Machine): NonNullable<Patch['handlers']> => ({
  deassign: changed(machine, 'deassign', (effects, { context }) => {
    const { active, entry } = context as IrqfdContext;
    return active && entry !== null ? [set<IrqfdContext>({ entry: { ...entry, type: 'none' } }), ...effects] : effects;
  }),
});

/** x86 before ef3719e33e66: unposts only where the route is an MSI. */
const x86 = (machine: Machine): Patch => ({
  handlers: clobbers(machine),
  guards: {
    isPostedByType: handlers<IrqfdContext, IrqfdMessage>().whenever(
      ({ context }) => context.vcpu !== null && isMsi(context.entry),
    ),
  },
  chart: (chart) =>
    changeTransitions(chart, 'bypass.deleting', 'return.callback', ([unposts, ...others]) => [
      { ...unposts, guard: 'isPostedByType' },
      ...others,
    ]),
});

export const b4a: Mutation = {
  id: 'b4a',
  title: 'Deassign forgets the type of the route before the shutdown job: the irq stays posted',
  source: 'CVE-2026-23198, b4d37cdb77a0 (2026-01)',
  patches: { irqfd: x86, 'irqfd-svm': x86, 'irqfd-arm64': (machine) => ({ handlers: clobbers(machine) }) },
  shown: [{ scenario: 'assign', revision: 'v2p8', breaks: ['i-nostray', 'i-irte'], steps: 17 }],
};
