// Calls by numbers, and what is foreseen of a search's questions.
import { describe, expect, it } from 'vitest';
import { CallNumbers, rangesText } from '../../../src/bridge/compiled/call-numbers.ts';
import { LookAhead } from '../../../src/bridge/compiled/look-ahead.ts';
import { plainCalls, withFaults } from '../../../src/bridge/manager-calls.ts';

describe('numbers of calls', () => {
  it('are another for each call, and told once', () => {
    const plain = plainCalls({ producers: 3, consumers: 3, eventfds: 3 });
    const calls = plain.flatMap((call) => [call, ...withFaults(call), ...plain.map((race) => ({ ...call, race }))]);
    const numbers = new CallNumbers();
    expect([...numbers.of(calls)]).toEqual(calls.map((_, i) => i));
    const lines = numbers.takeLines().trimEnd().split('\n');
    expect([lines.length, new Set(lines).size, numbers.count]).toEqual([calls.length, calls.length, calls.length]);
    expect([...numbers.of(calls.slice(5, 7))]).toEqual([5, 6]);
    expect(numbers.takeLines()).toBe('');
  });

  it('are written as ranges', () => {
    expect(rangesText(Int32Array.of(3, 5, 6, 7, 9, 8))).toBe(' 3 5-7 9 8');
    expect(rangesText(new Int32Array())).toBe('');
  });
});

describe('the next questions', () => {
  it('are those of the last state, of the states that are held', () => {
    const ahead = new LookAhead();
    for (const state of [0, 4, 7, 9]) ahead.hold(state);
    expect(ahead.begin(0)).toBe(true);
    ahead.makes(Int32Array.of(1, 2));
    ahead.commutes(Int32Array.of(5));
    ahead.makes(Int32Array.of(3));
    // What is asked of a state is known when the next one is begun.
    expect(ahead.next(2)).toBeUndefined();
    expect(ahead.begin(0)).toBe(false);
    expect(ahead.begin(4)).toBe(true);
    expect(ahead.next(2)).toEqual({
      states: [7, 9],
      asked: { made: Int32Array.of(1, 2, 3), commuting: Int32Array.of(5) },
    });
    expect(ahead.next(1)?.states).toEqual([7]);
  });
});
