// What must come in the end: claims "P leads to Q" about runs.
//
// They are meant under weak fairness per actor: what can be delivered for good is delivered in the end, but no thread has
// to make another call (explorer/liveness.ts). Spinlocks such as irqfds.lock serve their waiters in turn (queued spinlocks,
// kernel/locking/qspinlock.c), which is strong fairness; the mutex does not. Where the kernel stopped on corrupted memory
// nothing comes any more; that has its own property (i-nocorrupt), as for l-term. l-shut takes more for granted: its job waits for the
// manager's mutex, which is taken to serve in turn there, and workqueues are taken to start what is queued. l-wake, l-shut and
// l-bypass also say what must be so where nothing moves any more: other searches than those of runs see that.
import type { Name } from '../engine/actors/name.ts';
import type { PlainEvent } from '../engine/world/events.ts';
import type { LeadsTo, Property } from '../engine/world/property.ts';
import type { WorldView } from '../engine/world/view.ts';
import type { World } from '../engine/world/world.ts';
import { REGISTRY } from '../machines/manager/protocol.ts';
import { hasManager, managerIn } from '../registry/manager-view.ts';
import type { DeviceProgram } from '../machines/device/device.ts';
import type { IrqfdContext } from '../machines/kvm/irqfd-context.ts';
import { isStranded } from './interrupts.ts';
import { hasKind, namesOf, objectsOf } from './manager-worlds.ts';
import { deactivates, posted, raises, wakes } from './sometimes.ts';
import type { Irqfd } from './system-worlds.ts';
import { irqfdsOf, machineOf, postedToIn, wantedBy, wiringOf } from './system-worlds.ts';

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

/** Requests for spinlocks, and for the manager's mutex. */
function isForLock(world: World): (event: PlainEvent) => boolean {
  const isSpin = isForSpinlock(world);
  return (event) => event.to === REGISTRY || isSpin(event);
}

/** Interrupts that hardware has written to a vCPU, and that the guest has not seen. */
function isPendingIn(state: WorldView, vcpu: Name): boolean {
  const { pir, irr, hardware, software, pending } = state.context<Record<string, readonly unknown[] | undefined>>(vcpu);
  return [pir, irr, hardware, software, pending].some((some) => some !== undefined && some.length > 0);
}

/** L-WAKE: a blocked vCPU with a posted interrupt is eventually woken. */
export const wake: Property = {
  id: 'l-wake',
  title: 'A blocked vCPU for which an interrupt is pending is woken in the end',
  needs: hasKind('vcpu'),
  sometimes: wakes,
  state: {
    atEnd: true,
    checks: (world) =>
      namesOf(world, 'vcpu').map(
        (vcpu) => (state) =>
          state.value(vcpu) === 'blocked' && isPendingIn(state, vcpu)
            ? `${vcpu} sleeps, an interrupt is pending, and nothing will wake it`
            : null,
      ),
  },
  liveness: {
    checks: (world) =>
      namesOf(world, 'vcpu').map((vcpu): LeadsTo => ({
        subject: vcpu,
        from: (state) => state.value(vcpu) === 'blocked' && isPendingIn(state, vcpu),
        to: (state) => state.value(vcpu) !== 'blocked',
        message: `${vcpu} sleeps for ever, though an interrupt is pending`,
        inTurn: isForSpinlock(world),
      })),
  },
};

/** Is an irqfd on its way to be freed: off the list, its KVM_IRQFD over? */
function isShuttingDown(state: WorldView, irqfd: Name): boolean {
  const { active, eventfd } = state.context<IrqfdContext>(irqfd);
  const { life } = state.value(irqfd) as { readonly life: unknown };
  return eventfd !== null && !active && life === 'assigned';
}

/** L-SHUT: every deactivated irqfd is eventually freed. */
export const shutDown: Property = {
  id: 'l-shut',
  title: 'An irqfd that was deactivated is freed in the end',
  needs: hasKind('irqfd'),
  sometimes: deactivates,
  state: {
    atEnd: true,
    checks: (world) =>
      namesOf(world, 'irqfd').map(
        (irqfd) => (state) =>
          isShuttingDown(state, irqfd) ? `${irqfd} was deactivated, and nothing will free it` : null,
      ),
  },
  liveness: {
    checks: (world) =>
      namesOf(world, 'irqfd').map((irqfd): LeadsTo => ({
        subject: irqfd,
        from: (state) => isShuttingDown(state, irqfd),
        to: (state) => !isShuttingDown(state, irqfd) || (hasManager(world) && managerIn(state).isCorrupt),
        message: `${irqfd} was deactivated, and is never freed`,
        inTurn: isForLock(world),
      })),
  },
};

/** arm64: a routing update that reaches the architecture takes the mapping back for good; one that does not leaves it where it was (b30). */
function isFallenBack(state: WorldView, { arch, irqfd }: Irqfd): boolean {
  if (arch !== 'arm64') return false;
  const { vcpu } = state.context<IrqfdContext>(irqfd);
  return vcpu !== null || machineOf(state.world, irqfd) !== 'irqfd-arm64';
}

/** Is an irqfd connected, its route one that can be posted, and its irq not posted there? */
function isUnposted(state: WorldView, one: Irqfd): boolean {
  const producer = managerIn(state).partners(one.irqfd)[0];
  if (producer === undefined || isFallenBack(state, one)) return false;
  const wanted = wantedBy(state, one);
  if (wanted === null) return false;
  const irq = wiringOf(state.world, producer)['irq'] as Name;
  return postedToIn(state, irq) !== wanted;
}

/** L-BYPASS: a connected pair whose route can be posted is eventually posted. */
export const bypassed: Property = {
  id: 'l-bypass',
  title: 'A connected pair is posted in the end where its route can be, unless something failed',
  needs: hasKind('irqfd'),
  sometimes: posted,
  state: {
    atEnd: true,
    checks: (world) =>
      irqfdsOf(world).map(
        (one) => (state) =>
          isUnposted(state, one) ? `${one.irqfd} is connected, its route can be posted, and its irq is not` : null,
      ),
  },
  liveness: {
    checks: (world) =>
      irqfdsOf(world).map((one): LeadsTo => ({
        subject: one.irqfd,
        from: (state) => isUnposted(state, one),
        to: (state) => !isUnposted(state, one) || managerIn(state).isCorrupt,
        message: `${one.irqfd} is connected, its route can be posted, and its irq never is`,
        inTurn: isForLock(world),
      })),
  },
};

/** Devices that raise so many interrupts, and INTx lines. */
const finiteSourcesOf = (world: World): readonly Name[] => [
  ...world.definition.actors.flatMap(({ name, machine, program }) =>
    machine.id === 'device' && (program as DeviceProgram | undefined)?.msis !== 'forever' ? [name as Name] : [],
  ),
  ...namesOf(world, 'vfio-intx'),
];

/** L-DELIVER: an interrupt is eventually seen, or kept where the next one who looks finds it. */
export const deliver: Property = {
  id: 'l-deliver',
  title: 'An interrupt of a device is seen in the end, or kept in its eventfd, or dropped in a declared gap',
  // Of a device that raises for ever there is always one on its way: a run shows no single interrupt that never arrives.
  needs: (world) => finiteSourcesOf(world).length > 0,
  sometimes: raises,
  liveness: {
    checks: (world) =>
      finiteSourcesOf(world).map((device): LeadsTo => ({
        subject: device,
        from: (state) => isStranded(state, device),
        // No thread has to run a vCPU that is preempted.
        to: (state) =>
          !isStranded(state, device) || namesOf(world, 'vcpu').some((vcpu) => state.value(vcpu) === 'preempted'),
        message: `an interrupt of ${device} is never seen`,
        inTurn: isForLock(world),
      })),
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
export const livenessProperties: readonly Property[] = [
  resume,
  unlock,
  irqfdsUnlock,
  wake,
  shutDown,
  bypassed,
  deliver,
];
