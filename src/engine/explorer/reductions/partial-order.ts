// Partial order reduction: which calls are made late (right-movers.ts), which early (early-calls.ts), and whose.
import type { World } from '../../world/world.ts';
import type { Packing } from '../store/packing.ts';
import type { ClaimTable } from '../tables/claim-table.ts';
import type { StepTable } from '../tables/step-table.ts';
import { CallImages } from './call-images.ts';
import { Commutation } from './commutation.ts';
import type { EarlyTables } from './early-calls.ts';
import { EarlyCalls } from './early-calls.ts';
import type { MoverTables } from './right-movers.ts';
import { RightMovers } from './right-movers.ts';
import type { RowRenaming } from './row-renaming.ts';

/** Which calls a search puts off or makes early. */
export type PartialOrderMode = 'none' | 'late' | 'late and early';

/** What worker threads know. */
export interface PartialOrderTables {
  readonly movers: MoverTables;
  readonly early: EarlyTables;
}

/** What a search that is saved knows of its partial order reduction. */
export interface LearntPartialOrder {
  /** What was left out is looked at in the end only as it was left out: whoever goes on does the same. */
  readonly mode: PartialOrderMode;
  /** By actor: 1 where a thread's calls are taken for movers. */
  readonly movers: readonly number[];
  /** Messages that are known to come of deliveries, by event (`RightMovers.isChained`). */
  readonly chained: readonly number[];
  /** Calls that are not made early (`EarlyCalls.lost`). */
  readonly notEarly: readonly string[];
}

/** Ample sets of a world's states, as far as its steps are known: what an expander looks up (`PartialOrderIndex`). */
export class PartialOrder {
  readonly #mode: PartialOrderMode;
  readonly #movers: RightMovers;
  readonly #early: EarlyCalls;
  readonly #commutation: Commutation;

  /**
   * @param mode - with `late` no call is made early
   * @param renaming - of states that are merged by symmetry
   */
  constructor(
    world: World,
    packing: Packing,
    steps: StepTable,
    claims: ClaimTable,
    mode: PartialOrderMode,
    renaming?: RowRenaming,
  ) {
    this.#mode = mode;
    const { interchangeable: groups = [] } = world.definition;
    const groupOf = (actor: number): number =>
      groups.findIndex((members) => members.some((member) => member.includes(world.actors[actor]?.address ?? '')));
    const classes = world.actors.map((_, actor) => {
      const group = groupOf(actor);
      return group < 0 ? actor : -1 - group;
    });
    const mayBeEarly = mode === 'late and early';
    const initial = world.initial();
    // To make a call early is to choose it early, where there is a choice: then states have what every thread has chosen.
    // Of interchangeable threads that have called every order is one state; of those that have not there is nothing to tell apart.
    const isMerged = (actor: number): boolean => renaming !== undefined && (classes[actor] as number) < 0;
    const isBetterLate = (actor: number): boolean =>
      !mayBeEarly || isMerged(actor) || world.offersOf(actor, initial[actor] ?? 0).length > 1;
    const threads = (is: (actor: number) => boolean): Uint8Array =>
      Uint8Array.from(world.actors, ({ actsByItself }, actor) => (actsByItself && is(actor) ? 1 : 0));
    const commutation = (this.#commutation = new Commutation(world, packing, steps, claims));
    this.#movers = new RightMovers(world, packing, steps, commutation, threads(isBetterLate), classes);
    const images = renaming && new CallImages(renaming, packing, steps);
    this.#early = new EarlyCalls(
      world,
      packing,
      steps,
      commutation,
      threads(() => mayBeEarly),
      classes,
      images,
    );
  }

  get isMover(): Uint8Array {
    return this.#movers.isMover;
  }

  get isCaller(): Uint8Array {
    return this.#early.isCaller;
  }

  isEarly(event: number): number {
    return this.#early.isEarly(event);
  }

  isNamed(thread: number, words: Int32Array, base: number): number {
    return this.#early.isNamed(thread, words, base);
  }

  waits(leaf: number, words: Int32Array, base: number): boolean {
    return this.#movers.waits(leaf, words, base);
  }

  isChained(event: number): boolean {
    return this.#movers.isChained(event);
  }

  /** May any call be put off or made early, as far as is known? */
  get reduces(): boolean {
    return this.#movers.any || (this.#early.any && this.#early.hasTaken);
  }

  /** May some call have been made early, so that counterexamples may be longer than they have to be? */
  get hasTakenEarly(): boolean {
    return this.#early.hasTaken;
  }

  /**
   * Looks at all steps met so far. Answers whether something was left out that may not be: then what was searched on that assumption has
   * to be searched again.
   */
  revise(): boolean {
    for (;;) {
      const before = this.#commutation.known;
      const isLess = this.#movers.revise();
      // Calls of a thread that is no mover any more are looked at with the others.
      if (this.#early.revise(this.#movers.isMover) || isLess) return true;
      // What was tried on the way is looked at like what was met.
      if (this.#commutation.known === before) return false;
    }
  }

  /** What another thread needs to know. */
  get tables(): PartialOrderTables {
    return { movers: this.#movers.tables, early: this.#early.tables };
  }

  /** What a later part of a search needs to know. */
  get learnt(): LearntPartialOrder {
    const { isMover, chained } = this.#movers;
    return { mode: this.#mode, movers: [...isMover], chained, notEarly: this.#early.lost };
  }

  /** What an earlier part of a search knew; what it had met besides is looked at when it is revised. */
  adopt({ movers, chained, notEarly }: LearntPartialOrder): void {
    this.#movers.isMover.set(movers);
    this.#movers.adopt(chained);
    if (this.#mode === 'late and early') this.#early.adopt(notEarly);
  }
}
