// Runs on record: each choice is still offered, and properties say along them what they said. Written by scripts/recorded-runs.ts.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { manifest } from '../../src/scenarios/manifest.ts';
import { mutations } from '../../src/mutations/mutations.ts';
import { whereText } from '../engine/assembled.ts';
import { isQuick, sample } from '../sample.ts';
import type { RecordedRun } from './recorded-run.ts';
import { claimOfLasso, shownBy } from './recorded-run.ts';

const all = gunzipSync(readFileSync('test/fixtures/runs.jsonl.gz'))
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as RecordedRun);

const nameOf = ({ found, where: { mutation, ...where } }: RecordedRun): string =>
  `${found}, ${mutation ?? 'no bug'} in ${whereText({ revision: '', ...where })}`;

describe('a run on record shows what it showed', () => {
  // Where mutants are judged there may be no time for all: runs that show something wrong first, walks of a hundred steps last.
  const cost = ({ found, steps }: RecordedRun): number => (found.startsWith('walk') ? 1000 : 0) + steps.length;
  const runs = isQuick ? all.toSorted((a, b) => cost(a) - cost(b)) : sample(all, 6);
  it.each(runs.map((run) => [nameOf(run), run] as const))('%s', (_, { found, where, steps, lasso, ...shown }) => {
    const run = { found, where, steps, ...(lasso === undefined ? {} : { lasso }) };
    expect(shownBy(run)).toEqual(shown);
    if (lasso !== undefined) expect(claimOfLasso(run)).not.toBe('');
  });
});

describe('what is on record', () => {
  it('has the bug that a counterexample shows at its last step, and a bug for each that is shown', () => {
    for (const { found, steps, wrong } of all) {
      const [, property] = /^counterexample to (.*)$/.exec(found) ?? [];
      if (property === undefined) continue;
      expect(wrong.filter((text) => text.startsWith(`${steps.length} ${property}:`))).toHaveLength(1);
      expect(wrong.filter((text) => text.includes(` ${property}: `))).toHaveLength(1);
    }
    const shown = new Set(all.map(({ where: { mutation } }) => mutation));
    expect(mutations.filter(({ id }) => !shown.has(id))).toEqual([]);
  });

  it('says nothing wrong of walks without a bug but what a search of that world finds', () => {
    for (const run of all) {
      const { scenario, revision = '', set = {}, mutation } = run.where;
      if (mutation !== undefined) continue;
      const key = set['arch'] === undefined ? revision : `arch=${String(set['arch'])} ${revision}`;
      const known = manifest[scenario]?.[key]?.violated.map((text) => text.split('@')[0]) ?? [];
      const said = run.wrong.map((text) => /^\d+ ([^:]*):/.exec(text)?.[1]);
      expect([nameOf(run), said.filter((property) => !known.includes(property))]).toEqual([nameOf(run), []]);
    }
  });
});
