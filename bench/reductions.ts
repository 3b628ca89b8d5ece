// What reductions do for system scenarios: each in four modes, states and seconds of the search, ratios.
//
//   npm run bench:reductions                      as they come
//   npm run bench:reductions -- --twice           with each number among their parameters doubled
//   npm run bench:reductions -- assign two-vms    only these
//
// A benchmark, never a test. Each search begins with a world that nothing is known of; one that takes over a minute is left out, and said.
import { explore } from '../src/engine/explorer/search/explore.ts';
import { nodeHost } from '../src/engine/explorer/threads/node-host.ts';
import type { Scenario } from '../src/scenarios/define.ts';
import { scenarios } from '../src/scenarios/builtin.ts';
import { assemble } from '../src/scenarios/assemble.ts';

const SECONDS_MAX = 60;
const RUNS = 3;
const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const isTwice = process.argv.includes('--twice');
const modes = [{}, { por: true }, { symmetry: true }, { por: true, symmetry: true }] as const;

type Set = Readonly<Record<string, number>>;

/** The parameters of a scenario that are numbers, doubled. */
const twice = ({ parameters }: Scenario): Set =>
  Object.fromEntries(
    Object.entries(parameters).flatMap(([name, value]) => (typeof value === 'number' ? [[name, 2 * value]] : [])),
  );

interface Searched {
  readonly states: number;
  readonly seconds: number;
}

/** The median of some searches; null where one is not over in a minute. */
async function searched(scenario: Scenario, set: Set, mode: (typeof modes)[number]): Promise<Searched | null> {
  const found: Searched[] = [];
  for (let run = 0; run < RUNS; run++) {
    const { world, properties } = assemble({ scenario, set });
    const { limit, states, seconds } = await explore(world, {
      properties,
      host: nodeHost,
      maxSeconds: SECONDS_MAX,
      ...mode,
    });
    if (limit !== undefined) return null;
    found.push({ states, seconds });
  }
  return found.toSorted((a, b) => a.seconds - b.seconds)[Math.floor(RUNS / 2)] ?? null;
}

const shown = (found: Searched | null): string =>
  found === null ? `over ${SECONDS_MAX} s` : `${found.states.toLocaleString('en')}, ${found.seconds.toFixed(2)} s`;

console.log('| scenario | neither | partial order | symmetry | both | both / neither: states | time |');
console.log('|---|---:|---:|---:|---:|---:|---:|');
const ratios: number[] = [];
for (const scenario of scenarios) {
  const isSystem = 'arch' in scenario.parameters;
  if (words.length === 0 ? !isSystem : !words.includes(scenario.id)) continue;
  const set = isTwice ? twice(scenario) : {};
  const found: (Searched | null)[] = [];
  for (const mode of modes) found.push(await searched(scenario, set, mode));
  const [plain = null, , , both = null] = found;
  const isWhole = plain !== null && both !== null;
  if (isWhole) ratios.push(both.seconds / plain.seconds);
  const cells = [
    isTwice ? `${scenario.id} ${JSON.stringify(set)}` : scenario.id,
    ...found.map(shown),
    isWhole ? (both.states / plain.states).toFixed(2) : '',
    isWhole ? (both.seconds / plain.seconds).toFixed(2) : '',
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
console.log(
  `\nTime with both reductions / with neither: geometric mean ${mean.toFixed(2)}, worst ${Math.max(...ratios).toFixed(2)}.`,
);
