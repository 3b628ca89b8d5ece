// The way to a violation, step by step in the real world: what a search stored is taken again, names set right.
//
// With symmetry a search stores canonical states. The way it found goes through renamed states; each step is taken in
// the real world under the renaming that has accumulated so far, so the way that comes out is a real one.
import type { Property, ShownStep } from '../../world/property.ts';
import type { Observation } from '../../actors/effects.ts';
import type { EventId } from '../../world/local-transitions.ts';
import type { Choice, Row, World } from '../../world/world.ts';
import { StepChecks } from './step-checks.ts';
import type { Permutation, Symmetry } from '../reductions/symmetry.ts';

/** A way through a world from its initial state. */
export class UnfoldedPath {
  /** Index of the choice at each step. */
  readonly path: number[] = [];
  readonly #world: World;
  readonly #symmetry: Symmetry | undefined;
  /** The state as the search stored it, and as it is. */
  #stored: Row;
  #real: Row;
  /** From stored names to real ones. */
  #renaming: Permutation;
  #last: { readonly before: Row; readonly event: EventId; readonly observations: readonly Observation[] } | undefined;

  /** `renaming` is applied to the whole way: with symmetry, another one of the ways that a stored one stands for. */
  constructor(world: World, symmetry: Symmetry | undefined, renaming?: Permutation) {
    this.#world = world;
    this.#symmetry = symmetry;
    this.#stored = world.initial();
    this.#real = this.#stored;
    this.#renaming = renaming ?? Int32Array.from(symmetry?.image ?? [], (_, member) => member);
  }

  /** The last step taken. Throws where none was. */
  get last(): ShownStep {
    if (this.#last === undefined) throw new Error('no step was taken');
    const { event, observations } = this.#last;
    return { event: this.#world.transitions.event(event), observations };
  }

  /** Takes the step that leads to a stored state. Throws where there is none: the search would be wrong. */
  goTo(next: Row): void {
    for (const choice of this.#world.choices(this.#stored)) {
      const { row } = this.#world.step(this.#stored, choice);
      const image = this.#canonical(row);
      if (!image.row.every((raw, column) => raw === next[column])) continue;
      this.#takeReal(choice);
      this.#stored = image.row;
      // real = renaming(stored before), stored after = image(step): the image is taken back.
      if (image.permutation !== undefined) this.#renaming = composeInverse(this.#renaming, image.permutation);
      return;
    }
    throw new Error('a stored step cannot be taken again');
  }

  /** Takes an event of the stored state. */
  take(event: EventId): void {
    const choice = this.#world.choices(this.#stored).find((one) => one.event === event);
    if (choice === undefined) throw new Error('a stored choice is not offered');
    this.#takeReal(choice);
  }

  /** What a property says of the end of the way. Throws where it says nothing: the reduction would be unsound. */
  message(property: Property): string {
    const { before, event, observations } = this.#last ?? { before: this.#real, event: -1, observations: [] };
    const checks = new StepChecks(this.#world, [property], before, this.#real);
    let [broken] = event < 0 ? checks.ofState() : checks.ofStep(event, observations);
    if (broken === undefined && this.#world.choices(this.#real).length === 0) [broken] = checks.ofEnd();
    if (broken !== undefined) return broken.message;
    throw new Error(
      `${property.id} is violated in a canonical state, but not in the real one: the reduction is unsound`,
    );
  }

  #canonical(row: Row): { readonly row: Row; readonly permutation?: Permutation } {
    const symmetry = this.#symmetry;
    if (symmetry === undefined || !symmetry.arrange(row)) return { row };
    const permutation = symmetry.image.slice();
    const canonical = new Uint16Array(row.length);
    symmetry.apply(permutation, row, canonical);
    return { row: canonical, permutation };
  }

  #takeReal(stored: Choice): void {
    const event = this.#symmetry === undefined ? stored.event : this.#symmetry.eventImage(this.#renaming, stored.event);
    const choices = this.#world.choices(this.#real);
    const index = choices.findIndex((choice) => choice.event === event);
    const choice = choices[index];
    if (choice === undefined) throw new Error('a renamed step is not offered');
    const before = this.#real;
    const { row, observations } = this.#world.step(before, choice);
    this.#last = { before, event, observations };
    this.#real = row;
    this.path.push(index);
  }
}

/** one after the inverse of other: member m goes to one[other^-1[m]]. */
function composeInverse(one: Permutation, other: Permutation): Permutation {
  const composed = new Int32Array(one.length);
  for (let member = 0; member < other.length; member++) composed[other[member] as number] = one[member] as number;
  return composed;
}
