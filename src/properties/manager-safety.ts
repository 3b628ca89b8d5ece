// Manager safety: sets, keys and bindings agree with each other (kernel-spec part 7, "Manager safety").
import { errno } from '../machines/protocol.ts';
import type { Name, Side } from '../machines/protocol.ts';
import type { SetEntry, WorldView } from '../world/view.ts';
import type { StateProperty, StepProperty, StepView } from './property.ts';

const bothSides: readonly Side[] = ['producers', 'consumers'];

const show = ({ key, object }: SetEntry): string => `${String(key)}: ${object}`;

/** I-KEYSYNC: an object is in its set under k if and only if its key is k. */
export const keySync: StateProperty = {
  id: 'i-keysync',
  title: 'An object is in its set under k if and only if its key is k (k not NULL)',
  kind: 'state',
  when: 'quiescent',
  check(state) {
    const ownedByManager = state.world.definition.policy.keyOwner === 'manager';
    for (const side of bothSides) {
      const entries = state.entries(side);
      for (const { key, object } of entries) {
        if (ownedByManager && key !== null && state.field(object, 'key') !== key) {
          return `${object} is in the set of ${side} under ${key}, its key is ${String(state.field(object, 'key'))}`;
        }
      }
      // A key that the caller owns is set before the call and, by a raw caller, never cleared.
      if (!ownedByManager) continue;
      for (const object of state[side]) {
        const key = state.field(object, 'key');
        if (key !== null && !entries.some((entry) => entry.object === object && entry.key === key)) {
          return `${object} has the key ${String(key)}, but the set of ${side} does not hold it there`;
        }
      }
    }
    return null;
  },
};

/** I-UNIQ: at most one producer and one consumer per key. */
export const unique: StateProperty = {
  id: 'i-uniq',
  title: 'At most one producer and one consumer per key',
  kind: 'state',
  when: 'quiescent',
  check(state) {
    for (const side of bothSides) {
      const entries = state.entries(side);
      const twice = entries.find((entry, i) => entries.findIndex((other) => other.key === entry.key) !== i);
      if (twice !== undefined)
        return `two ${side} are registered under ${String(twice.key)}: ${entries.map(show).join(', ')}`;
    }
    return null;
  },
};

/** I-PAIRSYM: P.peer = C if and only if C.peer = P. */
export const pairSymmetry: StateProperty = {
  id: 'i-pairsym',
  title: 'Bindings are symmetric: P.peer = C if and only if C.peer = P',
  kind: 'state',
  when: 'quiescent',
  check(state) {
    for (const object of [...state.producers, ...state.consumers]) {
      const partners = state.partners(object);
      if (partners.length > 1) return `${object} is connected with ${partners.join(' and ')}`;
      for (const partner of partners) {
        if (!state.partners(partner).includes(object)) {
          return `${object} is bound to ${partner}, which is bound to ${state.partners(partner).join() || 'nobody'}`;
        }
      }
    }
    return null;
  },
};

/** I-PAIRKEY: a bound pair has one key, not NULL, and both halves are registered. */
export const pairKey: StateProperty = {
  id: 'i-pairkey',
  title: 'A bound pair has the same key, not NULL, and both halves are registered',
  kind: 'state',
  when: 'quiescent',
  check(state) {
    for (const producer of state.producers) {
      for (const consumer of state.partners(producer)) {
        for (const half of [producer, consumer]) {
          if (!state.isRegistered(half))
            return `${producer} and ${consumer} are connected, but ${half} is not registered`;
        }
        const [one, other] = [producer, consumer].map((half) => registeredKey(state, half));
        if (one !== other)
          return `${producer} (${String(one)}) and ${consumer} (${String(other)}) are connected under different keys`;
        if (one === null) return `${producer} and ${consumer} are connected under the NULL key`;
      }
    }
    return null;
  },
};

/** The key under which a set holds an object; its own key where several do. */
function registeredKey(state: WorldView, object: Name): unknown {
  const side: Side = state.producers.includes(object) ? 'producers' : 'consumers';
  const keys = state.entries(side).filter((entry) => entry.object === object);
  return keys.length === 1 ? keys[0]?.key : state.field(object, 'key');
}

/** I-COMPLETE: two registered objects with equal keys are bound. */
export const complete: StateProperty = {
  id: 'i-complete',
  title: 'A registered producer and a registered consumer with the same key are connected',
  kind: 'state',
  when: 'quiescent',
  check(state) {
    const consumers = state.entries('consumers');
    for (const { key, object: producer } of state.entries('producers')) {
      const consumer = consumers.find((entry) => entry.key === key)?.object;
      if (consumer !== undefined && !state.partners(producer).includes(consumer)) {
        return `${producer} and ${consumer} are both registered under ${String(key)}, but not connected`;
      }
    }
    return null;
  },
};

/** Everything that a call may change: sets, keys, bindings, ledgers. */
function footprint(state: WorldView, withKeys: boolean): string {
  const objects = [...state.producers, ...state.consumers];
  return JSON.stringify([
    bothSides.map((side) => state.entries(side).map(show).toSorted()),
    objects.map((object) => [
      withKeys ? state.field(object, 'key') : null,
      state.field(object, 'peer'),
      state.added(object),
    ]),
  ]);
}

/** I-NOTRACE: a registration that returns an error leaves everything as it was. */
export const noTrace: StepProperty = {
  id: 'i-notrace',
  title: 'A registration that returns an error leaves sets, keys and bindings as before',
  kind: 'step',
  check({ before, after, observations }) {
    const returned = observations.find(
      (o) => o.kind === 'return' && o.op.startsWith('register') && o.value !== 0 && o.value !== null,
    );
    if (returned?.kind !== 'return' || returned.object === null) return null;
    const { object, op, value } = returned;
    const ownedByManager = after.world.definition.policy.keyOwner === 'manager';
    const call = `${op}(${object}) returned ${String(value)}`;
    if (before.registry.caller !== returned.caller) {
      return footprint(before, ownedByManager) === footprint(after, ownedByManager)
        ? null
        : `${call} and changed the manager's state`;
    }
    // The connection failed (or, before R7, the insertion after it): the object was not registered before.
    if (after.isRegistered(object)) return `${call}, but the object is in the set`;
    if (after.partners(object).length > 0)
      return `${call}, but the object is bound to ${after.partners(object).join()}`;
    for (const half of [object, ...before.partnerInCall(object)]) {
      // A producer without del_consumer cannot be told; its ledger keeps the failed partner.
      if (after.has(half, 'add_consumer') && !after.has(half, 'del_consumer')) continue;
      const left = after.added(half).find((one) => half === object || one === object);
      if (left !== undefined) return `${call}, but ${left} is still added to ${half}`;
    }
    if (ownedByManager && after.field(object, 'key') !== null)
      return `${call}, but its key is ${String(after.field(object, 'key'))}`;
    return null;
  },
};

/** The unregister call whose critical section a step belongs to. */
function unregistering({ before, event }: StepView): Name | null {
  const { op, object } = before.registry;
  if (op !== null) return op.startsWith('unregister') ? object : null;
  const { type, object: requested } = event.message as { readonly type: string; readonly object?: Name };
  return event.to === 'registry' && type.startsWith('unregister') ? (requested ?? null) : null;
}

/** I-OWNER: unregister(X) changes only X, X's partner and X's own entry. */
export const owner: StepProperty = {
  id: 'i-owner',
  title: "unregister(X) changes only X, X's partner and X's own entry",
  kind: 'step',
  check(step) {
    const object = unregistering(step);
    if (object === null) return null;
    const { before, after, observations } = step;
    for (const side of bothSides) {
      const left = after.entries(side);
      const gone = before
        .entries(side)
        .find(
          (entry) =>
            entry.object !== object && !left.some((other) => other.object === entry.object && other.key === entry.key),
        );
      if (gone !== undefined)
        return `unregister(${object}) removed the entry of ${gone.object} under ${String(gone.key)}`;
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
};

/** I-IDEMP: unregister of an object that is not registered does nothing. */
export const idempotent: StepProperty = {
  id: 'i-idemp',
  title: 'unregister of an unregistered object is a no-op and runs no callback',
  kind: 'step',
  check(step) {
    const object = unregistering(step);
    if (object === null || step.before.isRegistered(object)) return null;
    const shown = step.observations.find((o) => o.kind === 'callback');
    if (shown?.kind === 'callback')
      return `unregister(${object}), which is not registered, called ${shown.object}.${shown.callback}`;
    const changed = bothSides.some((side) => step.before.entries(side).length !== step.after.entries(side).length);
    return changed ? `unregister(${object}), which is not registered, changed a set` : null;
  },
};

/** I-DEADOBJ: no set entry and no binding refers to a freed object. */
export const deadObject: StateProperty = {
  id: 'i-deadobj',
  title: 'No set entry and no binding refers to a freed object',
  kind: 'state',
  when: 'always',
  check(state) {
    for (const side of bothSides) {
      const dead = state.entries(side).find(({ object }) => state.field(object, 'freed') === true);
      if (dead !== undefined) return `the set of ${side} holds ${dead.object}, which was freed`;
    }
    for (const object of [...state.producers, ...state.consumers]) {
      const peer = state.field(object, 'peer') as Name | null;
      if (peer !== null && state.field(peer, 'freed') === true && state.field(object, 'freed') !== true) {
        return `${object} is bound to ${peer}, which was freed`;
      }
    }
    return null;
  },
};

/** I-KEYREF: the eventfd of every registered object is alive. */
export const keyReference: StateProperty = {
  id: 'i-keyref',
  title: "The owner of every registered object holds a reference on its key's eventfd",
  kind: 'state',
  when: 'always',
  check(state) {
    for (const side of bothSides) {
      const dangling = state.entries(side).find(({ key }) => key !== null && state.isPut(key));
      if (dangling !== undefined)
        return `${dangling.object} is registered under ${String(dangling.key)}, whose last reference was put`;
    }
    return null;
  },
};

/** I-LEAK: when all owners are done, nothing is registered and the module's count is 0. */
export const leak: StateProperty = {
  id: 'i-leak',
  title: 'When all owners are done both sets are empty and no module reference is left',
  kind: 'state',
  when: 'final',
  check(state) {
    for (const side of bothSides) {
      const [left] = state.entries(side);
      if (left !== undefined)
        return `${left.object} is still registered under ${String(left.key)} and nobody will unregister it`;
    }
    return state.moduleReferences === 0 ? null : `${state.moduleReferences} references on irqbypass.ko are left`;
  },
};

/** I-ERR: which errors a registration may return, and when. */
export const errors: StepProperty = {
  id: 'i-err',
  title:
    'Registrations return 0, -EINVAL, -EBUSY, -ENOMEM or what a callback returned; -EBUSY and -ENOMEM run no callback',
  kind: 'step',
  check({ before, observations, event }) {
    const returned = observations.find((o) => o.kind === 'return' && o.op.startsWith('register'));
    if (returned?.kind !== 'return' || returned.object === null || returned.value === null || returned.value === 0)
      return null;
    const { value, op, object } = returned;
    const { policy, producers, consumers } = before.world.definition;
    const call = `${op}(${object}) returned ${value}`;
    const fromCallbacks = new Set([...producers, ...consumers].flatMap((struct) => struct.failures ?? []));
    const own: number[] = [
      errno.EINVAL,
      errno.EBUSY,
      ...(policy.index === 'list' || policy.index === 'hash' ? [] : [errno.ENOMEM]),
      ...(policy.moduleReference ? [errno.ENODEV] : []),
    ];
    if (!fromCallbacks.has(value) && !own.includes(-value)) return `${call}, which no registration may return`;
    const inOneStep = before.registry.caller !== returned.caller;
    if (value === -errno.EBUSY && inOneStep) {
      const side: Side = op === 'register_producer' ? 'producers' : 'consumers';
      const asked = event.message as { readonly key?: Name | null };
      const key = policy.keyOwner === 'caller' ? before.field(object, 'key') : (asked.key ?? null);
      const taken = before.entries(side).some((entry) => entry.key === key || entry.object === object);
      if (!taken) return `${call}, but ${String(key)} is free`;
    }
    if ((value === -errno.EBUSY || value === -errno.ENOMEM) && !inOneStep && !fromCallbacks.has(value)) {
      return `${call} after callbacks had run`;
    }
    return null;
  },
};
