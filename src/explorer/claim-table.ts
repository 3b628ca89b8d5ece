// State claims, remembered: each small claim of a property is a decision tree over the few columns it reads, and is asked
// only when a step wrote one of them.
import type { Property, StateCheck, StateClaim } from '../properties/property.ts';
import { appliesTo } from '../properties/property.ts';
import { WorldView } from '../world/view.ts';
import type { World } from '../world/world.ts';
import type { DecisionTable } from './decision-table.ts';
import { NotedRow } from './noted-row.ts';
import type { Packing } from './packing.ts';
import { HOLDS, VIOLATED } from './step-table.ts';

interface Claim {
  readonly property: Property;
  readonly when: StateClaim['when'];
  readonly check: StateCheck;
  root: number;
  /** Columns that any evaluation has read. */
  readonly columns: Set<number>;
}

/** The registry is the first actor of every world. */
const REGISTRY_COLUMN = 0;

/** All claims of some properties about the states of a world. */
export class ClaimTable {
  readonly #claims: Claim[];
  readonly #packing: Packing;
  readonly #decisions: DecisionTable;
  readonly #raw: Uint16Array;
  readonly #view: WorldView;
  /** Bumped when a claim reads a column for the first time. */
  #version = 0;
  readonly #affected: ({ readonly version: number; readonly claims: readonly Claim[] } | undefined)[] = [];

  constructor(world: World, packing: Packing, decisions: DecisionTable, properties: readonly Property[]) {
    this.#packing = packing;
    this.#decisions = decisions;
    this.#raw = new Uint16Array(world.width);
    this.#view = new WorldView(world, this.#raw);
    this.#claims = properties.flatMap((property) =>
      property.state === undefined
        ? []
        : property.state.checks(world).map((check) => ({
            property,
            when: property.state?.when ?? 'always',
            check,
            root: 0,
            columns: new Set<number>(),
          })),
    );
  }

  /** Claims that a leaf's writes may change, as far as is known which columns claims read. */
  affectedBy(leaf: number, writes: Int32Array): readonly Claim[] {
    const known = this.#affected[leaf];
    if (known !== undefined && known.version === this.#version) return known.claims;
    const columns: number[] = [];
    let locked = false;
    for (let i = 0; i < writes.length; i += 2) {
      const column = writes[i] as number;
      columns.push(column);
      if (column !== REGISTRY_COLUMN) continue;
      const local = this.#packing.raw(column, writes[i + 1] as number);
      locked = this.#view.world.transitions.local(local).value !== 'unlocked';
    }
    // While the mutex is held only `always` claims speak; the step that gives it back writes the registry's column.
    const claims = this.#claims.filter(
      (claim) => (claim.when === 'always' || !locked) && columns.some((column) => claim.columns.has(column)),
    );
    this.#affected[leaf] = { version: this.#version, claims };
    return claims;
  }

  /** Does a claim about states on the way (not only final ones) read this column, as far as is known? */
  reads(column: number): boolean {
    return this.#claims.some((claim) => claim.when !== 'final' && claim.columns.has(column));
  }

  /** Every claim, for the initial state. */
  get all(): readonly Claim[] {
    return this.#claims;
  }

  /** Does a claim hold of a packed row? */
  holds(claim: Claim, words: Int32Array, base: number): boolean {
    const known = claim.root === 0 ? -1 : this.#decisions.find(claim.root, words, base);
    return known >= 0 ? known === HOLDS : this.message(claim, words, base) === null;
  }

  /** What is wrong with a packed row; null where the claim holds or does not speak of it. */
  message(claim: Claim, words: Int32Array, base: number): string | null {
    this.#packing.unpack(words, base, this.#raw);
    const noted = new NotedRow(this.#packing, this.#raw);
    this.#view.row = noted;
    const message = appliesTo(claim.when, this.#view) ? claim.check(this.#view) : null;
    const verdict = message === null ? HOLDS : VIOLATED;
    claim.root = this.#decisions.enter(claim.root, noted.columns, noted.codes, verdict);
    for (const column of noted.columns) {
      if (!claim.columns.has(column)) this.#version += 1;
      claim.columns.add(column);
    }
    return message;
  }
}
