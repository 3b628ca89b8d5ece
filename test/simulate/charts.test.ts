// The charts of docs/scale.md are what the script draws from the recorded run.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { charts } from '../../bench/scale-charts.ts';
import type { Recorded } from '../../bench/scale-record.ts';
import { recordedFile } from '../../bench/scale-record.ts';

const recorded = JSON.parse(readFileSync(recordedFile, 'utf8')) as Recorded;

describe('docs/figures', () => {
  it.each(Object.entries(charts(recorded)))('%s is up to date (npm run bench:charts)', (name, content) => {
    const file = fileURLToPath(new URL(`../../docs/figures/${name}`, import.meta.url));
    expect(readFileSync(file, 'utf8')).toBe(content);
    // Both schemes of colours, and nothing that was not a number.
    expect(content).toContain('prefers-color-scheme: dark');
    expect(content).not.toMatch(/NaN|undefined|Infinity/);
  });
});
