// Mistakes in a machine's definition or behaviour.
import { InputError } from '../input-error.ts';

/** What can be wrong with a machine; the codes are those of docs/errors.md. */
export const machineErrors = {
  chart: 'IRQB301',
  binding: 'IRQB302',
  undeclaredCell: 'IRQB303',
  notPlain: 'IRQB304',
  namesToldApart: 'IRQB305',
  undeclaredSend: 'IRQB306',
  notModelled: 'IRQB307',
  memory: 'IRQB308',
  patch: 'IRQB309',
  neverSent: 'IRQB310',
  threw: 'IRQB311',
  sameMessage: 'IRQB312',
} as const;

/** A mistake in a machine: what, and which machine. */
export class MachineError extends InputError {
  override readonly name = 'MachineError';

  constructor(kind: keyof typeof machineErrors, message: string, hint?: string, cause?: unknown) {
    super(machineErrors[kind], message, { hint, cause });
  }
}

/** A message that the machine of its recipient does not take where it comes, and that is not said to wait there. */
export class NotModelledError extends InputError {
  override readonly name = 'NotModelledError';

  constructor(message: string, hint?: string) {
    super(machineErrors.notModelled, message, { hint });
  }
}

/** The same message travels in two channels, so that it cannot be told whose it is. */
export function sameMessage(
  text: string,
  actors: readonly { readonly address: string }[],
  channels: readonly number[],
): MachineError {
  const whose = channels.map((actor) => actors[actor]?.address).join(' and ');
  return new MachineError(
    'sameMessage',
    `${text} travels in the channels of ${whose}: it cannot be told whose it is`,
    'give the message a field with the name of its sender',
  );
}
