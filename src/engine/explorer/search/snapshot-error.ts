// A snapshot of a search that cannot be kept or read.
import { InputError } from '../../input-error.ts';

/** What a store of snapshots throws where it cannot do its work: the search then ends with what it has. */
export class SnapshotError extends InputError {
  override readonly name: string = 'SnapshotError';

  constructor(message: string, cause?: unknown) {
    super('IRQB104', message, { cause });
  }
}
