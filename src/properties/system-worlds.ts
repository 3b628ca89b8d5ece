// What properties of system worlds look things up with: irqfds, host irqs, vCPUs and how they are wired.
import type { Name } from '../engine/actors/name.ts';
import type { WorldView } from '../engine/world/view.ts';
import type { World } from '../engine/world/world.ts';
import type { IrqfdContext } from '../machines/kvm/irqfd-context.ts';
import { postable } from '../machines/kvm/route.ts';
import type { VmContext } from '../machines/kvm/vm.ts';
import { managerIn } from '../registry/manager-view.ts';
import { namesOf } from './manager-worlds.ts';

/** What an actor is wired to, by role. */
export const wiringOf = (world: World, actor: Name): Readonly<Record<string, Name>> =>
  world.actors[world.actor(actor)]?.input.wiring ?? {};

/** The id of an actor's machine. */
export const machineOf = (world: World, actor: Name): string =>
  world.actors[world.actor(actor)]?.definition.machine.id ?? '';

/** An irqfd with the VM that it belongs to, and that VM's irqfds.lock. */
export interface Irqfd {
  readonly irqfd: Name;
  readonly vm: Name;
  readonly lock: Name;
  readonly arch: 'vmx' | 'svm' | 'arm64' | 'powerpc';
}

const archs: Readonly<Record<string, Irqfd['arch']>> = {
  'irqfd-svm': 'svm',
  'irqfd-arm64': 'arm64',
  'irqfd-arm64-hooked': 'arm64',
  'irqfd-powerpc': 'powerpc',
};

/** The irqfds of a world. */
export function irqfdsOf(world: World): readonly Irqfd[] {
  return namesOf(world, 'irqfd').map((irqfd) => {
    const { vm, irqfds_lock: lock } = wiringOf(world, irqfd);
    return { irqfd, vm: vm as Name, lock: lock as Name, arch: archs[machineOf(world, irqfd)] ?? 'vmx' };
  });
}

/** The irqfds of x86. */
export const x86IrqfdsOf = (world: World): readonly Irqfd[] =>
  irqfdsOf(world).filter(({ arch }) => arch === 'vmx' || arch === 'svm');

/** Has a world irqfds of these architectures? */
export const hasIrqfdOf =
  (...some: readonly Irqfd['arch'][]) =>
  (world: World): boolean =>
    irqfdsOf(world).some(({ arch }) => some.includes(arch));

/** A host irq with the vector or virtqueue that handles it. */
export interface HostIrq {
  readonly irq: Name;
  readonly handler: Name;
}

/** The host irqs of a world. */
export const hostIrqsOf = (world: World): readonly HostIrq[] =>
  namesOf(world, 'host-irq').map((irq) => ({ irq, handler: wiringOf(world, irq)['vector'] as Name }));

/** The vCPU that a host irq is posted to, whatever the hardware calls it; null where it goes to the host. */
export function postedToIn(state: WorldView, irq: Name): Name | null {
  const { entry } = state.context<{ readonly entry: { readonly mode: string; readonly vcpu?: Name } }>(irq);
  return entry.mode === 'posted' ? (entry.vcpu ?? null) : null;
}

/** Is AVIC of a VM neither being inhibited nor coming back? */
export function isApicvSettled(state: WorldView, vm: Name): boolean {
  return (state.value(vm) as { readonly apicv: unknown }).apicv === 'idle';
}

export const isUnlocked = (state: WorldView, lock: Name): boolean => state.value(lock) === 'unlocked';

/** The irqfd that a producer is connected with, as the manager knows it. */
export function irqfdOf(state: WorldView, producer: Name, irqfds: readonly Irqfd[]): Irqfd | undefined {
  const partners = managerIn(state).partners(producer);
  return irqfds.find(({ irqfd }) => partners.includes(irqfd));
}

/** arm64: does the hardware inject, and are the tables of the guest's ITS there? */
const maySendDirectly = (state: WorldView, vgic: Name): boolean =>
  state.constant(vgic, 'direct_msis') === true &&
  (state.constant(vgic, 'starts_unmapped') !== true || state.load(vgic, 'restored') === true);

/** The vCPU that the irq of a connected irqfd is to be posted to, by its cached route. */
export function wantedBy(state: WorldView, { irqfd, vm, arch }: Irqfd): Name | null {
  const { entry, vgic } = state.context<IrqfdContext>(irqfd);
  const vcpu = postable(entry);
  if (arch === 'powerpc') return state.context<VmContext>(vm).vcpus[0] ?? null;
  if (arch === 'svm' && state.load(vm, 'avic_inhibited') === true) return null;
  if (arch === 'arm64' && vgic !== null && !maySendDirectly(state, vgic)) return null;
  return vcpu;
}
