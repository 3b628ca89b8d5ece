// A search that was stopped goes on as if nothing had happened.
import { isLong } from '../../sample.ts';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Checkpoint } from '../../../src/engine/checkpoint/checkpoint.ts';
import { CheckpointError } from '../../../src/engine/checkpoint/checkpoint-error.ts';
import type { Exploration, ExploreOptions } from '../../../src/engine/explorer/search/explore.ts';
import { explore } from '../../../src/engine/explorer/search/explore.ts';
import { modelHash, SearchCheckpoint } from '../../../src/engine/checkpoint/search-checkpoint.ts';
import { assemble } from '../../../src/scenarios/assemble.ts';
import { findScenario } from '../../../src/scenarios/builtin.ts';
import type { Parameters } from '../../../src/scenarios/define.ts';
import { traceOf } from '../../../src/engine/world/trace.ts';
import { killedAndResumed, straight } from './kill-and-resume.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'irqbypass-resume-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const facts = ({ verdict, states, transitions, depth, violations, vacuous, coverage }: Exploration): unknown => ({
  verdict,
  states,
  transitions,
  depth,
  violated: violations.map(({ property, path }) => [property, path.length]),
  vacuous,
  taken: coverage.transitions - coverage.neverTaken.length,
});

/** Stops a search every so many states; each part in a world of its own, as another process would have it. */
async function inParts(
  id: string,
  mutation: string | null,
  set: Parameters,
  every: number,
  options: Partial<ExploreOptions>,
): Promise<Exploration> {
  const scenario = findScenario(id);
  if (scenario === undefined) throw new Error(id);
  for (let part = 1; ; part++) {
    const { world, properties } = assemble({ scenario, mutation, set });
    const model = modelHash(world, properties, {}, 'test');
    const header = { model, description: { scenario: id, parameters: set, revision: 'v2p8', mutation, options: {} } };
    const checkpoint =
      part === 1 ? Checkpoint.create(join(folder, id), header) : Checkpoint.open(join(folder, id), header);
    const store = new SearchCheckpoint(checkpoint, 1000);
    const found = await explore(world, {
      properties,
      ...options,
      checkpoint: store,
      ...(part === 1 ? {} : { resume: store.load() }),
      maxStates: every * part,
    });
    checkpoint.close();
    for (const { path } of found.violations) expect(traceOf(world, path)).toHaveLength(path.length);
    if (found.limit === undefined) return found;
  }
}

describe('stopped at limits and resumed: the counts, verdicts and coverage of one straight search', () => {
  // The system world without MSIs: with them it is ten times as large, and each part begins with a world that has met nothing.
  const quiet = { msis: false };
  for (const [id, mutation, set, every, options] of [
    ...(isLong ? ([['manager', null, {}, 997, {}]] as const) : []),
    ['manager', null, {}, 37, { symmetry: true, por: true }],
    ['connect-failure', 'm-no-roll-back', {}, 53, {}],
    ...(isLong ? ([['assign', 'b1', quiet, 501, {}]] as const) : []),
    ['assign', null, quiet, isLong ? 100 : 400, { por: true }],
  ] as const) {
    it(`${id} ${String(mutation)} every ${every} ${JSON.stringify(options)}`, async () => {
      const scenario = findScenario(id);
      if (scenario === undefined) throw new Error(id);
      const { world, properties } = assemble({ scenario, mutation, set });
      const whole = await explore(world, { properties, ...options });
      expect(whole.states).toBeGreaterThan(2 * every);
      expect(facts(await inParts(id, mutation, set, every, options))).toEqual(facts(whole));
    });
  }
});

describe('resumed, a search names the growing variables that a straight one names', () => {
  for (const [id, revision, ends, options] of [
    ['assign', 'likexu-v2', [5000, 12_000, 20_000], { por: true }],
    ['manager', 'v2p8', [700, 5000], {}],
    ['manager', 'v2p8', [40, 100], { symmetry: true, por: true }],
  ] as const) {
    it(`${id} on ${revision}, ended at ${ends.join(', ')} states ${JSON.stringify(options)}`, async () => {
      const scenario = findScenario(id);
      if (scenario === undefined) throw new Error(id);
      const last = ends.at(-1) ?? 0;
      const { world, properties } = assemble({ scenario, revision });
      const whole = await explore(world, { properties, ...options, maxStates: last });
      expect(whole.growing).not.toEqual([]);
      for (const [part, maxStates] of ends.entries()) {
        const other = assemble({ scenario, revision });
        const model = modelHash(other.world, other.properties, {}, 'test');
        const header = { model, description: { scenario: id, parameters: {}, revision, mutation: null, options: {} } };
        const directory = join(folder, 'growth');
        const checkpoint = part === 0 ? Checkpoint.create(directory, header) : Checkpoint.open(directory, header);
        const store = new SearchCheckpoint(checkpoint, 1000);
        const resume = part === 0 ? {} : { resume: store.load() };
        const given = { properties: other.properties, ...options, checkpoint: store, ...resume, maxStates };
        const found = await explore(other.world, given);
        checkpoint.close();
        if (maxStates === last) expect(found.growing).toEqual(whole.growing);
      }
    });
  }
});

it('killed with SIGKILL and resumed, the command finds the same', async () => {
  // Three times in test:long.
  const times = isLong ? 3 : 1;
  const scenario = ['manager', '--set', 'producers=3', '--set', 'consumers=3', '--no-symmetry', '--no-por'];
  const killed = await killedAndResumed(scenario, times, 1);
  expect(killed).toEqual({ counts: await straight(scenario), killed: times });
});

it('SIGINT writes a checkpoint and prints the partial report', async () => {
  const directory = join(folder, 'interrupted');
  const command = fileURLToPath(new URL('../../../bin/irqbypass.js', import.meta.url));
  const args = ['explore', 'manager', '--set', 'producers=3', '--set', 'consumers=3', '--set', 'eventfds=3'];
  const all = [...args, '--no-symmetry', '--no-por', '--checkpoint', directory, '--json'];
  const child = spawn(process.execPath, [command, ...all], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  setTimeout(() => child.kill('SIGINT'), 1500);
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect(code).toBe(130);
  expect(JSON.parse(output)).toMatchObject({ verdict: 'incomplete', limit: 'interrupted' });
  expect(existsSync(join(directory, 'checkpoint.json'))).toBe(true);
});

it('where nothing can be saved the search ends as incomplete, with what it has', async () => {
  const scenario = findScenario('manager');
  if (scenario === undefined) throw new Error('no scenario');
  const { world, properties } = assemble({ scenario });
  let saves = 0;
  const full = {
    isDue: () => true,
    save: () => {
      saves += 1;
      throw new CheckpointError('failed', 'no space left on device');
    },
  };
  const { verdict, limit, limitMessage, states } = await explore(world, {
    properties,
    maxSeconds: 60,
    checkpoint: full,
  });
  expect({ verdict, limit, limitMessage, saves }).toEqual({
    verdict: 'incomplete',
    limit: 'checkpoint-failed',
    limitMessage: 'no space left on device',
    saves: 1,
  });
  expect(states).toBeGreaterThan(0);
});

it('a state that meets a limit of the world stays the next one, however often the search is resumed', async () => {
  const scenario = findScenario('re-pairing');
  if (scenario === undefined) throw new Error('no scenario');
  const seen: unknown[] = [];
  for (let part = 1; part <= 3; part++) {
    const { world, properties } = assemble({ scenario, mutation: 'm-start-not-awaited' });
    const checked = properties.filter(({ id }) => id === 'i-keysync');
    const description = { scenario: 're-pairing', parameters: {}, revision: 'v2p8', mutation: null, options: {} };
    const header = { model: modelHash(world, checked, {}, 'test'), description };
    const directory = join(folder, 'world-limit');
    const checkpoint = part === 1 ? Checkpoint.create(directory, header) : Checkpoint.open(directory, header);
    const store = new SearchCheckpoint(checkpoint, 1000);
    const resume = part === 1 ? {} : { resume: store.load() };
    const { limit, states } = await explore(world, { properties: checked, checkpoint: store, ...resume });
    seen.push([limit, states, store.load().next]);
    checkpoint.close();
  }
  expect(seen[0]).toMatchObject(['world-limit', expect.any(Number), expect.any(Number)]);
  expect(seen).toEqual([seen[0], seen[0], seen[0]]);
});
