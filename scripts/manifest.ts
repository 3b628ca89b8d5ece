// Writes src/scenarios/manifest.json: the exact outcome of every built-in scenario on every revision.
//
//   node scripts/manifest.ts          writes it
//   node scripts/manifest.ts --check  compares, exit code 1 when it is stale
import { readFileSync, writeFileSync } from 'node:fs';
import { explore } from '../src/engine/explorer/search/explore.ts';
import { revisions } from '../src/registry/revisions.ts';
import { assemble } from '../src/scenarios/assemble.ts';
import { scenarios } from '../src/scenarios/builtin.ts';

/** Where a world grows without end (likexu-v2 leaks module references in assign) this much of it is on record. */
const MAX_STATES = 50_000;

const file = new URL('../src/scenarios/manifest.json', import.meta.url);
const manifest: Record<string, Record<string, unknown>> = {};
for (const scenario of scenarios) {
  const entry: Record<string, unknown> = {};
  for (const { id } of revisions) {
    const { world, properties } = assemble({ scenario, revision: id });
    const { verdict, limit, states, transitions, depth, violations } = await explore(world, {
      properties,
      maxStates: MAX_STATES,
    });
    entry[id] = {
      verdict,
      ...(limit === undefined ? {} : { limit }),
      states,
      transitions,
      depth,
      violated: violations.map((violation) => `${violation.property}@${violation.path.length}`),
    };
  }
  manifest[scenario.id] = entry;
}
const lines = Object.entries(manifest).map(
  ([id, entry]) =>
    ` ${JSON.stringify(id)}: {\n${Object.entries(entry)
      .map(([revision, found]) => `  ${JSON.stringify(revision)}: ${JSON.stringify(found)}`)
      .join(',\n')}\n }`,
);
const text = `{\n${lines.join(',\n')}\n}\n`;
if (process.argv.includes('--check')) process.exitCode = readFileSync(file, 'utf8') === text ? 0 : 1;
else writeFileSync(file, text);
