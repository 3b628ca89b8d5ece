// Writes src/scenarios/manifest.json: the exact outcome of every built-in scenario on every revision and architecture.
//
//   node scripts/manifest.ts          writes it
//   node scripts/manifest.ts --check  compares, exit code 1 when it is stale
import { readFileSync, writeFileSync } from 'node:fs';
import { scenarios } from '../src/scenarios/builtin.ts';
import type { ManifestEntry } from '../src/scenarios/manifest.ts';
import { entryOf, rowsOf } from './manifest-rows.ts';

const file = new URL('../src/scenarios/manifest.json', import.meta.url);
const manifest: Record<string, Record<string, ManifestEntry>> = {};
for (const scenario of scenarios) {
  const entries: Record<string, ManifestEntry> = {};
  for (const row of rowsOf(scenario)) entries[row.key] = await entryOf(scenario, row);
  manifest[scenario.id] = entries;
}
const lines = Object.entries(manifest).map(
  ([id, entry]) =>
    ` ${JSON.stringify(id)}: {\n${Object.entries(entry)
      .map(([key, found]) => `  ${JSON.stringify(key)}: ${JSON.stringify(found)}`)
      .join(',\n')}\n }`,
);
const text = `{\n${lines.join(',\n')}\n}\n`;
if (process.argv.includes('--check')) process.exitCode = readFileSync(file, 'utf8') === text ? 0 : 1;
else writeFileSync(file, text);
