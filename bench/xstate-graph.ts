// One process of the benchmark: xstate/graph's getAdjacencyMap over a manager world.
import { assign, createMachine } from 'xstate';
import { getAdjacencyMap } from 'xstate/graph';
import { assemble } from '../src/scenarios/assemble.ts';
import { findScenario } from '../src/scenarios/builtin.ts';

const [producers = 1, consumers = 1, eventfds = 1] = process.argv.slice(2).map(Number);
const scenario = findScenario('manager');
if (scenario === undefined) throw new Error('no scenario');
const { world } = assemble({ scenario, set: { producers, consumers, eventfds, faults: true } });
const machine = createMachine({
  types: {} as { context: { row: number[] }; events: { type: 'take'; choice: number } },
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
const map = getAdjacencyMap(machine, {
  events: (snapshot) =>
    world.choices(Uint16Array.from(snapshot.context.row)).map((_, choice) => ({ type: 'take' as const, choice })),
  serializeState: (snapshot) => snapshot.context.row.join(),
  limit: Infinity,
});
const nodes = Object.values(map);
const transitions = nodes.reduce((sum, node) => sum + Object.keys(node.transitions).length, 0);
console.log(JSON.stringify({ states: nodes.length, transitions }));
