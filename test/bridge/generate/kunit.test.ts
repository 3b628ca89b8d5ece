// Generated KUnit suites pass with the C that they are made for, and fail with mistakes in it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { KernelFiles } from '../../../src/bridge/generate/kunit.ts';
import type { SuiteRun } from '../../../src/bridge/generate/suite-runner.ts';
import { SuiteRunner } from '../../../src/bridge/generate/suite-runner.ts';
import { casesOf, kunitOf, pathSuitesOf } from '../../../src/bridge/generate/generate.ts';
import { revisions } from '../../../src/registry/revisions.ts';
import { revisionOf } from '../../../src/scenarios/assembled.ts';
import { Scratch, standIn } from '../compiled/kernel-trees.ts';

const folder = mkdtempSync(join(tmpdir(), 'irqbypass-kunit-'));
const scratch = new Scratch();
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  scratch.remove();
});

const SCOPE = { producers: 2, consumers: 2, eventfds: 2 };
const filesOf = (revision: string): KernelFiles => {
  const one = revisionOf(revision);
  return kunitOf(one, pathSuitesOf(one, SCOPE, 'pairs'), SCOPE);
};
const suites = { list: filesOf('base'), xarray: filesOf('v2p8') };
let count = 0;
async function ran(tree: string, suite: string | undefined): Promise<SuiteRun> {
  const header = join(tree, 'include', 'linux', 'irqbypass.h');
  const runner = await SuiteRunner.of(join(folder, String((count += 1))), header, suite ?? '');
  return runner.run(join(tree, 'virt', 'lib', 'irqbypass.c'));
}

describe.each(['list', 'xarray'] as const)('for %s', (which) => {
  it.each(['irqbypass', 'irqbypass_paths'])('%s passes where a test cannot suppress warnings', async (suite) => {
    const text = suites[which][`virt/lib/tests/${suite}_kunit.c`] ?? '';
    const { isPassed, ktap } = await ran(standIn(which), text.replaceAll('#ifdef kunit_warning_suppress', '#if 0'));
    expect(ktap.split('\n').filter((line) => /not ok|FAILED/.test(line))).toEqual([]);
    expect(isPassed).toBe(true);
  });

  it.each(['irqbypass', 'irqbypass_paths'])('%s passes', async (suite) => {
    const { isPassed, ktap } = await ran(standIn(which), suites[which][`virt/lib/tests/${suite}_kunit.c`]);
    expect(ktap.split('\n').filter((line) => /not ok|FAILED/.test(line))).toEqual([]);
    expect(ktap).toContain(`ok 1 ${suite}\n`);
    expect(isPassed).toBe(true);
  });
});

it('names the case of a rule that is broken', async () => {
  const tree = scratch.altered(
    'xarray',
    '\tresume_pair(p, c);\n\tif (error == 0) {',
    '\tif (error == 0) {\n\t\tresume_pair(p, c);',
  );
  const { isPassed, ktap } = await ran(tree, suites.xarray['virt/lib/tests/irqbypass_kunit.c']);
  expect(isPassed).toBe(false);
  expect(ktap).toContain('not ok 8 failed_add_consumer_starts_both_again\n');
  expect(ktap).toContain('# failed_add_consumer_starts_both_again: EXPECTATION FAILED at suite.c:');
  expect(ktap).toContain('ok 1 consumer_after_producer_is_connected\n');
});

it('of a list that is corrupted says so, and ends', async () => {
  const tree = scratch.altered('list', '\t\tlist_del(&p->node);', '\t\tlist_del(&p->node);\n\t\tlist_del(&p->node);');
  const { isPassed, ktap } = await ran(tree, suites.list['virt/lib/tests/irqbypass_kunit.c']);
  expect(isPassed).toBe(false);
  expect(ktap).toContain('list_del: the node was deleted before');
});

it.each(revisions.map(({ id }) => id))('of %s has 8 to 15 cases, and none that stops the kernel', (id) => {
  const cases = casesOf(revisionOf(id));
  expect(cases.length).toBeGreaterThanOrEqual(8);
  expect(cases.length).toBeLessThanOrEqual(15);
  expect(cases.flatMap(({ steps }) => steps).filter(({ observed }) => observed.corruption)).toEqual([]);
});

it('is the same bytes twice', () => {
  expect(filesOf('base')).toEqual(suites.list);
});

it('has lines of at most 100 columns in the small suite, but for strings, and tabs', () => {
  const lines = (suites.xarray['virt/lib/tests/irqbypass_kunit.c'] ?? '').split('\n');
  expect(lines.filter((line) => line.replaceAll('\t', '        ').length > 100 && !line.startsWith('\t\t"'))).toEqual(
    [],
  );
  expect(lines.filter((line) => / +$|^ {2}/.test(line))).toEqual([]);
});
