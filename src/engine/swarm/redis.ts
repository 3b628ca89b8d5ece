// A connection to Redis by URL, with errors that a user understands.
import type { Redis } from 'ioredis';
import { RedisError, RedisLostError } from './redis-error.ts';

/** The first connection must be there by then. */
const CONNECT_MS = 4000;
/** A connection that was lost for so long is given up. */
const LOST_MS = 60_000;
const RETRY_MS = 500;

/** A URL without its password, for messages. */
export function withoutPassword(url: URL): string {
  const shown = new URL(url);
  if (shown.password !== '') shown.password = '***';
  return shown.href;
}

/** Reads a URL of Redis. Throws RedisError. */
export function redisUrl(given: string): URL {
  const wanted = 'expected redis://[[user]:password@]host[:port][/database], or rediss:// with TLS';
  let url: URL;
  try {
    url = new URL(given);
  } catch (error) {
    throw new RedisError(`--redis: this is no URL: ${wanted}`, error);
  }
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:')
    throw new RedisError(`--redis ${withoutPassword(url)}: the protocol is ${url.protocol.slice(0, -1)}: ${wanted}`);
  if (url.hostname === '') throw new RedisError(`--redis ${withoutPassword(url)}: there is no host: ${wanted}`);
  if (!/^\/?\d*$/.test(url.pathname))
    throw new RedisError(`--redis ${withoutPassword(url)}: the database is a number: ${wanted}`);
  return url;
}

const NO_REDIS = 'what answers there is no Redis, or wants TLS (rediss://)';

const reasons: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, 'nothing listens there'],
  [/ENOTFOUND|EAI_AGAIN/, 'there is no such host'],
  [/EHOSTUNREACH|ENETUNREACH/, 'there is no way to that host'],
  [/ETIMEDOUT/, 'it does not answer'],
  [/WRONGPASS|invalid password/, 'wrong user or password'],
  [/NOAUTH/, 'it wants a password'],
  [/NOPERM/, 'this user may not do that'],
  [/Protocol error|Unknown RESP type/, NO_REDIS],
  [
    /self[- ]signed|unable to verify|unable to get .*issuer/i,
    'its certificate is not trusted (NODE_EXTRA_CA_CERTS names a file of further authorities)',
  ],
  [/does not match certificate|altnames/i, 'its certificate is for another host'],
];

function reasonOf(url: URL, error: Error): string {
  const text = `${'code' in error ? String(error.code) : ''} ${error.message}`;
  const known = reasons.find(([pattern]) => pattern.test(text))?.[1];
  if (known !== undefined) return known;
  if (!/SSL|TLS|ECONNRESET|EPIPE|wrong version number|closed/i.test(text)) return error.message;
  return url.protocol === 'redis:' ? NO_REDIS : 'no TLS connection (rediss:// is for TLS, redis:// is without)';
}

/** Connects to Redis. `lost` is called when a connection was lost and did not come back. Throws RedisError. */
export async function connectRedis(url: URL, lost: (error: RedisLostError) => void): Promise<Redis> {
  const { Redis: Client } = await import('ioredis');
  let isReady = false;
  let lostSince = 0;
  const where = withoutPassword(url);
  const redis = new Client(url.href, {
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    // BullMQ's own calls wait for a connection that comes back.
    maxRetriesPerRequest: null,
    retryStrategy: () => {
      if (!isReady) return null;
      lostSince ||= Date.now();
      if (Date.now() - lostSince < LOST_MS) return RETRY_MS;
      lost(
        new RedisLostError(`--redis ${where}: the connection was lost and did not come back in ${LOST_MS / 1000} s`),
      );
      return null;
    },
  });
  const failure = new Promise<Error>((resolve) => {
    redis.on('error', resolve).on('end', () => resolve(new Error('it closed the connection')));
    setTimeout(() => resolve(new Error('ETIMEDOUT')), CONNECT_MS + 500).unref();
  });
  const ready = new Promise<null>((resolve) => {
    redis.on('ready', () => {
      isReady = true;
      lostSince = 0;
      resolve(null);
    });
  });
  redis.connect().catch(() => {});
  const error = await Promise.race([ready, failure]);
  if (error === null) return redis;
  redis.disconnect();
  throw new RedisError(`--redis ${where}: ${reasonOf(url, error)}`, error);
}
