// Exit codes of every command: other programs rely on them.
import { InputError } from '../engine/input-error.ts';

export const exitCode = {
  /** Done; what was checked holds. */
  ok: 0,
  /** Done; a property is violated, a trace diverges. */
  violated: 1,
  /** The input is wrong; nothing was written. */
  input: 2,
  /** A limit ended the work; the partial report is printed. */
  incomplete: 3,
  /** A mistake in irqbypass itself (EX_SOFTWARE of sysexits.h). */
  bug: 70,
  /** Interrupted by a signal; the partial report is printed. */
  interrupted: 130,
} as const;

/** What each says, for `irqbypass help --json`. */
export const exitMeanings: Readonly<Record<keyof typeof exitCode, string>> = {
  ok: 'done; what was checked holds',
  violated: 'done; a property is violated, a trace diverges, revisions differ',
  input: 'the input is wrong: one message on stderr, nothing written',
  incomplete: 'a limit ended the work; the partial report is printed',
  bug: 'a mistake in irqbypass itself',
  interrupted: 'interrupted by a signal; the partial report is printed',
};

/** Wrong input that only the command line can see: an option's value. */
export class UsageError extends InputError {
  override readonly name = 'UsageError';

  constructor(message: string, cause?: unknown) {
    super('IRQB100', message, { cause });
  }
}

/** As in `200000`, `200_000` and `2e5`. */
const NUMBER = /^-?\d+(?:_\d+)*(?:e\d+)?$/i;

/**
 * Reads a whole number from a limit upwards.
 *
 * @param option - as it was typed, for the message
 * @param text - digits, with underscores between them or a power of ten after them
 * @param least - the least that may be
 * @param most - the most that may be
 * @throws UsageError where it is no whole number, or is out of the range
 */
export function wholeNumber(option: string, text: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text.replaceAll('_', ''));
  if (!NUMBER.test(text) || !Number.isInteger(value) || value < least || value > most) {
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
    throw new UsageError(`${option} ${text}: expected a whole number ${range}`);
  }
  return value;
}
