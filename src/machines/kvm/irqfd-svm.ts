// What AVIC does in the callbacks of an irqfd's consumer and when its route changes.
//
// Kernel source: avic_pi_update_irte() of arch/x86/kvm/svm/avic.c, Linux 6.18; the rest is x86's (irqfd-x86.ts). The irqfd leaves the list
// of the vCPU that it was posted to before the IOMMU is asked; ir_list_lock of the new one is held from reading where it runs until the
// irqfd is on its list (c3d591c91f9c). With AVIC inhibited the entry stays remapped, and the irqfd is on the list all the same (6df262f915ab).
import type { State, Transition } from '../../engine/actors/chart.ts';
import type { HostEffect } from '../../engine/actors/effects.ts';
import { call, post, show } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { AmdIrteMessage } from '../iommu/irte-amd.ts';
import { NO_METADATA } from '../iommu/irte-amd.ts';
import type { AffinityCall } from '../iommu/irte.ts';
import { errno } from '../kernel/call.ts';
import type { Observation } from '../manager/protocol.ts';
import type { SvmVcpuMessage } from '../vcpu/vcpu-svm.ts';
import { gaOf } from '../vcpu/vcpu-svm.ts';
import type { ArchHalf } from './arch-half.ts';
import type { IrqfdContext, IrqfdHandling, IrqfdMessage, IrqfdRegion } from './irqfd-context.ts';
import { there } from './irqfd-context.ts';
import { afterWrites, callbackThread, failAdd, updateThread, x86Guards, x86Handlers, x86Regions } from './irqfd-x86.ts';
import { postable } from './route.ts';

const { act, when } = handlers<IrqfdContext, IrqfdMessage>();

/** What asks for a posting: a callback, or a routing update. */
type Strand = 'callback' | 'routing';
const strands = ['callback', 'routing'] as const;
const threadOf = (context: IrqfdContext, as: Strand): Name =>
  as === 'callback' ? callbackThread(context) : updateThread(context);

/** The producer that it is about, and the vCPU that its irq is to be posted to. */
const producerOf = (context: IrqfdContext): Name => there(context.peer ?? context.producer, context);
const target = (context: IrqfdContext): Name => there(postable(context.entry), context);

/** ir_list_lock of a vCPU. */
const lockList = (vcpu: Name, { self }: IrqfdContext, task: Name, as: Strand): HostEffect =>
  call<SvmVcpuMessage>(vcpu, { type: 'ir_list_lock', caller: self, task, as });
const unlockList = (vcpu: Name, task: Name): HostEffect => call<SvmVcpuMessage>(vcpu, { type: 'ir_list_unlock', task });

/** irq_set_vcpu_affinity() with a vCPU and where it runs, or with NULL. */
function setAffinity({ context, cells }: IrqfdHandling, vcpu: Name | null, as: Strand, why: AffinityCall): HostEffect {
  const irq = cells.load(producerOf(context), 'irq') as Name;
  const task = threadOf(context, as);
  const asked = { for: why, caller: context.self, task, as };
  const guest =
    vcpu === null ? {} : { ga: gaOf(cells, vcpu), isGuestMode: cells.load(context.vm, 'avic_inhibited') !== true };
  return post<AmdIrteMessage>(irq, { type: 'irq_set_vcpu_affinity', vcpu, ...guest, ...asked }, task);
}

/** avic_pi_update_irte(), for callbacks and for routing updates. */
function vendorHandlers(as: Strand) {
  return {
    [`lockOld.${as}`]: act(({ context }) => lockList(there(context.vcpu, context), context, threadOf(context, as), as)),
    /** svm_ir_list_del(): off the list of the vCPU that it was posted to. */
    [`unlink.${as}`]: act(({ context }) => {
      const vcpu = there(context.vcpu, context);
      return [
        call<SvmVcpuMessage>(vcpu, { type: 'ir_list_del', irqfd: context.self }),
        unlockList(vcpu, threadOf(context, as)),
      ];
    }),
    [`lockNew.${as}`]: act(({ context }) => lockList(target(context), context, threadOf(context, as), as)),
    /** Where the vCPU runs is read and written under its ir_list_lock. */
    [`post.${as}`]: act((handling) =>
      setAffinity(handling, target(handling.context), as, as === 'callback' ? 'add_producer' : 'routing'),
    ),
    [`reset.${as}`]: act((handling) => setAffinity(handling, null, as, as === 'callback' ? 'del_producer' : 'routing')),
    [`link.${as}`]: act(({ context, cells }) => {
      const irq = cells.load(producerOf(context), 'irq') as Name;
      return call<SvmVcpuMessage>(target(context), { type: 'ir_list_add', irqfd: context.self, irq });
    }),
    [`unlockNew.${as}`]: act(({ context }) => unlockList(target(context), threadOf(context, as))),
  };
}

const svmHandlers = {
  ...x86Handlers(false),
  ...vendorHandlers('callback'),
  ...vendorHandlers('routing'),
  /** The IOMMU posts, and hands no metadata out: back to the host's mode. */
  warnNoMetadata: act(() =>
    show<Observation>({ kind: 'warn', in: 'avic_pi_update_irte', condition: 'the IOMMU handed no metadata out' }),
  ),
  addFailedWithoutMetadata: act(({ context }) => failAdd(context, -errno.EIO)),
  repostedWithoutMetadata: act(() => ({ do: 'set', context: { vcpu: null } })),
};

const svmGuards = {
  ...x86Guards,
  ...Object.fromEntries(
    strands.map((as) => [`noMetadata.${as}`, when(`return.${as}`, ({ event }) => event.value === NO_METADATA)]),
  ),
};

type Way = Transition<string>;
const withFirst = (first: readonly string[], ways: readonly Way[]): readonly Way[] =>
  ways.map((way) => ({ ...way, actions: [...first, ...(way.actions as readonly string[])] }));

/** Posting to a vCPU, or back to the host: what is there, old list and new one. `ways` come after the write. */
function update(as: Strand, ways: readonly [Way, Way], noMetadata: readonly string[]): IrqfdRegion {
  const answered = `return.${as}` as const;
  const [failed, done] = ways;
  const on = (transitions: State['always']): IrqfdRegion => ({ on: { [answered]: transitions } });
  return {
    initial: 'begin',
    states: {
      begin: {
        always: [
          { guard: 'isPosted', target: 'unlinking', actions: `lockOld.${as}` },
          { target: 'locking', actions: `lockNew.${as}` },
        ],
      },
      unlinking: on([
        { guard: 'isPostable', target: 'locking', actions: [`unlink.${as}`, `lockNew.${as}`] },
        { target: 'resetting', actions: [`unlink.${as}`, `reset.${as}`] },
      ]),
      locking: on([{ target: 'writing', actions: `post.${as}` }]),
      writing: on([
        { guard: `noMetadata.${as}`, target: 'reverting', actions: ['warnNoMetadata', `reset.${as}`] },
        ...withFirst([`unlockNew.${as}`], [failed]),
        ...withFirst([`link.${as}`, `unlockNew.${as}`], [done]),
      ]),
      resetting: on(ways),
      reverting: on([{ target: String(failed.target), actions: [`unlockNew.${as}`, ...noMetadata] }]),
    },
  };
}

/** Back to the host's mode, off the list first. */
const unposting: IrqfdRegion = {
  initial: 'unlinking',
  states: {
    unlinking: {
      on: { 'return.callback': { target: 'resetting', actions: ['unlink.callback', 'reset.callback'] } },
    },
    resetting: { on: { 'return.callback': afterWrites.unposting } },
  },
};

/** SVM with AVIC. */
export const svmHalf: ArchHalf = {
  id: 'irqfd-svm',
  title: 'An irqfd of KVM with its consumer, SVM with AVIC',
  regions: x86Regions({
    posting: update('callback', afterWrites.posting, ['addFailedWithoutMetadata']),
    unposting,
    reposting: update('routing', afterWrites.reposting, ['repostedWithoutMetadata', 'routingUpdated']),
    begins: { posting: [], unposting: ['lockOld.callback'], reposting: [] },
  }),
  handlers: svmHandlers,
  guards: svmGuards,
  constants: { 'has stop': false, 'has start': false },
  sends: [
    'start_bypass',
    'stop_bypass',
    'irq_set_vcpu_affinity',
    'pi_update_irte',
    'ir_list_lock',
    'ir_list_unlock',
    'ir_list_add',
    'ir_list_del',
  ],
};
