// The actors of a system world: a host with devices, VMs and their irqfds, of one architecture.
//
// A scenario says how many of what there are; locks, work items and workqueues come by themselves (parts.ts).
import type { DeviceProgram } from '../machines/device/device.ts';
import { errno } from '../machines/kernel/call.ts';
import type { Value } from '../engine/actors/name.ts';
import type { ScenarioActor, Script, StructDefinition } from './define.ts';
import type { MachineId } from './machines.ts';
import { ScenarioError } from './scenario-error.ts';

/** Architectures of hosts: what their machines are. */
export const archs = {
  vmx: { irqfd: 'irqfd', irte: 'irte', vcpu: 'vcpu-vmx' },
  svm: { irqfd: 'irqfd-svm', irte: 'irte-amd', vcpu: 'vcpu-svm' },
  arm64: { irqfd: 'irqfd-arm64', irte: 'its', vcpu: 'vcpu-arm64' },
  powerpc: { irqfd: 'irqfd-powerpc', irte: 'passthru-irq', vcpu: 'vcpu-powerpc' },
} as const satisfies Readonly<Record<string, Readonly<Record<'irqfd' | 'irte' | 'vcpu', MachineId>>>>;
export type Arch = keyof typeof archs;

/** vCPUs that a VM may have, and what else there may be of a kind: as far as names and wiring go. */
export const SYSTEM_MAX = { vcpus: 4, vectors: 8, irqfds: 8, vms: 4, eventfds: 8 } as const;

/** Knobs of a host and of its user space: today's, where absent. */
export interface Knobs {
  /** enable_device_posted_irqs, or whatever kvm_arch_has_irq_bypass() goes by. */
  readonly posted?: boolean;
  /** Proposed: user space is told when a pair could not be connected. */
  readonly reports?: boolean;
  /** VMX: IPI virtualisation. */
  readonly ipiv?: boolean;
  /** arm64: does the host inject MSIs directly (GICv4)? */
  readonly directMsis?: boolean;
}

/** What there is. */
export interface SystemShape {
  readonly arch: Arch;
  /** vCPUs of each VM. */
  readonly vms: readonly number[];
  /** MSI-X vectors of VFIO, with a device each, and what that does by itself. */
  readonly vectors: number;
  readonly device?: DeviceProgram;
  /** Is the first vector a vDPA queue, q0, instead; and may its irq be shared, or 0? */
  readonly queue?: { readonly sharesIrq?: boolean; readonly irqIsZero?: boolean };
  /** INTx of a VFIO device, i0. */
  readonly intx?: boolean;
  /** Of each irqfd the VM that it is of, and the number of its GSI. */
  readonly irqfds: readonly { readonly vm: number; readonly gsi: number }[];
  readonly eventfds: number;
  /** May an IRTE refuse to be posted, and with what? */
  readonly failures?: readonly number[];
  /** May it also refuse what it never refuses: another vCPU, or the host's own mode? */
  readonly failsLate?: boolean;
  /** SVM: may the IOMMU post, and hand no metadata out? */
  readonly lacksMetadata?: boolean;
  /** arm64: may an LPI be looked up before the guest has mapped it? */
  readonly mapsLate?: boolean;
  readonly knobs?: Knobs;
}

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

/**
 * An architecture by name.
 *
 * @throws ScenarioError where there is none of that name
 */
export function archOf(scenario: string, name: string): Arch {
  if (Object.hasOwn(archs, name)) return name as Arch;
  const known = Object.keys(archs).join(', ');
  throw new ScenarioError('parameter', `--set arch=${name}: ${scenario} has no architecture "${name}" (${known})`);
}

/** The first vCPU of each VM: they are numbered throughout. */
const firstVcpu = (vms: readonly number[], vm: number): number =>
  vms.slice(0, vm).reduce((sum, vcpus) => sum + vcpus, 0);

/** Names of the vCPUs of a VM. */
export function vcpusOf({ vms }: Pick<SystemShape, 'vms'>, vm = 0): readonly string[] {
  return numbers(vms[vm] ?? 0).map((i) => `vcpu${firstVcpu(vms, vm) + i}`);
}

/**
 * Producers, consumers and other actors of a host: `p0` a vector, `irq0` its host irq, `d0` its device, `c0` an irqfd, `vm0`,
 * `vcpu0`, `e0` an eventfd.
 *
 * @param shape - what there is
 * @returns the parts of a script
 */
export function system(shape: SystemShape): Required<Pick<Script, 'producers' | 'consumers' | 'actors'>> {
  const { queue, intx = false } = shape;
  const {
    arch,
    vms,
    vectors,
    device = { msis: 0 },
    irqfds,
    eventfds,
    failures = [],
    failsLate = false,
    lacksMetadata = false,
    mapsLate = false,
    knobs = {},
  } = shape;
  const machines = archs[arch];
  const { posted = true, reports = false, ipiv = false, directMsis = true } = knobs;
  const told: Record<string, Value> = reports ? { reports } : {};
  const gic = directMsis && !mapsLate ? {} : { constants: { direct_msis: directMsis, maps_late: mapsLate } };
  const producers = numbers(vectors).map((i): StructDefinition => {
    const wiring = { irq: `irq${i}` };
    if (i > 0 || queue === undefined)
      return { name: `p${i}`, embeddedIn: { machine: 'vfio-vector', wiring, ...(reports ? { constants: told } : {}) } };
    const { sharesIrq = false, irqIsZero = false } = queue;
    const constants = { ...told, shares_irq: sharesIrq, irq_is_zero: irqIsZero };
    return { name: 'q0', embeddedIn: { machine: 'vdpa-queue', wiring, constants } };
  });
  const consumers = irqfds.map(({ vm, gsi }, i): StructDefinition => ({
    name: `c${i}`,
    embeddedIn: {
      machine: machines.irqfd,
      wiring: { vm: `vm${vm}`, gsi: `g${gsi}`, ...(arch === 'arm64' ? { vgic: `vgic${vm}` } : {}) },
      ...(posted && !reports ? {} : { constants: { ...told, has_irq_bypass: posted } }),
    },
  }));
  const actors: ScenarioActor[] = [
    ...vms.map((_, vm) => ({
      name: `vm${vm}`,
      machine: 'vm',
      wiring: Object.fromEntries(vcpusOf(shape, vm).map((vcpu, i) => [`vcpu${i}`, vcpu])),
    })),
    ...vms.flatMap((_, vm) =>
      vcpusOf(shape, vm).map((name) => ({
        name,
        machine: machines.vcpu,
        wiring: { vm: `vm${vm}` },
        ...(ipiv ? { constants: { ipiv } } : {}),
      })),
    ),
    ...(arch === 'arm64' ? vms.map((_, vm) => ({ name: `vgic${vm}`, machine: 'vgic', ...gic })) : []),
    ...(intx ? [{ name: 'i0', machine: 'vfio-intx' }] : []),
    ...(arch === 'arm64' ? [{ name: 'itsdevice0', machine: 'its-device' }] : []),
    ...numbers(eventfds).map((i) => ({ name: `e${i}`, machine: 'eventfd' })),
    ...numbers(vectors).flatMap((i): ScenarioActor[] => [
      {
        name: `irq${i}`,
        machine: machines.irte,
        wiring: { vector: i === 0 && queue !== undefined ? 'q0' : `p${i}`, ...(arch === 'arm64' ? { its_device: 'itsdevice0' } : {}) },
        ...(failures.length === 0 ? {} : { failures }),
        ...(arch !== 'arm64' && (failsLate || lacksMetadata)
          ? { constants: { fails_late: failsLate, ...(lacksMetadata ? { lacks_metadata: true } : {}) } }
          : {}),
      },
      { name: `d${i}`, machine: 'device', wiring: { irq: `irq${i}` }, program: device },
    ]),
  ];
  return { producers, consumers, actors };
}

/** -EIO: what an IRTE answers that cannot be written. */
export const irteFailures: readonly number[] = [-errno.EIO];
