// examples/reports: each public bug report is found by its script, by the right property, and is gone once it is mended.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Exploration } from '../../src/engine/explorer/search/explore.ts';
import { explore } from '../../src/engine/explorer/search/explore.ts';
import type { World } from '../../src/engine/world/world.ts';
import type { Assembled } from '../../src/scenarios/assembled.ts';
import { assemble } from '../../src/scenarios/assemble.ts';
import { parseParameters } from '../../src/scenarios/parameters.ts';
import { loadScenario } from '../../src/scenarios/files/load.ts';
import { irqbypass } from '../engine/swarm/command.ts';

const FOLDER = 'examples/reports';
const LINES_MAX = 120;

/** One search: what is set, the states of the whole graph, and the violated properties with their steps. */
interface Search {
  readonly set: readonly string[];
  readonly mutation?: string;
  readonly states: number;
  readonly violated: readonly (readonly [property: string, steps: number])[];
}

const reports: Readonly<Record<string, readonly Search[]>> = {
  'n5-two-predicates.ts': [
    {
      set: [],
      states: 33,
      violated: [
        ['i-nocorrupt', 10],
        ['l-term', 10],
      ],
    },
    { set: ['fixed=true'], states: 45, violated: [] },
  ],
  'n6-drop-and-erase.ts': [
    { set: [], states: 11, violated: [['i-lpi', 4]] },
    { set: ['deferred=true'], states: 11, violated: [['i-leak', 4]] },
    { set: ['fixed=true'], states: 7, violated: [] },
    { set: ['fixed=true', 'deferred=true'], states: 9, violated: [] },
  ],
  'n16-recursion-guard.ts': [
    {
      set: [],
      states: 10,
      violated: [
        ['i-noloss', 4],
        ['i-guard', 4],
      ],
    },
    {
      set: ['later=false'],
      states: 25,
      violated: [
        ['i-noloss', 3],
        ['i-guard', 4],
      ],
    },
    { set: ['fixed=true'], states: 13, violated: [] },
    { set: ['fixed=true', 'later=false'], states: 25, violated: [] },
  ],
  'n18-fast-path-half-undone.ts': [
    { set: [], states: 263, violated: [['i-noloss', 3]] },
    { set: ['fixed=true'], states: 193, violated: [] },
    { set: ['fixed=true'], mutation: 'no-undo', states: 263, violated: [['i-noloss', 3]] },
  ],
  'n22-flag-for-count.ts': [
    { set: [], states: 33, violated: [['i-irqwin', 3]] },
    { set: ['fixed=true'], states: 25, violated: [] },
    { set: ['fixed=true', 'vcpus=4'], states: 625, violated: [] },
  ],
};

/** The world that a search is of. */
async function chosen(file: string, { set, mutation }: Search): Promise<Assembled> {
  const scenario = await loadScenario(join(FOLDER, file));
  return assemble({ scenario, set: parseParameters(scenario, set), mutation: mutation ?? null });
}

/** Searches a world, whole or reduced. */
const search = ({ world, properties }: Assembled, reduces: boolean): Promise<Exploration> =>
  explore(world, { properties, symmetry: reduces, por: reduces });

/** The states of a world as a search over plain rows counts them. */
function countOfRows(world: World): number {
  const first = world.initial();
  const seen = new Set([first.join()]);
  const left = [first];
  for (let row = left.pop(); row !== undefined; row = left.pop())
    for (const choice of world.choices(row)) {
      const next = world.step(row, choice).row;
      if (seen.has(next.join())) continue;
      seen.add(next.join());
      left.push(next);
    }
  return seen.size;
}

const shown = ({ violations }: Exploration): (readonly [string, number])[] =>
  violations.map(({ property, path }) => [property, path.length]);

describe.each(Object.entries(reports))('%s', (file, searches) => {
  it(`has at most ${LINES_MAX} lines, imports the package alone and says where the bug is from`, () => {
    const text = readFileSync(join(FOLDER, file), 'utf8');
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(LINES_MAX);
    const imported = [...text.matchAll(/from '([^']+)'/g)].map(([, from]) => from);
    expect(new Set(imported)).toEqual(new Set(['irqbypass-lab']));
    const header = text.slice(0, text.indexOf('import ')).replaceAll('\n//', '');
    for (const heading of ['Source: ', 'Modelled: ', 'Abstracted away: ']) expect(header).toContain(` ${heading}`);
  });

  for (const one of searches) {
    const { set, mutation, states, violated } = one;
    it(
      [...set, mutation ?? '', violated.length === 0 ? 'holds' : 'is violated'].filter((word) => word !== '').join(' '),
      async () => {
        const assembled = await chosen(file, one);
        const whole = await search(assembled, false);
        expect({ states: whole.states, violated: shown(whole) }).toEqual({ states, violated });
        expect(whole.verdict).toBe(violated.length === 0 ? 'holds' : 'violated');
        expect(whole.vacuous).toEqual([]);
        expect(countOfRows(assembled.world)).toBe(states);
        const reduced = await search(assembled, true);
        expect(shown(reduced)).toEqual(violated);
        expect(reduced.states).toBeLessThanOrEqual(states);
      },
    );
  }
});

it('there are no other reports here than those that are tested, and one that another test has', () => {
  const others = readdirSync(FOLDER).filter((file) => !Object.hasOwn(reports, file));
  expect(others.filter((file) => !file.startsWith('n3-'))).toEqual([]);
});

describe('on the command line', () => {
  const script = join(FOLDER, 'n5-two-predicates.ts');

  it('the bug is found and its trace is one that replays', () => {
    const folder = mkdtempSync(join(tmpdir(), 'irqbypass-reports-'));
    try {
      const trace = join(folder, 'n5.ndjson');
      const found = irqbypass('explore', script, '--trace', trace);
      expect(found.status).toBe(1);
      expect(found.stdout).toContain('i-nocorrupt: NULL pointer dereference in its_map_vlpi(): the vPE of the vCPU');
      const replayed = irqbypass('replay', trace);
      expect({ status: replayed.status, stderr: replayed.stderr }).toEqual({ status: 0, stderr: '' });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('the fix holds', () => {
    const { status, stdout } = irqbypass('explore', script, '--set', 'fixed=true');
    expect({ status, says: stdout.split('\n')[0] }).toEqual({
      status: 0,
      says: 'n5-two-predicates (fixed=true) on v2p8, Linux 6.17: holds',
    });
  });
});
