// Model-based tests with @xstate/test: every path of the model on live XState actors and on the scheduled world.
import { createTestModel } from '@xstate/test';
import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { createTestModel as createTestModelOfXState } from 'xstate/graph';
import type { Name } from '../../src/engine/actors/name.ts';
import { name } from '../../src/engine/actors/name.ts';
import { explore } from '../../src/engine/explorer/search/explore.ts';
import type { Cells } from '../../src/engine/actors/cells.ts';
import { during } from '../../src/engine/actors/cells.ts';
import { createRegistry } from '../../src/registry/registry.ts';
import { revisions } from '../../src/registry/revisions.ts';
import { assemble } from '../../src/scenarios/assemble.ts';
import { findScenario } from '../../src/scenarios/builtin.ts';
import type { Parameters } from '../../src/scenarios/define.ts';
import type { TakeChoice } from '../../src/engine/world/composed.ts';
import { composedMachine, composedTraversal } from '../../src/engine/world/composed.ts';
import { LiveHost } from '../../src/engine/world/live-host.ts';
import type { World } from '../../src/engine/world/world.ts';

function worldOf(id: string, revision: string, set: Parameters = {}): World {
  const scenario = findScenario(id);
  if (scenario === undefined) throw new Error(id);
  return assemble({ scenario, set, revision }).world;
}

const cases = [
  ['pairing', 'v2p8', {}],
  ['pairing', 'base', {}],
  ['null-key', 'v2p8', {}],
  ['double-register-race', 'v2p8', {}],
  ['double-unregister-race', 'v2p8', {}],
  ['connect-failure', 'v1p5', {}],
  ['manager', 'v2p8', { producers: 1, consumers: 1, eventfds: 1 }],
  ['manager', 'v2p8', { producers: 1, consumers: 1, eventfds: 2, faults: false }],
] as const;

describe('every shortest path of the composed world', () => {
  for (const [id, revision, set] of cases) {
    it(`${id} ${JSON.stringify(set)} on ${revision}: live actors and the scheduled world observe the same`, async () => {
      const world = worldOf(id, revision, set);
      const model = createTestModel(composedMachine(world) as never, composedTraversal(world) as never);
      const paths = model.getShortestPaths();
      let steps = 0;
      for (const path of paths) {
        const live = new LiveHost(world);
        let row = world.initial();
        const result = await path.test({
          states: { '*': () => expect([...live.row()]).toEqual([...row]) },
          events: {
            take: (step: { event: TakeChoice }) => {
              const choice = world.choices(row)[step.event.choice];
              const alive = live.choices()[step.event.choice];
              if (choice === undefined || alive === undefined) throw new Error('a path that the world does not offer');
              const scheduled = world.step(row, choice);
              row = scheduled.row;
              expect(live.take(alive)).toEqual(scheduled.observations);
              steps += 1;
            },
          },
        });
        for (const { event, state } of result.steps) expect([event.error, state.error]).toEqual([null, null]);
        live.stop();
      }
      const { states } = await explore(world, { properties: [] });
      // The paths together end in or pass through every state.
      const reached = new Set(
        paths.flatMap((path) =>
          [path.state, ...path.steps.map((one) => one.state)].map((state) =>
            (state as { context: { row: number[] } }).context.row.join(),
          ),
        ),
      );
      expect(reached.size).toBe(states);
      expect(steps).toBeGreaterThan(0);
    });
  }
});

/** What the memory of a manager of one pair holds while one of its halves calls: the half itself, the other one. */
interface Told {
  readonly type: string;
  readonly object?: string | null;
  readonly held?: boolean;
  readonly paired?: boolean;
}

/** A scripted memory; everything else is answered with nothing. */
function scripted({ object, held = true, paired = true }: Told): Cells {
  const own = object === 'c0' ? 'consumers' : 'producers';
  const other = (actor: string): Name => name(actor === 'p0' ? 'c0' : 'p0');
  const holder = (side: string): Name | null => {
    if (side === own) return held ? name(object ?? 'p0') : null;
    return paired ? other(object ?? 'p0') : null;
  };
  return {
    load: (actor, cell) => (paired && cell === 'peer' ? other(actor) : null),
    store: () => {},
    constant: (_, constant) => constant.startsWith('has '),
    ask: (side, operation) => {
      if (operation === 'add' || operation === 'del') return true;
      if (operation === 'insert') return held ? -16 : 0;
      if (operation === 'put') return 0;
      return operation === 'find' || operation === 'erase' ? holder(side) : false;
    },
  };
}

describe('the registry alone', () => {
  for (const { id, policy } of revisions) {
    it(`${id}: every path on a live XState actor ends where the model says`, async () => {
      const { logic: machine } = createRegistry(policy);
      /** Memory is there while a message is delivered, and as the event says. */
      const delivered = <R>(event: Told, deliver: () => R): R => during(scripted(event), deliver);
      const logic = Object.assign(Object.create(machine) as typeof machine, {
        transition: (snapshot: never, event: never, scope: never) =>
          delivered(event, () => machine.transition(snapshot, event, scope)),
      });
      const operations = ['register_producer', 'unregister_producer', 'register_consumer', 'unregister_consumer'];
      const events = ({ value, context }: { value: unknown; context: { object: string | null } }): Told[] => {
        if (value !== 'unlocked')
          return [0, -5].map((answer) => ({ type: 'callback_return', value: answer, object: context.object }));
        return operations.flatMap((type) =>
          [true, false].flatMap((held) =>
            [true, false].map((paired) => {
              const object = type.endsWith('producer') ? 'p0' : 'c0';
              return { type, object, key: 'e0', caller: 't0', held, paired };
            }),
          ),
        );
      };
      const serialize = (snapshot: { value: unknown; context: unknown }): string =>
        JSON.stringify([snapshot.value, snapshot.context]);
      const model = createTestModel(logic as never, { events, serializeState: serialize } as never);
      const paths = model.getShortestPaths();
      expect(paths.length).toBeGreaterThan(0);
      for (const path of paths) {
        const actor = createActor(machine, { input: { self: 'registry', wiring: {}, constants: {} } });
        actor.start();
        const states = {
          '*': (state: unknown) => expect(serialize(actor.getSnapshot())).toBe(serialize(state as never)),
        };
        const take = ({ event }: { event: never }): void => delivered(event, () => actor.send(event));
        const requests = [...operations, 'callback_return'].map((type) => [type, take]);
        const result = await path.test({ states, events: Object.fromEntries(requests) });
        for (const { event, state } of result.steps) expect([event.error, state.error]).toEqual([null, null]);
        actor.stop();
      }
    });
  }

  it('every state of connect and disconnect is reached by some path', () => {
    const world = worldOf('manager', 'v2p8', { producers: 1, consumers: 1, eventfds: 1 });
    const model = createTestModel(composedMachine(world) as never, composedTraversal(world) as never);
    const reached = new Set<string>();
    for (const path of model.getShortestPaths()) {
      for (const { context } of path.steps.map((one) => one.state as { context: { row: number[] } })) {
        reached.add(JSON.stringify(world.transitions.local(context.row[0] ?? 0).value));
      }
    }
    const callbacks = (half: string, names: string[]): string[] =>
      names.map((name) => JSON.stringify({ locked: { [half]: name } }));
    expect([...reached]).toEqual(
      expect.arrayContaining([
        '"unlocked"',
        ...callbacks('connecting', [
          'stopProducer',
          'stopConsumer',
          'addConsumer',
          'addProducer',
          'delConsumer',
          'startConsumer',
          'startProducer',
        ]),
        ...callbacks('disconnecting', [
          'stopProducer',
          'stopConsumer',
          'delProducer',
          'delConsumer',
          'startConsumer',
          'startProducer',
        ]),
      ]),
    );
  });

  it('@xstate/test and xstate/graph give the same paths', () => {
    const world = worldOf('connect-failure', 'v2p8');
    const text = (model: { getShortestPaths: () => { steps: { event: unknown }[] }[] }): string[] =>
      model.getShortestPaths().map((path) => JSON.stringify(path.steps.map(({ event }) => event)));
    const one = text(createTestModel(composedMachine(world) as never, composedTraversal(world) as never));
    const other = text(createTestModelOfXState(composedMachine(world) as never, composedTraversal(world) as never));
    expect(one.length).toBeGreaterThan(10);
    expect(other).toEqual(one);
  });
});
