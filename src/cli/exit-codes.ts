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

/** Wrong input that only the command line can see: an option's value. */
export class UsageError extends InputError {
  override readonly name = 'UsageError';

  constructor(message: string, cause?: unknown) {
    super('IRQB100', message, { cause });
  }
}

/** Reads a whole number from a limit upwards. Throws UsageError. */
export function wholeNumber(option: string, text: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || value < least || value > most) {
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
    throw new UsageError(`${option} ${text}: expected a whole number ${range}`);
  }
  return value;
}
