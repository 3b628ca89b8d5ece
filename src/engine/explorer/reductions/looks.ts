// What members of interchangeable groups look like, whatever they are called.
import { mix } from './colouring.ts';
import { NOBODY } from './row-renaming.ts';

/** Rounds of refinement: enough for references of references. */
const ROUNDS = 2;

/** What members look like, whatever they are called, and which are linked to others. */
export class Looks {
  readonly looks: Int32Array;
  readonly linked: Uint8Array;
  readonly #next: Int32Array;
  /** Owner, member and place of each name of another that stands in the row. */
  readonly #links: number[] = [];
  #count = 0;

  constructor(members: number) {
    this.looks = new Int32Array(members);
    this.linked = new Uint8Array(members);
    this.#next = new Int32Array(members);
  }

  clear(): void {
    this.looks.fill(0);
    this.linked.fill(0);
    this.#count = 0;
  }

  /** Adds what stands in a column of a member, or of nobody. A sum, so that slots of a channel may change places. */
  add(owner: number, look: number, links: Int32Array): void {
    const { looks, linked } = this;
    if (owner !== NOBODY) looks[owner] = ((looks[owner] as number) + look) | 0;
    if (links.length === 0) return;
    if (owner !== NOBODY) linked[owner] = 1;
    const all = this.#links;
    for (let i = 0; i < links.length; i += 2) {
      const member = links[i] as number;
      linked[member] = 1;
      all[this.#count++] = owner;
      all[this.#count++] = member;
      all[this.#count++] = links[i + 1] as number;
    }
  }

  /** Lets those that name each other look like it. */
  refine(): void {
    const { looks } = this;
    const next = this.#next;
    const links = this.#links;
    for (let round = 0; round < ROUNDS; round++) {
      next.set(looks);
      for (let i = 0; i < this.#count; i += 3) {
        const owner = links[i] as number;
        const member = links[i + 1] as number;
        const place = links[i + 2] as number;
        const seen = owner === NOBODY ? place : mix(place, looks[owner] as number);
        next[member] = ((next[member] as number) + seen) | 0;
        if (owner !== NOBODY) next[owner] = ((next[owner] as number) + mix(place + 77, looks[member] as number)) | 0;
      }
      looks.set(next);
    }
  }
}
