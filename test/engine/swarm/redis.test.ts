// A swarm over Redis: the same findings as here, no job lost, nothing run that was not given, clear errors.
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SwarmJob } from '../../../src/engine/swarm/swarm-job.ts';
import { referenceTo, swarmOf } from '../../../src/scenarios/files/known-scenarios.ts';
import { assembled } from '../assembled.ts';
import type { Started } from './command.ts';
import { isLong } from '../../sample.ts';
import { irqbypass, start, startWith, until, untimed } from './command.ts';
import type { RedisServer } from './redis-server.ts';
import { startRedis } from './redis-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'irqbypass-fleet-'));
const own = join(folder, 'own.yaml');
const other = join(folder, 'other.yaml');
const scenarioText = (call: string): string =>
  `scenario: own\neventfds: [e0]\nproducers: [p0]\nthreads:\n  t0: ["${call}", "unregister_producer(p0)"]\n`;
writeFileSync(own, scenarioText('register_producer(p0, e0)'));
writeFileSync(other, scenarioText('register_producer(p0, NULL)'));

const running: Started[] = [];

/** A command that is ended with the test, whatever becomes of it. */
function beside(env: Readonly<Record<string, string>>, ...args: readonly string[]): Started {
  const run = startWith(env, ...args);
  running.push(run);
  return run;
}

afterEach(async () => {
  for (const { child } of running) if (child.exitCode === null) child.kill('SIGKILL');
  await Promise.all(running.splice(0).map(({ end }) => end));
});

describe('a swarm over Redis', () => {
  let redis: RedisServer;
  let url: string;
  beforeAll(async () => {
    redis = await startRedis();
    url = `redis://127.0.0.1:${redis.port}`;
  });
  afterAll(() => redis.stop());

  async function worker(...args: readonly string[]): Promise<Started> {
    const run = beside({}, 'worker', '--redis', url, ...args);
    await run.says('joined ');
    return run;
  }

  const redisCli = (...args: readonly string[]): string =>
    spawnSync('redis-cli', ['-p', String(redis.port), ...args], { encoding: 'utf8' }).stdout;

  /** What is left in Redis of jobs. */
  const jobsLeft = (): string =>
    redisCli('--scan', '--pattern', 'bull:irqbypass-swarm:*-*').replace(/^.*stalled-check\n/gm, '');

  /** Jobs that workers are at. */
  const active = (): number => Number(redisCli('llen', 'bull:irqbypass-swarm:active'));

  it('finds what the embedded one finds with the same seed, and leaves nothing behind', async () => {
    const swarm = [
      'explore',
      'duplicate-producer',
      '--mutation',
      'b3b',
      '--swarm',
      '4',
      '--seed',
      '3',
      '--max-steps',
      '20000',
      '--json',
    ];
    const here = irqbypass(...swarm);
    const [one, two] = [await worker('--concurrency', '1'), await worker('--concurrency', '2')];
    const there = await start(...swarm, '--redis', url).end;
    expect(there.status).toBe(1);
    expect(untimed(there.stdout)).toEqual(untimed(here.stdout));
    expect(jobsLeft()).toBe('');
    one.child.kill('SIGINT');
    two.child.kill('SIGTERM');
    const ends = await Promise.all([one.end, two.end]);
    expect(ends.map(({ status }) => status)).toEqual([130, 130]);
    const done = ends.map(({ stdout }) => Number(/^(\d+) jobs? done, 0 attempts failed/.exec(stdout)?.[1]));
    expect((done[0] ?? 0) + (done[1] ?? 0)).toBe(4);
  });

  // Killed processes of the embedded swarm are in processes.test.ts.
  it.runIf(isLong)('loses no job when a worker is killed in the middle of one', async () => {
    const victim = await worker('--concurrency', '2');
    const swarm = ['explore', 'manager', '--swarm', '6', '--json'];
    const run = beside({}, ...swarm, '--redis', url);
    await until(() => active() === 2);
    victim.child.kill('SIGKILL');
    await worker('--concurrency', '2');
    const { status, stdout, stderr } = await run.end;
    expect(stderr).toMatch(/job \d+: its worker died; it is tried again/);
    expect(stderr).not.toContain('no worker has joined');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'holds', swarm: { done: 6, failed: [] } });
    expect(untimed(stdout)).toEqual(untimed(irqbypass(...swarm).stdout));
  });

  // In npm test without Redis: swarm.test.ts.
  it.runIf(isLong)('runs a scenario file only where that file was given, and says so', async () => {
    const wrong = await worker('--scenario', other);
    const refused = await start('explore', own, '--swarm', '2', '--max-steps', '20000', '--redis', url).end;
    expect(refused.status).toBe(3);
    expect(refused.stdout.replaceAll(/\n {4,}/g, ' ')).toMatch(
      /incomplete \(jobs failed\)[^]*2 jobs failed \(0, 1\): scenario file own.yaml \(sha256 [0-9a-f]{12}\) was not given to this worker \(given: .*other.yaml [0-9a-f]{12}\)/,
    );
    wrong.child.kill('SIGTERM');
    await wrong.end;
    await worker('--scenario', own, '--scenario', other);
    const taken = await start('explore', own, '--swarm', '2', '--max-steps', '20000', '--redis', url, '--json').end;
    expect(taken.status).toBe(0);
    expect(JSON.parse(taken.stdout)).toMatchObject({ scenario: 'own', verdict: 'holds', exhaustive: true });
  });

  it('refuses what is no job, whoever put it into the queue', async () => {
    await worker();
    const { Queue, QueueEvents } = await import('bullmq');
    const { Redis } = await import('ioredis');
    const connection = new Redis(url, { maxRetriesPerRequest: null });
    const queue = new Queue('irqbypass-swarm', { connection });
    const second = connection.duplicate();
    const news = new QueueEvents('irqbypass-swarm', { connection: second });
    await news.waitUntilReady();
    const [job] = swarmOf(assembled('pairing'), { builtin: 'pairing' }, 1, 1) as [SwarmJob];
    const { sha256 } = referenceTo(own) as { readonly sha256: string };
    for (const [data, message] of [
      [{ code: 'process.exit()' }, 'this is no job of a swarm'],
      ['x', 'this is no job of a swarm'],
      [
        { ...job, model: { ...job.model, scenario: { file: own, sha256, text: scenarioText('free(p0)') } } },
        'this names no scenario',
      ],
    ] as const) {
      const queued = await queue.add('search', data);
      await expect(queued.waitUntilFinished(news, 20_000)).rejects.toThrow(message);
      await queued.remove();
    }
    await news.close();
    await queue.close();
    second.disconnect();
    connection.disconnect();
  });

  it.runIf(isLong)(
    'says that no worker has joined, ends at a limit of time, and takes its jobs out of the queue',
    async () => {
      const { status, stdout, stderr } = await start(
        'explore',
        'pairing',
        '--swarm',
        '3',
        '--redis',
        url,
        '--max-seconds',
        '7',
      ).end;
      expect(stderr).toContain(`no worker has joined so far: irqbypass worker --redis ${url}`);
      expect(stdout).toMatch(/incomplete \(seconds-limit\)\n.*\n {2}0 of 3 jobs of seed 1 over Redis/);
      expect(status).toBe(3);
      expect(jobsLeft()).toBe('');
    },
  );

  it('prints the partial report when it is interrupted', async () => {
    await worker('--concurrency', '1');
    const run = beside({}, 'explore', 'manager', '--swarm', '1000', '--redis', url);
    await until(() => active() > 0);
    run.child.kill('SIGINT');
    const { status, stdout } = await run.end;
    expect(status).toBe(130);
    expect(stdout.replaceAll(/\n {4,}/g, ' ')).toMatch(/incomplete \(interrupted\)\n.*\n {2}\d+ of 1,000 jobs/);
  });
});

describe('a URL of Redis', () => {
  const swarm = (url: string, env = {}): Promise<{ status: number | null; stdout: string; stderr: string }> =>
    beside(env, 'explore', 'pairing', '--swarm', '2', '--max-steps', '20000', '--redis', url).end;

  it('with another password than the right one', async () => {
    const redis = await startRedis({ password: 's3cret/&' });
    const at = (password: string): string => `redis://:${encodeURIComponent(password)}@127.0.0.1:${redis.port}/2`;
    try {
      const wrong = await swarm(at('wrong'));
      expect(wrong).toEqual({
        status: 2,
        stdout: '',
        stderr: `irqbypass: IRQB105 --redis redis://:***@127.0.0.1:${redis.port}/2: wrong user or password\n`,
      });
      const none = await swarm(`redis://127.0.0.1:${redis.port}`);
      expect(none).toMatchObject({ status: 2, stderr: expect.stringContaining('it wants a password') });
    } finally {
      await redis.stop();
    }
  });

  it('with TLS, a password of signs that a URL writes otherwise, and a database', async () => {
    const redis = await startRedis({ tls: true, password: 's3cret/&' });
    const url = `rediss://:${encodeURIComponent('s3cret/&')}@127.0.0.1:${redis.port}/2`;
    const trusting = { NODE_EXTRA_CA_CERTS: join(redis.folder, 'ca.crt') };
    try {
      const worker = beside(trusting, 'worker', '--redis', url);
      await worker.says(`joined rediss://:***@127.0.0.1:${redis.port}/2`);
      expect(await swarm(url, trusting)).toMatchObject({ status: 0, stderr: '' });
      const untrusted = await swarm(url);
      expect(untrusted.stderr).toContain('its certificate is not trusted (NODE_EXTRA_CA_CERTS');
      expect(untrusted.status).toBe(2);
      const plain = await swarm(url.replace('rediss', 'redis'));
      expect(plain).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('what answers there is no Redis, or wants TLS'),
      });
    } finally {
      await redis.stop();
    }
  });

  it('that does not work ends with exit code 2, in a few seconds, for both commands', async () => {
    const http = createServer((_, response) => void response.end('hello')).listen(0, '127.0.0.1');
    await new Promise((resolve) => http.once('listening', resolve));
    const address = http.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const wrong = [
      ['redis://127.0.0.1:1', 'nothing listens there'],
      ['redis://no-such-host.invalid', 'there is no such host'],
      [`redis://127.0.0.1:${port}`, 'what answers there is no Redis, or wants TLS'],
      [`rediss://127.0.0.1:${port}`, 'no TLS connection'],
      ['http://127.0.0.1', 'the protocol is http: expected redis://'],
      ['localhost:6379', 'the protocol is localhost: expected redis://'],
      ['redis://127.0.0.1/jobs', 'the database is a number'],
      ['redis:', 'there is no host'],
      ['', 'this is no URL'],
    ] as const;
    for (const [i, [url, message]] of wrong.entries()) {
      const commands = [() => swarm(url), () => beside({}, 'worker', '--redis', url).end];
      // Both in test:long, else in turn.
      for (const command of isLong ? commands : commands.filter((_, turn) => turn === i % 2)) {
        const started = performance.now();
        expect(await command()).toMatchObject({ status: 2, stderr: expect.stringContaining(message) });
        expect(performance.now() - started).toBeLessThan(10_000);
      }
    }
    http.close();
  });

  it('is needed by a worker; its files are read before it joins', () => {
    expect(irqbypass('worker')).toMatchObject({ status: 2, stderr: expect.stringContaining('--redis URL is missing') });
    const missing = irqbypass('worker', '--redis', 'redis://127.0.0.1:1', '--scenario', join(folder, 'no.yaml'));
    expect(missing).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no.yaml: cannot be read: no such file'),
    });
    const none = irqbypass('worker', '--redis', 'redis://127.0.0.1:1', '--concurrency', '0');
    expect(none).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--concurrency 0: expected a whole number'),
    });
  });
});
