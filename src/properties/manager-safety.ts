// Manager safety: sets, keys and bindings agree with each other.
import type { Name } from '../engine/actors/name.ts';
import type { Property } from '../engine/world/property.ts';
import type { World } from '../engine/world/world.ts';
import type { Side, structCells } from '../machines/manager/protocol.ts';
import { errno, valueText } from '../machines/kernel/call.ts';
import type { ManagerView, SetEntry } from '../registry/manager-view.ts';
import { policyOf } from '../registry/structure-memory.ts';
import type { ManagerCheck, ManagerStep } from './manager-worlds.ts';
import { aboutManager, isInUse, namesOf, objectsOf } from './manager-worlds.ts';
import {
  allDone,
  connects,
  givesBack,
  putsEventfd,
  registrationAsked,
  registrationFails,
  unregistersNothing,
  unregistrationAsked,
} from './sometimes.ts';

const bothSides: readonly Side[] = ['producers', 'consumers'];

const show = ({ key, object }: SetEntry): string => `${valueText(key)}: ${object}`;

/** One check per set and registered key or object. */
const perSide = (check: (state: ManagerView, side: Side) => string | null): readonly ManagerCheck[] =>
  bothSides.map((side) => (state) => check(state, side));

const keysOf = (world: World): (Name | null)[] => [null, ...namesOf(world, 'eventfd')];

/** I-KEYSYNC: an object is in its set under k if and only if its key is k. */
export const keySync: Property = aboutManager({
  id: 'i-keysync',
  sometimes: registrationAsked,
  title: 'An object is in its set under k if and only if its key is k (k not NULL)',
  state: {
    when: 'quiescent',
    checks(world) {
      // A key that the caller owns is set before the call and, by a raw caller, never cleared.
      if (policyOf(world).keyOwner === 'caller') return [];
      const entries = keysOf(world).flatMap((key) =>
        perSide((state, side) => {
          const object = key === null ? null : state.holder(side, key);
          if (object === null || state.field(object, 'key') === key) return null;
          const actual = String(state.field(object, 'key'));
          return `${object} is in the set of ${side} under ${valueText(key)}, its key is ${actual}`;
        }),
      );
      const objects = objectsOf(world).map((object) => (state: ManagerView): string | null => {
        const key = state.field(object, 'key') as Name | null;
        if (key === null || state.holder(state.sideOf(object), key) === object) return null;
        return `${object} has the key ${key}, but the set of ${state.sideOf(object)} does not hold it there`;
      });
      return [...entries, ...objects];
    },
  },
});

/** I-UNIQ: at most one producer and one consumer per key. */
export const unique: Property = aboutManager({
  id: 'i-uniq',
  sometimes: registrationAsked,
  title: 'At most one producer and one consumer per key',
  state: {
    when: 'quiescent',
    // A slot of an xarray holds one entry.
    checks: (world) =>
      policyOf(world).index === 'xarray'
        ? []
        : perSide((state, side) => {
            const entries = state.entries(side);
            const twice = entries.find((entry, i) => entries.findIndex((other) => other.key === entry.key) !== i);
            if (twice === undefined) return null;
            return `two ${side} are registered under ${valueText(twice.key)}: ${entries.map(show).join(', ')}`;
          }),
  },
});

/** I-PAIRSYM: P.peer = C if and only if C.peer = P. */
export const pairSymmetry: Property = aboutManager({
  id: 'i-pairsym',
  sometimes: connects,
  title: 'Bindings are symmetric: P.peer = C if and only if C.peer = P',
  state: {
    when: 'quiescent',
    checks: (world) =>
      objectsOf(world).map((object) => (state) => {
        const partners = state.partners(object);
        if (partners.length > 1) return `${object} is connected with ${partners.join(' and ')}`;
        const [partner] = partners;
        if (partner === undefined || state.partners(partner).includes(object)) return null;
        return `${object} is bound to ${partner}, which is bound to ${state.partners(partner).join() || 'nobody'}`;
      }),
  },
});

/** I-PAIRKEY: a bound pair has one key, not NULL, and both halves are registered. */
export const pairKey: Property = aboutManager({
  id: 'i-pairkey',
  sometimes: connects,
  title: 'A bound pair has the same key, not NULL, and both halves are registered',
  state: {
    when: 'quiescent',
    checks: (world) =>
      namesOf(world, 'producer').map((producer) => (state) => {
        for (const consumer of state.partners(producer)) {
          const lost = [producer, consumer].find((half) => !state.isRegistered(half));
          if (lost !== undefined) return `${producer} and ${consumer} are connected, but ${lost} is not registered`;
          const [one, other] = [producer, consumer].map((half) => registeredKey(state, half));
          if (one !== other) {
            return `${producer} (${String(one)}) and ${consumer} (${String(other)}) are connected under different keys`;
          }
          if (one === null) return `${producer} and ${consumer} are connected under the NULL key`;
        }
        return null;
      }),
  },
});

/** The key under which a set holds an object; its own key where that is true. */
function registeredKey(state: ManagerView, object: Name): unknown {
  const own = state.field(object, 'key') as Name | null;
  const side = state.sideOf(object);
  if (state.holder(side, own) === object) return own;
  return state.entries(side).find((entry) => entry.object === object)?.key;
}

/** I-COMPLETE: two registered objects with equal keys are bound. */
export const complete: Property = aboutManager({
  id: 'i-complete',
  sometimes: connects,
  title: 'A registered producer and a registered consumer with the same key are connected',
  state: {
    when: 'quiescent',
    checks: (world) =>
      keysOf(world).map((key) => (state) => {
        const producer = state.holder('producers', key);
        if (producer === null) return null;
        const consumer = state.holder('consumers', key);
        if (consumer === null || state.partners(producer).includes(consumer)) return null;
        return `${producer} and ${consumer} are both registered under ${valueText(key)}, but not connected`;
      }),
  },
});

/** Has the step changed a set, a binding, a ledger or (where the manager owns it) a key? */
function changesManager(step: ManagerStep): boolean {
  const { before, after, touched } = step;
  const own: (keyof typeof structCells)[] = after.policy.keyOwner === 'manager' ? ['key', 'peer'] : ['peer'];
  const objects = objectsOf(after.world);
  const isField = (object: Name): boolean => own.some((field) => touched.has(after.state.columnOf(object, field)));
  const isLedger = (object: Name): boolean => before.added(object).join() !== after.added(object).join();
  return changesSets(step) || objects.some((object) => isField(object) || isLedger(object));
}

/** Has the step changed one of the sets? */
function changesSets({ after, touched }: ManagerStep): boolean {
  const sets = bothSides.map((side) => after.columnsOf(side));
  return [...touched].some((column) => sets.some(({ start, count }) => column >= start && column < start + count));
}

/** I-NOTRACE: a registration that returns an error leaves everything as it was. */
export const noTrace: Property = aboutManager({
  id: 'i-notrace',
  sometimes: registrationFails,
  title: 'A registration that returns an error leaves sets, keys and bindings as before',
  step(step) {
    const { before, after, observations } = step;
    const returned = observations.find((o) => o.kind === 'return' && o.op.startsWith('register'));
    if (returned?.kind !== 'return' || returned.object === null || (returned.value ?? 0) === 0) return null;
    const { object, op, value } = returned;
    const call = `${op}(${object}) returned ${String(value)}`;
    if (before.registry.caller !== returned.caller) {
      return changesManager(step) ? `${call} and changed the manager's state` : null;
    }
    // The connection failed (or, before 8394b32faecd, the insertion after it): the object was not registered before.
    if (after.isRegistered(object)) return `${call}, but the object is in the set`;
    if (after.partners(object).length > 0) return `${call}, but it is bound to ${after.partners(object).join()}`;
    for (const half of [object, ...before.partnerInCall(object)]) {
      // A producer without del_consumer cannot be told; its ledger keeps the failed partner.
      if (after.has(half, 'add_consumer') && !after.has(half, 'del_consumer')) continue;
      const left = after.added(half).find((one) => half === object || one === object);
      if (left !== undefined) return `${call}, but ${left} is still added to ${half}`;
    }
    const key = after.policy.keyOwner === 'manager' ? after.field(object, 'key') : null;
    return key === null ? null : `${call}, but its key is ${valueText(key)}`;
  },
});

/** The unregister call whose critical section a step belongs to. */
function unregistering({ before, event }: ManagerStep): Name | null {
  const { op, object } = before.registry;
  if (op !== null) return op.startsWith('unregister') ? object : null;
  const { type, object: requested } = event.message as { readonly type: string; readonly object?: Name };
  return event.to === 'registry' && type.startsWith('unregister') ? (requested ?? null) : null;
}

/** I-OWNER: unregister(X) changes only X, X's partner and X's own entry. */
export const owner: Property = aboutManager({
  id: 'i-owner',
  sometimes: unregistrationAsked,
  title: "unregister(X) changes only X, X's partner and X's own entry",
  step(step) {
    const { before, after, observations } = step;
    // Most steps do neither; then it does not matter what the registry is at.
    if (!changesSets(step) && !observations.some(({ kind }) => kind === 'callback')) return null;
    const object = unregistering(step);
    if (object === null) return null;
    for (const side of changesSets(step) ? bothSides : []) {
      const left = after.entries(side);
      const gone = before
        .entries(side)
        .find(
          (entry) =>
            entry.object !== object && !left.some((other) => other.object === entry.object && other.key === entry.key),
        );
      if (gone !== undefined)
        return `unregister(${object}) removed the entry of ${gone.object} under ${valueText(gone.key)}`;
    }
    for (const shown of observations) {
      if (shown.kind !== 'callback' || shown.object === object || shown.callback === 'start') continue;
      // Without an add_consumer a producer's ledger never had the partner.
      if (shown.callback === 'del_consumer' && !before.has(shown.object, 'add_consumer')) continue;
      const related = before.partners(shown.object).includes(object) || before.partners(object).includes(shown.object);
      const ledger = before.added(shown.object).includes(object) || before.added(object).includes(shown.object);
      if (!related && !ledger)
        return `unregister(${object}) called ${shown.object}.${shown.callback}, which is not its partner`;
    }
    return null;
  },
});

/** I-IDEMP: unregister of an object that is not registered does nothing. */
export const idempotent: Property = aboutManager({
  id: 'i-idemp',
  sometimes: unregistersNothing,
  title: 'unregister of an unregistered object is a no-op and runs no callback',
  step(step) {
    const shown = step.observations.find((o) => o.kind === 'callback');
    if (shown === undefined && !changesSets(step)) return null;
    const object = unregistering(step);
    if (object === null) return null;
    if (step.before.isRegistered(object)) return null;
    const did = shown?.kind === 'callback' ? `called ${shown.object}.${shown.callback}` : 'changed a set';
    return `unregister(${object}), which is not registered, ${did}`;
  },
});

/** I-DEADOBJ: no set entry and no binding refers to a freed object. */
export const deadObject: Property = aboutManager({
  id: 'i-deadobj',
  sometimes: givesBack,
  title: 'No set entry and no binding refers to a freed object',
  state: {
    when: 'always',
    checks: (world) =>
      objectsOf(world).flatMap((object) => [
        (state: ManagerView) => {
          if (state.field(object, 'freed') !== true || !state.isRegistered(object)) return null;
          return `the set of ${state.sideOf(object)} holds ${object}, which was freed`;
        },
        (state: ManagerView) => {
          const peer = state.field(object, 'peer') as Name | null;
          if (peer === null || state.field(peer, 'freed') !== true || state.field(object, 'freed') === true)
            return null;
          return `${object} is bound to ${peer}, which was freed`;
        },
      ]),
  },
});

/** I-KEYREF: the eventfd of every registered object is alive. */
export const keyReference: Property = aboutManager({
  id: 'i-keyref',
  sometimes: putsEventfd,
  title: "The owner of every registered object holds a reference on its key's eventfd",
  state: {
    when: 'always',
    checks: (world) =>
      namesOf(world, 'eventfd').flatMap((key) =>
        perSide((state, side) => {
          const object = state.isPut(key) ? state.holder(side, key) : null;
          return object === null ? null : `${object} is registered under ${key}, whose last reference was put`;
        }),
      ),
  },
});

/** I-LEAK: when all owners are done, nothing is registered and the module's count is 0. */
export const leak: Property = aboutManager({
  id: 'i-leak',
  sometimes: allDone,
  title: 'When all owners are done both sets are empty and no module reference is left',
  state: {
    when: 'final',
    checks: () => [
      ...perSide((state, side) => {
        const left = state.entries(side).find(({ object }) => !isInUse(state.state, object));
        if (left === undefined) return null;
        return `${left.object} is still registered under ${valueText(left.key)} and nobody will unregister it`;
      }),
      (state) =>
        state.moduleReferences === 0 || bothSides.some((side) => state.entries(side).length > 0)
          ? null
          : `${state.moduleReferences} references on irqbypass.ko are left`,
    ],
  },
});

/** I-ERR: which errors a registration may return, and when. */
export const errors: Property = aboutManager({
  id: 'i-err',
  sometimes: registrationFails,
  title:
    'Registrations return 0, -EINVAL, -EBUSY, -ENOMEM or what a callback returned; -EBUSY and -ENOMEM run no callback',
  step({ before, observations, event }) {
    const returned = observations.find((o) => o.kind === 'return' && o.op.startsWith('register'));
    if (returned?.kind !== 'return' || returned.object === null || (returned.value ?? 0) === 0) return null;
    const { op, object } = returned;
    const value = returned.value ?? 0;
    const { policy, world } = before;
    const call = `${op}(${object}) returned ${value}`;
    // What any actor may answer can come back through a callback.
    const fromCallbacks = new Set(world.definition.actors.flatMap(({ failures = [] }) => failures));
    const own = new Set<number>([errno.EINVAL, errno.EBUSY]);
    if (policy.insertion !== 'list_add') own.add(errno.ENOMEM);
    if (policy.moduleReference) own.add(errno.ENODEV);
    if (!fromCallbacks.has(value) && !own.has(-value)) return `${call}, which no registration may return`;
    const inOneStep = before.registry.caller !== returned.caller;
    if (value === -errno.EBUSY && inOneStep) {
      const asked = event.message as { readonly key?: Name | null };
      const key = policy.keyOwner === 'caller' ? (before.field(object, 'key') as Name | null) : (asked.key ?? null);
      const taken = before.holder(before.sideOf(object), key) !== null || before.isRegistered(object);
      if (!taken) return `${call}, but ${valueText(key)} is free`;
    }
    const early = value === -errno.EBUSY || value === -errno.ENOMEM;
    return early && !inOneStep && !fromCallbacks.has(value) ? `${call} after callbacks had run` : null;
  },
});
