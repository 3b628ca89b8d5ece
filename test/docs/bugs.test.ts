// docs/bugs is what scripts/bug-pages.ts writes: the table, and the page of each mutation.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bugPage, bugTable, leftOut } from '../../scripts/bug-pages.ts';
import { mutations } from '../../src/mutations/mutations.ts';
import { sample } from '../sample.ts';

const folder = fileURLToPath(new URL('../../docs/bugs/', import.meta.url));
const textOf = (name: string): string => readFileSync(folder + name, 'utf8');

it('there is a page for each mutation, and a table of all', () => {
  expect(readdirSync(folder).toSorted()).toEqual(['README.md', ...mutations.map(({ id }) => `${id}.md`)].toSorted());
  expect(textOf('README.md')).toBe(bugTable());
});

it('the catalogue has B1 to B30, N1, N2, N8 and N10, or says why not', () => {
  const numbers = (letter: string) => new Set(mutations.map(({ id }) => new RegExp(`^${letter}(\\d+)`).exec(id)?.[1]));
  expect(Array.from({ length: 30 }, (_, i) => `${i + 1}`).filter((n) => !numbers('b').has(n))).toEqual([]);
  expect(['1', '2', '8', '10'].filter((n) => !numbers('n').has(n))).toEqual([]);
  expect(leftOut.every(([, why]) => why.length > 0)).toBe(true);
});

describe('a page is fresh', () => {
  for (const mutation of sample(mutations, 40))
    it(mutation.id, async () => expect(textOf(`${mutation.id}.md`)).toBe(await bugPage(mutation)), 60_000);
});
