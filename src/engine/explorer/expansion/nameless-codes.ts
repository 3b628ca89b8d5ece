// Values that name nothing interchangeable, in columns of nobody: they stay as they are in every image.
import type { ColumnKind } from '../reductions/column-values.ts';
import type { LeastImage } from '../reductions/least-image.ts';
import type { Packing } from '../store/packing.ts';

/** Counts such values, by column. */
export class NamelessCodes {
  /** By column: values with smaller codes name nothing; 0 in columns of members. */
  readonly below: Int32Array;
  readonly #least: LeastImage;
  readonly #packing: Packing;
  #version = -1;

  constructor(least: LeastImage, packing: Packing) {
    this.below = new Int32Array(packing.width);
    this.#least = least;
    this.#packing = packing;
  }

  /** Counts on where the layout has changed: then there are more values. */
  refresh(): void {
    if (this.#version === this.#packing.version) return;
    this.#version = this.#packing.version;
    const { fixed, kinds, columnValues } = this.#least.rows;
    for (const column of fixed) {
      let code = this.below[column] as number;
      const isNameless = (): boolean =>
        columnValues.namesIn(kinds[column] as ColumnKind, this.#packing.raw(column, code)).length === 0;
      while (code < this.#packing.cardinality(column) && isNameless()) code += 1;
      this.below[column] = code;
    }
  }
}
