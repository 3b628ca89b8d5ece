// The SVG of a chart: every state and transition is in it once, and nothing stands on anything else, on every machine there is.
import { describe, expect, it } from 'vitest';
import type { Chart, ChartState } from '../../../src/engine/diagrams/chart.ts';
import { chartOf, statesIn } from '../../../src/engine/diagrams/chart.ts';
import { chartKey } from '../../../src/engine/diagrams/chart-key.ts';
import type { ChartLayout, PlacedText } from '../../../src/engine/diagrams/chart-layout.ts';
import { layOutChart } from '../../../src/engine/diagrams/chart-layout.ts';
import { summaryOf } from '../../../src/engine/diagrams/chart-summary.ts';
import { mergedChart } from '../../../src/engine/diagrams/merged-chart.ts';
import { paintChart, svgOf } from '../../../src/engine/diagrams/svg.ts';
import { findRevision, revisions } from '../../../src/registry/revisions.ts';
import { chartsOfLab } from '../../../src/scenarios/charts-of-lab.ts';
import { machineIds, machinesOf } from '../../../src/scenarios/machines.ts';
import { sample } from '../../sample.ts';
import { parsedXml } from './read-xml.ts';

/** A rectangle with what it is and which things it may touch: those of its own group. */
interface Area {
  readonly what: string;
  readonly group: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const areaOfText = (what: string, group: string, { x, y, width }: PlacedText): Area => ({
  what,
  group,
  left: x,
  right: x + width,
  // What letters of 12 pixels take: they stand on the line, and some go below it.
  top: y - 9,
  bottom: y + 3,
});

/** Labels of edges, states without states in them, lines above the states in composite ones. */
function areasOf({ root }: Chart, { boxes, edges }: ChartLayout): readonly Area[] {
  const states = new Map(statesIn(root).map((state) => [state.path, state]));
  return [
    ...boxes.flatMap(({ path, x, y, width, height, texts }): Area[] =>
      states.get(path)?.states.length === 0
        ? [{ what: `state ${path}`, group: path, left: x, right: x + width, top: y, bottom: y + height }]
        : texts.map((text) => areaOfText(`title of ${path}: ${text.text}`, path, text)),
    ),
    ...edges.flatMap(({ texts }, i) =>
      texts.map((text) => areaOfText(`label ${text.text}`, `edge ${String(i)}`, text)),
    ),
  ];
}

function overlaps(chart: Chart, layout: ChartLayout): readonly string[] {
  const areas = areasOf(chart, layout);
  return areas.flatMap((a, i) =>
    areas.slice(i + 1).flatMap((b) => {
      const isApart =
        a.group === b.group ||
        a.right <= b.left + 1 ||
        b.right <= a.left + 1 ||
        a.bottom <= b.top + 1 ||
        b.bottom <= a.top + 1;
      return isApart ? [] : [`${a.what} | ${b.what}`];
    }),
  );
}

/** What is not where it belongs: lines outside of their box, states outside of the one that they are in, anything outside of the picture. */
function outside({ root }: Chart, { boxes, edges, width, height }: ChartLayout): readonly string[] {
  const byPath = new Map(boxes.map((box) => [box.path, box]));
  const isIn = (a: { x: number; y: number; width: number; height: number }, x: number, y: number): boolean =>
    x >= a.x - 0.5 && x <= a.x + a.width + 0.5 && y >= a.y - 0.5 && y <= a.y + a.height + 0.5;
  const page = { x: 0, y: 0, width, height };
  const found: string[] = [];
  const visit = (state: ChartState): void => {
    const box = byPath.get(state.path);
    for (const text of box?.texts ?? [])
      if (box !== undefined && !(isIn(box, text.x, text.y) && isIn(box, text.x + text.width, text.y)))
        found.push(`${state.path}: ${text.text}`);
    for (const inner of state.states) {
      const there = byPath.get(inner.path);
      const corners =
        there === undefined
          ? []
          : [
              [there.x, there.y],
              [there.x + there.width, there.y + there.height],
            ];
      for (const [x = -1, y = -1] of corners) if (!isIn(box ?? page, x, y)) found.push(inner.path);
      visit(inner);
    }
  };
  visit(root);
  for (const { texts } of edges)
    for (const { x, y, width: wide, text } of texts)
      if (!isIn(page, x, y) || !isIn(page, x + wide, y)) found.push(text);
  return found;
}

/** Layouts that were made, by the key of the chart: many revisions have the same. */
const layouts = new Map<string, Promise<ChartLayout>>();
function laidOut(chart: Chart): Promise<ChartLayout> {
  const key = chartKey(chart);
  const layout = layouts.get(key) ?? layOutChart(chart);
  layouts.set(key, layout);
  return layout;
}

/** Charts whose picture was looked at already. */
const whole = new Set<string>();

/** What a picture must have: a group for each state, one for each transition, with its place among those of its state. */
async function expectWhole(chart: Chart): Promise<void> {
  if (whole.has(chartKey(chart))) return;
  whole.add(chartKey(chart));
  const layout = await laidOut(chart);
  expect(overlaps(chart, layout)).toEqual([]);
  expect(outside(chart, layout)).toEqual([]);
  const document = parsedXml(paintChart(chart, layout));
  const states = statesIn(chart.root);
  const drawn = [...document.querySelectorAll('g.state')].map((one) => one.getAttribute('data-state'));
  // The machine as a whole is no box where it has nothing of its own.
  expect(drawn.filter((path) => path !== '').toSorted()).toEqual(
    states.flatMap(({ path }) => (path === '' ? [] : [path])).toSorted(),
  );
  const ways = [...document.querySelectorAll('g.transition')].map((one) =>
    ['data-from', 'data-event', 'data-index'].map((name) => one.getAttribute(name)).join(' '),
  );
  expect(ways.toSorted()).toEqual(
    states
      .flatMap(({ path, transitions }) => transitions.map(({ event }, i) => `${path} ${event ?? ''} ${String(i)}`))
      .toSorted(),
  );
}

const policyOf = (id: string) => {
  const found = findRevision(id);
  if (found === undefined) throw new Error(`no revision ${id}`);
  return found.policy;
};
const registry = (revision: string): Chart => chartOf(machinesOf(policyOf(revision), 'clean').registry);

describe('every state and transition is drawn once, and no label stands on another or on a state', () => {
  it.each(machineIds)('%s', async (id) => {
    await expectWhole(chartOf(machinesOf(policyOf('v2p8'), 'clean')[id]));
  });

  it.each(revisions.map(({ id }) => id))('registry of %s', async (id) => {
    await expectWhole(registry(id));
  });

  it('with mutations, on every revision where they make sense', { timeout: 300_000 }, async () => {
    for (const { chart } of sample([...chartsOfLab()], 40)) await expectWhole(chart);
  });

  it('of what is merged and summed up', async () => {
    await expectWhole(mergedChart(registry('base'), registry('v2p8')));
    await expectWhole(summaryOf(registry('v2p8'), 1));
    await expectWhole(summaryOf(registry('v2p8'), 2));
    await expectWhole(summaryOf(mergedChart(registry('v1p7'), registry('v2p7')), 2));
  });
});

describe('the picture', () => {
  it('is readable: the registry is on a page of 1450 by 1900 on every revision', async () => {
    for (const { id } of revisions) {
      const { width, height } = await laidOut(registry(id));
      expect(width, id).toBeLessThan(1450);
      expect(height, id).toBeLessThan(1900);
    }
  });

  it('is the same bytes twice', async () => {
    const chart = registry('v2p8');
    expect(await svgOf(chart)).toBe(await svgOf(structuredClone(chart)));
  });

  it('may be put into a page with a strict policy: no style, no script, no link, no id; a picture of its own has a style', async () => {
    const svg = await svgOf(registry('v2p8'));
    expect(svg).not.toMatch(/<style|style=|<script|href|\bid=|\bon\w+=/);
    const alone = await svgOf(registry('v2p8'), { standalone: true });
    expect(alone.match(/<style>/g)).toHaveLength(1);
    expect(alone).toContain('prefers-color-scheme: dark');
    expect(alone).not.toContain('style=');
  });

  it('says what it is to those who cannot see it, escaped', async () => {
    const svg = parsedXml(await svgOf(registry('v2p8'), { title: '<a> & "b"' }));
    expect(svg.getAttribute('role')).toBe('img');
    const label = 'State diagram of registry, <a> & "b": 29 states, 48 transitions';
    expect(svg.getAttribute('aria-label')).toBe(label);
    expect(svg.querySelector('title')?.textContent).toBe(label);
  });

  it('says which function of the kernel a state is', async () => {
    const svg = parsedXml(await svgOf(registry('v2p8')));
    const texts = [...svg.querySelectorAll('g.state[data-state="locked.connecting"] > text')].map(
      (one) => one.textContent,
    );
    expect(texts).toEqual(['connecting', '__connect()']);
  });

  it('shows marks by class and by sign', async () => {
    const svg = parsedXml(await svgOf(mergedChart(registry('base'), registry('v2p8'))));
    const marked = (selector: string): string[] => [...svg.querySelectorAll(selector)].map((one) => one.textContent);
    expect(marked('g.state.removed > text.name')).toEqual(['- corrupted']);
    expect(marked('g.state.added > text.name')).toEqual(['+ undoing']);
    for (const [mark, sign] of [
      ['added', '+'],
      ['removed', '-'],
      ['changed', '~'],
    ] as const) {
      const ways = marked(`g.transition.${mark}`);
      expect(ways.length).toBeGreaterThan(2);
      for (const way of ways) expect(way.startsWith(`${sign} `), way).toBe(true);
    }
  });
});

describe('the key of a chart', () => {
  it('is the same for the same chart, another one for each other chart of the laboratory', () => {
    const all = [...chartsOfLab()];
    expect(all.length).toBeGreaterThan(250);
    expect(new Set(all.map(({ key }) => key)).size).toBe(new Set(all.map(({ chart }) => JSON.stringify(chart))).size);
    for (const { key, chart } of all) {
      expect(key).toMatch(/^[0-9a-f]{16}$/);
      expect(chartKey(JSON.parse(JSON.stringify(chart)) as Chart)).toBe(key);
    }
  });
});
