// docs/revisions.md is what node scripts/revisions-page.ts writes: a part of it here, all of it in test:long.
import { describe, expect, it } from 'vitest';
import { chapters, revisionsPage } from '../../src/bridge/revisions-page.ts';
import { isLong } from '../sample.ts';
import { pageOf } from './transcripts.ts';

describe('docs/revisions.md', () => {
  const page = pageOf('docs/revisions.md');
  const pairs = chapters.flatMap((chapter) => chapter.pairs.map((pair) => ({ chapter, pair })));

  it('has each pair once', () => {
    const titles = pairs.map(({ pair: [from, to] }) => `### ${from} to ${to}`);
    expect(page.split('\n').filter((line) => line.startsWith('### '))).toEqual(titles);
  });

  const some = pairs.filter(({ pair }) => pair[1] === 'v2p7');
  it.each(isLong ? pairs : some)('is fresh: $pair', async ({ chapter, pair: [from, to] }) => {
    const alone = await revisionsPage([{ ...chapter, pairs: [[from, to]] }]);
    expect(page).toContain(alone.slice(alone.indexOf('### ')));
  });
});
