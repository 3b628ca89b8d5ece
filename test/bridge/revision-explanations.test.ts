// Explanations of differences: every fact of the kernel is one, or is said to be unseen; and the sequence that shows each fact.
import { describe, expect, it } from 'vitest';
import { CallModel } from '../../src/bridge/call-model.ts';
import type { CallObserved } from '../../src/bridge/call-system.ts';
import type { ExplainedClass } from '../../src/bridge/explained-class.ts';
import type { DifferenceField } from '../../src/bridge/difference-text.ts';
import type { ManagerCall } from '../../src/bridge/manager-calls.ts';
import { PolicyCauses } from '../../src/bridge/policy-cause.ts';
import { explanations, explanationsOf, unseenFacts } from '../../src/bridge/revision-explanations.ts';
import { isSamePlain } from '../../src/engine/actors/plain-data.ts';
import { errno } from '../../src/machines/kernel/call.ts';
import { revisionOf } from '../../src/scenarios/assembled.ts';
import { expected, facts } from './expected-explanations.ts';

describe('explanations', () => {
  const ids = explanations.map(({ id }) => id);

  it('have names and titles of their own, and name each other rightly', () => {
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(explanations.map(({ title }) => title)).size).toBe(ids.length);
    for (const { id, comesOf, text } of explanations) {
      expect(id).toMatch(/^[a-z]+(-[a-z0-9]+)+$/);
      expect([...ids, undefined]).toContain(comesOf);
      for (const [, named] of text.matchAll(/\[\[(.*?)\]\]/g)) expect(ids).toContain(named);
    }
  });

  it('are short: two to five sentences', () => {
    const sentences = explanations.map(
      ({ id, text }) => [id, text.split(/[.?]\)?(?:\s+|$)/).filter(Boolean).length] as const,
    );
    expect(sentences.filter(([, number]) => number < 2 || number > 5)).toEqual([]);
  });

  it('are all expected of a pair, but for those that say why no pair shows them', () => {
    const used = new Set(Object.values(expected).flat());
    for (const { id, unseen } of explanations) expect([id, used.has(id)]).toEqual([id, unseen === undefined]);
    expect([...used].filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('are of every fact of the kernel, or it is said why it cannot be seen', () => {
    const explained = explanations.flatMap((one) => one.facts);
    const unseen = unseenFacts.map(({ fact }) => fact);
    expect(explained.filter((fact) => unseen.includes(fact))).toEqual([]);
    expect([...new Set([...explained, ...unseen])].toSorted()).toEqual(facts.toSorted());
  });
});

const register = (object: string, eventfd: string | null, more: Partial<ManagerCall> = {}): ManagerCall => ({
  op: object.startsWith('p') ? 'register_producer' : 'register_consumer',
  object,
  eventfd,
  ...more,
});
const unregister = (object: string, more: Partial<ManagerCall> = {}): ManagerCall => ({
  op: object.startsWith('p') ? 'unregister_producer' : 'unregister_consumer',
  object,
  ...more,
});
/** The shortest sequence that shows a fact, by the facts; only the last call tells the two revisions apart. */
interface Shown {
  readonly fact: string;
  readonly from: string;
  readonly to: string;
  readonly calls: readonly ManagerCall[];
  /** The explanation of what is seen. */
  readonly id: string;
  /** What the second one shows. */
  readonly seen: Partial<CallObserved>;
}

const { EBUSY, EINVAL, EIO, ENOMEM } = errno;
const connect = ['p0.stop', 'c0.stop', 'p0.add_consumer(c0)=0', 'c0.add_producer(p0)=0', 'c0.start', 'p0.start'];
const twoUnregister = [register('p0', 'e0'), unregister('p0', { race: unregister('p0') })];
const shown = (fact: string, pair: string, id: string, calls: readonly ManagerCall[], seen: Shown['seen']): Shown => {
  const [from = '', to = ''] = pair.split(' to ');
  return { fact, from, to, id, calls, seen };
};

const all: readonly Shown[] = [
  shown('R1', 'base to v2p1', 'enodev-gone', [register('p0', 'e0', { fault: 'module_get' })], { returns: 0 }),
  shown(
    'R1: unregister',
    'base to v2p1',
    'unregister-while-the-module-goes',
    [register('c0', 'e0'), unregister('c0', { fault: 'module_get' })],
    { consumers: [] },
  ),
  shown('D3.1', 'v2p2 to v2p3', 'null-key-accepted', [register('p0', null)], { returns: 0, producers: ['NULL p0'] }),
  shown('D3.2', 'v2p2 to v2p3', 'registered-struct-refused-with-a-warn', [register('p0', 'e0'), register('p0', 'e0')], {
    returns: -EINVAL,
    warn: true,
  }),
  shown(
    'D3.3',
    'v2p2 to v2p3',
    'only-the-registered-have-a-key',
    [register('p0', 'e0'), register('p1', 'e0'), unregister('p1')],
    { corruption: false, producers: ['e0 p0'] },
  ),
  shown(
    'D3.4',
    'v2p2 to v2p3',
    'only-the-registered-have-a-key',
    [register('p0', 'e0'), unregister('p0'), register('p1', 'e0'), unregister('p0')],
    { corruption: false, producers: ['e0 p1'] },
  ),
  shown('D3.5', 'v2p2 to v2p3', 'registered-struct-keeps-its-key', [register('p0', 'e0'), register('p0', null)], {
    returns: -EINVAL,
    producers: ['e0 p0'],
  }),
  shown('D5', 'v2p4 to v2p5', 'one-node-deleted-twice', twoUnregister, { corruption: true }),
  shown('D7.1', 'v2p6 to v2p7', 'no-memory-for-a-node', [register('p0', 'e0', { fault: 'allocation' })], {
    returns: -ENOMEM,
    producers: [],
  }),
  shown(
    'D7.2: before any callback',
    'v2p6 to v2p7',
    'no-memory-for-a-node',
    [register('c0', 'e0'), register('p0', 'e0', { fault: 'allocation' })],
    { returns: -ENOMEM, callbacks: [], bindings: [] },
  ),
  shown(
    'D7.3: alone it needs no node, beside others it does',
    'v2p6 to v2p7',
    'null-is-index-0',
    [
      register('p0', null, { fault: 'allocation' }),
      register('c0', 'e0'),
      register('c1', null, { fault: 'allocation' }),
    ],
    { returns: -ENOMEM, producers: ['NULL p0'] },
  ),
  shown('D7.5', 'v2p6 to v2p7', 'second-unregister-warns', twoUnregister, { warn: true, corruption: false }),
  shown('D7.6', 'v2p6 to v2p7', 'one-struct-in-two-slots', [register('p0', 'e0', { race: register('p0', 'e1') })], {
    returns: 0,
    producers: ['e0 p0', 'e1 p0'],
  }),
  shown('D8', 'v2p7 to v2p8', 'irq-of-a-registered-producer-stays', [register('p0', 'e0'), register('p0', null)], {
    returns: -EINVAL,
    irqs: ['p0 33'],
  }),
  shown('B25', 'linux-4.4 to linux-4.7', 'null-key-refused', [register('p0', null)], {
    returns: -EINVAL,
    producers: [],
  }),
  shown(
    'B3a',
    'linux-4.7 to base',
    'consumers-matched-by-pointer',
    [register('c0', 'e0'), register('c1', 'e0'), unregister('c1')],
    { corruption: false, consumers: ['e0 c0'] },
  ),
  shown(
    'linux-5.9: del_consumer',
    'base to linux-5.9',
    'del-consumer-after-a-success',
    [register('c0', 'e0'), register('p0', 'e0')],
    { returns: 0, callbacks: [...connect, 'p0.del_consumer(c0)'], bindings: ['p0 c0'] },
  ),
  shown(
    'B2',
    'base to linux-5.9',
    'nothing-started-after-a-failure',
    [register('c0', 'e0'), register('p0', 'e0', { fault: 'add_consumer' })],
    { returns: -EIO, callbacks: ['p0.stop', 'c0.stop', 'p0.add_consumer(c0)=-5'] },
  ),
  shown(
    '2.2',
    'base to longpeng-hlist',
    'consumers-sought-among-producers',
    [register('c0', 'e0'), register('p0', 'e0')],
    { returns: 0, callbacks: [], bindings: [] },
  ),
  shown(
    '2.3',
    'base to likexu-v1',
    'connected-but-not-stored',
    [register('c0', 'e0'), register('p0', 'e0', { fault: 'allocation' })],
    { returns: -ENOMEM, callbacks: connect, bindings: ['p0 c0'], producers: [], references: 1 },
  ),
  shown(
    '2.4',
    'base to likexu-v2',
    'stored-but-not-connected',
    [register('c0', 'e0'), register('p0', 'e0', { fault: 'add_consumer' })],
    { returns: -EIO, bindings: [], producers: ['e0 p0'], references: 1 },
  ),
  shown(
    'B3c',
    'base to likexu-draft3',
    'producers-matched-by-pointer',
    [register('p0', 'e0'), register('p1', 'e0'), unregister('p1')],
    { corruption: false, producers: ['e0 p0'] },
  ),
];

const fields: readonly DifferenceField[] = [
  'returns',
  'callbacks',
  'warn',
  'race',
  'corruption',
  'bindings',
  'producers',
  'consumers',
  'irqs',
];

/** Makes the calls of both revisions; the last one is a class of difference. */
function classOf({ from, to, calls }: Shown): ExplainedClass {
  const scope = { producers: 2, consumers: 2, eventfds: 2 };
  const policies = { from: revisionOf(from).policy, to: revisionOf(to).policy };
  const [one, other] = [policies.from, policies.to].map((policy) => new CallModel(policy, scope, 'raw', {}, true));
  if (one === undefined || other === undefined) throw new Error('two models');
  let [a, b] = [one.initial, other.initial];
  for (const [i, call] of calls.entries()) {
    const [mine, theirs] = [one.perform(a, call), other.perform(b, call)];
    const field = fields.find((key) => !isSamePlain(mine.observed[key], theirs.observed[key]));
    if (field !== undefined) {
      expect(i).toBe(calls.length - 1);
      const seen = { from: mine.observed, to: theirs.observed };
      const causes = new PolicyCauses(policies.from, policies.to, scope, true);
      return {
        ...seen,
        difference: { id: 'D1', field, summary: '', calls, ...seen },
        call,
        policies,
        isShownBy: (...some) => causes.isShownBy(some, calls),
      };
    }
    [a, b] = [mine.state, theirs.state];
  }
  throw new Error(`${from} and ${to} do the same`);
}

describe('the shortest sequence of a fact', () => {
  it.each(all)('$fact: $from to $to', (one) => {
    const found = classOf(one);
    expect(found.to).toMatchObject(one.seen);
    const known = explanationsOf(found);
    expect(known.map(({ id }) => id)).toEqual([one.id]);
    expect(found.isShownBy(...(known[0]?.policies ?? []))).toBe(true);
  });

  it('before 2b521d86ee80 a registered struct got -EBUSY, and a key that was left behind corrupted the list', () => {
    const { from } = classOf(all.find(({ fact }) => fact === 'D3.2') as Shown);
    expect(from).toMatchObject({ returns: -EBUSY, warn: false });
    for (const fact of ['D3.3', 'D3.4', 'B3a', 'B3c'])
      expect(classOf(all.find((one) => one.fact === fact) as Shown).from).toMatchObject({ corruption: true });
  });
});
