// What the test of the engine in a browser does there, and in node: bundled with the model, without a scenario file.
import {
  arrowsOf,
  checkLiveness,
  createScheduler,
  explore,
  ktap,
  minimise,
  runOnce,
  sequenceDiagram,
  traceOf,
  walk,
} from '../../src/engine/index.ts';
import { livenessProperties } from '../../src/properties/liveness.ts';
import type { Assembled } from '../../src/scenarios/assembled.ts';
import { assemble } from '../../src/scenarios/assemble.ts';
import { findScenario } from '../../src/scenarios/builtin.ts';
import type { Parameters } from '../../src/scenarios/define.ts';

function assembled(id: string, mutation: string | null = null, set: Parameters = {}): Assembled {
  const scenario = findScenario(id);
  if (scenario === undefined) throw new Error(`no scenario ${id}`);
  return assemble({ scenario, mutation, set });
}

/** Explores `manager` with its default parameters. */
export async function counts(): Promise<Record<string, unknown>> {
  const { world, properties } = assembled('manager');
  const { seconds: _, ...found } = await explore(world, { properties });
  return { ...found };
}

/** One of everything else that the engine does. */
export async function findings(): Promise<Record<string, unknown>> {
  const { world, properties } = assembled('manager', null, { producers: 3, consumers: 2 });
  const reduced = await explore(world, { properties, symmetry: true, por: true });
  const broken = assembled('pairing', 'b6');
  const { violations } = await explore(broken.world, { properties: broken.properties });
  const { findings: walked } = await walk(broken.world, {
    properties: broken.properties,
    seed: 3,
    walks: 100,
    maxSteps: 60,
  });
  const small = assembled('manager');
  const live = await checkLiveness(small.world, { properties: livenessProperties });
  const scheduler = createScheduler('random', small.world, 1);
  const run = await runOnce(small.world, scheduler, small.properties, 100);
  return {
    reduced: [reduced.verdict, reduced.states, reduced.transitions, reduced.depth],
    traces: violations.map(({ path }) => traceOf(broken.world, path)),
    walked: walked.map(({ property, path }) => {
      const one = broken.properties.find(({ id }) => id === property);
      return one === undefined ? null : minimise(broken.world, path, one);
    }),
    live: [live.verdict, live.states, live.transitions, live.violations.length, live.vacuous],
    run: run.trace,
    diagram: sequenceDiagram(run.trace.flatMap((step) => arrowsOf(small.world.language, step))),
    ktap: ktap([
      {
        scenario: 'pairing',
        parameters: {},
        revision: 'v2p8',
        mutation: 'b6',
        verdict: 'violated',
        states: 1,
        transitions: 1,
        depth: 1,
        seconds: 0,
        properties: [{ id: 'i-order', title: '\u001B[1mbold\u001B[0m', verdict: 'holds' }],
      },
    ]),
  };
}

/** A search that is told to end as soon as something else has its turn. */
export async function interrupted(): Promise<Record<string, unknown>> {
  const { world, properties } = assembled('manager', null, { producers: 3, consumers: 3 });
  const interruption = new AbortController();
  setTimeout(() => interruption.abort(), 0);
  const { verdict, limit } = await explore(world, { properties, signal: interruption.signal });
  return { verdict, limit };
}
