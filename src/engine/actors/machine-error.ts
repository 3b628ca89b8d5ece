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
