// A handler or guard that throws: kept until the transition is over, because XState wraps what a guard throws.
import { InputError } from '../input-error.ts';
import { MachineError } from './machine-error.ts';
import { shownText } from './plain-data.ts';

let failure: Error | null = null;

/** Runs a part of a machine. What it throws is noted, and thrown as a MachineError unless it is an InputError already. */
export function guarded<R>(what: string, run: () => R): R {
  try {
    return run();
  } catch (error) {
    const thrown = error instanceof Error ? error : new Error(String(error));
    failure ??=
      thrown instanceof InputError
        ? thrown
        : new MachineError('threw', `${what}: ${thrown.message}`, undefined, thrown);
    throw failure;
  }
}

/** Runs a transition; throws what a part of the machine threw in it, as it was thrown. */
export function transition<R>(run: () => R): R {
  failure = null;
  try {
    return run();
  } catch (error) {
    throw failure ?? error;
  }
}

/** What a machine says that may be delivered. Throws MachineError where that is no list of objects. */
export function expectMessages<M extends object>(what: string, messages: readonly M[]): readonly M[] {
  const given: unknown = messages;
  const isList = Array.isArray(given) && given.every((one) => typeof one === 'object' && one !== null);
  if (!isList) throw new MachineError('chart', `${what} answers ${shownText(messages)}`, 'a list; [] for none');
  return messages;
}
