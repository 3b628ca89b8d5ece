// Exhaustive exploration: every choice from every state, breadth-first, exact.
//
// Clarke, Grumberg, Peled, "Model Checking", chapter 2: explicit-state reachability. Breadth-first, so every
// counterexample is a shortest one. States are packed rows; steps and claims are read off decision tables, so the
// machines are run once per distinct step, not once per transition.
import { setImmediate } from 'node:timers/promises';
import type { Property } from '../properties/property.ts';
import type { EventId } from '../world/local-transitions.ts';
import { WorldView } from '../world/view.ts';
import { seeded } from '../world/schedulers.ts';
import type { World } from '../world/world.ts';
import { WorldLimitError } from '../world/world-limit.ts';
import { ClaimTable } from './claim-table.ts';
import { DecisionTable } from './decision-table.ts';
import { Packing } from './packing.ts';
import type { StateId } from './state-table.ts';
import { StateTable } from './state-table.ts';
import { REJECTED, StepTable } from './step-table.ts';
import { RightMovers } from './right-movers.ts';
import { Symmetry } from './symmetry.ts';
import { Way } from './way.ts';

/** Limits of a search; reaching one makes it incomplete. */
export interface Limits {
  /** States stored. */
  readonly maxStates?: number;
  /** Resident memory of the process, in MiB. */
  readonly maxMemoryMiB?: number;
  /** Wall clock, in seconds. */
  readonly maxSeconds?: number;
}

export interface ExploreOptions extends Limits {
  readonly properties: readonly Property[];
  /** Stop at the first violation instead of looking for a shortest one of every property. */
  readonly stopAtFirst?: boolean;
  /** Called now and then. */
  readonly progress?: (progress: Progress) => void;
  /** Asked now and then; true ends the search as interrupted. */
  readonly isInterrupted?: () => boolean;
  /** Merge states that differ only in the names of what the scenario declares interchangeable. */
  readonly symmetry?: boolean;
  /** Seed of the state table's hash; changes nothing but the order of probing. */
  readonly hashSeed?: number;
  /** Test hook: every state gets the same hash. */
  readonly collides?: boolean;
  /** Leave out orders of calls that lead to nothing else (right-movers.ts). */
  readonly por?: boolean;
  /** Called for every transition, for graphs: state numbers and what is delivered. */
  readonly edge?: (from: StateId, event: EventId, to: StateId) => void;
}

/** Where a search stands. */
export interface Progress {
  readonly states: number;
  readonly transitions: number;
  readonly frontier: number;
  readonly depth: number;
  readonly seconds: number;
}

/** A violated property, with the choices that lead there. */
export interface Violation {
  readonly property: string;
  readonly message: string;
  /** Indexes into `choices` of each state on the way: a shortest way. */
  readonly path: readonly number[];
}

/** What a search found out. */
export interface Exploration {
  readonly verdict: 'holds' | 'violated' | 'incomplete';
  /** The limit that ended it, where one did. */
  readonly limit?: 'states-limit' | 'memory-limit' | 'seconds-limit' | 'world-limit' | 'interrupted';
  /** What limit of the world it was, where it was one. */
  readonly limitMessage?: string;
  readonly states: number;
  readonly transitions: number;
  /** Steps from the initial state to the farthest one. */
  readonly depth: number;
  readonly seconds: number;
  readonly memoryMiB: number;
  /** One per violated property, shortest first. */
  readonly violations: readonly Violation[];
  /** Calls of XState's transition function. */
  readonly machineCalls: number;
  /** Was symmetry used? Only where the scenario declares something interchangeable. */
  readonly symmetry: boolean;
  /** Was partial order reduction used? Only where calls of some thread commute with what others do. */
  readonly por: boolean;
}

/** Transitions between two looks at the clock, and milliseconds between two turns of the event loop. */
const CHECK_EVERY = 2048;
const TURN_MS = 40;
const MiB = 1024 * 1024;

/** Explores a world. Gives way to the event loop now and then, so that signals arrive. */
export async function explore(world: World, options: ExploreOptions): Promise<Exploration> {
  return new Search(world, options).run();
}

/** A column whose value offers choices: a thread's local state, or a message in flight (`slot` of its channel). */
interface Source {
  readonly column: number;
  readonly slot: number;
  /** Whose local state or channel it is. */
  readonly actor: number;
  /** Threads that must be done before this one makes a call. */
  readonly after: readonly number[];
  /** Choice numbers of the step table, by code of the column. */
  readonly offered: (Int32Array | undefined)[];
}

const NONE = new Int32Array(0);

/** Successors that are entered into the table together. */
const BATCH = 512;

/** When so many states are expanded, so many random steps are taken: the packing then has room for most values to come. */
const WARM_UP_AT = 4096;
const WARM_UP_STEPS = 20_000;

class Search {
  readonly #world: World;
  readonly #options: ExploreOptions;
  readonly #packing: Packing;
  #table: StateTable;
  readonly #steps: StepTable;
  readonly #claims: ClaimTable;
  readonly #deadlock: Property | undefined;
  readonly #symmetry: Symmetry | undefined;
  readonly #movers: RightMovers | undefined;
  readonly #plainRow: Uint16Array;
  readonly #canonicalRow: Uint16Array;
  readonly #violations = new Map<string, Violation>();
  readonly #started = performance.now();
  /** What offers choices: columns of threads, then columns of channels. */
  readonly #sources: readonly Source[];
  /** Sources that can offer something under the present packing. */
  #active: readonly Source[] = [];
  /** Successors that wait to be entered into the table: packed rows, parents, leaves, indexes of choices. */
  #batch: Int32Array;
  /** The same successors before they were made canonical; the batch itself without symmetry. */
  #plain: Int32Array;
  #batched = 0;
  readonly #batchParents = new Int32Array(BATCH);
  readonly #batchLeaves = new Int32Array(BATCH);
  readonly #batchEvents = new Int32Array(BATCH);
  readonly #batchResults = new Int32Array(BATCH);
  readonly #maxStates: number;
  #transitions = 0;
  #depth = 0;
  /** States of the level being expanded end here. */
  #levelEnd = 1;
  #limit: Exploration['limit'];
  #limitMessage: string | undefined;
  #isWarm = false;
  #expanded: StateId = 0;
  /** A look at the clock found that the event loop should turn. */
  #isDue = false;

  constructor(world: World, options: ExploreOptions) {
    this.#world = world;
    this.#options = options;
    this.#maxStates = options.maxStates ?? Infinity;
    const initial = world.initial();
    this.#packing = new Packing(initial);
    this.#packing.widen();
    this.#table = this.#newTable();
    const decisions = new DecisionTable(this.#packing);
    this.#steps = new StepTable(world, this.#packing, decisions, options.properties);
    this.#claims = new ClaimTable(world, this.#packing, decisions, options.properties);
    const declared = (world.definition.interchangeable ?? []).some((group) => group.length > 1);
    this.#symmetry = options.symmetry === true && declared ? new Symmetry(world) : undefined;
    // Where only part of the threads' ways is followed, the graph is not the whole graph.
    const reduces = options.por === true && options.edge === undefined;
    this.#movers = reduces
      ? new RightMovers(world, this.#packing, this.#steps, this.#claims, () => this.#makeRoom())
      : undefined;
    this.#plainRow = new Uint16Array(world.width);
    this.#canonicalRow = new Uint16Array(world.width);
    this.#deadlock = options.properties.find((property) => property.deadlock === true);
    const threads = world.actors.flatMap(({ kind, after }, column) =>
      kind === 'caller' ? [{ column, slot: -1, actor: column, after, offered: [] }] : [],
    );
    const channels = world.actors.flatMap((_, actor) => {
      const { start, slots } = world.channel(actor);
      return Array.from({ length: slots }, (__, slot) => ({
        column: start + slot,
        slot,
        actor,
        after: [],
        offered: [],
      }));
    });
    this.#sources = [...threads, ...channels];
    this.#batch = new Int32Array(BATCH * this.#packing.words);
    this.#plain = this.#symmetry === undefined ? this.#batch : new Int32Array(BATCH * this.#packing.words);
    this.#activate();
  }

  async run(): Promise<Exploration> {
    while ((await this.#search()) === 'again') this.#startAgain();
    return this.#result();
  }

  #newTable(): StateTable {
    const { hashSeed: seed = 0, collides = false } = this.#options;
    return new StateTable(this.#packing, { seed, collides });
  }

  /** Forgets what was found, not what was learnt: the steps stay remembered. */
  #startAgain(): void {
    this.#table = this.#newTable();
    this.#violations.clear();
    this.#batched = 0;
    this.#transitions = 0;
    this.#depth = 0;
    this.#levelEnd = 1;
    this.#makeRoom();
  }

  /** One search of the whole space. Answers `again` where it was reduced on an assumption that turned out wrong. */
  async #search(): Promise<'done' | 'again'> {
    const first = new Int32Array(this.#packing.words);
    this.#table.add(first, 0, 0);
    for (const claim of this.#claims.all) {
      const message = this.#claims.message(claim, first, 0);
      if (message !== null) this.#violate(claim.property.id, message, 0, -1);
    }
    let turned = performance.now();
    for (let id = 0; this.#hasState(id) && this.#goesOn(); id++) {
      if (id === this.#levelEnd) {
        this.#flush();
        this.#depth += 1;
        this.#levelEnd = this.#table.size;
      }
      this.#expanded = id;
      if (id === WARM_UP_AT && !this.#isWarm) {
        this.#warmUpOnce();
        if (this.#movers?.revise() === true) return 'again';
      }
      this.#expandWithin(id);
      if (this.#isDue || (id % 64 === 0 && performance.now() - turned > TURN_MS)) {
        this.#isDue = false;
        await setImmediate();
        turned = performance.now();
        this.#lookAtLimits();
      }
    }
    if (this.#limit === undefined) this.#flush();
    const isWhole = this.#limit === undefined && this.#goesOn();
    return isWhole && this.#movers?.revise() === true ? 'again' : 'done';
  }

  /** Expands a state; a limit of the world ends the search. */
  #expandWithin(id: StateId): void {
    try {
      if (this.#movers?.any === true) this.#expandReduced(id, this.#movers);
      else this.#expand(id);
    } catch (error) {
      if (!(error instanceof WorldLimitError)) throw error;
      this.#limit = 'world-limit';
      this.#limitMessage = error.message;
    }
  }

  #warmUpOnce(): void {
    this.#isWarm = true;
    this.#flush();
    this.#repack(() => {
      try {
        this.#warmUp();
      } catch (error) {
        // A limit of the world: the search will meet it in its own time, or not at all.
        if (!(error instanceof WorldLimitError)) throw error;
      }
    });
  }

  /** Is there a state of this number, perhaps among those that wait? */
  #hasState(id: StateId): boolean {
    if (id === this.#table.size) this.#flush();
    return id < this.#table.size;
  }

  #goesOn(): boolean {
    if (this.#options.stopAtFirst === true && this.#violations.size > 0) return false;
    return this.#limit === undefined;
  }

  #lookAtLimits(): void {
    const { maxSeconds, maxMemoryMiB, progress, isInterrupted } = this.#options;
    if (maxSeconds !== undefined && this.#seconds >= maxSeconds) this.#limit = 'seconds-limit';
    if (maxMemoryMiB !== undefined && process.memoryUsage.rss() / MiB >= maxMemoryMiB) this.#limit = 'memory-limit';
    if (isInterrupted?.() === true) this.#limit = 'interrupted';
    progress?.({
      states: this.#table.size,
      transitions: this.#transitions,
      frontier: this.#table.size - this.#expanded,
      depth: this.#depth,
      seconds: this.#seconds,
    });
  }

  get #seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  /** Sources whose column never changes and offers nothing are left out. */
  #activate(): void {
    this.#active = this.#sources.filter((source) => {
      const { column } = source;
      return (this.#packing.mask[column] as number) !== 0 || this.#offers(source, 0).length > 0;
    });
  }

  /** Walks at random from the initial state, to meet most values of most columns; stores nothing. */
  #warmUp(): void {
    const int = seeded(1);
    let row = this.#world.initial();
    for (let steps = 0; steps < WARM_UP_STEPS; steps++) {
      const packed = this.#pack(row);
      const leaves = this.#sources.flatMap((source) => {
        const code = this.#packing.read(packed, 0, source.column);
        if (!this.#areDoneIn(packed, 0, source.after)) return [];
        return [...this.#offers(source, code)].flatMap((choice) => {
          const column = source.slot < 0 ? -1 : source.column;
          const known = this.#steps.find(choice, packed, 0);
          const leaf = known >= 0 ? known : this.#steps.compute(choice, column, packed, 0);
          return leaf === REJECTED ? [] : [leaf];
        });
      });
      if (leaves.length === 0) {
        if (steps === 0) return;
        row = this.#world.initial();
        continue;
      }
      const writes = this.#steps.writes[leaves[int(0, leaves.length - 1)] as number] as Int32Array;
      row = row.slice();
      for (let i = 0; i < writes.length; i += 2) {
        row[writes[i] as number] = this.#packing.raw(writes[i] as number, writes[i + 1] as number);
      }
    }
  }

  /** A row packed by itself; widens the packing where it does not fit. */
  #pack(row: Uint16Array): Int32Array {
    if (!this.#packing.learn(row)) this.#packing.widen();
    const packed = new Int32Array(this.#packing.words);
    this.#packing.pack(row, packed, 0);
    return packed;
  }

  /** Takes every choice from a state. */
  #expand(id: StateId): void {
    const active = this.#active;
    let taken = 0;
    let previous = -1;
    for (let s = 0; s < active.length; s++) {
      const source = active[s] as Source;
      const offered = this.#enabled(source, id);
      if (offered.length === 0) continue;
      if (source.slot >= 0) {
        // Equal messages of one channel are one choice.
        const event = this.#steps.eventOf(offered[0] as number);
        if (source.slot > 0 && event === previous) continue;
        previous = event;
      }
      for (let k = 0; k < offered.length; k++) {
        if (this.#take(id, offered[k] as number, source)) taken += 1;
        if (this.#limit !== undefined) return;
      }
    }
    if (taken === 0) this.#checkDeadlock(id);
  }

  /**
   * Takes the choices of an ample set: where a mover has called and can have what it waits for, its message alone; else all
   * but the calls of movers that would have to wait; and those, too, where nothing else is left.
   */
  #expandReduced(id: StateId, movers: RightMovers): void {
    const open = this.#openTransaction(id, movers);
    let taken = 0;
    let previous = -1;
    const late: { readonly choice: number; readonly source: Source }[] = [];
    for (const source of this.#active) {
      if (open !== undefined && source !== open) continue;
      const offered = this.#enabled(source, id);
      if (offered.length === 0) continue;
      if (source.slot >= 0) {
        const event = this.#steps.eventOf(offered[0] as number);
        if (source.slot > 0 && event === previous) continue;
        previous = event;
      }
      const mayWait = source.slot < 0 && movers.isMover[source.actor] === 1;
      for (const choice of offered) {
        if (mayWait && this.#waits(id, choice, source, movers)) late.push({ choice, source });
        else if (this.#take(id, choice, source)) taken += 1;
        if (this.#limit !== undefined) return;
      }
    }
    if (taken === 0) for (const { choice, source } of late) if (this.#take(id, choice, source)) taken += 1;
    if (taken === 0) this.#checkDeadlock(id);
  }

  /** The one channel of a mover whose message can be delivered; none where there are several. */
  #openTransaction(id: StateId, movers: RightMovers): Source | undefined {
    let open: Source | undefined;
    for (const source of this.#active) {
      if (source.slot < 0 || movers.isMover[source.actor] === 0) continue;
      const [choice] = this.#enabled(source, id);
      if (choice === undefined || this.#leafOf(id, choice, source) === REJECTED) continue;
      if (open !== undefined) return undefined;
      open = source;
    }
    return open;
  }

  /** Would a mover's call have to wait? What the step properties say of it they say now. */
  #waits(id: StateId, choice: number, source: Source, movers: RightMovers): boolean {
    const leaf = this.#leafOf(id, choice, source);
    const base = id * this.#packing.words;
    if (leaf === REJECTED || !movers.waits(leaf, this.#table.rows, base)) return false;
    if (!this.#steps.holds(leaf, this.#table.rows, base)) this.#violateStep(leaf, id, base, choice);
    return true;
  }

  /** What a source offers in a state. */
  #enabled(source: Source, id: StateId): Int32Array {
    const { rows } = this.#table;
    const base = id * this.#packing.words;
    const code = this.#packing.read(rows, base, source.column);
    const offered = source.offered[code] ?? this.#offers(source, code);
    return source.after.length > 0 && offered.length > 0 && !this.#areDoneIn(rows, base, source.after) ? NONE : offered;
  }

  /** What a source offers when its column has a code. */
  #offers(source: Source, code: number): Int32Array {
    const known = source.offered[code];
    if (known !== undefined) return known;
    const { column, slot } = source;
    const raw = this.#packing.raw(column, code);
    const events = slot < 0 ? this.#world.offersOf(column, raw) : raw === 0 ? [] : this.#world.variantsOf(raw - 1);
    const offered = Int32Array.from(events, (event) => this.#steps.choice(event, slot));
    source.offered[code] = offered;
    return offered;
  }

  #areDoneIn(words: Int32Array, base: number, actors: readonly number[]): boolean {
    return actors.every((actor) => {
      const code = this.#packing.read(words, base, actor);
      return this.#world.isDone(actor, this.#packing.raw(actor, code));
    });
  }

  /** The leaf of a choice in a state; computed where it is new. */
  #leafOf(id: StateId, choice: number, source: Source): number {
    const known = this.#steps.find(choice, this.#table.rows, id * this.#packing.words);
    if (known >= 0) return known;
    const column = source.slot < 0 ? -1 : source.column;
    const leaf = this.#steps.compute(choice, column, this.#table.rows, id * this.#packing.words);
    this.#makeRoomFor(leaf);
    return leaf;
  }

  /** Takes one choice; answers whether its recipient took the event. */
  #take(id: StateId, choice: number, source: Source): boolean {
    const leaf = this.#leafOf(id, choice, source);
    if (leaf === REJECTED) return false;
    const table = this.#table;
    const packing = this.#packing;
    const base = id * packing.words;
    this.#transitions += 1;
    if (this.#transitions % CHECK_EVERY === 0 && this.#options.maxSeconds !== undefined) this.#lookAtLimits();
    if (!this.#steps.holds(leaf, table.rows, base)) this.#violateStep(leaf, id, base, choice);
    const batch = this.#plain;
    const { rows } = table;
    const { words } = packing;
    const to = this.#batched * words;
    for (let i = 0; i < words; i++) batch[to + i] = rows[base + i] as number;
    const writes = this.#steps.writes[leaf] as Int32Array;
    const { word, shift, mask } = packing;
    for (let i = 0; i < writes.length; i += 2) {
      const at = writes[i] as number;
      const w = to + (word[at] as number);
      const s = shift[at] as number;
      batch[w] = ((batch[w] as number) & ~((mask[at] as number) << s)) | ((writes[i + 1] as number) << s);
    }
    if (this.#symmetry !== undefined) this.#canonicalise(this.#symmetry);
    this.#batchParents[this.#batched] = id;
    this.#batchLeaves[this.#batched] = leaf;
    this.#batchEvents[this.#batched] = this.#steps.eventOf(choice);
    this.#batched += 1;
    if (this.#batched === BATCH || this.#table.size + this.#batched >= this.#maxStates) this.#flush();
    return true;
  }

  /** Enters the states of the batch into the table and checks those that are new. */
  #flush(): void {
    const count = this.#batched;
    this.#batched = 0;
    const results = this.#batchResults;
    this.#table.addBatch(this.#batch, count, this.#batchParents, results);
    const { edge } = this.#options;
    for (let k = 0; k < count; k++) {
      const added = results[k] as number;
      const leaf = this.#batchLeaves[k] as number;
      if (added >= 0) this.#checkState(added, leaf, this.#plain, k * this.#packing.words);
      edge?.(this.#batchParents[k] as number, this.#batchEvents[k] as number, added >= 0 ? added : -1 - added);
    }
    if (this.#table.size >= this.#maxStates) this.#limit = 'states-limit';
  }

  #violateStep(leaf: number, id: StateId, base: number, choice: number): void {
    for (const [property, message] of this.#steps.messages(leaf, this.#table.rows, base)) {
      if (!this.#violations.has(property)) this.#violate(property, message, id, this.#steps.eventOf(choice));
    }
  }

  /** Repacks all rows, with room for all values there are. */
  #makeRoom(): void {
    this.#flush();
    this.#repack(() => {});
  }

  /** Makes room where a new leaf writes values that do not fit. */
  #makeRoomFor(leaf: number): void {
    const writes = this.#steps.writes[leaf] as Int32Array;
    let fits = true;
    for (let i = 0; i < writes.length; i += 2) fits &&= this.#packing.fits(writes[i] as number);
    if (!fits) this.#makeRoom();
  }

  /** Lets something widen the packing, then repacks all rows as the packing is then. */
  #repack(widenMore: () => void): void {
    const { word, shift, mask } = this.#packing;
    const old = { word: word.slice(), shift: shift.slice(), mask: mask.slice() };
    widenMore();
    this.#packing.widen();
    const changing = [...old.mask.keys()].filter((column) => old.mask[column] !== 0);
    this.#table.relayout((from, fromBase, to, toBase) => {
      for (const column of changing) {
        const at = fromBase + (old.word[column] as number);
        const code = ((from[at] as number) >>> (old.shift[column] as number)) & (old.mask[column] as number);
        if (code !== 0) this.#packing.write(to, toBase, column, code);
      }
    });
    this.#batch = new Int32Array(BATCH * this.#packing.words);
    this.#plain = this.#symmetry === undefined ? this.#batch : new Int32Array(BATCH * this.#packing.words);
    this.#activate();
  }

  /** Writes the canonical form of the last successor into the batch. */
  #canonicalise(symmetry: Symmetry): void {
    const packing = this.#packing;
    const row = this.#plainRow;
    packing.unpack(this.#plain, this.#batched * packing.words, row);
    let canonical = row;
    if (symmetry.arrange(row)) {
      canonical = this.#canonicalRow;
      symmetry.apply(symmetry.image, row, canonical);
    }
    if (!packing.learn(canonical)) {
      this.#makeRoom();
      packing.pack(row, this.#plain, 0);
    }
    packing.pack(canonical, this.#batch, this.#batched * packing.words);
  }

  /** Asks the claims that a step may have changed, of the state as the step left it. */
  #checkState(id: StateId, leaf: number, words: Int32Array, base: number): void {
    for (const claim of this.#claims.affectedBy(leaf, this.#steps.writes[leaf] as Int32Array)) {
      if (this.#violations.has(claim.property.id) || this.#claims.holds(claim, words, base)) continue;
      const message = this.#claims.message(claim, words, base) ?? '';
      this.#violate(claim.property.id, message, id, -1);
    }
  }

  #checkDeadlock(id: StateId): void {
    if (this.#deadlock === undefined || this.#violations.has(this.#deadlock.id)) return;
    const row = this.#rowOf(id);
    const view = new WorldView(this.#world, row);
    // Where the kernel stopped on corrupted memory nothing moves either, but that has its own property.
    if (this.#world.isFinal(row) || view.isCorrupt) return;
    const stuck = view.callers().filter(({ context }) => context.op !== null);
    const calls = stuck.map(({ name, context }) => `${name} in ${String(context.op)}(${String(context.object)})`);
    const message = `nothing can move any more: ${calls.join(', ') || 'no thread is done'}`;
    this.#violate(this.#deadlock.id, message, id, -1);
  }

  #rowOf(id: StateId): Uint16Array {
    const row = new Uint16Array(this.#world.width);
    this.#packing.unpack(this.#table.rows, id * this.#packing.words, row);
    return row;
  }

  /** Notes a violation in a state, or (with an event) in a step from it. */
  #violate(property: string, message: string, id: StateId, event: EventId): void {
    const way = new Way(this.#world, this.#symmetry);
    const rows = this.#table.path(id).map((state) => this.#rowOf(state));
    for (const next of rows.slice(1)) way.goTo(next);
    if (event >= 0) way.take(event);
    const found = this.#options.properties.find((one) => one.id === property);
    // Names in the message are those of the state that was found; the trace has its own.
    const own = found === undefined || this.#symmetry === undefined ? message : way.message(found, message);
    this.#violations.set(property, { property, message: own, path: way.path });
  }

  #result(): Exploration {
    const order = this.#options.properties.map(({ id }) => id);
    const sorted = [...this.#violations.values()].toSorted(
      (one, other) =>
        one.path.length - other.path.length || order.indexOf(one.property) - order.indexOf(other.property),
    );
    const violations = this.#options.stopAtFirst === true ? sorted.slice(0, 1) : sorted;
    return {
      verdict: violations.length > 0 ? 'violated' : this.#limit === undefined ? 'holds' : 'incomplete',
      ...(this.#limit === undefined ? {} : { limit: this.#limit }),
      ...(this.#limitMessage === undefined ? {} : { limitMessage: this.#limitMessage }),
      states: this.#table.size,
      transitions: this.#transitions,
      depth: this.#depth,
      seconds: this.#seconds,
      memoryMiB: Math.round(process.memoryUsage.rss() / MiB),
      violations,
      machineCalls: this.#world.transitions.machineCalls,
      symmetry: this.#symmetry !== undefined,
      por: this.#movers?.any === true,
    };
  }
}
