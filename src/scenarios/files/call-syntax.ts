// Calls as scenario files write them, in the manner of C: `register_producer(p0, e0, irq=40)`.
import type { Operation } from '../../engine/actors/machine.ts';
import type { Value } from '../../engine/actors/name.ts';
import { name, NAME_PATTERN } from '../../engine/actors/name.ts';
import type { Call } from '../../machines/manager/program.ts';
import { DEFAULT_REVISION, findRevision } from '../../registry/revisions.ts';
import { argumentOf } from '../argument.ts';
import { machinesOf } from '../machines.ts';
import { nearest } from '../nearest.ts';

/** Every call that a built-in machine declares, by name; their arguments are the same in every revision. */
export function operations(): Readonly<Record<string, Operation>> {
  const revision = findRevision(DEFAULT_REVISION);
  if (revision === undefined) return {};
  const machines = Object.values(machinesOf(revision.policy, 'clean'));
  return Object.assign({}, ...machines.map(({ declaration }) => declaration.operations ?? {})) as Record<
    string,
    Operation
  >;
}

/** Options of calls, as they are written. */
const options: Readonly<Record<string, string>> = { irq: 'irq', atomic: 'atomic', module_get: 'moduleGet' };

/** A call that cannot be read: what is wrong with it. */
export class CallSyntaxError extends Error {
  override readonly name = 'CallSyntaxError';
}

/** Reads one call. Throws CallSyntaxError. */
export function parseCall(text: string): Call {
  const match = /^\s*([a-z_]+)\s*\(([^()]*)\)\s*;?\s*$/.exec(text);
  const [, op = '', inside = ''] = match ?? [];
  if (match === null) {
    const cut = text.includes('(') && !text.includes(')') ? '; inside [ ] put calls in quotes' : '';
    throw new CallSyntaxError(`"${text}" is not a call: write it as register_producer(p0, e0)${cut}`);
  }
  const known = operations();
  const operation = Object.hasOwn(known, op) ? known[op] : undefined;
  if (operation === undefined) {
    const near = nearest(op.replace(/^irq_bypass_/, ''), Object.keys(known));
    const meant = near === undefined ? ` (known: ${Object.keys(known).join(', ')})` : `, did you mean "${near}"?`;
    throw new CallSyntaxError(`unknown call "${op}"${meant}`);
  }
  const args = inside
    .split(',')
    .map((arg) => arg.trim())
    .filter((arg) => arg !== '');
  const own = (operation.arguments ?? []).map(argumentOf).flatMap((one) => (one.isOptional ? [one.name] : []));
  const isOption = (arg: string): boolean =>
    [...Object.keys(options), ...own].some((option) => arg === option || arg.startsWith(`${option}=`));
  const plain = args.filter((arg) => !isOption(arg));
  const places = (operation.arguments ?? []).map(argumentOf).filter(({ isOptional }) => !isOptional);
  const wanted = places.length + 1;
  if (plain.length !== wanted) {
    const many = `${wanted} argument${wanted === 1 ? '' : 's'}`;
    const names = ['actor', ...places.map((one) => one.name)].join(', ');
    throw new CallSyntaxError(`${op} takes ${many} (${names}), "${text}" has ${plain.length}`);
  }
  const [object = '', ...rest] = plain;
  const call: Record<string, Value | string> = { op, object: nameOrNull(object) };
  for (const [i, place] of places.entries())
    call[place.name] = place.name === 'value' ? plainValue(rest[i] ?? '') : nameOrNull(rest[i] ?? '');
  for (const option of args.filter(isOption)) Object.assign(call, parseOption(option, own));
  return call as unknown as Call;
}

function nameOrNull(arg: string): Call['object'] {
  if (arg === 'NULL' || arg === 'null') return null;
  if (!NAME_PATTERN.test(arg))
    throw new CallSyntaxError(`"${arg}" is not a name: lower-case letters, then digits, as in p0, or NULL`);
  return name(arg);
}

/** A truth value, a number, or a name. */
function plainValue(arg: string): Value {
  if (arg === 'true' || arg === 'false') return arg === 'true';
  return /^\d+$/.test(arg) ? Number(arg) : nameOrNull(arg);
}

/** Reads an option; `own` are the arguments of the call that may be left out. */
function parseOption(text: string, own: readonly string[]): Readonly<Record<string, Value | string>> {
  const [key = '', value] = text.split('=');
  if (key === 'atomic' && value === undefined) return { atomic: true };
  if (key === 'module_get' && value === 'fails') return { moduleGet: 'fails' };
  if (key === 'irq' && value !== undefined && /^\d+$/.test(value)) return { irq: Number(value) };
  if (own.includes(key) && options[key] === undefined) return { [key]: value === undefined ? true : plainValue(value) };
  throw new CallSyntaxError(`"${text}": options are irq=<number>, atomic, module_get=fails`);
}
