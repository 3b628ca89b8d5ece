// Which calls commute with whatever others do while the caller stands where it stands, as far as steps are known.
//
// Nothing is declared: it is computed from what every remembered step has read and written (`Footprint`). A step that was never met
// is believed to conflict with nothing; whoever reduces a search on that belief looks again when the search is over
// (docs/decisions/007-right-movers.md).
import { isSamePlain } from '../../actors/plain-data.ts';
import type { World } from '../../world/world.ts';
import type { ClaimTable } from '../tables/claim-table.ts';
import type { Packing } from '../store/packing.ts';
import type { Footprint, StepTable } from '../tables/step-table.ts';

/** Steps that read a column, and that write it. */
interface Touching {
  readonly readers: Footprint[];
  readonly writers: Footprint[];
}

/** What commutes with what, by the steps met so far. */
export class Commutation {
  readonly #world: World;
  readonly #packing: Packing;
  readonly #steps: StepTable;
  readonly #claims: ClaimTable;
  /** By column. */
  readonly #touching = new Map<number, Touching>();
  /** Footprints that are in `#touching`. */
  #indexed = 0;
  readonly #numbers = new Map<Footprint, number>();
  /** Threads that have to be done before others begin, and those that a step was met of after which they are not done any more. */
  readonly #awaited: ReadonlySet<number>;
  readonly #undone = new Set<number>();
  /** Memo of `#isInert`: leaf and column, how many codes were tried, what came out. */
  readonly #inert = new Map<string, { readonly tried: number; readonly inert: boolean }>();

  constructor(world: World, packing: Packing, steps: StepTable, claims: ClaimTable) {
    this.#world = world;
    this.#packing = packing;
    this.#steps = steps;
    this.#claims = claims;
    this.#awaited = new Set(world.actors.flatMap(({ after }) => after));
  }

  /** How many steps were met so far, with those that were only tried. */
  get known(): number {
    return this.#steps.footprints.length;
  }

  /** Every step met so far. Trying variants of a row may add some on the way: they come, too. */
  *footprints(): Generator<Footprint> {
    const { footprints } = this.#steps;
    // What step properties read of a step shows only as they are asked in more states.
    this.#touching.clear();
    this.#undone.clear();
    this.#indexed = 0;
    for (let i = 0; i < footprints.length; i++) {
      this.#index();
      yield footprints[i] as Footprint;
    }
  }

  #index(): void {
    const { footprints } = this.#steps;
    for (; this.#indexed < footprints.length; this.#indexed++) {
      const step = footprints[this.#indexed] as Footprint;
      for (const column of readsOf(step, this.#world)) this.#at(column).readers.push(step);
      for (const column of step.writes.keys()) this.#at(column).writers.push(step);
      for (const actor of this.#awaited)
        if (step.writes.has(actor) && this.#wasDone(step, actor) && !this.#isDoneAfter(step, actor))
          this.#undone.add(actor);
    }
  }

  #at(column: number): Touching {
    let found = this.#touching.get(column);
    if (found === undefined) this.#touching.set(column, (found = { readers: [], writers: [] }));
    return found;
  }

  #wasDone({ row }: Footprint, actor: number): boolean {
    return this.#world.isDone(actor, row[actor] as number);
  }

  #isDoneAfter({ writes }: Footprint, actor: number): boolean {
    return this.#world.isDone(actor, this.#packing.raw(actor, writes.get(actor) as number));
  }

  /**
   * Does it hang on a call what others may do at all, or on others whether it may be made: by who has to be done before whom, which no
   * step reads or writes?
   */
  isOrdered(call: Footprint): boolean {
    const { source } = call;
    const after = this.#world.actors[source]?.after ?? [];
    if (after.some((one) => this.#undone.has(one))) return true;
    const isAwaited = this.#awaited.has(source) && call.writes.has(source);
    return isAwaited && this.#wasDone(call, source) !== this.#isDoneAfter(call, source);
  }

  /**
   * Is a thread that was done not done after its call, where a claim speaks only of states in which all are? Before the call there may
   * have been such a state.
   */
  leavesEnd(call: Footprint): boolean {
    const { source, writes } = call;
    return (
      this.#claims.speakOfEnd && writes.has(source) && this.#wasDone(call, source) && !this.#isDoneAfter(call, source)
    );
  }

  /** Is something in flight in the caller's channel after its call? */
  leavesMessage({ source, writes }: Footprint): boolean {
    const { start, slots } = this.#world.channel(source);
    for (let column = start; column < start + slots; column++) if (writes.has(column)) return true;
    return false;
  }

  /**
   * Does a call commute with every step that can come while its thread stands where it stands?
   *
   * @param call - what a run of the call has read and written
   * @param canCome - which steps can: of those that cannot nothing is asked
   * @returns false where a claim reads what the call writes, too
   */
  commutes(call: Footprint, canCome: (step: Footprint) => boolean): boolean {
    const others = (steps: readonly Footprint[]): boolean => steps.some((step) => canCome(step));
    for (const column of call.writes.keys()) {
      if (this.#claims.reads(column)) return false;
      const { readers, writers } = this.#at(column);
      if (others(readers) || others(writers)) return false;
    }
    for (const column of [...call.path.keys(), ...call.checked]) {
      if (call.writes.has(column)) continue;
      if (others(this.#at(column).writers) && !this.#isInert(call, column)) return false;
    }
    return true;
  }

  /**
   * May another thread's step come while the caller stands where it stands, with nothing of it in flight? Asked of steps that were met
   * before the call: after it the caller's own column is another for all of them.
   */
  comesBetween(call: Footprint, step: Footprint): boolean {
    const { source } = call;
    if (step.source === source) return false;
    const own = step.path.get(source);
    return own === undefined || own === call.path.get(source);
  }

  /** Does a call do the same whatever a column that it reads holds? Tried with every value the column has had. */
  #isInert(call: Footprint, column: number): boolean {
    const codes = this.#packing.cardinality(column);
    const key = `${this.#numberOf(call)} ${column}`;
    const known = this.#inert.get(key);
    if (known !== undefined && (!known.inert || known.tried === codes)) return known.inert;
    let inert = true;
    for (let code = known?.tried ?? 0; code < codes && inert; code++) inert = this.#isSame(call, column, code);
    this.#inert.set(key, { tried: codes, inert });
    return inert;
  }

  #numberOf(call: Footprint): number {
    const known = this.#numbers.get(call);
    if (known !== undefined) return known;
    this.#numbers.set(call, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  #isSame(call: Footprint, column: number, code: number): boolean {
    if (call.path.get(column) === code) return true;
    const row = call.row.slice();
    row[column] = this.#packing.raw(column, code);
    let tried;
    try {
      tried = this.#steps.attempt(call.choice, row);
    } catch {
      // A row that no run leads to: nothing is known of it, so nothing is assumed.
      return false;
    }
    const { footprint, holds } = tried;
    if (!holds || footprint.writes.size !== call.writes.size) return false;
    if (!isSamePlain(footprint.observations, call.observations)) return false;
    return [...call.writes].every(([at, value]) => footprint.writes.get(at) === value);
  }
}

function readsOf(step: Footprint, world: World): Set<number> {
  const reads = new Set([...step.path.keys(), ...step.checked]);
  if (!step.isCall) {
    const { start, slots } = world.channel(step.source);
    for (let column = start; column < start + slots; column++) reads.add(column);
  }
  return reads;
}
