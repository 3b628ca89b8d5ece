// The compiled program as a process: lines go in, a line answers each question, definitions come before.
import type { ChildProcessByStdio, ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { InputError } from '../../engine/input-error.ts';
import type { CompiledProgram } from './compile.ts';

/** The program died of the tree's code. Exit code 2. */
export class HarnessError extends InputError {
  override readonly name = 'HarnessError';

  constructor(message: string) {
    super('IRQB503', message);
  }
}

/** An answer, and the definitions that came since the last one. */
export interface Answer {
  readonly line: string;
  readonly told: readonly string[];
}

interface Question {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** A process that is told to end has so long to do so; one that counts may have calls to make. */
const PATIENCE_MS = 10_000;
const COUNTING_PATIENCE_MS = 120_000;
/** Of a report of a sanitizer: as many characters. */
const MOST_SAID = 20_000;
/** So much is kept for the process that counts before it is told: nobody waits for it. Characters. */
const BATCH_CHARACTERS = 1 << 14;

const ENVIRONMENT = {
  PATH: process.env['PATH'],
  ASAN_OPTIONS:
    'halt_on_error=0:detect_leaks=0:handle_segv=0:handle_sigbus=0:handle_sigfpe=0:hard_rss_limit_mb=2048:abort_on_error=0',
  UBSAN_OPTIONS: 'halt_on_error=0:print_stacktrace=0',
};

/** A running harness, and one that does the same and counts which lines and branches are taken. */
export class HarnessProcess {
  readonly #title: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #counting: ChildProcessByStdio<Writable, null, null> | undefined;
  readonly #questions: Question[] = [];
  #rest = '';
  #told: string[] = [];
  #unsent = '';
  #batch = '';
  #death: Error | undefined;
  #said = '';

  constructor({ kernel, program, counting, folder: cwd }: CompiledProgram, args: readonly string[]) {
    this.#title = kernel.title;
    this.#child = spawn(program, args, { cwd, env: ENVIRONMENT, stdio: 'pipe' });
    this.#child.stdout.setEncoding('latin1').on('data', (text: string) => this.#read(text));
    this.#child.stderr.setEncoding('latin1').on('data', (text: string) => {
      if (this.#said.length < MOST_SAID) this.#said += text;
    });
    this.#child.on('error', (error) => this.#die(error.message));
    this.#child.on('close', (code, signal) => this.#die(signal ?? `exit code ${String(code)}`));
    this.#child.stdin.on('error', () => undefined);
    if (counting === null) return;
    this.#counting = spawn(counting, args, { cwd, env: ENVIRONMENT, stdio: ['pipe', 'ignore', 'ignore'] });
    this.#counting.on('error', () => undefined);
    this.#counting.stdin.on('error', () => undefined);
  }

  /** What sanitizers printed. */
  get said(): string {
    return this.#said;
  }

  /** The next line that answers. Rejects with HarnessError where the process ends before. */
  answer(): Promise<Answer> {
    const answer = new Promise<Answer>((resolve, reject) => {
      if (this.#death === undefined) this.#questions.push({ resolve, reject });
      else reject(this.#death);
    });
    // Whoever asks ahead may never look.
    answer.catch(() => undefined);
    return answer;
  }

  /** Lines to be sent: commands, each with its end. They are on their way after `flush`. */
  send(text: string): void {
    this.#unsent += text;
  }

  /** Sends what was not sent yet. */
  flush(): void {
    if (this.#unsent === '') return;
    this.#child.stdin.write(this.#unsent, 'latin1');
    if (this.#counting !== undefined) this.#batch += this.#unsent;
    this.#unsent = '';
    if (this.#batch.length >= BATCH_CHARACTERS) this.#sendBatch();
  }

  #sendBatch(): void {
    this.#counting?.stdin.write(this.#batch, 'latin1');
    this.#batch = '';
  }

  /** Ends the processes. Resolves when coverage is written; a process that does not end by itself is killed. */
  async close(): Promise<void> {
    this.#questions.length = 0;
    this.#sendBatch();
    const ends = [[this.#child, PATIENCE_MS] as const, [this.#counting, COUNTING_PATIENCE_MS] as const].map(
      ([child, patienceMs]) =>
        new Promise<void>((resolve) => {
          // One that could not be started has no pid.
          if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return resolve();
          const patience = setTimeout(() => child.kill('SIGKILL'), patienceMs);
          child.on('close', () => {
            clearTimeout(patience);
            resolve();
          });
          child.stdin.end();
        }),
    );
    await Promise.all(ends);
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('{')) {
        this.#told.push(line);
        continue;
      }
      const told = this.#told;
      this.#told = [];
      this.#questions.shift()?.resolve({ line, told });
    }
  }

  #die(how: string): void {
    const last =
      this.#said
        .trim()
        .split('\n')
        .findLast((line) => line.trim() !== '') ?? '';
    this.#death = new HarnessError(
      `${this.#title}: the compiled code ended the harness (${how})${last === '' ? '' : `: ${last}`}`,
    );
    for (const question of this.#questions.splice(0)) question.reject(this.#death);
  }
}
