// A Redis of its own for a test: Debian's redis-server on a loopback port, in a folder that goes away.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface RedisServer {
  readonly port: number;
  readonly folder: string;
  readonly stop: () => Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => void server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Starts a server. Throws where redis-server is not installed: npm run system-packages installs it. */
export async function startRedis(
  options: { readonly password?: string; readonly tls?: true } = {},
): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'irqbypass-redis-'));
  const port = await freePort();
  if (options.tls === true) makeCertificate(folder);
  const tls = ['--tls-port', `${port}`, '--port', '0', '--tls-auth-clients', 'no', '--tls-cert-file', 'server.crt'];
  const args = [
    '--dir',
    folder,
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    ...(options.tls === true ? [...tls, '--tls-key-file', 'server.key'] : ['--port', `${port}`]),
    ...(options.password === undefined ? [] : ['--requirepass', options.password]),
  ];
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'], cwd: folder });
  await new Promise<void>((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`redis-server (Debian: redis-server): ${error.message}`)));
    child.once('exit', (code) => reject(new Error(`redis-server ended (${String(code)})`)));
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('Ready to accept connections')) resolve();
    });
  });
  const stop = async (): Promise<void> => {
    const end = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await end;
    rmSync(folder, { recursive: true });
  };
  return { port, folder, stop };
}

/** An authority `ca.crt` and a certificate for 127.0.0.1 that it signed. */
function makeCertificate(folder: string): void {
  const openssl = (...args: readonly string[]): void => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`openssl (Debian: openssl): ${stderr}`);
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=test authority');
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'server.key',
    '-out',
    'server.crt',
    '-subj',
    '/CN=127.0.0.1',
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-addext',
    'subjectAltName=IP:127.0.0.1',
    '-addext',
    'basicConstraints=critical,CA:FALSE',
  );
}
