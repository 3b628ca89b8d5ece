// Events: messages as they are delivered, as plain data.
import type { Address } from '../actors/effects.ts';

/** A message with its recipient, perhaps with the environment's answer. */
export interface PlainEvent {
  readonly to: Address;
  readonly message: Readonly<Record<string, unknown>> & { readonly type: string };
}
