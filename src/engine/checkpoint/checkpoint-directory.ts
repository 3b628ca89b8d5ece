// The directory of a checkpoint: which files belong to it, and how its manifest is read and replaced.
import { join } from 'node:path';
import { CheckpointError, onSystem } from './checkpoint-error.ts';
import type { CheckpointFiles } from './checkpoint-files.ts';
import { nodeFiles, readSmallFile } from './checkpoint-files.ts';
import { asideName, LOCK } from './checkpoint-lock.ts';
import type { Manifest } from './checkpoint-manifest.ts';
import { decodeManifest, encodeManifest, MAX_MANIFEST_BYTES } from './checkpoint-manifest.ts';
import { segmentName } from './checkpoint-segment.ts';

const MANIFEST = 'checkpoint.json';
/** The manifest that is being written. */
const PART = 'checkpoint.json.part';
/** Foreign files that a message names. */
const NAMED = 3;

/** Reads the manifest of a directory. Throws CheckpointError. */
export function readManifest(files: CheckpointFiles, directory: string): Manifest {
  const file = join(directory, MANIFEST);
  const size = onSystem(directory, 'read', () => {
    files.list(directory);
    return files.size(file);
  });
  if (size === undefined)
    throw new CheckpointError(
      'absent',
      `${directory}: holds no checkpoint (no ${MANIFEST}): not a checkpoint's directory, or stopped before the first was written`,
    );
  return onSystem(file, 'read', () => decodeManifest(file, readSmallFile(files, file, MAX_MANIFEST_BYTES)));
}

/** Is a search saved there, whole or not? */
export function holdsCheckpoint(directory: string): boolean {
  return nodeFiles.size(join(directory, MANIFEST)) !== undefined;
}

/** Replaces the manifest of a directory, atomically and durably; all that it names must be on the device. */
export function writeManifest(files: CheckpointFiles, directory: string, manifest: Manifest): void {
  const bytes = new TextEncoder().encode(encodeManifest(manifest));
  if (bytes.length > MAX_MANIFEST_BYTES)
    throw new CheckpointError(
      'failed',
      `${directory}: the manifest would have ${bytes.length} bytes, more than the ${MAX_MANIFEST_BYTES} that it may have: keep what is large in a section`,
    );
  const part = join(directory, PART);
  if (files.size(part) !== undefined) files.remove(part);
  const fd = files.create(part);
  try {
    files.write(fd, bytes, 0);
    files.sync(fd);
  } finally {
    files.close(fd);
  }
  files.rename(part, join(directory, MANIFEST));
  files.syncDirectory(directory);
}

/** Makes sure that a directory holds nothing but what checkpoints leave there. Throws CheckpointError (`foreign`). */
export function expectOwnFiles(files: CheckpointFiles, directory: string): void {
  const own = new Set([MANIFEST, PART, LOCK]);
  const foreign = files
    .list(directory)
    .filter((name) => !own.has(name) && !segmentName.test(name) && !asideName.test(name))
    .toSorted();
  if (foreign.length === 0) return;
  const more = foreign.length > NAMED ? ` and ${foreign.length - NAMED} more` : '';
  throw new CheckpointError(
    'foreign',
    `${directory}: holds files that are not a checkpoint's (${foreign.slice(0, NAMED).join(', ')}${more}): give a new or an empty directory`,
  );
}

/** Removes what an interrupted process left in a directory besides segments. */
export function removeParts(files: CheckpointFiles, directory: string): void {
  for (const name of files.list(directory))
    if (name === PART || asideName.test(name)) files.remove(join(directory, name));
}
