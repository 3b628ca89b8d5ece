// Callbacks: balance, order, alternation, no overlap, no re-entry (kernel-spec part 7, "Callbacks").
import type { Observation } from '../machines/protocol.ts';
import type { StateProperty, StepProperty } from './property.ts';

type Shown = Extract<Observation, { kind: 'callback' }>;

const callbacksOf = (observations: readonly Observation[]): Shown[] =>
  observations.filter((o) => o.kind === 'callback');

/** I-BALANCE: stop and start come in pairs, start in reverse order of stop, also on failure. */
export const balance: StepProperty = {
  id: 'i-balance',
  title: 'Every stop is followed by one start, in reverse order, also when the connection fails',
  kind: 'step',
  check({ before, after, observations }) {
    for (const { object, callback } of callbacksOf(observations)) {
      if (callback === 'stop' && before.isStopped(object)) return `${object}.stop while it is stopped`;
      if (callback !== 'start' || !before.has(object, 'stop')) continue;
      if (!before.isStopped(object)) return `${object}.start while it is running`;
      const [other] = before.partnerInCall(object);
      if (other === undefined || !before.has(other, 'stop') || !before.has(other, 'start')) continue;
      const consumerFirst = before.consumers.includes(object);
      if (before.isStopped(other) !== consumerFirst) return `${object}.start before ${other}.start`;
    }
    if (!after.isFree) return null;
    const stopped = [...after.producers, ...after.consumers].find(
      (object) => after.isStopped(object) && after.has(object, 'start'),
    );
    return stopped === undefined ? null : `${stopped} is left stopped`;
  },
};

/** I-ORDER: add_consumer precedes add_producer, del_producer precedes del_consumer, both between stop and start. */
export const order: StepProperty = {
  id: 'i-order',
  title: 'stop, stop, add_consumer, add_producer, start, start; del_producer before del_consumer',
  kind: 'step',
  check({ before, observations }) {
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
};

/** I-ADDDEL: add and del of a pair alternate, add first; both ledgers agree when the mutex is free. */
export const addDel: StepProperty = {
  id: 'i-adddel',
  title: 'Successful add and del callbacks of a pair alternate, on both sides',
  kind: 'step',
  check({ before, after, observations }) {
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
    if (!after.isFree) return null;
    for (const producer of after.producers) {
      if (!after.has(producer, 'add_consumer') || !after.has(producer, 'del_consumer')) continue;
      for (const consumer of after.consumers) {
        const [one, other] = [after.added(producer).includes(consumer), after.added(consumer).includes(producer)];
        if (one !== other)
          return `${one ? producer : consumer} has ${one ? consumer : producer} added, not the other way round`;
      }
    }
    return null;
  },
};

/** I-SERIAL: no two manager operations overlap. */
export const serial: StateProperty = {
  id: 'i-serial',
  title: 'No two manager operations overlap: at most one callback is under way, and only while the mutex is held',
  kind: 'state',
  when: 'always',
  check(state) {
    const underWay = state.inFlight().filter(({ to }) => to !== 'registry');
    if (underWay.length > 1)
      return `${underWay.map(({ to, message }) => `${to}.${message.type}`).join(' and ')} at the same time`;
    const [one] = underWay;
    return one !== undefined && state.isFree ? `${one.to}.${one.message.type} while the mutex is free` : null;
  },
};

/** I-NOREENTRY: no callback calls the manager. */
export const noReentry: StepProperty = {
  id: 'i-noreentry',
  title: 'No callback calls register or unregister',
  kind: 'step',
  check({ observations }) {
    const shown = observations.find((o) => o.kind === 'reentry');
    return shown?.kind === 'reentry'
      ? `${shown.object}.${shown.callback} calls the manager, whose mutex its thread holds`
      : null;
  },
};
