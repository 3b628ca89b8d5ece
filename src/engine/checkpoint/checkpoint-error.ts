// What can be wrong with a checkpoint of a long search, as a reader of the message needs it.
import { SnapshotError } from '../explorer/search/snapshot-error.ts';

/** The kinds of trouble, for programs; people read the message. */
export type CheckpointTrouble =
  /** There is no checkpoint where one was to be opened. */
  | 'absent'
  /** A directory with files that are not a checkpoint's, which are not to be touched. */
  | 'foreign'
  /** Bytes are not those that were written. */
  | 'corrupt'
  /** A segment is shorter than it was when it was written, or gone. */
  | 'truncated'
  /** Written in a format that this program does not read. */
  | 'version'
  /** A checkpoint of another model. */
  | 'model'
  /** Another process writes to the directory. */
  | 'locked'
  /** The system does not let us read or write. */
  | 'permission'
  /** The disk is full, or reading or writing failed in another way. */
  | 'failed';

/** A checkpoint cannot be read or written: which directory or file, what is wrong, what would be right. */
export class CheckpointError extends SnapshotError {
  override readonly name = 'CheckpointError';
  readonly trouble: CheckpointTrouble;

  constructor(trouble: CheckpointTrouble, message: string, options?: ErrorOptions) {
    super(message, options?.cause);
    this.trouble = trouble;
  }
}

const reasons: Readonly<Record<string, readonly [CheckpointTrouble, string]>> = {
  ENOENT: ['absent', 'no such file or directory'],
  ENOTDIR: ['absent', 'it, or a part of its path, is not a directory'],
  EEXIST: ['foreign', 'there is a file of that name'],
  EISDIR: ['failed', 'it is a directory, expected a file'],
  EACCES: ['permission', 'permission denied'],
  EPERM: ['permission', 'operation not permitted'],
  EROFS: ['permission', 'the file system is read-only'],
  ENOSPC: ['failed', 'no space left on the device'],
  EDQUOT: ['failed', 'the disk quota is used up'],
  EFBIG: ['failed', 'the file would be larger than the system allows'],
  EMFILE: ['failed', 'too many open files'],
  EIO: ['failed', 'the device failed'],
};

/** The code of a system error (`ENOSPC`); the empty string for any other. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/**
 * Does what needs the system, and turns its error into a CheckpointError about `place` (a directory or file) that
 * could not be done with as `aim` says: `written`, `read`.
 */
export function onSystem<T>(place: string, aim: 'read' | 'written', work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = systemCode(error);
    if (error instanceof CheckpointError || code === '') throw error;
    const [trouble, reason] = reasons[code] ?? ['failed', (error as Error).message];
    throw new CheckpointError(trouble, `${place}: checkpoint cannot be ${aim}: ${reason}`, { cause: error });
  }
}
