// The page in headless Chromium, as a user has it: served by our server, under its policy. What it says is what the command line says.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replayFiles } from '../../src/bridge/replay.ts';
import { explore } from '../../src/engine/explorer/search/explore.ts';
import { builtFiles, expectBuilt, madeFile } from '../../src/studio/server/page-files.ts';
import type { StudioServer } from '../../src/studio/server/server.ts';
import { serve } from '../../src/studio/server/server.ts';
import { filesOf, userScenario } from '../../src/studio/server/user-scripts.ts';
import { selectedWorld } from '../../src/studio/session/select.ts';
import { isLong } from '../sample.ts';
import { lacking, startChromium } from '../chromium.ts';

const script = fileURLToPath(new URL('../../examples/reports/n18-fast-path-half-undone.ts', import.meta.url));

describe.skipIf(lacking !== '')(`the lab in Chromium${lacking}`, () => {
  let browser: Browser;
  let server: StudioServer;
  let context: BrowserContext;
  const scratch = mkdtempSync(join(tmpdir(), 'irqbypass-page-'));
  /** Errors of pages, and requests that left for elsewhere. */
  const wrong: string[] = [];

  beforeAll(async () => {
    await expectBuilt(() => undefined);
    const files = builtFiles();
    const own = await userScenario(script, new Set());
    for (const [path, file] of filesOf(own, 0)) files.set(path, file);
    files.set(
      '/setup.json',
      madeFile(
        '.json',
        JSON.stringify({ scripts: [{ file: 'n18.ts', url: `/script/0/${own.modules.length - 1}.js` }] }),
      ),
    );
    server = await serve(files, { host: '127.0.0.1', port: 0 });
    browser = await startChromium();
    context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      permissions: ['clipboard-read', 'clipboard-write'],
      acceptDownloads: true,
    });
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await server.close();
    rmSync(scratch, { recursive: true });
  });

  async function opened(hash = '', of: BrowserContext = context): Promise<Page> {
    const page = await of.newPage();
    page.on('pageerror', ({ message }) => wrong.push(message));
    page.on('console', (message) => {
      if (message.type() === 'error') wrong.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(server.url) && !request.url().startsWith('blob:')) wrong.push(request.url());
    });
    await page.goto(`${server.url}${hash}`);
    await page.waitForSelector('html[data-ready=true]');
    return page;
  }

  const explored = async (page: Page): Promise<string> => {
    await page.click('button.main');
    await page.waitForSelector('[data-search=holds],[data-search=violated]');
    return (await page.textContent('#figures')) ?? '';
  };
  const where = async (page: Page): Promise<string | null> => page.textContent('#where');
  const notice = async (page: Page): Promise<string> => (await page.textContent('.notice')) ?? '';

  it('explores manager on v2p8: it holds, with the counts of the command line', async () => {
    const page = await opened('#scenario=manager&revision=v2p8');
    const figures = await explored(page);
    const { world, properties } = selectedWorld({ scenario: 'manager', set: {} });
    const found = await explore(world, { properties, symmetry: true, por: true });
    expect(await page.textContent('.verdict')).toBe('holds');
    expect(figures).toContain(`${found.states} states, ${found.transitions} transitions, depth ${found.depth}`);
    await page.close();
  });

  it('picks a bug out of the catalogue, explores, and walks the counterexample to its end and back', async () => {
    const page = await opened('#scenario=manager');
    await page.keyboard.press('b');
    await page.fill('dialog input[type=search]', 'dangles');
    await page.click('dialog tr:has(th:text-is("b1")) button');
    await page.waitForSelector('[data-search=violated]', { timeout: 60_000 });
    await expect.poll(() => where(page)).toMatch(/^(\d+) \/ \1$/);
    const last = Number((await where(page))?.split(' ')[0]);
    expect(last).toBeGreaterThan(5);
    expect(await page.getAttribute('.step.current', 'data-step')).toBe(String(last));
    expect(await page.textContent('.step.current .breaks')).toContain('i-');
    for (let step = last - 1; step >= 0; step--) {
      await page.keyboard.press('ArrowLeft');
      await expect.poll(() => where(page)).toBe(`${step} / ${last}`);
    }
    await page.keyboard.press('End');
    await expect.poll(() => where(page)).toBe(`${last} / ${last}`);
    await page.close();
  });

  it('says of a thread that waits for the mutex who holds it; search finds steps', async () => {
    const page = await opened('#scenario=double-unregister-race&explore=1&at=14');
    await page.waitForSelector('[data-search=violated]');
    await expect.poll(() => page.textContent('.blocked:has-text("unregister_producer")')).toContain('held by t2');
    await page.fill('#search', 'actor:p0 event:stop');
    await expect.poll(() => page.locator('.step').count()).toBe(2);
    expect(await page.locator('.step .text').allTextContents()).toEqual(['p0.stop()', 'p0.stop()']);
    await page.fill('#search', '');
    await page.fill('#column', 'registry.op');
    await page.press('#column', 'Enter');
    await expect.poll(() => page.locator('.step .value').count()).toBeGreaterThan(5);
    await page.close();
  });

  it('opens a link at the same step in a new page, with the same state', async () => {
    const page = await opened('#scenario=re-pairing');
    await page.keyboard.press('w');
    await expect.poll(() => where(page)).not.toBe('0 / 0');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => page.url()).toMatch(/at=\d+/);
    await page.uncheck('#only-changes');
    const shown = await page.textContent('.state');
    const other = await opened(new URL(page.url()).hash);
    expect(await where(other)).toBe(await where(page));
    await other.uncheck('#only-changes');
    expect(await other.textContent('.state')).toBe(shown);
    expect(await other.locator('.notice').count()).toBe(0);
    await Promise.all([page.close(), other.close()]);
  });

  it('says of a link of another model how far it leads and why it stops; of a hostile one what is wrong', async () => {
    const page = await opened('#scenario=loser-unregisters&revision=base');
    await explored(page);
    await page.click('.finding');
    await expect.poll(() => page.url()).toContain('path=');
    const hash = new URL(page.url()).hash.replace('revision=base', 'revision=v2p8');
    const other = await opened(hash);
    expect(await notice(other)).toMatch(
      /^The link was made with another model or release. 13 of its 15 steps were taken. It stopped at step 14 of 15: no choice has the code/,
    );
    expect(await where(other)).toBe('13 / 13');
    const hostile = await opened('#scenario=%3Cimg%20onerror%3D1%3E');
    expect(await notice(hostile)).toContain('IRQB701 the link has scenario=<img onerror=1>');
    const unknown = await opened('#scenario=pairng');
    expect(await notice(unknown)).toContain('IRQB101');
    await Promise.all([page, other, hostile, unknown].map((one) => one.close()));
  });

  it('puts base and v2p8 side by side on loser-unregisters, and marks where they first differ', async () => {
    const page = await opened('#scenario=loser-unregisters&revision=base');
    await explored(page);
    await page.click('.finding');
    await page.click('#tab-compare');
    await page.selectOption('#beside-revision', 'v2p8');
    await page.waitForSelector('#comparison');
    expect(await page.textContent('#comparison')).toContain('first difference at step 1, in what is seen at step 13');
    expect(await page.locator('[data-mark=seen] .number').textContent()).toBe('13');
    expect(page.url()).toContain('beside.revision=v2p8');
    await page.close();
  });

  it('copies for a mail at most 72 columns with the link as last line, and exports ITF that replay accepts', async () => {
    const page = await opened('#scenario=double-unregister-race&explore=1&at=end');
    await expect.poll(() => where(page)).toMatch(/^(\d+) \/ \1$/);
    await page.keyboard.press('c');
    await expect.poll(() => notice(page)).toContain('copied');
    const mail = (await page.evaluate('navigator.clipboard.readText()')) as string;
    const all = mail.trimEnd().split('\n');
    expect(all.at(-1)).toBe(page.url());
    for (const line of all.slice(0, -1)) expect(line.length, line).toBeLessThanOrEqual(72);
    expect(mail).toContain('CPU0: t0');
    await page.keyboard.press('x');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('[data-document=itf]')]);
    const file = join(scratch, download.suggestedFilename());
    await download.saveAs(file);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ '#meta': { scenario: 'double-unregister-race' } });
    const report = await replayFiles([file]);
    expect(report.agreed).toBe(report.operations);
    expect(report.operations).toBeGreaterThan(10);
    await page.close();
  });

  it('keeps world, form and search together, whatever is refused or pressed quickly', async () => {
    const page = await opened('#scenario=assign&set.vectors=2');
    await page.click('button.main');
    await page.waitForSelector('[data-search=running]');
    // A bug that does not fit is refused: the form shows the world that is open, and its search goes on.
    await page.selectOption('#mutation', 'b29a');
    await expect.poll(() => notice(page)).toContain('IRQB209');
    expect(await page.inputValue('#mutation')).toBe('');
    expect(await page.locator('[data-search=running]').count()).toBe(1);
    await page.click('.search button');
    await page.waitForSelector('[data-search=incomplete]');
    expect(await page.textContent('.verdict')).toBe('incomplete: interrupted');
    // Keys mean the state that the ones before lead to; a step of one world is never taken in another.
    await page.click('h1');
    for (let i = 0; i < 6; i++) await page.keyboard.press('1');
    await expect.poll(() => where(page)).toBe('6 / 6');
    await page.selectOption('#scenario', 'pairing');
    await page.click('h1');
    await page.keyboard.press('w');
    await expect.poll(() => where(page)).toMatch(/^(\d+) \/ \1$/);
    expect(page.url()).toContain('scenario=pairing');
    expect(await page.locator('.notice.error').count()).toBe(0);
    await page.close();
  });

  it('goes back to the step before with what was found of the world', async () => {
    const page = await opened('#scenario=pairing');
    await page.keyboard.press('1');
    await page.keyboard.press('1');
    await expect.poll(() => where(page)).toBe('2 / 2');
    await explored(page);
    await page.goBack();
    await expect.poll(() => where(page)).toBe('1 / 1');
    expect(await page.textContent('.verdict')).toBe('holds');
    await page.close();
  });

  it('compares a bug with its fix by a link, and goes on comparing at each step', async () => {
    const page = await opened('#scenario=pairing&mutation=b6&explore=1&at=end');
    await expect.poll(() => where(page)).toMatch(/^(\d+) \/ \1$/);
    await page.click('#tab-compare');
    await page.selectOption('#beside-mutation', '');
    await page.waitForSelector('#comparison');
    expect(page.url()).toContain('beside.revision=v2p8');
    const said = await page.textContent('#comparison');
    const other = await opened(new URL(page.url()).hash);
    await other.waitForSelector('#comparison');
    expect(await other.textContent('#comparison')).toBe(said);
    await other.click('h1');
    await other.keyboard.press('Home');
    await other.keyboard.press('1');
    await expect.poll(() => where(other)).toBe('1 / 1');
    await expect.poll(() => other.locator('.compared .number').count()).toBe(2);
    await Promise.all([page.close(), other.close()]);
  });

  it('shows a finding by the property that it is about', async () => {
    const page = await opened('#scenario=manager');
    await page.keyboard.press('f');
    await page.click('dialog tr:has-text("evicts a newcomer") button');
    await expect.poll(() => where(page), { timeout: 20_000 }).toBe('28 / 28');
    expect(await page.textContent('.step.current .breaks')).toContain('i-owner');
    await page.click('#only-changes');
    await page.keyboard.press('k');
    await expect.poll(() => where(page)).toBe('27 / 28');
    await page.close();
  });

  it("opens a user's script first, and finds the bug in it", async () => {
    const page = await opened();
    expect(await page.inputValue('#scenario')).toBe('n18-fast-path-half-undone');
    await explored(page);
    expect(await page.textContent('.verdict')).toBe('violated');
    await page.click('#tab-charts');
    await page.waitForSelector('.chart .state.active');
    await page.close();
  });

  it('lights the active states, draws the sequence and the sets, in the dark as well', async () => {
    const dark = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark' });
    const page = await opened('#scenario=double-unregister-race&explore=1&at=13', dark);
    await page.waitForSelector('[data-search=violated]');
    await page.click('#tab-charts');
    await page.selectOption('#actor', 'registry');
    await page.waitForSelector('.state.innermost[data-state="locked.disconnecting.stopProducer"]');
    await page.click('#tab-sequence');
    await page.waitForSelector('.step.current[data-step="13"]');
    await page.click('#tab-sets');
    await page.waitForSelector('.sets svg');
    const colour = (await page.evaluate('getComputedStyle(document.body).backgroundColor')) as string;
    expect(colour).toBe('rgb(22, 24, 27)');
    await dark.close();
  });

  it('is worked by keys alone', async () => {
    const page = await opened('#scenario=pairing');
    await page.keyboard.press('1');
    await expect.poll(() => where(page)).toBe('1 / 1');
    await page.keyboard.press('w');
    await expect.poll(() => where(page)).toMatch(/^(\d+) \/ \1$/);
    await page.keyboard.press('k');
    await page.keyboard.press('Home');
    await expect.poll(() => where(page)).toMatch(/^0 \//);
    await page.keyboard.press('j');
    await expect.poll(() => where(page)).toMatch(/^1 \//);
    await page.keyboard.press('?');
    await page.waitForSelector('dialog[open]');
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    await page.keyboard.press('e');
    await page.waitForSelector('[data-search=holds]');
    await page.keyboard.press('/');
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('search');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.id')).toBe('column');
    // Tabs of the page are a tablist: arrows move in it.
    await page.focus('#tab-state');
    await page.keyboard.press('ArrowRight');
    expect(await page.evaluate('document.activeElement.id')).toBe('tab-charts');
    await page.close();
  });

  it.each([
    ['a desk', 1280, 800, 'light'],
    ['a desk in the dark', 1280, 800, 'dark'],
    ['a phone', 390, 800, 'light'],
  ] as const)(
    'has no serious finding of axe on %s, and nothing runs over its side',
    async (_, width, height, colorScheme) => {
      const own = await browser.newContext({ viewport: { width, height }, colorScheme, reducedMotion: 'reduce' });
      const page = await opened('#scenario=double-unregister-race&explore=1&at=12', own);
      await page.waitForSelector('[data-search=violated]');
      // The policy of the page lets no inline script in: axe is evaluated by the browser's own means.
      await page.evaluate(axe.source);
      // All of it in test:long: axe takes seconds.
      const all = isLong;
      const tabs = all
        ? ['state', 'charts', 'sets', 'locks', 'properties', 'coverage', 'sequence', 'compare', 'steps']
        : ['charts', 'properties', 'steps'];
      for (const tab of tabs) {
        await page.click(`#tab-${tab}`);
        await page.waitForTimeout(150);
        const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults;
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        expect(serious.map(({ id, nodes }) => [tab, id, nodes.map(({ html }) => html.slice(0, 200))])).toEqual([]);
      }
      for (const key of isLong ? ['b', 'f', 's', 'x', '?'] : ['x']) {
        await page.keyboard.press(key);
        await page.waitForSelector('dialog[open]');
        const { violations } = (await page.evaluate("axe.run('dialog')")) as axe.AxeResults;
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        expect(serious.map(({ id, nodes }) => [key, id, nodes.map(({ html }) => html.slice(0, 200))])).toEqual([]);
        await page.keyboard.press('Escape');
      }
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      await own.close();
    },
  );

  it('scrolls a path of ten thousand steps with some dozen rows in the document', async () => {
    const page = await opened('#scenario=manager&set.producers=3&set.consumers=3');
    await page.fill('label:has-text("seed") input', '1');
    await page.click('h1');
    for (let i = 0; i < 50; i++) await page.keyboard.press('w');
    await expect.poll(() => where(page), { timeout: 60_000 }).toBe('10000 / 10000');
    expect(await page.locator('.step').count()).toBeLessThan(80);
    await page.keyboard.press('Home');
    await expect.poll(() => page.locator('.step').first().getAttribute('data-step')).toBe('1');
    await page.close();
  });

  it('without an error, and without a request to anywhere else', () => expect(wrong).toEqual([]));
});
