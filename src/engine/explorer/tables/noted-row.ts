// A row whose reads and writes are noted down: the bridge between machines and decision tables.
import type { RowAccess } from '../../world/memory.ts';
import type { Packing } from '../store/packing.ts';

/** A row of raw values. What is read before it is written here is noted, once a column, in order. */
export class NotedRow implements RowAccess {
  readonly columns: number[] = [];
  readonly codes: number[] = [];
  readonly written = new Map<number, number>();
  readonly #packing: Packing;
  readonly #row: Uint16Array;
  readonly #seen = new Set<number>();

  constructor(packing: Packing, row: Uint16Array) {
    this.#packing = packing;
    this.#row = row;
  }

  get(column: number): number {
    const written = this.written.get(column);
    if (written !== undefined) return written;
    const raw = this.#row[column];
    if (raw === undefined) throw new RangeError(`no column ${column}`);
    if (!this.#seen.has(column)) {
      this.#seen.add(column);
      this.columns.push(column);
      this.codes.push(this.#packing.code(column, raw));
    }
    return raw;
  }

  set(column: number, value: number): void {
    this.written.set(column, value);
  }
}

/** The same over a packed row that is only read: a claim looks at a few columns of thousands. */
export class NotedPackedRow implements RowAccess {
  readonly columns: number[] = [];
  readonly codes: number[] = [];
  readonly #packing: Packing;
  readonly #words: Int32Array;
  readonly #base: number;
  readonly #seen = new Set<number>();

  /**
   * @param packing - how rows are packed
   * @param words - packed rows
   * @param base - where this one begins in them
   */
  constructor(packing: Packing, words: Int32Array, base: number) {
    this.#packing = packing;
    this.#words = words;
    this.#base = base;
  }

  get(column: number): number {
    const code = this.#packing.read(this.#words, this.#base, column);
    if (!this.#seen.has(column)) {
      this.#seen.add(column);
      this.columns.push(column);
      this.codes.push(code);
    }
    return this.#packing.raw(column, code);
  }

  set(): void {
    throw new Error('a packed row that is looked at is not written to');
  }
}

/** A row after a step: what the step wrote, else the row before, whose reads are noted. */
export class OverlaidRow implements RowAccess {
  readonly #below: RowAccess;
  readonly #writes: ReadonlyMap<number, number>;

  constructor(below: RowAccess, writes: ReadonlyMap<number, number>) {
    this.#below = below;
    this.#writes = writes;
  }

  get(column: number): number {
    return this.#writes.get(column) ?? this.#below.get(column);
  }

  set(): void {
    throw new Error('a view is not written to');
  }
}
