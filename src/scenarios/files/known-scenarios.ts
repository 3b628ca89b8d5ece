// The scenarios that a process may run for others: the built-in ones, and files it was itself given, known by their hash.
//
// A job of a swarm names its scenario. Nothing that comes with a job is ever read as a scenario.
import { InputError } from '../../engine/input-error.ts';
import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Model, ModelSource, SwarmJob } from '../../engine/swarm/swarm-job.ts';
import { RefusedJobError } from '../../engine/swarm/swarm-job.ts';
import type { SwarmSize } from '../../engine/swarm/swarm.ts';
import { planSwarm } from '../../engine/swarm/swarm.ts';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Assembled } from '../assembled.ts';
import { assemble } from '../assemble.ts';
import { appliedTo, propertyOf } from '../assembled.ts';
import { parseParameters } from '../parameters.ts';
import { findScenario } from '../builtin.ts';
import type { Scenario } from '../define.ts';
import { loadScenario, unreadable } from './load.ts';

/** What names a scenario to another process: a built-in one, or a file by the SHA-256 of its content. */
export type ScenarioReference = { readonly builtin: string } | { readonly file: string; readonly sha256: string };

const identifier = z.string().max(200);
const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** What a job names its model by. */
const swarmModel = z.strictObject({
  scenario: z.union([z.strictObject({ builtin: identifier }), z.strictObject({ file: identifier, sha256: hash })]),
  set: z.record(identifier, z.union([z.number(), z.boolean(), identifier])),
  revision: identifier,
  mutation: identifier.nullable(),
});

/**
 * Plans a swarm of a scenario (engine/swarm/swarm.ts).
 *
 * @param assembled - the scenario with its parameters, revision, mutation and properties
 * @param scenario - what names the scenario to those who run the jobs
 * @param count - how many jobs
 * @param seed - of the whole swarm, a whole number of which 32 bits count
 * @param size - how large the jobs are
 * @returns the jobs, numbered from 0
 */
export function swarmOf(
  { parameters, revision, mutation, properties }: Assembled,
  scenario: ScenarioReference,
  count: number,
  seed: number,
  size: SwarmSize = {},
): SwarmJob[] {
  const model = { scenario, set: parameters, revision: revision.id, mutation: mutation?.id ?? null };
  return planSwarm(model, properties, count, seed, size);
}

/** The module that a worker process runs: from source in a checkout, from dist where the package is installed. */
export const jobProcess: URL = new URL(
  `./job-process.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`,
  import.meta.url,
);

/** A scenario that this process does not know. */
export class UnknownScenarioError extends InputError {
  override readonly name = 'UnknownScenarioError';

  constructor(message: string, cause?: unknown) {
    super('IRQB101', message, { cause });
  }
}

/** Scenarios by reference. */
export class KnownScenarios implements ModelSource {
  readonly #files = new Map<string, { readonly file: string; readonly scenario: Scenario }>();

  /** The built-in scenarios and these files. Throws as `loadScenario` does. */
  static async of(files: readonly string[]): Promise<KnownScenarios> {
    const known = new KnownScenarios();
    for (const file of files) {
      const sha256 = hashOf(file);
      known.#files.set(sha256, { file, scenario: await loadScenario(file) });
    }
    return known;
  }

  modelOf(given: SwarmJob['model'], properties: readonly string[]): Model {
    const parsed = swarmModel.safeParse(given);
    if (!parsed.success) throw new RefusedJobError(`this names no scenario: ${z.prettifyError(parsed.error)}`);
    const { scenario: reference, set, revision, mutation } = parsed.data;
    const scenario = this.find(reference);
    const settings = Object.entries(set).map(([key, value]) => `${key}=${String(value)}`);
    const { world } = assemble({ scenario, set: parseParameters(scenario, settings), revision, mutation });
    return { world, properties: properties.map((id) => appliedTo(world, propertyOf(id, scenario))) };
  }

  /** The scenario of a reference. Throws UnknownScenarioError. */
  find(reference: ScenarioReference): Scenario {
    if ('builtin' in reference) {
      const found = findScenario(reference.builtin);
      if (found === undefined) throw new UnknownScenarioError(`there is no built-in scenario "${reference.builtin}"`);
      return found;
    }
    const { file, sha256 } = reference;
    const found = this.#files.get(sha256);
    if (found !== undefined) return found.scenario;
    const have = [...this.#files].map(([hash, given]) => `${given.file} ${hash.slice(0, 12)}`);
    throw new UnknownScenarioError(
      `scenario file ${file} (sha256 ${sha256.slice(0, 12)}) was not given to this worker (given: ${have.join(', ') || 'none'})`,
    );
  }
}

function hashOf(file: string): string {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** What names a scenario that was given on a command line. Throws UnreadableFileError. */
export function referenceTo(given: string): ScenarioReference {
  return findScenario(given) === undefined ? { file: basename(given), sha256: hashOf(given) } : { builtin: given };
}
