// Model-based tests with @xstate/test: every path of the model on live XState actors and on the scheduled world.
import { createTestModel } from '@xstate/test';
import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { createTestModel as createTestModelOfXState } from 'xstate/graph';
import { explore } from '../../src/engine/explorer/search/explore.ts';
import type { Cells } from '../../src/machines/manager/protocol.ts';
import { createRegistryMachine } from '../../src/registry/registry.ts';
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

/** A manager of one pair whose other half is there, or not; everything else is answered with nothing. */
function scripted(paired: boolean): Cells {
  return new Proxy({} as Cells, {
    get:
      (_, operation) =>
      (...args: unknown[]) => {
        if (operation === 'has' || operation === 'add' || operation === 'del') return true;
        if (operation === 'insert' || operation === 'put') return 0;
        if (operation === 'load') return paired && args[1] === 'peer' ? (args[0] === 'p0' ? 'c0' : 'p0') : null;
        if (operation === 'find') return paired && args[0] === 'consumers' ? 'c0' : null;
        if (operation === 'erase') return 'p0';
        return false;
      },
  });
}

describe('the registry alone', () => {
  for (const { id, policy } of revisions) {
    it(`${id}: every path on a live XState actor ends where the model says`, async () => {
      const machine = createRegistryMachine(policy);
      const withCells = (event: { paired?: boolean }): object => ({ ...event, cells: scripted(event.paired === true) });
      // Events go through JSON on their way, cells do not: they are added at the last moment.
      const logic = Object.assign(Object.create(machine) as typeof machine, {
        transition: (snapshot: never, event: never, scope: never) =>
          machine.transition(snapshot, withCells(event) as never, scope),
      });
      const events = (snapshot: { value: unknown }): object[] => {
        const replies = [0, -5].map((value) => ({ type: 'callback_return', value, paired: true }));
        if (snapshot.value !== 'unlocked') return replies;
        return [true, false].flatMap((paired) =>
          (['register_producer', 'unregister_producer'] as const).map((type) => ({
            type,
            object: 'p0',
            key: 'e0',
            caller: 't0',
            paired,
          })),
        );
      };
      const serialize = (snapshot: { value: unknown; context: unknown }): string =>
        JSON.stringify([snapshot.value, snapshot.context]);
      const model = createTestModel(logic as never, { events, serializeState: serialize } as never);
      const paths = model.getShortestPaths();
      expect(paths.length).toBeGreaterThan(0);
      for (const path of paths) {
        const actor = createActor(machine);
        actor.start();
        const states = {
          '*': (state: unknown) => expect(serialize(actor.getSnapshot())).toBe(serialize(state as never)),
        };
        const take = (step: { event: never }): void => actor.send(withCells(step.event) as never);
        const requests = ['register_producer', 'unregister_producer', 'callback_return'].map((type) => [type, take]);
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
