// The lock of a checkpoint's directory: a file `lock` that names the process that writes there.
//
// A lock whose process is dead is taken over: not running any more, another process with the same number (start time
// from /proc/PID/stat, field 22), or from before the machine was started (boot id).
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { CheckpointError, onSystem, systemCode } from './checkpoint-error.ts';
import type { CheckpointFiles } from './checkpoint-files.ts';
import { readSmallFile } from './checkpoint-files.ts';

/** The file's name. */
export const LOCK = 'lock';
/** Names of locks that are being taken over. */
export const asideName = /^lock\.[0-9a-f-]{36}$/;

const MAX_LOCK_BYTES = 4096;
/** So often, and so many milliseconds apart, a lock is read that is still being written. */
const READS = 5;
const READ_EVERY_MS = 20;
const ATTEMPTS = 10;

const ownerSchema = z.object({
  pid: z.int().min(1),
  host: z.string(),
  /** Empty where the system does not tell. */
  boot: z.string(),
  started: z.string(),
  nonce: z.string(),
});
type Owner = z.infer<typeof ownerSchema>;

/** A lock that is held. */
export interface Lock {
  /** Makes sure that it is still ours. Throws CheckpointError. */
  readonly check: () => void;
  readonly release: () => void;
}

/** Takes the lock of a directory. Throws CheckpointError (`locked`) where a process that may live holds it. */
export function takeLock(files: CheckpointFiles, directory: string): Lock {
  const path = join(directory, LOCK);
  const text = JSON.stringify({
    pid: process.pid,
    host: hostname(),
    boot: bootId(),
    started: statusOf(process.pid)?.started ?? '',
    nonce: randomUUID(),
  } satisfies Owner);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (onSystem(directory, 'written', () => tryCreate(files, path, text))) return heldLock(files, directory, text);
    const there = readOwner(files, path);
    if (there.owner !== undefined && mayLive(there.owner)) throw locked(directory, there.owner);
    onSystem(directory, 'written', () => steal(files, path, there.text));
  }
  throw new CheckpointError('locked', `${directory}: in use: other processes keep taking its lock`);
}

function heldLock(files: CheckpointFiles, directory: string, text: string): Lock {
  const path = join(directory, LOCK);
  const isOurs = (): boolean => onSystem(path, 'read', () => readText(files, path)) === text;
  return {
    check: () => {
      if (!isOurs())
        throw new CheckpointError(
          'locked',
          `${directory}: its lock was taken away, another process may write there now`,
        );
    },
    release: () => {
      if (isOurs()) files.remove(path);
    },
  };
}

function tryCreate(files: CheckpointFiles, path: string, text: string): boolean {
  let fd: number;
  try {
    fd = files.create(path);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    files.write(fd, new TextEncoder().encode(text), 0);
  } finally {
    files.close(fd);
  }
  return true;
}

/** Removes the lock that had a text; leaves any other where it is. */
function steal(files: CheckpointFiles, path: string, text: string | undefined): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    files.rename(path, aside);
  } catch (error) {
    // Somebody else was faster.
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  // Taken over by somebody else since we read it: give it back. Its holder checks it before each commit.
  if (readText(files, aside) === text) files.remove(aside);
  else files.rename(aside, path);
}

/** Who holds a lock; no owner where the file is gone, or says nothing of use (a crash while it was written). */
function readOwner(files: CheckpointFiles, path: string): { readonly text?: string; readonly owner?: Owner } {
  let text: string | undefined;
  for (let reads = 0; reads < READS; reads++) {
    text = onSystem(path, 'read', () => readText(files, path));
    if (text === undefined) return {};
    const owner = ownerSchema.safeParse(parse(text));
    if (owner.success) return { text, owner: owner.data };
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, READ_EVERY_MS);
  }
  return text === undefined ? {} : { text };
}

function readText(files: CheckpointFiles, path: string): string | undefined {
  if (files.size(path) === undefined) return undefined;
  try {
    return new TextDecoder().decode(readSmallFile(files, path, MAX_LOCK_BYTES));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function mayLive({ pid, host, boot, started }: Owner): boolean {
  if (host !== hostname()) return true;
  if (boot !== '' && bootId() !== '' && boot !== bootId()) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return false;
  }
  const status = statusOf(pid);
  if (status === undefined) return true;
  const isDead = status.state === 'Z' || status.state === 'X';
  return !isDead && (started === '' || started === status.started);
}

function locked(directory: string, { pid, host }: Owner): CheckpointError {
  const file = join(directory, LOCK);
  const who =
    host === hostname()
      ? `${pid === process.pid ? 'this process' : 'process'} ${pid}: wait until it has ended, or give another directory`
      : `process ${pid} on host ${host}, which cannot be asked from here: if it runs no more, remove ${file}`;
  return new CheckpointError('locked', `${directory}: in use by ${who}`);
}

function bootId(): string {
  return systemText('/proc/sys/kernel/random/boot_id').trim();
}

/** State and start time of a process, where the system tells (proc(5), /proc/PID/stat, fields 3 and 22). */
function statusOf(pid: number): { readonly state: string; readonly started: string } | undefined {
  const text = systemText(`/proc/${pid}/stat`);
  // Field 2 is the program's name in parentheses, which may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return text === '' ? undefined : { state: fields[0] ?? '', started: fields[19] ?? '' };
}

function systemText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
