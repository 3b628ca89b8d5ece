// What is measured: real structures with registered irqfds in them, and one more registered and unregistered.
//
// Each does what its revision does under the mutex: the test for the key (and, before the series, for the struct itself),
// the look-up of the partner, the entry, and the same backwards. Keys are two halves; nothing makes a BigInt.
import { HashTable } from '../registry/structures/hash-table.ts';
import { LinkedList, ListHead } from '../registry/structures/linked-list.ts';
import { LIST_HEAD_BYTES } from './numbered-sets.ts';
import { LeanArray } from './lean-array.ts';
import { XArray } from '../registry/structures/xarray.ts';
import { NODE_BYTES, XArrayNodes } from '../registry/structures/xarray-nodes.ts';
import type { ContestantId } from './structures.ts';

/** One half of a pair as the structures see it. */
export class Registrant {
  readonly high: number;
  readonly low: number;
  /** The address of the struct itself, for what is indexed by it too. */
  readonly own: number;
  /** Does its VM have an assigned device? */
  readonly hasDevice: boolean;
  #node: ListHead<Registrant> | null = null;

  constructor(high: number, low: number, own: number, hasDevice = false) {
    this.high = high;
    this.low = low;
    this.own = own;
    this.hasDevice = hasDevice;
  }

  /** The list node that the struct embeds; made when it is first asked for, since most structures link nothing. */
  get node(): ListHead<Registrant> {
    return (this.#node ??= new ListHead<Registrant>(this));
  }
}

export type RegistrantSide = 'producers' | 'consumers';

/** Both sets of the manager, filled. */
export interface Registered {
  /** Enters an object that is known to be new, without look-ups: to fill the sets. */
  enter(side: RegistrantSide, object: Registrant): void;
  /** A registration as its revision does it: 0, or -EBUSY. */
  register(side: RegistrantSide, object: Registrant): number;
  unregister(side: RegistrantSide, object: Registrant): void;
  /** The partner that a registration of this object finds on the other side. */
  partner(side: RegistrantSide, object: Registrant): Registrant | null;
  readonly size: number;
  readonly nodes: number;
  /** What the kernel would need: list nodes of 16 bytes, xarray nodes of 576. */
  readonly kernelBytes: number;
  /** Bytes of this process, exact, with their reserve; null where a structure is objects of V8's heap. */
  readonly processBytes: number | null;
}

/** A handle of an entry in an array: 8 bytes. */
const HANDLE_BYTES = 8;
const EBUSY = -16;
/** The lower half of `pointer >> 6`. */
const shiftedLow = ({ high, low }: Registrant): number => (low >>> 6) | (high << 26);
const other = (side: RegistrantSide): RegistrantSide => (side === 'producers' ? 'consumers' : 'producers');

class Lists implements Registered {
  readonly nodes = 0;
  readonly processBytes = null;
  readonly #sides = { producers: new LinkedList<Registrant>(), consumers: new LinkedList<Registrant>() };

  get size(): number {
    return this.#sides.producers.length + this.#sides.consumers.length;
  }
  get kernelBytes(): number {
    return this.size * LIST_HEAD_BYTES;
  }
  enter(side: RegistrantSide, object: Registrant): void {
    this.#sides[side].add(object.node);
  }
  register(side: RegistrantSide, object: Registrant): number {
    const { high, low } = object;
    const busy = this.#sides[side].find((one) => (one.low === low && one.high === high) || one === object);
    if (busy !== null) return EBUSY;
    this.partner(side, object);
    this.enter(side, object);
    return 0;
  }
  /** Linux 6.12: the object is found by a walk, and so is its partner. */
  unregister(side: RegistrantSide, object: Registrant): void {
    if (this.#sides[side].find((one) => one === object) === null) return;
    this.partner(side, object);
    this.#sides[side].del(object.node);
  }
  partner(side: RegistrantSide, { high, low }: Registrant): Registrant | null {
    return this.#sides[other(side)].find((one) => one.low === low && one.high === high);
  }
}

class HashTables implements Registered {
  readonly nodes = 0;
  readonly processBytes = null;
  readonly #sides = { producers: new HashTable<Registrant>(), consumers: new HashTable<Registrant>() };

  get size(): number {
    return this.#sides.producers.length + this.#sides.consumers.length;
  }
  get kernelBytes(): number {
    return this.size * LIST_HEAD_BYTES;
  }
  enter(side: RegistrantSide, object: Registrant): void {
    this.#sides[side].addAt(object.node, object.high, object.low);
  }
  register(side: RegistrantSide, object: Registrant): number {
    if (this.#find(side, object) !== null) return EBUSY;
    this.partner(side, object);
    this.enter(side, object);
    return 0;
  }
  unregister(side: RegistrantSide, object: Registrant): void {
    this.#sides[side].del(object.node);
  }
  partner(side: RegistrantSide, object: Registrant): Registrant | null {
    return this.#find(other(side), object);
  }

  #find(side: RegistrantSide, { high, low }: Registrant): Registrant | null {
    return this.#sides[side].findAt(high, low, (one) => one.low === low && one.high === high);
  }
}

class XArrays implements Registered {
  readonly #pools = { producers: new XArrayNodes(), consumers: new XArrayNodes() };
  readonly #sides = {
    producers: new XArray<Registrant>(this.#pools.producers),
    consumers: new XArray<Registrant>(this.#pools.consumers),
  };
  readonly #isShifted: boolean;
  #size = 0;

  constructor(isShifted: boolean) {
    this.#isShifted = isShifted;
  }

  get size(): number {
    return this.#size;
  }
  get nodes(): number {
    return this.#pools.producers.live + this.#pools.consumers.live;
  }
  get kernelBytes(): number {
    return this.nodes * NODE_BYTES;
  }
  get processBytes(): number {
    const { producers, consumers } = this.#pools;
    return producers.processBytes + consumers.processBytes + HANDLE_BYTES * this.#size;
  }
  enter(side: RegistrantSide, object: Registrant): void {
    this.#insert(side, object);
  }
  register(side: RegistrantSide, object: Registrant): number {
    const error = this.#insert(side, object);
    if (error !== 0) return error;
    this.partner(side, object);
    return 0;
  }
  unregister(side: RegistrantSide, object: Registrant): void {
    const erased = this.#sides[side].eraseAt(this.#high(object), this.#low(object));
    if (erased !== null) this.#size -= 1;
  }
  partner(side: RegistrantSide, object: Registrant): Registrant | null {
    return this.#sides[other(side)].loadAt(this.#high(object), this.#low(object)) as Registrant | null;
  }

  #insert(side: RegistrantSide, object: Registrant): number {
    const error = this.#sides[side].insertAt(this.#high(object), this.#low(object), object);
    if (error === 0) this.#size += 1;
    return error;
  }
  #high({ high }: Registrant): number {
    return this.#isShifted ? high >>> 6 : high;
  }
  #low(object: Registrant): number {
    return this.#isShifted ? shiftedLow(object) : object.low;
  }
}

class LeanArrays implements Registered {
  readonly #sides = { producers: new LeanArray<Registrant>(), consumers: new LeanArray<Registrant>() };

  get size(): number {
    return this.#sides.producers.size + this.#sides.consumers.size;
  }
  get nodes(): number {
    return this.#sides.producers.nodes + this.#sides.consumers.nodes;
  }
  get kernelBytes(): number {
    return this.#sides.producers.kernelBytes + this.#sides.consumers.kernelBytes;
  }
  get processBytes(): number {
    return this.#sides.producers.processBytes + this.#sides.consumers.processBytes;
  }
  enter(side: RegistrantSide, object: Registrant): void {
    this.#sides[side].insertAt(object.high >>> 6, shiftedLow(object), object);
  }
  register(side: RegistrantSide, object: Registrant): number {
    const error = this.#sides[side].insertAt(object.high >>> 6, shiftedLow(object), object);
    if (error === 0) this.partner(side, object);
    return error;
  }
  unregister(side: RegistrantSide, object: Registrant): void {
    this.#sides[side].eraseAt(object.high >>> 6, shiftedLow(object));
  }
  partner(side: RegistrantSide, object: Registrant): Registrant | null {
    return this.#sides[other(side)].loadAt(object.high >>> 6, shiftedLow(object));
  }
}

/** Draft 3: the xarray is asked first, and the list is walked where it knows nothing. */
class ListsAndXArrays implements Registered {
  readonly processBytes = null;
  readonly #lists = new Lists();
  readonly #hints = new XArrays(false);
  readonly #own = { producers: new XArray<Registrant>(), consumers: new XArray<Registrant>() };

  get size(): number {
    return this.#lists.size;
  }
  get nodes(): number {
    return this.#hints.nodes + this.#own.producers.nodes.live + this.#own.consumers.nodes.live;
  }
  get kernelBytes(): number {
    return this.#lists.kernelBytes + this.nodes * NODE_BYTES;
  }
  enter(side: RegistrantSide, object: Registrant): void {
    this.#lists.enter(side, object);
    this.#own[side].insertAt(OWN_HIGH, object.own, object);
    this.#hints.enter(side, object);
  }
  register(side: RegistrantSide, object: Registrant): number {
    // The hint of the own side is that of the other side's partner: both are asked by the same key.
    if (this.#hints.partner(other(side), object) !== null) return EBUSY;
    const known =
      this.#own[side].loadAt(OWN_HIGH, object.own) !== null || this.#lists.partner(other(side), object) !== null;
    if (known) return EBUSY;
    this.partner(side, object);
    this.enter(side, object);
    return 0;
  }
  unregister(side: RegistrantSide, object: Registrant): void {
    if (this.#own[side].eraseAt(OWN_HIGH, object.own) === null) return;
    this.partner(side, object);
    this.#hints.unregister(side, object);
    this.#lists.unregister(side, object);
  }
  partner(side: RegistrantSide, object: Registrant): Registrant | null {
    return this.#hints.partner(side, object) ?? this.#lists.partner(side, object);
  }
}

/** Upper half of the addresses of structs; the lower one is their number times 128. */
const OWN_HIGH = 0xffff_8891 | 0;

/** Two xarrays for those that are registered at all; the others cost a test. Producers always are. */
class Selective extends XArrays {
  readonly #takes: (consumer: Registrant) => boolean;

  constructor(takes: (consumer: Registrant) => boolean) {
    super(false);
    this.#takes = takes;
  }

  override enter(side: RegistrantSide, object: Registrant): void {
    if (side === 'producers' || this.#takes(object)) super.enter(side, object);
  }
  override register(side: RegistrantSide, object: Registrant): number {
    return side === 'producers' || this.#takes(object) ? super.register(side, object) : 0;
  }
  override unregister(side: RegistrantSide, object: Registrant): void {
    if (side === 'producers' || this.#takes(object)) super.unregister(side, object);
  }
}

/** Empty sets of a contestant. */
export function createRegistered(id: ContestantId): Registered {
  switch (id) {
    case 'list':
      return new Lists();
    case 'hashtable':
      return new HashTables();
    case 'xarray':
      return new XArrays(false);
    case 'xarray-shifted':
      return new XArrays(true);
    case 'lean':
      return new LeanArrays();
    case 'list+xarray':
      return new ListsAndXArrays();
    case 'opt-out':
      return new Selective(({ hasDevice }) => hasDevice);
    case 'posted-irqs-off':
      return new Selective(() => false);
  }
}
