// Peterson's lock: two processes keep each other out of their critical sections with nothing but loads and stores.
//
// Source: G. L. Peterson, "Myths about the mutual exclusion problem", Information Processing Letters 12(3), 1981; step by step as
// module Peterson (github.com/tlaplus/Examples, specifications/locks_auxiliary_vars), whose labels are the states here:
//   a0 idle: skip                                      a1 raising: flag[self] := TRUE      a2 yielding: turn := other
//   a3 waiting: await ~flag[other] \/ turn = self      cs critical: skip                   a4 leaving: flag[self] := FALSE
// Abstracted away: memory that is weaker than sequentially consistent; the wait reads both words at once.
// Reachable states: 42, with 76 transitions (TLC: 42, and 77 generated, the initial one among them). With `--set broken=true`
// the turn is given away before the flag is up: 72 states, and both are in the critical section.
import type { Handled, Name, Property } from 'irqbypass-lab';
import { defineScenario, handlers, machine, name, stuckActors } from 'irqbypass-lab';

type Context = { readonly self: Name; readonly other: Name };
type Message = { readonly type: 'want' | 'raise' | 'yield' | 'enter' | 'work' | 'lower' };

const { act, whenever } = handlers<Context, Message>();

/** What a process does next, by its state. */
const next = {
  idle: 'want',
  raising: 'raise',
  yielding: 'yield',
  waiting: 'enter',
  critical: 'work',
  leaving: 'lower',
};

const setFlag = (up: boolean) =>
  act(({ context, cells }: Handled<Context, Message>) => {
    cells.store(context.self, 'flag', up);
    return [];
  });

const createProcess = (broken: boolean) =>
  machine<Context, Message>({
    id: 'process',
    title: 'A process that wants to be in its critical section now and then',
    wiring: { other: 'process' },
    cells: { flag: false },
    sends: [],
    actsByItself: {
      offers: ({ value }) => [{ type: next[value as keyof typeof next] }],
      isDone: ({ value }) => value === 'idle',
    },
    context: ({ self, wiring }) => ({ self, other: wiring['other'] as Name }),
    guards: {
      mayEnter: whenever(
        ({ context: { self, other }, cells }) =>
          cells.load(other, 'flag') === false || cells.load('lock', 'turn') === self,
      ),
    },
    handlers: {
      raise: setFlag(true),
      yield: act(({ context, cells }) => {
        cells.store('lock', 'turn', context.other);
        return [];
      }),
      lower: setFlag(false),
    },
    chart: {
      initial: 'idle',
      states: {
        idle: { on: { want: { target: broken ? 'yielding' : 'raising' } } },
        raising: { on: { raise: { target: broken ? 'waiting' : 'yielding', actions: 'raise' } } },
        yielding: { on: { yield: { target: broken ? 'raising' : 'waiting', actions: 'yield' } } },
        waiting: { on: { enter: { guard: 'mayEnter', target: 'critical' } } },
        critical: { on: { work: { target: 'leaving' } } },
        leaving: { on: { lower: { target: 'idle', actions: 'lower' } } },
      },
    },
  });

const lock = machine<object, never>({
  id: 'lock',
  title: 'What both processes write',
  cells: { turn: name('p0') },
  sends: [],
  context: () => ({}),
  chart: {},
});

const mutualExclusion: Property = {
  id: 'mutual-exclusion',
  title: 'At most one process is in its critical section',
  state: {
    checks: () => [
      (state) => {
        const inside = state
          .actorsOf('process')
          .filter((one) => ['critical', 'leaving'].includes(String(state.value(one))));
        return inside.length > 1 ? `${inside.join(' and ')} are in the critical section` : null;
      },
    ],
  },
};

const goesOn: Property = { id: 'goes-on', title: 'Somebody can always go on', deadlock: stuckActors };

export default defineScenario({
  id: 'peterson-lock',
  title: "Peterson's lock",
  description: 'Mutual exclusion of two processes by a flag each and a turn; broken where the turn is written first.',
  parameters: { broken: false },
  properties: [mutualExclusion, goesOn],
  script: ({ broken }) => {
    const process = createProcess(broken);
    return {
      actors: [
        { name: 'lock', machine: lock },
        { name: 'p0', machine: process, wiring: { other: 'p1' }, program: {} },
        { name: 'p1', machine: process, wiring: { other: 'p0' }, program: {} },
      ],
    };
  },
});
