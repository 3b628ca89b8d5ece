// The scenarios that a process may run for others: the built-in ones, and files it was itself given, known by their hash.
//
// A job of a swarm names its scenario. Nothing that comes with a job is ever read as a scenario.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { findScenario } from '../builtin.ts';
import type { Scenario } from '../define.ts';
import { loadScenario, unreadable } from './load.ts';

/** What names a scenario to another process: a built-in one, or a file by the SHA-256 of its content. */
export type ScenarioReference = { readonly builtin: string } | { readonly file: string; readonly sha256: string };

/** A scenario that is not on the shelf. */
export class UnknownScenarioError extends Error {
  override readonly name = 'UnknownScenarioError';
}

/** Scenarios by reference. */
export class ScenarioShelf {
  readonly #files = new Map<string, { readonly file: string; readonly scenario: Scenario }>();

  /** A shelf with the built-in scenarios and these files. Throws as `loadScenario` does. */
  static async of(files: readonly string[]): Promise<ScenarioShelf> {
    const shelf = new ScenarioShelf();
    for (const file of files) {
      const sha256 = hashOf(file);
      shelf.#files.set(sha256, { file, scenario: await loadScenario(file) });
    }
    return shelf;
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
