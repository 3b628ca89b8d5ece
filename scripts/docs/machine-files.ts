// The source files of each built-in machine: the one that declares it, and those that it is written in besides.
import { sourceOf } from '../../src/cli/list-sources.ts';
import type { MachineId } from '../../src/scenarios/machines.ts';

/** In place of the file that declares the machine. */
const OWN = '';
const irqfd = ['kvm/irqfd.ts', 'kvm/irqfd-assign.ts', 'kvm/irqfd-shutdown.ts', 'kvm/irqfd-context.ts', 'kvm/route.ts'];
const struct = [OWN, 'manager/struct.ts', 'manager/protocol.ts'];
const vcpu = [OWN, 'vcpu/vcpu.ts'];
const workOf = [OWN, 'kernel/work-of.ts'];
const lockdep = [OWN, 'kernel/lockdep.ts'];

/** Machines that more than one file is of; what a page says first is in the first one. Paths in src/machines. */
const several: Readonly<Partial<Record<MachineId, readonly string[]>>> = {
  registry: [OWN, '../registry/critical-section.ts', '../registry/revisions.ts'],
  producer: struct,
  consumer: struct,
  thread: [OWN, 'manager/program.ts', 'manager/tokens.ts'],
  'vfio-vector': [OWN, 'manager/struct.ts'],
  'virqfd-shutdown': workOf,
  'vdpa-queue': [OWN, 'manager/struct.ts'],
  irqfd: [...irqfd, OWN],
  'irqfd-svm': [...irqfd, OWN, 'kvm/irqfd-x86.ts'],
  'irqfd-arm64': [...irqfd, OWN],
  'irqfd-arm64-hooked': [...irqfd, OWN],
  'irqfd-powerpc': [...irqfd, OWN],
  vm: [OWN, 'kvm/route.ts'],
  'vcpu-vmx': vcpu,
  'vcpu-svm': vcpu,
  'vcpu-arm64': vcpu,
  'vcpu-powerpc': vcpu,
  device: [OWN, 'device/interrupt.ts'],
  'irqfd-shutdown': workOf,
  'irqfd-inject': workOf,
  mutex: lockdep,
  spinlock: lockdep,
  'process-srcu': workOf,
};

/** Paths in the repository of what a machine is written in. */
export function machineFiles(id: MachineId): readonly string[] {
  const { source } = sourceOf(id);
  return (several[id] ?? [OWN]).map((file) =>
    file === OWN ? source : file.startsWith('../') ? `src/${file.slice(3)}` : `src/machines/${file}`,
  );
}
