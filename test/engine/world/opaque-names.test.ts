// A machine that tells names apart is found out when its transitions are remembered for others.
import { describe, expect, it } from 'vitest';
import { set } from '../../../src/engine/actors/effects.ts';
import { handlers } from '../../../src/engine/actors/handlers.ts';
import type { Machine } from '../../../src/engine/actors/machine.ts';
import { machine } from '../../../src/engine/actors/machine.ts';
import { machineErrors } from '../../../src/engine/actors/machine-error.ts';
import { OpaqueNamesError } from '../../../src/engine/world/abstract-names.ts';
import { LocalTransitions } from '../../../src/engine/world/local-transitions.ts';
import type { Memory } from '../../../src/engine/world/memory.ts';
import { Operations } from '../../../src/engine/world/operations.ts';
import { Values } from '../../../src/engine/world/values.ts';

type Context = { readonly self: string; readonly met: string | null };
type Ping = { readonly type: 'ping' };
const { on, whenever } = handlers<Context, Ping>();

/** Goes to `seen` on a ping, unless it is the odd one; notes `met` down. */
const machineWith = (odd: string, met: string | null = null): Machine =>
  machine<Context, Ping>({
    id: 'pinged',
    title: 'Is pinged',
    context: ({ self }) => ({ self, met: null }),
    guards: { isOdd: whenever(({ context }) => context.self === odd) },
    handlers: { note: on('ping', () => set({ met })) },
    chart: {
      initial: 'idle',
      states: {
        idle: {
          on: {
            ping: [
              { guard: 'isOdd', target: 'odd' },
              { target: 'seen', actions: 'note' },
            ],
          },
        },
        seen: {},
        odd: {},
      },
    },
  });

/** No machine here asks for memory. */
const memory: Memory = {
  perform: () => {
    throw new Error('no memory');
  },
};

/** Pings actors with these names, one after the other, and answers the states they end in. */
function pinged(pingedMachine: Machine, names: readonly string[]): unknown[] {
  const transitions = new LocalTransitions(new Values(), [pingedMachine], new Operations([pingedMachine]));
  return names.map((self) => {
    const local = transitions.internLocal({ machine: 0, value: 'idle', context: { self, met: null } });
    const event = transitions.internEvent({ to: self, message: { type: 'ping' } });
    return transitions.local(transitions.deliver(local, event, memory).local).value;
  });
}

describe('names are opaque', () => {
  it('to a machine that only looks like it asks for them', () => {
    expect(pinged(machineWith('p9'), ['p0', 'p1', 'p2'])).toEqual(['seen', 'seen', 'seen']);
  });

  it.each([
    ['the first', 'p0'],
    ['the second', 'p1'],
    ['the last', 'p3'],
  ])('or the machine is refused: %s is the odd one', (_, odd) => {
    expect(() => pinged(machineWith(odd), ['p0', 'p1', 'p2', 'p3'])).toThrow(OpaqueNamesError);
  });

  it('nor may a machine make up a name', () => {
    expect(() => pinged(machineWith('p9', 'q0'), ['p0'])).toThrow(
      expect.objectContaining({
        code: machineErrors.namesToldApart,
        message: expect.stringContaining('"q0"') as string,
      }),
    );
  });
});
