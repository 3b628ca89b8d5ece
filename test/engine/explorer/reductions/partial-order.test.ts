// Partial order reduction in worlds of a few lines in which a reason for leaving something out would be wrong: each was once believed.
import { describe, expect, it } from 'vitest';
import { call, post } from '../../../../src/engine/actors/effects.ts';
import type { Cells } from '../../../../src/engine/actors/cells.ts';
import { handlers } from '../../../../src/engine/actors/handlers.ts';
import type { Machine } from '../../../../src/engine/actors/machine.ts';
import { machine } from '../../../../src/engine/actors/machine.ts';
import type { Name } from '../../../../src/engine/actors/name.ts';
import type { ExploreOptions } from '../../../../src/engine/explorer/search/explore.ts';
import { explore } from '../../../../src/engine/explorer/search/explore.ts';
import type { WorldDefinition } from '../../../../src/engine/world/definition.ts';
import type { Property } from '../../../../src/engine/world/property.ts';
import { World } from '../../../../src/engine/world/world.ts';
import { returnTo } from '../../../../src/machines/kernel/call.ts';

type Context = { readonly self: Name };
/** What these machines are told; `caller` is whom it is answered to. */
type Message = {
  readonly type: 'go' | 'set' | 'leave' | 'nap' | 'hit' | 'serve' | 'acquire' | 'release' | 'hello' | 'return';
  readonly caller?: Name;
  readonly isWriter?: boolean;
};
const { on, whenever } = handlers<Context, Message>();

/** A machine that acts by itself: what it offers by state, the states in which it is done. */
const acting = (offers: Readonly<Record<string, readonly Message['type'][]>>, ...done: readonly string[]) => ({
  offers: ({ value }: { readonly value: unknown }) => (offers[String(value)] ?? []).map((type) => ({ type })),
  isDone: ({ value }: { readonly value: unknown }) => done.includes(String(value)),
});
const other = (cells: Cells, self: Name, role: string): Name => cells.constant(self, role) as Name;

/** Asks a server once, or naps for good where it offers that. */
const asking = (
  id: string,
  done: string,
  offers: readonly Message['type'][] = ['go'],
  says: (cells: Cells, self: Name) => object = () => ({}),
): Machine =>
  machine<Context, Message>({
    id,
    title: 'Asks once',
    sends: ['serve'],
    actsByItself: acting({ idle: offers }, done),
    constants: { server: null },
    context: ({ self }) => ({ self }),
    handlers: {
      go: on('go', ({ context: { self }, cells }) =>
        post(other(cells, self, 'server'), { type: 'serve', caller: self, ...says(cells, self) } as never, self),
      ),
      nap: on('nap', () => []),
      end: on('return', () => []),
    },
    chart: {
      initial: 'idle',
      states: {
        idle: { on: { go: { target: 'asking', actions: 'go' }, nap: { target: 'napping', actions: 'nap' } } },
        asking: { on: { return: { target: 'end', actions: 'end' } } },
        napping: {},
        end: {},
      },
    },
  });

const server: Machine = machine<Context, Message>({
  id: 'server',
  title: 'A server',
  sends: ['return'],
  cells: { x: false, y: false },
  context: ({ self }) => ({ self }),
  handlers: { serve: on('serve', ({ event: { caller } }) => returnTo(caller as Name, null)) },
  chart: { initial: 'on', states: { on: { on: { serve: { actions: 'serve' } } } } },
});

/** Nobody tells or does such a thing. */
const never = (id: string, isIt: (message: Readonly<Record<string, unknown>>) => boolean): Property => ({
  id,
  title: 'Never',
  step: ({ event: { message } }) => (isIt(message) ? 'it was' : null),
});

/** With every reduction a search finds what it finds without; there a property is violated after some steps. */
async function expectViolated(definition: unknown, property: Property, length: number): Promise<void> {
  const modes: readonly Partial<ExploreOptions>[] = [{}, { por: true, earlyCalls: false }, { por: true }];
  const all = [...modes, ...modes.map((mode) => ({ ...mode, symmetry: true }))];
  for (const mode of all) {
    const { violations } = await explore(new World(definition as WorldDefinition), { properties: [property], ...mode });
    expect([mode, violations.map(({ path }) => path.length)]).toEqual([mode, [length]]);
  }
}

describe('a call that reads one thing only where another is so', () => {
  /** Says whether both are set; looks at y only where x is. */
  const reader = asking('reader', 'end', ['go'], (cells, self) => {
    const from = other(cells, self, 'server');
    return { both: cells.load(from, 'x') === true && cells.load(from, 'y') === true };
  });
  const writer = machine<Context, Message>({
    id: 'writer',
    title: 'A writer',
    actsByItself: acting({ first: ['set', 'leave'], second: ['set'] }, 'end'),
    constants: { server: null },
    context: ({ self }) => ({ self }),
    handlers: {
      x: on('set', ({ context: { self }, cells }) => {
        cells.store(other(cells, self, 'server'), 'x', true);
        return [];
      }),
      y: on('set', ({ context: { self }, cells }) => {
        cells.store(other(cells, self, 'server'), 'y', true);
        return [];
      }),
      leave: on('leave', () => []),
    },
    chart: {
      initial: 'first',
      states: {
        first: { on: { set: { target: 'second', actions: 'x' }, leave: { target: 'end', actions: 'leave' } } },
        second: { on: { set: { target: 'end', actions: 'y' } } },
        end: {},
      },
    },
  });

  it('hangs on both', () =>
    expectViolated(
      {
        actors: [
          { name: 'x0', machine: reader, program: {}, constants: { server: 'v0' } },
          { name: 'v0', machine: server },
          { name: 't0', machine: writer, program: {}, constants: { server: 'v0' } },
        ],
      },
      never('both-set', ({ both }) => both === true),
      4,
    ));
});

describe('a call after which its thread is done no more, or is done,', () => {
  const hitter = machine<Context, Message>({
    id: 'hitter',
    title: 'Hits once, after others',
    actsByItself: acting({ idle: ['hit'] }, 'end'),
    constants: { server: null },
    context: ({ self }) => ({ self }),
    handlers: { hit: on('hit', () => []) },
    chart: { initial: 'idle', states: { idle: { on: { hit: { target: 'end', actions: 'hit' } } }, end: {} } },
  });
  /** Asks, and is done while it has not begun. */
  const asker = { name: 'x0', machine: asking('asker', 'idle'), program: {}, constants: { server: 'v0' } };
  const worldWith = (hits: object): unknown => ({
    actors: [asker, { name: 'v0', machine: server }, { name: 't0', machine: hitter, program: {}, ...hits }],
  });

  it('is not made before what others may do only until then', () =>
    expectViolated(
      worldWith({ after: ['x0'] }),
      never('hit', ({ type }) => type === 'hit'),
      1,
    ));

  it('is not made before the others have come to an end, of which a claim may speak', () => {
    const atEnd: Property = {
      id: 'never-asked',
      title: 'Who is done without having begun has been asked',
      state: {
        atEnd: true,
        checks: () => [(state) => (state.value('t0') === 'end' && state.value('x0') === 'idle' ? 'never asked' : null)],
      },
    };
    return expectViolated(worldWith({}), atEnd, 1);
  });

  it('is not put off behind what others may do only from then on', async () => {
    const lock = machine<Context, Message>({
      id: 'lock',
      title: 'A lock that somebody holds',
      sends: ['return'],
      context: ({ self }) => ({ self }),
      handlers: {
        acquire: on('serve', ({ event: { caller } }) => returnTo(caller as Name, null)),
        release: on('release', () => []),
      },
      chart: {
        initial: 'held',
        states: {
          held: { waits: ['serve'], on: { release: { target: 'free', actions: 'release' } } },
          free: { on: { serve: { target: 'held', actions: 'acquire' } } },
        },
      },
    });
    // With two choices it is one whose calls are put off.
    const sleeper = asking('sleeper', 'asking', ['go', 'nap']);
    const releaser = machine<Context, Message>({
      id: 'releaser',
      title: 'Releases a lock',
      sends: ['release'],
      actsByItself: acting({ idle: ['go'] }, 'end'),
      constants: { server: null },
      context: ({ self }) => ({ self }),
      handlers: {
        go: on('go', ({ context: { self }, cells }) =>
          call(other(cells, self, 'server'), { type: 'release' } as never),
        ),
      },
      chart: { initial: 'idle', states: { idle: { on: { go: { target: 'end', actions: 'go' } } }, end: {} } },
    });
    const hitsBefore: Property = {
      id: 'hit-before-release',
      title: 'Never',
      step: ({ event: { message }, before }) =>
        message.type === 'hit' && before.value('v0') === 'idle' ? 'it was' : null,
    };
    await expectViolated(
      {
        actors: [
          { name: 't0', machine: sleeper, program: {}, constants: { server: 'l0' } },
          { name: 'l0', machine: lock },
          { name: 'v0', machine: releaser, program: {}, constants: { server: 'l0' } },
          { name: 'u0', machine: hitter, program: {}, after: ['t0'] },
        ],
      },
      hitsBefore,
      2,
    );
  });
});

describe('what a thread does while another has the lock', () => {
  const clerk = machine<Context, Message>({
    id: 'clerk',
    title: 'A clerk, who says to whom it is the turn',
    cells: { turn: 0, isWritten: false },
    sends: ['return'],
    context: ({ self }) => ({ self }),
    handlers: {
      acquire: on('acquire', ({ context: { self }, event: { caller, isWriter }, cells }) => {
        if (isWriter === true) cells.store(self, 'isWritten', true);
        return returnTo(caller as Name, null);
      }),
    },
    chart: { initial: 'on', states: { on: { on: { acquire: { actions: 'acquire' } } } } },
  });
  const turnIs = (turn: number) =>
    whenever(({ context: { self }, cells }) => cells.load(other(cells, self, 'clerk'), 'turn') === turn);
  /** Begins its turn: the clerk's number is another then. Whom it greets it has the name of. */
  const begin = (turn: number, greets: boolean) =>
    on('go', ({ context: { self }, cells }) => {
      cells.store(other(cells, self, 'clerk'), 'turn', turn);
      return greets ? [call(other(cells, self, 'peer'), { type: 'hello' } as never)] : [];
    });
  const hello = { actions: 'hello' };
  const visitor = (choices: readonly Message['type'][]): Machine =>
    machine<Context, Message>({
      id: 'visitor',
      title: 'A visitor',
      sends: ['acquire', 'hello'],
      actsByItself: acting({ idle: choices, reads: ['go'], writes: ['go'], done: ['leave'] }, 'done'),
      constants: { clerk: null, peer: null },
      context: ({ self }) => ({ self }),
      guards: { isFirst: turnIs(0), isSecond: turnIs(1), isThird: turnIs(2), isBetween: turnIs(9) },
      handlers: {
        hello: on('hello', () => []),
        first: begin(9, true),
        second: begin(2, true),
        third: begin(3, false),
        back: on('leave', ({ context: { self }, cells }) => {
          cells.store(other(cells, self, 'clerk'), 'turn', 1);
          return [call(other(cells, self, 'peer'), { type: 'hello' } as never)];
        }),
        nothing: on(['go', 'leave', 'nap', 'return'], () => []),
        read: on('go', ({ context: { self }, cells }) => {
          const isStale = cells.load(other(cells, self, 'clerk'), 'isWritten') === false;
          return post(other(cells, self, 'clerk'), { type: 'acquire', caller: self, isStale } as never, self);
        }),
        write: on('go', ({ context: { self }, cells }) =>
          post(other(cells, self, 'clerk'), { type: 'acquire', caller: self, isWriter: true } as never, self),
        ),
      },
      chart: {
        initial: 'idle',
        states: {
          idle: {
            on: {
              hello,
              nap: { actions: 'nothing' },
              go: [
                { guard: 'isFirst', target: 'writes', actions: 'first' },
                { guard: 'isSecond', target: 'reads', actions: 'second' },
                { guard: 'isThird', target: 'writes', actions: 'third' },
                { actions: 'nothing' },
              ],
            },
          },
          writes: {
            on: {
              hello,
              go: [
                { guard: 'isBetween', target: 'done', actions: 'nothing' },
                { target: 'writing', actions: 'write' },
              ],
            },
          },
          reads: { on: { hello, go: { target: 'reading', actions: 'read' } } },
          reading: { on: { hello, return: { target: 'done', actions: 'nothing' } } },
          writing: { on: { hello, return: { target: 'done', actions: 'nothing' } } },
          done: {
            on: {
              hello,
              leave: [{ guard: 'isBetween', target: 'idle', actions: 'back' }, { actions: 'nothing' }],
            },
          },
        },
      },
    });
  const stale: Property = {
    id: 'stale',
    title: 'Nobody has read what was written since',
    step: ({ event: { message }, before }) =>
      message['isStale'] === true && before.load('k0', 'isWritten') === true ? 'it was' : null,
  };

  it.each([
    ['calls that could be early', ['go']],
    ['calls that are put off', ['go', 'nap']],
  ] as const)('is known under its name at that time, too: %s', (_, choices) =>
    expectViolated(
      {
        actors: [
          ...[0, 1].map((i) => ({
            name: `x${i}`,
            machine: visitor(choices),
            program: {},
            constants: { clerk: 'k0', peer: `x${1 - i}` },
          })),
          { name: 'k0', machine: clerk },
        ],
        interchangeable: [[['x0'], ['x1']]],
      },
      stale,
      9,
    ),
  );
});
