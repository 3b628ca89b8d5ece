// State claims, remembered: each small claim of a property is a decision tree over the few columns it reads, and is asked
// only when a step wrote one of them.
import type { Property, StateCheck, StateClaim } from '../../world/property.ts';
import { appliesTo } from '../../world/property.ts';
import { WorldView } from '../../world/view.ts';
import type { World } from '../../world/world.ts';
import type { DecisionTable } from './decision-table.ts';
import { Path } from './decision-table.ts';
import { NotedPackedRow } from './noted-row.ts';
import type { Packing } from '../store/packing.ts';
import { HOLDS, VIOLATED } from './step-table.ts';

interface Claim {
  readonly property: Property;
  readonly claim: StateClaim;
  /** Column of the actor whose state says whether the claim speaks; -1 where it always does. */
  readonly gate: number;
  readonly check: StateCheck;
  root: number;
  /** Columns that any evaluation has read. */
  readonly columns: Set<number>;
}

/** So many decisions are entered for the claims of a leaf together; beyond, they look at too many columns, and are asked one by one. */
const MOST = 4096;

function widened(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(length);
  wider.set(array);
  return wider;
}

/** All claims of some properties about the states of a world. */
export class ClaimTable {
  readonly #claims: Claim[];
  readonly #packing: Packing;
  readonly #decisions: DecisionTable;
  readonly #view: WorldView;
  /** By leaf: root of the tree for all claims that it may affect. */
  #together = new Int32Array(0);
  /** How many decisions were entered there. */
  #entered = new Int32Array(0);
  readonly #path = new Path();
  /** By column: the claims that read it. */
  readonly #readBy: (number[] | undefined)[] = [];
  /** Bumped when a claim reads a column for the first time. */
  #version = 0;
  readonly #affected: ({ readonly version: number; readonly claims: Int32Array } | undefined)[] = [];

  constructor(world: World, packing: Packing, decisions: DecisionTable, properties: readonly Property[]) {
    this.#packing = packing;
    this.#decisions = decisions;
    this.#view = new WorldView(world, new Uint16Array(world.width));
    this.#claims = properties.flatMap((property) => {
      const { state: claim } = property;
      if (claim === undefined) return [];
      const gate = claim.while === undefined ? -1 : world.actor(claim.while.actor);
      const claims = claim.checks(world);
      return claims.map((check) => ({ property, claim, gate, check, root: 0, columns: new Set<number>() }));
    });
  }

  /** Numbers of the claims that a leaf's writes may change, as far as is known which columns claims read. */
  affectedBy(leaf: number, writes: Int32Array): Int32Array {
    const known = this.#affected[leaf];
    if (known !== undefined && known.version === this.#version) return known.claims;
    const written = new Map<number, number>();
    for (let i = 0; i < writes.length; i += 2) written.set(writes[i] as number, writes[i + 1] as number);
    // While a lock is held its claims are silent; the step that gives it back writes the column of its actor.
    const isSilent = ({ claim, gate }: Claim): boolean => {
      const code = gate < 0 ? undefined : written.get(gate);
      if (code === undefined || claim.while === undefined) return false;
      return !claim.while.isIn(this.#view.world.transitions.local(this.#packing.raw(gate, code)).value);
    };
    const found = new Set<number>();
    for (const column of written.keys()) for (const n of this.#readBy[column] ?? []) found.add(n);
    const claims = Int32Array.from(found)
      .filter((n) => !isSilent(this.#claim(n)))
      .sort();
    this.#affected[leaf] = { version: this.#version, claims };
    return claims;
  }

  /** Are all claims that a leaf may affect known to hold of the row after it? One look-up instead of one a claim. */
  holdsAll(leaf: number, words: Int32Array, base: number): boolean {
    const root = leaf < this.#together.length ? (this.#together[leaf] as number) : 0;
    return root !== 0 && this.#decisions.find(root, words, base) === HOLDS;
  }

  /** Enters that all claims that a leaf may affect hold of a row, where it is so. Columns that it writes need no look. */
  learnAll(leaf: number, writes: Int32Array, words: Int32Array, base: number): void {
    const path = this.#path;
    path.clear();
    for (let i = 0; i < writes.length; i += 2) path.pass(writes[i] as number);
    for (const claim of this.affectedBy(leaf, writes)) {
      const { root } = this.#claim(claim);
      if (this.#decisions.follow(root, words, base, path) !== HOLDS) return;
    }
    if (leaf >= this.#together.length) {
      this.#together = widened(this.#together, leaf * 2 + 64);
      this.#entered = widened(this.#entered, leaf * 2 + 64);
    }
    if ((this.#entered[leaf] as number) >= MOST) return;
    this.#entered[leaf] = (this.#entered[leaf] as number) + 1;
    const root = this.#together[leaf] as number;
    this.#together[leaf] = this.#decisions.enter(root, path.columns, path.codes, HOLDS);
  }

  /** A claim reads more than was known: what was entered for several claims together is void. */
  #forgetTogether(): void {
    this.#version += 1;
    this.#together.fill(0);
    this.#entered.fill(0);
  }

  /** Does a claim about states on the way (not only final ones) read this column, as far as is known? */
  reads(column: number): boolean {
    return (this.#readBy[column] ?? []).some((n) => this.#claim(n).claim.atEnd !== true);
  }

  /** Does a claim speak of final states only? */
  get speakOfEnd(): boolean {
    return this.#claims.some(({ claim }) => claim.atEnd === true);
  }

  /** How many claims there are; they are numbered from 0. */
  get count(): number {
    return this.#claims.length;
  }

  /** Bumped when it changes which claims a leaf may affect. */
  get version(): number {
    return this.#version;
  }

  /** Columns that each claim has read, for a checkpoint. */
  get columnsRead(): readonly (readonly number[])[] {
    return this.#claims.map(({ columns }) => [...columns]);
  }

  /** Takes over what claims have read in an earlier part of the search. */
  adopt(columnsRead: readonly (readonly number[])[]): void {
    for (const [n, columns] of columnsRead.entries()) for (const column of columns) this.#reads(n, column);
    this.#forgetTogether();
  }

  /** The roots of the trees for all that a leaf may affect, by leaf. */
  get together(): Int32Array {
    return this.#together.slice();
  }

  /** The roots of the claims' trees. */
  get roots(): Int32Array {
    return Int32Array.from(this.#claims, ({ root }) => root);
  }

  /** The property that a claim belongs to. */
  property(n: number): Property {
    return this.#claim(n).property;
  }

  /** Is a claim known to hold of a packed row? */
  holds(n: number, words: Int32Array, base: number): boolean {
    const { root } = this.#claim(n);
    return root !== 0 && this.#decisions.find(root, words, base) === HOLDS;
  }

  /** What is wrong with a packed row; null where the claim holds or does not speak of it. */
  message(n: number, words: Int32Array, base: number): string | null {
    const claim = this.#claim(n);
    const noted = new NotedPackedRow(this.#packing, words, base);
    this.#view.row = noted;
    const speaks = appliesTo(claim.claim, this.#view);
    const message = speaks ? claim.check(this.#view) : null;
    const verdict = message === null ? HOLDS : VIOLATED;
    claim.root = this.#decisions.enter(claim.root, noted.columns, noted.codes, verdict);
    for (const column of noted.columns) {
      if (this.#reads(n, column)) this.#forgetTogether();
    }
    return message;
  }

  /** Notes that a claim reads a column. Answers whether that is new. */
  #reads(n: number, column: number): boolean {
    const { columns } = this.#claim(n);
    if (columns.has(column)) return false;
    columns.add(column);
    (this.#readBy[column] ??= []).push(n);
    return true;
  }

  #claim(n: number): Claim {
    const claim = this.#claims[n];
    if (claim === undefined) throw new RangeError(`no claim ${n}`);
    return claim;
  }
}
