// The charts of docs/scale.md are what the script draws from the recorded run.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { charts } from '../../bench/scale-charts.ts';
import type { Recorded } from '../../bench/scale-record.ts';
import { recordedFile } from '../../bench/scale-record.ts';
import { barChart, colours, lineChart } from '../../bench/svg.ts';

const recorded = JSON.parse(readFileSync(recordedFile, 'utf8')) as Recorded;

const drawn = Object.entries(charts(recorded));

describe('docs/figures', () => {
  it.each(drawn)('%s is up to date (npm run bench:charts)', (name, content) => {
    const file = fileURLToPath(new URL(`../../docs/figures/${name}`, import.meta.url));
    expect(readFileSync(file, 'utf8')).toBe(content);
    expect(content).not.toMatch(/NaN|undefined|Infinity/);
  });

  it.each(drawn)('%s reads in both schemes, also when it is opened by itself', (_, content) => {
    // A browser draws a file that does not say so on white, whatever the reader prefers.
    expect(content).toContain(':root { color-scheme: light dark; }');
    const grounds = [...content.matchAll(/\.ground \{ fill: (#\w+); \}/g)].map((match) => match[1] ?? '');
    const texts = [...content.matchAll(/svg \{ color: (#\w+);/g)].map((match) => match[1] ?? '');
    expect([grounds.length, texts.length]).toEqual([2, 2]);
    expect(content).toMatch(/<rect class="ground" width="760" height="\d+"\/>/);
    for (const [i, ground] of grounds.entries()) {
      expect(contrast(ground, texts[i] ?? ground)).toBeGreaterThan(10);
      for (const colour of colours) expect(contrast(ground, colour)).toBeGreaterThan(1.9);
    }
  });

  it.each(drawn)('%s has axes with ticks and units, and no text beyond its edge', (_, content) => {
    const axes = content.match(/class="axis"/g)?.length ?? 0;
    expect(axes).toBeGreaterThan(0);
    // Every axis says its unit, or that it counts; a line chart has two on one path.
    const labels = [...content.matchAll(/>([^<]*\(logarithmic\))</g)].map((match) => match[1] ?? '');
    expect(labels.length).toBe(content.includes('rotate(-90)') ? 2 : axes);
    for (const label of labels) expect(label).toMatch(/, (ns to m?s|%|MB|N) |^bytes /);
    expect(content.match(/class="grid"/g)?.length ?? 0).toBeGreaterThanOrEqual(3 * axes);
    for (const [, start = '', x, rest = '', text = ''] of content.matchAll(
      /<text((?: class="\w+")?) x="([\d.]+)" y="[\d.]+"([^>]*)>([^<]*)</g,
    )) {
      if (rest.includes('text-anchor')) continue;
      const letter = start.includes('title') ? 8.8 : start.includes('source') ? 5.2 : rest === '' ? 6.3 : 6.9;
      expect({ text, end: Number(x) + text.length * letter }).toSatisfy(({ end }: { end: number }) => end < 760);
    }
  });

  it('puts times and bytes on axes of their own', () => {
    const content = drawn.find(([name]) => name === 'scale-opt-out.svg')?.[1] ?? '';
    expect(content.match(/class="axis"/g)?.length).toBe(2);
    expect(content).toContain('time, ns to ms');
    expect(content).toContain('memory, MB');
  });
});

const chart = { from: 1, to: 100, tick: String };

describe('a chart', () => {
  it('dashes a line that lies on an earlier one', () => {
    const points = [
      [1, 10],
      [100, 10],
    ] as const;
    const one = { name: 'one', points, colour: colours[0] };
    const content = lineChart('t', 's', { label: 'x', ...chart }, { label: 'y', ...chart }, [
      one,
      { ...one, name: 'hidden', colour: colours[1] },
      { ...one, name: 'elsewhere', colour: colours[2], points: points.map(([x, y]) => [x, y * 3] as const) },
    ]);
    const dashed = [...content.matchAll(/<path d="[^"]*" fill="none" stroke="(#\w+)"[^>]*dasharray/g)].map((m) => m[1]);
    expect(dashed).toEqual([colours[1]]);
  });

  it('refuses a bar that its axis does not reach', () => {
    const bars = [{ name: 'far', value: 1000, text: '', colour: colours[0] }];
    expect(() => barChart('t', 's', [{ name: 'g', axis: { label: 'x', ...chart }, bars }])).toThrow(/1000 is not on/);
  });
});

/** Contrast of two colours, 1 to 21 (WCAG 2). */
function contrast(one: string, other: string): number {
  const luminance = (colour: string): number =>
    [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
      const part = Number.parseInt(colour.slice(1 + 2 * i, 3 + 2 * i), 16) / 255;
      return sum + weight * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    }, 0);
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}
