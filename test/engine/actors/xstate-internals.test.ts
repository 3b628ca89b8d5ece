// What src/engine/actors/xstate-internals.ts relies on beside XState's public API: an upgrade that changes it breaks this.
//
// Its answers are compared with those of XState's own pure functions and of live actors.
import { describe, expect, it } from 'vitest';
import type { AnyMachineSnapshot } from 'xstate';
import { createActor, initialTransition, transition } from 'xstate';
import type { Cells } from '../../../src/engine/actors/cells.ts';
import { during } from '../../../src/engine/actors/cells.ts';
import { set, show } from '../../../src/engine/actors/effects.ts';
import { handlers } from '../../../src/engine/actors/handlers.ts';
import type { Machine } from '../../../src/engine/actors/machine.ts';
import { HOST_ACTION, machine } from '../../../src/engine/actors/machine.ts';
import { initialSnapshot, Stepper } from '../../../src/engine/actors/xstate-internals.ts';
import { traceOf } from '../../../src/engine/world/trace.ts';
import { assembled } from '../assembled.ts';

type Context = { readonly count: number };
type Message = { readonly type: 'up' | 'move' | 'never' };
const { on, act, whenever } = handlers<Context, Message>();
const noted = (kind: string) => act(({ context: { count } }) => show({ kind: `${kind} ${count}` }));

/** Regions, entries, exits, `always`, guards: everything that a macrostep is made of. */
const everything: Machine = machine<Context, Message>({
  id: 'everything',
  title: 'What a macrostep is made of',
  context: () => ({ count: 0 }),
  guards: { isThree: whenever(({ context }) => context.count === 3), never: whenever(() => false) },
  handlers: {
    up: on('up', ({ context }) => [set({ count: context.count + 1 }), show({ kind: 'up' })]),
    note: noted('note'),
  },
  chart: {
    type: 'parallel',
    states: {
      one: {
        initial: 'a',
        on: { never: { guard: 'never', actions: 'note' } },
        states: {
          a: { exit: noted('exit a'), on: { up: { actions: 'up' }, move: { target: 'b' } } },
          b: { entry: noted('enter b'), always: [{ guard: 'isThree', target: 'c' }], on: { move: { target: 'a' } } },
          c: { entry: noted('enter c') },
        },
      },
      two: { on: { up: { actions: ['note'] }, move: { actions: noted('two moves') } } },
    },
  },
});

const input = { self: 'm0', wiring: {}, constants: {} };

/** What XState's own functions say of a step: state, context, and the actions of hosts. */
function byXState({ logic }: Machine, { value, context }: { value: unknown; context: object }, event: Message) {
  const snapshot = logic.resolveState({ value: value as never, context });
  const [next, actions] = transition(logic, snapshot, event) as unknown as [
    AnyMachineSnapshot,
    readonly { readonly type: string; readonly params: unknown }[],
  ];
  const wanted = actions.filter(({ type }) => type === HOST_ACTION).map(({ params }) => params);
  return { value: next.value as unknown, context: next.context as unknown, wanted };
}

const noMemory = undefined as unknown as Cells;
const kindsOf = (wanted: readonly unknown[]): string[] =>
  wanted.map((effect) => (effect as { readonly observation: { readonly kind: string } }).observation.kind);

describe('a step', () => {
  const stepper = new Stepper(everything.logic, () => {});
  const start = initialSnapshot(everything.logic, input);

  it('does what XState does, with the actions in order', () => {
    let snapshot = start;
    for (const [type, kinds] of [
      ['up', ['up', 'note 1']],
      ['up', ['up', 'note 2']],
      ['move', ['exit a 2', 'two moves 2', 'enter b 2']],
      ['move', ['two moves 2']],
      ['up', ['up', 'note 3']],
      ['move', ['exit a 3', 'two moves 3', 'enter b 3', 'enter c 3']],
    ] as const) {
      const step = during(noMemory, () => stepper.step(snapshot, { type }, HOST_ACTION));
      expect(step).toEqual(during(noMemory, () => byXState(everything, snapshot as never, { type })));
      expect([type, kindsOf(step.wanted)]).toEqual([type, kinds]);
      snapshot = step;
    }
    expect(snapshot).toMatchObject({ value: { one: 'c', two: {} }, context: { count: 3 } });
  });

  it('leaves nothing behind: the same step again is the same', () => {
    const step = () => during(noMemory, () => stepper.step(start, { type: 'up' }, HOST_ACTION));
    const first = step();
    expect(step()).toEqual(first);
    expect(first.wanted).toHaveLength(2);
    expect(start.context).toEqual({ count: 0 });
  });

  it('is not taken where no guard holds, nor where there is no transition', () => {
    const can = (type: string): boolean => during(noMemory, () => stepper.can(start, { type }));
    expect([can('up'), can('move'), can('never'), can('unknown')]).toEqual([true, true, false, false]);
  });

  it('tells of the transitions that it takes, `always` among them', () => {
    const told: string[] = [];
    const listening = new Stepper(everything.logic, (transitions) => {
      for (const { source, eventType, guard, target } of transitions) {
        const to = target?.map(({ path }) => path.join('.')).join() ?? 'stays';
        told.push(`${source.path.join('.')} ${eventType} ${JSON.stringify(guard) ?? ''} ${to}`);
      }
    });
    const at = { value: { one: 'a', two: {} }, context: { count: 3 } };
    during(noMemory, () => listening.step(at, { type: 'move' }, HOST_ACTION));
    expect(told).toEqual(['one.a move  one.b', 'two move  stays', 'one.b  "isThree" one.c']);
  });

  it('of a machine that was provided with other guards asks those', () => {
    const logic = everything.logic.provide({ guards: { never: () => true } } as never);
    expect(during(noMemory, () => new Stepper(logic, () => {}).can(start, { type: 'never' }))).toBe(true);
  });
});

describe('where a machine starts', () => {
  const { machines } = assembled('assign').world;

  it.each(machines.map((one) => [one.id, one] as const))('%s: as an actor of XState does', (_, one) => {
    const wiring = Object.fromEntries(Object.keys(one.declaration.wiring ?? {}).map((role) => [role, 'x0']));
    const given = { ...input, wiring, constants: one.declaration.constants ?? {} };
    const [byPure] = initialTransition(one.logic, given) as unknown as [AnyMachineSnapshot];
    const actor = createActor(one.logic, { input: given }).start();
    const { value, context, status } = actor.getSnapshot() as AnyMachineSnapshot;
    expect(status).toBe('active');
    expect(initialSnapshot(one.logic, given)).toMatchObject({ value, context: context as object });
    expect([byPure.value, byPure.context]).toEqual([value, context]);
    actor.stop();
  });
});

describe('a run of every machine', () => {
  it('has the guards and transitions that coverage knows by name', () => {
    const { world } = assembled('assign');
    traceOf(
      world,
      Array.from({ length: 12 }, () => 0),
    );
    const numbers = new Set(world.actors.map((actor) => actor.machine));
    const { transitions, neverTaken } = world.transitions.coverage.coverageOf(numbers);
    expect(transitions).toBeGreaterThan(50);
    // What is taken is known by the same text as what there is.
    const taken = world.transitions.coverage.notes.filter((note) => !note.startsWith('guard '));
    expect(taken.length).toBeGreaterThan(5);
    expect(neverTaken.length).toBe(transitions - taken.length);
  });
});
