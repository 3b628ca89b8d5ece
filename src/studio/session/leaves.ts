// A state as a flat list of values by path, and what a step changed in it.
import { valueText } from '../../engine/world/language.ts';
import type { StateLeaf } from './position.ts';

type State = Readonly<Record<string, unknown>>;

/** A message in flight, as states have it. */
interface Flying {
  readonly to: string;
  readonly type: string;
}

/** Messages in flight by receiver and type: their places in the list say nothing. Equal ones are numbered. */
function flying(found: Map<string, string>, messages: readonly Flying[]): void {
  for (const { to, type, ...rest } of messages) {
    const path = `inFlight.${to}.${type}`;
    let free = path;
    for (let n = 2; found.has(free); n++) free = `${path}#${n}`;
    found.set(free, Object.keys(rest).length === 0 ? 'in flight' : JSON.stringify(rest));
  }
}

/** Values by path: `{c0: {peer: 'p0'}}` is `c0.peer`. Lists are one value each, empty objects none; of messages in flight each is one. */
export function flattened(state: State): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (path: string, value: unknown): void => {
    if (path === 'inFlight' && Array.isArray(value)) return flying(found, value as readonly Flying[]);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      found.set(path, Array.isArray(value) ? JSON.stringify(value) : valueText(value));
      return;
    }
    for (const [key, item] of Object.entries(value)) visit(path === '' ? key : `${path}.${key}`, item);
  };
  visit('', state);
  return found;
}

/**
 * All values of a state, and those that were there before.
 *
 * @param before - the state before the step; null for the initial state, in which nothing has changed
 * @param after - the state
 * @returns by path, in the order of the state; what is gone comes last
 */
export function leavesOf(before: State | null, after: State): StateLeaf[] {
  const now = flattened(after);
  const old = before === null ? now : flattened(before);
  const there = [...now].map(([path, value]): StateLeaf => {
    const was = old.get(path);
    if (was === undefined) return { path, value, change: 'added' };
    return was === value ? { path, value, change: 'same' } : { path, value, was, change: 'changed' };
  });
  const gone = [...old].flatMap(([path, was]): StateLeaf[] =>
    now.has(path) ? [] : [{ path, was, change: 'removed' }],
  );
  return [...there, ...gone];
}

/** Paths of the states that a state value says are active: `{locked: 'finding'}` is `locked` and `locked.finding`. */
export function activePaths(value: unknown, prefix = ''): string[] {
  if (typeof value === 'string') return [`${prefix}${value}`];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    `${prefix}${key}`,
    ...activePaths(inner, `${prefix}${key}.`),
  ]);
}
