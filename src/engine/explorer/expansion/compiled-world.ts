// A world as tables: what is known of its steps, offers and claims, and how more of it is learnt.
//
// Where rows are and which states there are is the search's business; here is only what rows mean.
import type { Mark, Property } from '../../world/property.ts';
import type { MachineCoverage } from '../../world/machine-coverage.ts';
import type { World } from '../../world/world.ts';
import { Gathered } from '../tables/gathered.ts';
import { ClaimTable } from '../tables/claim-table.ts';
import { DecisionTable } from '../tables/decision-table.ts';
import { EnabledTable } from '../tables/enabled-table.ts';
import { Packing } from '../store/packing.ts';
import type { PartialOrderMode } from '../reductions/partial-order.ts';
import { PartialOrder } from '../reductions/partial-order.ts';
import type { RowRenaming } from '../reductions/row-renaming.ts';
import type { Learnt } from './learnt.ts';
import type { Source } from '../tables/sources.ts';
import { offersOf, sourcesOf } from '../tables/sources.ts';
import { REJECTED, StepTable } from '../tables/step-table.ts';
import { warmUp } from '../tables/warm-up.ts';

/** What was never done by the machines. */
export interface Coverage extends MachineCoverage {
  /** Marks in all, and those never met. */
  readonly marks: number;
  readonly neverMet: readonly string[];
}

/** Everything a search knows about a world. */
export class CompiledWorld {
  readonly world: World;
  readonly packing: Packing;
  readonly decisions: DecisionTable;
  readonly steps: StepTable;
  readonly gathered: Gathered;
  readonly claims: ClaimTable;
  readonly enabled: EnabledTable;
  readonly sources: readonly Source[];
  /** Calls that are made late or early; undefined where there are none. */
  readonly partialOrder: PartialOrder | undefined;
  readonly #properties: readonly Property[];

  readonly #marks: readonly Mark[];

  constructor(
    world: World,
    properties: readonly Property[],
    marks: readonly Mark[],
    mode: PartialOrderMode,
    renaming?: RowRenaming,
  ) {
    this.world = world;
    this.#properties = properties;
    this.#marks = marks.filter(({ needs }) => needs?.(world) ?? true);
    this.packing = new Packing(world.initial());
    this.packing.widen();
    this.decisions = new DecisionTable(this.packing);
    this.gathered = new Gathered(properties);
    this.steps = new StepTable(world, this.packing, this.decisions, properties, this.#marks, (step) =>
      this.gathered.shows(step),
    );
    this.claims = new ClaimTable(world, this.packing, this.decisions, properties);
    this.partialOrder =
      mode === 'none' ? undefined : new PartialOrder(world, this.packing, this.steps, this.claims, mode, renaming);
    this.sources = sourcesOf(world);
    this.enabled = new EnabledTable(this.decisions, this.steps, this.sources);
  }

  /** Runs the machines for a choice from a packed row. `fits` is false where its writes have no room in the packing. */
  learnLeaf(choice: number, source: Source, words: Int32Array, base: number): { leaf: number; fits: boolean } {
    const column = source.slot < 0 ? -1 : source.column;
    const leaf = this.steps.compute(choice, column, words, base);
    const writes = this.steps.writes[leaf] as Int32Array;
    let fits = true;
    for (let i = 0; i < writes.length; i += 2) fits &&= this.packing.fits(writes[i] as number);
    return { leaf, fits };
  }

  /** What a source offers when its column has a code. */
  offers(source: Source, code: number): Int32Array {
    return offersOf(this.world, this.packing, this.steps, source, code);
  }

  /** Is a thread whose column has this code done? */
  isDone(actor: number, code: number): boolean {
    return this.world.isDone(actor, this.packing.raw(actor, code));
  }

  /** A random walk; the packing may be wider afterwards. */
  warmUp(): void {
    warmUp(this.world, this.packing, this.steps, this.sources);
  }

  /** The raw row of a packed one. */
  unpacked(words: Int32Array, base: number): Uint16Array {
    const row = new Uint16Array(this.world.width);
    this.packing.unpack(words, base, row);
    return row;
  }

  /** Properties of which nothing that they are about has happened, as far as those not violated go. */
  vacuous(): string[] {
    return this.#properties.flatMap(({ id, sometimes }) =>
      sometimes === undefined || this.steps.witnessed.has(id) ? [] : [id],
    );
  }

  /** All threads are done somewhere. */
  noteEnd(): void {
    for (const { id, sometimes } of this.#properties) if (sometimes?.final === true) this.steps.witnessed.add(id);
  }

  /** What the machines were never seen to do. */
  coverage(): Coverage {
    const neverMet = this.#marks
      .filter(({ id }) => !this.steps.marked.has(id))
      .map(({ id, title }) => `${id}: ${title}`);
    const running = new Set(this.world.actors.map(({ machine }) => machine));
    return { ...this.world.transitions.coverage.coverageOf(running), marks: this.#marks.length, neverMet };
  }

  /** Everything learnt, for a snapshot: what the machines were run on is enough to learn their steps again. */
  get learnt(): Learnt {
    const footprints = this.steps.footprints.filter(({ isTrial }) => !isTrial);
    const rows = new Uint16Array(footprints.length * this.world.width);
    for (const [i, { row }] of footprints.entries()) rows.set(row, i * this.world.width);
    const { words, width, dictionary } = this.packing;
    return {
      words,
      layout: Array.from({ length: width }, (_, column) => this.packing.position(column)),
      dictionary,
      interned: this.world.transitions.interned,
      values: this.world.values.all,
      runs: {
        choices: footprints.map(({ choice }) => choice),
        columns: footprints.map(({ column }) => column),
        checked: footprints.map(({ checked }) => [...checked]),
        rows,
      },
      claimsRead: this.claims.columnsRead,
      witnessed: [...this.steps.witnessed],
      facts: this.gathered.kept,
      notes: this.world.transitions.coverage.notes,
      partialOrder: this.partialOrder?.learnt ?? null,
    };
  }

  /** Learns again what an earlier part of a search had learnt; numbers mean the same then. */
  adopt(learnt: Learnt): void {
    this.world.values.adopt(learnt.values);
    this.world.transitions.adopt(learnt.interned);
    this.packing.adopt(learnt.dictionary, learnt.layout, learnt.words);
    this.#runAgain(learnt.runs);
    this.claims.adopt(learnt.claimsRead);
    for (const id of learnt.witnessed) this.steps.witnessed.add(id);
    this.gathered.adopt(learnt.facts);
    this.world.transitions.coverage.adopt(learnt.notes);
    if (learnt.partialOrder !== null) this.partialOrder?.adopt(learnt.partialOrder);
  }

  #runAgain({ choices, columns, checked, rows }: Learnt['runs']): void {
    const { width } = this.world;
    const words = new Int32Array(this.packing.words);
    for (const [i, choice] of choices.entries()) {
      const row = rows.subarray(i * width, (i + 1) * width);
      if (!this.packing.hasRoomFor(row)) throw new RangeError('a run of an earlier part does not fit');
      this.packing.pack(row, words, 0);
      if (this.steps.find(choice, words, 0) < 0) this.steps.compute(choice, columns[i] as number, words, 0);
      const leaf = this.steps.find(choice, words, 0);
      // One that is refused has nothing that properties could look at.
      if (leaf !== REJECTED) for (const column of checked[i] ?? []) this.steps.footprintOf(leaf).checked.add(column);
    }
  }
}
