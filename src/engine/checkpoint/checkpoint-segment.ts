// Segments: the files of a checkpoint that hold the bytes of its sections, each written once and never changed.
import type { Hash } from 'node:crypto';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { CheckpointError, onSystem } from './checkpoint-error.ts';
import type { CheckpointFiles } from './checkpoint-files.ts';
import { CHUNK_BYTES } from './checkpoint-files.ts';

/** A finished segment, as the manifest names it. */
export interface Segment {
  /** Name in the checkpoint's directory: `<section>.<number>.irqseg`. */
  readonly file: string;
  readonly bytes: number;
  /** SHA-256 of the content, in hexadecimal. */
  readonly sha256: string;
}

/** What a section may be called. */
export const sectionName = /^[a-z][a-z0-9-]{0,63}$/;
/** Names of segment files; the number is the first group. */
export const segmentName = /^[a-z][a-z0-9-]{0,63}\.(\d{6,15})\.irqseg$/;

/** The name of a section's segment with a number. */
export function segmentFile(section: string, number: number): string {
  return `${section}.${String(number).padStart(6, '0')}.irqseg`;
}

/** A segment that is being written. */
export class SegmentWriter {
  readonly file: string;
  #length = 0;
  readonly #files: CheckpointFiles;
  readonly #path: string;
  readonly #fd: number;
  readonly #hash: Hash = createHash('sha256');

  constructor(files: CheckpointFiles, directory: string, file: string) {
    this.file = file;
    this.#files = files;
    this.#path = join(directory, file);
    this.#fd = files.create(this.#path);
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#length;
  }

  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      const chunk = bytes.subarray(at, at + CHUNK_BYTES);
      this.#files.write(this.#fd, chunk, this.#length);
      this.#hash.update(chunk);
      this.#length += chunk.length;
    }
  }

  /** Reads back what was written. */
  read(into: Uint8Array, at: number): void {
    fill(this.#files, this.#fd, this.#path, into, at, this.#length);
  }

  /** Puts it on the device and closes it; its name is on the device once the directory is synced. */
  finish(): Segment {
    this.#files.sync(this.#fd);
    this.#files.close(this.#fd);
    return { file: this.file, bytes: this.#length, sha256: this.#hash.digest('hex') };
  }

  /** Closes and removes it. */
  discard(): void {
    this.#files.close(this.#fd);
    this.#files.remove(this.#path);
  }
}

/** Reads a part of a finished segment. Throws CheckpointError where the file is shorter than it was. */
export function readSegment(
  files: CheckpointFiles,
  directory: string,
  segment: Segment,
  into: Uint8Array,
  at: number,
): void {
  const path = join(directory, segment.file);
  onSystem(path, 'read', () => {
    const fd = files.openForReading(path);
    try {
      fill(files, fd, path, into, at, segment.bytes);
    } finally {
      files.close(fd);
    }
  });
}

/** Makes sure that a segment has the length it was written with. Throws CheckpointError. */
export function checkLength(files: CheckpointFiles, directory: string, { file, bytes }: Segment): void {
  const path = join(directory, file);
  const actual = onSystem(path, 'read', () => files.size(path));
  if (actual === undefined)
    throw new CheckpointError('truncated', `${path}: segment is missing, expected ${bytes} bytes`);
  if (actual < bytes)
    throw new CheckpointError('truncated', `${path}: truncated segment: has ${actual} bytes, expected ${bytes}`);
  if (actual > bytes)
    throw new CheckpointError('corrupt', `${path}: corrupt segment: has ${actual} bytes, expected ${bytes}`);
}

/** Makes sure that a segment has the content it was written with; reads it once. Throws CheckpointError. */
export function checkContent(files: CheckpointFiles, directory: string, segment: Segment): void {
  checkLength(files, directory, segment);
  const path = join(directory, segment.file);
  const hash = createHash('sha256');
  const chunk = new Uint8Array(Math.min(CHUNK_BYTES, segment.bytes));
  onSystem(path, 'read', () => {
    const fd = files.openForReading(path);
    try {
      for (let at = 0; at < segment.bytes; at += chunk.length) {
        const part = chunk.subarray(0, Math.min(chunk.length, segment.bytes - at));
        fill(files, fd, path, part, at, segment.bytes);
        hash.update(part);
      }
    } finally {
      files.close(fd);
    }
  });
  const actual = hash.digest('hex');
  if (actual !== segment.sha256)
    throw new CheckpointError(
      'corrupt',
      `${path}: corrupt segment: SHA-256 of its content is ${actual}, expected ${segment.sha256}`,
    );
}

/** Fills an array from an open file that is known to have `expected` bytes. */
function fill(files: CheckpointFiles, fd: number, path: string, into: Uint8Array, at: number, expected: number): void {
  for (let done = 0; done < into.length;) {
    const count = files.read(fd, into.subarray(done), at + done);
    if (count === 0)
      throw new CheckpointError(
        'truncated',
        `${path}: truncated segment: has ${at + done} bytes, expected ${expected}`,
      );
    done += count;
  }
}
