// The reference count: it drops to zero once; what comes after is warned of, and the count stays saturated.
//
// Kernel source: lib/refcount.c, include/linux/refcount.h. Each operation is one atomic step; that a caller does something else
// between two of them is where the races are. refcount_dec_and_test() and refcount_inc_not_zero() answer 0 where C has true.
import { set, show } from '../../engine/actors/effects.ts';
import { handlers } from '../../engine/actors/handlers.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import { machine } from '../../engine/actors/machine.ts';
import type { Name } from '../../engine/actors/name.ts';
import type { KernelObservation } from './call.ts';
import { errno } from './call.ts';
import { answer } from './request.ts';

export type RefcountContext = { readonly self: Name; readonly count: number };

/** With a caller, it is told. */
type Asked = { readonly caller?: Name };

/** What a reference count is asked: one operation of the kernel's refcount_t each. */
export type RefcountMessage =
  | ({ readonly type: 'refcount_inc' | 'refcount_inc_not_zero' | 'refcount_dec_and_test' } & Asked)
  | ({ readonly type: 'refcount_set'; readonly value: number } & Asked);

/** It dropped to zero: whoever made it so releases the object. */
export type ReleaseObservation = { readonly kind: 'last reference'; readonly object: Name };

const { on, whenever } = handlers<RefcountContext, RefcountMessage>();

const told = ({ caller }: Asked, value: number | null) => (caller === undefined ? [] : answer({ caller }, value));
const warn = (operation: string, condition: string) =>
  show<KernelObservation>({ kind: 'warn', in: operation, condition });

/** What operations answer that leave the count above zero. */
const answers = { refcount_inc: null, refcount_inc_not_zero: 0, refcount_dec_and_test: -errno.EBUSY } as const;

/** The machine of a reference count. States: `counting`, `saturated`. */
export const refcount: Machine = machine<RefcountContext, RefcountMessage>({
  id: 'refcount',
  title: 'A reference count',
  kinds: ['primitive'],
  constants: { count: 1 },
  sends: ['return'],
  operations: {
    refcount_inc: { how: 'call', kernel: 'refcount_inc()' },
    refcount_inc_not_zero: { how: 'call', kernel: 'refcount_inc_not_zero(): 0 or -ENXIO' },
    refcount_dec_and_test: { how: 'call', kernel: 'refcount_dec_and_test(): 0 for the last one, else -EBUSY' },
    refcount_set: { arguments: ['value'], how: 'call', kernel: 'refcount_set()' },
  },
  context: ({ self, constants }) => ({ self, count: Number(constants['count']) }),
  guards: {
    isLast: whenever(({ context }) => context.count === 1),
    isZero: whenever(({ context }) => context.count === 0),
  },
  handlers: {
    inc: on(['refcount_inc', 'refcount_inc_not_zero'], ({ context, event }) => [
      set({ count: context.count + 1 }),
      ...told(event, answers[event.type]),
    ]),
    dec: on('refcount_dec_and_test', ({ context, event }) => [
      set({ count: context.count - 1 }),
      ...told(event, -errno.EBUSY),
    ]),
    last: on('refcount_dec_and_test', ({ context, event }) => [
      set({ count: 0 }),
      show<ReleaseObservation>({ kind: 'last reference', object: context.self }),
      ...told(event, 0),
    ]),
    setTo: on('refcount_set', ({ event }) => [set({ count: event.value }), ...told(event, null)]),
    refuse: on('refcount_inc_not_zero', ({ event }) => told(event, -errno.ENXIO)),
    addsToZero: on('refcount_inc', ({ event }) => [
      warn('refcount_inc', 'addition on 0: use after free'),
      ...told(event, null),
    ]),
    underflows: on('refcount_dec_and_test', ({ event }) => [
      warn('refcount_dec_and_test', 'underflow: use after free'),
      ...told(event, -errno.EBUSY),
    ]),
    stay: on(['refcount_inc', 'refcount_inc_not_zero', 'refcount_dec_and_test'], ({ event }) =>
      told(event, answers[event.type]),
    ),
  },
  chart: {
    initial: 'counting',
    states: {
      counting: {
        on: {
          refcount_inc: [{ guard: 'isZero', target: 'saturated', actions: 'addsToZero' }, { actions: 'inc' }],
          refcount_inc_not_zero: [{ guard: 'isZero', actions: 'refuse' }, { actions: 'inc' }],
          refcount_dec_and_test: [
            { guard: 'isZero', target: 'saturated', actions: 'underflows' },
            { guard: 'isLast', actions: 'last' },
            { actions: 'dec' },
          ],
          refcount_set: { actions: 'setTo' },
        },
      },
      saturated: {
        on: {
          refcount_inc: { actions: 'stay' },
          refcount_inc_not_zero: { actions: 'stay' },
          refcount_dec_and_test: { actions: 'stay' },
          refcount_set: { target: 'counting', actions: 'setTo' },
        },
      },
    },
  },
});
