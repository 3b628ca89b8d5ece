// A search in a checkpoint: rows and parents grow, dictionaries are replaced, counters are its state.
import { createHash } from 'node:crypto';
import type { Property } from '../world/property.ts';
import type { World } from '../world/world.ts';
import type { Checkpoint } from './checkpoint.ts';
import { CheckpointError } from './checkpoint-error.ts';
import { modelCode } from './model-code.ts';
import type { SearchSnapshot, SnapshotStore } from '../explorer/search/snapshot.ts';

/** Functions as their text: what a script's handlers, guards and claims do. What they have from outside does not show. */
const withCode = (_: string, value: unknown): unknown =>
  typeof value === 'function' ? String(value) : value instanceof Set || value instanceof Map ? [...value] : value;

/**
 * What the bytes of a checkpoint depend on: the world, the properties, the reductions, this release, and the code of machines,
 * guards and properties, of a user's script too. A hash.
 *
 * @param world - the world that is searched
 * @param properties - what is checked
 * @param options - options of the search that the bytes depend on, as plain data: reductions, counterexamples to be kept
 * @param release - the version of irqbypass-lab
 * @returns SHA-256 in hexadecimal
 */
export function modelHash(
  world: World,
  properties: readonly Property[],
  options: Readonly<Record<string, unknown>>,
  release: string,
): string {
  const machines = world.machines.map(({ id, declaration }) => ({ id, declaration }));
  const { actors, names, interchangeable } = world.definition;
  const model = {
    definition: {
      actors: actors.map(({ machine, ...actor }) => ({ ...actor, machine: machine.id })),
      names,
      interchangeable,
    },
    machines,
    properties,
    options,
    release,
    code: modelCode(),
  };
  return createHash('sha256').update(JSON.stringify(model, withCode)).digest('hex');
}

/** Counters and small lists of a snapshot: everything but the arrays and dictionaries. */
type Counters = Omit<SearchSnapshot, 'rows' | 'parents' | 'dictionary' | 'interned' | 'values' | 'runs' | 'growth'>;

const bytesOf = (words: Int32Array): Uint8Array => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

/** Keeps the snapshots of one search in a checkpoint, now and then. */
export class SearchCheckpoint implements SnapshotStore {
  readonly #checkpoint: Checkpoint;
  readonly #everyMs: number;
  #savedAt = performance.now();
  /** What is on disk: layout as text, number of states. */
  #layout: string | undefined;
  #size = 0;

  /** `everySeconds` from one snapshot to the next. */
  constructor(checkpoint: Checkpoint, everySeconds: number) {
    this.#checkpoint = checkpoint;
    this.#everyMs = everySeconds * 1000;
  }

  isDue(): boolean {
    return performance.now() - this.#savedAt >= this.#everyMs;
  }

  /** Appends states that are new, or writes all of them where their layout has changed. Throws CheckpointError. */
  save(snapshot: SearchSnapshot): void {
    const { rows, parents, dictionary, interned, values, runs, growth, ...counters } = snapshot;
    const layout = JSON.stringify([counters.pass, counters.words, counters.layout]);
    const isSame = layout === this.#layout && snapshot.size >= this.#size;
    if (isSame) {
      this.#checkpoint.append('rows', bytesOf(rows.subarray(this.#size * snapshot.words)));
      this.#checkpoint.append('parents', bytesOf(parents.subarray(this.#size)));
    } else {
      this.#checkpoint.replace('rows', bytesOf(rows));
      this.#checkpoint.replace('parents', bytesOf(parents));
    }
    const { rows: runRows, ...lists } = runs;
    const names = JSON.stringify({ dictionary, interned, values, runs: lists, growth });
    this.#checkpoint.replace('runs', new Uint8Array(runRows.buffer, runRows.byteOffset, runRows.byteLength));
    this.#checkpoint.replace('names', new TextEncoder().encode(names));
    this.#checkpoint.commit(JSON.parse(JSON.stringify(counters)));
    this.#layout = layout;
    this.#size = snapshot.size;
    this.#savedAt = performance.now();
  }

  /** Reads the last snapshot. Throws CheckpointError where there is none. */
  load(): SearchSnapshot {
    const counters = this.#checkpoint.state as Counters | undefined;
    if (counters === undefined) {
      throw new CheckpointError('absent', `${this.#checkpoint.directory}: nothing was saved there yet`);
    }
    const read = (section: string): Uint8Array<ArrayBuffer> => {
      const bytes = new Uint8Array(this.#checkpoint.length(section));
      this.#checkpoint.read(section, bytes);
      return bytes;
    };
    const names = JSON.parse(new TextDecoder().decode(read('names'))) as SearchSnapshot;
    const { dictionary, interned, values, growth } = names;
    this.#layout = JSON.stringify([counters.pass, counters.words, counters.layout]);
    this.#size = counters.size;
    return {
      ...counters,
      rows: new Int32Array(read('rows').buffer),
      parents: new Int32Array(read('parents').buffer),
      dictionary,
      interned,
      values,
      growth,
      runs: { ...names.runs, rows: new Uint16Array(read('runs').buffer) },
    };
  }
}
