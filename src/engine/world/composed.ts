// A whole world as one XState machine: its context is the row, its events are the choices.
//
// For tools that search or test a single machine, such as xstate/graph and createTestModel. The explorer needs no such
// thing and is much faster.
import { assign, createMachine } from 'xstate';
import type { World } from './world.ts';

/** The one event of a composed world: one of its choices, by index. */
export interface TakeChoice {
  readonly type: 'take';
  readonly choice: number;
}

interface ComposedSnapshot {
  readonly context: { readonly row: readonly number[] };
}

/** The world as a machine. An index that is not offered changes nothing. */
export function composedMachine(world: World) {
  return createMachine({
    types: {} as { context: { row: number[] }; events: TakeChoice },
    context: { row: [...world.initial()] },
    on: {
      take: {
        actions: assign(({ context, event }) => {
          const row = Uint16Array.from(context.row);
          const choice = world.choices(row)[event.choice];
          return choice === undefined ? {} : { row: [...world.step(row, choice).row] };
        }),
      },
    },
  });
}

/** What a graph search of the machine needs to know: the events of a state, and when two states are the same. */
export function composedTraversal(world: World): {
  readonly events: (snapshot: ComposedSnapshot) => TakeChoice[];
  readonly serializeState: (snapshot: ComposedSnapshot) => string;
} {
  return {
    events: ({ context }) =>
      world.choices(Uint16Array.from(context.row)).map((_, choice) => ({ type: 'take' as const, choice })),
    serializeState: ({ context }) => context.row.join(),
  };
}
