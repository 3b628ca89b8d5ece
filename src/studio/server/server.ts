// The little server of `irqbypass ui`: hands out a fixed list of files on loopback, and does nothing else.
//
// A page of somebody else's must not reach it through the browser: Host and Origin have to be its own (DNS rebinding, cross-site
// requests). What is asked for is looked up in the list as it stands: no path is joined with anything.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InputError } from '../../engine/input-error.ts';
import type { PageFiles } from './page-files.ts';

/** Only its own files: no inline script, no eval, nothing from anywhere else. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

const headers = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-cache',
} as const;

/** Bytes of a request's head; milliseconds until it is there, and between two looks whether it is. */
const limits = {
  maxHeaderSize: 8192,
  headersTimeout: 5000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1000,
} as const;
/** Connections at once. */
const CONNECTIONS_MAX = 128;

/** A refusal: its status, and why. */
type Refusal = readonly [status: number, why: string];

/** What is wrong with a request; null where nothing is. */
export function refusalOf(
  request: Pick<IncomingMessage, 'method' | 'headers' | 'url'>,
  hosts: readonly string[],
): Refusal | null {
  const { method = '', url = '' } = request;
  const { host = '', origin } = request.headers;
  if (!hosts.includes(host)) return [421, 'this server answers for 127.0.0.1 and localhost only'];
  if (origin !== undefined && !hosts.some((one) => origin === `http://${one}`)) return [403, 'another origin'];
  if (method !== 'GET' && method !== 'HEAD') return [405, 'GET and HEAD only'];
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  if (encoding !== undefined || (length !== undefined && length !== '0')) return [413, 'no bodies'];
  if (!url.startsWith('/') || /\.\.|%|\\|\/\//.test(url.replace(/\?.*$/, '')))
    return [400, 'not a path of this server'];
  return null;
}

function refuse(response: ServerResponse, [status, why]: Refusal): void {
  const also = status === 405 ? { Allow: 'GET, HEAD' } : {};
  response.writeHead(status, { ...headers, ...also, 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' });
  response.end(`${why}\n`);
}

function answer(request: IncomingMessage, response: ServerResponse, files: PageFiles): void {
  const path = (request.url ?? '/').replace(/[?#].*$/, '');
  const file = files.get(path === '/' ? '/index.html' : path);
  if (file === undefined) return refuse(response, [404, 'no such file']);
  let body: Buffer;
  try {
    body = file.body();
  } catch {
    return refuse(response, [500, 'the file cannot be read']);
  }
  response.writeHead(200, { ...headers, 'Content-Type': file.type, 'Content-Length': body.length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** A server that runs. */
export interface StudioServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Where to listen. */
export interface ListenOptions {
  /** A loopback address. */
  readonly host: string;
  /** 0 for one that is free. */
  readonly port: number;
}

function listening(server: Server, { host, port }: ListenOptions): Promise<AddressInfo> {
  return new Promise((done, failed) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'it is in use' : error.message;
      failed(
        new InputError('IRQB704', `port ${port} of ${host}: ${why}`, { hint: '--port with another one, 0 for any' }),
      );
    });
    server.listen(port, host, () => done(server.address() as AddressInfo));
  });
}

/**
 * Serves files on loopback.
 *
 * @param files - the fixed list, by path
 * @param options - where to listen
 * @returns the address, and how to end it
 * @throws InputError (IRQB704) where the port cannot be had
 */
export async function serve(files: PageFiles, options: ListenOptions): Promise<StudioServer> {
  const hosts: string[] = [];
  const server = createServer(limits, (request, response) => {
    const refusal = refusalOf(request, hosts);
    if (refusal === null) answer(request, response, files);
    else refuse(response, refusal);
  });
  server.maxConnections = CONNECTIONS_MAX;
  // Without a word more: who does not read the answer would keep the connection.
  server.on('clientError', (_, socket) => {
    socket.write('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n', () => socket.destroy());
    setTimeout(() => socket.destroy(), 1000).unref();
  });
  const { port } = await listening(server, options);
  const shown = options.host.includes(':') ? `[${options.host}]` : options.host;
  hosts.push(`${shown}:${port}`, `localhost:${port}`, `127.0.0.1:${port}`);
  return {
    url: `http://${shown}:${port}/`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
