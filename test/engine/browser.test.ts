// The engine with the model in headless Chromium: a bundle without node finds there what it finds here.
import { isBuiltin } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as here from './in-a-browser.ts';
import { isLong } from '../sample.ts';
import { lacking, startChromium } from '../chromium.ts';

type Work = keyof typeof here;

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The bundle, as one script that declares `lab`. Fails where anything in it imports from node. */
async function bundle(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'refuse-node',
        enforce: 'pre',
        resolveId(source, importer) {
          if (isBuiltin(source)) this.error(`${importer ?? ''} imports ${source}`);
        },
      },
    ],
    build: {
      write: false,
      minify: false,
      target: 'esnext',
      lib: { entry: at('./in-a-browser.ts'), formats: ['iife'], name: 'lab' },
    },
  });
  const [output] = [built].flat();
  if (output === undefined || !('output' in output)) throw new Error('no bundle');
  expect(output.output.map(({ fileName }) => fileName)).toHaveLength(1);
  expect(output.output[0].imports).toEqual([]);
  return output.output[0].code;
}

describe.skipIf(lacking !== '')(`in Chromium${lacking}`, () => {
  let browser: Browser;
  let page: Page;
  let code: string;
  const errors: string[] = [];

  beforeAll(async () => {
    code = await bundle();
    browser = await startChromium();
    page = await browser.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
    await page.setContent('<!doctype html><title>irqbypass-lab</title>');
    await page.addScriptTag({ content: code });
  });

  afterAll(() => browser.close());

  /** Does some work in the page. */
  const inPage = (work: Work): Promise<unknown> => page.evaluate(`lab.${work}()`);

  /** Does it in a worker of the page. */
  const inWorker = (work: Work): Promise<unknown> =>
    page.evaluate(`new Promise((resolve, reject) => {
      const source = ${JSON.stringify(`${code}\nlab.${work}().then(postMessage);`)};
      const worker = new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
      worker.addEventListener('message', ({ data }) => resolve(data));
      worker.addEventListener('error', ({ message }) => reject(new Error(message)));
    })`);

  for (const [where, doing] of [
    ['a page', inPage],
    ['a worker', inWorker],
  ] as const) {
    describe(where, () => {
      it('explores manager with the counts of node', async () => {
        const found = await doing('counts');
        expect(found).toMatchObject({ verdict: 'holds', isWhole: true });
        // As what was measured: what is undefined does not survive the way from a page.
        expect(JSON.parse(JSON.stringify(found))).toEqual(JSON.parse(JSON.stringify(await here.counts())));
      });

      // In a worker in test:long.
      it.runIf(isLong || doing === inPage)(
        'reduces, walks, minimises, checks liveness, runs, draws and reports like node',
        async () => {
          const found = await doing('findings');
          expect(JSON.parse(JSON.stringify(found))).toEqual(JSON.parse(JSON.stringify(await here.findings())));
        },
      );

      it('lets others have their turn: it can be interrupted', async () => {
        const ended = { verdict: 'incomplete', limit: 'interrupted' };
        expect([await doing('interrupted'), await here.interrupted()]).toEqual([ended, ended]);
      });
    });
  }

  it('without an error that nobody awaited', () => expect(errors).toEqual([]));
});
