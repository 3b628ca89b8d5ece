// `npm run layers` fails where a file imports what its folder must not: files that do are planted in a copy of the source.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const copy = mkdtempSync(join(tmpdir(), 'layers-'));

beforeAll(() => {
  for (const part of ['src', 'package.json', 'tsconfig.json', '.dependency-cruiser.mjs'])
    cpSync(join(root, part), join(copy, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** A file that is planted, its text, and the rules that it breaks. */
type Planted = readonly [file: string, text: string, rules: readonly string[]];

/** Runs `npm run layers` with more files. Answers its exit code, which rules each of them breaks, and what others break. */
async function layersWith(
  planted: readonly Planted[],
): Promise<{ readonly code: number; readonly broken: unknown; readonly others: readonly unknown[] }> {
  for (const [file, text] of planted) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    writeFileSync(join(copy, file), text);
  }
  const { code, stdout } = await new Promise<{ code: number; stdout: string }>((resolve) => {
    execFile('npm', ['run', 'layers'], { cwd: copy, env: { ...process.env, NO_COLOR: '1' } }, (error, out) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout: out }),
    );
  });
  for (const [file] of planted) rmSync(join(copy, file));
  expect(stdout).toMatch(/\d+ modules, \d+ dependencies cruised/);
  const said = [...stdout.matchAll(/^ *error ([\w-]+): (\S+)/gm)];
  const broken = planted.map(([file]) => said.flatMap(([, rule, from]) => (from === file ? [rule] : [])));
  return { code, broken, others: said.filter(([, , from]) => planted.every(([file]) => file !== from)) };
}

it('fails where a file imports what its folder must not, and nowhere else', async () => {
  const planted: readonly Planted[] = [
    [
      'src/engine/explorer/search/planted.ts',
      "import { errno } from '../../../machines/manager/protocol.ts';\nexport const busy = errno.EBUSY;\n",
      ['engine-imports-point-down'],
    ],
    [
      'src/engine/explorer/search/planted-node.ts',
      "export { setImmediate } from 'node:timers/promises';\n",
      ['node-stays-in-its-rooms'],
    ],
    [
      'src/engine/world/planted-type.ts',
      "export type { Mutation } from '../../mutations/mutation.ts';\n",
      ['engine-imports-point-down'],
    ],
    [
      'src/engine/world/planted-room.ts',
      "export { explore } from '../explorer/search/explore.ts';\n",
      ['world-imports-point-down'],
    ],
    ['src/engine/planted-file.ts', "export { World } from './world/world.ts';\n", ['engine-files-are-below-its-rooms']],
    // By its old name, and for a type.
    ['src/scenarios/builtin/planted-node.ts', "export type { Stats } from 'fs';\n", ['node-stays-in-its-rooms']],
    [
      'src/scenarios/planted-file.ts',
      "export { loadScenario } from './files/load.ts';\n",
      ['browser-half-enters-no-room-of-node'],
    ],
    ['src/scenarios/builtin/planted-xstate.ts', "export { setup } from 'xstate';\n", ['xstate-stays-below']],
    ['src/engine/report/planted-package.ts', "export { z } from 'zod';\n", ['engine-needs-few-packages']],
    [
      'src/planted/planted.ts',
      "export { xaMkValue } from '../registry/structures/xarray.ts';\n",
      ['folders-are-in-the-list'],
    ],
    // This one may.
    ['src/engine/explorer/threads/planted.ts', "export { threadId } from 'node:worker_threads';\n", []],
  ];
  const { code, broken, others } = await layersWith(planted);
  expect(code).toBeGreaterThan(0);
  expect(broken).toEqual(planted.map(([, , rules]) => rules));
  expect(others).toEqual([]);
});
