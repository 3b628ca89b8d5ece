// Durable checkpoints of a long search: a directory of named sections of bytes that survives a crash at any moment.
//
// A section is a growing sequence of bytes in segment files, each written once. `checkpoint.json` names the segments with
// lengths and checksums. A commit writes the new segments, syncs them and the directory, writes a manifest beside the
// old one, syncs it, renames it over the old one and syncs the directory: whenever the machine stops, the directory
// holds the checkpoint before or the one after, whole (Pillai et al., "All File Systems Are Not Created Equal", OSDI
// 2014, on why each sync is needed). Segments that no manifest names are removed at the next opening for writing.
import { dirname, join, resolve } from 'node:path';
import { expectOwnFiles, readManifest, removeParts, writeManifest } from './checkpoint-directory.ts';
import { CheckpointError, onSystem } from './checkpoint-error.ts';
import type { CheckpointFiles } from './checkpoint-files.ts';
import { nodeFiles } from './checkpoint-files.ts';
import type { Lock } from './checkpoint-lock.ts';
import { takeLock } from './checkpoint-lock.ts';
import type { CheckpointHeader, Manifest } from './checkpoint-manifest.ts';
import { encodeManifest } from './checkpoint-manifest.ts';
import { expectModel } from './checkpoint-model.ts';
import type { Segment } from './checkpoint-segment.ts';
import type { SegmentStore } from './checkpoint-section.ts';
import { Section } from './checkpoint-section.ts';
import { checkContent, checkLength, sectionName, segmentName } from './checkpoint-segment.ts';

/** How to open a checkpoint. */
export interface CheckpointOptions {
  /**
   * No lock is taken, nothing is removed, and nothing can be written. A process that commits there meanwhile can take
   * segments away, which is an error then.
   */
  readonly readOnly?: boolean;
  /** The file system; the real one where not given. */
  readonly files?: CheckpointFiles;
}

/** What a checkpoint says of itself. */
export interface CheckpointSummary {
  readonly header: CheckpointHeader;
  readonly state: unknown;
  /** Sections with their lengths, in bytes. */
  readonly sections: readonly { readonly name: string; readonly bytes: number }[];
}

/**
 * A checkpoint that is open. What was appended since the last commit can be read back, and is lost with the process.
 * Methods throw CheckpointError where the file system does not obey; after a failed write the
 * checkpoint on the disk is still the last committed one, and this object can only be closed.
 */
export class Checkpoint {
  /** Where it is. */
  readonly directory: string;
  readonly #header: CheckpointHeader;
  readonly #files: CheckpointFiles;
  /** Undefined where it is only read. */
  readonly #lock: Lock | undefined;
  readonly #sections = new Map<string, Section>();
  /** Segments on the disk that the next manifest does not name, unless it is the one that stands there. */
  readonly #obsolete: Set<string>;
  readonly #store: SegmentStore;
  /** Was the directory not there before? Then it goes where nothing is left in it. */
  readonly #isNew: boolean;
  #state: unknown = undefined;
  #condition: 'open' | 'failed' | 'closed' = 'open';

  private constructor(
    place: {
      readonly directory: string;
      readonly files: CheckpointFiles;
      readonly lock: Lock | undefined;
      readonly isNew: boolean;
    },
    header: CheckpointHeader,
    manifest: Manifest | undefined,
  ) {
    const { directory, files, lock, isNew } = place;
    this.directory = directory;
    this.#files = files;
    this.#lock = lock;
    this.#isNew = isNew;
    this.#header = header;
    const there = files.list(directory).filter((name) => segmentName.test(name));
    let number = there.reduce((most, name) => Math.max(most, Number(segmentName.exec(name)?.[1])), 0);
    this.#store = {
      directory,
      files,
      nextNumber: () => (number += 1),
      drop: (file) => this.#obsolete.add(file),
    };
    for (const { name, segments } of manifest?.sections ?? []) this.#addSection(name, segments);
    this.#state = manifest?.state;
    const named = new Set([...this.#sections.values()].flatMap(({ segments }) => segments.map(({ file }) => file)));
    this.#obsolete = new Set(there.filter((name) => !named.has(name)));
  }

  /**
   * Begins a checkpoint in a directory, which is made where it does not exist (its parent must). A directory with an
   * earlier checkpoint is taken over: that one stands until the first commit. Throws CheckpointError where the directory
   * holds other files (`foreign`), is in use (`locked`), or cannot be written to; TypeError where the header is not plain
   * JSON.
   */
  static create(
    directory: string,
    header: CheckpointHeader,
    options: Pick<CheckpointOptions, 'files'> = {},
  ): Checkpoint {
    const files = options.files ?? nodeFiles;
    encodeManifest({ header, sections: [], state: null });
    const isNew = onSystem(directory, 'written', () => {
      const made = files.makeDirectory(directory);
      if (made) files.syncDirectory(dirname(resolve(directory)));
      expectOwnFiles(files, directory);
      return made;
    });
    const lock = takeLock(files, directory);
    return unlockOnError(lock, () =>
      onSystem(directory, 'written', () => new Checkpoint({ directory, files, lock, isNew }, header, undefined)),
    );
  }

  /**
   * Opens a checkpoint to go on from it. Everything is read once and compared with its checksum. Throws CheckpointError
   * where there is none (`absent`), it is damaged (`corrupt`, `truncated`), of another format (`version`) or of another
   * model (`model`), in use (`locked`), or cannot be read or written.
   */
  static open(directory: string, header: CheckpointHeader, options: CheckpointOptions = {}): Checkpoint {
    const files = options.files ?? nodeFiles;
    const early = readManifest(files, directory);
    expectModel(directory, early.header, header);
    const lock = options.readOnly === true ? undefined : takeLock(files, directory);
    return unlockOnError(lock, () => {
      // Again, now that nobody else writes.
      const manifest = readManifest(files, directory);
      expectModel(directory, manifest.header, header);
      const segments = manifest.sections.flatMap((section) => section.segments);
      for (const segment of segments) checkLength(files, directory, segment);
      for (const segment of segments) checkContent(files, directory, segment);
      return onSystem(directory, lock === undefined ? 'read' : 'written', () => {
        const checkpoint = new Checkpoint({ directory, files, lock, isNew: false }, header, manifest);
        if (lock !== undefined) {
          checkpoint.#removeObsolete();
          removeParts(files, directory);
        }
        return checkpoint;
      });
    });
  }

  /** What the checkpoint in a directory says of itself; reads its manifest only. Throws CheckpointError. */
  static inspect(directory: string, options: Pick<CheckpointOptions, 'files'> = {}): CheckpointSummary {
    const { header, state, sections } = readManifest(options.files ?? nodeFiles, directory);
    return {
      header,
      state,
      sections: sections.map(({ name, segments }) => ({
        name,
        bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
      })),
    };
  }

  /** The state of the last commit; undefined before the first. */
  get state(): unknown {
    return this.#state;
  }

  /** Names of the sections, in order of appearance. */
  get sections(): readonly string[] {
    return [...this.#sections.keys()];
  }

  /** Length of a section in bytes, 0 where there is none of the name. */
  length(section: string): number {
    return this.#sections.get(section)?.bytes ?? 0;
  }

  /** Fills an array with the bytes of a section from `at` on. Throws RangeError where they do not reach so far. */
  read(section: string, into: Uint8Array, at = 0): void {
    this.#expectOpen();
    (this.#sections.get(section) ?? new Section(this.#store, section, [])).read(into, at);
  }

  /** Adds bytes to the end of a section. They are written now and belong to the checkpoint from the next commit on. */
  append(section: string, bytes: Uint8Array): void {
    this.#expectWritable(section);
    const found = this.#sections.get(section) ?? this.#addSection(section, []);
    this.#writing(() => found.append(bytes));
  }

  /** Makes bytes the whole content of a section, from the next commit on. */
  replace(section: string, bytes: Uint8Array): void {
    this.#expectWritable(section);
    this.#writing(() => this.#sections.get(section)?.clear());
    this.append(section, bytes);
  }

  /**
   * Makes all that was appended and replaced, and a state (plain JSON), the checkpoint. When this returns it is on the
   * device. Throws TypeError where the state is not plain JSON; then nothing has happened.
   */
  commit(state: unknown): void {
    this.#expectWritable();
    encodeManifest({ header: this.#header, sections: [], state });
    this.#writing(() => {
      this.#lock?.check();
      for (const section of this.#sections.values()) section.finish();
      this.#files.syncDirectory(this.directory);
      const sections = [...this.#sections.values()].map(({ name, segments }) => ({ name, segments }));
      writeManifest(this.#files, this.directory, { header: this.#header, sections, state });
      this.#state = structuredClone(state);
      this.#removeObsolete();
    });
  }

  /** Releases the directory. What was not committed is dropped, and a directory that was made for nothing is removed. */
  close(): void {
    if (this.#condition === 'closed') return;
    // After a failure the disk may refuse this too; the next opening removes leftovers and a dead process's lock.
    const isTolerant = this.#condition === 'failed';
    this.#condition = 'closed';
    const attempt = (work: () => void): void => {
      try {
        onSystem(this.directory, 'written', work);
      } catch (error) {
        if (!isTolerant) throw error;
      }
    };
    for (const section of this.#sections.values()) attempt(() => section.discard());
    attempt(() => this.#lock?.release());
    if (this.#isNew && this.#state === undefined) attempt(() => this.#files.removeDirectory(this.directory));
  }

  #addSection(name: string, segments: readonly Segment[]): Section {
    const section = new Section(this.#store, name, segments);
    this.#sections.set(name, section);
    return section;
  }

  #removeObsolete(): void {
    for (const file of this.#obsolete) {
      this.#files.remove(join(this.directory, file));
      this.#obsolete.delete(file);
    }
  }

  #expectOpen(): void {
    if (this.#condition === 'closed') throw new Error(`${this.directory}: the checkpoint is closed`);
    if (this.#condition === 'failed')
      throw new CheckpointError(
        'failed',
        `${this.directory}: an earlier write failed: open the checkpoint again to go on from its last commit`,
      );
  }

  #expectWritable(section?: string): void {
    this.#expectOpen();
    if (this.#lock === undefined) throw new Error(`${this.directory}: the checkpoint is open for reading only`);
    if (section !== undefined && !sectionName.test(section))
      throw new RangeError(`section ${JSON.stringify(section)}: expected small letters, digits and -, at most 64`);
  }

  /** Writes; a failure leaves this object good for closing only, because what is in the files is not known then. */
  #writing(work: () => void): void {
    try {
      onSystem(this.directory, 'written', work);
    } catch (error) {
      this.#condition = 'failed';
      throw error;
    }
  }
}

function unlockOnError<T>(lock: Lock | undefined, work: () => T): T {
  try {
    return work();
  } catch (error) {
    try {
      lock?.release();
    } catch {
      // The first error says more.
    }
    throw error;
  }
}
