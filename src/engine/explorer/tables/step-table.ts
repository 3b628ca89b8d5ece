// Whole steps, remembered: choice and columns read in, columns written out.
//
// A step delivers one event and the function calls that come of it. Its outcome depends on the columns it reads; a decision tree
// per choice leads to a leaf that says what is written and what has to be checked. The machines are run once per leaf.
import type { Observation } from '../../actors/effects.ts';
import type { Mark, Property, ShownStep } from '../../world/property.ts';
import type { EventId, PlainEvent } from '../../world/local-transitions.ts';
import { WorldView } from '../../world/view.ts';
import type { World } from '../../world/world.ts';
import type { DecisionTable, Path } from './decision-table.ts';
import { NotedRow, OverlaidRow } from './noted-row.ts';
import type { Packing } from '../store/packing.ts';

/** What another thread needs to know of the steps. */
export interface StepTables {
  /** Choices by event. */
  readonly stride: number;
  readonly roots: Int32Array;
  readonly checkRoots: Int32Array;
  readonly writes: readonly Int32Array[];
}

/** The leaf of an event that its recipient does not take now. */
export const REJECTED = 0;

/** What one leaf stands for. */
interface Leaf {
  readonly event: PlainEvent;
  readonly observations: readonly Observation[];
  readonly written: ReadonlyMap<number, number>;
}

/** What was read and written by one run of the machines: what independence of steps is judged by. */
export interface Footprint {
  readonly leaf: number;
  readonly choice: number;
  /** The thread or channel that the step is taken from, as an actor. */
  readonly source: number;
  /** Is it a call from outside, not a delivery? */
  readonly isCall: boolean;
  /** Where the message was in flight; -1 for a call. */
  readonly column: number;
  /** Columns read and the codes that led to this leaf: the same for all its rows. */
  readonly path: ReadonlyMap<number, number>;
  /** Columns that the step properties read besides. */
  readonly checked: Set<number>;
  /** Columns and codes, without those that stay as they were. */
  readonly writes: ReadonlyMap<number, number>;
  /** A row that leads here. */
  readonly row: Uint16Array;
  /** Was it run only to see what it would do, in a row that no run may lead to? */
  readonly isTrial: boolean;
  /** What was observed; null for a rejected event. */
  readonly observations: readonly Observation[] | null;
}

/** What a call would do in some row, and whether the step properties hold of it. */
export interface Trial {
  readonly footprint: Footprint;
  readonly holds: boolean;
}

/** Verdict leaves of property trees. */
export const HOLDS = 0;
export const VIOLATED = 1;

/** The steps of a world. */
export class StepTable {
  /** Columns and codes that a leaf writes: pairs, by leaf. */
  readonly writes: Int32Array[] = [new Int32Array(0)];
  /** Tree of the step properties, by leaf: which of them does a row before the step violate? */
  readonly #checkRoots: number[] = [-1 - HOLDS];
  /** Sets of violated properties; a verdict is a place here, 0 is none. */
  readonly #violated: string[][] = [[]];
  readonly #leaves: (Leaf | null)[] = [null];
  /** One for each run of the machines; those of rejected events have no writes. */
  readonly footprints: Footprint[] = [];
  /** The footprint of a leaf; the rejecting leaf has many, found in `footprints`. */
  readonly #footprintOf: (Footprint | undefined)[] = [undefined];
  readonly #world: World;
  readonly #packing: Packing;
  readonly #decisions: DecisionTable;
  readonly #properties: readonly Property[];
  /** Calls that were tried out, found by trees of their own. */
  readonly #trials: Trial[] = [];
  readonly #trialRoots = new Map<number, number>();
  /** Leaves that show facts which nobody has noted yet, with the tree of their step properties: till then nothing is said of them. */
  readonly #unnoted = new Map<number, number>();
  readonly #showsFacts: (step: ShownStep) => boolean;
  /** Properties whose witness is not found yet, and those whose is. */
  #unwitnessed: readonly Property[];
  readonly witnessed = new Set<string>();
  /** Marks that were met. */
  readonly marked = new Set<string>();
  /** Tree of a choice: by event and slot of its channel. */
  #roots = new Int32Array(1024);
  readonly #stride: number;
  readonly #raw: Uint16Array;
  readonly #before: WorldView;
  readonly #after: WorldView;

  readonly #marks: readonly Mark[];

  constructor(
    world: World,
    packing: Packing,
    decisions: DecisionTable,
    properties: readonly Property[],
    marks: readonly Mark[],
    showsFacts: (step: ShownStep) => boolean,
  ) {
    this.#world = world;
    this.#packing = packing;
    this.#decisions = decisions;
    this.#marks = marks;
    this.#showsFacts = showsFacts;
    this.#properties = properties.filter((property) => property.step !== undefined);
    this.#unwitnessed = properties.filter(({ sometimes }) => sometimes?.step !== undefined);
    this.#stride = Math.max(...world.actors.map((_, i) => world.channel(i).slots)) + 1;
    this.#raw = new Uint16Array(world.width);
    this.#before = new WorldView(world, this.#raw);
    this.#after = new WorldView(world, this.#raw);
  }

  /** The number of a choice: an event from a slot of its channel, or from outside (slot -1). */
  choice(event: EventId, slot: number): number {
    return event * this.#stride + slot + 1;
  }

  /** The event of a choice. */
  eventOf(choice: number): EventId {
    return Math.floor(choice / this.#stride);
  }

  /** The leaf of a choice for a packed row; -1 when it has to be computed. */
  find(choice: number, words: Int32Array, base: number): number {
    const root = choice < this.#roots.length ? (this.#roots[choice] as number) : 0;
    return root === 0 ? -1 : this.#decisions.find(root, words, base);
  }

  /** Runs the machines for a choice from a packed row. `column` is where the message is in flight, or -1. */
  compute(choice: number, column: number, words: Int32Array, base: number): number {
    const event = this.eventOf(choice);
    this.#packing.unpack(words, base, this.#raw);
    const noted = new NotedRow(this.#packing, this.#raw);
    const accepted =
      column < 0
        ? this.#world.isEnabled(event, noted)
        : this.#world.transitions.accepts(noted.get(this.#world.recipient(event)), event);
    const leaf = accepted ? this.#run(choice, column, noted) : REJECTED;
    if (!accepted) this.footprints.push(this.#footprint(leaf, choice, column, noted, null));
    if (choice >= this.#roots.length) {
      const grown = new Int32Array(Math.max(this.#roots.length * 2, choice + 1));
      grown.set(this.#roots);
      this.#roots = grown;
    }
    this.#roots[choice] = this.#decisions.enter(this.#roots[choice] as number, noted.columns, noted.codes, leaf);
    return leaf;
  }

  /**
   * Runs the machines for a call in a row that perhaps no run leads to, to see what it would do. Nothing of it is
   * remembered but the footprint, which is noted like any other. Throws what the machines throw.
   */
  attempt(choice: number, row: Uint16Array): Trial {
    const words = new Int32Array(this.#packing.words);
    const canPack = this.#packing.hasRoomFor(row);
    if (canPack) {
      this.#packing.pack(row, words, 0);
      const leaf = this.find(choice, words, 0);
      if (leaf > REJECTED) return { footprint: this.footprintOf(leaf), holds: this.holds(leaf, words, 0) };
      const root = this.#trialRoots.get(choice) ?? 0;
      const known = root === 0 ? undefined : this.#trials[this.#decisions.find(root, words, 0)];
      if (known !== undefined) return known;
    }
    const { trial, columns, codes } = this.#tryOut(choice, row);
    if (canPack) {
      const number = this.#trials.push(trial) - 1;
      const root = this.#decisions.enter(this.#trialRoots.get(choice) ?? 0, columns, codes, number);
      this.#trialRoots.set(choice, root);
    }
    return trial;
  }

  #tryOut(
    choice: number,
    row: Uint16Array,
  ): { readonly trial: Trial; readonly columns: readonly number[]; readonly codes: readonly number[] } {
    const event = this.eventOf(choice);
    this.#raw.set(row);
    const noted = new NotedRow(this.#packing, this.#raw);
    const { transitions } = this.#world;
    let observations: readonly Observation[];
    transitions.remembers = 'asks';
    transitions.coverage.isPaused = true;
    try {
      observations = this.#world.stepOn(noted, { event, column: -1 });
    } finally {
      transitions.remembers = 'yes';
      transitions.coverage.isPaused = false;
    }
    const footprint = this.#footprint(-1, choice, -1, noted, observations, true);
    const found = { event: transitions.event(event), observations, written: new Map(noted.written) };
    const { wrong, noted: read } = this.#ask(found);
    const columns = [...noted.columns];
    const codes = [...noted.codes];
    for (const [i, column] of read.columns.entries()) {
      if (footprint.path.has(column)) continue;
      footprint.checked.add(column);
      columns.push(column);
      codes.push(read.codes[i] as number);
    }
    this.footprints.push(footprint);
    return { trial: { footprint, holds: wrong.length === 0 }, columns, codes };
  }

  #footprint(
    leaf: number,
    choice: number,
    column: number,
    noted: NotedRow,
    observations: readonly Observation[] | null,
    isTrial = false,
  ): Footprint {
    const path = new Map(noted.columns.map((at, i) => [at, noted.codes[i] as number]));
    const writes = new Map<number, number>();
    for (const [at, raw] of noted.written) {
      const code = this.#packing.code(at, raw);
      if (path.get(at) !== code) writes.set(at, code);
    }
    const isCall = column < 0;
    const source = isCall ? this.#world.recipient(this.eventOf(choice)) : this.#world.channelAt(column);
    return {
      leaf,
      choice,
      source,
      isCall,
      column,
      path,
      checked: new Set(),
      writes,
      row: this.#raw.slice(),
      isTrial,
      observations,
    };
  }

  #run(choice: number, column: number, noted: NotedRow): number {
    const event = this.eventOf(choice);
    const observations = this.#world.stepOn(noted, { event, column });
    this.#witness({ event: this.#world.transitions.event(event), observations });
    const leaf = this.#leaves.length;
    const writes: number[] = [];
    for (const [at, raw] of noted.written) writes.push(at, this.#packing.code(at, raw));
    this.writes.push(Int32Array.from(writes));
    this.#leaves.push({
      event: this.#world.transitions.event(event),
      observations,
      written: new Map(noted.written),
    });
    const footprint = this.#footprint(leaf, choice, column, noted, observations);
    this.footprints.push(footprint);
    this.#footprintOf.push(footprint);
    this.#checkRoots.push(0);
    if (this.#showsFacts({ event: this.#world.transitions.event(event), observations })) this.#unnoted.set(leaf, 0);
    this.#judge(leaf);
    return leaf;
  }

  /** The step of a leaf that shows facts which were not taken yet; null where it shows none. */
  takeShown(leaf: number): ShownStep | null {
    const root = this.#unnoted.get(leaf);
    if (root === undefined) return null;
    this.#unnoted.delete(leaf);
    this.#checkRoots[leaf] = root;
    return this.#leaves[leaf] ?? null;
  }

  /** Which properties are put to the test by a step? */
  #witness(step: { readonly event: PlainEvent; readonly observations: readonly Observation[] }): void {
    for (const { id, isMet } of this.#marks) if (!this.marked.has(id) && isMet(step)) this.marked.add(id);
    const found = this.#unwitnessed.filter(({ sometimes }) => sometimes?.step?.(step) === true);
    if (found.length === 0) return;
    for (const { id } of found) this.witnessed.add(id);
    this.#unwitnessed = this.#unwitnessed.filter((property) => !found.includes(property));
  }

  /** What the step properties say of a step from a packed row: HOLDS, the number of a set of violated ones, or -1. */
  verdict(leaf: number, words: Int32Array, base: number): number {
    const root = this.#checkRoots[leaf] as number;
    if (root === -1 - HOLDS) return HOLDS;
    return root === 0 ? -1 : this.#decisions.find(root, words, base);
  }

  /** The leaf of a choice; what it depends on is noted. Throws where it is not known. */
  follow(choice: number, words: Int32Array, base: number, path: Path): number {
    const leaf = this.#decisions.follow(this.#roots[choice] ?? 0, words, base, path);
    if (leaf < 0) throw new RangeError(`choice ${choice} is not known`);
    return leaf;
  }

  /** Are the step properties known to hold of a step? What that depends on is noted. */
  followVerdict(leaf: number, words: Int32Array, base: number, path: Path): boolean {
    return this.#decisions.follow(this.#checkRoots[leaf] as number, words, base, path) === HOLDS;
  }

  /** The tables as they are now. */
  get tables(): StepTables {
    return {
      stride: this.#stride,
      roots: this.#roots.slice(),
      checkRoots: Int32Array.from(this.#checkRoots),
      writes: this.writes,
    };
  }

  /** Do all step properties hold of a step from a packed row? */
  holds(leaf: number, words: Int32Array, base: number): boolean {
    const root = this.#unnoted.get(leaf) ?? this.#checkRoots[leaf] ?? 0;
    if (root === -1 - HOLDS) return true;
    const known = root === 0 ? -1 : this.#decisions.find(root, words, base);
    if (known >= 0) return known === HOLDS;
    this.#packing.unpack(words, base, this.#raw);
    return this.#judge(leaf).length === 0;
  }

  /** What is wrong with a step: violated properties and messages. */
  messages(leaf: number, words: Int32Array, base: number): readonly (readonly [string, string])[] {
    this.#packing.unpack(words, base, this.#raw);
    return this.#judge(leaf);
  }

  /** Asks the step properties about a step from the row in `#raw`. */
  #ask({ event, observations, written }: Leaf): {
    readonly wrong: (readonly [string, string])[];
    readonly noted: NotedRow;
  } {
    const noted = new NotedRow(this.#packing, this.#raw);
    this.#before.row = noted;
    this.#after.row = new OverlaidRow(noted, written);
    const touched = new Set([...written].flatMap(([at, raw]) => (noted.get(at) === raw ? [] : [at])));
    const step = { before: this.#before, after: this.#after, event, observations, touched };
    const wrong = this.#properties.flatMap(({ id, step: check }) => {
      const message = check?.(step) ?? null;
      return message === null ? [] : [[id, message] as const];
    });
    return { wrong, noted };
  }

  /** Checks the step properties on the row in `#raw` and enters what was read into the leaf's tree. */
  #judge(leaf: number): (readonly [string, string])[] {
    const found = this.#leaves[leaf];
    if (found === undefined || found === null) throw new RangeError(`no leaf ${leaf}`);
    const { wrong, noted } = this.#ask(found);
    const verdict = this.#verdict(wrong.map(([id]) => id));
    const footprint = this.footprintOf(leaf);
    const free = noted.columns.flatMap((at, i) => (footprint.path.has(at) ? [] : [i]));
    const columns = free.map((i) => noted.columns[i] as number);
    const codes = free.map((i) => noted.codes[i] as number);
    const unnoted = this.#unnoted.get(leaf);
    const root = this.#decisions.enter(unnoted ?? (this.#checkRoots[leaf] as number), columns, codes, verdict);
    if (unnoted === undefined) this.#checkRoots[leaf] = root;
    else this.#unnoted.set(leaf, root);
    for (const column of columns) footprint.checked.add(column);
    return wrong;
  }

  /** What the run behind a leaf read and wrote. Throws for the rejecting leaf. */
  footprintOf(leaf: number): Footprint {
    const footprint = this.#footprintOf[leaf];
    if (footprint === undefined) throw new RangeError(`leaf ${leaf} has no footprint`);
    return footprint;
  }

  #verdict(ids: string[]): number {
    const known = this.#violated.findIndex((one) => one.join() === ids.join());
    return known >= 0 ? known : this.#violated.push(ids) - 1;
  }
}
