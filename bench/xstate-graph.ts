// One process of the benchmark: xstate/graph's getAdjacencyMap over a manager world.
//
// With --remembers our remembered steps are behind it; without, XState computes every local transition, as it does for
// whoever searches machines with it.
import { getAdjacencyMap } from 'xstate/graph';
import { assemble } from '../src/scenarios/assemble.ts';
import { findScenario } from '../src/scenarios/builtin.ts';
import { composedMachine, composedTraversal } from '../src/engine/world/composed.ts';

const [producers = 1, consumers = 1, eventfds = 1] = process.argv.slice(2).map(Number);
const remembers = process.argv.includes('--remembers');
const scenario = findScenario('manager');
if (scenario === undefined) throw new Error('no scenario');
const { world } = assemble({ scenario, set: { producers, consumers, eventfds, faults: true } });
world.transitions.remembers = remembers ? 'yes' : 'no';
const map = getAdjacencyMap(composedMachine(world), { ...composedTraversal(world), limit: Infinity });
const nodes = Object.values(map);
const transitions = nodes.reduce((sum, node) => sum + Object.keys(node.transitions).length, 0);
console.log(JSON.stringify({ states: nodes.length, transitions }));
