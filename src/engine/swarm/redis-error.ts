// What is wrong with a Redis. Apart from the connection, so that who catches it needs no types of a client.
import { InputError } from '../input-error.ts';

/** A Redis that cannot be used: which, and why. */
export class RedisError extends InputError {
  override readonly name = 'RedisError';

  constructor(message: string, cause?: unknown) {
    super('IRQB105', message, { cause });
  }
}

/** A Redis that was there and went away for too long. */
export class RedisLostError extends RedisError {}
