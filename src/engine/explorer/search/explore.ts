// Exhaustive exploration: every choice from every state, breadth-first, exact.
//
// Clarke, Grumberg, Peled, "Model Checking", chapter 2: explicit-state reachability. Breadth-first, so every
// counterexample is a shortest one. States are packed rows; steps and claims are read off decision tables (expander.ts),
// so the machines are run once per distinct step, not once per transition. This file has the search as a whole: levels,
// limits, violations, and what is computed when a table does not know.
import type { EventId } from '../../world/local-transitions.ts';
import type { World } from '../../world/world.ts';
import { WorldLimitError } from '../../world/world-limit.ts';
import { canonicalForm } from '../expansion/canonical-row.ts';
import { LearningImages } from '../expansion/learning-images.ts';
import { CompiledWorld } from '../expansion/compiled-world.ts';
import { ComputingOracle } from '../expansion/computing-oracle.ts';
import { DepthFirst } from './depth-first.ts';
import type { Exploration, ExploreOptions } from './exploration.ts';
import { Expander } from '../expansion/expander.ts';
import { SharedStateTable } from '../store/shared-state-table.ts';
import { Growth } from './growth.ts';
import type { SearchThreads } from './host.ts';
import { expectHosted } from './host.ts';
import type { SearchSnapshot } from './snapshot.ts';
import { SnapshotError } from './snapshot-error.ts';
import type { StateId } from '../store/state-table.ts';
import { StateTable } from '../store/state-table.ts';
import type { Successors } from '../expansion/successors.ts';
import { Symmetry } from '../reductions/symmetry.ts';
import { partialOrderOf, withShortest } from './shortest.ts';
import { Trend } from './trend.ts';
import { Violations } from '../counterexamples/violations.ts';
import { Watch } from './watch.ts';

export type { Exploration, ExploreOptions, Limits, Progress } from './exploration.ts';
export type { Violation } from '../../world/violation.ts';

/** Milliseconds that threads search together between two turns. */
const TOGETHER_MS = 80;
/** When so many states are expanded, so many random steps are taken: the packing then has room for most values to come. */
const WARM_UP_AT = 16_384;
/** States from which more than one thread searches: before, there is more to learn than to look up. */
const SHARE_AT = 100_000;

/** States that a thread may store before the next look at the limits; where there are several they make room for twice as many. */
const STATES_SOON = 65_536;
/** States that are expanded between two looks at the room in a shared store, and the room that they get. */
const LEFT_AT_ONCE = 64;
const LEFT_ROOM = 65_536;

/**
 * Explores a world. Gives way now and then, so that signals and messages arrive.
 *
 * @param world - the world, of which all states are looked at
 * @param options - properties, limits, reductions, and what else the search is to do
 * @returns the verdict, counterexamples and counts
 * @throws InputError where threads or a limit of memory are asked for, and the host has none
 */
export async function explore(world: World, options: ExploreOptions): Promise<Exploration> {
  const search = new Search(world, options);
  const found = await search.run();
  if (found.violations.length === 0 || !search.hasLongPaths) return found;
  return withShortest(found, options, (others) => new Search(world, others).run());
}

class Search {
  readonly #known: CompiledWorld;
  readonly #expander: Expander;
  readonly #successors: Successors;
  readonly #oracle: ComputingOracle;
  readonly #options: ExploreOptions;
  readonly #symmetry: Symmetry | undefined;
  readonly #symmetryLeftOut: Exploration['symmetryLeftOut'];
  readonly #violations: Violations;
  readonly #trend = new Trend();
  readonly #watch: Watch;
  #growth: Growth;
  /** The order of a depth-first search. */
  #deep = new DepthFirst(Infinity);
  #table: StateTable | SharedStateTable;
  #threads: SearchThreads | undefined;
  /** Which search of the space this is: another one after it was started again. */
  #pass = 1;
  #depth = 0;
  /** States of the level being expanded end here. */
  #levelEnd = 1;
  #next: StateId = 0;
  #limit: Exploration['limit'];
  #limitMessage: string | undefined;
  #isWarm = false;
  /** Threads that search. */
  readonly #workers: number;
  /** Canonical forms that threads can share, with symmetry. */
  readonly #images: LearningImages | undefined;
  /** May other threads help, and from which state on? */
  readonly #shareAt: number;
  readonly #maxDepth: number;

  constructor(world: World, options: ExploreOptions) {
    expectHosted(options, options.host);
    this.#options = options;
    this.#watch = new Watch(options);
    const { interchangeable = [] } = world.definition;
    const canMerge = interchangeable.some((group) => group.length > 1);
    const merges = options.symmetry === true && canMerge;
    this.#symmetry = merges ? new Symmetry(world, options.permutationsMax) : undefined;
    const { properties, marks = [] } = options;
    this.#known = new CompiledWorld(world, properties, marks, partialOrderOf(options), this.#symmetry);
    const { packing, sources, steps, enabled, claims, partialOrder } = this.#known;
    if (options.symmetry === true && !canMerge)
      this.#symmetryLeftOut =
        interchangeable.length === 0 ? 'nothing is declared interchangeable' : 'no group has two members';
    this.#maxDepth = options.maxDepth ?? Infinity;
    this.#violations = new Violations(world, options.properties, options.traces);
    this.#growth = new Growth(packing);
    this.#table = this.#newTable();
    this.#oracle = new ComputingOracle(
      this.#known,
      options.properties,
      this.#violations,
      this.#symmetry,
      this.#table,
      () => this.#makeRoom(),
    );
    const canonical = this.#symmetry && canonicalForm(this.#symmetry, packing, () => this.#makeRoom());
    this.#images = canonical instanceof LearningImages ? canonical : undefined;
    // Other canonical forms need the whole world; so does a graph's order of edges.
    this.#workers = canonical !== undefined && this.#images === undefined ? 1 : (options.workers ?? 1);
    const isAlone = this.#workers < 2 || options.edge !== undefined;
    this.#shareAt = isAlone ? Infinity : (options.shareAt ?? SHARE_AT);
    const isDeepAndBounded = options.order === 'depth-first' && options.maxDepth !== undefined;
    const edge = isDeepAndBounded ? this.#edgeWithinBound.bind(this) : options.edge;
    const parts = {
      layout: packing,
      store: this.#table,
      sources,
      steps,
      enabled,
      claims,
      partialOrder,
      oracle: this.#oracle,
      canonical,
      edge,
    };
    this.#expander = new Expander(parts);
    this.#successors = this.#expander.successors;
    this.#successors.maxStates = options.maxStates ?? Infinity;
  }

  async run(): Promise<Exploration> {
    if (this.#options.resume !== undefined) this.#resume(this.#options.resume);
    try {
      const isDeep = this.#options.order === 'depth-first';
      while ((await (isDeep ? this.#searchDeep() : this.#search())) === 'again') await this.#startAgain();
    } finally {
      await this.#threads?.dismiss();
    }
    if (this.#limit !== undefined) this.#save();
    return this.#result();
  }

  /** Were calls made early, so that counterexamples may be longer than they have to be? */
  get hasLongPaths(): boolean {
    return this.#known.partialOrder?.hasTakenEarly === true;
  }

  #newTable(): StateTable {
    const { hashSeed: seed = 0, collides = false } = this.#options;
    return new StateTable(this.#known.packing, { seed, collides });
  }

  #use(table: StateTable | SharedStateTable): void {
    this.#table = table;
    this.#successors.store = table;
    this.#oracle.table = table;
  }

  /** Forgets what was found, not what was learnt: the steps stay remembered. */
  async #startAgain(): Promise<void> {
    await this.#threads?.dismiss();
    this.#threads = undefined;
    this.#pass += 1;
    this.#use(this.#newTable());
    this.#successors.transitions = 0;
    this.#violations.clear();
    if (this.#symmetry !== undefined) this.#symmetry.isExact = true;
    this.#growth = new Growth(this.#known.packing);
    this.#depth = 0;
    this.#levelEnd = 1;
    this.#next = 0;
    this.#makeRoom();
  }

  /** One search of the whole space. Answers `again` where it was reduced on an assumption that turned out wrong. */
  async #search(): Promise<'done' | 'again'> {
    if (this.#table.size === 0) this.#enterInitial();
    let lookAt = this.#next;
    for (; this.#hasState() && this.#goesOn(); this.#next++) {
      if (this.#next === WARM_UP_AT && !this.#isWarm) {
        this.#warmUpOnce();
        if (this.#revise()) return 'again';
      }
      if (this.#next >= lookAt) {
        if (this.#watch.isDue) await this.#look();
        if (!this.#goesOn()) break;
        lookAt = this.#next + this.#watch.pace();
      }
      this.#expand(this.#next, this.#levelEnd);
      // A state that could not be expanded stays the next one.
      if (this.#limit !== undefined) break;
      if (this.#next >= this.#shareAt) await this.#expandLevelTogether();
    }
    // What waits in the batch was counted; a step that ended the search at a limit of the world left nothing there.
    this.#successors.flush();
    return this.#end(this.#next < this.#table.size && this.#depth >= this.#maxDepth);
  }

  /** At the end of a search, with states at the bound or without. */
  #end(isCut: boolean): 'done' | 'again' {
    // The space within a bound is whole, too, only if what was left out was rightly left out; and so are shortest counterexamples.
    if ((this.#goesOn() || (this.#limit === undefined && this.#hasAll)) && this.#revise()) return 'again';
    if (isCut && this.#isWhole) this.#stop('depth-limit');
    return 'done';
  }

  /** Was something left out that may not be? */
  #revise(): boolean {
    let isLess = false;
    this.#within(() => {
      isLess = this.#known.partialOrder?.revise() === true;
    });
    return isLess;
  }

  #enterInitial(): void {
    const first = new Int32Array(this.#known.packing.words);
    this.#table.addBatch(first, 1, new Int32Array(1), new Int32Array(1));
    for (let claim = 0; claim < this.#known.claims.count; claim++) this.#oracle.claim(0, claim, first, 0);
  }

  /** The same, depth-first: what was found last is expanded first. */
  async #searchDeep(): Promise<'done' | 'again'> {
    if (this.#table.size === 0) this.#enterInitial();
    const deep = (this.#deep = new DepthFirst(this.#maxDepth));
    for (let expanded = 0, lookAt = 0; this.#goesOn(); expanded++) {
      const id = deep.next();
      this.#depth = deep.depth;
      if (id === undefined) break;
      const before = this.#successors.transitions;
      this.#oracle.isAgain = deep.isAgain;
      this.#expand(id, id + 1);
      this.#successors.flush();
      // The same transitions as the first time.
      if (deep.isAgain) this.#successors.transitions = before;
      deep.found(id, this.#table.size);
      // Some wait twice.
      this.#next = Math.max(0, this.#table.size - deep.waiting);
      if (expanded < lookAt) continue;
      if (this.#watch.isDue) await this.#look();
      lookAt = expanded + this.#watch.pace();
    }
    return this.#end(deep.isCut);
  }

  /** A transition of a depth-first search with a bound. */
  #edgeWithinBound(from: StateId, event: EventId, to: StateId): void {
    if (this.#deep.isShorter(from, to)) this.#table.parents[to] = from;
    if (!this.#deep.isAgain) this.#options.edge?.(from, event, to);
  }

  /** Is there another state within the bound, perhaps among those that wait? Begins the next level where one ends. */
  #hasState(): boolean {
    if (this.#next >= this.#levelEnd) {
      this.#successors.flush();
      if (this.#next >= this.#table.size) return false;
      this.#depth += 1;
      this.#trend.level(this.#table.size - this.#levelEnd, this.#seconds);
      this.#growth.level(this.#depth, this.#table.rows, this.#levelEnd, this.#table.size);
      this.#levelEnd = this.#table.size;
    }
    return this.#depth < this.#maxDepth;
  }

  #goesOn(): boolean {
    if (this.#limit === undefined && this.#table.size >= this.#successors.maxStates) this.#stop('states-limit');
    return this.#isWhole;
  }

  /** Expands a state, perhaps the next ones up to `end` after it; a limit of the world ends the search. */
  #expand(id: StateId, end: StateId): void {
    this.#within(() => this.#expander.expand(id, end));
  }

  /** Does something that may meet a limit of the world, which ends the search. */
  #within(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof WorldLimitError)) throw error;
      this.#limitMessage = error.message;
      this.#stop('world-limit');
    }
  }

  #stop(limit: NonNullable<Exploration['limit']>): void {
    this.#limit ??= limit;
    this.#successors.isStopped = true;
  }

  /** Other threads; started when they are first asked for. */
  async #startThreads(): Promise<SearchThreads> {
    const { workers = 1, hashSeed: seed = 0, collides = false, host } = this.#options;
    if (host?.startThreads === undefined) throw new RangeError('no threads to start');
    this.#successors.flush();
    const shared =
      this.#table instanceof SharedStateTable
        ? this.#table
        : SharedStateTable.from(this.#table, this.#known.packing, { seed, collides });
    this.#use(shared);
    return host.startThreads({
      count: workers - 1,
      known: this.#known,
      images: this.#images,
      expander: this.#expander,
      store: shared,
      hashing: { seed, collides },
    });
  }

  /** Expands the rest of a level with other threads; looks at the clock in between. */
  async #expandLevelTogether(): Promise<void> {
    const threads = (this.#threads ??= await this.#startThreads());
    this.#next += 1;
    while (this.#next < this.#levelEnd && this.#goesOn()) {
      const before = this.#transitions;
      this.#setShared(true);
      const reached = await threads.expand(this.#next, this.#levelEnd, TOGETHER_MS);
      this.#setShared(false);
      await this.#expandLeft(threads);
      this.#within(() => this.#askClaims(threads.takeClaims()));
      for (const id of threads.takeStuck()) this.#oracle.stuck(id);
      if (this.#limit === undefined) this.#next = reached;
      // A state was not expanded: whoever goes on takes the whole round again.
      else this.#successors.transitions -= this.#transitions - before;
      await this.#look();
    }
    // The loop of the search counts on.
    this.#next -= 1;
  }

  /** Asks what workers did not know. With symmetry they have asked of the state as the step left it: another claim may be violated here. */
  #askClaims(unknown: readonly (readonly [StateId, number])[]): void {
    const { packing, claims } = this.#known;
    const { rows } = this.#table;
    if (this.#symmetry === undefined) {
      for (const [id, claim] of unknown) this.#oracle.claim(id, claim, rows, id * packing.words);
      return;
    }
    for (const id of new Set(unknown.map(([one]) => one)))
      for (let claim = 0; claim < claims.count; claim++)
        if (!claims.holds(claim, rows, id * packing.words)) this.#oracle.claim(id, claim, rows, id * packing.words);
  }

  /** While workers write, nothing may move the rows. */
  #setShared(is: boolean): void {
    this.#oracle.isShared = is;
    if (this.#images !== undefined) this.#images.isShared = is;
  }

  /** Expands what workers have left, with room and within limits as ever. */
  async #expandLeft(threads: SearchThreads): Promise<void> {
    for (const [i, id] of threads.takeLeft().entries()) {
      if (!this.#goesOn()) break;
      if (i % LEFT_AT_ONCE === 0) {
        this.#successors.flush();
        await threads.makeRoom(LEFT_ROOM);
        // Nothing is saved in between: the round is not over.
        if (this.#watch.isDue) await this.#look(false);
      }
      this.#expand(id, id + 1);
    }
    this.#successors.flush();
  }

  /** Takes a turn, looks at the limits, saves where it is time to, and says how far the search is. */
  async #look(maySave = true): Promise<void> {
    const { progress, checkpoint } = this.#options;
    const watch = this.#watch;
    await watch.look(this.#table.bytesToGrow(STATES_SOON * (this.#workers < 2 ? 1 : 2 * this.#workers)));
    if (watch.limit !== undefined) this.#stop(watch.limit);
    if (maySave && checkpoint?.isDue() === true) this.#save();
    const secondsLeft = this.#trend.secondsLeft(this.#seconds, this.#levelEnd - this.#next);
    progress?.({
      // Asked only by who shows it.
      get memoryMiB() {
        return watch.memoryMiB;
      },
      ...(secondsLeft === undefined ? {} : { secondsLeft }),
      states: this.#table.size,
      bytesPerState: this.#table.bytesPerState,
      transitions: this.#transitions,
      frontier: this.#table.size - this.#next,
      depth: this.#depth,
      seconds: this.#seconds,
    });
  }

  /** Was nothing left out? */
  get #isWhole(): boolean {
    const endsEarly = (this.#options.stopAtFirst === true && this.#violations.any) || this.#hasAll;
    return this.#limit === undefined && !endsEarly && !this.#violations.isFull;
  }

  /** Is each property violated until which is searched? */
  get #hasAll(): boolean {
    const { until } = this.#options;
    return until !== undefined && this.#violations.has(until);
  }

  get #seconds(): number {
    return this.#watch.seconds;
  }

  get #transitions(): number {
    return this.#successors.transitions + (this.#threads?.transitions ?? 0);
  }

  #warmUpOnce(): void {
    this.#isWarm = true;
    this.#successors.flush();
    this.#repack(() => this.#known.warmUp());
  }

  /** Saves the search where that is asked for. Where it cannot be, the search ends with what it has. */
  #save(): void {
    if (this.#limit === 'checkpoint-failed') return;
    try {
      this.#options.checkpoint?.save(this.#snapshot());
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error;
      this.#limitMessage ??= error.message;
      this.#limit = 'checkpoint-failed';
      this.#successors.isStopped = true;
    }
  }

  /** Everything that is needed to go on from here. */
  #snapshot(): SearchSnapshot {
    this.#successors.flush();
    const { size, rows, parents } = this.#table;
    const { learnt } = this.#known;
    return {
      ...learnt,
      size,
      rows: rows.subarray(0, size * learnt.words),
      parents: parents.subarray(0, size),
      pass: this.#pass,
      next: this.#next,
      levelEnd: this.#levelEnd,
      depth: this.#depth,
      transitions: this.#transitions,
      seconds: this.#seconds,
      isWarm: this.#isWarm,
      isExact: this.#symmetry?.isExact ?? true,
      violations: this.#violations.all,
      growth: this.#growth.snapshot,
    };
  }

  /** What was learnt has to come out the same again: else the model is another one, whatever its hash is. */
  #adopt(snapshot: SearchSnapshot): void {
    try {
      this.#known.adopt(snapshot);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new SnapshotError(`the search that was saved is of another model: ${error.message}`, error);
    }
  }

  #resume(snapshot: SearchSnapshot): void {
    this.#adopt(snapshot);
    const table = this.#newTable();
    table.adopt(Int32Array.from(snapshot.rows), Int32Array.from(snapshot.parents), snapshot.size);
    this.#use(table);
    this.#successors.transitions = snapshot.transitions;
    this.#expander.arrange();
    this.#violations.adopt(snapshot.violations);
    this.#growth.adopt(snapshot.growth);
    this.#pass = snapshot.pass;
    this.#next = snapshot.next;
    this.#levelEnd = snapshot.levelEnd;
    this.#depth = snapshot.depth;
    this.#watch.secondsBefore = snapshot.seconds;
    this.#isWarm = snapshot.isWarm;
    if (this.#symmetry !== undefined) this.#symmetry.isExact = snapshot.isExact;
  }

  /** Repacks all rows, with room for all values there are. */
  #makeRoom(): void {
    this.#successors.flush();
    this.#repack(() => {});
  }

  /** Lets something widen the packing, then repacks all rows as the packing is then. */
  #repack(widenMore: () => void): void {
    const { word, shift, mask, words } = this.#known.packing;
    const old = { word: word.slice(), shift: shift.slice(), mask: mask.slice() };
    widenMore();
    this.#known.packing.widen();
    const changing = [...old.mask.keys()].filter((column) => old.mask[column] !== 0);
    this.#table.relayout(words, (from, fromBase, to, toBase) => {
      for (const column of changing) {
        const at = fromBase + (old.word[column] as number);
        const code = ((from[at] as number) >>> (old.shift[column] as number)) & (old.mask[column] as number);
        if (code !== 0) this.#known.packing.write(to, toBase, column, code);
      }
    });
    this.#expander.arrange();
  }

  #result(): Exploration {
    const counterexamples = this.#violations.sorted;
    const shortest = counterexamples.filter(
      ({ property }, i) => counterexamples.findIndex((other) => other.property === property) === i,
    );
    const violations = this.#options.stopAtFirst === true ? shortest.slice(0, 1) : shortest;
    return {
      verdict: violations.length > 0 ? 'violated' : this.#limit === undefined ? 'holds' : 'incomplete',
      ...(this.#limit === undefined ? {} : { limit: this.#limit }),
      ...(this.#limitMessage === undefined ? {} : { limitMessage: this.#limitMessage }),
      states: this.#table.size,
      transitions: this.#transitions,
      depth: this.#depth,
      seconds: this.#seconds,
      memoryMiB: this.#watch.memoryMiB,
      bytesPerState: this.#table.bytesPerState,
      violations,
      counterexamples: this.#options.traces === undefined ? violations : counterexamples,
      // A search that did not come to its end may have missed what would put a property to the test.
      vacuous: this.#isWhole
        ? this.#known.vacuous().filter((id) => !shortest.some(({ property }) => property === id))
        : [],
      coverage: this.#known.coverage(),
      growing: this.#limit === undefined ? [] : this.#growth.growing(this.#known.world, this.#depth),
      machineCalls: this.#known.world.transitions.machineCalls,
      isWhole: this.#isWhole,
      workers: this.#workers,
      symmetry: this.#symmetry !== undefined,
      ...(this.#symmetryLeftOut === undefined ? {} : { symmetryLeftOut: this.#symmetryLeftOut }),
      ...(this.#symmetry === undefined ? {} : { representative: this.#symmetry.isExact ? 'exact' : 'heuristic' }),
      por: this.#known.partialOrder?.reduces === true,
    };
  }
}
