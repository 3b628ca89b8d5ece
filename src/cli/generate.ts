// irqbypass generate: tests from the graph of calls of a revision, as few and as short sequences as there are.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CoverageOf, Generated, Suite } from '../bridge/generate/generate.ts';
import { coverages, generated, kunitOf, setupSuites, suiteOf, tracesOf } from '../bridge/generate/generate.ts';
import { revisionOf } from '../scenarios/assembled.ts';
import { scopeOf, scopeText } from './differences.ts';
import { exitCode, UsageError } from './exit-codes.ts';
import type { CommonOptions } from './terminal.ts';
import { count, createTerminal, grouped } from './terminal.ts';

export interface GenerateCommandOptions extends CommonOptions {
  readonly revision?: string;
  readonly coverage?: string;
  readonly set?: readonly string[];
  readonly out?: string;
}

/** Generates files and says how many sequences and steps they have. Answers the exit code. */
export function generate(what: string, options: GenerateCommandOptions): number {
  const terminal = createTerminal(options);
  const kind = oneOf('what is generated', what, generated) as Generated;
  const coverage = oneOf('--coverage', options.coverage ?? 'pairs', coverages) as CoverageOf;
  const revision = revisionOf(options.revision);
  const scope = scopeOf('generate', options.set ?? []);
  const suite = suiteOf(revision, scope, coverage, kind);
  const suites = kind === 'kunit' ? [suite, ...setupSuites(revision, coverage)] : [suite];
  const files = kind === 'kunit' ? kunitOf(revision, suites, scope) : tracesOf(revision, suite, coverage);
  const out = options.out ?? '.';
  const paths = Object.keys(files).map((file) => join(out, file));
  const there = paths.find((path) => existsSync(path));
  if (there !== undefined) throw new UsageError(`${there}: is there already: --out DIR names another folder`);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(out, file)), { recursive: true });
    writeFileSync(join(out, file), text);
  }
  const { graph } = suite;
  const sum = (of: (one: Suite) => number): number => suites.reduce((total, one) => total + of(one), 0);
  const [sequences, steps, optimum] = [
    sum(({ walks }) => walks.length),
    sum(({ cover }) => cover.steps),
    sum(({ cover }) => cover.optimum),
  ];
  if (options.json === true) {
    const sizes = { states: graph.nodes, transitions: graph.arcs.length };
    const found = { what: kind, revision: revision.id, coverage, ...sizes, sequences, steps, optimum, files: paths };
    terminal.print(JSON.stringify(found, null, 2));
    return exitCode.ok;
  }
  const best = coverage === 'states' ? `at least ${grouped(optimum)} are needed` : 'there is no way with fewer';
  terminal.say(`${kind} of ${revision.id} (${revision.where}), ${scopeText(scope)}`);
  terminal.say(
    `  the graph of calls: ${count(graph.nodes, 'state')}, ${count(graph.arcs.length, 'call')} that lead on`,
  );
  if (suites.length > 1) terminal.say(`  and ${suites.length - 1} of one each, without some callbacks`);
  const each = { pairs: 'two calls that can follow each other', states: 'state', transitions: 'call in every state' };
  terminal.say(`  every ${each[coverage]}: ${count(sequences, 'sequence')}, ${count(steps, 'step')} (${best})`);
  for (const path of paths) terminal.say(`  ${path}`);
  return exitCode.ok;
}

function oneOf(what: string, given: string, some: readonly string[]): string {
  if (!some.includes(given)) throw new UsageError(`${what} "${given}": expected ${some.join(', ')}`);
  return given;
}
