// What the value of a column says: the interchangeable names in it, and what it looks like without them.
import type { LocalId } from '../../world/local-transitions.ts';
import type { World } from '../../world/world.ts';

/** What a column holds: a local state, a value of shared memory, a message in flight, or a number that names nothing. */
export type ColumnKind = 'local' | 'value' | 'message' | 'plain';

const EMPTY = new Int32Array(0);
const NAME = /^[a-z]+\d+$/;

/** FNV-1a. Texts with equal hashes only look alike, and are told apart by what follows. */
function hashOfText(text: string): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
  return hash | 0;
}

/** Reads the values of columns of a world. */
export class ColumnValues {
  readonly #world: World;
  /** Member of a name, by value number. */
  readonly #memberOf: readonly (number | undefined)[];
  readonly #componentOf: readonly (number | undefined)[];
  readonly #localNames = new Map<LocalId, Int32Array>();
  readonly #messageNames = new Map<number, Int32Array>();

  /** `memberOf` says which names are interchangeable: the member of each, by value number; `componentOf` which of its names. */
  constructor(world: World, memberOf: readonly (number | undefined)[], componentOf: readonly (number | undefined)[]) {
    this.#world = world;
    this.#memberOf = memberOf;
    this.#componentOf = componentOf;
  }

  /** Value numbers of the interchangeable names in a raw value, in order. */
  namesIn(kind: ColumnKind, raw: number): Int32Array {
    if (kind === 'local') return this.namesOfLocal(raw);
    if (kind === 'message') return raw === 0 ? EMPTY : this.namesOfMessage(raw - 1);
    return kind === 'value' && this.#memberOf[raw] !== undefined ? Int32Array.of(raw) : EMPTY;
  }

  /** The same of a local state. */
  namesOfLocal(local: LocalId): Int32Array {
    return this.#cached(this.#localNames, local, () => {
      const { value, context } = this.#world.transitions.local(local);
      return [value, context];
    });
  }

  /** The same of an event. */
  namesOfMessage(event: number): Int32Array {
    return this.#cached(this.#messageNames, event, () => this.#world.transitions.event(event));
  }

  #cached(cache: Map<number, Int32Array>, id: number, data: () => unknown): Int32Array {
    let found = cache.get(id);
    if (found === undefined) {
      const ids: number[] = [];
      this.#collect(data(), ids);
      found = Int32Array.from(ids);
      cache.set(id, found);
    }
    return found;
  }

  #collect(value: unknown, into: number[]): void {
    if (typeof value === 'string') {
      const id = this.#idOf(value);
      if (id !== undefined) into.push(id);
    } else if (typeof value === 'object' && value !== null) {
      for (const item of Object.values(value)) this.#collect(item, into);
    }
  }

  /** The value number of an interchangeable name. */
  #idOf(text: string): number | undefined {
    if (!NAME.test(text)) return undefined;
    const id = this.#world.values.id(text as never);
    return this.#memberOf[id] === undefined ? undefined : id;
  }

  /**
   * What a raw value looks like without its names: equal for values that differ in names alone.
   *
   * @param owner - member whose column it is: its own names do not look like those of others
   */
  shape(kind: ColumnKind, raw: number, owner: number): number {
    const { transitions } = this.#world;
    if (kind === 'local') {
      const { value, context, machine } = transitions.local(raw);
      return this.#shapeOf('l', [machine, value, context], owner);
    }
    if (kind === 'message') return raw === 0 ? 1 : this.#shapeOf('e', transitions.event(raw - 1), owner);
    // Less than any value.
    return kind === 'value' && this.#memberOf[raw] !== undefined ? -1 - this.#lookOf(raw, owner) : raw;
  }

  /** What a name looks like: which component of its member, and whether that is the one. */
  #lookOf(id: number, owner: number): number {
    return 2 * (this.#componentOf[id] as number) + Number(this.#memberOf[id] === owner);
  }

  /** By content, not by order of discovery: another process that goes on with a search finds the same forms. */
  #shapeOf(kind: string, data: unknown, owner: number): number {
    const seen: string[] = [];
    const text = JSON.stringify(data, (_, value: unknown) => {
      const id = typeof value === 'string' ? this.#idOf(value) : undefined;
      if (typeof value !== 'string' || id === undefined) return value;
      if (!seen.includes(value)) seen.push(value);
      return `#${seen.indexOf(value)} ${this.#lookOf(id, owner)}`;
    });
    return hashOfText(kind + text);
  }
}
