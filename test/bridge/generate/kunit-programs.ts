// Generated KUnit suites, compiled with a tree's irqbypass.c in user space and run: the project's own KUnit (harness/kunit).
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const harness = fileURLToPath(new URL('../../../src/bridge/compiled/harness', import.meta.url));

/** Compiles and runs a suite with a tree. Answers the exit code and the KTAP. */
export function ranSuite(
  folder: string,
  tree: string,
  suite: string,
): { readonly status: number | null; readonly ktap: string } {
  mkdirSync(join(folder, 'include', 'linux'), { recursive: true });
  symlinkSync(join(tree, 'include', 'linux', 'irqbypass.h'), join(folder, 'include', 'linux', 'irqbypass.h'));
  writeFileSync(join(folder, 'suite.c'), suite);
  const gcc = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync('gcc', args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return stdout.trim();
  };
  const kernel = [
    '-std=gnu11',
    '-O1',
    '-g',
    '-w',
    '-ffreestanding',
    '-nostdinc',
    '-isystem',
    gcc('-print-file-name=include'),
  ];
  const headers = ['-I', 'include', '-I', harness, '-I', join(harness, 'kunit', '..')];
  gcc(
    ...kernel,
    ...headers,
    '-include',
    join(harness, 'kernel.h'),
    '-c',
    join(tree, 'virt', 'lib', 'irqbypass.c'),
    '-o',
    'tree.o',
  );
  gcc(...kernel, ...headers, '-c', 'suite.c', '-o', 'suite.o');
  gcc(...kernel, ...headers, '-DHARNESS_NO_SANITIZER', '-c', join(harness, 'custom.c'), '-o', 'custom.o');
  gcc(
    '-std=gnu11',
    '-O1',
    '-w',
    '-I',
    harness,
    join(harness, 'kunit-runner.c'),
    'tree.o',
    'suite.o',
    'custom.o',
    '-o',
    'suite',
  );
  const { status, stdout } = spawnSync(join(folder, 'suite'), { encoding: 'utf8' });
  return { status, ktap: stdout };
}
