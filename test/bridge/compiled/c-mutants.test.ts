// Mistakes in C: there are enough of them, all different; conform finds those that are tried here (all: scripts/c-mutants.ts).
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cMutants } from '../../../src/bridge/compiled/c-mutants.ts';
import { compile, removeProgram } from '../../../src/bridge/compiled/compile.ts';
import { Conformance } from '../../../src/bridge/compiled/conform.ts';
import { kernelFileOfTree } from '../../../src/bridge/compiled/kernel-file.ts';
import { revisionOf } from '../../../src/scenarios/assembled.ts';
import { Scratch, standIn } from './kernel-trees.ts';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const textOf = (which: 'list' | 'xarray'): string =>
  readFileSync(join(standIn(which), 'virt', 'lib', 'irqbypass.c'), 'utf8');

describe.each(['list', 'xarray'] as const)('of %s', (which) => {
  const mutants = cMutants(textOf(which));

  it('there are more than 120, each another text with a name of its own', () => {
    expect(mutants.length).toBeGreaterThan(120);
    expect(new Set(mutants.map(({ text }) => text)).size).toBe(mutants.length);
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length);
    expect(mutants.map(({ text }) => text)).not.toContain(textOf(which));
  });

  it('every operator has some', () => {
    const operators = new Set(mutants.map(({ operator }) => operator));
    expect(operators.size).toBeGreaterThanOrEqual(14);
  });
});

it('one of each hundred is told apart', async () => {
  const mutants = cMutants(textOf('xarray'));
  for (const mutant of mutants.filter((_, i) => i % 100 === 1)) {
    const tree = scratch.altered('xarray', 'MODULE_LICENSE("GPL v2");', 'MODULE_LICENSE("GPL");');
    writeFileSync(join(tree, 'virt', 'lib', 'irqbypass.c'), mutant.text);
    const program = await compile(kernelFileOfTree(tree));
    const only = { revision: revisionOf('v2p8'), stopsAtFirst: true };
    const { differences } = await new Conformance(program, {
      scope: { producers: 2, consumers: 2, eventfds: 1 },
      ...only,
    }).run();
    removeProgram(program);
    expect([mutant.id, differences.length > 0]).toEqual([mutant.id, true]);
  }
});
