// What a search computes when its tables do not know: steps, offers, verdicts, and what is violated.
import type { Property, ShownStep } from '../../world/property.ts';
import { deadlockMessage } from '../../world/property.ts';
import type { EventId } from '../../world/local-transitions.ts';
import { WorldView } from '../../world/view.ts';
import type { CompiledWorld } from './compiled-world.ts';
import type { Oracle } from './lookups.ts';
import type { SharedStateTable } from '../store/shared-state-table.ts';
import type { Source } from '../tables/sources.ts';
import type { StateId, StateTable } from '../store/state-table.ts';
import { pathTo } from '../store/state-table.ts';
import type { Permutation, Symmetry } from '../reductions/symmetry.ts';
import type { Violations } from '../counterexamples/violations.ts';
import { UnfoldedPath } from '../counterexamples/unfolded-path.ts';

/** Answers by running the machines and asking the properties; notes what is violated. */
export class ComputingOracle implements Oracle {
  /** The states found so far. */
  table: StateTable | SharedStateTable;
  /** While workers write: nothing is computed that could move the rows. */
  isShared = false;
  /** Is a state expanded that was expanded before? Then all that is wrong with its steps is noted. */
  isAgain = false;
  readonly #known: CompiledWorld;
  readonly #properties: readonly Property[];
  readonly #deadlocks: readonly Property[];
  readonly #violations: Violations;
  readonly #symmetry: Symmetry | undefined;
  readonly #makeRoom: () => void;

  /** `makeRoom` is called when a value has no room in the packing. */
  constructor(
    known: CompiledWorld,
    properties: readonly Property[],
    violations: Violations,
    symmetry: Symmetry | undefined,
    table: StateTable | SharedStateTable,
    makeRoom: () => void,
  ) {
    this.#known = known;
    this.#properties = properties;
    this.#deadlocks = properties.filter(({ deadlock }) => deadlock !== undefined);
    this.#violations = violations;
    this.#symmetry = symmetry;
    this.table = table;
    this.#makeRoom = makeRoom;
  }

  /** Computes the leaf of a choice, unless the rows must not move now. */
  leaf(id: StateId, choice: number, source: Source): number {
    if (this.isShared) return -1;
    const base = id * this.#known.packing.words;
    const { leaf, fits } = this.#known.learnLeaf(choice, source, this.table.rows, base);
    if (!fits) this.#makeRoom();
    return leaf;
  }

  /** What a source offers. */
  offers(source: Source, code: number): Int32Array {
    return this.#known.offers(source, code);
  }

  /** Are threads done? */
  areDone(actors: readonly number[], id: StateId): boolean {
    const { packing } = this.#known;
    const base = id * packing.words;
    return actors.every((actor) => this.#known.isDone(actor, packing.read(this.table.rows, base, actor)));
  }

  /** Asks the step properties and notes what is violated. */
  check(id: StateId, leaf: number, choice: number): boolean {
    const { rows } = this.table;
    const base = id * this.#known.packing.words;
    this.#gather(id, leaf, choice);
    if (this.isAgain || this.#known.steps.holds(leaf, rows, base)) return true;
    for (const [property, message] of this.#known.steps.messages(leaf, rows, base)) {
      if (this.#violations.wants(property)) this.#violate(property, message, id, this.#known.steps.eventOf(choice));
    }
    return true;
  }

  /** Notes the facts that a step shows, under all names that it stands for. */
  #gather(id: StateId, leaf: number, choice: number): void {
    const shown = this.#known.steps.takeShown(leaf);
    const { gathered } = this.#known;
    if (shown === null || !gathered.isNew(shown)) return;
    const event = this.#known.steps.eventOf(choice);
    const way = this.#wayTo(id, event);
    for (const { step, image } of imagesOf(way.last, this.#symmetry)) {
      const path = (): readonly number[] => (image === null ? way : this.#wayTo(id, event, image)).path;
      for (const found of gathered.note(step, path, (property) => this.#violations.wants(property)))
        this.#violations.add(found);
    }
  }

  /** Asks a claim and notes it where it is violated. */
  claim(id: StateId, claim: number, words: Int32Array, base: number): void {
    const { id: property } = this.#known.claims.property(claim);
    if (!this.#violations.wants(property)) return;
    const message = this.#known.claims.message(claim, words, base);
    if (message !== null) this.#violate(property, message, id, -1);
  }

  /** A state from which nothing can happen. */
  stuck(id: StateId): void {
    const row = this.#rowOf(id);
    const { world } = this.#known;
    if (world.isFinal(row)) {
      this.#known.noteEnd();
      return;
    }
    if (this.isAgain) return;
    for (const property of this.#deadlocks) {
      if (!this.#violations.wants(property.id)) continue;
      const message = deadlockMessage(property, new WorldView(world, row));
      if (message !== null) this.#violate(property.id, message, id, -1);
    }
  }

  #rowOf(id: StateId): Uint16Array {
    return this.#known.unpacked(this.table.rows, id * this.#known.packing.words);
  }

  /** Notes a violation in a state, or (with an event) in a step from it. */
  #violate(property: string, message: string, id: StateId, event: EventId): void {
    const way = this.#wayTo(id, event);
    const found = this.#properties.find((one) => one.id === property);
    // Names in the message are those of the state that was found; the trace has its own.
    const own = found === undefined || this.#symmetry === undefined ? message : way.message(found);
    this.#violations.add({ property, message: own, path: way.path });
  }

  /** The way to a state and, with an event, a step further; renamed where that is asked. */
  #wayTo(id: StateId, event: EventId, renaming?: Permutation): UnfoldedPath {
    const way = new UnfoldedPath(this.#known.world, this.#symmetry, renaming);
    const rows = pathTo(this.table.parents, id).map((state) => this.#rowOf(state));
    for (const next of rows.slice(1)) way.goTo(next);
    if (event >= 0) way.take(event);
    return way;
  }
}

/** A step under every renaming of what is interchangeable, each different one once; itself first, with null. */
function imagesOf(
  step: ShownStep,
  symmetry: Symmetry | undefined,
): { readonly step: ShownStep; readonly image: Permutation | null }[] {
  const { event, observations } = step;
  const images: { readonly step: ShownStep; readonly image: Permutation | null }[] = [{ step, image: null }];
  if (symmetry === undefined) return images;
  const known = new Set([JSON.stringify([event, observations])]);
  const exchanges = symmetry.exchanges();
  for (let i = 0; i < images.length; i++) {
    const { image } = images[i] as (typeof images)[number];
    for (const exchange of exchanges) {
      const next = image === null ? exchange : image.map((member) => exchange[member] as number);
      const seen = symmetry.dataImage(next, { event, observations });
      const key = JSON.stringify([seen.event, seen.observations]);
      if (known.has(key)) continue;
      known.add(key);
      images.push({ step: seen, image: next });
    }
  }
  return images;
}
