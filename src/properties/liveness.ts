// What must come in the end: claims "P leads to Q" about runs (kernel-spec part 7, "Liveness").
//
// They are meant under weak fairness per actor: what can be delivered for good is delivered in the end, but no thread has
// to make another call (explorer/liveness.ts). The spinlock irqfds.lock serves its waiters in turn (queued spinlocks,
// kernel/locking/qspinlock.c), which is strong fairness; the mutex does not. Where the kernel stopped on corrupted memory
// nothing comes any more; that has its own property (i-nocorrupt), as for l-term. Left out: L-SHUT, every irqfd that is
// being deassigned is freed in the end: it waits for the mutex, and would need strong fairness of that, too (a test
// measures it). L-WAKE needs blocked vCPUs, which no world has.
import type { Name } from '../machines/manager/protocol.ts';
import type { PlainEvent } from '../engine/world/local-transitions.ts';
import type { WorldView } from '../engine/world/view.ts';
import type { World } from '../engine/world/world.ts';
import type { LeadsTo, Property } from './property.ts';

/** L-RESUME: a halted guest is eventually running. */
export const resume: Property = {
  id: 'l-resume',
  title: 'A stopped producer or consumer is started in the end',
  liveness: {
    checks: ({ definition }) =>
      [...definition.producers, ...definition.consumers]
        .filter(({ lacks, embeddedIn }) => embeddedIn === undefined && lacks?.includes('start') !== true)
        .map(({ name }): LeadsTo => {
          const object = name as Name;
          return {
            subject: object,
            from: (state) => state.isStopped(object),
            to: (state) => !state.isStopped(object) || state.isCorrupt,
            message: `${object} stays stopped for ever`,
          };
        }),
  },
};

/** Requests for irqfds.lock. */
function isForVm({ definition }: World): (event: PlainEvent) => boolean {
  const vms = new Set(
    (definition.system?.actors ?? []).filter(({ machine }) => machine === 'vm').map(({ name }) => name),
  );
  return ({ to }) => vms.has(to);
}

/** L-UNLOCK: the mutex is eventually given back. Its holder may wait for irqfds.lock, in add_producer and del_producer. */
export const unlock: Property = {
  id: 'l-unlock',
  title: 'The mutex, once taken, is given back in the end',
  liveness: {
    checks: (world): readonly LeadsTo[] => [
      {
        subject: 'registry',
        from: (state) => !state.isFree,
        to: (state) => state.isFree || state.isCorrupt,
        message: 'the mutex is never given back',
        inTurn: isForVm(world),
      },
    ],
  },
};

/** L-IRQFDS-LOCK: irqfds.lock of every VM is eventually given back. */
export const irqfdsUnlock: Property = {
  id: 'l-irqfds-lock',
  title: 'irqfds.lock, once taken, is given back in the end',
  liveness: {
    checks: ({ definition }) =>
      (definition.system?.actors ?? [])
        .filter(({ machine }) => machine === 'vm')
        .map(({ name }): LeadsTo => {
          const vm = name as Name;
          return {
            subject: vm,
            from: (state) => state.value(vm) !== 'unlocked',
            to: (state) => state.value(vm) === 'unlocked',
            message: `irqfds.lock of ${vm} is never given back`,
          };
        }),
  },
};

/** Does a message of this actor wait in front of the mutex? */
function waits(state: WorldView, actor: number): boolean {
  const { world } = state;
  const { start, slots } = world.channel(actor);
  for (let column = start; column < start + slots; column++) {
    const message = state.row.get(column);
    if (message !== 0 && world.transitions.event(message - 1).to === 'registry') return true;
  }
  return false;
}

/** Actors that call the manager: threads, and in system worlds what embeds a struct; callbacks that call it again. */
function callersOf({ actors, definition }: World): number[] {
  const others = [...definition.producers, ...definition.consumers].filter(
    ({ embeddedIn, reenters }) => embeddedIn !== undefined || reenters !== undefined,
  );
  const names = new Set(others.map(({ name }) => name));
  return [...actors.keys()].filter((i) => actors[i]?.kind === 'caller' || names.has(actors[i]?.address ?? ''));
}

/** L-FAIR: bounded waiting, which a mutex does not provide: measured, not claimed. */
export const noStarvation: Property = {
  id: 'l-fair',
  title: 'Who waits for the mutex gets it in the end (not so in the kernel: only when asked for)',
  liveness: {
    checks: (world) =>
      callersOf(world).map((actor): LeadsTo => {
        const subject = world.actors[actor]?.address ?? '';
        return {
          subject,
          from: (state) => waits(state, actor),
          to: (state) => !waits(state, actor) || state.isCorrupt,
          message: `${subject} waits for the mutex for ever`,
        };
      }),
  },
};

/** The properties that a liveness search checks when none is named. */
export const livenessProperties: readonly Property[] = [resume, unlock, irqfdsUnlock];
