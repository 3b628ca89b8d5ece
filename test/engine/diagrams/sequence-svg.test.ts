// Sequence diagrams of real runs: every arrow, the locks, who waits, faults, what is violated; windows of them.
import mermaid from 'mermaid';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Sequence } from '../../../src/engine/diagrams/sequence.ts';
import { lockNotes, sequenceMermaid } from '../../../src/engine/diagrams/sequence.ts';
import { HEADER_HEIGHT, sequenceHeights, sequenceSvg } from '../../../src/engine/diagrams/sequence-svg.ts';
import { explore } from '../../../src/engine/explorer/search/explore.ts';
import { plainLanguage } from '../../../src/engine/world/language.ts';
import { sequenceOf } from '../../../src/engine/traces/sequence-of.ts';
import { TracedRun, traceOf } from '../../../src/engine/world/trace.ts';
import type { TraceStep } from '../../../src/engine/world/trace.ts';
import { assemble } from '../../../src/scenarios/assemble.ts';
import { findScenario } from '../../../src/scenarios/builtin.ts';
import { sequenceOfRun } from '../../../src/scenarios/sequence-of-run.ts';
import { parsedXml } from './read-xml.ts';

// @vitest-environment jsdom

let trace: readonly TraceStep[];
let sequence: Sequence;

beforeAll(async () => {
  const scenario = findScenario('double-unregister-race');
  if (scenario === undefined) throw new Error('no such scenario');
  const { world, properties } = assemble({ scenario });
  const { violations } = await explore(world, { properties: properties.filter(({ id }) => id === 'i-owner') });
  const [found] = violations;
  if (found === undefined) throw new Error('i-owner holds');
  trace = traceOf(world, found.path);
  const { property, message } = found;
  sequence = sequenceOfRun(world, trace, {
    title: 'double-unregister-race',
    violation: { step: trace.length, property, message },
  });
});

describe('a sequence', () => {
  it('has lanes of threads first, then of the other actors that take part', () => {
    expect(sequence.lanes).toEqual(['t0', 't1', 't2', 't3', 't4', 'registry', 'p0', 'p1', 'c0']);
  });

  it('has each delivery and each call of each step, returns as such', () => {
    expect(sequence.steps.map(({ arrows }) => arrows.length)).toEqual(trace.map(({ calls }) => 1 + calls.length));
    const replies = sequence.steps.flatMap(({ arrows }) =>
      arrows.filter(({ isReply }) => isReply).map(({ label }) => label),
    );
    expect(new Set(replies.map((label) => label.replace(/^.*\.(\w+)\(.*$/, '$1')))).toEqual(
      new Set(['return', 'callback_return']),
    );
  });

  it('says who takes the mutex, gives it back, and who waits for it', () => {
    const notes = sequence.steps.flatMap((step, i) =>
      lockNotes(sequence.steps[i - 1], step).map(({ lane, text }) => `${String(step.step)} ${lane} ${text}`),
    );
    expect(notes).toEqual([
      '4 t1 takes registry',
      '10 t1 gives registry back',
      '14 t2 takes registry',
      '14 t3 waits for registry, which t2 holds',
      '14 t4 waits for registry, which t2 holds',
      '20 t2 gives registry back',
      '21 t4 takes registry',
      '21 t3 waits for registry, which t4 holds',
      '27 t4 gives registry back',
    ]);
  });

  it('marks the fault', () => {
    expect(
      sequence.steps.flatMap(({ notes }) => notes.filter(({ isFault }) => isFault)).map(({ text }) => text),
    ).toEqual(['WARN in irq_bypass_unregister_producer: xa_erase() found another entry']);
  });

  it('marks what the environment makes fail: answers, allocations', () => {
    const scenario = findScenario('connect-failure');
    if (scenario === undefined) throw new Error('no such scenario');
    const { world } = assemble({ scenario });
    const run = new TracedRun(world);
    for (const choice of ['t0 register_producer(p0, e0)', 'registry.register_producer(p0, e0, t0)']) run.take(choice);
    for (const choice of ['t1 register_consumer(c0, e0)', 'registry.register_consumer(c0, e0, t1)']) run.take(choice);
    // Both are stopped, then the producer's callback fails.
    while (!run.choices().some((choice) => world.nameOf(choice) === 'p0.add_consumer(c0) = -EIO'))
      run.take(run.choices().findIndex((choice) => world.nameOf(choice).includes('.stop()')));
    run.take('p0.add_consumer(c0) = -EIO');
    const failing = sequenceOfRun(world, run.steps);
    const faults = failing.steps.flatMap(({ arrows }) => arrows.filter(({ isFault }) => isFault === true));
    expect(faults.map(({ label }) => label)).toEqual(['p0.add_consumer(c0) = -EIO']);
    expect(sequenceMermaid(failing)).toContain('! ');
    const svg = parsedXml(sequenceSvg(failing));
    expect(svg.querySelector('g.arrow.fault > text')?.textContent).toBe('! p0.add_consumer(c0) = -EIO');
  });

  it('needs no model: without locks and words of one it has the arrows', () => {
    const plain = sequenceOf(plainLanguage, trace);
    expect(plain.lanes[0]).toBe('t0');
    expect(plain.steps.flatMap((step, i) => lockNotes(plain.steps[i - 1], step))).toEqual([]);
  });
});

describe('its SVG', () => {
  const stepsOf = (svg: string): string[] =>
    [...parsedXml(svg).querySelectorAll('g.step')].map((one) => one.getAttribute('data-step') ?? '');

  it('has a group for each step, in which there are its arrows', () => {
    const svg = parsedXml(sequenceSvg(sequence));
    for (const { step, arrows } of sequence.steps) {
      const shown = [...svg.querySelectorAll(`g.step[data-step="${String(step)}"] > g.arrow`)];
      expect(shown.map((one) => [one.getAttribute('data-from'), one.getAttribute('data-to'), one.textContent])).toEqual(
        arrows.map(({ from, to, label }) => [from, to, label]),
      );
    }
    expect([...svg.querySelectorAll('g.lane')].map((one) => one.getAttribute('data-actor'))).toEqual(sequence.lanes);
    expect([...svg.querySelectorAll('g.step.violated .violation')].length).toBeGreaterThan(0);
  });

  it('draws a window as the whole does, only higher up', () => {
    const heights = sequenceHeights(sequence);
    const [whole, part] = [sequenceSvg(sequence), sequenceSvg(sequence, { from: 13, to: 17, header: false })];
    expect(stepsOf(part)).toEqual(['14', '15', '16', '17']);
    const lines = (svg: string, shift: number): string[] =>
      [...parsedXml(svg).querySelectorAll('g.step[data-step="15"] text')].map(
        (one) => `${one.getAttribute('x') ?? ''} ${String(Number(one.getAttribute('y')) - shift)} ${one.textContent}`,
      );
    const above = heights.slice(0, 13).reduce((sum, height) => sum + height, HEADER_HEIGHT);
    expect(lines(part, 0)).toEqual(lines(whole, above));
    expect(parsedXml(part).getAttribute('width')).toBe(parsedXml(whole).getAttribute('width'));
  });

  it('is as high as its steps are', () => {
    const high = sequenceHeights(sequence).reduce((sum, height) => sum + height, HEADER_HEIGHT);
    expect(Number(parsedXml(sequenceSvg(sequence)).getAttribute('height')) - high).toBeLessThan(10);
  });

  it('has bars where a lock is held, and others where it is waited for', () => {
    const svg = parsedXml(sequenceSvg(sequence));
    const bars = (step: number, name: string): number =>
      [...svg.querySelectorAll(`g.step[data-step="${String(step)}"] > .${name}`)].length;
    expect([4, 5, 10, 11].map((step) => bars(step, 'lock'))).toEqual([1, 1, 1, 0]);
    expect([14, 15, 20, 21].map((step) => bars(step, 'wait'))).toEqual([2, 2, 2, 1]);
  });

  it('has a bar from the arrow that takes a lock to the one that gives it back', () => {
    const svg = parsedXml(sequenceSvg(sequence));
    const edges = (step: number, edge: 'from' | 'to'): number[] =>
      [...svg.querySelectorAll(`g.step[data-step="${String(step)}"] > rect.lock`)].map((bar) => {
        const y = Number(bar.getAttribute('y'));
        return edge === 'from' ? y : y + Number(bar.getAttribute('height'));
      });
    const lines = (step: number): number[] =>
      [...svg.querySelectorAll(`g.step[data-step="${String(step)}"] g.arrow > .head`)].map((head) =>
        Number(/^M[\d.]+ ([\d.]+)/.exec(head.getAttribute('d') ?? '')?.[1]),
      );
    // t1 takes the mutex at the first arrow of step 4; the callbacks of step 10 run before it is given back, at the last one.
    const last = lines(10).at(-1) ?? 0;
    expect(edges(10, 'to').every((end) => Math.abs(end - last) < 20 && end > (lines(10)[0] ?? 0))).toBe(true);
    expect(edges(4, 'from').every((start) => Math.abs(start - (lines(4)[0] ?? 0)) < 20)).toBe(true);
  });

  it('says what is violated of a world that has not taken a step', () => {
    const violation = { step: 0, property: 'i-bad', message: 'is bad' };
    const empty: Sequence = { title: 'x', lanes: [], steps: [], violation };
    expect(sequenceSvg(empty)).toContain('violates i-bad: is bad');
    expect(sequenceMermaid(empty)).toContain('Note over world: violates i-bad');
  });

  it('marks one step, and brings no style unless it is a file of its own', () => {
    const svg = sequenceSvg(sequence, { current: 3 });
    expect([...parsedXml(svg).querySelectorAll('g.step.current')].map((one) => one.getAttribute('data-step'))).toEqual([
      '3',
    ]);
    expect(svg).not.toMatch(/<style|style=|\bid=/);
    expect(sequenceSvg(sequence, { standalone: true })).toContain('prefers-color-scheme');
    expect(sequenceSvg(sequence)).toBe(sequenceSvg(structuredClone(sequence)));
  });

  it('holds any text, and nothing at all', () => {
    const odd: Sequence = {
      title: '<&>',
      lanes: ['a"b', '<x>'],
      steps: [
        {
          step: 1,
          arrows: [{ from: 'a"b', to: '<x>', label: '<script>&\u{0}', isReply: false }],
          notes: [{ text: ']]>', isFault: true }],
          locks: [],
        },
      ],
    };
    expect(parsedXml(sequenceSvg(odd)).textContent).toContain('<script>&');
    expect(stepsOf(sequenceSvg({ title: '', lanes: [], steps: [] }))).toEqual([]);
  });
});

describe('its Mermaid text', () => {
  it('is read by Mermaid', async () => {
    await expect(mermaid.parse(sequenceMermaid(sequence))).resolves.toMatchObject({ diagramType: 'sequence' });
  });

  it('has actors active while they hold a lock, and the violated step in a rectangle', () => {
    const text = sequenceMermaid(sequence);
    expect(text.match(/^ {2}activate p\d$/gm)).toEqual(['  activate p2', '  activate p3', '  activate p5']);
    expect(text.match(/^ {2}deactivate p\d$/gm)).toEqual(['  deactivate p2', '  deactivate p3', '  deactivate p5']);
    expect(text).toMatch(/rect rgb[^]*violates i-owner[^]*\n {2}end\n$/);
  });
});
