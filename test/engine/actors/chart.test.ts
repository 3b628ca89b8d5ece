// Tests of src/engine/actors/chart.ts: a target names a state here where it does in XState.
import type { StateNode } from 'xstate';
import { createMachine } from 'xstate';
import { describe, expect, it } from 'vitest';
import { isTarget } from '../../../src/engine/actors/chart.ts';

const chart = {
  // XState's top state has the machine's id.
  id: 'top',
  initial: 'a',
  states: {
    a: { initial: 'b', states: { b: { id: 'deep', initial: 'c', states: { c: {} } }, d: {} } },
    e: { id: 'x.y', initial: 'c', states: { c: {} } },
    'f.g': {},
  },
};
const places = [[], ['a'], ['a', 'b'], ['a', 'b', 'c'], ['e']];
const targets = [
  'a',
  'b',
  'e',
  'a.b',
  'a.b.c',
  'a.c',
  'd',
  'm',
  'm.a',
  '.a',
  '.b',
  '.c',
  '.b.c',
  '.a.b',
  '.e',
  '#deep',
  '#deep.c',
  '#deep.d',
  '#m',
  '#m.a',
  '#m.a.d',
  '#m.x',
  '#dee',
  '#other',
  '#top',
  '#top.a',
  '#x.y',
  '#x.y.c',
  String.raw`f\.g`,
  String.raw`.f\.g`,
  String.raw`#m.f\.g`,
  'f.g',
];

/** Does XState make a machine of it? */
function isMade(path: readonly string[], target: string): boolean {
  const config = structuredClone(chart) as unknown as { states: Record<string, unknown> };
  let state: Record<string, unknown> = config;
  for (const key of path) state = (state['states'] as Record<string, Record<string, unknown>>)[key] ?? {};
  state['on'] = { go: { target } };
  try {
    const { root } = createMachine({ ...config, id: 'm' } as never);
    // They are looked at with the machine, or when they are first asked for.
    void path.reduce<StateNode | undefined>((node, key) => node?.states[key], root)?.transitions;
    return true;
  } catch {
    return false;
  }
}

describe.each(places.map((path) => [path.join('.') || 'top', path] as const))('from %s', (_, path) => {
  it.each(targets)('%s', (target) => {
    expect(isTarget(chart, 'm', path, target)).toBe(isMade(path, target));
  });
});

it('what every object has is no state', () => {
  for (const target of ['constructor', '.constructor', '#m.constructor'])
    expect(isTarget(chart, 'm', ['e'], target)).toBe(false);
});
