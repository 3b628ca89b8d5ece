// A list that is not walked: it knows where each entry stands by the order in which entries were added.
//
// list_add() adds at the head, so an entry's place from the head is the number of live entries that are not older. A
// Fenwick tree over the order of additions counts them in a few steps (Fenwick, "A New Data Structure for Cumulative
// Frequency Tables", 1994).

/** A list of numbered objects with keys; 0 is no object. */
export class CountedList {
  size = 0;
  /** When each object was added (1, 2, ...); absent where it is not linked. */
  readonly #addedAt = new Map<number, number>();
  readonly #keyOf = new Map<number, number>();
  /** The objects of a key, newest last. */
  readonly #byKey = new Map<number, number[]>();
  #tree = new Int32Array(1024);
  #clock = 0;

  /** list_add(): false when the object is linked already. */
  add(object: number, key: number): boolean {
    if (this.#addedAt.has(object)) return false;
    if (this.#clock + 1 >= this.#tree.length) this.#renumber();
    this.#clock += 1;
    this.#addedAt.set(object, this.#clock);
    this.#count(this.#clock, 1);
    this.#keyOf.set(object, key);
    const sharing = this.#byKey.get(key);
    if (sharing === undefined) this.#byKey.set(key, [object]);
    else sharing.push(object);
    this.size += 1;
    return true;
  }

  /** list_del(): false when the object is not linked. */
  del(object: number): boolean {
    const at = this.#addedAt.get(object);
    const key = this.#keyOf.get(object);
    if (at === undefined || key === undefined) return false;
    this.#addedAt.delete(object);
    this.#keyOf.delete(object);
    this.#count(at, -1);
    const others = this.#byKey.get(key)?.filter((other) => other !== object) ?? [];
    if (others.length === 0) this.#byKey.delete(key);
    else this.#byKey.set(key, others);
    this.size -= 1;
    return true;
  }

  /** The first object from the head with this key, or 0. */
  find(key: number): number {
    return this.#byKey.get(key)?.at(-1) ?? 0;
  }

  /** How many nodes a walk from the head looks at until it meets the object; 0 where it is not linked. */
  position(object: number): number {
    const at = this.#addedAt.get(object);
    return at === undefined ? 0 : this.size - this.#before(at);
  }

  #count(at: number, change: number): void {
    for (let i = at; i < this.#tree.length; i += i & -i) this.#tree[i] = (this.#tree[i] ?? 0) + change;
  }

  /** Live entries that were added before this moment. */
  #before(at: number): number {
    let sum = 0;
    for (let i = at - 1; i > 0; i -= i & -i) sum += this.#tree[i] ?? 0;
    return sum;
  }

  /** Numbers the live entries anew, with room for as many again. */
  #renumber(): void {
    // A Map keeps the order of insertion, which is the order of additions.
    this.#tree = new Int32Array(2 * Math.max(1024, 2 * this.size));
    this.#clock = 0;
    for (const object of this.#addedAt.keys()) {
      this.#clock += 1;
      this.#addedAt.set(object, this.#clock);
      this.#count(this.#clock, 1);
    }
  }
}
