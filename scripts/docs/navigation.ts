// The navigation of the site: the bar at the top, and a side bar for each part, so that no page carries all of them.
import { mutations } from '../../src/mutations/mutations.ts';
import { scenarioNames } from '../../src/scenarios/builtin-names.ts';
import { machineIds } from '../../src/scenarios/machines.ts';
import { commandsOfProgram } from './command-pages.ts';
import type { Page } from './page.ts';
import { addressOf } from './page.ts';

/** A link or a group of links, as VitePress has them. */
export interface NavigationItem {
  readonly text: string;
  readonly link?: string;
  readonly items?: readonly NavigationItem[];
  readonly collapsed?: boolean;
  readonly target?: string;
}

const item = (text: string, link: string): NavigationItem => ({ text, link });

/** The bar at the top. */
export const topBar: readonly NavigationItem[] = [
  item('I review a patch', '/review.html'),
  item('I debug a host', '/debug.html'),
  item('How it works', '/how-irqbypass-works.html'),
  { text: 'Lab', link: '/lab/index.html', target: '_self' },
  {
    text: 'Reference',
    items: [
      item('Commands', '/cli/'),
      item('Machines', '/machine/'),
      item('Scenarios', '/scenario/'),
      item('Bugs', '/bugs/'),
      item('Properties', '/properties.html'),
      item('Revisions', '/revisions.html'),
      item('Findings', '/findings.html'),
      item('Errors', '/errors.html'),
      item('API', '/api/'),
    ],
  },
];

const guides: readonly NavigationItem[] = [
  {
    text: 'Begin',
    items: [
      item('I review a patch', '/review.html'),
      item('I debug a host', '/debug.html'),
      item('How irqbypass works', '/how-irqbypass-works.html'),
      item('The tour', '/tour.html'),
    ],
  },
  {
    text: 'What was found',
    items: [
      item('Findings', '/findings.html'),
      item('Revisions', '/revisions.html'),
      item('Bugs', '/bugs/'),
      item('At scale', '/scale.html'),
      item('Performance', '/performance.html'),
    ],
  },
  {
    text: 'Write your own world',
    items: [
      item('A scenario', '/scenarios.html'),
      item('A machine', '/machines.html'),
      item('Locks, SRCU, work, memory', '/kernel.html'),
      item('API', '/api/'),
    ],
  },
  {
    text: 'Real kernels',
    items: [
      item('Check a host', '/check-a-host.html'),
      item('A real host without hardware', '/real-host.html'),
      item('Recorded behaviour', '/recorded-format.html'),
      item('KUnit suites that were run', '/kernel-tests.html'),
      item('Mutants of the C', '/c-mutants.html'),
    ],
  },
  {
    text: 'Reference',
    items: [
      item('Commands', '/cli/'),
      item('Machines', '/machine/'),
      item('Scenarios', '/scenario/'),
      item('Properties', '/properties.html'),
      item('Errors', '/errors.html'),
    ],
  },
  {
    text: 'The project',
    items: [
      item('Read me', '/readme.html'),
      item('Architecture', '/architecture.html'),
      item('Decisions', '/decisions/'),
      item('Testing', '/testing.html'),
      item('Contributing', '/contributing.html'),
      item('For agents', '/agents.html'),
      item('Changes', '/changelog.html'),
    ],
  },
];

const bugGroups = [
  ['Of the kernel', 'b'],
  ['From reports', 'n'],
  ['Invented', 'm'],
] as const;

/** Side bars by the part of the site. */
export function sideBars(pages: readonly Page[]): Readonly<Record<string, readonly NavigationItem[]>> {
  const titled = (folder: string): NavigationItem[] =>
    pages
      .filter(({ path }) => path.startsWith(folder) && path !== `${folder}index.md`)
      .map(({ path, text }) => item(/^# (.*)$/m.exec(text)?.[1] ?? path, addressOf(path)));
  return {
    '/bugs/': bugGroups.map(([text, letter]) => ({
      text,
      items: mutations.filter(({ id }) => id.startsWith(letter)).map(({ id }) => item(id, `/bugs/${id}.html`)),
    })),
    '/machine/': [{ text: 'Machines', items: machineIds.map((id) => item(id, `/machine/${id}.html`)) }],
    '/scenario/': [{ text: 'Scenarios', items: scenarioNames.map((id) => item(id, `/scenario/${id}.html`)) }],
    '/cli/': [
      { text: 'Commands', items: commandsOfProgram().map((one) => item(one.name(), `/cli/${one.name()}.html`)) },
    ],
    '/decisions/': [{ text: 'Decisions', items: titled('decisions/') }],
    '/api/': [{ text: 'API', items: titled('api/') }],
    '/': guides,
  };
}

/** All links of a side bar or bar. */
export function linksOf(items: readonly NavigationItem[]): readonly string[] {
  return items.flatMap(({ link, items: inner = [] }) => [...(link === undefined ? [] : [link]), ...linksOf(inner)]);
}
