// Is what a script returns a script? It may come from plain JavaScript or from a trace file: its shape is checked, not believed.
import type { Script } from './define.ts';
import { nearest } from './nearest.ts';
import { ScenarioError } from './scenario-error.ts';

/** Parts of a script that are lists, and all of its parts. */
const lists = ['producers', 'consumers', 'eventfds', 'actors'] as const;
const parts = [...lists, 'threads', 'after', 'discipline', 'allocationFaults', 'interchangeable'] as const;

type Fail = (what: string) => never;
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Throws ScenarioError where a script has another shape than its type says. */
export function expectScript(where: string, script: Script): void {
  const wrong: Fail = (what) => {
    throw new ScenarioError('shape', `${where}: ${what}`);
  };
  if (!isObject(script)) wrong('the script returns no object');
  if (script instanceof Promise) wrong('the script returns a promise: it has to answer at once');
  const unknown = Object.keys(script).find((key) => !(parts as readonly string[]).includes(key));
  if (unknown !== undefined) {
    const near = nearest(unknown, parts);
    wrong(`a script has no "${unknown}"${near === undefined ? '' : `, did you mean "${near}"?`} (${parts.join(', ')})`);
  }
  for (const list of lists) if (script[list] !== undefined) expectList(wrong, list, script[list]);
  const { threads = {}, after = {}, discipline = 'clean', allocationFaults = false } = script;
  if (!isObject(after) || Object.values(after).some((others) => !isList(others, 'string')))
    wrong('after must be an object: of each thread the list of those that it waits for');
  if (!(['clean', 'raw'] as readonly unknown[]).includes(discipline)) wrong('discipline must be "clean" or "raw"');
  if (typeof allocationFaults !== 'boolean') wrong('allocationFaults must be true or false');
  if (!isObject(threads)) wrong('threads must be an object of lists');
  for (const [thread, steps] of Object.entries(threads)) expectSteps(wrong, thread, steps);
}

const isList = (value: unknown, of: 'string' | 'number'): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === of);

function expectList(wrong: Fail, list: (typeof lists)[number], given: unknown): void {
  if (!Array.isArray(given)) return wrong(`${list} must be a list`);
  for (const [i, one] of (given as readonly unknown[]).entries()) {
    if (typeof one === 'string' && list !== 'actors') continue;
    if (list === 'eventfds') wrong(`eventfds, ${i}: expected a name`);
    if (!isObject(one) || typeof one['name'] !== 'string')
      return wrong(`${list}, ${i}: expected an object with a name`);
    for (const key of ['lacks', 'reenters'])
      if (one[key] !== undefined && !isList([one[key]].flat(), 'string'))
        wrong(`${one['name']}: ${key} must name callbacks`);
    if (one['failures'] !== undefined && !isList(one['failures'], 'number'))
      wrong(`${one['name']}: failures must be a list of errors, as in [-5]`);
    for (const key of ['wiring', 'constants'])
      if (one[key] !== undefined && !isObject(one[key])) wrong(`${one['name']}: ${key} must be an object`);
    const holder = list === 'actors' ? one : one['embeddedIn'];
    if (holder !== undefined) expectMachine(wrong, one['name'], holder);
  }
}

/** A built-in machine's id, a machine, or a function that makes one. */
function expectMachine(wrong: Fail, name: string, holder: unknown): void {
  const machine = isObject(holder) ? holder['machine'] : undefined;
  if (typeof machine === 'string' || typeof machine === 'function') return;
  if (isObject(machine) && isObject(machine['declaration']) && isObject(machine['logic'])) return;
  const hint = isObject(machine) && 'chart' in machine ? 'a declaration, which machine() makes a machine of' : 'none';
  wrong(`${name}: expected a machine: the id of a built-in one, or what machine() returns; this is ${hint}`);
}

function expectSteps(wrong: Fail, thread: string, steps: unknown): void {
  if (!Array.isArray(steps)) return wrong(`thread ${thread} must be a list of steps`);
  for (const step of steps as readonly unknown[]) {
    const calls = isObject(step) ? step['calls'] : undefined;
    if (!Array.isArray(calls) || calls.length === 0) return wrong(`thread ${thread}: a step has "calls", one at least`);
    for (const to of ['ok', 'error']) {
      const target = (step as Readonly<Record<string, unknown>>)[to];
      if (target !== undefined && !(Number.isInteger(target) && Number(target) >= 0))
        wrong(`thread ${thread}: "${to}" is the number of a step`);
    }
    for (const call of calls as readonly unknown[])
      if (
        !isObject(call) ||
        typeof call['op'] !== 'string' ||
        (call['object'] !== null && typeof call['object'] !== 'string')
      )
        wrong(`thread ${thread}: a call has "op" and "object", as invoke() makes it`);
  }
}
