// The critical section, step by step, on memory that answers as it is told: what each revision asks of its sets, and what it makes of it.
import { describe, expect, it } from 'vitest';
import type { Cells } from '../../src/engine/actors/cells.ts';
import type { Name, Value } from '../../src/engine/actors/name.ts';
import { errno } from '../../src/machines/kernel/call.ts';
import type { Policy } from '../../src/machines/manager/policy.ts';
import type { RegistryContext } from '../../src/registry/critical-section.ts';
import {
  bind,
  bound,
  callbackMessage,
  clearKey,
  commit,
  erase,
  findEntry,
  findPartner,
  insert,
  isLinked,
  isTaken,
  lock,
  operation,
  readKey,
  unlocked,
} from '../../src/registry/critical-section.ts';
import { createRegistry } from '../../src/registry/registry.ts';
import { revisionOf } from '../../src/scenarios/assembled.ts';

const [p0, p1, c0, e0, t0] = ['p0', 'p1', 'c0', 'e0', 't0'] as [Name, Name, Name, Name, Name];

/** Memory that answers each question as it is told, NULL where it is not, and keeps what it was asked. */
function memory(answers: Readonly<Record<string, Value>> = {}): { readonly cells: Cells; readonly asked: string[] } {
  const asked: string[] = [];
  const answer = (...question: readonly unknown[]): Value => {
    const text = question.map((part) => (part === null ? 'NULL' : String(part))).join(' ');
    asked.push(text);
    return answers[text] ?? null;
  };
  const cells: Cells = {
    load: (actor, cell) => answer('load', actor, cell),
    store: (actor, cell, value) => void answer('store', actor, cell, value),
    constant: (actor, constant) => answer('constant', actor, constant),
    ask: (family, operation, ...args) => answer(family, operation, ...args),
  };
  return { cells, asked };
}

const policyOf = (revision: string): Policy => revisionOf(revision).policy;

type Op = NonNullable<RegistryContext['op']>;
const context = (op: Op, more: Partial<RegistryContext> = {}): RegistryContext => ({
  ...unlocked,
  op,
  object: op.endsWith('producer') ? p0 : c0,
  caller: t0,
  key: e0,
  ...more,
});

describe('a newcomer', () => {
  it.each<readonly [string, Readonly<Record<string, Value>>, Partial<RegistryContext>, readonly string[], unknown]>([
    [
      'v2p8',
      { 'producers insert e0 p0 false': 0 },
      {},
      ['producers insert e0 p0 false'],
      { value: 0, allocationFails: false },
    ],
    [
      'v2p8',
      { 'producers insert e0 p0 true': -errno.ENOMEM },
      { allocationFails: true },
      ['producers insert e0 p0 true'],
      { value: -errno.ENOMEM, allocationFails: false },
    ],
    [
      'likexu-v2',
      { 'producers put e0 p0 false': 0 },
      {},
      ['producers put e0 p0 false'],
      { value: 0, allocationFails: false },
    ],
    ['base', { 'producers add p0': true }, {}, ['producers add p0'], { allocationFails: false }],
    // A key that the manager owns is written before the entry is linked.
    ['v2p5', { 'producers add p0': true }, {}, ['store p0 key e0', 'producers add p0'], { allocationFails: false }],
    ['base', {}, {}, ['producers add p0'], { corruption: 'list_add of a node that is linked already' }],
    [
      'likexu-draft3',
      { 'producers add p0': true },
      { allocationFails: true },
      ['producers add p0', 'producers put e0 p0 true'],
      { allocationFails: false },
    ],
    ['likexu-draft3', {}, {}, ['producers add p0'], { corruption: 'list_add of a node that is linked already' }],
    ['longpeng-hlist', { 'producers add p0': true }, {}, ['producers add p0'], { allocationFails: false }],
  ])('on %s, where memory says %j, %j', (revision, answers, more, questions, change) => {
    const { cells, asked } = memory(answers);
    expect(insert(policyOf(revision), { context: context('register_producer', more), cells })).toEqual(change);
    expect(asked).toEqual(questions);
  });

  it('is too late where its key is taken, or where it is in its own set already', () => {
    const section = (answers: Readonly<Record<string, Value>>) => ({
      context: context('register_producer'),
      ...memory(answers),
    });
    expect([isTaken(section({ 'producers find e0': p1 })), isTaken(section({}))]).toEqual([true, false]);
    const linked = { 'producers contains p0': true, 'consumers contains p0': true };
    expect([isLinked(section(linked), 'producers'), isLinked(section({}), 'producers')]).toEqual([true, false]);
    // The other set is not asked.
    const other = section(linked);
    expect([isLinked(other, 'consumers'), other.asked]).toEqual([false, []]);
  });
});

describe('a partner', () => {
  it.each<readonly [string, Op, Readonly<Record<string, Value>>, readonly string[], unknown]>([
    [
      'v2p8',
      'register_producer',
      { 'consumers find e0': c0 },
      ['consumers find e0', 'consumers walksFreed e0'],
      { producer: p0, consumer: c0, paired: true },
    ],
    [
      'v2p8',
      'register_consumer',
      {},
      ['producers find e0', 'producers walksFreed e0'],
      { producer: null, consumer: c0, paired: false },
    ],
    [
      'base',
      'register_consumer',
      { 'producers find e0': p1, 'producers walksFreed e0': true },
      ['producers find e0', 'producers walksFreed e0'],
      { corruption: 'the walk reads a freed node' },
    ],
    // The bug of the hash table patch: a producer looks among producers.
    [
      'longpeng-hlist',
      'register_producer',
      { 'producers find e0': p1 },
      ['producers find e0'],
      { corruption: 'a producer is taken for a consumer' },
    ],
    [
      'longpeng-hlist',
      'register_producer',
      {},
      ['producers find e0', 'producers walksFreed e0'],
      { producer: p0, consumer: null, paired: false },
    ],
    [
      'longpeng-hlist',
      'register_consumer',
      { 'producers find e0': p1 },
      ['producers find e0', 'producers walksFreed e0'],
      { producer: p1, consumer: c0, paired: true },
    ],
  ])('on %s, of %s, where memory says %j', (revision, op, answers, questions, change) => {
    const { cells, asked } = memory(answers);
    expect(findPartner(policyOf(revision), { context: context(op), cells })).toEqual(change);
    expect(asked).toEqual(questions);
  });
});

describe('who is unregistered', () => {
  const find = (revision: string, op: Op, answers: Readonly<Record<string, Value>>): unknown => {
    const policy = policyOf(revision);
    const how = op === 'unregister_producer' ? policy.unregisterProducer : policy.unregisterConsumer;
    return findEntry(policy, how, { context: context(op), cells: memory(answers).cells });
  };
  const unpaired = { producer: p0, consumer: null, paired: false };

  it('is found by key, whoever has it', () => {
    expect(find('base', 'unregister_producer', { 'producers find e0': p1 })).toEqual({ found: true, ...unpaired });
    expect(find('base', 'unregister_producer', {})).toEqual({ found: false });
  });

  it('is found by address: in a list by a walk, in an xarray at its key', () => {
    const alone = { found: true, producer: null, consumer: c0, paired: false };
    expect(find('base', 'unregister_consumer', { 'consumers contains c0': true })).toEqual(alone);
    expect(find('base', 'unregister_consumer', { 'consumers find e0': c0 })).toEqual({ found: false });
    expect(find('likexu-v1', 'unregister_consumer', { 'consumers find e0': c0 })).toEqual(alone);
    expect(find('likexu-v1', 'unregister_consumer', { 'consumers contains c0': true })).toEqual({ found: false });
    expect(find('likexu-v1', 'unregister_producer', { 'producers find e0': p1 })).toEqual({ found: false });
  });

  it('is taken to be there where the binding or the index says so', () => {
    for (const revision of ['v2p5', 'v2p8']) {
      expect(find(revision, 'unregister_producer', { 'load p0 peer': c0 })).toEqual({
        found: true,
        producer: p0,
        consumer: c0,
        paired: true,
      });
      // Whatever is found under the key: the binding counts.
      expect(find(revision, 'unregister_producer', { 'consumers find e0': c0 })).toEqual({ found: true, ...unpaired });
    }
    const tracked = { 'producers find e0': p0, 'load p0 peer': c0 };
    expect(find('v2p4', 'unregister_producer', tracked)).toEqual({ found: true, ...unpaired });
  });

  it.each<readonly [string, Readonly<Record<string, Value>>, readonly string[], unknown]>([
    ['v2p8', { 'producers erase e0': p0 }, ['producers erase e0'], { found: true }],
    ['v2p8', { 'producers erase e0': p1 }, ['producers erase e0'], { found: false }],
    ['v2p8', {}, ['producers erase e0'], { found: false }],
    ['base', { 'producers del p0': true }, ['producers del p0'], { found: true }],
    ['base', {}, ['producers del p0'], { corruption: 'list_del of a node that is not linked' }],
    ['likexu-draft3', { 'producers del p0': true }, ['producers del p0', 'producers erase e0'], { found: true }],
    ['likexu-draft3', {}, ['producers del p0'], { corruption: 'list_del of a node that is not linked' }],
  ])('is taken out on %s, where memory says %j', (revision, answers, questions, change) => {
    const { cells, asked } = memory(answers);
    expect(erase(policyOf(revision), { context: context('unregister_producer'), cells })).toEqual(change);
    expect(asked).toEqual(questions);
  });
});

describe('keys and bindings', () => {
  it('are read and written where they are', () => {
    const { cells, asked } = memory({ 'load p0 key': e0 });
    const section = { context: context('register_producer', { producer: p0, consumer: c0 }), cells };
    expect(readKey(section)).toEqual({ key: e0 });
    commit(section);
    clearKey(section);
    bind(section, true);
    bind(section, false, ['consumer']);
    expect(asked).toEqual([
      'load p0 key',
      'store p0 key e0',
      'store p0 key NULL',
      'store p0 peer c0',
      'store c0 peer p0',
      'store c0 peer NULL',
    ]);
  });

  it('come with the call', () => {
    // What the call does not say is nothing.
    expect(lock({ type: 'register_producer', object: p0, caller: t0, key: e0 } as never)).toEqual({
      op: 'register_producer',
      object: p0,
      caller: t0,
      key: e0,
      task: null,
      as: null,
      producer: null,
      consumer: null,
      paired: false,
      found: false,
      allocationFails: false,
      value: 0,
      corruption: null,
    });
    expect(
      lock({
        type: 'unregister_consumer',
        object: c0,
        caller: t0,
        key: null,
        task: t0,
        as: 'close',
        allocation: 'fails',
      } as never),
    ).toMatchObject({ task: t0, as: 'close', key: null, allocationFails: true });
  });

  it('tell a callback of the other half, and of the task where tasks are known', () => {
    const both = context('register_producer', { producer: p0, consumer: c0 });
    const messages = (['add_consumer', 'del_consumer', 'add_producer', 'del_producer', 'stop', 'start'] as const).map(
      (callback) => callbackMessage(both, callback),
    );
    expect(messages).toEqual([
      { type: 'add_consumer', consumer: c0 },
      { type: 'del_consumer', consumer: c0 },
      { type: 'add_producer', producer: p0 },
      { type: 'del_producer', producer: p0 },
      { type: 'stop' },
      { type: 'start' },
    ]);
    expect(callbackMessage({ ...both, task: t0 }, 'stop')).toEqual({ type: 'stop', task: t0 });
    expect(callbackMessage({ ...both, task: t0 }, 'add_producer')).toEqual({
      type: 'add_producer',
      producer: p0,
      task: t0,
    });
  });
});

describe('what WARN_ON_ONCE() looks at', () => {
  const run = (handler: string, of: RegistryContext, answers: Readonly<Record<string, Value>> = {}): unknown =>
    createRegistry(policyOf('v2p4')).declaration.handlers?.[handler]?.run({
      context: of as never,
      event: { type: 'return' } as never,
      cells: memory(answers).cells,
    });
  const shown = (where: string, condition: string): unknown => ({
    do: 'show',
    observation: { kind: 'warn', in: where, condition },
  });

  it('another entry than the one that is unregistered, unless memory is corrupt', () => {
    const other = 'xa_erase() found another entry';
    const of = (more: Partial<RegistryContext>) => context('unregister_producer', more);
    expect(run('warnOnOtherEntry', of({ found: false }))).toEqual(shown('irq_bypass_unregister_producer', other));
    expect(run('warnOnOtherEntry', of({ found: true }))).toEqual([]);
    expect(run('warnOnOtherEntry', of({ found: false, corruption: 'a node' }))).toEqual([]);
  });

  it('another partner under the key than the bound one', () => {
    const message = 'the partner found by key is not the bound one';
    const producer = context('unregister_producer', { producer: p0, consumer: c0, paired: true });
    const consumer = context('unregister_consumer', { producer: p0, consumer: c0, paired: true });
    expect(run('warnOnOtherPeer', producer, { 'load p0 peer': c0 })).toEqual([]);
    expect(run('warnOnOtherPeer', producer, { 'load p0 peer': p1 })).toEqual(
      shown('irq_bypass_unregister_producer', message),
    );
    expect(run('warnOnOtherPeer', consumer, { 'load c0 peer': p0 })).toEqual([]);
    expect(run('warnOnOtherPeer', consumer)).toEqual(shown('irq_bypass_unregister_consumer', message));
  });

  it('a key that is still set after the walk', () => {
    const of = context('unregister_producer');
    expect(run('warnOnKey', of)).toEqual([]);
    expect(run('warnOnKey', of, { 'load p0 key': e0 })).toEqual(
      shown('irq_bypass_unregister_producer', 'the key is still set after the walk'),
    );
  });
});

describe('an operation', () => {
  it('is there only while one is in progress', () => {
    const whole = context('register_producer');
    expect(operation(whole)).toEqual({ op: 'register_producer', object: p0, caller: t0 });
    for (const missing of ['op', 'object', 'caller'])
      expect(() => operation({ ...whole, [missing]: null })).toThrow(new Error('no operation in progress'));
  });

  it('has halves only of a pair', () => {
    expect(bound({ ...unlocked, producer: p0 }, 'producer')).toBe(p0);
    expect(() => bound({ ...unlocked, producer: p0 }, 'consumer')).toThrow(new Error('no consumer in this operation'));
  });
});
