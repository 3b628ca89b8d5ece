// docs/revisions.md is what node scripts/revisions-page.ts writes, each class of difference has one explanation, and they are those
// that the facts of the kernel ask for: of pairs that take a second here, of all in test:long.
import { describe, expect, it } from 'vitest';
import type { RevisionComparison, RevisionPair } from '../../src/bridge/revision-comparison.ts';
import { comparedRevisions } from '../../src/bridge/revision-comparison.ts';
import { explanations } from '../../src/bridge/revision-explanations.ts';
import { chapters, explanationText, pairText, revisionsPage, summaryRow } from '../../src/bridge/revisions-page.ts';
import { expected } from '../bridge/expected-explanations.ts';
import { isLong } from '../sample.ts';
import { pageOf } from './transcripts.ts';

describe('docs/revisions.md', () => {
  const page = pageOf('docs/revisions.md');
  const pairs = chapters.flatMap((chapter) => chapter.pairs);
  const nameOf = ({ from, to }: RevisionPair): string => `${from} to ${to}`;

  it('has each pair once, and each explanation', () => {
    const titles = [...explanations.map(({ title }) => title), ...pairs.map(nameOf)];
    expect(page.split('\n').filter((line) => line.startsWith('### '))).toEqual(titles.map((title) => `### ${title}`));
    for (const one of explanations) expect(page).toContain(`${explanationText(one)}\n`);
  });

  it('has no link to a heading that is not there', () => {
    const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    expect(new Set(headings).size).toBe(headings.length);
    const links = [...page.matchAll(/\]\(#([^)]*)\)/g)].map(([, link]) => link);
    expect(links.filter((link) => !headings.includes(link ?? ''))).toEqual([]);
  });

  it('all pairs are expected', () => expect(Object.keys(expected).toSorted()).toEqual(pairs.map(nameOf).toSorted()));

  /** Of patches 3 to 7, and the whole. The others take up to a minute each. */
  const isFast = ({ from, to }: RevisionPair): boolean =>
    /^v2p[2-6] to v2p/.test(`${from} to ${to}`) ||
    nameOf({ from, to, maxCalls: 0 }) === 'base to v2p8' ||
    to === 'v1p7';
  const compared: RevisionComparison[] = [];

  describe.each(isLong ? pairs : pairs.filter(isFast))('$from to $to', async (pair) => {
    const comparison = await comparedRevisions(pair);
    compared.push(comparison);

    it('is fresh', () => {
      expect(page).toContain(pairText(comparison));
      expect(page).toContain(`${summaryRow(comparison)}\n`);
    });

    it('has one explanation for each class', () => {
      const ids = comparison.classes.map(({ explained, explanations }) => [
        explained.difference.summary,
        explanations.map(({ id }) => id),
      ]);
      expect(ids.filter(([, found]) => found?.length !== 1)).toEqual([]);
    });

    it('differs in what the facts say, and in nothing else', () => {
      const found = new Set(comparison.classes.flatMap(({ explanations }) => explanations.map(({ id }) => id)));
      expect([...found].toSorted()).toEqual(expected[nameOf(pair)]?.toSorted());
    });

    it('differs because of the policies that the explanations name', () => {
      const others = comparison.classes.filter(
        ({ explained, explanations: [one] }) => one === undefined || !explained.isShownBy(...one.policies),
      );
      expect(others.map(({ explained }) => explained.difference.summary)).toEqual([]);
    });
  });

  it.runIf(isLong)('is fresh as a whole', () => expect(revisionsPage(compared)).toBe(page));
});
