// npm run bench:page: how fast the page is. A headless Chromium, our server, the same machine; medians of three.
//
// First view after the server has started; a step of a world of forty actors; exploring in the page beside one thread of node; scrolling
// ten thousand steps. Prints the table of docs/performance.md.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Page } from 'playwright-core';
import { explore } from '../src/engine/explorer/search/explore.ts';
import { builtFiles, expectBuilt } from '../src/studio/server/page-files.ts';
import { serve } from '../src/studio/server/server.ts';
import { selectedWorld } from '../src/studio/session/select.ts';
import { startChromium } from '../test/chromium.ts';

const TIMES = 3;
const median = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? NaN;

async function repeated(work: () => Promise<number>): Promise<number> {
  const all: number[] = [];
  for (let i = 0; i < TIMES; i++) all.push(await work());
  return median(all);
}

await expectBuilt(() => undefined);
const server = await serve(builtFiles(), { host: '127.0.0.1', port: 0 });
const browser = await startChromium();

async function opened(hash: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(`${server.url}${hash}`);
  await page.waitForSelector('html[data-ready=true]');
  return page;
}

/** Milliseconds until choices are shown, of a browser without a cache. */
async function firstView(): Promise<number> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const begin = performance.now();
  await page.goto(server.url);
  await page.waitForSelector('.choice');
  const took = performance.now() - begin;
  await context.close();
  return took;
}

/** Milliseconds from `npx irqbypass ui` to its address. */
async function serverStart(): Promise<number> {
  const begin = performance.now();
  const child = spawn(process.execPath, ['bin/irqbypass.js', 'ui', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  const took = performance.now() - begin;
  child.kill();
  await once(child, 'close');
  return took;
}

const FORTY = '#scenario=manager&set.producers=10&set.consumers=10&set.eventfds=4';

/** Milliseconds from a key to the frame that shows the next step, of thirty: half of them are shorter, and the worst. */
async function step(): Promise<readonly [number, number]> {
  const page = await opened(FORTY);
  const times = (await page.evaluate(`(async () => {
    const times = [];
    for (let i = 0; i < 30; i++) {
      const before = document.querySelector('#where').textContent;
      const begin = performance.now();
      document.dispatchEvent(new KeyboardEvent('keydown', { key: '1' }));
      while (document.querySelector('#where').textContent === before) await new Promise(requestAnimationFrame);
      times.push(performance.now() - begin);
    }
    return times.slice(1);
  })()`)) as number[];
  await page.close();
  return [median(times), Math.max(...times)];
}

const SEARCH = { scenario: 'assign', set: {} } as const;

/** States a second of a search in the page. */
async function rateInPage(): Promise<number> {
  const page = await opened('#scenario=assign');
  await page.keyboard.press('e');
  await page.waitForSelector('[data-search=holds]', { timeout: 120_000 });
  const figures = (await page.textContent('#figures')) ?? '';
  await page.close();
  const [, states = '', seconds = ''] = /^([\d,]+) states.* ([\d.]+) s/.exec(figures) ?? [];
  return Number(states.replaceAll(',', '')) / Number(seconds);
}

async function rateInNode(): Promise<number> {
  const { world, properties } = selectedWorld(SEARCH);
  const { states, seconds } = await explore(world, { properties, symmetry: true, por: true });
  return states / seconds;
}

/** Milliseconds between two frames while ten thousand steps scroll by; 95 of 100 are shorter. */
async function scroll(): Promise<number> {
  const page = await opened('#scenario=manager&set.producers=3&set.consumers=3');
  for (let i = 0; i < 50; i++) await page.keyboard.press('w');
  await page.waitForSelector('#where:text-is("10000 / 10000")', { timeout: 120_000 });
  const frames = (await page.evaluate(`(async () => {
    const box = document.querySelector('.virtual');
    const times = [];
    let last = performance.now();
    for (let i = 0; i < 200; i++) {
      box.scrollTop = (box.scrollHeight * i) / 200;
      await new Promise(requestAnimationFrame);
      times.push(performance.now() - last);
      last = performance.now();
    }
    return times.sort((a, b) => a - b)[190];
  })()`)) as number;
  await page.close();
  return frames;
}

const rows: (readonly [string, string, string])[] = [
  ['`irqbypass ui` to its address', `${(await repeated(serverStart)).toFixed(0)} ms`, '-'],
  [
    'first view: from the address to the first choices, empty cache',
    `${(await repeated(firstView)).toFixed(0)} ms`,
    '1 000 ms',
  ],
];
const steps = [await step(), await step(), await step()];
const [half, worst] = [0, 1].map((i) => median(steps.map((one) => one[i] ?? NaN)));
rows.push([
  'a step, 40 actors: from the key to the frame, half and worst of 30',
  `${half?.toFixed(0) ?? ''} and ${worst?.toFixed(0) ?? ''} ms`,
  '50 ms',
]);
const [inPage, inNode] = [await repeated(rateInPage), await repeated(rateInNode)];
rows.push(
  ['`assign` explored in the page / one thread of node, states a second', (inPage / inNode).toFixed(2), '0.5'],
  ['10 000 steps scrolled: frames, 95 of 100 shorter than', `${(await repeated(scroll)).toFixed(0)} ms`, '33 ms'],
);
await browser.close();
await server.close();
process.stdout.write(
  ['| what | measured | to reach |', '|---|---:|---:|', ...rows.map((row) => `| ${row.join(' | ')} |`), ''].join('\n'),
);
process.exit();
