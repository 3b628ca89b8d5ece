// docs/diagrams is what scripts/diagrams.ts writes: no picture is stale, none is missing, none is left over, and all are small.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { diagramFiles } from '../../scripts/diagrams.ts';
import { root } from './transcripts.ts';

const folder = join(root, 'docs/diagrams');
/** All pictures together, so that they do not outgrow what they show. */
const BYTES_MAX = 1_500_000;

it('the committed diagrams are fresh', async () => {
  const files = await diagramFiles();
  expect(readdirSync(folder).toSorted()).toEqual([...files.keys()].toSorted());
  const stale = [...files]
    .filter(([name, text]) => readFileSync(join(folder, name), 'utf8') !== text)
    .map(([name]) => name);
  expect(stale, 'npm run diagrams').toEqual([]);
  const bytes = [...files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  expect(bytes).toBeLessThan(BYTES_MAX);
});
