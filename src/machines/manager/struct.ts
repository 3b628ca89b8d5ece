// What producers and consumers have in common: the unlocked halves of register and unregister, and their callbacks.
//
// Kernel source: the code before mutex_lock() in virt/lib/irqbypass.c, Linux 4.4 to 6.17. It runs in the caller's
// thread, on the caller's struct, before the lock is taken: two threads can both be in it for one struct, and each
// then waits for the mutex with what it read. That is where the real races are. Who embeds a struct
// (a VFIO vector, an irqfd) runs the same halves and takes over all of their effects.
import type { Cells } from '../../engine/actors/cells.ts';
import type { HostEffect } from '../../engine/actors/effects.ts';
import { post, show } from '../../engine/actors/effects.ts';
import type { Name } from '../../engine/actors/name.ts';
import { attempt, mightSleep } from '../kernel/lockdep.ts';
import type { Policy } from './policy.ts';
import type { Half, LockRequest, ManagerOperation, Observation, Register, Unregister } from './protocol.ts';
import { REGISTRY } from './protocol.ts';
import { errno, returnTo } from '../kernel/call.ts';

/** What a struct's machine remembers beside the fields that others read (`structCells`). */
export type StructContext = {
  readonly self: Name;
  /** The partners whose add callback on this struct succeeded and whose del callback has not come: a ledger. */
  readonly added: readonly Name[];
};

/** What the halves may send. */
export const halfSends = [
  'return',
  'return.*',
  'register_producer',
  'unregister_producer',
  'register_consumer',
  'unregister_consumer',
] as const;

/** A call of one of the halves: what is tested and done before the mutex is taken. */
export interface HalfCall {
  readonly policy: Policy;
  readonly half: Half;
  readonly op: ManagerOperation;
  readonly self: Name;
  readonly cells: Cells;
  readonly asked: Register | Unregister;
}

const registers = ({ op }: HalfCall): boolean => op === 'register_producer' || op === 'register_consumer';
/** Arguments of a registration; unregister has none of them. */
const argumentsOf = ({ asked }: HalfCall): Partial<Register> => asked;

/** The tests of the halves, by name. */
export const halfGuards: Readonly<Record<HalfGuard, (half: HalfCall) => boolean>> = {
  hasKey: ({ self, cells }) => cells.load(self, 'key') !== null,
  hasNoKey: ({ self, cells }) => cells.load(self, 'key') === null,
  isNullEventfd: (half) => (argumentsOf(half).eventfd ?? null) === null,
  lacksCallback: ({ self, cells }) =>
    !(cells.constant(self, 'has add_producer') === true && cells.constant(self, 'has del_producer') === true),
  moduleGetFails: ({ asked }) => asked.moduleGet === 'fails',
};
type HalfGuard = 'hasKey' | 'hasNoKey' | 'isNullEventfd' | 'lacksCallback' | 'moduleGetFails';

/** Back to the caller before the mutex is taken. */
function returns({ op, self, asked: { caller, as } }: HalfCall, value: number | null): readonly HostEffect[] {
  return [
    show<Observation>({ kind: 'return', caller, op, object: self, value, early: true }),
    returnTo(caller, value, as),
  ];
}

/** The lock is taken in atomic context, or might_sleep() says so before. */
const splat = ({ op, asked: { atomic = false } }: HalfCall, what: string): readonly HostEffect[] =>
  atomic ? [show<Observation>({ kind: 'splat', in: `irq_bypass_${op}`, what: `${what} in atomic context` })] : [];

/** The steps of the halves, by name. */
export const halfActions: Readonly<Record<HalfAction, (half: HalfCall) => readonly HostEffect[]>> = {
  /** WARN_ON_ONCE(producer->eventfd): it is registered, or being registered. */
  warnRegistered: (half) => [
    show<Observation>({ kind: 'warn', in: `irq_bypass_${half.op}`, condition: 'the struct has a key already' }),
    ...returns(half, -errno.EINVAL),
  ],
  refuse: (half) => returns(half, -errno.EINVAL),
  noDevice: (half) => returns(half, -errno.ENODEV),
  returnAtOnce: (half) => returns(half, null),
  mightSleep: (half) => splat(half, 'might_sleep()'),
  getModule: ({ cells }) => {
    addModuleReference(cells, 1);
    return [];
  },
  setIrq: (half) => {
    half.cells.store(half.self, 'irq', argumentsOf(half).irq ?? null);
    return [];
  },
  /** mutex_lock(). In unregister the key just read travels along as the index to erase (8394b32faecd). */
  waitForLock: (half) => {
    const { policy, op, self, cells } = half;
    const { caller } = half.asked;
    const key = registers(half) ? (argumentsOf(half).eventfd ?? null) : (cells.load(self, 'key') as Name | null);
    const { task, as } = half.asked;
    const request = post<LockRequest>(
      REGISTRY,
      {
        type: op,
        object: self,
        key,
        caller,
        ...(task === undefined ? {} : { task }),
        ...(as === undefined ? {} : { as }),
      },
      task ?? caller,
    );
    const splats = policy.mightSleep ? [] : splat(half, 'mutex_lock()');
    return [...splats, ...(task === undefined ? [] : wantsMutex(cells, task)), request];
  },
};
/** What lockdep sees of it, where tasks are known. */
function wantsMutex(cells: Cells, task: Name): readonly HostEffect[] {
  const lockClass = cells.constant(REGISTRY, 'class');
  return [...mightSleep(cells, task, 'mutex_lock'), attempt(cells, task, lockClass)];
}

type HalfAction =
  | 'warnRegistered'
  | 'refuse'
  | 'noDevice'
  | 'returnAtOnce'
  | 'mightSleep'
  | 'getModule'
  | 'setIrq'
  | 'waitForLock';

/** One way through a half: taken where its guard holds and none before it did. */
export interface HalfBranch {
  readonly guard?: HalfGuard;
  readonly actions: readonly HalfAction[];
}

/**
 * irq_bypass_register_producer/consumer() up to the mutex: the argument tests, the "already registered" test, might_sleep(),
 * try_module_get(). Writes the irq where it is an argument (23b54381cee2).
 */
export function registerBranches(policy: Policy, half: Half): readonly HalfBranch[] {
  const isManagers = policy.keyOwner === 'manager';
  const sleeps = policy.mightSleep ? (['mightSleep'] as const) : [];
  const setsIrq = policy.irq === 'argument' && half === 'producer';
  return [
    ...(isManagers ? [{ guard: 'hasKey', actions: ['warnRegistered'] } as const] : []),
    ...(half === 'consumer' ? [{ guard: 'lacksCallback', actions: ['refuse'] } as const] : []),
    ...(policy.nullKey === 'refused'
      ? [{ guard: isManagers ? 'isNullEventfd' : 'hasNoKey', actions: ['refuse'] } as const]
      : []),
    ...(policy.moduleReference ? [{ guard: 'moduleGetFails', actions: [...sleeps, 'noDevice'] } as const] : []),
    {
      actions: [
        ...sleeps,
        ...(policy.moduleReference ? (['getModule'] as const) : []),
        ...(setsIrq ? (['setIrq'] as const) : []),
        'waitForLock',
      ],
    },
  ];
}

/** irq_bypass_unregister_producer/consumer() up to the mutex: a NULL key means there is nothing to do. */
export function unregisterBranches(policy: Policy): readonly HalfBranch[] {
  const sleeps = policy.mightSleep ? (['mightSleep'] as const) : [];
  return [
    ...(policy.nullUnregister === 'returns' ? [{ guard: 'hasNoKey', actions: ['returnAtOnce'] } as const] : []),
    ...(policy.moduleReference ? [{ guard: 'moduleGetFails', actions: [...sleeps, 'returnAtOnce'] } as const] : []),
    { actions: [...sleeps, ...(policy.moduleReference ? (['getModule'] as const) : []), 'waitForLock'] },
  ];
}

/** Goes the first way that is open, as the chart of a struct does. */
function goes(ways: readonly HalfBranch[], half: HalfCall): readonly HostEffect[] {
  const way = ways.find(({ guard }) => guard === undefined || halfGuards[guard](half));
  return (way?.actions ?? []).flatMap((action) => halfActions[action](half));
}

/**
 * Runs `registerBranches`, for those who embed a struct.
 *
 * @param self - the struct
 * @param asked - the arguments, and who calls
 * @returns all that it does; the last effect waits for the mutex, or returns an error to the caller
 */
export function register(policy: Policy, half: Half, self: Name, cells: Cells, asked: Register): readonly HostEffect[] {
  return goes(registerBranches(policy, half), { policy, half, op: `register_${half}`, self, cells, asked });
}

/** Runs `unregisterBranches`, for those who embed a struct. */
export function unregister(
  policy: Policy,
  half: Half,
  self: Name,
  cells: Cells,
  asked: Unregister,
): readonly HostEffect[] {
  return goes(unregisterBranches(policy), { policy, half, op: `unregister_${half}`, self, cells, asked });
}

/** try_module_get(), where it succeeds, and module_put(): the registry counts. */
export function addModuleReference(cells: Cells, change: 1 | -1): void {
  cells.ask('module_references', change === 1 ? 'get' : 'put');
}
