// Calls as scenario files write them, in the manner of C: `register_producer(p0, e0, irq=40)`.
import type { Call, Operation } from '../../machines/manager/protocol.ts';
import { name, NAME_PATTERN } from '../../machines/manager/protocol.ts';
import { nearest } from '../nearest.ts';

/** Operations with the number of plain arguments each takes. */
const operations: Readonly<Record<Operation, number>> = {
  register_producer: 2,
  unregister_producer: 1,
  register_consumer: 2,
  unregister_consumer: 1,
  free: 1,
  copy: 2,
  eventfd_ctx_put: 1,
  eventfd_ctx_alloc: 1,
  set_irqs: 2,
  clear_irqs: 1,
  irqfd_assign: 2,
  irqfd_deassign: 1,
  set_gsi_routing: 2,
  raise_msi: 1,
};
const options = ['irq', 'atomic', 'module_get'];

/** A call that cannot be read: what is wrong with it. */
export class CallSyntaxError extends Error {
  override readonly name = 'CallSyntaxError';
}

function isOperation(text: string): text is Operation {
  return Object.hasOwn(operations, text);
}

/** Reads one call. Throws CallSyntaxError. */
export function parseCall(text: string): Call {
  const match = /^\s*([a-z_]+)\s*\(([^()]*)\)\s*;?\s*$/.exec(text);
  const [, op = '', inside = ''] = match ?? [];
  if (match === null) {
    const cut = text.includes('(') && !text.includes(')') ? '; inside [ ] put calls in quotes' : '';
    throw new CallSyntaxError(`"${text}" is not a call: write it as register_producer(p0, e0)${cut}`);
  }
  if (!isOperation(op)) {
    const near = nearest(op, Object.keys(operations));
    throw new CallSyntaxError(
      `unknown call "${op}"${near === undefined ? '' : `, did you mean "${near}"?`} (known: ${Object.keys(operations).join(', ')})`,
    );
  }
  const args = inside
    .split(',')
    .map((arg) => arg.trim())
    .filter((arg) => arg !== '');
  const plain = args.filter((arg) => !options.some((option) => arg === option || arg.startsWith(`${option}=`)));
  const wanted = operations[op];
  if (plain.length !== wanted)
    throw new CallSyntaxError(
      `${op} takes ${wanted} argument${wanted === 1 ? '' : 's'}, "${text}" has ${plain.length}`,
    );
  const [first = null, second = null] = plain.map((arg) => nameOrNull(arg));
  const extra = Object.assign({}, ...args.filter((arg) => !plain.includes(arg)).map(parseOption)) as Partial<Call>;
  switch (op) {
    case 'eventfd_ctx_put':
    case 'eventfd_ctx_alloc':
      return { op, object: null, eventfd: first, ...extra };
    case 'copy':
      if (second === null) throw new CallSyntaxError('copy needs a destination');
      return { op, object: first, to: second, ...extra };
    case 'set_gsi_routing':
      return { op, object: first, ...(second === null ? {} : { to: second }), ...extra };
    case 'register_producer':
    case 'register_consumer':
    case 'set_irqs':
    case 'irqfd_assign':
      return { op, object: first, eventfd: second, ...extra };
    default:
      return { op, object: first, ...extra };
  }
}

function nameOrNull(arg: string): Call['object'] {
  if (arg === 'NULL' || arg === 'null') return null;
  if (!NAME_PATTERN.test(arg))
    throw new CallSyntaxError(`"${arg}" is not a name: letters, then digits, as in p0, or NULL`);
  return name(arg);
}

function parseOption(text: string): Partial<Call> {
  const [key, value] = text.split('=');
  if (key === 'atomic' && value === undefined) return { atomic: true };
  if (key === 'module_get' && value === 'fails') return { moduleGet: 'fails' };
  if (key === 'irq' && value !== undefined && /^\d+$/.test(value)) return { irq: Number(value) };
  throw new CallSyntaxError(`"${text}": options are irq=<number>, atomic, module_get=fails`);
}
