// Compiled C as a manager that can be called: a process that goes back to any state, makes calls, and says what it saw.
import type { Callback } from '../../machines/manager/protocol.ts';
import type { CallSystem, Performed } from '../call-system.ts';
import { namesOf } from '../call-system.ts';
import type { SightOptions } from '../callback-sights.ts';
import type { ManagerCall, Scope } from '../manager-calls.ts';
import { consumersOf, producersOf } from '../manager-calls.ts';
import { CallNumbers, rangesText } from './call-numbers.ts';
import type { CompiledProgram } from './compile.ts';
import type { Outcomes } from './harness-answers.ts';
import { HarnessAnswers } from './harness-answers.ts';
import type { Answer } from './harness-process.ts';
import { HarnessProcess } from './harness-process.ts';
import { LookAhead } from './look-ahead.ts';

/** Answers to the questions of one state that were asked before the search came to it. */
interface Prepared {
  /** Places in the answers by the numbers of calls; -1 for calls that were not asked of. */
  readonly madeAt: Int32Array;
  readonly outcomes: Promise<Outcomes>;
  readonly commutingAt: Int32Array;
  readonly digits: Promise<string>;
}

/** Of so many states it is asked before the search comes to them. */
const AHEAD_MAX = 16;

const lackBits: Readonly<Partial<Record<Callback, number>>> = {
  add_consumer: 1,
  add_producer: 1,
  del_consumer: 2,
  del_producer: 2,
  stop: 4,
  start: 8,
};

/** How structs are set up, and what callers do. */
export interface CompiledOptions {
  readonly scope: Scope;
  /** Callbacks that structs do without. */
  readonly lacks?: Readonly<Record<string, readonly Callback[]>>;
  /** Are producers given irqs, another for each key? Only with one eventfd: they tell eventfds apart. */
  readonly hasIrqs?: boolean;
  /** Where the key is the caller's: does it clear the key when its struct is not registered? */
  readonly isClean?: boolean;
  /** Is it noted what callbacks could see while they ran? */
  readonly sights?: SightOptions;
  /** Is the same asked of every state that is held, in their order? Then it is asked of the next one while the last is looked at. */
  readonly looksAhead?: boolean;
}

/** A running harness. */
export class CompiledManager implements CallSystem<number> {
  readonly initial = 0;
  readonly #process: HarnessProcess;
  readonly #names: readonly string[];
  readonly #numbers = new CallNumbers();
  readonly #answers: HarnessAnswers;
  readonly #lookAhead: LookAhead | undefined;
  /** Of the state that is asked of, and of the next ones. */
  readonly #prepared = new Map<number, Prepared>();
  #current = -1;
  #arguments: 1 | 2 | 3 = 1;

  private constructor(
    program: CompiledProgram,
    { scope, lacks = {}, hasIrqs = false, isClean = false, looksAhead = false, sights }: CompiledOptions,
  ) {
    this.#names = namesOf(scope);
    this.#answers = new HarnessAnswers(sights);
    this.#lookAhead = looksAhead ? new LookAhead() : undefined;
    const structs = [...producersOf(scope), ...consumersOf(scope)];
    const bits = structs.map((one) => (lacks[one] ?? []).reduce((sum, callback) => sum | (lackBits[callback] ?? 0), 0));
    const flags = [hasIrqs, isClean, sights !== undefined].map(Number);
    this.#process = new HarnessProcess(
      program,
      [scope.producers, scope.consumers, scope.eventfds, ...flags, ...bits].map(String),
    );
  }

  /**
   * Starts a program.
   *
   * @param program - what `compile` made
   * @param options - scope and set-up
   * @throws HarnessError where it does not start
   */
  static async start(program: CompiledProgram, options: CompiledOptions): Promise<CompiledManager> {
    const manager = new CompiledManager(program, options);
    const answer = await manager.#process.answer();
    manager.#answers.note(answer);
    manager.#arguments = Number(answer.line) as 1 | 2 | 3;
    return manager;
  }

  /** How many arguments irq_bypass_register_producer() has: the struct, its key (2b521d86ee80), its irq (23b54381cee2). */
  get arguments(): 1 | 2 | 3 {
    return this.#arguments;
  }

  /** What sanitizers printed. */
  get said(): string {
    return this.#process.said;
  }

  async performAll(state: number, calls: readonly ManagerCall[]): Promise<readonly Performed<number>[]> {
    if (calls.length === 0) return [];
    const numbers = this.#numbers.of(calls);
    const prepared = this.#begin(state);
    this.#lookAhead?.makes(numbers);
    const places = placesIn(prepared?.madeAt, numbers);
    const missing = numbers.filter((_, i) => (places[i] as number) < 0);
    const asked = missing.length === 0 ? undefined : this.#askOutcomes(state, missing);
    this.#process.flush();
    this.#prepareNext();
    const [known, others] = await Promise.all([prepared?.outcomes, asked]);
    let next = 0;
    return Array.from(places, (place) =>
      place < 0
        ? this.#answers.performed(others as Outcomes, next++)
        : this.#answers.performed(known as Outcomes, place),
    );
  }

  async commute(state: number, calls: readonly ManagerCall[]): Promise<readonly boolean[]> {
    if (calls.length === 0) return [];
    const numbers = this.#numbers.of(calls);
    const prepared = this.#begin(state);
    this.#lookAhead?.commutes(numbers);
    const places = placesIn(prepared?.commutingAt, numbers);
    const missing = numbers.filter((_, i) => (places[i] as number) < 0);
    const asked = missing.length === 0 ? undefined : this.#askCommuting(state, missing);
    this.#process.flush();
    const [known, others] = await Promise.all([prepared?.digits, asked]);
    let next = 0;
    return Array.from(places, (place) => (place < 0 ? others?.[next++] : known?.[place]) === '1');
  }

  /** What was prepared for a state. */
  #begin(state: number): Prepared | undefined {
    if (this.#lookAhead?.begin(state) === true) {
      this.#prepared.delete(this.#current);
      this.#current = state;
    }
    return this.#prepared.get(state);
  }

  /** Asks of the next states what was asked of the last one; of several at once, as whoever writes to a process wakes it. */
  #prepareNext(): void {
    const next = this.#lookAhead?.next(AHEAD_MAX);
    if (next === undefined) return;
    const missing = next.states.filter((state) => !this.#prepared.has(state));
    if (next.states.length - missing.length > AHEAD_MAX / 2) return;
    const { made, commuting } = next.asked;
    const [madeAt, commutingAt] = [made, commuting].map((one) => placesOf(one, this.#numbers.count));
    for (const state of new Set(missing))
      this.#prepared.set(state, {
        madeAt: madeAt as Int32Array,
        outcomes: quiet(this.#askOutcomes(state, made)),
        commutingAt: commutingAt as Int32Array,
        digits: quiet(this.#askCommuting(state, commuting)),
      });
    this.#process.flush();
  }

  async #askOutcomes(state: number, numbers: Int32Array): Promise<Outcomes> {
    return this.#answers.note(await this.#ask('go', state, numbers));
  }

  async #askCommuting(state: number, numbers: Int32Array): Promise<string> {
    const answer = await this.#ask('commute', state, numbers);
    this.#answers.note({ ...answer, line: '' });
    return answer.line;
  }

  #ask(how: string, state: number, numbers: Int32Array): Promise<Answer> {
    const answer = this.#process.answer();
    this.#process.send(`${this.#numbers.takeLines()}${how} ${state}${rangesText(numbers)}\n`);
    return answer;
  }

  textOf(state: number): string {
    return String(state);
  }

  exchanged(state: number, permutation: Int32Array): string {
    const names = this.#names;
    const image = new Map(names.map((one, i) => [one, names[permutation[i] as number] as string]));
    const renamed = (text: string): string => text.replaceAll(/\b[pce]\d\b/g, (one) => image.get(one) ?? one);
    const of = this.#answers.textOf(state);
    const structs = names
      .filter((one) => !one.startsWith('e'))
      .map((one) => `${image.get(one) ?? one}:${renamed(of[one as 'p0'] ?? '')}`)
      .toSorted();
    const sorted = (some: readonly string[] | null): string => (some ?? []).map(renamed).toSorted().join();
    // Lists have an order: it is in the words of their heads and nodes.
    return [
      ...structs,
      renamed(of.rest),
      ...[of.producers, of.consumers, of.added].map(sorted),
      String(of.references),
    ].join('|');
  }

  hold(state: number): void {
    this.#lookAhead?.hold(state);
  }

  release(): void {
    // The process keeps every state: a tenth of what the search itself keeps of it.
  }

  /** Ends the processes. Resolves when coverage is written; a process that does not end by itself is killed. */
  close(): Promise<void> {
    return this.#process.close();
  }
}

/** Where numbers are in a list, by number. */
function placesOf(numbers: Int32Array, count: number): Int32Array {
  const places = new Int32Array(count).fill(-1);
  for (const [place, number] of numbers.entries()) places[number] = place;
  return places;
}

const placesIn = (places: Int32Array | undefined, numbers: Int32Array): Int32Array =>
  numbers.map((number) => places?.[number] ?? -1);

/** Nobody may look at it: then nobody is told where it fails. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
