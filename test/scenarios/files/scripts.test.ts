// What scripts do while they are loaded; what is wrong with a file is in test/fixtures/wrong.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../../src/engine/input-error.ts';
import { loadScenario } from '../../../src/scenarios/files/load.ts';

const folder = mkdtempSync(join(tmpdir(), 'irqbypass-wrong-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const head = 'scenario: x\neventfds: [e0]';

describe('a script', () => {
  const said = async (name: string, text: string): Promise<string> => {
    const file = join(folder, name);
    writeFileSync(file, text);
    const error: unknown = await loadScenario(file).catch((thrown: unknown) => thrown);
    if (!(error instanceof InputError)) throw new Error('it was taken');
    return error.message.replace(folder, '');
  };

  it('that throws names the line', async () => {
    expect(await said('throws.ts', 'const a: number = 1;\n\nthrow new Error(`no luck ${a}`);\n')).toBe(
      '/throws.ts:3: no luck 1',
    );
  });

  it('that ends the program does not', async () => {
    expect(await said('exits.ts', 'process.exit(0);\n')).toBe('/exits.ts:1: the script calls process.exit()');
    expect(process.exit.name).not.toBe('');
  });

  it('under another ending is no unknown scenario', async () => {
    const file = join(folder, 'scenario.txt');
    writeFileSync(file, head);
    await expect(loadScenario(file.replace(`${folder}/`, ''))).rejects.toThrow('unknown scenario');
    const before = process.cwd();
    process.chdir(folder);
    await expect(loadScenario('scenario.txt')).rejects.toThrow('scenario.txt: is a file, but not one that ends in .ts');
    process.chdir(before);
  });
});
