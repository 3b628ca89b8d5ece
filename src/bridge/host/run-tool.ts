// Runs a program of the system: its output as text, its failure as one message.
import { spawn } from 'node:child_process';
import { InputError } from '../../engine/input-error.ts';

/** How a program is run. */
export interface ToolOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

const LAST_LINES = 3;

/**
 * Runs a program to its end.
 *
 * @returns its standard output
 * @throws InputError IRQB611 where it is not there, IRQB612 where it fails
 */
export async function tool(name: string, words: readonly string[], options: ToolOptions = {}): Promise<string> {
  const { cwd, environment = {}, signal } = options;
  const child = spawn(name, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd,
    env: { ...process.env, ...environment, LC_ALL: 'C' },
    signal,
  });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const code = await new Promise<number | null>((done, fail) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      fail(
        error.code === 'ENOENT'
          ? new InputError('IRQB611', `${name} is not installed`, { hint: packagesHint, cause: error })
          : error,
      );
    });
    child.on('close', done);
  });
  if (code === 0) return Buffer.concat(output).toString();
  const said = Buffer.concat(errors).toString().trim().split('\n').slice(-LAST_LINES).join(' / ');
  throw new InputError('IRQB612', `${name} ${words.slice(0, 2).join(' ')} fails: ${said}`);
}

/** Packages of Debian that a set-up and a run need. */
export const PACKAGES: readonly string[] = [
  'qemu-system-arm',
  'gcc-aarch64-linux-gnu',
  'libc6-dev-arm64-cross',
  'cpio',
  'kmod',
  'xz-utils',
  'ipxe-qemu',
];

const packagesHint = `on Debian: apt-get install ${PACKAGES.join(' ')}`;
