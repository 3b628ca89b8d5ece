// A snapshot of a search that cannot be kept or read.

/** What a store of snapshots throws where it cannot do its work: the search then ends with what it has. */
export class SnapshotError extends Error {
  override readonly name: string = 'SnapshotError';
}
