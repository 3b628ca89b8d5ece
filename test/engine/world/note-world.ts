// A world of threads that post notes to a box, in their own channels or in its: all that channels, choices and steps need.
import { call, post, set, show } from '../../../src/engine/actors/effects.ts';
import type { Message } from '../../../src/engine/actors/effects.ts';
import { handlers } from '../../../src/engine/actors/handlers.ts';
import type { ActsByItself, Machine } from '../../../src/engine/actors/machine.ts';
import { machine } from '../../../src/engine/actors/machine.ts';
import type { Name } from '../../../src/engine/actors/name.ts';
import type { ActorDefinition, WorldDefinition } from '../../../src/engine/world/definition.ts';
import { World } from '../../../src/engine/world/world.ts';

type Note = { readonly type: 'note'; readonly text: string; readonly from?: string };
type Ask = { readonly type: 'call'; readonly call: Readonly<Record<string, unknown>> | string | null };
export type Sent = Note | Ask | { readonly type: 'go' | 'down'; readonly left: number };
export type Context = { readonly self: Name; readonly sent: number };
const { on } = handlers<Context, Sent>();

/** Takes notes, of which three may be in flight, and says which; the environment may answer each with an error where the actor may fail. */
export const box: Machine = machine<Context, Sent>({
  id: 'box',
  title: 'Takes notes',
  slots: 3,
  sends: ['down'],
  variants: { note: (_, { failures }) => failures.map((answer) => ({ answer })) },
  context: ({ self }) => ({ self, sent: 0 }),
  handlers: {
    note: on('note', ({ event: { text } }) => show({ kind: 'noted', text } as never)),
    // As deep as is asked.
    down: on('down', ({ context: { self }, event: { left } }) =>
      left === 0 ? [show({ kind: 'bottom' } as never)] : call(self, { type: 'down', left: left - 1 } as never),
    ),
    nothing: on(['call', 'go'], () => []),
  },
  chart: {
    on: {
      note: { actions: 'note' },
      down: { actions: 'down' },
      call: { actions: 'nothing' },
      go: { actions: 'nothing' },
    },
  },
});

/** What a thread posts, one after the other, and in whose channel: its own, or the box's. */
interface Program {
  readonly steps: readonly Sent[];
  readonly inBox?: boolean;
}

/** Posts the notes of its program to the box. */
export const thread = (overrides: Partial<ActsByItself> = {}): Machine =>
  machine<Context, Sent>({
    id: 'thread',
    title: 'Posts notes',
    slots: 2,
    sends: ['note', 'call'],
    actsByItself: {
      offers: ({ context }, program) => {
        const next = (program as Program).steps[Number(context['sent'])];
        return next === undefined ? [] : [{ ...next, inBox: (program as Program).inBox ?? false } as object as Message];
      },
      isDone: ({ context }, program) => Number(context['sent']) >= (program as Program).steps.length,
      ...overrides,
    },
    context: ({ self }) => ({ self, sent: 0 }),
    handlers: {
      send: on(['note', 'call', 'go'], ({ context: { self, sent }, event }) => {
        const { inBox, ...message } = event as unknown as { readonly inBox: boolean };
        return [set<Context>({ sent: sent + 1 }), post('box', message as never, inBox ? ('box' as Name) : self)];
      }),
    },
    chart: { on: { note: { actions: 'send' }, call: { actions: 'send' }, go: { actions: 'send' } } },
  });

export const theThread: Machine = thread();
export const theBox: ActorDefinition = { name: 'box', machine: box };
export const note = (text: string, from?: string): Sent => ({
  type: 'note',
  text,
  ...(from === undefined ? {} : { from }),
});

export const worldOf = (actors: readonly ActorDefinition[], more: Partial<WorldDefinition> = {}): World =>
  new World({ actors, ...more });
export const threadOf = (name: string, steps: readonly Sent[], more: Partial<Program> = {}): ActorDefinition => ({
  name,
  machine: theThread,
  program: { steps, ...more },
});
