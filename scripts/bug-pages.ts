// Writes docs/bugs: a page a mutation with its counterexample, in columns and as a sequence diagram, and the table of all.
//
//   node scripts/bug-pages.ts            writes the pages
//   node scripts/bug-pages.ts --check    says which of them are stale
//   node scripts/bug-pages.ts --table    explores every row of the table, prints it with times, exits 1 where one is not as it says
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkLiveness } from '../src/engine/explorer/liveness/liveness.ts';
import { explore } from '../src/engine/explorer/search/explore.ts';
import { sequenceMermaid } from '../src/engine/diagrams/sequence.ts';
import { columnsText } from '../src/engine/traces/columns.ts';
import { traceOf } from '../src/engine/world/trace.ts';
import type { TraceStep } from '../src/engine/world/trace.ts';
import type { World } from '../src/engine/world/world.ts';
import type { Mutation } from '../src/mutations/mutation.ts';
import { shownBy } from '../src/mutations/mutation.ts';
import { mutations } from '../src/mutations/mutations.ts';
import { everyProperty } from '../src/properties/properties.ts';
import { livenessProperties } from '../src/properties/liveness.ts';
import { sequenceOfRun } from '../src/scenarios/sequence-of-run.ts';
import { assemble } from '../src/scenarios/assemble.ts';
import { findScenario } from '../src/scenarios/builtin.ts';

export type Row = Mutation['shown'][number];
const folder = fileURLToPath(new URL('../docs/bugs/', import.meta.url));

/** What a search of one row found. */
export interface Found {
  readonly world: World;
  readonly states: number;
  readonly seconds: number;
  /** Steps to each property that is violated; of an infinite run those before it goes on for ever. */
  readonly violated: ReadonlyMap<string, { readonly message: string; readonly trace: readonly TraceStep[] }>;
}

function assembled({ scenario: id, revision, set = {} }: Row, mutation: string | null) {
  const scenario = findScenario(id);
  if (scenario === undefined) throw new Error(`no scenario ${id}`);
  return assemble({ scenario, revision, mutation, set });
}

/**
 * Explores a row of the catalogue.
 *
 * @param row - the scenario with its parameters, and the revision
 * @param mutation - the id of the bug; null for the same without it
 * @returns what is violated there; infinite runs are looked at where a property that the row names is not found without
 */
export async function explored(row: Row, mutation: string | null): Promise<Found> {
  const { world, properties } = assembled(row, mutation);
  const begun = performance.now();
  const { violations, states } = await explore(world, { properties });
  const violated = new Map(
    violations.map(({ property, message, path }) => [property, { message, trace: traceOf(world, path) }]),
  );
  if (mutation === null || row.breaks.some((id) => !violated.has(id))) {
    const asked = livenessProperties.filter(({ needs }) => needs?.(world) ?? true);
    for (const { property, message, stem } of (await checkLiveness(world, { properties: asked })).violations)
      if (!violated.has(property)) violated.set(property, { message, trace: traceOf(world, stem) });
  }
  return { world, states, seconds: (performance.now() - begun) / 1000, violated };
}

const titleOf = (id: string): string => everyProperty.find((property) => property.id === id)?.title ?? id;
const nameOf = (id: string): string =>
  /^[bn]\d/.test(id) ? id.toUpperCase().replace(/[A-Z]$/, (x) => x.toLowerCase()) : id;

/** A row as it is typed. */
const commandOf = ({ id }: Pick<Mutation, 'id'>, row: Row): string => `irqbypass ${shownBy(row)} --mutation ${id}`;

const setText = ({ set = {} }: Row): string =>
  Object.entries(set)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');

/** What a mutation changes, by what it is written with. */
function changesOf({ patches = {}, policy = {}, definition }: Mutation, world: World): string[] {
  const machines = new Map(world.definition.actors.map(({ machine }) => [machine.id, machine]));
  const names = (what: object | undefined): string =>
    Object.keys(what ?? {})
      .map((name) => `\`${name}\``)
      .join(', ');
  return [
    ...Object.entries(policy).map(
      ([key, value]) =>
        `- the manager's policy: \`${key}\` is \`${typeof value === 'object' ? JSON.stringify(value) : String(value)}\``,
    ),
    ...Object.entries(patches).flatMap(([id, patchOf]) => {
      const machine = machines.get(id);
      if (machine === undefined) return [];
      const { handlers, guards, chart, ...others } = patchOf(machine);
      const parts = [
        ...(handlers === undefined ? [] : [`handlers ${names(handlers)}`]),
        ...(guards === undefined ? [] : [`guards ${names(guards)}`]),
        ...(chart === undefined ? [] : ['its chart']),
        ...Object.keys(others).map((other) => `\`${other}\``),
      ];
      return [`- machine \`${id}\`: ${parts.join('; ')}`];
    }),
    ...(definition === undefined ? [] : ['- actors, or what threads call']),
  ];
}

function counterexample(found: Found, property: string): string[] {
  const violation = found.violated.get(property);
  if (violation === undefined) throw new Error(`${property} is not violated`);
  const { message, trace } = violation;
  const { language } = found.world;
  return [
    `\`${property}\` after ${trace.length} steps:`,
    '',
    '```text',
    message,
    '',
    ...columnsText(language, trace),
    '```',
    '',
    'The same, as messages:',
    '',
    '```mermaid',
    sequenceMermaid(
      sequenceOfRun(found.world, trace, { violation: { step: trace.length, property, message } }),
    ).trimEnd(),
    '```',
  ];
}

/** The page of a mutation: its first row is drawn, of the others it says what they violate. */
export async function bugPage(mutation: Mutation): Promise<string> {
  const { id, title, source, shown } = mutation;
  const [row] = shown;
  if (row === undefined) throw new Error(`${id} is shown nowhere`);
  const [property = ''] = row.breaks;
  const found = await explored(row, id);
  const without = await explored(row, null);
  const also = [...found.violated.keys()].filter((other) => !row.breaks.includes(other));
  return [
    `# ${nameOf(id)}: ${title}`,
    '',
    '<!-- Written by scripts/bug-pages.ts. -->',
    '',
    `Source: ${source}.`,
    '',
    '```text',
    ...shown.map((one) => `npx ${commandOf(mutation, one)}`),
    '```',
    '',
    '## What breaks',
    '',
    ...row.breaks.map((one) => `- \`${one}\`: ${titleOf(one)}`),
    ...(also.length === 0 ? [] : ['', `Violated as well: ${also.map((one) => `\`${one}\``).join(', ')}.`]),
    '',
    '## How it goes wrong',
    '',
    ...counterexample(found, property),
    '',
    '## What the bug is, and the fix',
    '',
    'The model without the mutation is the kernel with the fix. The mutation changes',
    '',
    ...changesOf(mutation, found.world),
    '',
    `([src/mutations/${id}.ts](../../src/mutations/${id}.ts)). Without it the same scenario ${
      without.violated.size === 0 ? 'holds' : `violates ${[...without.violated.keys()].join(', ')}`
    }: ${without.states.toLocaleString('en')} states, ${found.states.toLocaleString('en')} with it.`,
    '',
  ].join('\n');
}

/** Why parts of the catalogue of kernel-spec and of reports have no mutation. */
export const leftOut: readonly (readonly [string, string])[] = [
  [
    'B4, its second part (the seqcount of the route is written on deassign)',
    'a wakeup reads the route in one step here',
  ],
  [
    'B21, the ioapic (fef8f2b90edb)',
    'what breaks is one spurious level interrupt too many, and i-nodup says nothing of levels, which may be seen twice',
  ],
  ['B22, the locking of the translation (fc4dafe87b93)', 'what irq_lock protects changes in one step here'],
  [
    'B24, L3 (one index space for keys and addresses)',
    'the sets of the model are two, a key in one is none in the other',
  ],
  [
    'B29 (d), nodes that a failed insertion leaves behind',
    'nodes are those of the xarray on its own (src/registry/structures, irqbypass scale), the explorer has entries',
  ],
  ['B29 (e), memory that is not charged to the cgroup of a VM', 'cgroups are not modelled'],
  ['CVE-2024-27437 (B12)', 'INTx is never enabled by itself here, exclusive or not'],
  ['N8, an RCU list walked under SRCU only (2e7577cd5ddc)', 'grace periods are of one kind here: the same as b21a'],
  ['N8, validity tested before the update fills the fields', 'KVM has no such test: it is one of that implementation'],
];

/** The page of all. */
export function bugTable(): string {
  const rows = mutations.flatMap((mutation) =>
    mutation.shown.map((row, i) => {
      const { scenario, revision, breaks, steps } = row;
      const name = i === 0 ? `[${nameOf(mutation.id)}](${mutation.id}.md)` : '';
      const where = [scenario, setText(row), revision === 'v2p8' ? '' : revision]
        .filter((text) => text !== '')
        .join(', ');
      const broken = breaks.map((id) => `\`${id}\``).join(', ');
      return `| ${name} | ${i === 0 ? mutation.title : ''} | ${where} | ${broken} | ${steps ?? '∞'} |`;
    }),
  );
  return [
    '# The bug catalogue',
    '',
    '<!-- Written by scripts/bug-pages.ts. -->',
    '',
    'Bugs of the manager and of the worlds around it, each a mutation of the model: `b` are bugs of the kernel by their number in the',
    'catalogue, `n` are from reports, `m` are invented: one for each property that no bug of the kernel has broken so far. Without the',
    'mutation the same scenario holds. The last column is how many steps the counterexample to the first property has, as explore shows',
    'it (∞: only an infinite run violates it). `npm run bugs` explores every row and prints the table with times.',
    '',
    '| bug | what it is | scenario | breaks | steps |',
    '| --- | ---------- | -------- | ------ | ----- |',
    ...rows,
    '',
    '## Left out',
    '',
    ...leftOut.map(([what, why]) => `- ${what}:\n  ${why}.`),
    '',
  ].join('\n');
}

/** Prints the table as it is found; answers how many rows are not as they say. */
async function printTable(): Promise<number> {
  let wrong = 0;
  for (const mutation of mutations) {
    for (const row of mutation.shown) {
      const found = await explored(row, mutation.id);
      const missing = row.breaks.filter((id) => !found.violated.has(id));
      const steps = found.violated.get(row.breaks[0] ?? '')?.trace.length;
      const isWrong = missing.length > 0 || found.seconds > 20 || (row.steps !== undefined && row.steps !== steps);
      wrong += Number(isWrong);
      const what = isWrong ? `WRONG (${missing.join(', ')}; ${row.steps} steps expected)` : row.breaks.join(', ');
      const cells = [mutation.id.padEnd(24), `${found.seconds.toFixed(2)} s`.padStart(8), String(steps).padStart(4)];
      process.stdout.write(`${cells.join('  ')}  ${row.scenario} ${setText(row)}  ${what}\n`);
    }
  }
  return wrong;
}

async function main(): Promise<void> {
  if (process.argv.includes('--table')) {
    process.exitCode = (await printTable()) === 0 ? 0 : 1;
    return;
  }
  const pages = new Map([['README.md', bugTable()]]);
  for (const mutation of mutations) pages.set(`${mutation.id}.md`, await bugPage(mutation));
  mkdirSync(folder, { recursive: true });
  const there = readdirSync(folder);
  const stale = [...pages].filter(
    ([name, text]) => !there.includes(name) || readFileSync(folder + name, 'utf8') !== text,
  );
  const more = there.filter((name) => !pages.has(name));
  if (process.argv.includes('--check')) {
    const names = [...stale.map(([name]) => name), ...more];
    process.stdout.write(names.length === 0 ? 'docs/bugs is fresh\n' : `stale: ${names.join(', ')}\n`);
    process.exitCode = names.length === 0 ? 0 : 1;
    return;
  }
  for (const [name, text] of stale) writeFileSync(folder + name, text);
  for (const name of more) rmSync(folder + name);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
