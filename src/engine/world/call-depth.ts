// A limit on function calls within function calls: a machine that calls itself without end is wrong.
import { MachineError } from '../actors/machine-error.ts';

/** Function calls within function calls. */
export const CALL_DEPTH_MAX = 100;

/** Calls within calls do not end; `what` is being delivered. */
export function endlessCalls(what: string): MachineError {
  return new MachineError('chart', `function calls without end: ${what}`);
}
