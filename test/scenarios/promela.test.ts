// Four system scenarios for Spin, from models by hand: it finds violated exactly what we do, without and with bugs; in one of them in exactly
// as many states and by as many transitions.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { explore } from '../../src/engine/explorer/search/explore.ts';
import { assemble } from '../../src/scenarios/assemble.ts';
import { findScenario } from '../../src/scenarios/builtin.ts';
import { isLong } from '../sample.ts';

const scratch = mkdtempSync(join(tmpdir(), 'irqbypass-promela-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** The revision whose KVM_IRQFD the models have: Linux 6.17. */
const revision = 'v2p8';

interface Variant {
  readonly mutation?: string;
  readonly set?: Readonly<Record<string, string | number | boolean>>;
  /** What the model is told of `set`; the names of its parameters where absent. */
  readonly defines?: readonly string[];
  /** What is violated, in alphabetical order. */
  readonly breaks: readonly string[];
  /** Steps of the longest path that Spin may go. */
  readonly depth?: number;
}

interface Model {
  /** The model is the file of that name. */
  readonly scenario: string;
  /** What it asserts; l-term is that no process is stuck. */
  readonly asserts: readonly string[];
  /** Has it the granularity of our world: a transition for each of its steps, and all that tells two states apart? */
  readonly isExact?: true;
  readonly variants: readonly Variant[];
}

const powerpc = { arch: 'powerpc' } as const;

const models: readonly Model[] = [
  {
    scenario: 'block-and-wake',
    asserts: ['i-nodup', 'i-noloss', 'i-wakelist', 'l-term', 'l-wake'],
    variants: [
      { breaks: [] },
      { set: { unplug: true }, breaks: ['i-noloss', 'l-wake'] },
      { set: { unplug: true, ipiv: true }, breaks: [] },
      { mutation: 'b13a', breaks: ['i-noloss', 'l-wake'] },
      { mutation: 'b13b', breaks: ['i-noloss', 'l-wake'] },
      { mutation: 'b14', set: { unplug: true, ipiv: true }, breaks: ['i-wakelist'] },
    ],
  },
  {
    scenario: 'assign',
    asserts: ['i-archptr', 'i-irqexcl', 'i-nodup', 'i-nostray', 'l-term'],
    isExact: true,
    variants: [
      { set: { arch: 'powerpc', faults: false }, defines: [], breaks: [] },
      { set: powerpc, defines: ['FAULTS'], breaks: [] },
      { set: { ...powerpc, msis: false, vectors: 2 }, defines: ['FAULTS', 'N=2', 'QUIET'], breaks: [] },
      // Eight million states, and paths of five million steps.
      ...(isLong ? [{ set: { ...powerpc, vectors: 2 }, defines: ['FAULTS', 'N=2'], breaks: [], depth: 2e7 }] : []),
      { set: powerpc, defines: ['FAULTS'], mutation: 'b1', breaks: ['i-archptr'] },
      { set: powerpc, defines: ['FAULTS'], mutation: 'n8e', breaks: ['i-nodup'] },
      {
        set: powerpc,
        defines: ['FAULTS'],
        mutation: 'm-no-disconnect',
        breaks: ['i-archptr', 'i-irqexcl', 'i-nostray'],
      },
    ],
  },
  {
    scenario: 'hot-unplug',
    asserts: [
      'i-archptr',
      'i-belief',
      'i-irqexcl',
      'i-irte',
      'i-lockprot',
      'i-nocorrupt',
      'i-nodup',
      'i-noloss',
      'i-nostray',
      'i-unpost',
      'l-term',
    ],
    variants: [
      { breaks: [] },
      { mutation: 'b4a', breaks: ['i-irqexcl', 'i-irte', 'i-nostray', 'i-unpost'] },
      {
        mutation: 'b8',
        breaks: ['i-belief', 'i-irqexcl', 'i-irte', 'i-lockprot', 'i-nocorrupt', 'i-nostray', 'i-unpost'],
      },
    ],
  },
  {
    scenario: 'deassign-hup',
    asserts: [
      'i-deadobj',
      'i-evref',
      'i-irqexcl',
      'i-irte',
      'i-keyref',
      'i-leak',
      'i-nodup',
      'i-noloss',
      'i-noshut',
      'i-nostray',
      'i-once',
      'i-unpost',
      'l-shut',
      'l-term',
    ],
    variants: [
      { breaks: [] },
      { mutation: 'b4a', breaks: ['i-irqexcl', 'i-irte', 'i-nostray', 'i-unpost'] },
      {
        mutation: 'b9',
        breaks: ['i-deadobj', 'i-irqexcl', 'i-irte', 'i-keyref', 'i-leak', 'i-noshut', 'i-nostray', 'i-unpost'],
      },
    ],
  },
];

function run(command: string, ...args: string[]): string {
  // Spin prints every assertion that fails, as often as it does.
  const maxBuffer = 2 ** 26;
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: scratch, encoding: 'utf8', maxBuffer });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')}: ${(error?.message ?? stdout + stderr).slice(0, 2000)}`);
  return stdout;
}

const sorted = (ids: Iterable<string>): readonly string[] => [...new Set(ids)].toSorted();

/** What is violated, in how many states, by how many transitions. */
interface Found {
  readonly breaks: readonly string[];
  readonly size: readonly [states: number, transitions: number];
}

/**
 * What Spin finds violated in the whole of a model. Its assertions name a property each; a process that is stuck is l-term.
 *
 * @param scenario - the name of the model
 * @param depth - steps of the longest path
 * @param defines - its variant
 */
function spinFinds(scenario: string, depth: number, ...defines: string[]): Found {
  const model = fileURLToPath(new URL(`../../bench/promela/${scenario}.pml`, import.meta.url));
  run('spin', '-o3', '-a', ...defines.map((define) => `-D${define}`), model);
  // The compiler would take longer than the search.
  run('gcc', '-O0', '-DMEMLIM=14000', '-DSAFETY', '-DNOREDUCE', '-w', '-o', 'pan', 'pan.c');
  const output = run('./pan', `-m${depth}`, '-w20', '-c0');
  expect(output, 'a search that is not cut off').not.toMatch(/max search depth too small|Search not completed/);
  const found = Array.from(output.matchAll(/^pan:\d+: (.*) \(at depth/gm), ([, text = '']) => {
    if (text.startsWith('invalid end state')) return 'l-term';
    return /\b[il]_[a-z]+\b/.exec(text)?.[0].replace('_', '-') ?? text;
  });
  const errors = Number(/errors: (\d+)/.exec(output)?.[1]);
  expect(errors > 0, `${errors} errors`).toBe(found.length > 0);
  const count = (what: RegExp): number => Number(what.exec(output)?.[1]);
  // The first state is a transition of its own.
  return { breaks: sorted(found), size: [count(/(\d+) states, stored/), count(/(\d+) transitions/) - 1] };
}

/** What our search finds violated, of the properties that a model asserts; nothing is left out where the model is exact. */
async function weFind({ scenario: id, asserts, isExact }: Model, { mutation, set }: Variant): Promise<Found> {
  const scenario = findScenario(id);
  if (scenario === undefined) throw new Error(`no ${id}`);
  const { world, properties } = assemble({
    scenario,
    revision,
    ...(mutation === undefined ? {} : { mutation }),
    ...(set === undefined ? {} : { set }),
  });
  const asserted = properties.filter((property) => asserts.includes(property.id));
  expect(asserted.map((property) => property.id).toSorted(), 'every one of them is ours').toEqual(asserts);
  const whole = isExact === true ? { symmetry: false, por: false } : {};
  const { verdict, violations, states, transitions } = await explore(world, { properties: asserted, ...whole });
  expect(verdict).toBe(violations.length === 0 ? 'holds' : 'violated');
  return { breaks: sorted(violations.map(({ property }) => property)), size: [states, transitions] };
}

const lacking = ['spin', 'gcc'].filter((command) => spawnSync('which', [command]).status !== 0);

describe.skipIf(lacking.length > 0)(`Spin${lacking.length > 0 ? ` (install ${lacking.join(', ')})` : ''}`, () => {
  for (const model of models)
    for (const variant of model.variants) {
      const { mutation, set = {}, breaks, defines: told = Object.keys(set), depth = 100_000 } = variant;
      const defines = [...told, ...(mutation === undefined ? [] : [mutation])];
      const verdict = breaks.length === 0 ? 'holds' : `violates ${breaks.join(', ')}`;
      const same = model.isExact === true ? ', in as many states by as many transitions' : '';
      it(`${[model.scenario, ...defines].join(' ')}: ${verdict}, as with us${same}`, async () => {
        const theirs = spinFinds(
          model.scenario,
          depth,
          ...defines.map((one) => one.toUpperCase().replaceAll('-', '_')),
        );
        const ours = await weFind(model, variant);
        expect([theirs.breaks, ours.breaks]).toEqual([breaks, breaks]);
        if (model.isExact === true) expect(ours.size).toEqual(theirs.size);
      });
    }
});
