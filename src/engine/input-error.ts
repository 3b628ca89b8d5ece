// An error of the user's: what is wrong, where, what would be right. Never a bug of the lab.

/** What goes with the message of an InputError. */
export interface InputErrorDetails {
  /** File and line, or the part of a scenario. */
  readonly where?: string | undefined;
  /** What would be right. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** A wrong input: a code that docs/errors.md explains, what is wrong, where, and what would be right. */
export class InputError extends Error {
  override readonly name: string = 'InputError';
  /** `IRQB203`: one line each in docs/errors.md. */
  readonly code: string;
  readonly where: string | undefined;
  readonly hint: string | undefined;

  constructor(code: string, message: string, { where, hint, cause }: InputErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.where = where;
    this.hint = hint;
  }

  /** The same error with its place, unless it has one. */
  at(where: string): InputError {
    if (this.where !== undefined) return this;
    return this.message.includes(where)
      ? this
      : new InputError(this.code, this.message, { where, hint: this.hint, cause: this });
  }
}
