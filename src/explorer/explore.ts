// Exhaustive exploration: every choice from every state, breadth-first, exact.
//
// Clarke, Grumberg, Peled, "Model Checking", chapter 2: explicit-state reachability. Breadth-first, so every
// counterexample is a shortest one. States are packed rows; steps and claims are read off decision tables (expander.ts),
// so the machines are run once per distinct step, not once per transition. This file has the search as a whole: levels,
// limits, violations, and what is computed when a table does not know.
import { setImmediate } from 'node:timers/promises';
import { marks } from '../properties/marks.ts';
import type { Property } from '../properties/property.ts';
import type { EventId } from '../world/local-transitions.ts';
import type { MachineCoverage } from '../world/machine-coverage.ts';
import { WorldView } from '../world/view.ts';
import type { World } from '../world/world.ts';
import { WorldLimitError } from '../world/world-limit.ts';
import { ClaimTable } from './claim-table.ts';
import type { Crew } from './crew.ts';
import { DecisionTable } from './decision-table.ts';
import type { Oracle } from './expander.ts';
import { Expander } from './expander.ts';
import { Packing } from './packing.ts';
import { RightMovers } from './right-movers.ts';
import { SharedStateTable } from './shared-state-table.ts';
import type { GrowingColumn } from './growth.ts';
import { Growth } from './growth.ts';
import type { SearchSnapshot, SnapshotStore } from './snapshot.ts';
import type { Source } from './sources.ts';
import { offersOf, sourcesOf } from './sources.ts';
import type { StateId } from './state-table.ts';
import { pathTo, StateTable } from './state-table.ts';
import { StepTable } from './step-table.ts';
import { CanonicalRow, Symmetry } from './symmetry.ts';
import { Trend } from './trend.ts';
import type { DistinctBy, Violation } from './violation.ts';
import { Violations } from './violations.ts';
import { warmUp } from './warm-up.ts';
import { Way } from './way.ts';

export type { DistinctBy, Violation } from './violation.ts';

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
  /** Breadth-first where absent: counterexamples are shortest. Depth-first needs less of a frontier. */
  readonly order?: 'breadth-first' | 'depth-first';
  /** States this many steps away are not expanded; where there are any the search is incomplete. */
  readonly maxDepth?: number;
  /** How many counterexamples are kept in all, and which of them count as different; one a property where absent. */
  readonly traces?: { readonly atMost: number; readonly distinctBy: DistinctBy };
  /** Threads that search, this one included; 1 where absent. Small searches are over before others would have begun. */
  readonly workers?: number;
  /** Where the search is saved now and then, and at its end where a limit ended it. */
  readonly checkpoint?: SnapshotStore;
  /** Goes on from here. */
  readonly resume?: SearchSnapshot;
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
  readonly memoryMiB: number;
  /** Seconds to go, by the trend of the frontier; undefined while it does not shrink. */
  readonly secondsLeft?: number;
}

/** What a search found out. */
export interface Exploration {
  readonly verdict: 'holds' | 'violated' | 'incomplete';
  /** The limit that ended it, where one did. */
  readonly limit?: 'states-limit' | 'memory-limit' | 'seconds-limit' | 'depth-limit' | 'world-limit' | 'interrupted';
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
  /** All that were kept, with `traces`; else the same. */
  readonly counterexamples: readonly Violation[];
  /** Properties that were never put to the test: nothing that they are about has happened. */
  readonly vacuous: readonly string[];
  /** What was never done by the machines. */
  readonly coverage: MachineCoverage & {
    /** Marks in all, and those never met. */
    readonly marks: number;
    readonly neverMet: readonly string[];
  };
  /** What still took new values when a limit ended the search, most values first. */
  readonly growing: readonly GrowingColumn[];
  /** Calls of XState's transition function. */
  readonly machineCalls: number;
  /** Was symmetry used? Only where the scenario declares something interchangeable. */
  readonly symmetry: boolean;
  /** Was everything looked at? Not where a limit, `stopAtFirst` or enough traces ended the search. */
  readonly isWhole: boolean;
  /** Threads that searched. */
  readonly workers: number;
  /** Was partial order reduction used? Only where calls of some thread commute with what others do. */
  readonly por: boolean;
}

/** Transitions between two looks at the clock, and milliseconds between two turns of the event loop. */
const CHECK_EVERY = 2048;
const TURN_MS = 40;
const MiB = 1024 * 1024;
/** When so many states are expanded, so many random steps are taken: the packing then has room for most values to come. */
const WARM_UP_AT = 16_384;
/** States from which more than one thread searches: before, there is more to learn than to look up. */
const SHARE_AT = 100_000;

/** Explores a world. Gives way to the event loop now and then, so that signals arrive. */
export async function explore(world: World, options: ExploreOptions): Promise<Exploration> {
  return new Search(world, options).run();
}

class Search implements Oracle {
  readonly world: World;
  readonly packing: Packing;
  readonly decisions: DecisionTable;
  readonly steps: StepTable;
  readonly claims: ClaimTable;
  readonly sources: readonly Source[];
  readonly movers: RightMovers | undefined;
  readonly expander: Expander;
  readonly #options: ExploreOptions;
  readonly #symmetry: Symmetry | undefined;
  readonly #deadlock: Property | undefined;
  readonly #violations: Violations;
  readonly #growth: Growth;
  readonly #trend = new Trend();
  /** A depth-first search meets states that are too deep to be expanded. */
  #isTooDeep = false;
  readonly #started = performance.now();
  #table: StateTable | SharedStateTable;
  #crew: Crew | undefined;
  #depth = 0;
  /** States of the level being expanded end here. */
  #levelEnd = 1;
  #next: StateId = 0;
  #limit: Exploration['limit'];
  #limitMessage: string | undefined;
  #isWarm = false;
  /** While workers write: nothing is computed that could move the rows. */
  #isShared = false;
  /** At so many transitions the clock is looked at. */
  #checkAt = CHECK_EVERY;
  /** It is time to look at the clock, as soon as it is clear which state is next. */
  #isDue = false;
  /** Which search of the space this is: another one after it was started again. */
  #pass = 1;
  /** Seconds spent before the search was resumed. */
  #secondsBefore = 0;

  constructor(world: World, options: ExploreOptions) {
    this.world = world;
    this.#options = options;
    this.packing = new Packing(world.initial());
    this.packing.widen();
    this.decisions = new DecisionTable(this.packing);
    this.steps = new StepTable(world, this.packing, this.decisions, options.properties);
    this.claims = new ClaimTable(world, this.packing, this.decisions, options.properties);
    const declared = (world.definition.interchangeable ?? []).some((group) => group.length > 1);
    this.#symmetry = options.symmetry === true && declared ? new Symmetry(world) : undefined;
    // Where only part of the threads' ways is followed, the graph is not the whole graph.
    const reduces = options.por === true && options.edge === undefined;
    this.movers = reduces ? new RightMovers(world, this.packing, this.steps, this.claims) : undefined;
    this.#deadlock = options.properties.find((property) => property.deadlock === true);
    this.sources = sourcesOf(world);
    this.#violations = new Violations(world, options.properties, options.traces);
    this.#growth = new Growth(this.packing);
    this.#table = this.#newTable();
    const { packing, steps, claims, sources, movers } = this;
    const canonical =
      this.#symmetry === undefined
        ? undefined
        : new CanonicalRow(this.#symmetry, world.width, packing, () => this.#makeRoom());
    this.expander = new Expander({
      layout: packing,
      store: this.#table,
      sources,
      steps,
      claims,
      movers,
      oracle: this,
      canonical,
      edge: options.edge,
    });
    this.expander.maxStates = options.maxStates ?? Infinity;
  }

  async run(): Promise<Exploration> {
    if (this.#options.resume !== undefined) this.#resume(this.#options.resume);
    try {
      const isDeep = this.#options.order === 'depth-first';
      while ((await (isDeep ? this.#searchDeep() : this.#search())) === 'again') await this.#startAgain();
    } finally {
      await this.#crew?.dismiss();
    }
    if (this.#limit !== undefined) this.#options.checkpoint?.save(this.#snapshot());
    return this.#result();
  }

  #newTable(): StateTable {
    const { hashSeed: seed = 0, collides = false } = this.#options;
    return new StateTable(this.packing, { seed, collides });
  }

  /** Forgets what was found, not what was learnt: the steps stay remembered. */
  async #startAgain(): Promise<void> {
    await this.#crew?.dismiss();
    this.#crew = undefined;
    this.#pass += 1;
    this.#table = this.#newTable();
    this.expander.store = this.#table;
    this.expander.transitions = 0;
    this.#violations.clear();
    this.#depth = 0;
    this.#levelEnd = 1;
    this.#next = 0;
    this.#makeRoom();
  }

  /** One search of the whole space. Answers `again` where it was reduced on an assumption that turned out wrong. */
  async #search(): Promise<'done' | 'again'> {
    if (this.#table.size === 0) this.#enterInitial();
    let turned = performance.now();
    for (; this.#hasState() && this.#goesOn(); this.#next++) {
      if (this.#next === WARM_UP_AT && !this.#isWarm) {
        this.#warmUpOnce();
        if (this.movers?.revise() === true) return 'again';
      }
      if (this.#isDue || (this.#next % 64 === 0 && performance.now() - turned > TURN_MS)) {
        this.#isDue = false;
        await setImmediate();
        turned = performance.now();
        this.#lookAtLimits();
        if (!this.#goesOn()) break;
      }
      this.#expand(this.#next);
      // A state that could not be expanded stays the next one.
      if (this.#limit !== undefined) break;
      if (this.#next >= SHARE_AT && (await this.#shares())) await this.#expandLevelTogether();
    }
    if (this.#limit === undefined) this.expander.flush();
    const isWhole = this.#limit === undefined && this.#goesOn();
    return isWhole && this.movers?.revise() === true ? 'again' : 'done';
  }

  #enterInitial(): void {
    const first = new Int32Array(this.packing.words);
    this.#table.addBatch(first, 1, new Int32Array(1), new Int32Array(1));
    for (let claim = 0; claim < this.claims.count; claim++) this.claim(0, claim, first, 0);
  }

  /** The same, depth-first: what was found last is expanded first. */
  async #searchDeep(): Promise<'done' | 'again'> {
    if (this.#table.size === 0) this.#enterInitial();
    const { maxDepth = Infinity } = this.#options;
    const stack: StateId[] = [0];
    const depths = [0];
    let turned = performance.now();
    for (let expanded = 0; stack.length > 0 && this.#goesOn(); expanded++) {
      const id = stack.pop() as StateId;
      const depth = depths[id] as number;
      this.#depth = Math.max(this.#depth, depth);
      if (depth >= maxDepth) {
        this.#isTooDeep = true;
        continue;
      }
      this.#expand(id);
      this.expander.flush();
      for (let found = depths.length; found < this.#table.size; found++) {
        depths.push(depth + 1);
        stack.push(found);
      }
      this.#next = this.#table.size - stack.length;
      if (expanded % 64 === 0 && performance.now() - turned > TURN_MS) {
        await setImmediate();
        turned = performance.now();
        this.#lookAtLimits();
      }
    }
    const isWhole = this.#limit === undefined && this.#goesOn();
    if (this.#isTooDeep && isWhole) this.#stop('depth-limit');
    return isWhole && this.movers?.revise() === true ? 'again' : 'done';
  }

  /** Is there another state, perhaps among those that wait? Begins the next level where one ends. */
  #hasState(): boolean {
    if (this.#next < this.#levelEnd) return true;
    this.expander.flush();
    if (this.#next >= this.#table.size) return false;
    if (this.#depth >= (this.#options.maxDepth ?? Infinity)) {
      this.#stop('depth-limit');
      return false;
    }
    this.#depth += 1;
    this.#trend.level(this.#table.size - this.#levelEnd, this.#seconds);
    this.#growth.level(this.#depth, this.#table.rows, this.#levelEnd, this.#table.size);
    this.#levelEnd = this.#table.size;
    return true;
  }

  #goesOn(): boolean {
    if (this.#options.stopAtFirst === true && this.#violations.any) return false;
    if (this.#violations.isFull) return false;
    if (this.#limit === undefined && this.#table.size >= this.expander.maxStates) this.#stop('states-limit');
    return this.#limit === undefined;
  }

  /** Expands a state; a limit of the world ends the search. */
  #expand(id: StateId): void {
    try {
      this.expander.expand(id);
      if (this.expander.transitions >= this.#checkAt) {
        this.#checkAt = this.expander.transitions + CHECK_EVERY;
        if (this.#options.maxSeconds !== undefined) this.#isDue = true;
      }
    } catch (error) {
      if (!(error instanceof WorldLimitError)) throw error;
      this.#limitMessage = error.message;
      this.#stop('world-limit');
    }
  }

  #stop(limit: NonNullable<Exploration['limit']>): void {
    this.#limit ??= limit;
    this.expander.isStopped = true;
  }

  /** Do other threads help? Starts them when it is time to. */
  async #shares(): Promise<boolean> {
    const { workers = 1, collides = false, edge, hashSeed = 0 } = this.#options;
    // A canonical form needs the whole world; so does a graph's order of edges.
    if (workers < 2 || this.#symmetry !== undefined || collides || edge !== undefined) return false;
    if (this.#crew !== undefined) return true;
    this.expander.flush();
    if (this.#table instanceof StateTable) {
      this.#table = SharedStateTable.from(this.#table, this.packing, hashSeed);
      this.expander.store = this.#table;
    }
    const { Crew } = await import('./crew.ts');
    this.#crew = new Crew(workers - 1, this, this.#table, hashSeed);
    return true;
  }

  /** Expands the rest of a level with the crew; looks at the clock in between. */
  async #expandLevelTogether(): Promise<void> {
    const crew = this.#crew;
    if (crew === undefined) return;
    this.#next += 1;
    while (this.#next < this.#levelEnd && this.#goesOn()) {
      this.#isShared = true;
      const reached = await crew.expand(this.#next, this.#levelEnd, TURN_MS * 2);
      this.#isShared = false;
      for (const id of crew.takeLeft()) this.#expand(id);
      this.expander.flush();
      for (const [id, claim] of crew.takeClaims()) this.claim(id, claim, this.#table.rows, id * this.packing.words);
      for (const id of crew.takeStuck()) this.stuck(id);
      this.#next = reached;
      await setImmediate();
      this.#lookAtLimits();
    }
    // The loop of the search counts on.
    this.#next -= 1;
  }

  #lookAtLimits(): void {
    const { maxSeconds, maxMemoryMiB, progress, isInterrupted, checkpoint } = this.#options;
    if (maxSeconds !== undefined && this.#seconds >= maxSeconds) this.#stop('seconds-limit');
    if (maxMemoryMiB !== undefined && process.memoryUsage.rss() / MiB >= maxMemoryMiB) this.#stop('memory-limit');
    if (isInterrupted?.() === true) this.#stop('interrupted');
    if (checkpoint?.isDue() === true) checkpoint.save(this.#snapshot());
    const secondsLeft = this.#trend.secondsLeft(this.#seconds, this.#levelEnd - this.#next);
    progress?.({
      memoryMiB: Math.round(process.memoryUsage.rss() / MiB),
      ...(secondsLeft === undefined ? {} : { secondsLeft }),
      states: this.#table.size,
      transitions: this.#transitions,
      frontier: this.#table.size - this.#next,
      depth: this.#depth,
      seconds: this.#seconds,
    });
  }

  get #seconds(): number {
    return this.#secondsBefore + (performance.now() - this.#started) / 1000;
  }

  get #transitions(): number {
    return this.expander.transitions + (this.#crew?.transitions ?? 0);
  }

  #warmUpOnce(): void {
    this.#isWarm = true;
    this.expander.flush();
    this.#repack(() => warmUp(this.world, this.packing, this.steps, this.sources));
  }

  /** Everything that is needed to go on from here. */
  #snapshot(): SearchSnapshot {
    this.expander.flush();
    const { words, width, dictionary } = this.packing;
    return {
      size: this.#table.size,
      words,
      rows: this.#table.rows.subarray(0, this.#table.size * words),
      parents: this.#table.parents.subarray(0, this.#table.size),
      layout: Array.from({ length: width }, (_, column) => this.packing.position(column)),
      dictionary,
      interned: this.world.transitions.interned,
      values: this.world.values.all,
      pass: this.#pass,
      next: this.#next,
      levelEnd: this.#levelEnd,
      depth: this.#depth,
      transitions: this.#transitions,
      seconds: this.#seconds,
      isWarm: this.#isWarm,
      violations: this.#violations.all,
      runs: this.#runs(),
      claimsRead: this.claims.columnsRead,
      witnessed: [...this.steps.witnessed],
      notes: this.world.transitions.coverage.notes,
      movers: this.movers === undefined ? null : [...this.movers.isMover],
    };
  }

  /** What the machines were run on: from that, everything that was learnt can be learnt again. */
  #runs(): SearchSnapshot['runs'] {
    const footprints = this.steps.footprints.filter(({ isTrial }) => !isTrial);
    const rows = new Uint16Array(footprints.length * this.world.width);
    for (const [i, { row }] of footprints.entries()) rows.set(row, i * this.world.width);
    return {
      choices: footprints.map(({ choice }) => choice),
      columns: footprints.map(({ column }) => column),
      rows,
    };
  }

  /** Runs the machines again as an earlier part of the search has run them. */
  #learnAgain({ choices, columns, rows }: SearchSnapshot['runs']): void {
    const { width } = this.world;
    const words = new Int32Array(this.packing.words);
    for (const [i, choice] of choices.entries()) {
      const row = rows.subarray(i * width, (i + 1) * width);
      if (!this.packing.learn(row)) throw new RangeError('a run of an earlier part does not fit');
      this.packing.pack(row, words, 0);
      if (this.steps.find(choice, words, 0) < 0) this.steps.compute(choice, columns[i] as number, words, 0);
    }
  }

  #resume(snapshot: SearchSnapshot): void {
    this.world.values.adopt(snapshot.values);
    this.world.transitions.adopt(snapshot.interned);
    this.packing.adopt(snapshot.dictionary, snapshot.layout, snapshot.words);
    const table = this.#newTable();
    table.adopt(Int32Array.from(snapshot.rows), Int32Array.from(snapshot.parents), snapshot.size);
    this.#table = table;
    this.expander.store = table;
    this.expander.transitions = snapshot.transitions;
    this.expander.arrange();
    this.#next = snapshot.next;
    this.#pass = snapshot.pass;
    this.#levelEnd = snapshot.levelEnd;
    this.#depth = snapshot.depth;
    this.#secondsBefore = snapshot.seconds;
    this.#isWarm = snapshot.isWarm;
    this.#learnAgain(snapshot.runs);
    this.claims.adopt(snapshot.claimsRead);
    this.#violations.adopt(snapshot.violations);
    for (const id of snapshot.witnessed) this.steps.witnessed.add(id);
    this.world.transitions.coverage.adopt(snapshot.notes);
    if (snapshot.movers !== null) this.movers?.isMover.set(snapshot.movers);
  }

  /** Oracle: computes the leaf of a choice. */
  leaf(id: StateId, choice: number, source: Source): number {
    if (this.#isShared) return -1;
    const column = source.slot < 0 ? -1 : source.column;
    const leaf = this.steps.compute(choice, column, this.#table.rows, id * this.packing.words);
    const writes = this.steps.writes[leaf] as Int32Array;
    let fits = true;
    for (let i = 0; i < writes.length; i += 2) fits &&= this.packing.fits(writes[i] as number);
    if (!fits) this.#makeRoom();
    return leaf;
  }

  /** Oracle: what a source offers. */
  offers(source: Source, code: number): Int32Array {
    return offersOf(this.world, this.packing, this.steps, source, code);
  }

  /** Oracle: are threads done? */
  areDone(actors: readonly number[], id: StateId): boolean {
    const base = id * this.packing.words;
    return actors.every((actor) => this.isDone(actor, this.packing.read(this.#table.rows, base, actor)));
  }

  /** Is a thread whose column has this code done? */
  isDone(actor: number, code: number): boolean {
    return this.world.isDone(actor, this.packing.raw(actor, code));
  }

  /** Oracle: asks the step properties and notes what is violated. */
  check(id: StateId, leaf: number, choice: number): boolean {
    const { rows } = this.#table;
    const base = id * this.packing.words;
    if (this.steps.holds(leaf, rows, base)) return true;
    for (const [property, message] of this.steps.messages(leaf, rows, base)) {
      if (this.#violations.wants(property)) this.#violate(property, message, id, this.steps.eventOf(choice));
    }
    return true;
  }

  /** Oracle: asks a claim and notes it where it is violated. */
  claim(id: StateId, claim: number, words: Int32Array, base: number): void {
    const { id: property } = this.claims.property(claim);
    if (!this.#violations.wants(property)) return;
    const message = this.claims.message(claim, words, base);
    if (message !== null) this.#violate(property, message, id, -1);
  }

  /** Oracle: a state from which nothing can happen. */
  stuck(id: StateId): void {
    const row = this.#rowOf(id);
    if (this.world.isFinal(row)) {
      for (const { id: property, sometimes } of this.#options.properties)
        if (sometimes?.final === true) this.steps.witnessed.add(property);
      return;
    }
    if (this.#deadlock === undefined || !this.#violations.wants(this.#deadlock.id)) return;
    const view = new WorldView(this.world, row);
    // Where the kernel stopped on corrupted memory nothing moves either, but that has its own property.
    if (view.isCorrupt) return;
    const stuck = view.callers().filter(({ context }) => context.op !== null);
    const calls = stuck.map(({ name, context }) => `${name} in ${String(context.op)}(${String(context.object)})`);
    const message = `nothing can move any more: ${calls.join(', ') || 'no thread is done'}`;
    this.#violate(this.#deadlock.id, message, id, -1);
  }

  /** Repacks all rows, with room for all values there are. */
  #makeRoom(): void {
    this.expander.flush();
    this.#repack(() => {});
  }

  /** Lets something widen the packing, then repacks all rows as the packing is then. */
  #repack(widenMore: () => void): void {
    const { word, shift, mask, words } = this.packing;
    const old = { word: word.slice(), shift: shift.slice(), mask: mask.slice() };
    widenMore();
    this.packing.widen();
    const changing = [...old.mask.keys()].filter((column) => old.mask[column] !== 0);
    this.#table.relayout(words, (from, fromBase, to, toBase) => {
      for (const column of changing) {
        const at = fromBase + (old.word[column] as number);
        const code = ((from[at] as number) >>> (old.shift[column] as number)) & (old.mask[column] as number);
        if (code !== 0) this.packing.write(to, toBase, column, code);
      }
    });
    this.expander.arrange();
  }

  #rowOf(id: StateId): Uint16Array {
    const row = new Uint16Array(this.world.width);
    this.packing.unpack(this.#table.rows, id * this.packing.words, row);
    return row;
  }

  /** Notes a violation in a state, or (with an event) in a step from it. */
  #violate(property: string, message: string, id: StateId, event: EventId): void {
    const way = new Way(this.world, this.#symmetry);
    const rows = pathTo(this.#table.parents, id).map((state) => this.#rowOf(state));
    for (const next of rows.slice(1)) way.goTo(next);
    if (event >= 0) way.take(event);
    const found = this.#options.properties.find((one) => one.id === property);
    // Names in the message are those of the state that was found; the trace has its own.
    const own = found === undefined || this.#symmetry === undefined ? message : way.message(found, message);
    this.#violations.add({ property, message: own, path: way.path });
  }

  /** Marks that concern this world, and those of them that were never met. */
  #marks(): { readonly marks: number; readonly neverMet: readonly string[] } {
    const isSystem = this.world.definition.system !== undefined;
    const all = marks.filter(({ needs }) => needs === undefined || isSystem);
    const neverMet = all.filter(({ id }) => !this.steps.marked.has(id)).map(({ id, title }) => `${id}: ${title}`);
    return { marks: all.length, neverMet };
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
      memoryMiB: Math.round(process.memoryUsage.rss() / MiB),
      violations,
      counterexamples: this.#options.traces === undefined ? violations : counterexamples,
      vacuous: this.#options.properties.flatMap(({ id, sometimes }) =>
        sometimes === undefined || this.steps.witnessed.has(id) || shortest.some((one) => one.property === id)
          ? []
          : [id],
      ),
      coverage: { ...this.world.transitions.coverage.coverage, ...this.#marks() },
      growing: this.#limit === undefined ? [] : this.#growth.growing(this.world, this.#depth),
      machineCalls: this.world.transitions.machineCalls,
      isWhole: this.#limit === undefined && this.#goesOn(),
      workers: this.#symmetry === undefined ? (this.#options.workers ?? 1) : 1,
      symmetry: this.#symmetry !== undefined,
      por: this.movers?.any === true,
    };
  }
}
