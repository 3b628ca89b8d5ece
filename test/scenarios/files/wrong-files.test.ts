// What strangers write into scenario files: each mistake is one line with its place, in the words of the file, not of a parser.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../../src/engine/input-error.ts';
import { parseScenario } from '../../../src/scenarios/files/file.ts';
import { loadScenario } from '../../../src/scenarios/files/load.ts';

const folder = mkdtempSync(join(tmpdir(), 'irqbypass-wrong-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is said of a file. */
function saidOf(text: string): string {
  try {
    parseScenario(text, 'x.yaml');
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return 'nothing';
}

const head = 'scenario: x\neventfds: [e0]';
const threads = "threads: {t0: ['register_producer(p0, e0)']}";

describe('a scenario file', () => {
  it.each([
    [
      'a key that is misspelt',
      `scenario: x\nevntfds: [e0]\n${threads}`,
      'x.yaml:2 evntfds: unknown key, did you mean "eventfds"?',
    ],
    [
      'a key of a step',
      `${head}\nproducers: [p0]\nthreads:\n  t0:\n    - do: register_producer(p0, e0)\n      eror: end`,
      'x.yaml:7 threads.t0.0.eror: unknown key, did you mean "error"?',
    ],
    [
      'a key of a struct',
      `${head}\nproducers: [{name: p0, lack: [stop]}]\n${threads}`,
      'x.yaml:3 producers.0.lack: unknown key, did you mean "lacks"?',
    ],
    [
      'a key of an actor',
      `${head}\nactors: [{name: m0, machine: mutex, wirng: {}}]\n${threads}`,
      'x.yaml:3 actors.0.wirng: unknown key, did you mean "wiring"?',
    ],
    [
      'a name that is none',
      `${head}\nproducers: [P0]\n${threads}`,
      'x.yaml:3 producers.0: "P0": a name is small letters, then digits, as in p0',
    ],
    [
      'a thread whose name is none',
      `${head}\nthreads: {T0: ['register_producer(p0, e0)']}`,
      'x.yaml:3 threads.T0: "T0": a name is small letters, then digits, as in p0',
    ],
    [
      'a callback that is misspelt',
      `${head}\nproducers: [{name: p0, lacks: [strat]}]\n${threads}`,
      'x.yaml:3 producers.0.lacks.0: "strat" is not known, did you mean "start"?',
    ],
    [
      'a machine that is misspelt',
      `${head}\nactors: [{name: m0, machine: mutx}]\n${threads}`,
      'x.yaml:3 actors.0.machine: "mutx" is not known, did you mean "mutex"?',
    ],
    [
      'two documents',
      `${head}\nproducers: [p0]\n---\na: 1`,
      'x.yaml:4 a second document begins here: a file has one scenario',
    ],
    ['a list for a map', `${head}\nthreads: [t0]`, 'x.yaml:3 threads: expected a map, got a list'],
    ['a text for a list', `scenario: x\neventfds: e0\n${threads}`, 'x.yaml:2 eventfds: expected a list, got a text'],
    ['a number for a list', `${head}\nthreads: {t0: 5}`, 'x.yaml:3 threads.t0: expected a list, got 5'],
    ['nothing for a map', `${head}\nthreads:`, 'x.yaml:3 threads: expected a map, got nothing'],
    ['no threads', head, 'x.yaml:1 threads: is missing'],
    ['no steps', `${head}\nthreads: {t0: []}`, 'x.yaml:3 threads.t0: is an empty list'],
    ['only a text', 'just text', 'x.yaml:1 a scenario is a map: it needs "scenario" and "threads"'],
    ['only a list', '- 1', 'x.yaml:1 a scenario is a map: it needs "scenario" and "threads"'],
    ['nothing', '', 'x.yaml:1 the file is empty: a scenario needs at least "scenario", "eventfds" and "threads"'],
    [
      'a call as the kernel spells it',
      `${head}\nproducers: [p0]\nthreads: {t0: ['irq_bypass_register_producer(p0, e0)']}`,
      'x.yaml:4 unknown call "irq_bypass_register_producer", did you mean "register_producer"?',
    ],
    [
      'a call without a comma',
      `${head}\nproducers: [p0]\nthreads: {t0: ['register_producer(p0 e0)']}`,
      'x.yaml:4 register_producer takes 2 arguments (actor, eventfd), "register_producer(p0 e0)" has 1',
    ],
    ['one producer twice', `${head}\nproducers: [p0, p0]\n${threads}`, 'x.yaml:3 "p0" is declared twice'],
    [
      'a failure that is none',
      `${head}\nproducers: [{name: p0, failures: [5]}]\n${threads}`,
      'x.yaml:3 p0: a failure is an error, as in [-5], not 5',
    ],
  ])('%s', (_, text, message) => {
    expect(saidOf(text)).toBe(message);
  });
});

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
