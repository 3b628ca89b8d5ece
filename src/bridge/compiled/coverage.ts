// Which lines and branches of irqbypass.c a search took, as gcov counts them.
import { join } from 'node:path';
import type { CompiledProgram } from './compile.ts';
import { CompileError, ended } from './compile.ts';

/** Parts of a whole, from 0 to 1, and what was never taken. */
export interface Coverage {
  readonly lines: number;
  readonly branches: number;
  /** Lines of irqbypass.c that were never executed. */
  readonly missedLines: readonly number[];
  /** Lines with a branch that was never taken. */
  readonly missedBranches: readonly number[];
}

interface GcovFile {
  readonly file: string;
  readonly lines: readonly {
    readonly line_number: number;
    readonly count: number;
    readonly branches: readonly { readonly count: number }[];
  }[];
}

/**
 * Reads the counters of a program that was compiled with `counts`, after its processes have ended.
 *
 * @throws CompileError where gcov is not there
 */
export async function coverageOf({ counting, folder, kernel }: CompiledProgram): Promise<Coverage> {
  if (counting === null) throw new Error('the program does not count');
  const args = ['--json-format', '--stdout', '--branch-probabilities', join(folder, 'counting', 'unit.gcda')];
  const { status, stdout, stderr } = await ended('gcov', args, join(folder, 'counting'));
  if (status !== 0) throw new CompileError(`gcov: ${stderr.trim()}`, 'install gcc, which has gcov');
  const { files } = JSON.parse(stdout) as { readonly files: readonly GcovFile[] };
  const one = files.find(({ file }) => file.endsWith('tree/irqbypass.c'));
  if (one === undefined) throw new CompileError(`gcov: has no counters of ${kernel.source}`);
  const branches = one.lines.flatMap((line) => line.branches.map(({ count }) => ({ line: line.line_number, count })));
  const taken = (some: readonly { readonly count: number }[]): number =>
    some.length === 0 ? 1 : some.filter(({ count }) => count > 0).length / some.length;
  return {
    lines: taken(one.lines),
    branches: taken(branches),
    missedLines: one.lines.filter(({ count }) => count === 0).map((line) => line.line_number),
    missedBranches: [...new Set(branches.filter(({ count }) => count === 0).map(({ line }) => line))],
  };
}
