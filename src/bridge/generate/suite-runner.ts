// Generated KUnit suites in user space, with somebody's irqbypass.c: the harness has a KUnit of its own (harness/kunit).
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CompileError, ended, freestandingFlags, harness } from '../compiled/compile.ts';

/** What a suite said. */
export interface SuiteRun {
  /** Did all cases pass? */
  readonly isPassed: boolean;
  readonly ktap: string;
}

/** One suite, compiled, to be linked with one manager after another. */
export class SuiteRunner {
  readonly #folder: string;
  readonly #flags: readonly string[];

  private constructor(folder: string, flags: readonly string[]) {
    this.#folder = folder;
    this.#flags = flags;
  }

  /**
   * Compiles a suite.
   *
   * @param folder - where; it must not be there yet
   * @param header - irqbypass.h of the managers
   * @param suite - a generated file
   * @throws CompileError where it does not compile
   */
  static async of(folder: string, header: string, suite: string): Promise<SuiteRunner> {
    mkdirSync(join(folder, 'include', 'linux'), { recursive: true });
    symlinkSync(header, join(folder, 'include', 'linux', 'irqbypass.h'));
    writeFileSync(join(folder, 'suite.c'), suite);
    const runner = new SuiteRunner(folder, [...(await freestandingFlags(folder)), '-O1', '-I', 'include']);
    await runner.#gcc([...runner.#flags, '-c', 'suite.c', '-o', 'suite.o']);
    await runner.#gcc([...runner.#flags, '-DHARNESS_NO_SANITIZER', '-c', join(harness, 'custom.c'), '-o', 'custom.o']);
    const hosted = ['-std=gnu11', '-O1', '-w', '-I', harness, '-c'];
    await runner.#gcc([...hosted, join(harness, 'kunit-runner.c'), '-o', 'runner.o']);
    await runner.#gcc([...hosted, join(harness, 'kunit', 'threads.c'), '-o', 'threads.o']);
    return runner;
  }

  /**
   * Runs the suite with a manager.
   *
   * @param source - its irqbypass.c
   * @param name - of the objects that are built, different for those that are built at once
   * @throws CompileError where it does not compile
   */
  async run(source: string, name = 'tree'): Promise<SuiteRun> {
    const include = ['-include', join(harness, 'kernel.h')];
    await this.#gcc([...this.#flags, ...include, '-c', source, '-o', `${name}.o`]);
    await this.#gcc([`${name}.o`, 'suite.o', 'custom.o', 'runner.o', 'threads.o', '-o', name]);
    const { status, stdout } = await ended(join(this.#folder, name), [], this.#folder);
    return { isPassed: status === 0, ktap: stdout };
  }

  async #gcc(args: readonly string[]): Promise<void> {
    const { status, stderr } = await ended('gcc', args, this.#folder);
    if (status !== 0) throw new CompileError(stderr.trim());
  }
}
