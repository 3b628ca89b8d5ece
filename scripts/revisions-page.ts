// Writes docs/revisions.md: what differs between each two revisions that follow each other, as irqbypass diff finds it, and why.
//
//   node scripts/revisions-page.ts            writes the page
//   node scripts/revisions-page.ts --check    says whether it is stale
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { allCompared, revisionsPage } from '../src/bridge/revisions-page.ts';

const file = fileURLToPath(new URL('../docs/revisions.md', import.meta.url));
const page = revisionsPage(await allCompared());
if (process.argv.includes('--check')) {
  const isFresh = readFileSync(file, 'utf8') === page;
  process.stdout.write(
    isFresh ? 'docs/revisions.md is fresh\n' : 'docs/revisions.md is stale: node scripts/revisions-page.ts\n',
  );
  process.exitCode = isFresh ? 0 : 1;
} else writeFileSync(file, page);
