// The plain words of worlds whose model brings none, and state values in messages.
import { describe, expect, it } from 'vitest';
import { argumentsOf, callText, plainLanguage, valueText } from '../../../src/engine/world/language.ts';
import { stateText } from '../../../src/engine/world/state-text.ts';

const text = (message: Readonly<Record<string, unknown>>): string =>
  plainLanguage.event({ to: 'c0', message: { type: 'stop', ...message } });

describe('the plain language', () => {
  it.each<readonly [unknown, string]>([
    [null, 'NULL'],
    [undefined, 'NULL'],
    ['p0', 'p0'],
    [-5, '-5'],
    [true, 'true'],
    [{ irq: 3 }, '{"irq":3}'],
    [[1, 2], '[1,2]'],
  ])('has %j as %s', (value, expected) => {
    expect([valueText(value), plainLanguage.value(value)]).toEqual([expected, expected]);
  });

  it('has a message with its arguments, in order, and what is answered', () => {
    expect(text({})).toBe('c0.stop()');
    expect(text({ producer: 'p0', irq: 3, next: 'later' })).toBe('c0.stop(p0, 3)');
    expect(text({ producer: null, answer: -5 })).toBe('c0.stop(NULL) = -5');
    expect(argumentsOf({ type: 'a', b: 1, answer: 2, next: 3, c: null })).toEqual([
      ['b', 1],
      ['c', null],
    ]);
  });

  it('has a call by what is called, and what only looks like one by itself', () => {
    const call = { op: 'set_irqs', object: 'p0', trigger: 'e0', fast: true, count: 2, left: undefined };
    expect(text({ type: 'call', call })).toBe('set_irqs(p0, e0, fast=true, count=2)');
    expect(callText({ op: 'close', object: null }, (value) => `<${String(value)}>`)).toBe('close(<null>)');
    expect([text({ type: 'call', call: 'x' }), text({ type: 'call', call: null }), text({ call })]).toEqual([
      'c0.call(x)',
      'c0.call(NULL)',
      `c0.stop(${JSON.stringify(call)})`,
    ]);
  });

  it('says what is seen, and nothing of calls, which the events say', () => {
    expect(plainLanguage.observation({ kind: 'call' })).toBeNull();
    expect(plainLanguage.observation({ kind: 'warn', in: 'add', object: null } as never)).toBe(
      'warn in add object NULL',
    );
  });

  it('has an event in the lane of who calls, or of whom it is for', () => {
    const lane = (message: Readonly<Record<string, unknown>>): string =>
      plainLanguage.lane({ to: 'c0', message: { type: 'stop', ...message } });
    expect([lane({ caller: 't0' }), lane({ caller: null }), lane({})]).toEqual(['t0', 'c0', 'c0']);
  });
});

describe('a state value', () => {
  it.each<readonly [unknown, string]>([
    ['idle', 'idle'],
    [{}, 'top'],
    [{ locked: { connecting: 'addConsumer' } }, 'locked.connecting.addConsumer'],
    [{ life: 'assigned', wait: { queue: 'empty' } }, '{life.assigned, wait.queue.empty}'],
    [{ life: {} }, 'life.top'],
  ])('%j is %s', (value, expected) => {
    expect(stateText(value)).toBe(expected);
  });
});
