// Patches go into a tree with git am, and leave the files that were generated.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { caseOf } from '../../../src/bridge/generate/counterexample.ts';
import { kunitOf, pathSuitesOf } from '../../../src/bridge/generate/generate.ts';
import { treeLines } from '../../../src/bridge/generate/kunit.ts';
import { patchOf } from '../../../src/bridge/generate/patch.ts';
import { headerOf } from '../../../src/bridge/trace-file.ts';
import { traceOf } from '../../../src/engine/world/trace.ts';
import { explore } from '../../../src/engine/explorer/search/explore.ts';
import { revisionOf } from '../../../src/scenarios/assembled.ts';
import { assembled } from '../../engine/assembled.ts';

const tree = mkdtempSync(join(tmpdir(), 'irqbypass-am-'));
afterAll(() => rmSync(tree, { recursive: true, force: true }));

function git(...args: readonly string[]): string {
  const names = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
  const { status, stdout, stderr } = spawnSync('git', [...names, ...args], { cwd: tree, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

const before: Readonly<Record<string, string>> = {
  'virt/lib/Kconfig': '# SPDX-License-Identifier: GPL-2.0-only\nconfig IRQ_BYPASS_MANAGER\n\ttristate\n',
  'virt/lib/Makefile': '# SPDX-License-Identifier: GPL-2.0\nobj-$(CONFIG_IRQ_BYPASS_MANAGER) += irqbypass.o\n',
};
const changes = Object.entries(treeLines).map(([path, added]) => ({ path, added, before: before[path] ?? '' }));

beforeAll(() => {
  for (const [path, text] of Object.entries(before)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '-m', 'before');
});

describe('a patch', () => {
  it('creates the suites, and the tree leads to them', () => {
    const revision = revisionOf('base');
    const scope = { producers: 1, consumers: 1, eventfds: 1 };
    const files = kunitOf(revision, pathSuitesOf(revision, scope, 'transitions'), scope);
    writeFileSync(join(tree, 'suites.patch'), patchOf('KVM: irqbypass: Add tests', ['Body.'], files, changes));
    git('am', '--quiet', 'suites.patch');
    for (const [path, text] of Object.entries(files)) expect(readFileSync(join(tree, path), 'utf8')).toBe(text);
    for (const { path, added } of changes)
      expect(readFileSync(join(tree, path), 'utf8')).toBe(`${before[path] ?? ''}${added}`);
    expect(git('log', '-1', '--format=%s%n%b').trim()).toBe('KVM: irqbypass: Add tests\nBody.');
    expect(git('status', '--porcelain').trim()).toBe('?? suites.patch');
  });

  it('of a counterexample goes in as well', async () => {
    const one = assembled('double-register', { revision: 'v2p8' });
    const { violations } = await explore(one.world, { properties: one.properties });
    const steps = traceOf(one.world, violations[0]?.path ?? []);
    const { files } = await caseOf({ header: headerOf(one), assembled: one, steps }, revisionOf('v2p8'));
    const created = Object.fromEntries(Object.entries(files).filter(([path]) => !existsSync(join(tree, path))));
    expect(Object.keys(created)).toEqual([
      'virt/lib/tests/irqbypass_trace_kunit.c',
      'virt/lib/tests/trace.kunitconfig',
    ]);
    writeFileSync(join(tree, 'case.patch'), patchOf('KVM: irqbypass: Add a test', ['Body.'], created, []));
    git('am', '--quiet', 'case.patch');
    expect(readFileSync(join(tree, 'virt/lib/tests/irqbypass_trace_kunit.c'), 'utf8')).toContain(
      'static void trace_double_register(',
    );
  });
});
