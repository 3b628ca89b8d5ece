// All pages of the site but the API reference: written and generated.
import { bugTable } from '../bug-pages.ts';
import { commandPages } from './command-pages.ts';
import { machinePages } from './machine-pages.ts';
import { machinesInScenarios, manifest } from './model.ts';
import type { Page } from './page.ts';
import { addressOf, outsideLink, table } from './page.ts';
import { propertyPage } from './property-page.ts';
import { scenarioPages } from './scenario-pages.ts';
import { writtenPages } from './written-pages.ts';

/** What the site is made of. */
export interface SitePages {
  readonly pages: readonly Page[];
  /** Files and folders of the source that pages link to. */
  readonly linked: ReadonlySet<string>;
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
  const set = [...rest.matchAll(/--set ([^= ]+)=(\S+)/g)].map(([, key = '', value = '']) => `&set.${key}=${value}`);
  const revision = /--revision (\S+)/.exec(rest)?.[1];
  const hash = `scenario=${scenario}${revision === undefined ? '' : `&revision=${revision}`}&mutation=${mutation}${set.join('')}&explore=1&at=end`;
  const links = `${outsideLink('Open in the lab', `/lab/index.html#${hash}`)} · scenario [${scenario}](/scenario/${scenario}.html)`;
  return { ...page, text: page.text.replace(/^## What breaks$/m, `${links}\n\n## What breaks`) };
}

/** Throws where the table of bugs is not that of the source: `node scripts/bug-pages.ts` has not been run. */
export function expectFreshBugs(pages: readonly Page[], written: string): void {
  if (written !== bugTable()) throw new Error('docs/bugs/README.md is stale: node scripts/bug-pages.ts');
  if (!pages.some(({ path }) => path === 'bugs/index.md')) throw new Error('there is no page of all bugs');
}

/** Gathers and generates the pages. */
export function sitePages(): SitePages {
  const verdicts = manifest();
  const inScenarios = machinesInScenarios(verdicts);
  const { pages, linked } = writtenPages(verdicts);
  const ofCommands = new Map(
    pages
      .filter(({ path }) => path.startsWith('cli/'))
      .map((page) => [page.path.slice('cli/'.length, -'.md'.length), page]),
  );
  const others = pages.filter(({ path }) => !path.startsWith('cli/')).map(withLabLink);
  return {
    pages: [
      ...others,
      ...commandPages(ofCommands),
      ...machinePages(inScenarios),
      ...scenarioPages(inScenarios, verdicts),
      propertyPage(),
      decisions(pages),
    ],
    linked,
  };
}
