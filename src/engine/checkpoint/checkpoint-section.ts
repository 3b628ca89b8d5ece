// A section of a checkpoint: finished segments, and one that grows until the next commit.
import type { CheckpointFiles } from './checkpoint-files.ts';
import type { Segment } from './checkpoint-segment.ts';
import { checkContent, readSegment, segmentFile, SegmentWriter } from './checkpoint-segment.ts';

/**
 * A section's last segment is written again with what is appended where it is smaller, in bytes. So a section has at most
 * one small segment however often it is committed, and a commit costs what was added and at most this.
 */
export const FOLD_BELOW_BYTES = 2 ** 20;

/** Where the segments of all sections are, and what becomes of their files. */
export interface SegmentStore {
  readonly files: CheckpointFiles;
  readonly directory: string;
  /** A number that no segment there has. */
  readonly nextNumber: () => number;
  /** Is told of a file that the next manifest will not name. */
  readonly drop: (file: string) => void;
}

/** A sequence of bytes that grows. */
export class Section {
  readonly name: string;
  readonly #store: SegmentStore;
  #segments: Segment[];
  #writer: SegmentWriter | undefined = undefined;

  constructor(store: SegmentStore, name: string, segments: readonly Segment[]) {
    this.name = name;
    this.#store = store;
    this.#segments = [...segments];
  }

  /** Finished segments, in order. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** Length in bytes. */
  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, this.#writer?.bytes ?? 0);
  }

  /** Fills an array with the bytes from `at` on. Throws RangeError where they do not reach so far. */
  read(into: Uint8Array, at: number): void {
    if (!Number.isSafeInteger(at) || at < 0 || at + into.length > this.bytes)
      throw new RangeError(
        `section ${this.name} has ${this.bytes} bytes: cannot read ${into.length} from position ${at} on`,
      );
    const { files, directory } = this.#store;
    let start = 0;
    for (const segment of [...this.#segments, ...(this.#writer === undefined ? [] : [this.#writer])]) {
      const from = Math.max(at, start);
      const to = Math.min(at + into.length, start + segment.bytes);
      if (from < to) {
        const part = into.subarray(from - at, to - at);
        if (segment instanceof SegmentWriter) segment.read(part, from - start);
        else readSegment(files, directory, segment, part, from - start);
      }
      start += segment.bytes;
    }
  }

  /** Writes bytes at the end. */
  append(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#writer ??= this.#newWriter();
    this.#writer.write(bytes);
  }

  /** Drops all bytes. */
  clear(): void {
    this.discard();
    for (const { file } of this.#segments) this.#store.drop(file);
    this.#segments = [];
  }

  /** Puts what was appended on the device; its name is there once the directory is synced. */
  finish(): void {
    if (this.#writer === undefined) return;
    this.#segments.push(this.#writer.finish());
    this.#writer = undefined;
  }

  /** Removes the file of what was appended since the last commit. */
  discard(): void {
    const writer = this.#writer;
    this.#writer = undefined;
    writer?.discard();
  }

  /** A writer for the next segment, which takes in the last one where that is small. */
  #newWriter(): SegmentWriter {
    const { files, directory, nextNumber, drop } = this.#store;
    const last = this.#segments.at(-1);
    const isSmall = last !== undefined && last.bytes < FOLD_BELOW_BYTES;
    const writer = new SegmentWriter(files, directory, segmentFile(this.name, nextNumber()));
    this.#writer = writer;
    if (!isSmall) return writer;
    checkContent(files, directory, last);
    const bytes = new Uint8Array(last.bytes);
    readSegment(files, directory, last, bytes, 0);
    writer.write(bytes);
    this.#segments.pop();
    drop(last.file);
    return writer;
  }
}
