// The few file operations that a checkpoint is made of, so that tests can stop, or lose power, after any of them.
import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { CheckpointError, systemCode } from './checkpoint-error.ts';

/** File operations; each does one system call or two, and throws Node's system errors. */
export interface CheckpointFiles {
  /** Names in a directory. */
  readonly list: (directory: string) => readonly string[];
  /** Makes a directory whose parent exists; answers false where there is a directory already. */
  readonly makeDirectory: (directory: string) => boolean;
  /** Removes a directory that is empty; does nothing where it is not, or is gone. */
  readonly removeDirectory: (directory: string) => void;
  /** Length of a regular file, in bytes; undefined where nothing has the name. Throws on what is no regular file. */
  readonly size: (file: string) => number | undefined;
  /** Makes a file that is not there yet, for writing and reading. */
  readonly create: (file: string) => number;
  readonly openForReading: (file: string) => number;
  /** Writes all bytes of a chunk at a position. */
  readonly write: (fd: number, chunk: Uint8Array, position: number) => void;
  /** Reads at a position; answers how many bytes there were, 0 at the end. */
  readonly read: (fd: number, into: Uint8Array, position: number) => number;
  /** Waits until what was written is on the device: fsync(2). */
  readonly sync: (fd: number) => void;
  readonly close: (fd: number) => void;
  /** Gives a file another name, atomically; what had that name is replaced. */
  readonly rename: (from: string, to: string) => void;
  readonly remove: (file: string) => void;
  /** Waits until the names in a directory are on the device. */
  readonly syncDirectory: (directory: string) => void;
}

/** At most so many bytes in one call: Linux moves 2^31 - 4096 at most, and memory is touched in turn. */
export const CHUNK_BYTES = 16 * 2 ** 20;

/** The real file system. */
export const nodeFiles: CheckpointFiles = {
  list: (directory) => readdirSync(directory),
  makeDirectory: (directory) => {
    try {
      mkdirSync(directory);
      return true;
    } catch (error) {
      if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true) return false;
      throw error;
    }
  },
  removeDirectory: (directory) => {
    try {
      rmdirSync(directory);
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(systemCode(error))) throw error;
    }
  },
  size: (file) => {
    const stat = lstatSync(file, { throwIfNoEntry: false });
    if (stat !== undefined && !stat.isFile())
      throw new CheckpointError('corrupt', `${file}: not a regular file, as every file of a checkpoint is`);
    return stat?.size;
  },
  create: (file) => openSync(file, 'wx+', 0o644),
  openForReading: (file) => openSync(file, 'r'),
  write: (fd, chunk, position) => {
    for (let done = 0; done < chunk.length;)
      done += writeSync(fd, chunk, done, Math.min(CHUNK_BYTES, chunk.length - done), position + done);
  },
  read: (fd, into, position) => readSync(fd, into, 0, Math.min(CHUNK_BYTES, into.length), position),
  sync: fsyncSync,
  close: closeSync,
  rename: renameSync,
  remove: unlinkSync,
  syncDirectory: (directory) => {
    const fd = openSync(directory, 'r');
    try {
      fsyncSync(fd);
    } catch (error) {
      // A file system that cannot do this has nothing to wait for.
      if (systemCode(error) !== 'EINVAL') throw error;
    } finally {
      closeSync(fd);
    }
  },
};

/**
 * Reads a whole small file of at most `limit` bytes; one that is replaced meanwhile is read as it was or as it is. Throws
 * CheckpointError (`corrupt`) where it is larger.
 */
export function readSmallFile(files: CheckpointFiles, file: string, limit: number): Uint8Array {
  // Told by size first, so that what is no regular file is not waited for.
  const size = files.size(file) ?? 0;
  if (size > limit) throw tooLarge(file, limit);
  let bytes = new Uint8Array(size + 1);
  const fd = files.openForReading(file);
  try {
    for (let done = 0; done <= limit;) {
      const count = files.read(fd, bytes.subarray(done), done);
      if (count === 0) return bytes.subarray(0, done);
      done += count;
      if (done === bytes.length) bytes = concat(bytes, new Uint8Array(bytes.length));
    }
  } finally {
    files.close(fd);
  }
  throw tooLarge(file, limit);
}

function tooLarge(file: string, limit: number): CheckpointError {
  return new CheckpointError('corrupt', `${file}: has more than the ${limit} bytes that it may have`);
}

function concat(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
