// Writes test/fixtures/runs.jsonl.gz: runs with what properties say along them (test/properties/recorded-run.ts). Takes some minutes.
//
//   node scripts/recorded-runs.ts            what is new, gone or not as it was is told
//
// Of every bug of the catalogue: the counterexamples of a search, the lassos of a liveness search, a random walk. Of every scenario
// without a bug, on each architecture: random walks; of those of the manager on other revisions, too. Besides, walks with bugs in other
// scenarios that make a property say something new.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { checkLiveness } from '../src/engine/explorer/liveness/liveness.ts';
import { explore } from '../src/engine/explorer/search/explore.ts';
import { runOnce } from '../src/engine/traces/run-once.ts';
import { createScheduler } from '../src/engine/world/schedulers.ts';
import { traceOf } from '../src/engine/world/trace.ts';
import type { World } from '../src/engine/world/world.ts';
import { mutations } from '../src/mutations/mutations.ts';
import { livenessProperties } from '../src/properties/liveness.ts';
import { scenarios } from '../src/scenarios/builtin.ts';
import { assembled, makesSense } from '../test/engine/assembled.ts';
import type { RecordedRun, Run } from '../test/properties/recorded-run.ts';
import { shownBy } from '../test/properties/recorded-run.ts';
import { rowsOf } from './manifest-rows.ts';

const FILE = fileURLToPath(new URL('../test/fixtures/runs.jsonl.gz', import.meta.url));
const WALK_STEPS = 120;

/** Choices of a path of indexes, by name. */
const namesOn = (world: World, path: readonly number[]): readonly string[] =>
  traceOf(world, path).map(({ choice }) => choice);

/** A uniform walk, by name. */
async function walked(world: World, seed: number): Promise<readonly string[]> {
  const { trace } = await runOnce(world, createScheduler('random', world, seed), [], WALK_STEPS);
  return trace.map(({ choice }) => choice);
}

async function runsOfBug(where: Run['where']): Promise<readonly Run[]> {
  const { world, properties } = assembled(where.scenario, where);
  const { violations } = await explore(world, { properties });
  const asked = livenessProperties.filter(({ needs }) => needs?.(world) ?? true);
  const infinite = await checkLiveness(world, { properties: asked });
  return [
    ...violations.map(({ property, path, alongside = [] }) => ({
      found: `${alongside.length === 0 ? 'counterexample' : 'one run of several that are a counterexample'} to ${property}`,
      where,
      steps: namesOn(world, path),
    })),
    ...infinite.violations.map(({ property, subject, stem, cycle }) => ({
      found: `lasso of ${property}`,
      where,
      steps: namesOn(world, [...stem, ...cycle]),
      lasso: { stem: stem.length, property, subject },
    })),
    { found: 'walk 1', where, steps: await walked(world, 1) },
  ];
}

async function runsWithout(where: Run['where']): Promise<readonly Run[]> {
  const { world } = assembled(where.scenario, where);
  return [
    { found: 'walk 1', where, steps: await walked(world, 1) },
    { found: 'walk 2', where, steps: await walked(world, 2) },
  ];
}

/** What a message says, whomever it is about. */
const kindOf = (wrong: string): string => wrong.replace(/^\d+ /, '').replaceAll(/\d+/g, '');

/** Walks with bugs in scenarios where they are not shown: those that make a property say what no run before has made it say. */
async function runsElsewhere(): Promise<readonly Run[]> {
  const said = new Set(runs.flatMap((run) => shownBy(run).wrong.map(kindOf)));
  const found: Run[] = [];
  for (const scenario of scenarios)
    for (const { id } of mutations) {
      if (!makesSense(id, scenario.id)) continue;
      const where = { scenario: scenario.id, revision: 'v2p8', set: {}, mutation: id };
      const { world } = assembled(scenario.id, where);
      for (const seed of [1, 2, 3]) {
        const run = { found: `walk ${seed}`, where, steps: await walked(world, seed) };
        const fresh = shownBy(run)
          .wrong.map(kindOf)
          .filter((kind) => !said.has(kind));
        if (fresh.length === 0) continue;
        for (const kind of fresh) said.add(kind);
        found.push(run);
      }
    }
  return found;
}

const runs: Run[] = [];
for (const { id, shown } of mutations)
  for (const { scenario, revision, set = {} } of shown) {
    process.stderr.write(`${id} in ${scenario}\n`);
    runs.push(...(await runsOfBug({ scenario, revision, set, mutation: id })));
  }
/** Revisions whose manager is not like the others. */
const REVISIONS = new Set(['linux-4.4', 'linux-5.9', 'v1p3', 'v1p5', 'likexu-v1', 'likexu-v2', 'longpeng-hlist']);
for (const scenario of scenarios)
  for (const { revision, set = {} } of rowsOf(scenario)) {
    const isShown =
      ['base', 'v2p8'].includes(revision) || (REVISIONS.has(revision) && !('arch' in scenario.parameters));
    if (isShown) runs.push(...(await runsWithout({ scenario: scenario.id, revision, set })));
  }
runs.push(...(await runsElsewhere()));

/** What is told of a run: where it is, and what is not as it was. */
const keyOf = ({ found, where }: RecordedRun): string => `${found} ${JSON.stringify(where)}`;

function readBefore(): ReadonlyMap<string, RecordedRun> {
  if (!existsSync(FILE)) return new Map();
  const lines = gunzipSync(readFileSync(FILE)).toString().trim().split('\n');
  return new Map(lines.map((line) => JSON.parse(line) as RecordedRun).map((run) => [keyOf(run), run]));
}

const before = readBefore();
const recorded = runs.map((run): RecordedRun => ({ ...run, ...shownBy(run) }));
const now = new Set(recorded.map(keyOf));
for (const key of before.keys()) if (!now.has(key)) console.log(`- ${key}`);
for (const run of recorded) {
  const old = before.get(keyOf(run));
  if (old === undefined) console.log(`+ ${keyOf(run)}`);
  for (const field of ['steps', 'asked', 'wrong', 'claims', 'met', 'offered', 'digest'] as const) {
    const [a, b] = [JSON.stringify(old?.[field]), JSON.stringify(run[field])];
    if (old !== undefined && a !== b) console.log(`! ${keyOf(run)}\n    ${field} was ${a}\n    ${field} is  ${b}`);
  }
}
writeFileSync(FILE, gzipSync(`${recorded.map((run) => JSON.stringify(run)).join('\n')}\n`, { level: 9 }));
console.log(`${recorded.length} runs, ${recorded.reduce((sum, { steps }) => sum + steps.length, 0)} steps`);
