// From which file a scenario came, so that whatever turns out to be wrong with it says so.
import { InputError } from '../engine/input-error.ts';

const files = new WeakMap<object, string>();

/** Notes the file of a scenario script. */
export function noteOrigin(scenario: object, file: string): void {
  files.set(scenario, file);
}

/** Does something with a scenario; what is wrong with its input says which file it is in. */
export function inOrigin<T>(scenario: object, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const file = files.get(scenario);
    throw error instanceof InputError && file !== undefined ? error.at(file) : error;
  }
}
