// Writes docs/diagrams: every machine of the default revision as SVG and Mermaid, the registry of every revision as SVG.
//
//   node scripts/diagrams.ts            writes the pictures
//   node scripts/diagrams.ts --check    says which of them are stale, exits 1 where some are
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chartOf } from '../src/engine/diagrams/chart.ts';
import { mermaidOf } from '../src/engine/diagrams/mermaid.ts';
import { svgOf } from '../src/engine/diagrams/svg.ts';
import { DEFAULT_REVISION, revisions } from '../src/registry/revisions.ts';
import { revisionOf } from '../src/scenarios/assembled.ts';
import { machineIds, machinesOf } from '../src/scenarios/machines.ts';

const folder = fileURLToPath(new URL('../docs/diagrams/', import.meta.url));

/** The page that leads to the pictures. */
function index(): string {
  const machines = machinesOf(revisionOf().policy, 'clean');
  return [
    '# Diagrams',
    '',
    '<!-- Written by scripts/diagrams.ts. -->',
    '',
    `Every machine as it is on ${DEFAULT_REVISION} (Linux 6.17), drawn from the machine itself; \`npm run diagrams\` writes them anew, a test fails where`,
    'one is stale. [irqbypass diagram](../cli/diagram.md) draws any of them on other revisions, with bugs, and what differs.',
    '',
    '| machine | what it is | |',
    '| --- | --- | --- |',
    ...machineIds.map(
      (id) => `| \`${id}\` | ${machines[id].declaration.title} | [SVG](${id}.svg), [Mermaid](${id}.mmd) |`,
    ),
    '',
    'The registry of every revision:',
    '',
    '| revision | where | |',
    '| --- | --- | --- |',
    ...revisions.map(({ id, where }) => `| \`${id}\` | ${where} | [SVG](${registryFile(id)}) |`),
    '',
  ].join('\n');
}

const registryFile = (revision: string): string =>
  revision === DEFAULT_REVISION ? 'registry.svg' : `registry-${revision}.svg`;

/** The files by name. */
export async function diagramFiles(): Promise<ReadonlyMap<string, string>> {
  const files = new Map([['README.md', index()]]);
  const machines = machinesOf(revisionOf().policy, 'clean');
  for (const id of machineIds) {
    const chart = chartOf(machines[id]);
    files.set(`${id}.mmd`, mermaidOf(chart, { title: DEFAULT_REVISION }));
    files.set(`${id}.svg`, await svgOf(chart, { title: DEFAULT_REVISION, standalone: true }));
  }
  for (const { id, policy } of revisions)
    files.set(
      registryFile(id),
      await svgOf(chartOf(machinesOf(policy, 'clean').registry), { title: id, standalone: true }),
    );
  return files;
}

async function main(): Promise<void> {
  const files = await diagramFiles();
  mkdirSync(folder, { recursive: true });
  const there = readdirSync(folder);
  const stale = [...files].filter(
    ([name, text]) => !there.includes(name) || readFileSync(folder + name, 'utf8') !== text,
  );
  const more = there.filter((name) => !files.has(name));
  if (process.argv.includes('--check')) {
    const names = [...stale.map(([name]) => name), ...more];
    process.stdout.write(names.length === 0 ? 'docs/diagrams is fresh\n' : `stale: ${names.join(', ')}\n`);
    process.exitCode = names.length === 0 ? 0 : 1;
    return;
  }
  for (const [name, text] of stale) writeFileSync(folder + name, text);
  for (const name of more) rmSync(folder + name);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
