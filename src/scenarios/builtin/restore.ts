// arm64: a VM is restored, the tables of its virtual ITS before its irqfds, or after.
import type { Scenario } from '../define.ts';
import { assignIrqfd, clearIrqs, deassignIrqfd, invoke, setGsiRouting, setIrqs, step } from '../calls.ts';
import { defineScenario } from '../define.ts';
import { expectChoice } from '../parameters.ts';
import { expectArch, system, tornDown } from '../system.ts';

export const restore: Scenario = defineScenario({
  id: 'restore',
  title: 'A VM with GICv4 is restored: the tables of the virtual ITS first, then the irqfds',
  description:
    'Before its tables are there no LPI can be resolved, and what connects then is not posted, for good. With order=irqfd-first the VMM does it the other way round: interrupts still arrive, and with ends=false, where the pair stays, l-bypass is violated. order=never: the guest maps no LPI.',
  parameters: { arch: 'arm64', order: 'vits-first', msis: 1, ends: true },
  script({ arch: name, order, msis, ends }) {
    const arch = expectArch('restore', name, ['arm64']);
    expectChoice('restore', 'order', order, ['vits-first', 'irqfd-first', 'never']);
    const tables = step(invoke('its_restore_tables', 'vgic0'));
    const irqfds = [
      step(setGsiRouting('vm0', 'g0', 'vcpu0')),
      step(assignIrqfd('c0', 'e0')),
      step(setIrqs('p0', 'e0')),
    ];
    return {
      ...system({
        arch,
        vms: [1],
        vectors: 1,
        irqfds: [{ vm: 0, gsi: 0 }],
        eventfds: 1,
        device: { msis },
        startsUnmapped: true,
      }),
      ...tornDown(
        { arch },
        { s0: order === 'never' ? irqfds : order === 'vits-first' ? [tables, ...irqfds] : [...irqfds, tables] },
        {},
        ...(ends ? [deassignIrqfd('c0'), clearIrqs('p0')] : []),
      ),
    };
  },
});
