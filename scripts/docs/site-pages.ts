// All pages of the site but the API reference: written and generated.
import type { Mutation } from '../../src/mutations/mutation.ts';
import { shownBy } from '../../src/mutations/mutation.ts';
import { mutations } from '../../src/mutations/mutations.ts';
import { bugTable } from '../bug-pages.ts';
import { bugCharts } from './bug-charts.ts';
import { commandPages } from './command-pages.ts';
import { labAddress } from './lab-link.ts';
import { machinePages } from './machine-pages.ts';
import { manifest } from '../../src/scenarios/manifest.ts';
import { machinesInScenarios } from './model.ts';
import type { Page } from './page.ts';
import { addressOf, outsideLink, table } from './page.ts';
import { drawnMachines } from './pictures.ts';
import { propertyPage } from './property-page.ts';
import { scenarioPages } from './scenario-pages.ts';
import { writtenPages } from './written-pages.ts';

/** What the site is made of. */
export interface SitePages {
  readonly pages: readonly Page[];
  /** Files and folders of the source that pages link to. */
  readonly linked: ReadonlySet<string>;
  /** Links of written pages that lead nowhere. */
  readonly dead: readonly string[];
}

/** The list of the decisions. */
function decisions(pages: readonly Page[]): Page {
  const found = pages.filter(({ path }) => path.startsWith('decisions/'));
  const rows = found.map(({ path, text }) => [`[${/^# (.*)$/m.exec(text)?.[1] ?? path}](${addressOf(path)})`]);
  const text = ['# Decisions', '', 'What is hard to undo, and why it is so.', '', ...table(['decision'], rows), ''];
  return { path: 'decisions/index.md', text: text.join('\n') };
}

/** A bug is one click away from the lab. */
function withLabLink(page: Page): Page {
  const command = /^npx irqbypass explore (\S+)(.*) --mutation (\S+)$/m.exec(page.text);
  if (!page.path.startsWith('bugs/') || command === null) return page;
  const [, scenario = '', rest = '', mutation = ''] = command;
  const set = Object.fromEntries(
    [...rest.matchAll(/--set ([^= ]+)=(\S+)/g)].map(([, key = '', value = '']) => [key, value]),
  );
  const revision = /--revision (\S+)/.exec(rest)?.[1];
  const address = labAddress({ scenario, revision, mutation, set, explores: true });
  const links = `${outsideLink('Open in the lab', address)} · scenario [${scenario}](/scenario/${scenario}.html)`;
  return { ...page, text: page.text.replace(/^## What breaks$/m, `${links}\n\n## What breaks`) };
}

/**
 * Pages of docs/bugs that are not of the source any more, as far as that shows without a search: title, source, commands, what breaks.
 * Whether counterexamples are those of today is looked at by `node scripts/bug-pages.ts --check` and the tests.
 *
 * @param written - the files of docs/bugs by name
 */
export function staleBugPages(written: ReadonlyMap<string, string>): readonly string[] {
  const isStale = ({ id, title, source, shown }: Mutation): boolean => {
    const text = written.get(`${id}.md`) ?? '';
    const lines = [
      `Source: ${source}.`,
      ...shown.map((row) => `npx irqbypass ${shownBy(row)} --mutation ${id}`),
      ...(shown[0]?.breaks ?? []).map((one) => `- \`${one}\`: `),
    ];
    return !text.includes(`: ${title}\n`) || lines.some((line) => !text.includes(`\n${line}`));
  };
  const pages = new Set(['README.md', ...mutations.map(({ id }) => `${id}.md`)]);
  return [
    ...(written.get('README.md') === bugTable() ? [] : ['README.md']),
    ...mutations.filter(isStale).map(({ id }) => `${id}.md`),
    ...[...written.keys()].filter((name) => !pages.has(name)),
  ];
}

/** Gathers and generates the pages. */
export async function sitePages(): Promise<SitePages> {
  const pictures = await drawnMachines();
  const inScenarios = machinesInScenarios(manifest);
  const { pages, linked, dead } = writtenPages(manifest, pictures);
  const ofCommands = new Map(
    pages
      .filter(({ path }) => path.startsWith('cli/'))
      .map((page) => [page.path.slice('cli/'.length, -'.md'.length), page]),
  );
  const charts = await bugCharts();
  const withChart = (page: Page): Page => {
    const chart = /^bugs\/(.*)\.md$/.exec(page.path)?.[1];
    const more = chart === undefined ? undefined : charts.get(chart);
    return more === undefined ? page : { ...page, text: `${page.text.trimEnd()}\n\n${more}` };
  };
  const others = pages.filter(({ path }) => !path.startsWith('cli/')).map((page) => withChart(withLabLink(page)));
  return {
    pages: [
      ...others,
      ...commandPages(ofCommands),
      ...machinePages(inScenarios, pictures),
      ...scenarioPages(inScenarios, manifest),
      propertyPage(),
      decisions(pages),
    ],
    linked,
    dead,
  };
}
