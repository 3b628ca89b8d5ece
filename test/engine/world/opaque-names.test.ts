// A machine that tells names apart is found out when its transitions are remembered for others.
import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { LocalTransitions, OpaqueNamesError } from '../../../src/engine/world/local-transitions.ts';
import type { StructureMemory } from '../../../src/engine/world/structure-memory.ts';
import { Values } from '../../../src/engine/world/values.ts';

type Context = { readonly self: string };

/** Goes to `seen` on a ping, unless it is the odd one. */
const machineWith = (odd: string) =>
  setup({
    types: { context: {} as Context, events: {} as { type: 'ping' } },
    guards: { isOdd: ({ context }) => context.self === odd },
  }).createMachine({
    id: 'pinged',
    context: { self: 'p0' },
    initial: 'idle',
    states: {
      idle: { on: { ping: [{ guard: 'isOdd', target: 'odd' }, { target: 'seen' }] } },
      seen: {},
      odd: {},
    },
  });

/** Pings actors with these names, one after the other, and answers the states they end in. */
function pinged(odd: string, names: readonly string[]): unknown[] {
  const values = new Values();
  const transitions = new LocalTransitions(values, [machineWith(odd)]);
  const memory = {} as StructureMemory;
  return names.map((self) => {
    const local = transitions.internLocal({ machine: 0, value: 'idle', context: { self } });
    const event = transitions.internEvent({ to: self as never, message: { type: 'ping' } });
    return transitions.local(transitions.deliver(local, event, memory).local).value;
  });
}

describe('names are opaque', () => {
  it('to a machine that only looks like it asks for them', () => {
    expect(pinged('p9', ['p0', 'p1', 'p2'])).toEqual(['seen', 'seen', 'seen']);
  });

  it.each([
    ['the first', 'p0'],
    ['the second', 'p1'],
    ['the last', 'p3'],
  ])('or the machine is refused: %s is the odd one', (_, odd) => {
    expect(() => pinged(odd, ['p0', 'p1', 'p2', 'p3'])).toThrow(OpaqueNamesError);
  });
});
