// Seeded random walks of a world: many bounded runs from the initial state, with the properties checked on the way.
//
// A walk knows no frontier, so it goes deep where a search goes wide. It proves nothing. What it remembers is only
// fingerprints: how much was seen, and which steps need not be checked again.
import { Turns } from '../../turns.ts';
import type { Property } from '../../world/property.ts';
import { PlainRow } from '../../world/memory.ts';
import { seeded } from '../../world/schedulers.ts';
import { WorldLimitError } from '../../world/world-limit.ts';
import type { Choice, Row, World } from '../../world/world.ts';
import { Fingerprints, SeenFingerprints } from './fingerprint.ts';
import type { Broken } from '../counterexamples/step-checks.ts';
import { StepChecks } from '../counterexamples/step-checks.ts';
import type { Chooser, WalkPolicy } from './walk-policies.ts';
import { createWalkPolicy } from './walk-policies.ts';

/** What random walks are asked for. */
export interface WalkOptions {
  readonly properties: readonly Property[];
  /** Seed of the whole; walk number n has its own, derived from it. */
  readonly seed: number;
  /** How many walks. */
  readonly walks: number;
  /** Steps of a walk at most. */
  readonly maxSteps: number;
  /** How walks choose; `uniform` where absent. */
  readonly policy?: WalkPolicy;
  /** The tables of fingerprints have 2^tableBits slots. */
  readonly tableBits?: number;
  /** Its abort ends the walks. */
  readonly signal?: AbortSignal;
  /** Called for every state that was not seen before, with the halves of its fingerprint. */
  readonly newState?: (low: number, high: number) => void;
}

/** A violated property, and the way there. */
export interface WalkFinding extends Broken {
  /** Indexes into `choices` of each state on the way. */
  readonly path: readonly number[];
  /** Number of the walk, from 0, and its own seed. */
  readonly walk: number;
  readonly seed: number;
}

/** What walks found out. */
export interface WalkReport {
  /** The first violation of every violated property, in the order found. */
  readonly findings: readonly WalkFinding[];
  readonly walks: number;
  readonly steps: number;
  /** Steps of the longest walk. */
  readonly depth: number;
  /** Different states seen; a lower limit where the table is full. */
  readonly states: number;
  readonly isTableFull: boolean;
  /** Walks that a limit of the world ended, and the first of those limits. */
  readonly limited: number;
  readonly limitMessage?: string;
  readonly isInterrupted: boolean;
}

const DEFAULT_TABLE_BITS = 18;

/** The seed of one of many: SplitMix32 (after Steele, Lea, Flood, OOPSLA 2014). */
export function derivedSeed(seed: number, number: number): number {
  let mixed = (seed + Math.imul(number + 1, 0x9e37_79b9)) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0_aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/**
 * Walks a world at random. Same world, same options: same report. Gives way now and then.
 *
 * @param world - the world; every walk begins in its initial state
 * @param options - properties, seed, how many walks, and how long each may be
 * @returns the first violation of each violated property, and counts
 */
export async function walk(world: World, options: WalkOptions): Promise<WalkReport> {
  return new Walks(world, options).run();
}

class Walks {
  readonly #world: World;
  readonly #options: WalkOptions;
  readonly #initial: Row;
  readonly #before: Row;
  readonly #after: Row;
  readonly #access: PlainRow;
  readonly #fingerprints: Fingerprints;
  readonly #states: SeenFingerprints;
  readonly #checked: SeenFingerprints;
  readonly #checks: StepChecks;
  readonly #path: Int32Array;
  readonly #findings: WalkFinding[] = [];
  #length = 0;
  #walk = 0;
  #steps = 0;
  #depth = 0;
  #limited = 0;
  #limitMessage: string | undefined;

  constructor(world: World, options: WalkOptions) {
    this.#world = world;
    this.#options = options;
    this.#initial = world.initial();
    this.#before = this.#initial.slice();
    this.#after = this.#initial.slice();
    this.#access = new PlainRow(this.#after);
    this.#fingerprints = new Fingerprints(world);
    const { tableBits = DEFAULT_TABLE_BITS } = options;
    this.#states = new SeenFingerprints(tableBits);
    this.#checked = new SeenFingerprints(tableBits);
    this.#checks = new StepChecks(world, options.properties, this.#before, this.#after);
    this.#path = new Int32Array(options.maxSteps);
  }

  async run(): Promise<WalkReport> {
    const { walks, maxSteps, seed, policy = 'uniform', signal } = this.#options;
    const start = createWalkPolicy(policy, this.#world);
    const turns = new Turns(signal);
    this.#note(this.#checks.ofState());
    for (; this.#walk < walks && !turns.isInterrupted; this.#walk++) {
      const int = seeded(derivedSeed(seed, this.#walk));
      try {
        this.#run(start(int, maxSteps));
      } catch (error) {
        if (!(error instanceof WorldLimitError)) throw error;
        this.#limited += 1;
        this.#limitMessage ??= error.message;
      }
      this.#steps += this.#length;
      this.#depth = Math.max(this.#depth, this.#length);
      if (turns.isDue) await turns.take();
    }
    return {
      findings: this.#findings,
      walks: this.#walk,
      steps: this.#steps,
      depth: this.#depth,
      states: this.#states.size,
      isTableFull: this.#states.isFull,
      limited: this.#limited,
      ...(this.#limitMessage === undefined ? {} : { limitMessage: this.#limitMessage }),
      isInterrupted: this.#walk < walks,
    };
  }

  /** One walk. */
  #run(choose: Chooser): void {
    const { maxSteps } = this.#options;
    this.#after.set(this.#initial);
    this.#checks.restart();
    this.#length = 0;
    this.#see();
    while (this.#length < maxSteps) {
      const choices = this.#world.choices(this.#access);
      if (choices.length === 0) {
        this.#note(this.#checks.ofEnd());
        return;
      }
      const index = choose(choices);
      this.#path[this.#length] = index;
      this.#length += 1;
      this.#take(choices[index] as Choice);
    }
  }

  #take(choice: Choice): void {
    const fingerprints = this.#fingerprints;
    fingerprints.takeStep(choice.event);
    // A step that was checked is not checked again: properties see nothing but the step, unless they gather.
    const isNew = this.#checked.add(fingerprints.low, fingerprints.high) || this.#checks.gathers;
    if (isNew) this.#before.set(this.#after);
    const observations = this.#world.stepOn(this.#access, choice);
    this.#see();
    if (isNew) this.#note(this.#checks.ofStep(choice.event, observations));
  }

  /** Notes down the state that the walk is in. */
  #see(): void {
    const fingerprints = this.#fingerprints;
    fingerprints.takeState(this.#after);
    if (this.#states.add(fingerprints.low, fingerprints.high))
      this.#options.newState?.(fingerprints.low, fingerprints.high);
  }

  #note(broken: readonly Broken[]): void {
    for (const { property, message } of broken) {
      const path = Array.from(this.#path.subarray(0, this.#length));
      const seed = derivedSeed(this.#options.seed, this.#walk);
      this.#findings.push({ property, message, path, walk: this.#walk, seed });
      for (const one of this.#checks.open) if (one.id === property) this.#checks.open.delete(one);
    }
  }
}
