// One process of the benchmark: xstate/graph's getAdjacencyMap over a manager world.
import { getAdjacencyMap } from 'xstate/graph';
import { assemble } from '../src/scenarios/assemble.ts';
import { findScenario } from '../src/scenarios/builtin.ts';
import { composedMachine, composedTraversal } from '../src/world/composed.ts';

const [producers = 1, consumers = 1, eventfds = 1] = process.argv.slice(2).map(Number);
const scenario = findScenario('manager');
if (scenario === undefined) throw new Error('no scenario');
const { world } = assemble({ scenario, set: { producers, consumers, eventfds, faults: true } });
const map = getAdjacencyMap(composedMachine(world), { ...composedTraversal(world), limit: Infinity });
const nodes = Object.values(map);
const transitions = nodes.reduce((sum, node) => sum + Object.keys(node.transitions).length, 0);
console.log(JSON.stringify({ states: nodes.length, transitions }));
