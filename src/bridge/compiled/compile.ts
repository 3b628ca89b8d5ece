// Compiles somebody's irqbypass.c with headers of our own into a program that can be driven (harness/).
//
// The file is included as it is, through a link in a scratch folder. Headers are those of harness/linux and the tree's own
// irqbypass.h, nothing else: what a future kernel includes besides is one clear message, not a header of this machine.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../engine/input-error.ts';
import type { KernelFile } from './kernel-file.ts';
import { XARRAY_HEADER, XARRAY_SOURCE } from './kernel-file.ts';

/** C that does not compile, or no compiler. */
export class CompileError extends InputError {
  override readonly name = 'CompileError';
  /** The compiler's first error alone. */
  readonly said: string;

  constructor(message: string, hint?: string, said = message) {
    super('IRQB502', message, { hint });
    this.said = said;
  }
}

/** A program that can be driven, in a folder of its own. */
export interface CompiledProgram {
  readonly kernel: KernelFile;
  /** The program with sanitizers. */
  readonly program: string;
  /** The same for coverage; its counters are written into the folder when it ends. */
  readonly counting: string | null;
  readonly folder: string;
  /** Whose XArray it has; null where the manager uses none. */
  readonly xarray: XarrayUsed | null;
}

/** The tree's lib/xarray.c, or the harness's own, and why. */
export type XarrayUsed = { readonly of: 'tree' } | { readonly of: 'shim'; readonly why: string };

/** The folder of the C that the lab brings. */
export const harness = fileURLToPath(new URL('harness', import.meta.url));
/** Milliseconds that a compiler may take. */
const MOST_MS = 60_000;
const SANITIZERS = ['-fsanitize=address,undefined', '-fsanitize-recover=all'];
const COVERAGE = ['--coverage', '-fprofile-update=single'];

/** What was said by a command that has ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a program is built. */
export interface CompileOptions {
  /** For coverage, too? */
  readonly counts?: boolean;
  /** It is kept there, not in a scratch folder. */
  readonly folder?: string;
  /** XA_CHUNK_SHIFT of the tree's XArray, where it is not the tree's own: nodes of 2^shift slots. */
  readonly chunkShift?: number;
}

/**
 * Compiles the program of a kernel file: with the tree's own lib/xarray.c where the manager uses it and it compiles.
 *
 * @param kernel - which file
 * @param options - what is built, and where
 * @throws CompileError with the compiler's first error, and the header that is missing
 */
export async function compile(kernel: KernelFile, options: CompileOptions = {}): Promise<CompiledProgram> {
  const { xarray } = kernel;
  if (xarray === null) return build(kernel, null, options);
  if ('missing' in xarray) return build(kernel, { of: 'shim', why: `the tree has no ${xarray.missing}` }, options);
  try {
    return await build(kernel, { of: 'tree' }, options);
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    // Where the manager itself does not compile it does not do so with ours either, and is told so.
    return build(kernel, { of: 'shim', why: error.said }, options);
  }
}

/** Parts of the program that are the same for every tree and every build. */
const COMMON = ['harness', 'states', 'tell'];

async function build(
  kernel: KernelFile,
  xarray: XarrayUsed | null,
  { counts = false, folder: wanted, chunkShift }: CompileOptions,
): Promise<CompiledProgram> {
  const folder = wanted ?? mkdtempSync(join(tmpdir(), 'irqbypass-harness-'));
  try {
    linkSources(kernel, folder, xarray);
    const builder = new Builder(kernel, folder, xarray, chunkShift);
    await builder.begin();
    const [program = '', counting = null] = await allOf([
      builder.link('program', ['-O1', ...SANITIZERS]),
      ...(counts ? [builder.link('counting', ['-O0', ...COVERAGE])] : []),
    ]);
    return { kernel, folder, program, counting, xarray };
  } catch (error) {
    // A folder of the user's stays as it was.
    for (const one of wanted === undefined ? ['.'] : ['include', 'tree', 'common', 'program', 'counting'])
      rmSync(join(folder, one), { recursive: true, force: true });
    throw error;
  }
}

/** Links to the files of the tree: what is included is found there, and nothing else of the tree. */
function linkSources({ header, source, xarray: files }: KernelFile, folder: string, xarray: XarrayUsed | null): void {
  const linux = join(folder, 'include', 'linux');
  for (const one of [linux, ...['tree', 'common'].map((name) => join(folder, name))])
    mkdirSync(one, { recursive: true });
  symlinkSync(header, join(linux, 'irqbypass.h'));
  symlinkSync(source, join(folder, 'tree', 'irqbypass.c'));
  if (xarray?.of !== 'tree' || files === null || 'missing' in files) return;
  symlinkSync(files.header, join(linux, 'xarray.h'));
  symlinkSync(files.source, join(folder, 'tree', 'xarray.c'));
}

/**
 * Flags for C that is no program of this machine: no headers but those of the compiler and of the harness.
 *
 * @param folder - where the compiler is run
 * @throws CompileError where there is none
 */
export async function freestandingFlags(folder: string): Promise<readonly string[]> {
  const { status, stdout, stderr } = await ended('gcc', ['-print-file-name=include'], folder);
  if (status !== 0) throw new CompileError(`gcc: ${stderr.trim()}`);
  return ['-std=gnu11', '-w', '-ffreestanding', '-nostdinc', '-isystem', stdout.trim(), '-I', harness];
}

/** What all come to; of several errors always the same is thrown: the first in their order, not in time. */
async function allOf<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  const values: T[] = [];
  for (const one of promises) values.push(await one);
  return values;
}

/** Builds programs of one kernel file in one folder. */
class Builder {
  readonly #kernel: KernelFile;
  readonly #folder: string;
  readonly #units: readonly string[];
  readonly #definitions: readonly string[];
  #freestanding: readonly string[] = [];

  constructor(kernel: KernelFile, folder: string, xarray: XarrayUsed | null, chunkShift?: number) {
    this.#kernel = kernel;
    this.#folder = folder;
    const isTree = xarray?.of === 'tree';
    this.#units = [...(isTree ? ['nodes'] : []), 'unit', 'custom'];
    this.#definitions = [
      `-DHARNESS_KEY=${kernel.keyField}`,
      ...(kernel.hasPeers ? ['-DHARNESS_PEERS'] : []),
      ...(kernel.hasSets ? ['-DHARNESS_SETS'] : []),
      ...(kernel.nodeField === null ? [] : [`-DHARNESS_NODE=${kernel.nodeField}`]),
      ...(isTree ? ['-DHARNESS_TREE_XARRAY'] : []),
      ...(chunkShift === undefined ? [] : [`-DXA_CHUNK_SHIFT=${chunkShift}`]),
    ];
  }

  /** Compiles what all programs have. */
  async begin(): Promise<void> {
    this.#freestanding = await freestandingFlags(this.#folder);
    const flags = ['-std=gnu11', '-O2', '-g', '-w', '-I', harness];
    await allOf(COMMON.map((one) => this.#gcc([...flags, '-c', this.#source(one), '-o', this.#common(one)])));
  }

  /** Links a program of a name. */
  async link(name: 'program' | 'counting', flags: readonly string[]): Promise<string> {
    const folder = join(this.#folder, name);
    mkdirSync(folder, { recursive: true });
    const object = (one: string): string => join(folder, `${one}.o`);
    // Headers of the tree come before those of the same name that the harness has.
    const ours = ['-I', join(this.#folder, 'include'), ...this.#freestanding, '-g', '-fdata-sections', '-fno-common'];
    const tree = ['-iquote', join(this.#folder, 'tree'), ...this.#definitions];
    // Our own symbols, and the tree's XArray, are not what coverage is asked of.
    const plain = name === 'counting' ? ['-O1', '-DHARNESS_NO_SANITIZER'] : flags;
    await allOf(
      this.#units.map((one) =>
        this.#gcc([...(one === 'unit' ? flags : plain), ...ours, ...tree, '-c', this.#source(one), '-o', object(one)]),
      ),
    );
    const program = join(folder, 'irqbypass-harness');
    const objects = [...this.#units.map(object), ...COMMON.map((one) => this.#common(one))];
    await this.#gcc([...flags, ...objects, `-Wl,-T,${join(harness, 'state.ld')}`, '-o', program]);
    return program;
  }

  #source(name: string): string {
    return join(harness, `${name}.c`);
  }

  #common(name: string): string {
    return join(this.#folder, 'common', `${name}.o`);
  }

  async #gcc(args: readonly string[]): Promise<void> {
    const { status, stderr } = await ended('gcc', args, this.#folder);
    if (status !== 0) throw compileError(this.#kernel, this.#folder, stderr);
  }
}

/** The compiler's first error, in the words of the tree. */
function compileError({ title, shown }: KernelFile, folder: string, stderr: string): CompileError {
  const first = stderr.split('\n').find((line) => /\berror:|undefined reference/.test(line)) ?? stderr.split('\n')[0];
  const text = [
    [join(folder, 'tree', 'irqbypass.c'), shown.source],
    [join(folder, 'include', 'linux', 'irqbypass.h'), shown.header],
    [join(folder, 'tree', 'xarray.c'), XARRAY_SOURCE],
    [join(folder, 'include', 'linux', 'xarray.h'), XARRAY_HEADER],
    [`${harness}${sep}`, ''],
  ].reduce((line, [from = '', to = '']) => line.replaceAll(from, to), first ?? '');
  const missing = /([\w./-]+\.h): No such file or directory/.exec(text)?.[1];
  return new CompileError(
    `${text} (${title} does not compile)`,
    missing === undefined
      ? /undefined reference|undeclared|unknown type|implicit/.test(text)
        ? 'kernel symbols that the harness has: docs/cli/conform.md'
        : undefined
      : `the harness has no ${missing}: which headers it has is in docs/cli/conform.md`,
    text,
  );
}

/** Runs a command, without a shell, for a minute at most. Throws CompileError where it is not there. */
export function ended(command: string, args: readonly string[], cwd: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: MOST_MS,
      env: { ...process.env, LC_ALL: 'C' },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    child.on('error', ({ message }) =>
      reject(new CompileError(`${command} cannot be run: ${message}`, `install ${command} (apt-get install gcc)`)),
    );
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
}

/** Takes away what was built. */
export function removeProgram({ folder }: CompiledProgram): void {
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
}
