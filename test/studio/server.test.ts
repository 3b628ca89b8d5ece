// The server of irqbypass ui: a fixed list of files on loopback, and a refusal for everything else.
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { madeFile } from '../../src/studio/server/page-files.ts';
import type { StudioServer } from '../../src/studio/server/server.ts';
import { serve } from '../../src/studio/server/server.ts';

const files = new Map([
  ['/index.html', madeFile('.html', '<!doctype html>')],
  ['/page.js', madeFile('.js', 'export {};')],
]);

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

let server: StudioServer;
let port: number;
beforeAll(async () => {
  server = await serve(files, { host: '127.0.0.1', port: 0 });
  port = Number(new URL(server.url).port);
});
afterAll(() => server.close());

function ask(
  path: string,
  options: { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string } = {},
): Promise<Answer> {
  const { method = 'GET', headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
    asking.on('error', reject);
    asking.end(body);
  });
}

/** What comes back for bytes that no client sends. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let said = '';
    socket.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    socket.on('close', () => resolve(said));
    socket.on('error', reject);
  });
}

describe('it hands out', () => {
  it('the files of its list, with a strict policy', async () => {
    const { status, headers, text } = await ask('/');
    expect([status, text]).toEqual([200, '<!doctype html>']);
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    expect((await ask('/page.js?x=1')).headers['content-type']).toMatch('text/javascript');
  });

  it('no body for HEAD', async () => {
    expect(await ask('/', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  });

  it('a thousand quick requests, one after the other and at once', async () => {
    const answers = await Promise.all(Array.from({ length: 1000 }, (_, i) => ask(i % 2 === 0 ? '/page.js' : '/none')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 404]));
    expect((await ask('/')).status).toBe(200);
  });
});

describe('it refuses', () => {
  it.each([
    ['what is not in the list', '/package.json', 404],
    ['the folder above', '/../package.json', 400],
    ['the same, written otherwise', '/%2e%2e/package.json', 400],
    ['the same with a backslash', '/..\\\\package.json', 400],
    ['two slashes', '//etc/passwd', 400],
    ['a name of every object', '/constructor', 404],
  ])('%s', async (_, path, status) => expect(await ask(path)).toMatchObject({ status }));

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'])('%s', async (method) => {
    const { status, headers } = await ask('/', { method });
    expect(status).toBe(405);
    expect(headers['allow']).toBe('GET, HEAD');
  });

  it('a body', async () => {
    expect(await ask('/', { headers: { 'content-length': '3' }, body: 'abc' })).toMatchObject({ status: 413 });
    expect(await ask('/', { headers: { 'transfer-encoding': 'chunked' }, body: 'abc' })).toMatchObject({ status: 413 });
  });

  it.each(['evil.example', 'evil.example:7117', '127.0.0.1', 'localhost:1', 'localhost'])('the host %s', async (host) =>
    expect(await ask('/', { headers: { host } })).toMatchObject({ status: 421 }),
  );

  it('no host at all', async () => {
    expect(await raw('GET / HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1.1 400/);
    expect(await raw('GET / HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1.1 421/);
  });

  it('who does not finish a request, within some seconds, and answers others meanwhile', async () => {
    const slow = Array.from({ length: 100 }, () => raw(`GET / HTTP/1.1\r\nHost: localhost:${port}\r\nX: `));
    expect((await ask('/')).status).toBe(200);
    for (const said of await Promise.all(slow)) expect(said).toMatch(/^HTTP\/1.1 4/);
    expect((await ask('/')).status).toBe(200);
  });

  it('another origin, and takes its own', async () => {
    expect(await ask('/', { headers: { origin: 'https://evil.example' } })).toMatchObject({ status: 403 });
    expect(await ask('/', { headers: { origin: 'null' } })).toMatchObject({ status: 403 });
    expect(await ask('/', { headers: { origin: `http://127.0.0.1:${port}` } })).toMatchObject({ status: 200 });
    expect(await ask('/', { headers: { host: `localhost:${port}` } })).toMatchObject({ status: 200 });
  });

  it('what is no HTTP, and a head that is too long', async () => {
    expect(await raw('hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400/);
    expect(await raw(`GET / HTTP/1.1\r\nHost: localhost:${port}\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 4/,
    );
    expect((await ask('/')).status).toBe(200);
  });

  it('a port that is in use', async () => {
    await expect(serve(files, { host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'IRQB704' });
  });
});
