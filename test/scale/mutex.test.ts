// The mutex in virtual time: who gets it, when, and at what price; small cases by hand.
import { describe, expect, it } from 'vitest';
import { hostCosts, missedLines, sectionTime } from '../../src/scale/cost-model.ts';
import { distributionOf, logHistogram } from '../../src/scale/distribution.ts';
import { EventQueue } from '../../src/scale/event-queue.ts';
import { layoutNames } from '../../src/scale/layouts.ts';
import { SimulatedMutex } from '../../src/scale/mutex.ts';

const { lockOwn, lockSocket, lockRemote, wake } = hostCosts;
const mutex = (): SimulatedMutex => new SimulatedMutex(hostCosts, 2);

describe('a mutex', () => {
  it('is taken at once when free: own line, then the same socket, then the other', () => {
    const one = mutex();
    expect(one.request(0, 100, true)).toEqual({ thread: 0, time: 100 + lockOwn });
    expect(one.release(200)).toEqual({ next: null, wakesAt: null });
    expect(one.request(0, 300, true)?.time).toBe(300 + lockOwn);
    one.release(400);
    expect(one.request(2, 500, true)?.time).toBe(500 + lockSocket);
    one.release(600);
    expect(one.request(1, 700, true)?.time).toBe(700 + lockRemote);
  });

  it('goes to spinners in order', () => {
    const one = mutex();
    one.request(0, 0, true);
    expect([one.request(2, 1, true), one.request(4, 2, true), one.spinning]).toEqual([null, null, 2]);
    expect(one.release(100).next).toEqual({ thread: 2, time: 100 + lockSocket });
    expect(one.release(200).next).toEqual({ thread: 4, time: 200 + lockSocket });
    expect(one.release(300).next).toBe(null);
  });

  it('is handed to a sleeper that came too late once', () => {
    const one = mutex();
    one.request(0, 0, true);
    one.request(2, 1, false);
    one.request(4, 2, true);
    // The spinner is faster than the sleeper that is woken; that one then demands the mutex.
    expect(one.release(100)).toEqual({ next: { thread: 4, time: 100 + lockSocket }, wakesAt: 100 + wake });
    expect(one.awake(100 + wake)).toBe(null);
    one.request(6, 20_000, true);
    expect(one.release(30_000)).toEqual({ next: { thread: 2, time: 30_000 + lockSocket }, wakesAt: null });
    expect([one.wakeUps, one.handOffs, one.spinning, one.sleeping]).toEqual([1, 1, 1, 0]);
  });

  it('goes to the woken sleeper when nobody else is there', () => {
    const one = mutex();
    one.request(0, 0, true);
    one.request(2, 1, false);
    expect(one.release(100)).toEqual({ next: null, wakesAt: 100 + wake });
    expect(one.awake(100 + wake)).toEqual({ thread: 2, time: 100 + wake + lockSocket });
  });

  it('sends the spinner that waited longest to sleep when its CPU is wanted', () => {
    const one = mutex();
    one.request(0, 0, true);
    one.request(2, 1, true);
    one.request(4, 2, true);
    expect([one.oldestSpinner(), one.descheduleSpinner(), one.sleeping]).toEqual([2, 2, 1]);
    expect(one.release(100).next?.thread).toBe(4);
  });
});

describe('the cost of a critical section', () => {
  const work = { visited: 0, levels: 0, allocated: 0, freed: 0, callbacks: 0, listed: 0, layout: 'pages' } as const;
  const { section, missedLine, listNode, listNodeInMemory, level, allocate, cacheLines } = hostCosts;

  it.each(layoutNames)('is that of its nodes: 1000 visited ones, %s', (layout) => {
    expect(sectionTime(hostCosts, { ...work, layout, visited: 1000, listed: 1000 })).toBe(
      section + missedLine + 1000 * listNode[layout],
    );
  });

  it('is that of memory where a list is larger than the cache', () => {
    const listed = 2 * cacheLines;
    const expected = section + missedLine + 1000 * ((listNode.pages + listNodeInMemory.pages) / 2);
    expect(sectionTime(hostCosts, { ...work, visited: 1000, listed })).toBeCloseTo(expected);
  });

  it('is that of levels, allocations and missed lines for an xarray: 22 levels, 1 node', () => {
    const expected = section + 22 * level + allocate + 3 * missedLine;
    expect(sectionTime(hostCosts, { ...work, levels: 22, allocated: 1 })).toBe(expected);
    expect(missedLines({ levels: 22, allocated: 3, freed: 0 })).toBe(5);
  });
});

describe('events', () => {
  it('come in order of time, and equal ones in the order in which they were set', () => {
    const queue = new EventQueue();
    const times = Array.from({ length: 3000 }, (_, i) => (i * 7919) % 100);
    for (const [thread, time] of times.entries()) queue.push(time, 0, thread);
    const expected = times
      .map((time, thread) => ({ time, kind: 0, thread }))
      .sort((a, b) => a.time - b.time || a.thread - b.thread);
    expect(Array.from({ length: 3000 }, () => queue.pop())).toEqual(expected);
    expect(queue.pop()).toBe(null);
  });
});

describe('a distribution', () => {
  it('has percentiles by nearest rank', () => {
    const samples = Float64Array.from({ length: 200 }, (_, i) => 200 - i);
    expect(distributionOf(samples)).toEqual({ count: 200, avg: 100.5, min: 1, p50: 100, p95: 190, p99: 198, max: 200 });
    expect(distributionOf(new Float64Array())).toMatchObject({ count: 0, avg: 0, max: 0 });
  });

  it('is counted in bins of a logarithmic scale', () => {
    expect(logHistogram(Float64Array.of(1, 5, 50, 99, 100), 1)).toEqual([
      { from: 1, count: 2 },
      { from: 10, count: 2 },
      { from: 100, count: 1 },
    ]);
  });
});
