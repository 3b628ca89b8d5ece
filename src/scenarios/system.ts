// The actors of a system world: a host with devices, VMs and their irqfds, of one architecture.
//
// A scenario says how many of what there are; locks, work items and workqueues come by themselves (parts.ts).
import type { DeviceProgram } from '../machines/device/device.ts';
import { errno } from '../machines/kernel/call.ts';
import type { Value } from '../engine/actors/name.ts';
import type { ScenarioActor, Script, StructDefinition } from './define.ts';
import type { MachineId } from './machines.ts';
import type { Call, ProgramStep } from '../machines/manager/program.ts';
import { drainVcpu, END, quiesce, step, unquiesce } from './calls.ts';
import { expectChoice } from './parameters.ts';
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
const SYSTEM_MAX = { vcpus: 4, vectors: 8, irqfds: 8, vms: 4, eventfds: 8 } as const;

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
  /** SVM: does the first IRTE refuse to be told where its vCPU runs? */
  readonly refusesGa?: boolean;
  /** arm64: may an LPI be looked up before the guest has mapped it? */
  readonly mapsLate?: boolean;
  /** arm64: are the tables of the guest's ITS to be restored first? */
  readonly startsUnmapped?: boolean;
  /** arm64: do routing updates reach the architecture, as they were meant to (bug B30)? */
  readonly updatesReachArm64?: boolean;
  /** Intel: has the host posted MSIs of its own? */
  readonly hostPostsMsis?: boolean;
  /** Are all shutdown jobs of one pool of one CPU? */
  readonly cleanupOfOneCpu?: boolean;
  readonly knobs?: Knobs;
}

/** 0, 1, ...: so many. */
export const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

/** An architecture by name, of those that a scenario is about. Throws ScenarioError. */
export function expectArch<A extends Arch>(scenario: string, name: string, some: readonly A[]): A {
  expectChoice(scenario, 'arch', name, some);
  return name as A;
}

/**
 * An architecture by name.
 *
 * @throws ScenarioError where there is none of that name
 */
export function archOf(scenario: string, name: string): Arch {
  return expectArch(scenario, name, Object.keys(archs) as Arch[]);
}

/** The first vCPU of each VM: they are numbered throughout. */
const firstVcpu = (vms: readonly number[], vm: number): number =>
  vms.slice(0, vm).reduce((sum, vcpus) => sum + vcpus, 0);

/** Names of the vCPUs of a VM. */
export function vcpusOf({ vms }: Pick<SystemShape, 'vms'>, vm = 0): readonly string[] {
  return numbers(vms[vm] ?? 0).map((i) => `vcpu${firstVcpu(vms, vm) + i}`);
}

/** A shape with what is usual filled in. */
function filled(shape: SystemShape) {
  const { device = { msis: 0 }, failures = [], knobs = {}, ...rest } = shape;
  const { posted = true, reports = false, ipiv = false, directMsis = true } = knobs;
  return { ...rest, device, failures, posted, reports, ipiv, directMsis };
}
type Filled = ReturnType<typeof filled>;

/** Constants, where there are any that are not the usual ones. */
function constantsOf(constants: Readonly<Record<string, Value | undefined>>): { constants?: Record<string, Value> } {
  const given = Object.entries(constants).filter(([, value]) => value !== undefined) as [string, Value][];
  return given.length === 0 ? {} : { constants: Object.fromEntries(given) };
}
/** A constant that is true, or not there. */
const ifTrue = (value: boolean | undefined): true | undefined => (value === true ? true : undefined);

const isQueue = ({ queue }: Filled, i: number): boolean => i === 0 && queue !== undefined;

/** Vectors, or a virtqueue and vectors. */
function producersOf(shape: Filled): StructDefinition[] {
  const { vectors, queue = {}, reports } = shape;
  return numbers(vectors).map((i) => {
    const wiring = { irq: `irq${i}` };
    const told = { reports: ifTrue(reports) };
    if (!isQueue(shape, i))
      return { name: `p${i}`, embeddedIn: { machine: 'vfio-vector', wiring, ...constantsOf(told) } };
    const constants = constantsOf({
      ...told,
      shares_irq: ifTrue(queue.sharesIrq),
      irq_is_zero: ifTrue(queue.irqIsZero),
    });
    return { name: 'q0', embeddedIn: { machine: 'vdpa-queue', wiring, ...constants } };
  });
}

function consumersOf({ arch, irqfds, posted, reports, updatesReachArm64 }: Filled): StructDefinition[] {
  const machine = arch === 'arm64' && updatesReachArm64 === true ? 'irqfd-arm64-hooked' : archs[arch].irqfd;
  const constants = constantsOf({ reports: ifTrue(reports), has_irq_bypass: posted ? undefined : false });
  return irqfds.map(({ vm, gsi }, i) => {
    const wiring = { vm: `vm${vm}`, gsi: `g${gsi}`, ...(arch === 'arm64' ? { vgic: `vgic${vm}` } : {}) };
    return { name: `c${i}`, embeddedIn: { machine, wiring, ...constants } };
  });
}

/** VMs with their vCPUs, and on arm64 their vGICs. */
function vmsOf(shape: Filled): ScenarioActor[] {
  const { arch, vms, ipiv, directMsis, mapsLate, startsUnmapped, cleanupOfOneCpu } = shape;
  const vgic = constantsOf({
    direct_msis: directMsis ? undefined : false,
    maps_late: ifTrue(mapsLate),
    starts_unmapped: ifTrue(startsUnmapped),
  });
  return [
    ...vms.map((_, vm) => ({
      name: `vm${vm}`,
      machine: 'vm',
      wiring: {
        ...Object.fromEntries(vcpusOf(shape, vm).map((vcpu, i) => [`vcpu${i}`, vcpu])),
        ...(cleanupOfOneCpu === true && vm === 0 ? { irq_srcu: 'irqsrcu0' } : {}),
      },
    })),
    ...vms.flatMap((_, vm) =>
      vcpusOf(shape, vm).map((name) => ({
        name,
        machine: archs[arch].vcpu,
        wiring: { vm: `vm${vm}` },
        ...constantsOf({ ipiv: ifTrue(ipiv) }),
      })),
    ),
    ...(arch === 'arm64' ? vms.map((_, vm) => ({ name: `vgic${vm}`, machine: 'vgic', ...vgic })) : []),
    // One pool of one CPU for the shutdown jobs, and for the grace periods of SRCU that they wait for.
    ...(cleanupOfOneCpu === true
      ? [
          { name: 'cleanupwq0', machine: 'workqueue' },
          { name: 'processsrcu0', machine: 'process-srcu', wiring: { srcu: 'irqsrcu0' } },
          {
            name: 'irqsrcu0',
            machine: 'srcu',
            constants: { class: 'irq_srcu' },
            wiring: { process: 'processsrcu0', process_wq: 'cleanupwq0' },
          },
        ]
      : []),
  ];
}

/** Host irqs with their devices; on arm64 all are of one device of the ITS. */
function irqsOf(shape: Filled): ScenarioActor[] {
  const { arch, vectors, device, failures, failsLate, lacksMetadata, refusesGa, hostPostsMsis } = shape;
  const constantsOfIrq = (i: number) =>
    arch === 'arm64'
      ? {}
      : constantsOf({
          fails_late: ifTrue(failsLate),
          lacks_metadata: ifTrue(lacksMetadata),
          posted_msi: ifTrue(hostPostsMsis),
          refuses_ga: ifTrue(i === 0 && refusesGa === true),
        });
  const irqs = numbers(vectors).flatMap((i): ScenarioActor[] => {
    const vector = isQueue(shape, i) ? 'q0' : `p${i}`;
    const wiring = { vector, ...(arch === 'arm64' ? { its_device: 'itsdevice0' } : {}) };
    return [
      {
        name: `irq${i}`,
        machine: archs[arch].irte,
        wiring,
        ...(failures.length === 0 ? {} : { failures }),
        ...constantsOfIrq(i),
      },
      { name: `d${i}`, machine: 'device', wiring: { irq: `irq${i}` }, program: device },
    ];
  });
  const isIts = arch === 'arm64' && vectors > 0;
  return [...(isIts ? [{ name: 'itsdevice0', machine: 'its-device' }] : []), ...irqs];
}

/** Throws ScenarioError where there is more of something than names and wiring go, or none where some are needed. */
function expectSize({ vms, vectors, irqfds, eventfds }: Filled): void {
  const counts = { vms: vms.length, vectors, irqfds: irqfds.length, eventfds, vcpus: Math.max(0, ...vms) };
  for (const [what, most] of Object.entries(SYSTEM_MAX)) {
    const count = counts[what as keyof typeof SYSTEM_MAX];
    if (count > most) throw new ScenarioError('parameter', `${count} ${what}: a system world has at most ${most}`);
  }
  if (vms.includes(0)) throw new ScenarioError('parameter', 'a VM without vCPUs: it has at least one');
}

/**
 * Producers, consumers and other actors of a host: `p0` a vector, `irq0` its host irq, `d0` its device, `c0` an irqfd, `vm0`,
 * `vcpu0`, `e0` an eventfd; `q0` a virtqueue, `i0` an INTx line.
 *
 * @param shape - what there is
 * @returns the parts of a script
 */
export function system(shape: SystemShape): Required<Pick<Script, 'producers' | 'consumers' | 'actors'>> {
  const all = filled(shape);
  expectSize(all);
  const actors: ScenarioActor[] = [
    ...vmsOf(all),
    ...(all.intx === true ? [{ name: 'i0', machine: 'vfio-intx' }] : []),
    ...numbers(all.eventfds).map((i) => ({ name: `e${i}`, machine: 'eventfd' })),
    ...irqsOf(all),
  ];
  return { producers: producersOf(all), consumers: consumersOf(all), actors };
}

/** What maps or unmaps the interrupt of a device. */
const mapping: ReadonlySet<string> = new Set([
  'set_irqs',
  'clear_irqs',
  'irqfd_assign',
  'irqfd_deassign',
  'close_eventfd',
  'close_vm',
  'set_status',
  'set_vring_call',
  'vdpa_release',
]);

/**
 * A program that quiesces devices around whatever maps or unmaps their interrupts, and lets the guest see what is pending.
 *
 * @param program - the program of a thread
 * @param maps - which calls map or unmap
 * @param before - what is called before such a call, and `behind` after it
 * @returns the program with these steps, its jumps moved
 */
function quiesced(
  program: readonly ProgramStep[],
  maps: ReadonlySet<string>,
  before: readonly Call[],
  behind: readonly Call[],
): ProgramStep[] {
  const isMapping = program.map(({ calls }) => calls.some(({ op }) => maps.has(op)));
  // Of an eventfd that is closed the irqfd goes later, by its job: nobody knows when, so that the device has to stay quiet.
  const behindOf = program.map(({ calls }) => (calls.some(({ op }) => op === 'close_eventfd') ? [] : behind));
  const lengths = isMapping.map((isOne, pc) => (isOne ? before.length + 1 + 2 * (behindOf[pc]?.length ?? 0) : 1));
  const startOf = (pc: number): number =>
    pc >= program.length ? pc + END : lengths.slice(0, pc).reduce((sum, one) => sum + one, 0);
  return program.flatMap((one, pc): ProgramStep[] => {
    const ok = startOf(one.ok ?? pc + 1);
    const error = startOf(one.error ?? one.ok ?? pc + 1);
    if (isMapping[pc] !== true) return [{ calls: one.calls, ok, error }];
    const after = behindOf[pc] ?? [];
    const done = startOf(pc) + before.length + 1;
    const then = (from: number, to: number) =>
      after.map((call, i) => ({ calls: [call], ok: i === after.length - 1 ? to : from + i + 1 }));
    return [
      ...before.map((call) => ({ calls: [call] })),
      { calls: one.calls, ...(after.length === 0 ? { ok, error } : { ok: done, error: done + after.length }) },
      ...then(done, ok),
      ...then(done + after.length, error),
    ];
  });
}

/** Whose interrupts threads map and unmap, and which vCPUs may sleep meanwhile. */
export interface Mapped {
  readonly arch: Arch;
  readonly devices?: readonly string[];
  readonly sleepers?: readonly string[];
  /** Does user space care? It has to on arm64, where GICv4 loses what comes meanwhile. */
  readonly quiesces?: boolean;
  /** Does a routing update unmap, too? */
  readonly updatesUnmap?: boolean;
}

/** Threads as an architecture needs them: on arm64 devices are quiet while their interrupts are mapped and unmapped. */
export function threadsOn<T extends Readonly<Record<string, readonly ProgramStep[]>>>(
  { arch, devices = ['d0'], sleepers = [], quiesces = true, updatesUnmap = false }: Mapped,
  threads: T,
): Readonly<Record<string, readonly ProgramStep[]>> {
  if (arch !== 'arm64' || !quiesces) return threads;
  const before = [...devices.map((one) => quiesce(one)), ...sleepers.map((one) => drainVcpu(one))];
  const behind = devices.map((one) => unquiesce(one));
  return Object.fromEntries(
    Object.entries(threads).map(([thread, program]) => [
      thread,
      quiesced(program, updatesUnmap ? new Set([...mapping, 'set_gsi_routing']) : mapping, before, behind),
    ]),
  );
}

/**
 * Threads with one more that tears everything down when all others are done: nothing is to be left then.
 *
 * @param mapped - the architecture, and whose interrupts the threads map and unmap
 * @param threads - the others
 * @param after - which of them wait for which
 * @param calls - what it calls, one after the other
 * @returns the parts of a script
 */
export function tornDown(
  mapped: Mapped,
  threads: NonNullable<Script['threads']>,
  after: NonNullable<Script['after']>,
  ...calls: readonly Call[]
): Required<Pick<Script, 'threads' | 'after'>> {
  return {
    threads: threadsOn(mapped, { ...threads, z0: calls.map((call) => step(call)) }),
    after: { ...after, z0: Object.keys(threads) },
  };
}

/** -EIO: what an IRTE answers that cannot be written. */
export const irteFailures: readonly number[] = [-errno.EIO];
