// Callbacks: balance, order, alternation, no overlap, no re-entry.
import type { Property } from '../engine/world/property.ts';
import type { Observation } from '../machines/manager/protocol.ts';
import { aboutManager, namesOf, objectsOf } from './manager-worlds.ts';
import { callsBack } from './sometimes.ts';

type Shown = Extract<Observation, { kind: 'callback' }>;

const callbacksOf = (observations: readonly Observation[]): Shown[] =>
  observations.filter((o) => o.kind === 'callback');

/** I-BALANCE: stop and start come in pairs, start in reverse order of stop, also on failure. */
export const balance: Property = aboutManager({
  id: 'i-balance',
  sometimes: callsBack,
  title: 'Every stop is followed by one start, in reverse order, also when the connection fails',
  step({ before, observations }) {
    for (const { object, callback } of callbacksOf(observations)) {
      if (callback === 'stop' && before.isStopped(object)) return `${object}.stop while it is stopped`;
      if (callback !== 'start' || !before.has(object, 'stop')) continue;
      if (!before.isStopped(object)) return `${object}.start while it is running`;
      const [other] = before.partnerInCall(object);
      if (other === undefined || !before.has(other, 'stop') || !before.has(other, 'start')) continue;
      const consumerFirst = before.consumers.includes(object);
      if (before.isStopped(other) !== consumerFirst) return `${object}.start before ${other}.start`;
    }
    return null;
  },
  state: {
    when: 'quiescent',
    checks: (world) =>
      objectsOf(world).map(
        (object) => (state) =>
          state.isStopped(object) && state.has(object, 'start') ? `${object} is left stopped` : null,
      ),
  },
});

/** I-ORDER: add_consumer precedes add_producer, del_producer precedes del_consumer, both between stop and start. */
export const order: Property = aboutManager({
  id: 'i-order',
  sometimes: callsBack,
  title: 'stop, stop, add_consumer, add_producer, start, start; del_producer before del_consumer',
  step({ before, observations }) {
    for (const { object, callback, peer } of callbacksOf(observations)) {
      if (callback === 'stop' || callback === 'start' || peer === null) continue;
      const running = [object, peer].find((half) => before.has(half, 'stop') && !before.isStopped(half));
      if (running !== undefined) return `${object}.${callback}(${peer}) while ${running} is running`;
      if (callback === 'add_producer' && before.has(peer, 'add_consumer') && !before.added(peer).includes(object)) {
        return `${object}.add_producer(${peer}) before ${peer}.add_consumer(${object})`;
      }
      if (callback === 'add_consumer' && before.added(peer).includes(object)) {
        return `${object}.add_consumer(${peer}) after ${peer}.add_producer(${object})`;
      }
      if (callback === 'del_consumer' && before.added(peer).includes(object)) {
        return `${object}.del_consumer(${peer}) before ${peer}.del_producer(${object})`;
      }
    }
    return null;
  },
});

/** I-ADDDEL: add and del of a pair alternate, add first; both ledgers agree when the mutex is free. */
export const addDel: Property = aboutManager({
  id: 'i-adddel',
  sometimes: callsBack,
  title: 'Successful add and del callbacks of a pair alternate, on both sides',
  step({ before, observations }) {
    for (const { object, callback, peer } of callbacksOf(observations)) {
      if (peer === null) continue;
      const added = before.added(object).includes(peer);
      if (callback.startsWith('add_') && added) return `${object}.${callback}(${peer}) again`;
      if (
        callback.startsWith('del_') &&
        !added &&
        before.has(object, callback === 'del_consumer' ? 'add_consumer' : 'add_producer')
      ) {
        return `${object}.${callback}(${peer}), which was not added`;
      }
    }
    return null;
  },
  state: {
    when: 'quiescent',
    checks: (world) =>
      namesOf(world, 'producer').flatMap((producer) =>
        namesOf(world, 'consumer').map((consumer) => (state) => {
          if (!state.has(producer, 'add_consumer') || !state.has(producer, 'del_consumer')) return null;
          const [one, other] = [state.added(producer).includes(consumer), state.added(consumer).includes(producer)];
          if (one === other) return null;
          return `${one ? producer : consumer} has ${one ? consumer : producer} added, not the other way round`;
        }),
      ),
  },
});

/** I-SERIAL: no two manager operations overlap. */
export const serial: Property = aboutManager({
  id: 'i-serial',
  sometimes: callsBack,
  title: 'No two manager operations overlap: at most one callback is under way, and only while the mutex is held',
  state: {
    when: 'always',
    checks: () => [
      (state) => {
        const underWay = state.callbacksUnderWay();
        if (underWay.length > 1) {
          return `${underWay.map(({ to, message }) => `${to}.${message.type}`).join(' and ')} at the same time`;
        }
        const [one] = underWay;
        return one !== undefined && state.isFree ? `${one.to}.${one.message.type} while the mutex is free` : null;
      },
    ],
  },
});

/** I-NOREENTRY: no callback calls the manager. */
export const noReentry: Property = aboutManager({
  id: 'i-noreentry',
  sometimes: callsBack,
  title: 'No callback calls register or unregister',
  step({ observations }) {
    const shown = observations.find((o) => o.kind === 'reentry');
    return shown?.kind === 'reentry'
      ? `${shown.object}.${shown.callback} calls the manager, whose mutex its thread holds`
      : null;
  },
});
