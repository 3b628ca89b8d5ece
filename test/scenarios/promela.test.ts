// Three system scenarios for Spin, from models by hand: it finds violated exactly what we do, without and with bugs.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { explore } from '../../src/engine/explorer/search/explore.ts';
import { assemble } from '../../src/scenarios/assemble.ts';
import { findScenario } from '../../src/scenarios/builtin.ts';

const scratch = mkdtempSync(join(tmpdir(), 'irqbypass-promela-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** The revision whose KVM_IRQFD the models have: Linux 6.17. */
const revision = 'v2p8';

interface Variant {
  readonly mutation?: string;
  readonly set?: Readonly<Record<string, boolean>>;
  /** What is violated, in alphabetical order. */
  readonly breaks: readonly string[];
}

interface Model {
  /** The model is the file of that name. */
  readonly scenario: string;
  /** What it asserts; l-term is that no process is stuck. */
  readonly asserts: readonly string[];
  readonly variants: readonly Variant[];
}

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

/**
 * What Spin finds violated in the whole of a model.
 *
 * @param scenario - the name of the model
 * @param defines - its variant
 * @returns ids of properties: its assertions name one each; a process that is stuck is l-term
 */
function spinFinds(scenario: string, ...defines: string[]): readonly string[] {
  const model = fileURLToPath(new URL(`../../bench/promela/${scenario}.pml`, import.meta.url));
  run('spin', '-a', ...defines.map((define) => `-D${define}`), model);
  // The compiler would take longer than the search.
  run('gcc', '-O0', '-DSAFETY', '-DNOREDUCE', '-w', '-o', 'pan', 'pan.c');
  const output = run('./pan', '-m100000', '-w20', '-c0');
  expect(output, 'a search that is not cut off').not.toMatch(/max search depth too small|Search not completed/);
  const found = Array.from(output.matchAll(/^pan:\d+: (.*) \(at depth/gm), ([, text = '']) => {
    if (text.startsWith('invalid end state')) return 'l-term';
    return /\b[il]_[a-z]+\b/.exec(text)?.[0].replace('_', '-') ?? text;
  });
  const errors = Number(/errors: (\d+)/.exec(output)?.[1]);
  expect(errors > 0, `${errors} errors`).toBe(found.length > 0);
  return sorted(found);
}

/** What our search finds violated, of the properties that a model asserts. */
async function weFind({ scenario: id, asserts }: Model, { mutation, set }: Variant): Promise<readonly string[]> {
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
  const { verdict, violations } = await explore(world, { properties: asserted });
  expect(verdict).toBe(violations.length === 0 ? 'holds' : 'violated');
  return sorted(violations.map(({ property }) => property));
}

const lacking = ['spin', 'gcc'].filter((command) => spawnSync('which', [command]).status !== 0);

describe.skipIf(lacking.length > 0)(`Spin${lacking.length > 0 ? ` (install ${lacking.join(', ')})` : ''}`, () => {
  for (const model of models)
    for (const variant of model.variants) {
      const { mutation, set = {}, breaks } = variant;
      const defines = [...Object.keys(set), ...(mutation === undefined ? [] : [mutation])];
      const verdict = breaks.length === 0 ? 'holds' : `violates ${breaks.join(', ')}`;
      it(`${[model.scenario, ...defines].join(' ')}: ${verdict}, as with us`, async () => {
        expect(spinFinds(model.scenario, ...defines.map((define) => define.toUpperCase()))).toEqual(breaks);
        expect(await weFind(model, variant)).toEqual(breaks);
      });
    }
});
