// What the harness says, read: states and calls by their numbers, as a comparison wants them.
import type { CallObserved, CallSeen, Performed } from '../call-system.ts';
import type { Sight, SightOptions } from '../callback-sights.ts';
import { sightText } from '../callback-sights.ts';
import type { Answer } from './harness-process.ts';

/** What a state is, in names; tell.c, tell_state(). */
export interface StateText {
  readonly producers: readonly string[] | null;
  readonly consumers: readonly string[] | null;
  /** Words that are not as they were at first, by structs: `16=e0`. */
  readonly [struct: `${'p' | 'c'}${number}`]: string;
  readonly rest: string;
  readonly keys: readonly string[];
  readonly irqs: readonly string[];
  readonly peers: readonly string[] | null;
  readonly added: readonly string[];
  readonly references: number | null;
}

/** What was seen of a call; tell.c, tell_seen(). */
type SeenText = Omit<CallSeen, 'sights' | 'race'> & { readonly sights?: readonly (readonly Sight[])[] };

/** A line that is no answer. */
type Told =
  | { readonly seen: SeenText }
  | { readonly state: StateText }
  | { readonly wrong: StateText; readonly corruption: boolean; readonly trouble: string | null };

type Held = Omit<CallObserved, keyof CallSeen>;

/** What calls led to: for each the numbers of what was seen of it, of the other thread's call, and of the state. */
export interface Outcomes {
  readonly numbers: Int32Array;
  /** What went wrong, in the order in which states are missing. */
  readonly wrongs: readonly Held[];
}

/** Numbers of one outcome. */
const EACH = 3;

/** Everything that was told so far, by number. */
export class HarnessAnswers {
  readonly #texts: StateText[] = [];
  readonly #helds: Held[] = [];
  readonly #seens: CallSeen[] = [];
  readonly #sights: SightOptions | undefined;

  /** @param sights - what is looked at of what callbacks could see; nothing where it is absent */
  constructor(sights?: SightOptions) {
    this.#sights = sights;
  }

  /** What a state is. */
  textOf(state: number): StateText {
    const found = this.#texts[state];
    if (found === undefined) throw new RangeError(`the harness has told of no state ${state}`);
    return found;
  }

  /** Notes what an answer tells; answers come here in their order. */
  note({ line, told }: Answer): Outcomes {
    const wrongs: Held[] = [];
    for (const one of told) {
      const what = JSON.parse(one) as Told;
      if ('seen' in what) this.#seens.push(this.#seenOf(what.seen));
      else if ('state' in what) {
        this.#texts.push(what.state);
        this.#helds.push(heldOf(what.state, false, null));
      } else wrongs.push(heldOf(what.wrong, what.corruption, what.trouble));
    }
    return { numbers: numbersOf(line), wrongs };
  }

  #seenOf({ returns, callbacks, warn, sights }: SeenText): CallSeen {
    const options = this.#sights;
    if (options === undefined || sights === undefined) return { returns, callbacks, warn };
    // In C an irq that was never given is 0.
    const texts = sights.map((some) =>
      sightText(
        some.map((one) => ({ ...one, irq: one.irq === 0 ? null : one.irq })),
        options,
      ),
    );
    return { returns, callbacks, warn, sights: texts };
  }

  /** One of several outcomes. */
  performed({ numbers, wrongs }: Outcomes, place: number): Performed<number> {
    const at = place * EACH;
    const seen = this.#seens[numbers[at] as number] as CallSeen;
    const race = this.#seens[numbers[at + 1] as number];
    const state = numbers[at + 2] as number;
    const { corruption, trouble, producers, consumers, bindings, keys, irqs, references } = (
      state < 0 ? wrongs[wrongBefore(numbers, at)] : this.#helds[state]
    ) as Held;
    const held = { corruption, trouble, producers, consumers, bindings, keys, irqs, references };
    return { state, observed: race === undefined ? { ...seen, ...held } : { ...seen, race, ...held } };
  }
}

/** How many outcomes before one have no state. */
function wrongBefore(numbers: Int32Array, end: number): number {
  let count = 0;
  for (let at = EACH - 1; at < end; at += EACH) if ((numbers[at] as number) < 0) count += 1;
  return count;
}

function heldOf(state: StateText, corruption: boolean, trouble: string | null): Held {
  const { producers, consumers, keys, irqs, peers, added, references } = state;
  const bindings = peers === null ? added : peers.filter((one) => one.startsWith('p'));
  return {
    corruption,
    trouble,
    producers: producers?.toSorted() ?? null,
    consumers: consumers?.toSorted() ?? null,
    bindings: bindings.toSorted(),
    keys: keys.toSorted(),
    irqs: irqs.toSorted(),
    references,
  };
}

const [SPACE, MINUS, ZERO] = [' ', '-', '0'].map((one) => one.charCodeAt(0)) as [number, number, number];

/** Numbers of a line, each with a space before it. */
function numbersOf(line: string): Int32Array {
  const numbers = new Int32Array(line.length / 2);
  let count = -1;
  let sign = 1;
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i);
    if (code === SPACE) {
      count += 1;
      sign = 1;
    } else if (code === MINUS) sign = -1;
    else numbers[count] = (numbers[count] as number) * 10 + sign * (code - ZERO);
  }
  return numbers.subarray(0, count + 1);
}
