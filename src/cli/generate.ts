// irqbypass generate: tests from the graph of calls of a revision, as few and as short sequences as there are.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CoverageOf, Generated } from '../bridge/generate/generate.ts';
import { coverages, generated, kunitOf, suiteOf, tracesOf } from '../bridge/generate/generate.ts';
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
  const files = kind === 'kunit' ? kunitOf(revision, suite, scope) : tracesOf(revision, suite, coverage);
  const out = options.out ?? '.';
  const paths = Object.keys(files).map((file) => join(out, file));
  const there = paths.find((path) => existsSync(path));
  if (there !== undefined) throw new UsageError(`${there}: is there already: --out DIR names another folder`);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(out, file)), { recursive: true });
    writeFileSync(join(out, file), text);
  }
  const { graph, cover } = suite;
  if (options.json === true) {
    const { steps, optimum } = cover;
    const sizes = { states: graph.nodes, transitions: graph.arcs.length };
    terminal.print(
      JSON.stringify(
        {
          what: kind,
          revision: revision.id,
          coverage,
          ...sizes,
          sequences: suite.walks.length,
          steps,
          optimum,
          files: paths,
        },
        null,
        2,
      ),
    );
    return exitCode.ok;
  }
  const best = coverage === 'states' ? `at least ${grouped(cover.optimum)} are needed` : 'there is no way with fewer';
  terminal.say(`${kind} of ${revision.id} (${revision.where}), ${scopeText(scope)}`);
  terminal.say(
    `  the graph of calls: ${count(graph.nodes, 'state')}, ${count(graph.arcs.length, 'call')} that lead on`,
  );
  terminal.say(
    `  every ${coverage === 'pairs' ? 'two calls that can follow each other' : coverage === 'states' ? 'state' : 'call in every state'}: ${count(suite.walks.length, 'sequence')}, ${count(cover.steps, 'step')} (${best})`,
  );
  for (const path of paths) terminal.say(`  ${path}`);
  return exitCode.ok;
}

function oneOf(what: string, given: string, some: readonly string[]): string {
  if (!some.includes(given)) throw new UsageError(`${what} "${given}": expected ${some.join(', ')}`);
  return given;
}
