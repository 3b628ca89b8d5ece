// Errors on their way between worker and page: an InputError keeps its code, its place and its hint.
import * as Comlink from 'comlink';
import { InputError } from '../../engine/input-error.ts';

/** An error as it travels. */
type Travelling =
  | { readonly code: string; readonly message: string; readonly where?: string; readonly hint?: string }
  | { readonly message: string; readonly stack: string | undefined };

/** Registers the way of errors, on both sides. */
export function passErrors(): void {
  const before = Comlink.transferHandlers.get('throw');
  if (before === undefined) throw new Error('comlink passes no errors');
  Comlink.transferHandlers.set('throw', {
    canHandle: (value): value is unknown => before.canHandle(value),
    serialize: (thrown: unknown) => [travelling((thrown as { readonly value: unknown }).value), []],
    deserialize: (value: unknown) => {
      throw arrived(value as Travelling);
    },
  });
}

function travelling(error: unknown): Travelling {
  if (error instanceof InputError) {
    const { code, message, where, hint } = error;
    return {
      code,
      message,
      ...(where === undefined ? {} : { where }),
      ...(hint === undefined ? {} : { hint }),
    };
  }
  return error instanceof Error
    ? { message: error.message, stack: error.stack }
    : { message: String(error), stack: undefined };
}

function arrived(error: Travelling): Error {
  if ('code' in error) return new InputError(error.code, error.message, { where: error.where, hint: error.hint });
  return new Error(error.message, { cause: error.stack });
}
