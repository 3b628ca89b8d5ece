// Fingerprints of states: 64 bits that are the same in every process, and a table of those that were seen.
//
// The numbers in a row depend on what a world met first; a fingerprint is made of what they stand for, so that jobs of
// a swarm can be compared. Zobrist, "A New Hashing Method with Application for Game Playing", 1970: a sum over columns.
import type { Row, World } from '../../world/world.ts';

/** Two 32-bit hashes of a text (after cyrb53, public domain). */
function hashText(text: string, into: Int32Array): void {
  let low = 0xdead_beef;
  let high = 0x41c6_ce57;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, 2_654_435_761);
    high = Math.imul(high ^ unit, 1_597_334_677);
  }
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  into[0] = low;
  into[1] = high;
}

/** JSON with sorted keys: equal data, equal text. */
function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : item,
  );
}

/** Mixes a 32-bit number so that every bit of it matters everywhere. */
function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}

/** What a column of a row holds. */
type ColumnKind = 'local' | 'value' | 'number' | 'message';

/** Fingerprints of the states and steps of one world. */
export class Fingerprints {
  /** The two halves of the last fingerprint taken. */
  low = 0;
  high = 0;
  readonly #world: World;
  readonly #kinds: readonly ColumnKind[];
  /** What a column is called: the first of its channel, because the order within a channel means nothing. */
  readonly #places: readonly number[];
  /** By column, then number in it: low and high half, two apart. */
  readonly #parts: (number | undefined)[][];
  readonly #steps: (number | undefined)[] = [];
  readonly #pair = new Int32Array(2);

  constructor(world: World) {
    this.#world = world;
    const messages = new Set(world.channelColumns);
    const { layout } = world;
    const numbers = new Set(
      layout.families.flatMap(({ start, family }) =>
        family.columns.flatMap(({ holds }, i) => (holds === 'plain' ? [start + i] : [])),
      ),
    );
    const columns = Array.from({ length: world.width }, (_, column) => column);
    this.#kinds = columns.map((column) => {
      if (column < world.actors.length) return 'local';
      if (messages.has(column)) return 'message';
      return numbers.has(column) ? 'number' : 'value';
    });
    const channels = world.actors.map((_, actor) => world.channel(actor));
    this.#places = columns.map(
      (column) => channels.find(({ start, slots }) => column >= start && column < start + slots)?.start ?? column,
    );
    this.#parts = columns.map(() => []);
  }

  /** Takes the fingerprint of a state. */
  takeState(row: Row): void {
    let low = 0;
    let high = 0;
    for (let column = 0; column < row.length; column++) {
      const raw = row[column] as number;
      const parts = this.#parts[column] as (number | undefined)[];
      const part = parts[2 * raw] ?? this.#compute(column, raw);
      low = (low + part) | 0;
      high = (high + (parts[2 * raw + 1] as number)) | 0;
    }
    this.low = low;
    this.high = high;
  }

  /** Takes the fingerprint of a step: that of the state it starts in, which is the last one taken, and its event. */
  takeStep(event: number): void {
    let part = this.#steps[2 * event];
    if (part === undefined) {
      hashText(canonicalText(this.#world.transitions.event(event)), this.#pair);
      part = this.#pair[0] as number;
      this.#steps[2 * event] = part;
      this.#steps[2 * event + 1] = this.#pair[1] as number;
    }
    this.low = mix(this.low ^ part);
    this.high = mix((this.high + (this.#steps[2 * event + 1] as number)) | 0);
  }

  #compute(column: number, raw: number): number {
    const { transitions, values } = this.#world;
    const meaning = (): unknown => {
      switch (this.#kinds[column] as ColumnKind) {
        case 'local':
          return transitions.local(raw);
        case 'message':
          return raw === 0 ? null : transitions.event(raw - 1);
        case 'value':
          return values.value(raw);
        case 'number':
          return raw;
      }
    };
    hashText(`${this.#places[column]}:${canonicalText(meaning())}`, this.#pair);
    const parts = this.#parts[column] as (number | undefined)[];
    parts[2 * raw] = this.#pair[0] as number;
    parts[2 * raw + 1] = this.#pair[1] as number;
    return this.#pair[0] as number;
  }
}

/** A fingerprint as a whole number below 2^53, for samples and JSON. */
export function fingerprintNumber(low: number, high: number): number {
  return (high >>> 0) * 2 ** 21 + (low >>> 11);
}

/** Share of the slots that may be taken. */
const FULL = 0.8;

/**
 * Fingerprints that were seen, in a table of fixed size: open addressing, no growth. Two states with one fingerprint
 * are taken for one (Wolper and Leroy, "Reliable Hashing without Collision Detection", CAV 1993): among a million
 * states this happens with a probability of 3e-8.
 */
export class SeenFingerprints {
  size = 0;
  readonly #slots: Int32Array;
  readonly #mask: number;
  readonly #most: number;

  /** `bits`: the table has 2^bits slots of 8 bytes. */
  constructor(bits: number) {
    this.#slots = new Int32Array(2 ** (bits + 1));
    this.#mask = 2 ** bits - 1;
    this.#most = Math.floor(2 ** bits * FULL);
  }

  get isFull(): boolean {
    return this.size >= this.#most;
  }

  /** Enters a fingerprint; answers whether it was not there. A full table forgets what is new. */
  add(low: number, high: number): boolean {
    // 0, 0 marks a free slot.
    const first = low === 0 && high === 0 ? 1 : low;
    for (let slot = first & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const there = this.#slots[2 * slot] as number;
      const thereHigh = this.#slots[2 * slot + 1] as number;
      if (there === first && thereHigh === high) return false;
      if (there !== 0 || thereHigh !== 0) continue;
      if (this.isFull) return true;
      this.#slots[2 * slot] = first;
      this.#slots[2 * slot + 1] = high;
      this.size += 1;
      return true;
    }
  }
}
