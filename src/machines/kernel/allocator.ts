// The allocator: an address that was freed is the next one to be handed out, so that an old pointer may point to a new object.
//
// Kernel source: mm/slub.c (a CPU's freelist: last freed, first handed out), Documentation/core-api/memory-allocation.rst. An address
// is a name, given by wiring (`address0` and on). A thread's program cannot keep what it is answered, so kfree() without an address
// frees what its task got last. Abstracted away: sizes, caches, what memory holds. `reuses: false` is an allocator that gives
// nothing out again (KASAN's quarantine): what then still goes wrong is no mistaking of a new object for an old one.
import { set, show } from '../../engine/actors/effects.ts';
import type { ShowEffect } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { KernelObservation } from './call.ts';
import { errno } from './call.ts';
import { mightSleep } from './lockdep.ts';
import type { Asks, Tells } from './request.ts';
import { answer, primitiveSends, taskOf } from './request.ts';
import { tasks } from './task.ts';

/** Addresses that an allocator may be given. */
export const ADDRESSES_MAX = 8;
const roles = Array.from({ length: ADDRESSES_MAX }, (_, i) => `address${i}`);

/** An address that is handed out, and the task that got it. */
type Allocation = { readonly address: Name; readonly task: Name };

export type AllocatorContext = {
  readonly self: Name;
  /** Free addresses; the first one is the next to be handed out. */
  readonly free: readonly Name[];
  /** What is handed out, the last first. */
  readonly objects: readonly Allocation[];
};

/**
 * kmalloc() is answered with an address, or -ENOMEM where C has NULL: none is free, or the environment makes it fail (`failures`).
 * It may sleep unless it is `atomic` (GFP_ATOMIC). `access` is a use of what an address points to.
 */
export type AllocatorMessage =
  | ({ readonly type: 'kmalloc'; readonly atomic?: boolean; readonly answer?: number } & Asks)
  | ({ readonly type: 'kfree'; readonly address?: Name } & Tells)
  | ({ readonly type: 'access'; readonly address: Name } & Tells);

const { on, when } = handlers<AllocatorContext, AllocatorMessage>();

/** What kfree() is about. */
function freed({ objects }: AllocatorContext, event: Tells & { readonly address?: Name }): Allocation | undefined {
  const task = taskOf(event);
  return objects.find((one) => (event.address === undefined ? one.task === task : one.address === event.address));
}

const corrupt = (self: Name, what: string): ShowEffect =>
  show<KernelObservation>({ kind: 'corruption', in: 'kfree', object: self, what });

/** The machine of an allocator. */
export const allocator: Machine = machine<AllocatorContext, AllocatorMessage>({
  id: 'allocator',
  title: 'An allocator that hands out freed addresses again',
  kinds: ['primitive'],
  wiring: Object.fromEntries(roles.map((role) => [`${role}?`, '*'])),
  constants: { reuses: true },
  families: [tasks],
  sends: [...primitiveSends],
  operations: {
    kmalloc: { arguments: ['atomic?'], how: 'post', kernel: 'kmalloc(GFP_KERNEL), or GFP_ATOMIC' },
    kfree: { arguments: ['address?'], how: 'call', kernel: 'kfree()' },
    access: { arguments: ['address'], how: 'call', kernel: 'a load or store through a pointer' },
  },
  variants: { kmalloc: (_, { failures }) => failures.map((value) => ({ answer: value })) },
  context: ({ self, wiring }) => ({
    self,
    free: roles.flatMap((role) => wiring[role] ?? []),
    objects: [],
  }),
  guards: {
    fails: when('kmalloc', ({ context, event }) => event.answer !== undefined || context.free.length === 0),
    isThere: when('kfree', ({ context, event }) => freed(context, event) !== undefined),
    isAllocated: when('access', ({ context, event }) =>
      context.objects.some(({ address }) => address === event.address),
    ),
  },
  handlers: {
    ask: on('kmalloc', ({ event, cells }) =>
      event.atomic === true ? [] : mightSleep(cells, taskOf(event), 'kmalloc(GFP_KERNEL)'),
    ),
    fail: on('kmalloc', ({ event }) => answer(event, event.answer ?? -errno.ENOMEM)),
    handOut: on('kmalloc', ({ context, event }) => {
      const [address, ...free] = context.free;
      if (address === undefined) throw new Error(`${context.self} has nothing to hand out`);
      const objects = [{ address, task: taskOf(event) }, ...context.objects];
      return [set({ free, objects }), ...answer(event, address)];
    }),
    free: on('kfree', ({ context, event, cells }) => {
      const object = freed(context, event);
      if (object === undefined) throw new Error(`${context.self} frees what is not there`);
      const reuses = cells.constant(context.self, 'reuses') === true;
      return [
        set({
          free: reuses ? [object.address, ...context.free] : context.free,
          objects: context.objects.filter(({ address }) => address !== object.address),
        }),
        ...answer(event, null),
      ];
    }),
    doubleFree: on('kfree', ({ context, event }) => [
      corrupt(event.address ?? context.self, 'double free, or of what was never allocated'),
      ...answer(event, null),
    ]),
    access: on('access', ({ event }) => answer(event, null)),
    useAfterFree: on('access', ({ event }) => [
      show<KernelObservation>({ kind: 'use-after-free', object: event.address, what: 'access' }),
      ...answer(event, null),
    ]),
  },
  chart: {
    on: {
      kmalloc: [{ guard: 'fails', actions: ['ask', 'fail'] }, { actions: ['ask', 'handOut'] }],
      kfree: [{ guard: 'isThere', actions: 'free' }, { actions: 'doubleFree' }],
      access: [{ guard: 'isAllocated', actions: 'access' }, { actions: 'useAfterFree' }],
    },
  },
});
