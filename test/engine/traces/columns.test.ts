// Interleavings in columns: every text in the column of its thread, nothing lost, no line too wide.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kindsOf } from '../../../src/engine/actors/machine.ts';
import type { ColumnEntry } from '../../../src/engine/traces/columns.ts';
import { columnsText, inColumns } from '../../../src/engine/traces/columns.ts';
import { runOnce } from '../../../src/engine/traces/run-once.ts';
import { createScheduler } from '../../../src/engine/world/schedulers.ts';
import type { World } from '../../../src/engine/world/world.ts';
import { scenarios } from '../../../src/scenarios/builtin.ts';
import { assemble } from '../../../src/scenarios/assemble.ts';
import { invoke, step } from '../../../src/scenarios/calls.ts';
import { defineScenario } from '../../../src/scenarios/define.ts';
import { callColumns, recordedColumns } from '../../../src/bridge/call-columns.ts';
import { assembled } from '../assembled.ts';

const WIDTH = 72;

describe('in columns', () => {
  it('stands a name over each column, bars between them, and texts that go on over the columns that are empty', () => {
    expect(
      inColumns([
        { thread: 't0', text: 'lock(a)' },
        { thread: 't1', text: 'lock(b), and waits for a for a very long time' },
        { thread: 't2', text: 'lock(c), and waits for b' },
        { thread: 't0', text: 'lock(b), which t1 has, and so nobody goes on any more' },
      ]),
    ).toEqual([
      'CPU0: t0             | CPU1: t1             | CPU2: t2',
      '---------------------+----------------------+---------------------------',
      'lock(a)              |                      |',
      '                     | lock(b), and waits for a for a very long time',
      '                     |                      | lock(c), and waits for b',
      'lock(b), which t1 has, and so nobody goes on any more',
    ]);
  });

  it('breaks what is wider than what is left, at blanks, and a word that is', () => {
    const lines = inColumns([
      { thread: 't0', text: 'a' },
      { thread: 't1', text: `one two ${'x'.repeat(40)} three` },
    ]);
    expect(lines.slice(3)).toEqual([
      '                                  | one two',
      `                                  |   ${'x'.repeat(34)}`,
      `                                  |   ${'x'.repeat(6)} three`,
    ]);
  });

  it.each([1, 2, 5, 6, 7, 13, 40])(
    'has a head for each of %i threads, or for those that share the last column',
    (count) => {
      const entries = Array.from({ length: count }, (_, i) => ({ thread: `t${i}`, text: `call(${'x'.repeat(60)})` }));
      const [names = '', , ...lines] = inColumns(entries);
      const heads = Math.min(count, 6);
      for (let i = 0; i < heads; i++) expect(names).toContain(`CPU${i}`);
      expect(names.includes('others')).toBe(count > 6);
      expect(lines.join('\n').includes('t12:')).toBe(count > 12);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(WIDTH);
    },
  );

  const entry = fc.record({
    thread: fc.constantFrom('t0', 't1', 't2', 't3', 't4', 't5'),
    text: fc.stringMatching(/^[a-z(),0]{1,50}( [a-z->]{1,30}){0,6}$/),
  });

  it('loses nothing and is nowhere too wide, whatever is done by whom', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 12 }), (entries) => {
        const [, , ...lines] = inColumns(entries);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(WIDTH);
        const signs = (text: string): string => text.replaceAll(/[ |]/g, '');
        expect(signs(lines.join(''))).toBe(signs(entries.map(({ text }) => text).join('')));
      }),
    );
  });

  it('begins each text in the column of its thread', () => {
    const brief = fc.record({
      thread: fc.constantFrom('t0', 't1', 't2'),
      text: fc.stringMatching(/^[a-z(),0]{1,20}$/),
    });
    fc.assert(
      fc.property(fc.array(brief, { minLength: 1, maxLength: 12 }), (entries) => {
        const [names = '', , ...lines] = inColumns(entries);
        const threads = [...new Set(entries.map(({ thread }) => thread))];
        expect(lines).toHaveLength(entries.length);
        for (const [i, { thread, text }] of entries.entries()) {
          const start = names.indexOf(`CPU${threads.indexOf(thread)}`);
          expect(lines[i]?.slice(0, start).replaceAll(/[ |]/g, '')).toBe('');
          expect(lines[i]?.slice(start, start + text.length)).toBe(text);
        }
      }),
    );
  });
});

/** Whoever does something by itself: threads and devices; later also vCPUs, the workers of a workqueue, an INTx line that fires. */
function agentsOf(world: World): readonly string[] {
  const later = new Set(['vcpu', 'workqueue', 'vfio-intx']);
  return world.definition.actors
    .filter(
      ({ machine }) =>
        machine.declaration.actsByItself !== undefined || kindsOf(machine).some((kind) => later.has(kind)),
    )
    .map(({ name }) => name);
}

describe('a trace', () => {
  it.each(scenarios.map(({ id }) => id))('of %s: each step by its thread, at most 72 characters', async (id) => {
    const { world } = assembled(id, {});
    const { trace } = await runOnce(world, createScheduler('random', world, 7), [], 120);
    const agents = agentsOf(world);
    for (const { thread } of trace) expect(agents).toContain(thread);
    for (const line of columnsText(world.language, trace)) expect(line.length).toBeLessThanOrEqual(WIDTH);
  });

  it('has callbacks in the course of the thread that has the mutex, whoever else is busy', async () => {
    const { world } = assembled('pairing', {});
    const { trace } = await runOnce(world, createScheduler('fifo', world, 1), [], 100);
    const threadOf = (type: string, nth: number): string | undefined =>
      trace.filter(({ message }) => message.type === type)[nth]?.thread;
    expect([threadOf('add_consumer', 0), threadOf('del_consumer', 0)]).toEqual(['t1', 't0']);
    expect([threadOf('stop', 0), threadOf('stop', 2)]).toEqual(['t1', 't0']);
  });

  it('of a device assignment has what the manager calls in the irqfd in the course of the ioctl', async () => {
    const { world } = assembled('assign', {});
    const { trace } = await runOnce(world, createScheduler('fifo', world, 1), [], 30);
    const found = trace.map(({ to, message, thread }): readonly string[] => [to, message.type, thread]);
    expect(found).toContainEqual(['c0', 'add_producer', 'k0']);
    expect(found).toContainEqual(['c0', 'del_producer', 'v0']);
    expect(found).toContainEqual(['irq0', 'irq_set_vcpu_affinity', 'r0']);
  });
});

it('a work item is done by its queue, not by who has queued it', async () => {
  const scenario = defineScenario({
    id: 'work',
    title: '',
    description: '',
    parameters: {},
    script: () => ({
      actors: [
        { name: 'wq0', machine: 'workqueue' },
        { name: 'r0', machine: 'refcount' },
        { name: 'w0', machine: 'work', program: [step(invoke('refcount_inc', 'r0'))] },
      ],
      threads: { t0: [step(invoke('queue_work', 'wq0', { work: 'w0' }))] },
    }),
  });
  const { world } = assemble({ scenario });
  const { trace } = await runOnce(world, createScheduler('fifo', world, 1), [], 50);
  const threadOf = (type: string): string | undefined => trace.find(({ message }) => message.type === type)?.thread;
  expect([threadOf('call'), threadOf('process_one_work')]).toEqual(['t0', 'wq0']);
});

describe('calls', () => {
  const texts = (entries: readonly ColumnEntry[]): string[] => entries.map(({ thread, text }) => `${thread} ${text}`);

  it('that race come in between, in a column of their own', () => {
    const race = { op: 'register_producer', object: 'p1', eventfd: 'e0' } as const;
    expect(
      texts(
        callColumns([
          { op: 'unregister_producer', object: 'p0', race },
          { op: 'unregister_consumer', object: 'c0' },
        ]),
      ),
    ).toEqual([
      't0 unregister_producer(p0): waits for the mutex',
      't1 register_producer(p1, e0)',
      't0 has the mutex',
      't0 unregister_consumer(c0)',
    ]);
  });

  it('that were recorded have their faults', () => {
    const seen = { ret: 0, callbacks: [], warn: false, producers: {}, consumers: {}, bindings: {} };
    const fault = { alloc: 'all', race: { op: 'unregister_producer', producer: 'p1' } } as const;
    expect(
      texts(recordedColumns([{ op: 'register_producer', producer: 'p0', eventfd: null, fault, ...seen }])),
    ).toEqual([
      't0 register_producer(p0, NULL) [alloc "all"]: waits for the mutex',
      't1 unregister_producer(p1)',
      't0 has the mutex',
    ]);
  });
});
