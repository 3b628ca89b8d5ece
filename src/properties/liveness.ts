// What must come in the end: claims "P leads to Q" about runs.
//
// They are meant under weak fairness per actor: what can be delivered for good is delivered in the end, but no thread has
// to make another call (explorer/liveness.ts). Spinlocks such as irqfds.lock serve their waiters in turn (queued spinlocks,
// kernel/locking/qspinlock.c), which is strong fairness; the mutex does not. Where the kernel stopped on corrupted memory
// nothing comes any more; that has its own property (i-nocorrupt), as for l-term. Left out: L-SHUT, every irqfd that is
// being deassigned is freed in the end: it waits for the mutex, and would need strong fairness of that, too (a test
// measures it). L-WAKE needs blocked vCPUs, which no world has.
import type { Name } from '../engine/actors/name.ts';
import type { PlainEvent } from '../engine/world/events.ts';
import type { LeadsTo, Property } from '../engine/world/property.ts';
import type { WorldView } from '../engine/world/view.ts';
import type { World } from '../engine/world/world.ts';
import { REGISTRY } from '../machines/manager/protocol.ts';
import { hasManager, managerIn } from '../registry/manager-view.ts';
import { hasKind, namesOf, objectsOf } from './manager-worlds.ts';

/** L-RESUME: a halted guest is eventually running. */
export const resume: Property = {
  id: 'l-resume',
  title: 'A stopped producer or consumer is started in the end',
  needs: hasManager,
  liveness: {
    checks: (world) =>
      objectsOf(world).flatMap((object): LeadsTo[] => {
        const { constants = {}, machine } = world.actors[world.actor(object)]?.definition ?? {};
        if ((constants['has start'] ?? machine?.declaration.constants?.['has start']) !== true) return [];
        return [
          {
            subject: object,
            from: (state) => managerIn(state).isStopped(object),
            to: (state) => !managerIn(state).isStopped(object) || managerIn(state).isCorrupt,
            message: `${object} stays stopped for ever`,
          },
        ];
      }),
  },
};

/** Spinlocks of a world: irqfds.lock, ... */
const spinlocksOf = (world: World): Name[] => namesOf(world, 'spinlock');

/** Requests for spinlocks. */
function isForSpinlock(world: World): (event: PlainEvent) => boolean {
  const locks = new Set<string>(spinlocksOf(world));
  return ({ to }) => locks.has(to);
}

/** L-UNLOCK: the mutex is eventually given back. Its holder may wait for irqfds.lock, in add_producer and del_producer. */
export const unlock: Property = {
  id: 'l-unlock',
  title: 'The mutex, once taken, is given back in the end',
  needs: hasManager,
  liveness: {
    checks: (world): readonly LeadsTo[] => [
      {
        subject: REGISTRY,
        from: (state) => !managerIn(state).isFree,
        to: (state) => managerIn(state).isFree || managerIn(state).isCorrupt,
        message: 'the mutex is never given back',
        inTurn: isForSpinlock(world),
      },
    ],
  },
};

/** L-IRQFDS-LOCK: irqfds.lock of every VM is eventually given back. */
export const irqfdsUnlock: Property = {
  id: 'l-irqfds-lock',
  title: 'irqfds.lock, once taken, is given back in the end',
  needs: hasKind('vm'),
  liveness: {
    checks: (world) =>
      namesOf(world, 'vm').map((vm): LeadsTo => {
        const lock = world.actors[world.actor(vm)]?.input.wiring['irqfds_lock'] as Name;
        return {
          subject: lock,
          from: (state) => state.value(lock) !== 'unlocked',
          to: (state) => state.value(lock) === 'unlocked',
          message: `irqfds.lock of ${vm} is never given back`,
          inTurn: isForSpinlock(world),
        };
      }),
  },
};

/** Does a message of this actor wait in front of the mutex? */
function waits(state: WorldView, actor: string): boolean {
  return state.inChannel(actor).some(({ to }) => to === REGISTRY);
}

/** Actors that call the manager: threads, and what embeds a struct; callbacks that call it again. */
function callersOf(world: World): string[] {
  const { actors } = world;
  return actors.flatMap(({ address, actsByItself, definition }) => {
    const { machine, constants = {} } = definition;
    const embeds = machine.declaration.kinds?.some((kind) => kind === 'producer' || kind === 'consumer') === true;
    const reenters = Object.entries(constants).some(([key, value]) => key.startsWith('reenters ') && value === true);
    return actsByItself || embeds || reenters ? [address] : [];
  });
}

/** L-FAIR: bounded waiting, which a mutex does not provide: measured, not claimed. */
export const noStarvation: Property = {
  id: 'l-fair',
  title: 'Who waits for the mutex gets it in the end (not so in the kernel: only when asked for)',
  needs: hasManager,
  liveness: {
    checks: (world) =>
      callersOf(world).map((subject): LeadsTo => ({
        subject,
        from: (state) => waits(state, subject),
        to: (state) => !waits(state, subject) || managerIn(state).isCorrupt,
        message: `${subject} waits for the mutex for ever`,
      })),
  },
};

/** The properties that a liveness search checks when none is named. */
export const livenessProperties: readonly Property[] = [resume, unlock, irqfdsUnlock];
