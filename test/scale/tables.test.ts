// The tables of docs/scale.md are what the script makes of the recorded run, whatever the recording has.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hostCosts } from '../../src/scale/cost-model.ts';
import type { Recorded, RecordedGrowth } from '../../bench/scale-record.ts';
import { recordedFile } from '../../bench/scale-record.ts';
import { page, tables, withTables } from '../../bench/scale-tables.ts';

const recorded = JSON.parse(readFileSync(recordedFile, 'utf8')) as Recorded;
const text = readFileSync(page, 'utf8');
const namesIn = (content: string): string[] =>
  [...content.matchAll(/^<!-- table: (.+) -->$/gm)].map(([, name]) => name ?? '');

describe('docs/scale.md', () => {
  it('is up to date (npm run bench:tables)', () => expect(withTables(text, recorded)).toBe(text));

  it('has every table that is made, once', () => {
    expect(namesIn(text).toSorted()).toEqual([...tables(recorded).keys()].toSorted());
  });

  it('has nothing that was not a number', () => {
    for (const content of tables(recorded).values()) expect(content).not.toMatch(/NaN|undefined|Infinity|null/);
  });

  it('has every constant of the cost model', () => {
    const constants = tables(recorded).get('constants') ?? '';
    for (const key of Object.keys(hostCosts))
      expect(constants).toMatch(new RegExp(`^\\| ${key} \\| .+ \\| .+ \\|$`, 'm'));
  });
});

describe('a table', () => {
  const series: RecordedGrowth['series'] = [10_000, 1_000_000].flatMap((irqfds) =>
    (['list', 'xarray'] as const).map((index) => ({
      index,
      irqfds,
      oneMore: index === 'list' ? irqfds : 160,
      random: irqfds === 10_000 ? 200 : 500,
      ...(index === 'list' ? {} : { fromEmpty: 300 }),
      kernelBytes: 16,
      nodes: 0,
    })),
  );
  const made = tables({ ...recorded, growth: [{ layout: 'dense', series, crossover: 70 }] });

  it('says of every pattern whether the target is met', () => {
    expect(made.get('target')).toContain('| dense | 1.00, met | 2.50, not met | 1.00, met |');
    expect(made.get('crossover')).toContain('from 70 irqfds (dense) on');
  });

  it('stands beside the C code, and leaves out what was not recorded', () => {
    expect(made.get('growth dense')).toContain('| list | 10,000 | 1,000,000 | 100.00 |\n| C, list | 29,000 | - | - |');
    expect(made.get('from-empty dense')).not.toContain('list');
    expect(made.get('growth dense')).not.toContain('174,000');
  });

  it('that nothing makes is refused', () => {
    expect(() => withTables('<!-- table: of nothing -->\n<!-- end -->', recorded)).toThrow('no table "of nothing"');
  });

  it('in the page that is not that of the recording is noticed', () => {
    const other = { ...recorded, storm: { ...recorded.storm, seconds: recorded.storm.seconds * 2 } };
    expect(withTables(text, other)).not.toBe(text);
  });
});
