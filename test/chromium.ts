// Headless Chromium for tests of what runs in a browser: where it is, and how it is started so that it asks nobody for anything.
import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';

const executablePath = '/usr/bin/chromium';

/** For the title of a test that is skipped; empty where Chromium is there. */
export const lacking = existsSync(executablePath) ? '' : ' (install chromium)';

/** Starts a browser. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
