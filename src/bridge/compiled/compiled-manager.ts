// Compiled C as a manager that can be called: a process that goes back to any state, makes calls, and says what it saw.
import type { ChildProcessByStdio, ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import type { Callback } from '../../machines/manager/protocol.ts';
import { InputError } from '../../engine/input-error.ts';
import type { CallObserved, CallSystem, Performed } from '../call-system.ts';
import { namesOf } from '../call-system.ts';
import type { ManagerCall, Scope } from '../manager-calls.ts';
import { consumersOf, producersOf } from '../manager-calls.ts';
import type { CompiledProgram } from './compile.ts';

/** The program died of the tree's code. Exit code 2. */
export class HarnessError extends InputError {
  override readonly name = 'HarnessError';

  constructor(message: string) {
    super('IRQB503', message);
  }
}

/** What a state is, in names; harness.c, print_state(). */
interface StateText {
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

interface SeenText {
  readonly returns: number | null;
  readonly warn: boolean;
  readonly callbacks: readonly string[];
}

/** A line of the harness. */
interface Answer extends SeenText {
  readonly race?: SeenText;
  readonly trouble?: string;
  readonly corruption: boolean;
  /** The state's number; -1 for one that is of no use. */
  readonly to: number;
  /** The first time that it is met. */
  readonly state?: StateText;
}

const operations: Readonly<Record<ManagerCall['op'], number>> = {
  register_producer: 0,
  unregister_producer: 1,
  register_consumer: 2,
  unregister_consumer: 3,
};
const faults = { add_consumer: 1, add_producer: 2, allocation: 3, module_get: 4 };
const lackBits: Readonly<Partial<Record<Callback, number>>> = {
  add_consumer: 1,
  add_producer: 1,
  del_consumer: 2,
  del_producer: 2,
  stop: 4,
  start: 8,
};
/** A process that is told to end has so long to write its counters. */
const PATIENCE_MS = 10_000;
/** Of a report of a sanitizer: as many characters. */
const MOST_SAID = 20_000;

const number = (name: string | null | undefined): number =>
  name === null || name === undefined ? -1 : Number(name.slice(1));

function lineOf({ op, object, eventfd, fault, race }: ManagerCall): string {
  const mine = `${operations[op]} ${number(object)} ${number(eventfd)} ${fault === undefined ? 0 : faults[fault]}`;
  return race === undefined ? mine : `${mine} ${operations[race.op]} ${number(race.object)} ${number(race.eventfd)}`;
}

/** How structs are set up, and what callers do. */
export interface CompiledOptions {
  readonly scope: Scope;
  /** Callbacks that structs do without. */
  readonly lacks?: Readonly<Record<string, readonly Callback[]>>;
  /** Are producers given irqs, another for each key? Only with one eventfd: they tell eventfds apart. */
  readonly hasIrqs?: boolean;
  /** Where the key is the caller's: does it clear the key when its struct is not registered? */
  readonly isClean?: boolean;
}

/** A running harness. */
export class CompiledManager implements CallSystem<number> {
  readonly initial = 0;
  readonly #program: CompiledProgram;
  readonly #isClean: boolean;
  readonly #names: readonly string[];
  readonly #child: ChildProcessWithoutNullStreams;
  /** Makes the same calls, and counts which lines and branches they take. */
  readonly #counting: ChildProcessByStdio<Writable, null, null> | undefined;
  readonly #states: StateText[] = [];
  /** States whose bytes the process keeps, and how many want them. */
  readonly #kept = new Map<number, number>();
  #arguments: 1 | 2 | 3 = 1;
  #buffer = '';
  #lines: string[] = [];
  #wanted = 0;
  #resolve: (() => void) | undefined;
  #reject: ((error: Error) => void) | undefined;
  #death: Error | undefined;
  #said = '';

  private constructor(
    program: CompiledProgram,
    { scope, lacks = {}, hasIrqs = false, isClean = false }: CompiledOptions,
  ) {
    this.#program = program;
    this.#isClean = isClean;
    this.#names = namesOf(scope);
    const structs = [...producersOf(scope), ...consumersOf(scope)];
    const bits = structs.map((one) => (lacks[one] ?? []).reduce((sum, callback) => sum | (lackBits[callback] ?? 0), 0));
    const args = [scope.producers, scope.consumers, scope.eventfds, hasIrqs ? 1 : 0, ...bits].map(String);
    const env = {
      PATH: process.env['PATH'],
      ASAN_OPTIONS:
        'halt_on_error=0:detect_leaks=0:handle_segv=0:handle_sigbus=0:handle_sigfpe=0:hard_rss_limit_mb=2048:abort_on_error=0',
      UBSAN_OPTIONS: 'halt_on_error=0:print_stacktrace=0',
    };
    const cwd = program.folder;
    this.#child = spawn(program.program, args, { cwd, env, stdio: 'pipe' });
    this.#child.stdout.setEncoding('latin1').on('data', (text: string) => this.#read(text));
    this.#child.stderr.setEncoding('latin1').on('data', (text: string) => {
      if (this.#said.length < MOST_SAID) this.#said += text;
    });
    this.#child.on('error', (error) => this.#die(error.message));
    this.#child.on('close', (code, signal) => this.#die(signal ?? `exit code ${String(code)}`));
    this.#child.stdin.on('error', () => undefined);
    if (program.counting !== null) {
      this.#counting = spawn(program.counting, args, { cwd, env, stdio: ['pipe', 'ignore', 'ignore'] });
      this.#counting.on('error', () => undefined);
      this.#counting.stdin.on('error', () => undefined);
    }
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
    const [line] = await manager.#answered(1);
    const { state, form } = JSON.parse(line ?? '') as { readonly state: StateText; readonly form: 1 | 2 | 3 };
    manager.#states.push(state);
    manager.#arguments = form;
    return manager;
  }

  /** How many arguments irq_bypass_register_producer() has: the struct, its key (2b521d86ee80), its irq (23b54381cee2). */
  get arguments(): 1 | 2 | 3 {
    return this.#arguments;
  }

  /** What sanitizers printed. */
  get said(): string {
    return this.#said;
  }

  async performAll(state: number, calls: readonly ManagerCall[]): Promise<readonly Performed<number>[]> {
    if (calls.length === 0) return [];
    const lines = await this.#asked('go', state, calls, calls.length);
    return lines.map((line) => this.#performed(JSON.parse(line) as Answer));
  }

  async commute(state: number, calls: readonly ManagerCall[]): Promise<readonly boolean[]> {
    if (calls.length === 0) return [];
    const [digits = ''] = await this.#asked('commute', state, calls, 1);
    return calls.map((_, i) => digits[i] === '1');
  }

  /** Has calls made in a state. Answers the harness's lines. */
  #asked(how: string, state: number, calls: readonly ManagerCall[], lines: number): Promise<readonly string[]> {
    const idle = [...this.#kept].filter(([one, count]) => count === 0 && one !== state).map(([one]) => one);
    for (const one of idle) this.#kept.delete(one);
    // A line of the harness holds some thousand numbers.
    let text = '';
    for (let first = 0; first < idle.length; first += 1000)
      text += `drop ${idle.slice(first, first + 1000).join(' ')}\n`;
    text += `${how} ${state} ${this.#isClean ? 1 : 0} ${calls.length}\n${calls.map(lineOf).join('\n')}\n`;
    const answered = this.#answered(lines);
    this.#child.stdin.write(text, 'latin1');
    this.#counting?.stdin.write(text, 'latin1');
    return answered;
  }

  textOf(state: number): string {
    return String(state);
  }

  exchanged(state: number, permutation: Int32Array): string {
    const names = this.#names;
    const image = new Map(names.map((one, i) => [one, names[permutation[i] as number] as string]));
    const renamed = (text: string): string => text.replaceAll(/\b[pce]\d\b/g, (one) => image.get(one) ?? one);
    const of = this.#stateOf(state);
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
    this.#kept.set(state, (this.#kept.get(state) ?? 0) + 1);
  }

  release(state: number): void {
    this.#kept.set(state, Math.max(0, (this.#kept.get(state) ?? 0) - 1));
  }

  /** Ends the processes. Resolves when coverage is written; a process that does not end by itself is killed. */
  async close(): Promise<void> {
    this.#resolve = undefined;
    this.#reject = undefined;
    const ends = [this.#child, this.#counting].map(
      (child) =>
        new Promise<void>((resolve) => {
          // One that could not be started has no pid.
          if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return resolve();
          const patience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
          child.on('close', () => {
            clearTimeout(patience);
            resolve();
          });
          child.stdin.end();
        }),
    );
    await Promise.all(ends);
  }

  #stateOf(state: number): StateText {
    const found = this.#states[state];
    if (found === undefined) throw new RangeError(`the harness has told of no state ${state}`);
    return found;
  }

  #performed({ to, state, race, trouble, corruption, ...seen }: Answer): Performed<number> {
    if (state !== undefined && to >= 0) this.#states[to] = state;
    if (to > 0 && !this.#kept.has(to)) this.#kept.set(to, 0);
    const { producers, consumers, keys, irqs, peers, added, references } = state ?? this.#stateOf(to);
    const bindings = peers === null ? added : peers.filter((one) => one.startsWith('p'));
    const observed: CallObserved = {
      ...seen,
      ...(race === undefined ? {} : { race }),
      corruption,
      trouble: trouble ?? null,
      producers: producers?.toSorted() ?? null,
      consumers: consumers?.toSorted() ?? null,
      bindings: bindings.toSorted(),
      keys: keys.toSorted(),
      irqs: irqs.toSorted(),
      references,
    };
    return { state: to, observed };
  }

  /** Waits for so many lines. */
  #answered(count: number): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      if (this.#death !== undefined) return reject(this.#death);
      this.#wanted = count;
      this.#reject = reject;
      this.#resolve = () => resolve(this.#lines.splice(0, count));
      this.#wake();
    });
  }

  #read(text: string): void {
    const lines = (this.#buffer + text).split('\n');
    this.#buffer = lines.pop() ?? '';
    this.#lines.push(...lines);
    this.#wake();
  }

  #wake(): void {
    if (this.#lines.length < this.#wanted) return;
    const resolve = this.#resolve;
    this.#resolve = undefined;
    this.#reject = undefined;
    resolve?.();
  }

  #die(how: string): void {
    const last =
      this.#said
        .trim()
        .split('\n')
        .findLast((line) => line.trim() !== '') ?? '';
    this.#death = new HarnessError(
      `${this.#program.kernel.title}: the compiled code ended the harness (${how})${last === '' ? '' : `: ${last}`}`,
    );
    this.#reject?.(this.#death);
  }
}
