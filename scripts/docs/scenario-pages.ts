// A page for each built-in scenario: what it shows, its parameters, its verdicts on every revision and architecture, its bugs.
import { commandOf } from './commands-text.ts';
import { findRevision } from '../../src/registry/revisions.ts';
import { scenarios } from '../../src/scenarios/builtin.ts';
import type { Scenario } from '../../src/scenarios/define.ts';
import type { MachineId } from '../../src/scenarios/machines.ts';
import type { Manifest, ManifestEntry } from '../../src/scenarios/manifest.ts';
import { labAddress } from './lab-link.ts';
import { notModelled, sourceLink } from './machine-pages.ts';
import { ofArch, shownIn } from './model.ts';
import type { Page } from './page.ts';
import { cell, codes, outsideLink, plain, table } from './page.ts';

const inLab = (text: string, view: Parameters<typeof labAddress>[0]): string => outsideLink(text, labAddress(view));

/** `i-owner@28` as words. */
const violatedText = (violated: readonly string[]): string =>
  violated.map((one) => one.replace(/^(.*)@(\d+)$/, '`$1` after $2')).join(', ');

function verdictRow(scenario: string, key: string, entry: ManifestEntry): string[] {
  const [, arch, onArch] = ofArch.exec(key) ?? [];
  const revision = onArch ?? key;
  const set = arch === undefined ? {} : { arch };
  const verdict = entry.limit === undefined ? entry.verdict : `${entry.verdict} (${entry.limit} reached)`;
  return [
    inLab(revision, { scenario, revision, set, explores: true }),
    arch === undefined ? cell(findRevision(revision)?.where ?? '') : `arch=${arch}`,
    entry.verdict === 'violated' ? `**${verdict}**` : verdict,
    `${entry.states.toLocaleString('en')} / ${entry.transitions.toLocaleString('en')} / ${entry.depth}`,
    violatedText(entry.violated),
  ];
}

function bugRows(scenario: string): string[][] {
  return shownIn(scenario).map(({ mutation, row }) => {
    const set = Object.entries(row.set ?? {}).map(([key, value]) => `${key}=${String(value)}`);
    return [
      `[${mutation.id}](/bugs/${mutation.id}.html)`,
      cell(plain(mutation.title)),
      [row.revision, ...set].join(', '),
      codes(row.breaks),
      inLab('open', { scenario, revision: row.revision, mutation: mutation.id, set: row.set, explores: true }),
    ];
  });
}

function parametersTable({ parameters }: Scenario): string[] {
  const rows = Object.entries(parameters).map(([key, value]) => [`\`${key}\``, `\`${String(value)}\``, typeof value]);
  return rows.length === 0 ? ['None.'] : table(['parameter (`--set`)', 'where nothing is set', 'kind'], rows);
}

/** What its machines leave out, machine by machine. */
function notModelledIn(ids: readonly MachineId[]): string[] {
  const said = new Set<string>();
  return ids.flatMap((id) => {
    const lines = notModelled(id).filter((line) => !said.has(line));
    for (const line of lines) said.add(line);
    return lines.map((line) => line.replace('* ', `* [${id}](/machine/${id}.html): `));
  });
}

function scenarioPage(
  scenario: Scenario,
  ids: readonly MachineId[],
  verdicts: Readonly<Record<string, ManifestEntry>>,
): Page {
  const { id, title, description, callers } = scenario;
  const bugs = bugRows(id);
  const text = [
    `# ${id}`,
    '',
    `**${plain(title)}.** ${plain(description)}`,
    '',
    ...(callers === undefined ? [] : [`Who can do it: ${plain(callers)}`, '']),
    `${inLab('Open in the lab', { scenario: id })}, or:`,
    '',
    '```text',
    commandOf(`explore ${id}`),
    commandOf(`run ${id}`),
    '```',
    '',
    '## Parameters',
    '',
    ...parametersTable(scenario),
    '',
    '## Verdicts',
    '',
    'Every interleaving, as tests have it on record: states / transitions / depth of the reduced search, and how many steps the shortest',
    'counterexample to each property has.',
    '',
    ...table(
      ['revision', 'which', 'verdict', 'states / transitions / depth', 'violated'],
      Object.entries(verdicts).map(([key, entry]) => verdictRow(id, key, entry)),
    ),
    '',
    ...(bugs.length === 0
      ? []
      : ['## Bugs that it shows', '', ...table(['bug', 'what it is', 'where', 'breaks', 'lab'], bugs), '']),
    '## What is not modelled',
    '',
    'What its machines leave out of the kernel:',
    '',
    ...notModelledIn(ids),
    '',
    `Its machines: ${ids.map((one) => `[${one}](/machine/${one}.html)`).join(', ')}. Written in ${sourceLink(`src/scenarios/builtin/${id}.ts`)}.`,
    '',
  ];
  return { path: `scenario/${id}.md`, text: text.join('\n') };
}

/** The pages of all scenarios, and the list of them. */
export function scenarioPages(
  inScenarios: ReadonlyMap<string, ReadonlySet<MachineId>>,
  verdicts: Manifest,
): readonly Page[] {
  const pages = scenarios.map((scenario) =>
    scenarioPage(scenario, [...(inScenarios.get(scenario.id) ?? [])], verdicts[scenario.id] ?? {}),
  );
  const rows = scenarios.map(({ id, title }) => {
    const of = (revision: string): string => verdicts[id]?.[revision]?.verdict ?? '';
    return [`[${id}](/scenario/${id}.html)`, cell(plain(title)), of('base'), of('v2p8')];
  });
  const text = [
    '# Scenarios',
    '',
    'Small worlds that come with the lab. A page has the verdict on every revision and architecture, the bugs that it shows, and what is not',
    'modelled. [How to write one](/scenarios.html).',
    '',
    ...table(['scenario', 'what it is', 'Linux 6.16 (`base`)', 'Linux 6.17 (`v2p8`)'], rows),
    '',
  ];
  return [{ path: 'scenario/index.md', text: text.join('\n') }, ...pages];
}
