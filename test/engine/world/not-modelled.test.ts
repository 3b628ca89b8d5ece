// A message that is neither taken nor waiting, and a call that no state takes, are not modelled: an error, never a deadlock.
import { describe, expect, it } from 'vitest';
import { call, post, show } from '../../../src/engine/actors/effects.ts';
import { handlers } from '../../../src/engine/actors/handlers.ts';
import type { Declaration, Machine } from '../../../src/engine/actors/machine.ts';
import { machine } from '../../../src/engine/actors/machine.ts';
import { MachineError, machineErrors, NotModelledError } from '../../../src/engine/actors/machine-error.ts';
import { explore } from '../../../src/engine/explorer/search/explore.ts';
import type { Property } from '../../../src/engine/world/property.ts';
import { stuckActors } from '../../../src/engine/world/property.ts';
import { World } from '../../../src/engine/world/world.ts';
import { naiveSearch } from '../../referee/naive-search.ts';
import type { DrivenRun, HostName } from '../actors/three-hosts.ts';
import { drivenRun, hosts } from '../actors/three-hosts.ts';

type Context = { readonly self: string };
type Message = { readonly type: 'send' | 'call' | 'lose' | 'letter' | 'open' | 'close' };
type Chart = Declaration<Context, Message>['chart'];
const { act, whenever } = handlers<Context, Message>();
const shows = (kind: string) => act(() => show({ kind }));

/** Sends a letter to the office, calls it with one, or calls nobody. */
const sender: Machine = machine<Context, Message>({
  id: 'sender',
  title: 'Sends letters',
  sends: ['letter'],
  actsByItself: {
    offers: ({ value }) => (value === 'before' ? [{ type: 'send' }] : []),
    isDone: ({ value }) => value === 'after',
  },
  context: ({ self }) => ({ self }),
  chart: {
    initial: 'before',
    states: {
      before: {
        on: {
          send: { target: 'after', actions: act(() => post('office', { type: 'letter' })) },
          call: { target: 'after', actions: act(() => call('office', { type: 'letter' })) },
          lose: { target: 'after', actions: act(() => post('nobody', { type: 'letter' })) },
        },
      },
      after: {},
    },
  },
});

const office = (chart: Chart): Machine =>
  machine<Context, Message>({
    id: 'office',
    title: 'Takes letters',
    sends: [],
    cells: { closed: false },
    context: ({ self }) => ({ self }),
    guards: {
      no: whenever(() => false),
      yes: whenever(() => true),
      looks: whenever(({ cells }) => cells.load('office', 'closed') !== true),
    },
    chart,
  });

const takes = { on: { letter: { actions: shows('taken') } } };
const opens = { open: { target: 'open' } };
/** Closed at first; what a letter means while it is, is the question. */
const closed = (state: Chart, top: Chart = {}): Machine =>
  office({ ...top, initial: 'closed', states: { closed: { ...state, on: { ...state.on, ...opens } }, open: takes } });

const actors = (machineOfOffice: Machine) => [
  { name: 'sender', machine: sender, program: {} },
  { name: 'office', machine: machineOfOffice },
];
const run = (host: HostName, machineOfOffice: Machine): DrivenRun => drivenRun(host, actors(machineOfOffice));

function expectNotModelled(what: () => unknown, ...texts: readonly string[]): void {
  let thrown: unknown = null;
  try {
    what();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(NotModelledError);
  const { code, message, hint = '' } = thrown as NotModelledError;
  expect(code).toBe(machineErrors.notModelled);
  for (const one of texts) expect(`${message}\n${hint}`).toContain(one);
}

describe.each(hosts)('a message that travels, %s', (host) => {
  const sent = (machineOfOffice: Machine): DrivenRun => {
    const driven = run(host, machineOfOffice);
    driven.ask('sender', { type: 'send' });
    return driven;
  };

  it('is taken by a state that takes it', () => {
    const driven = sent(office(takes));
    expect(driven.taken()).toEqual(['letter']);
    expect(driven.deliver('letter')).toEqual([{ kind: 'taken' }]);
    expect(driven.inFlight()).toEqual([]);
  });

  it.each([
    ['the state says that it waits', closed({ waits: ['letter'] })],
    ['a state around it says so', closed({}, { waits: ['letter'] })],
    ['its guard is false', closed({ on: { letter: { guard: 'no' } } })],
  ])('stays in flight while %s, and is taken then', (_, machineOfOffice) => {
    const driven = sent(machineOfOffice);
    expect(driven.taken()).toEqual([]);
    expect(driven.inFlight()).toEqual(['letter']);
    driven.ask('office', { type: 'open' });
    expect(driven.deliver('letter')).toEqual([{ kind: 'taken' }]);
  });

  it('is taken where its guard is true, though nothing else comes of it', () => {
    const driven = sent(closed({ on: { letter: { guard: 'yes' } } }));
    expect(driven.taken()).toEqual(['letter']);
    expect(driven.deliver('letter')).toEqual([]);
    expect(driven.inFlight()).toEqual([]);
  });

  it('is not modelled where it does neither: the hint says what would be right', () => {
    expectNotModelled(
      () => sent(closed({})).taken(),
      'office (machine office) gets "letter" in state closed',
      'list it under "waits"',
    );
    expectNotModelled(() => sent(closed({ waits: ['close'] })).taken(), 'gets "letter" in state closed');
    expectNotModelled(
      () => sent(office({ on: { open: {}, close: {} } })).taken(),
      'no state of machine office takes "letter" (it takes open, close)',
    );
  });

  it('must not hang on a guard that looks at memory, which may have changed when its turn comes', () => {
    expect(() => sent(closed({ on: { letter: { guard: 'looks', actions: shows('taken') } } })).taken()).toThrow(
      expect.objectContaining({ code: machineErrors.memory, message: expect.stringContaining('guard') as string }),
    );
  });

  it('to nobody is an error of the machine that sends it', () => {
    expect(() => {
      const driven = run(host, office(takes));
      driven.ask('sender', { type: 'lose' });
      driven.taken();
    }).toThrow(MachineError);
  });
});

describe.each(hosts)('a function call, %s', (host) => {
  const called = (machineOfOffice: Machine) => () => run(host, machineOfOffice).ask('sender', { type: 'call' });

  it('is taken by a state that takes it, with a guard that looks at memory, too', () => {
    expect(called(office(takes))()).toEqual([{ kind: 'taken' }]);
    const looks = office({ on: { letter: { guard: 'looks', actions: shows('looked') } } });
    expect(called(looks)()).toEqual([{ kind: 'looked' }]);
  });

  it('cannot wait', () => {
    expectNotModelled(called(closed({})), 'office', '"letter" in state closed');
    expectNotModelled(called(closed({ waits: ['letter'] })), '"letter" in state closed');
    expectNotModelled(called(closed({ on: { letter: { guard: 'no' } } })), '"letter" in state closed');
  });
});

describe('a search', () => {
  const deadlock: Property = { id: 'stuck', title: 'Nobody is stuck', deadlock: stuckActors };
  const search = (machineOfOffice: Machine, options = {}) =>
    explore(new World({ actors: actors(machineOfOffice) }), { properties: [deadlock], ...options });

  it('ends with what is not modelled, whatever the reductions; it is no deadlock', async () => {
    for (const options of [{}, { por: true }, { symmetry: true }, { order: 'depth-first' as const }]) {
      await expect(search(closed({}), options)).rejects.toThrow(NotModelledError);
      await expect(search(closed({}), options)).rejects.toThrow('gets "letter" in state closed');
    }
  });

  it('ends as a deadlock where a message waits for ever', async () => {
    const waits = closed({ waits: ['letter'] });
    // The sender is done: what is left in flight is told.
    expect((await search(waits)).violations[0]?.message).toBe('nothing can move any more: messages are left');
  });

  it('and so does the referee', () => {
    expect(() => naiveSearch(new World({ actors: actors(closed({})) }))).toThrow('not modelled');
    const waits = closed({ waits: ['letter'] });
    expect(naiveSearch(new World({ actors: actors(waits) }))).toEqual({ states: 2, transitions: 1, depth: 1 });
  });
});
