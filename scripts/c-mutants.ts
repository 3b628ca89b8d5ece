// Which mistakes in C `irqbypass conform` finds: writes docs/c-mutants.md. Some minutes: every mutant is compiled and searched.
//
//   node scripts/c-mutants.ts
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CMutant } from '../src/bridge/compiled/c-mutants.ts';
import { cMutants } from '../src/bridge/compiled/c-mutants.ts';
import { compile, CompileError, removeProgram } from '../src/bridge/compiled/compile.ts';
import { Conformance } from '../src/bridge/compiled/conform.ts';
import { kernelFileOfTree } from '../src/bridge/compiled/kernel-file.ts';
import { kunitOf, pathSuitesOf } from '../src/bridge/generate/generate.ts';
import { SuiteRunner } from '../src/bridge/generate/suite-runner.ts';
import { callText } from '../src/bridge/manager-calls.ts';
import { revisionOf } from '../src/scenarios/assembled.ts';
import survivors from './c-mutants-survivors.json' with { type: 'json' };

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'irqbypass-c-mutants-'));

/** What became of one. */
interface Tried {
  readonly mutant: CMutant;
  /** Null where nothing told it from the original. */
  readonly killedBy: string | null;
  /** Do the generated suites fail with it? */
  readonly failsSmall: boolean;
  readonly failsPaths: boolean;
}

interface Suites {
  readonly small: SuiteRunner;
  readonly paths: SuiteRunner;
}

async function suitesOf(which: string, tree: string, revision: string): Promise<Suites> {
  const one = revisionOf(revision);
  const scope = { producers: 2, consumers: 2, eventfds: 2 };
  const files = kunitOf(one, pathSuitesOf(one, scope, 'pairs'), scope);
  const header = join(tree, 'include', 'linux', 'irqbypass.h');
  const runner = (name: string): Promise<SuiteRunner> =>
    SuiteRunner.of(join(scratch, `${which}-${name}`), header, files[`virt/lib/tests/${name}_kunit.c`] ?? '');
  return { small: await runner('irqbypass'), paths: await runner('irqbypass_paths') };
}

async function tried(
  tree: string,
  revision: string,
  mutant: CMutant,
  number: number,
  { small, paths }: Suites,
): Promise<Tried | null> {
  const folder = join(scratch, String(number));
  cpSync(tree, folder, { recursive: true });
  const file = join(folder, 'virt', 'lib', 'irqbypass.c');
  writeFileSync(file, mutant.text);
  try {
    const failsSmall = !(await small.run(file, `m${number}`)).isPassed;
    const failsPaths = !(await paths.run(file, `m${number}`)).isPassed;
    const suites = { failsSmall, failsPaths };
    const program = await compile(kernelFileOfTree(folder));
    try {
      const scope = { producers: 2, consumers: 2, eventfds: 2 };
      const only = revisionOf(revision);
      for (const size of [{ ...scope, eventfds: 1 }, scope]) {
        const { differences } = await new Conformance(program, {
          scope: size,
          revision: only,
          stopsAtFirst: true,
        }).run();
        const [first] = differences;
        if (first !== undefined) return { mutant, killedBy: first.calls.map(callText).join('; '), ...suites };
      }
      return { mutant, killedBy: null, ...suites };
    } finally {
      removeProgram(program);
    }
  } catch (error) {
    if (error instanceof CompileError) return null;
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What no suite of calls of a kernel can bring about: faults of memory and of the module, races, callers that leave their key. */
const needsMore = ({ killedBy }: Tried): boolean =>
  killedBy === null || /node allocations fail|try_module_get|while it waits|, NULL\)/.test(killedBy);

const part = (all: readonly Tried[], is: (one: Tried) => boolean): string =>
  `${all.filter(is).length} (${((100 * all.filter(is).length) / all.length).toFixed(1)} %)`;

/** What conform tells apart and the suites do not: lines of the original. */
function leftBySuites(found: readonly Tried[]): string[] {
  const rows = (what: string, is: (one: Tried) => boolean): string[] =>
    found
      .filter((one) => one.killedBy !== null && is(one))
      .map(({ mutant: { id, before } }) => `| ${id} | \`${before}\` | ${what} |`.replaceAll('||', '\\|\\|'));
  return [
    '| told apart by conform, but | line | not by |',
    '|---|---|---|',
    ...rows('every path', ({ failsPaths }) => !failsPaths),
    ...rows('the small suite', ({ failsSmall, failsPaths }) => !failsSmall && failsPaths),
    '',
  ];
}

async function table(which: 'list' | 'xarray', revision: string): Promise<string> {
  const tree = at(`../test/fixtures/kernel-trees/${which}`);
  const text = readFileSync(join(tree, 'virt', 'lib', 'irqbypass.c'), 'utf8');
  const suites = await suitesOf(which, tree, revision);
  const left = cMutants(text).entries();
  const found: Tried[] = [];
  const work = async (): Promise<void> => {
    for (const [number, mutant] of left) {
      const one = await tried(tree, revision, mutant, number, suites);
      if (one !== null) found.push(one);
      process.stderr.write(`\r${which}: ${found.length} `);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  const alive = found.filter(({ killedBy }) => killedBy === null);
  const explained = survivors[which] as Readonly<Record<string, string>>;
  const isEquivalent = ({ killedBy, mutant: { id } }: Tried): boolean =>
    killedBy === null && explained[id]?.endsWith('NOT equivalent') === false;
  const others = found.filter((one) => !isEquivalent(one));
  const reachable = others.filter((one) => one.failsPaths || one.failsSmall || !needsMore(one));
  const byOperator = Map.groupBy(found, ({ mutant }) => mutant.operator);
  return [
    `## ${which}: ${revision}`,
    '',
    '| of mutants | conform | pairs | small |',
    '|---|---|---|---|',
    ...(
      [
        ['all', found],
        ['that are another program', others],
        ['of these, that calls and failing callbacks can show', reachable],
      ] as const
    ).map(
      ([what, some]) =>
        `| ${some.length} ${what} | ${part(some, ({ killedBy }) => killedBy !== null)} | ${part(some, ({ failsPaths }) => failsPaths)} | ${part(some, ({ failsSmall }) => failsSmall)} |`,
    ),
    '',
    '| operator | mutants | conform | pairs | small |',
    '|---|---|---|---|---|',
    ...[...byOperator].map(
      ([operator, some]) =>
        `| ${operator} | ${some.length} | ${some.filter(({ killedBy }) => killedBy !== null).length} | ${some.filter(({ failsPaths }) => failsPaths).length} | ${some.filter(({ failsSmall }) => failsSmall).length} |`,
    ),
    '',
    ...leftBySuites(found),
    ...(alive.length === 0 ? [] : ['| not told apart | is | why |', '|---|---|---|']),
    ...alive
      .toSorted((one, other) => one.mutant.line - other.mutant.line)
      .map(({ mutant: { id, before, after } }) =>
        `| ${id} | \`${before}\` -> \`${after}\` | ${explained[id] ?? 'NOT EXPLAINED'} |`.replaceAll('||', '\\|\\|'),
      ),
    '',
  ].join('\n');
}

writeFileSync(
  at('../docs/c-mutants.md'),
  [
    '# Mistakes in C that conform finds',
    '',
    'Generated by `node scripts/c-mutants.ts`: every mistake that the operators of `src/bridge/compiled/c-mutants.ts` make in the',
    'stand-ins for kernel trees ([test/fixtures/kernel-trees](../test/fixtures/kernel-trees/README.md)) is compiled and searched beside the',
    'revision that the original behaves like, up to 2 producers, 2 consumers and 2 eventfds. What does not compile is no mutant.',
    '',
    await table('list', 'base'),
    await table('xarray', 'v2p8'),
  ].join('\n'),
);
rmSync(scratch, { recursive: true, force: true });
