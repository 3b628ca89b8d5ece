// A disk in memory that stops after any operation, as a killed process does, or loses power, as a machine does.
//
// At power loss only what was synced is certain. A file whose content was not synced has its old content, its new one,
// a part of it, or as many zeros; names that were made, changed or removed since the directory was synced may be, each by itself, as before.
import { basename, dirname } from 'node:path';
import type { CheckpointFiles } from '../../../src/engine/checkpoint/checkpoint-files.ts';

/** Thrown by every operation after the last one. */
export class Stopped extends Error {}

/** Answers a whole number below a bound. */
export type Pick = (bound: number) => number;

class Inode {
  content = new Uint8Array(0);
  durable = new Uint8Array(0);
}

type Names = ReadonlyMap<string, Inode>;

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** One directory on a disk of its own. */
export class VolatileDisk implements CheckpointFiles {
  readonly directory = '/disk/checkpoint';
  /** Nothing can be written any more. */
  isFull = false;
  /** Operations done so far. */
  operations = 0;
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #hasDirectory = false;
  /** Changes of names since the directory was synced; each is atomic. */
  #pending: ((names: Map<string, Inode>) => void)[] = [];
  #open = new Map<number, Inode>();
  #lastOpened = 0;
  readonly #lastOperation: number;
  readonly #broken: ReadonlySet<'sync' | 'syncDirectory'>;

  /** `broken` operations do nothing, for canaries. */
  constructor(lastOperation = Infinity, broken: readonly ('sync' | 'syncDirectory')[] = []) {
    this.#lastOperation = lastOperation;
    this.#broken = new Set(broken);
  }

  /** The disk as another process finds it after this one was killed. */
  afterKill(): VolatileDisk {
    return this.#next(this.#names, ({ content }) => content);
  }

  /** The disk as it may be when power is back. */
  afterPowerLoss(pick: Pick): VolatileDisk {
    const names = new Map(this.#durableNames);
    for (const change of this.#pending) if (pick(2) === 1) change(names);
    return this.#next(names, ({ content, durable }) => {
      if (content === durable) return durable;
      const kept = pick(content.length + 1);
      return [durable, content, content.slice(0, kept), new Uint8Array(kept)][pick(4)] as Uint8Array<ArrayBuffer>;
    });
  }

  /** Names with their content. */
  snapshot(): Map<string, Uint8Array> {
    return new Map([...this.#names].map(([name, { content }]) => [name, content.slice()]));
  }

  #next(names: Names, contentOf: (inode: Inode) => Uint8Array<ArrayBuffer>): VolatileDisk {
    const disk = new VolatileDisk();
    disk.#hasDirectory = true;
    for (const [name, inode] of names) {
      // The process that held the lock is dead. Ours, which plays it, is not.
      if (name === 'lock') continue;
      const copy = new Inode();
      copy.content = contentOf(inode).slice();
      copy.durable = copy.content;
      disk.#names.set(name, copy);
      disk.#durableNames.set(name, copy);
    }
    return disk;
  }

  #step(): void {
    if (this.operations >= this.#lastOperation) throw new Stopped();
    this.operations += 1;
  }

  #nameOf(file: string): string {
    if (dirname(file) !== this.directory) throw systemError('ENOENT');
    return basename(file);
  }

  #change(change: (names: Map<string, Inode>) => void): void {
    change(this.#names);
    this.#pending.push(change);
  }

  #existing(file: string): Inode {
    const inode = this.#names.get(this.#nameOf(file));
    if (inode === undefined) throw systemError('ENOENT');
    return inode;
  }

  #file(fd: number): Inode {
    const inode = this.#open.get(fd);
    if (inode === undefined) throw systemError('EBADF');
    return inode;
  }

  #opened(inode: Inode): number {
    this.#lastOpened += 1;
    this.#open.set(this.#lastOpened, inode);
    return this.#lastOpened;
  }

  readonly list = (): string[] => {
    this.#step();
    return [...this.#names.keys()];
  };

  readonly makeDirectory = (): boolean => {
    this.#step();
    const isNew = !this.#hasDirectory;
    this.#hasDirectory = true;
    return isNew;
  };

  readonly removeDirectory = (): void => {
    this.#step();
    if (this.#names.size === 0) this.#hasDirectory = false;
  };

  readonly size = (file: string): number | undefined => this.#names.get(this.#nameOf(file))?.content.length;

  readonly create = (file: string): number => {
    this.#step();
    const name = this.#nameOf(file);
    if (this.#names.has(name)) throw systemError('EEXIST');
    const inode = new Inode();
    this.#change((names) => names.set(name, inode));
    return this.#opened(inode);
  };

  readonly openForReading = (file: string): number => this.#opened(this.#existing(file));

  readonly write = (fd: number, chunk: Uint8Array, position: number): void => {
    const inode = this.#file(fd);
    if (this.isFull) throw systemError('ENOSPC');
    const put = (bytes: Uint8Array): void => {
      const grown = new Uint8Array(Math.max(inode.content.length, position + bytes.length));
      grown.set(inode.content);
      grown.set(bytes, position);
      inode.content = grown;
    };
    // The process may be stopped in the middle.
    put(chunk.subarray(0, chunk.length >>> 1));
    this.#step();
    put(chunk);
  };

  readonly read = (fd: number, into: Uint8Array, position: number): number => {
    const { content } = this.#file(fd);
    const part = content.subarray(position, position + into.length);
    into.set(part);
    return part.length;
  };

  readonly sync = (fd: number): void => {
    this.#step();
    const inode = this.#file(fd);
    if (!this.#broken.has('sync')) inode.durable = inode.content;
  };

  readonly close = (fd: number): void => {
    this.#file(fd);
    this.#open.delete(fd);
  };

  readonly rename = (from: string, to: string): void => {
    this.#step();
    const inode = this.#existing(from);
    this.#change((names) => {
      names.delete(this.#nameOf(from));
      names.set(this.#nameOf(to), inode);
    });
  };

  readonly remove = (file: string): void => {
    this.#step();
    this.#existing(file);
    this.#change((names) => names.delete(this.#nameOf(file)));
  };

  readonly syncDirectory = (directory: string): void => {
    this.#step();
    if (directory !== this.directory || this.#broken.has('syncDirectory')) return;
    this.#durableNames = new Map(this.#names);
    this.#pending = [];
  };
}
