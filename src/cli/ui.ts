// irqbypass ui: the lab in the browser, served on loopback.
import { isIP } from 'node:net';
import { builtFiles, expectBuilt, madeFile } from '../studio/server/page-files.ts';
import { serve } from '../studio/server/server.ts';
import { filesOf, userScenario } from '../studio/server/user-scripts.ts';
import { linkText } from '../studio/link/link.ts';
import { exitCode, UsageError, wholeNumber } from './exit-codes.ts';
import { interruptible } from './interruptible.ts';
import type { CommonOptions } from './terminal.ts';
import { createTerminal } from './terminal.ts';

export interface UiOptions extends CommonOptions {
  readonly port?: string;
  readonly host?: string;
}

const DEFAULT_PORT = 7117;

/** Throws UsageError where an address is not one of this machine alone. */
function loopback(host: string): string {
  if (host === 'localhost') return '127.0.0.1';
  if (host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))) return host;
  throw new UsageError(`--host ${host}: only loopback (127.0.0.1, ::1): the page is for this machine alone`);
}

/** Serves the page until it is interrupted. Answers the exit code. */
export async function ui(scripts: readonly string[], options: UiOptions): Promise<number> {
  const terminal = createTerminal(options);
  const host = loopback(options.host ?? '127.0.0.1');
  const port = options.port === undefined ? undefined : wholeNumber('--port', options.port, 0, 65_535);
  await expectBuilt((text) => terminal.note(text));
  const files = builtFiles();
  const known = new Set([...files.keys()].flatMap((path) => /^\/charts\/(\w+)\.svg$/.exec(path)?.[1] ?? []));
  const own = [];
  for (const file of scripts) own.push(await userScenario(file, known));
  for (const [i, one] of own.entries()) for (const [path, file] of filesOf(one, i)) files.set(path, file);
  const [first] = own;
  const setup = {
    scripts: own.map(({ file, modules }, i) => ({ file, url: `/script/${i}/${modules.length - 1}.js` })),
    hash:
      first === undefined
        ? ''
        : `#${linkText({ scenario: first.scenario.id, set: {}, path: '', explore: false, embed: false })}`,
  };
  files.set('/setup.json', madeFile('.json', JSON.stringify(setup)));
  const server = await serve(files, { host, port: port ?? DEFAULT_PORT }).catch((error: unknown) => {
    // Without --port any port will do.
    if (port !== undefined) throw error;
    return serve(files, { host, port: 0 });
  });
  if (options.json === true)
    terminal.print(JSON.stringify({ url: server.url, scripts: setup.scripts.map(({ file }) => file) }));
  else terminal.print(`${server.url}  (Ctrl-C ends it)`);
  await interruptible(
    (signal) => new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true })),
  );
  await server.close();
  return exitCode.interrupted;
}
