// Compiles somebody's irqbypass.c with headers of our own into a program that can be driven (harness/).
//
// The file is included as it is, through a link in a scratch folder. Headers are those of harness/linux and the tree's own
// irqbypass.h, nothing else: what a future kernel includes besides is one clear message, not a header of this machine.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../engine/input-error.ts';
import type { KernelFile } from './kernel-file.ts';

/** C that does not compile, or no compiler. */
export class CompileError extends InputError {
  override readonly name = 'CompileError';

  constructor(message: string, hint?: string) {
    super('IRQB502', message, { hint });
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
}

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

/**
 * Compiles the program of a kernel file.
 *
 * @param kernel - which file
 * @param options - `counts`: for coverage, too; `folder`: kept there, not in a scratch folder
 * @throws CompileError with the compiler's first error, and the header that is missing
 */
export async function compile(
  kernel: KernelFile,
  { counts = false, folder: wanted }: { readonly counts?: boolean; readonly folder?: string } = {},
): Promise<CompiledProgram> {
  const folder = wanted ?? mkdtempSync(join(tmpdir(), 'irqbypass-harness-'));
  try {
    mkdirSync(join(folder, 'include', 'linux'), { recursive: true });
    mkdirSync(join(folder, 'tree'), { recursive: true });
    symlinkSync(kernel.header, join(folder, 'include', 'linux', 'irqbypass.h'));
    symlinkSync(kernel.source, join(folder, 'tree', 'irqbypass.c'));
    const freestanding = await freestandingFlags(folder);
    const made = await Promise.all([
      link(kernel, folder, freestanding, 'program', ['-O1', ...SANITIZERS]),
      ...(counts ? [link(kernel, folder, freestanding, 'counting', ['-O0', ...COVERAGE])] : []),
    ]);
    return { kernel, folder, program: made[0], counting: made[1] ?? null };
  } catch (error) {
    // A folder of the user's stays as it was.
    for (const one of wanted === undefined ? ['.'] : ['include', 'tree', 'program', 'counting'])
      rmSync(join(folder, one), { recursive: true, force: true });
    throw error;
  }
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

async function link(
  kernel: KernelFile,
  folder: string,
  freestanding: readonly string[],
  name: string,
  flags: readonly string[],
): Promise<string> {
  const isCounting = name === 'counting';
  const own = join(folder, name);
  mkdirSync(own, { recursive: true });
  const ours = [...freestanding, '-g', '-fdata-sections', '-fno-common'];
  const unit = [
    `-DHARNESS_KEY=${kernel.keyField}`,
    ...(kernel.hasPeers ? ['-DHARNESS_PEERS'] : []),
    ...(kernel.hasSets ? ['-DHARNESS_SETS'] : []),
    ...(kernel.nodeField === null ? [] : [`-DHARNESS_NODE=${kernel.nodeField}`]),
    '-iquote',
    join(folder, 'tree'),
    '-I',
    join(folder, 'include'),
  ];
  const object = (one: string): string => join(own, `${one}.o`);
  const source = (one: string): string => join(harness, `${one}.c`);
  // Our own symbols are not what coverage is asked of.
  const plain = isCounting ? ['-O1', '-DHARNESS_NO_SANITIZER'] : flags;
  await Promise.all([
    gcc(kernel, folder, [...flags, ...ours, ...unit, '-c', source('unit'), '-o', object('unit')]),
    gcc(kernel, folder, [...plain, ...ours, '-c', source('custom'), '-o', object('custom')]),
    gcc(kernel, folder, [
      '-std=gnu11',
      '-O2',
      '-g',
      '-w',
      '-I',
      harness,
      '-c',
      source('harness'),
      '-o',
      object('harness'),
    ]),
  ]);
  const program = join(own, 'irqbypass-harness');
  const objects = ['unit', 'custom', 'harness'].map(object);
  await gcc(kernel, folder, [...flags, ...objects, `-Wl,-T,${join(harness, 'state.ld')}`, '-o', program]);
  return program;
}

async function gcc(kernel: KernelFile, folder: string, args: readonly string[]): Promise<void> {
  const { status, stderr } = await ended('gcc', args, folder);
  if (status === 0) return;
  const first = stderr.split('\n').find((line) => /\berror:|undefined reference/.test(line)) ?? stderr.split('\n')[0];
  const text = (first ?? '')
    .replaceAll(join(folder, 'tree', 'irqbypass.c'), kernel.shown.source)
    .replaceAll(join(folder, 'include', 'linux', 'irqbypass.h'), kernel.shown.header);
  const missing = /([\w./-]+\.h): No such file or directory/.exec(text)?.[1];
  throw new CompileError(
    `${text} (${kernel.title} does not compile)`,
    missing === undefined
      ? /undefined reference|undeclared|unknown type|implicit/.test(text)
        ? 'kernel symbols that the harness has: docs/cli/conform.md'
        : undefined
      : `the harness has no ${missing}: which headers it has is in docs/cli/conform.md`,
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
