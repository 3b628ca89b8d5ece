// From which file a scenario came, so that whatever turns out to be wrong with it says so.
import { InputError } from '../engine/input-error.ts';

const files = new WeakMap<object, string>();

/** Notes the file of a scenario. */
export function noteOrigin(scenario: object, file: string): void {
  files.set(scenario, file);
}

/** The file that a scenario came from, as it was given; undefined for one that came from none. */
export const originOf = (scenario: object): string | undefined => files.get(scenario);

/** Does something with a scenario, at once or in time; what is wrong with its input says which file it is in. */
export function inOrigin<T>(scenario: object, work: () => T): T {
  const locate = (error: unknown): never => {
    const file = files.get(scenario);
    throw file !== undefined && error instanceof InputError ? error.at(file) : error;
  };
  try {
    const result = work();
    return result instanceof Promise ? (result.catch(locate) as T) : result;
  } catch (error) {
    return locate(error);
  }
}
