// Limits of a world: what a row cannot hold any more.
import { InputError } from '../input-error.ts';

/** The most local states, events and values of a world: a column of a row is 16 bits, and 0 means none. */
export const MAX_NUMBER = 0xfffe;

/** Raised when a world outgrows a limit. */
export class WorldLimitError extends InputError {
  override readonly name = 'WorldLimitError';

  constructor(message: string, cause?: unknown) {
    super('IRQB107', message, { cause });
  }
}

/** Checks a number before it goes into a row. Throws WorldLimitError where it does not fit. */
export function within(number: number, what: string, most: number = MAX_NUMBER): number {
  if (number > most) throw new WorldLimitError(`more than ${most} ${what}: the world is too large`);
  return number;
}

/** More messages are in flight in the channel of an actor than its machine's `slots` allow. */
export function channelFull(slots: number, address: string | undefined): WorldLimitError {
  return new WorldLimitError(`more than ${slots} messages of ${address} in flight`);
}
