// Contexts are plain data: names, numbers, booleans, null, small arrays and objects of them. So a snapshot survives JSON.
import { MachineError } from './machine-error.ts';

/** Throws MachineError where a value would not survive JSON. */
export function expectPlain(where: string, value: unknown, what = 'context'): void {
  if (isPlain(value)) return;
  const problem = problemOf(value, what);
  if (problem !== null)
    throw new MachineError('notPlain', `${where}: ${problem}; contexts and messages are plain data`);
}

/** Is there no problem? Asked for every context and message: the path to one is made only where there is one. */
function isPlain(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'object': {
      if (value === null) return true;
      if (Array.isArray(value)) {
        for (let i = 0; i < value.length; i++) if (!isPlain(value[i])) return false;
        return true;
      }
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype !== Object.prototype && prototype !== null) return false;
      for (const key in value) if (!isPlain((value as Readonly<Record<string, unknown>>)[key])) return false;
      return true;
    }
    default:
      return false;
  }
}

function problemOf(value: unknown, path: string): string | null {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return null;
    case 'number':
      return isPlain(value) ? null : `${path} is ${Object.is(value, -0) ? '-0' : String(value)}`;
    case 'object': {
      if (value === null) return null;
      if (Array.isArray(value)) return firstOf(value.entries(), path);
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype !== Object.prototype && prototype !== null)
        return `${path} is a ${value.constructor.name || 'class instance'}`;
      return firstOf(Object.entries(value), path);
    }
    default:
      return `${path} is ${value === undefined ? 'undefined' : `a ${typeof value}`}`;
  }
}

function firstOf(entries: Iterable<readonly [string | number, unknown]>, path: string): string | null {
  for (const [key, item] of entries) {
    const problem = problemOf(item, `${path}.${key}`);
    if (problem !== null) return problem;
  }
  return null;
}

/** A value as a message shows it, whatever it is: data as JSON. */
export function shownText(value: unknown): string {
  if (typeof value !== 'object') return String(value);
  try {
    return JSON.stringify(value);
  } catch {
    return String(value);
  }
}

/** Do two values hold the same data? The order of keys does not count. */
export function isSamePlain(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  const ones = one as Readonly<Record<string, unknown>>;
  const others = other as Readonly<Record<string, unknown>>;
  for (const key of keys) if (!Object.hasOwn(others, key) || !isSamePlain(ones[key], others[key])) return false;
  return true;
}
