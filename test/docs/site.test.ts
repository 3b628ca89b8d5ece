// The documentation site: what its pages are made of, its navigation, its checks; npm run test:long builds all of it.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { startChromium } from '../chromium.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiParts } from '../../scripts/docs/api-pages.ts';
import { deadLinks, factsOf, isElsewhere, overBudget, targetOf, unreachable } from '../../scripts/docs/check-site.ts';
import { commandsOfProgram, examplesOf } from '../../scripts/docs/command-pages.ts';
import { partsOf, passedOver } from '../../scripts/docs/fences.ts';
import { abstractedAway, headerOf, withoutAbstractedAway } from '../../scripts/docs/header-comment.ts';
import { labHash } from '../../scripts/docs/lab-link.ts';
import { saidVerdicts, withLabs } from '../../scripts/docs/lab-marker.ts';
import { withSiteLinks } from '../../scripts/docs/links.ts';
import { machineFiles } from '../../scripts/docs/machine-files.ts';
import { machineOf } from '../../scripts/docs/model.ts';
import { manifest } from '../../src/scenarios/manifest.ts';
import { linksOf, sideBars, topBar } from '../../scripts/docs/navigation.ts';
import { addressOf, pagePathOf, sourceAddressOf } from '../../scripts/docs/page.ts';
import { sequenceOfText } from '../../scripts/docs/sequence-text.ts';
import { sitePages, staleBugPages } from '../../scripts/docs/site-pages.ts';
import { writtenFiles, writtenPages } from '../../scripts/docs/written-pages.ts';
import { createProgram } from '../../src/cli/commands.ts';
import { chartOf, statesIn } from '../../src/engine/diagrams/chart.ts';
import type { Sequence } from '../../src/engine/diagrams/sequence.ts';
import { sequenceMermaid } from '../../src/engine/diagrams/sequence.ts';
import { explore } from '../../src/engine/explorer/search/explore.ts';
import { findMutation, mutations } from '../../src/mutations/mutations.ts';
import { everyProperty } from '../../src/properties/properties.ts';
import { revisions } from '../../src/registry/revisions.ts';
import { scenarioNames } from '../../src/scenarios/builtin-names.ts';
import { assemble } from '../../src/scenarios/assemble.ts';
import { findScenario, scenarios } from '../../src/scenarios/builtin.ts';
import { machineIds } from '../../src/scenarios/machines.ts';
import { parseParameters } from '../../src/scenarios/parameters.ts';
import { linkOf } from '../../src/studio/link/link.ts';
import { isLong } from '../sample.ts';
import { blocksOf, commandsOf, normalise, pageOf, root, Shell, updated } from './transcripts.ts';

const { pages, dead } = await sitePages();
const textOf = (path: string): string => pages.find((page) => page.path === path)?.text ?? '';

describe('pages', () => {
  it('each stands once', () => expect(new Set(pages.map(({ path }) => path)).size).toBe(pages.length));

  it('there is one for each machine, with its states, and for each scenario, bug and command', () => {
    const paths = new Set(pages.map(({ path }) => path));
    const wanted = [
      ...machineIds.map((id) => `machine/${id}.md`),
      ...scenarioNames.map((id) => `scenario/${id}.md`),
      ...mutations.map(({ id }) => `bugs/${id}.md`),
      ...commandsOfProgram().map((one) => `cli/${one.name()}.md`),
    ];
    expect(wanted.filter((path) => !paths.has(path))).toEqual([]);
  });

  it.each(machineIds)('machine %s: every state, and what is not modelled', (id) => {
    const text = textOf(`machine/${id}.md`);
    const states = statesIn(chartOf(machineOf(id)).root).filter(({ path }) => path !== '');
    expect(states.filter(({ path }) => !text.includes(`\`${path}\``)).map(({ path }) => path)).toEqual([]);
    expect(states.filter(({ path }) => !text.includes(` data-state="${path}"`)).map(({ path }) => path)).toEqual([]);
    expect(text).toContain('\n## What is not modelled\n');
    const [file = ''] = machineFiles(id);
    expect(text).toContain(file);
  });

  it('the file of a machine is the one that declares it', () => {
    // The two halves of the manager are one machine, made twice.
    const declares = (id: string, file: string): boolean =>
      pageOf(file).includes(`'${id}'`) || file === 'src/machines/manager/producer-and-consumer.ts';
    expect(machineIds.filter((id) => !machineFiles(id).some((file) => declares(id, file)))).toEqual([]);
  });

  it.each(scenarios)(
    'scenario $id: parameters, verdicts of every revision, what is not modelled',
    ({ id, parameters }) => {
      const text = textOf(`scenario/${id}.md`);
      expect(Object.keys(parameters).filter((key) => !text.includes(`| \`${key}\` |`))).toEqual([]);
      expect(revisions.filter((one) => !text.includes(`revision=${one.id}&`)).map((one) => one.id)).toEqual([]);
      expect(text).toContain('\n## What is not modelled\n');
      expect(text).toMatch(/^\* \[/m);
    },
  );

  it('a command has every option and example of its --help', () => {
    for (const command of commandsOfProgram()) {
      const text = textOf(`cli/${command.name()}.md`);
      const flags = command.options.map((one) => one.flags.replaceAll('|', String.raw`\|`));
      expect(flags.filter((one) => !text.includes(`| \`${one}\` |`))).toEqual([]);
    }
    expect(textOf('cli/explore.md')).toContain('\nnpx irqbypass explore null-key --revision v1p3\n');
  });

  it('examples of --help are commands with arguments and options that there are', async () => {
    const examples = commandsOfProgram().flatMap(examplesOf);
    expect(examples.length).toBeGreaterThan(20);
    for (const example of examples) {
      const program = createProgram(() => undefined);
      const words = (/npx irqbypass (.*)$/.exec(example)?.[1] ?? '').split(' ');
      let called = '';
      for (const command of program.commands) {
        command.exitOverride().action(() => {
          called = command.name();
        });
      }
      await program.parseAsync(words, { from: 'user' });
      expect(called).toBe(words[0]);
    }
  });

  it('a bug that changes a chart shows where', () => {
    expect(textOf('bugs/m-no-disconnect.md')).toContain('- locked.finding --> locked.disconnecting : [isPaired]');
    expect(textOf('bugs/m-no-disconnect.md')).toMatch(/class="[^"]*removed/);
    expect(textOf('bugs/b1.md')).toContain('~ addFailed: does something else');
    expect(textOf('bugs/m-reentry.md')).not.toContain('The chart of');
  });

  it('a bug leads into the lab', () => {
    expect(textOf('bugs/b9.md')).toContain('/lab/index.html#scenario=deassign-hup&mutation=b9&at=end&explore=1');
    expect(
      mutations.filter(({ id }) => !textOf(`bugs/${id}.md`).includes('Open in the lab')).map(({ id }) => id),
    ).toEqual([]);
  });

  it('properties are all there', () =>
    expect(everyProperty.filter(({ id }) => !textOf('properties.md').includes(`| \`${id}\` |`))).toEqual([]));

  it('stale pages of bugs are told', () => {
    const folder = join(root, 'docs/bugs');
    const written = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
    expect(staleBugPages(written)).toEqual([]);
    written.set('README.md', 'another table');
    written.set('b1.md', (written.get('b1.md') ?? '').replace('--mutation b1', '--mutation b99'));
    written.set('b99.md', 'of no bug');
    written.delete('b2.md');
    expect(staleBugPages(written)).toEqual(['README.md', 'b1.md', 'b2.md', 'b99.md']);
  });

  it('no Mermaid is left where a picture can be drawn', () =>
    expect(pages.filter(({ text }) => text.includes('```mermaid')).map(({ path }) => path)).toEqual([]));

  it('prose of the site is at most 150 columns wide', () => {
    const wide = writtenFiles()
      .filter((file) => file.startsWith('site/'))
      .flatMap((file) => pageOf(file).split('\n'))
      .filter((line) => line.length > 150 && !/\]\(|^\||^ +details:/.test(line));
    expect(wide).toEqual([]);
  });
});

describe('navigation', () => {
  const bars = sideBars(pages);
  const addresses = new Set(pages.map(({ path }) => addressOf(path)));

  it('lists every machine, scenario, bug, command and decision', () => {
    const of = (part: string): readonly string[] => linksOf(bars[part] ?? []);
    expect(of('/machine/')).toEqual(machineIds.map((id) => `/machine/${id}.html`));
    expect(of('/scenario/')).toEqual(scenarioNames.map((id) => `/scenario/${id}.html`));
    expect(of('/bugs/').toSorted()).toEqual(mutations.map(({ id }) => `/bugs/${id}.html`).toSorted());
    expect(of('/cli/')).toEqual(commandsOfProgram().map((one) => `/cli/${one.name()}.html`));
    expect(of('/decisions/').length).toBe(writtenFiles().filter((file) => file.startsWith('docs/decisions/')).length);
  });

  it('leads to pages that there are; the API reference and the lab are made apart', () => {
    const links = [...linksOf(topBar), ...Object.values(bars).flatMap(linksOf)];
    expect(links.filter((link) => !addresses.has(link) && !/^\/(api|lab)\//.test(link))).toEqual([]);
  });

  it('every page of the top of docs is in the side bar', () => {
    const links = new Set(linksOf(bars['/'] ?? []));
    const top = writtenFiles().filter((file) => /^docs\/[^/]+\.md$/.test(file));
    expect(top.filter((file) => !links.has(addressOf(pagePathOf(file))))).toEqual([]);
  });
});

describe('blocks', () => {
  it('no page has one that the tests pass over', () => {
    expect(writtenFiles().flatMap((file) => passedOver(pageOf(file)).map((what) => `${file}: ${what}`))).toEqual([]);
  });

  it.each([
    ['~~~console\n$ npx irqbypass list machines\n~~~'],
    ['  ```ts\n  throw new Error();\n  ```'],
    ['````sh\nnpm test\n````'],
    ['```shell\nnpm test\n```'],
    ['```console {2}\n$ npx irqbypass list machines\n```'],
    ['```text\n$ npx irqbypass list machines\n```'],
    ['prose\n\n    $ npx irqbypass list machines\n'],
  ])('is told: %j', (page) => expect(passedOver(page)).toHaveLength(1));

  it.each([['```console\n$ npx irqbypass list machines\n```'], ['```text\nnpx irqbypass\n```'], ['no block']])(
    'is none: %j',
    (page) => expect(passedOver(page)).toEqual([]),
  );

  it('parts are the page', () => {
    const page = 'a\n```text\nb\n```\n\nc';
    expect(partsOf(page).map(({ isFenced }) => isFenced)).toEqual([false, true, false]);
    expect(
      partsOf(page)
        .map(({ text }) => text)
        .join('\n'),
    ).toBe(page);
  });
});

/** The pages of the site itself are run as those of docs are (documentation.test.ts). */
describe.each(writtenFiles().filter((file) => file.startsWith('site/')))('%s', (page) => {
  const shell = new Shell();
  afterAll(() => shell.remove());
  if (process.env['UPDATE_TRANSCRIPTS'] === '1') {
    const scratch = new Shell();
    writeFileSync(join(root, page), updated(pageOf(page), scratch));
    scratch.remove();
  }
  const blocks = blocksOf(pageOf(page));
  for (const { command, output } of blocks.filter(({ language }) => language === 'console').flatMap(commandsOf))
    it(`$ ${command}`, async () => expect(normalise(await shell.runHere(command))).toBe(normalise(output)));
  it('has transcripts and text only', () =>
    expect(blocks.filter(({ language }) => language !== 'console' && language !== 'text')).toEqual([]));
});

describe('links', () => {
  const linked = new Set<string>();
  const targets = {
    root,
    pages: new Set(['docs/tour.md', 'docs/bugs/README.md', 'docs/bugs/b1.md']),
    linked,
    dead: [] as string[],
  };
  const rewritten = (text: string): string => withSiteLinks(text, 'docs/bugs/b1.md', targets);

  it('lead to pages, to sources, and elsewhere as they were', () => {
    expect(rewritten('[a](../tour.md#x), [b](README.md), [c](..)')).toContain(
      '[a](/tour.html#x), [b](/bugs/), [c](/source/docs/)',
    );
    expect(rewritten('[`b1`](../../src/mutations/b1.ts)')).toBe(
      '[`b1`](/source/src/mutations/b1.ts.html){target="_self"}',
    );
    expect(rewritten('[d](https://example.org/a.md)')).toBe('[d](https://example.org/a.md)');
    expect(rewritten('[the-tour.md](../tour.md)')).toBe('[the tour](/tour.html)');
    expect([...linked]).toEqual(['docs', 'src/mutations/b1.ts']);
  });

  it('within blocks stay', () =>
    expect(rewritten('```text\n[a](../nowhere.md)\n```')).toBe('```text\n[a](../nowhere.md)\n```'));

  it('that are dead are told', () => {
    expect(rewritten('[a](../nowhere.md)')).toBe('[a](../nowhere.md)');
    expect(targets.dead).toEqual(['docs/bugs/b1.md: the link to ../nowhere.md is dead']);
    expect(dead).toEqual([]);
  });

  it('have addresses of plain files', () => {
    expect(
      ['README.md', 'docs/tour.md', 'docs/bugs/README.md', 'site/index.md'].map(pagePathOf).map(addressOf),
    ).toEqual(['/readme.html', '/tour.html', '/bugs/', '/']);
    expect(sourceAddressOf('.dependency-cruiser.mjs', false)).toBe('/source/_dependency-cruiser.mjs.html');
  });
});

describe('the check of the built site', () => {
  const html =
    '<a href="/b.html#x">b</a><a href="c/">c</a><a href="https://example.org">e</a><script src="//cdn.example/x.js"></script>';
  const facts = new Map([
    ['index.html', factsOf(html)],
    [
      'b.html',
      factsOf('<h2 id="x">x</h2><a class="k" href="/#y">top</a><style>@font-face{src:url(http://f/x)}</style>'),
    ],
    ['alone.html', factsOf('<a href="mailto:a@b">a</a>')],
  ]);

  it('finds dead links, anchors and pages without a way to them', () => {
    const files = new Set(facts.keys());
    expect(deadLinks(facts, files).filter((one) => !one.includes('//'))).toEqual([
      'index.html: c/ leads nowhere',
      'b.html: /#y has no such heading',
    ]);
    expect(unreachable(facts)).toEqual(['alone.html: no link leads there']);
  });

  it('finds what is loaded from elsewhere', () => {
    expect([...facts.values()].flatMap(({ loads }) => loads).filter(isElsewhere)).toEqual([
      '//cdn.example/x.js',
      'http://f/x',
    ]);
  });

  it('finds pages over a budget, largest first', () =>
    expect(
      overBudget(
        new Map([
          ['a', 5],
          ['b', 9],
          ['c', 7],
        ]),
        6,
        'HTML',
      ).map((one) => one[0]),
    ).toEqual(['b', 'c']));

  it('knows where an address leads', () => {
    expect(targetOf('../x.html#a', 'bugs/b1.html')).toEqual({ file: 'x.html', anchor: 'a' });
    expect(targetOf('/bugs/', 'x.html')).toEqual({ file: 'bugs/index.html', anchor: '' });
  });
});

describe('the lab in a page', () => {
  it('has a position for the page and for each turn of the knob, with the verdict on record', () => {
    const text = withLabs('<!-- lab: scenario=deassign-hup | mutation=b9 | revision=base -->', manifest);
    const [, json = ''] = /:positions='(.*)' \/>$/.exec(text) ?? [];
    expect(JSON.parse(json)).toEqual([
      { label: 'v2p8', verdict: 'holds', hash: 'scenario=deassign-hup&at=end&explore=1' },
      {
        label: 'mutation=b9',
        verdict: 'violates i-noshut',
        hash: 'scenario=deassign-hup&mutation=b9&at=end&explore=1',
      },
      { label: 'revision=base', verdict: 'holds', hash: 'scenario=deassign-hup&revision=base&at=end&explore=1' },
    ]);
  });

  it.each([
    'scenario=nowhere',
    'scenario=pairing | revision=v9',
    'scenario=pairing | mutation=b99',
    'scenario=pairing colour=red',
  ])('names what there is: %s', (given) =>
    expect(() => withLabs(`<!-- lab: ${given} -->`, manifest)).toThrow(/^a lab /),
  );

  it('has the verdict of a search where the marker says it', async () => {
    const said = writtenFiles().flatMap((file) => saidVerdicts(pageOf(file)));
    expect(said.length).toBeGreaterThan(0);
    for (const { keys, said: verdict } of said) {
      const { scenario: id = '', revision, mutation = null, ...texts } = keys;
      const scenario = findScenario(id);
      if (scenario === undefined) throw new Error(`there is no scenario ${id}`);
      const set = parseParameters(
        scenario,
        Object.entries(texts).map(([key, value]) => `${key}=${value}`),
      );
      const selection = { scenario, set, mutation, ...(revision === undefined ? {} : { revision }) };
      const { world, properties } = assemble(selection);
      const { violations } = await explore(world, { properties });
      expect({ keys, found: violations.map(({ property }) => `violates ${property}`) }).toEqual({
        keys,
        found: expect.arrayContaining([verdict]),
      });
    }
  });

  it('has links that the lab itself reads', () => {
    const hashes = pages.flatMap(({ text }) =>
      [...text.matchAll(/\/lab\/index\.html(#[^)"]*)/g)].map(([, hash = '']) => hash),
    );
    expect(hashes.length).toBeGreaterThan(1000);
    for (const hash of new Set(hashes)) expect(linkOf(hash)?.scenario).not.toBe('');
  });

  it('is opened by keys that can be read', () =>
    expect(
      labHash({
        scenario: 'assign',
        revision: 'base',
        set: { arch: 'svm', msis: 2 },
        explores: true,
        property: 'i-owner',
      }),
    ).toBe('scenario=assign&revision=base&set.arch=svm&set.msis=2&at=end&explore=1&property=i-owner'));
});

describe('what a header says', () => {
  it.each([
    [
      'It is. Abstracted away: sizes, caches. `reuses` is another thing.',
      'sizes, caches',
      'It is. `reuses` is another thing.',
    ],
    ['Abstracted away: a.b of fs/x.c, and more.', 'a.b of fs/x.c, and more', ''],
    ['It says nothing.', null, 'It says nothing.'],
  ])('%j', (text, leftOut, rest) => {
    expect(abstractedAway([text])).toBe(leftOut);
    expect(withoutAbstractedAway(text)).toBe(rest);
  });

  it('is cut into paragraphs', () => {
    const header = headerOf(root, 'src/machines/iommu/irte.ts');
    expect(header).toHaveLength(2);
    expect(header[0]).toBe(
      "The IRTE of one host irq, Intel: it delivers the device's MSI to the host, or posts it to a vCPU.",
    );
  });
});

describe('sequence diagrams', () => {
  const arrow = (label: string, isFault = false) => ({ from: 't0', to: 'p0', label, isReply: false, isFault });
  const back = { from: 'p0', to: 't0', label: 'return {"a":1}', isReply: true, isFault: false };
  const note = (text: string, isFault = false) => ({ text, isFault });
  const lock = { lock: 'irqfds.lock', holder: 't0', readers: [], waiters: [] };
  const srcu = { lock: 'irq_srcu', holder: null, readers: ['t0', 'k0'], waiters: [] };
  const run: Sequence = {
    title: '',
    lanes: ['t0', 'p0', 'k0'],
    steps: [
      { step: 1, arrows: [arrow('register <producer>;'), back], notes: [note('wants 1. a lock')], locks: [lock] },
      {
        step: 2,
        arrows: [arrow('second', true)],
        notes: [note('-EIO', true)],
        locks: [{ ...lock, waiters: [{ actor: 'k0' }] }, srcu],
      },
      {
        step: 3,
        arrows: [back],
        notes: [],
        locks: [
          { ...lock, holder: 'k0' },
          { ...srcu, readers: ['k0'] },
        ],
      },
    ],
    violation: { step: 3, property: 'i-owner', message: 'evicted: t0' },
  };

  it('are read back as they were: steps, notes, faults, locks, what is violated', () => {
    expect(sequenceOfText(sequenceMermaid(run))).toEqual(run);
    const initial = { ...run, violation: { step: 0, property: 'i-leak', message: 'from the beginning' } };
    expect(sequenceOfText(sequenceMermaid(initial))).toEqual(initial);
  });

  it('stand in a page as the lab draws them, on one line', () => {
    const { pages } = writtenPages(manifest, new Map(machineIds.map((id) => [id, '<svg width="1"></svg>'])));
    const page = pages.find(({ path }) => path === 'bugs/b1.md')?.text.split('\n') ?? [];
    const drawn = page.filter((line) => line.includes('class="sequence"'));
    expect(drawn).toHaveLength(1);
    const steps = Math.max(...[...(drawn[0] ?? '').matchAll(/data-step="(\d+)"/g)].map(([, step]) => Number(step)));
    const found = findMutation('b1')?.shown[0];
    expect(found?.steps).toBe(steps);
    expect(drawn[0]).toContain(`violates ${found?.breaks[0] ?? ''}`);
  });

  it.each([
    ['stateDiagram-v2\n', 'is no sequence diagram'],
    ['sequenceDiagram\n  loop every minute\n', 'loop every minute'],
    ['sequenceDiagram\n  p1->>p2: x\n', 'no participant p1'],
    ['sequenceDiagram\n  participant p1 as t0\n  p1->>p1: without a number\n', 'without a number'],
    ['sequenceDiagram\n  participant p1 as t0\n  p1->>p1: 1. x\n  activate p1\n', 'not one that irqbypass writes'],
    ['', 'is no sequence diagram'],
  ])('of another kind are refused: %j', (text, message) => expect(() => sequenceOfText(text)).toThrow(message));
});

it('the API reference is cut by kind of export', () => {
  const parts = apiParts(
    'lab',
    '# index\n\n## Classes\n\n### A\n\n## Type Aliases\n\n### B\n\n## References\n\n### C\n',
  );
  expect(parts.map(({ path }) => path)).toEqual(['api/lab/classes.md', 'api/lab/type-aliases.md']);
});

/** A plain server of files: nothing but what lies in the folder. */
function fileServer(folder: string): Server {
  return createServer(({ url = '' }, response) => {
    const { pathname } = new URL(url, 'http://site');
    const file = join(folder, pathname.endsWith('/') ? `${pathname}index.html` : pathname);
    const types: Record<string, string> = {
      html: 'text/html',
      js: 'text/javascript',
      css: 'text/css',
      svg: 'image/svg+xml',
    };
    const isThere = existsSync(file) && statSync(file).isFile();
    response.writeHead(isThere ? 200 : 404, {
      'content-type': types[extname(file).slice(1)] ?? 'application/octet-stream',
    });
    response.end(isThere ? readFileSync(file) : '');
  }).listen(0, '127.0.0.1');
}

describe.runIf(isLong)('the built site', () => {
  let server: Server;
  let browser: Browser;
  let address = '';

  beforeAll(async () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/docs/build.ts'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect({ status, said: stdout.split('\n').includes('ok') ? 'ok' : `${stdout}\n${stderr}` }).toEqual({
      status: 0,
      said: 'ok',
    });
    server = fileServer(join(root, 'site/dist'));
    await once(server, 'listening');
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await startChromium();
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  /** Opens a page; answers it with what went wrong and what it asked of others. */
  async function opened(path: string, width = 1280) {
    const page = await browser.newPage({ viewport: { width, height: 800 } });
    const wrong: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') wrong.push(message.text());
    });
    page.on('pageerror', ({ message }) => wrong.push(message));
    page.on('request', (request) => {
      if (!request.url().startsWith(`${address}/`) && !request.url().startsWith('data:')) wrong.push(request.url());
    });
    await page.goto(`${address}${path}`);
    await page.waitForLoadState('networkidle');
    return { page, wrong };
  }

  it.each([
    '/',
    '/review.html',
    '/debug.html',
    '/bugs/b1.html',
    '/machine/irqfd.html',
    '/scenario/assign.html',
    '/scale.html',
  ])('%s is complete by itself, wide and narrow', async (path) => {
    for (const width of [1280, 390]) {
      const { page, wrong } = await opened(path, width);
      const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect({ path, width, wrong, overflow }).toEqual({ path, width, wrong: [], overflow: 0 });
      await page.close();
    }
  });

  it('a bug put in by the knob beside the text flips the verdict of the lab', async () => {
    const { page, wrong } = await opened('/how-irqbypass-works.html');
    const figure = page.locator('figure.lab', { hasText: 'deassign-hup' });
    await figure.scrollIntoViewIfNeeded();
    const lab = figure.frameLocator('iframe');
    await lab.getByText('violated', { exact: true }).waitFor();
    expect(await lab.getByText('i-noshut').count()).toBeGreaterThan(0);
    await figure.getByRole('button', { name: /^v2p8/ }).click();
    await lab.getByText('holds', { exact: true }).waitFor();
    expect(wrong).toEqual([]);
    await page.close();
  });

  it('is searched', async () => {
    const { page, wrong } = await opened('/tour.html');
    await page.keyboard.press('Control+k');
    await page.fill('.search-input', 'i-lockprot');
    await page.locator('.result', { hasText: 'B8' }).first().waitFor();
    expect(wrong).toEqual([]);
    await page.close();
  });

  it('has no serious finding of axe', async () => {
    const axe = readFileSync(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');
    for (const path of [
      '/',
      '/bugs/b1.html',
      '/machine/irte.html',
      '/cli/explore.html',
      '/source/src/registry/registry.ts.html',
    ]) {
      const { page } = await opened(path);
      await page.evaluate(axe);
      const found = (await page.evaluate(
        "axe.run({ exclude: ['iframe'] }).then(({ violations }) => violations.map(({ id, impact }) => `${impact} ${id}`))",
      )) as string[];
      expect({ path, found: found.filter((one) => /^(serious|critical)/.test(one)) }).toEqual({ path, found: [] });
      await page.close();
    }
  });
});
