// The corpus of wrong inputs (test/fixtures/wrong): each is refused with one message, exit code 2, and nothing on stdout.
//
// A case without `shell` runs in this process: a hundred processes would take a minute. UPDATE_WRONG=1 writes what is said
// into the corpus; read it then.
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseDocument } from 'yaml';
import { main } from '../../src/cli/main.ts';
import { root, Shell } from '../docs/transcripts.ts';

interface Case {
  readonly what: string;
  /** Arguments of irqbypass; a whole line of bash where it begins with `$ `. */
  readonly run: string;
  /** Files by name, which are there when it runs. */
  readonly files?: Readonly<Record<string, string>>;
  /** Does it print what could be done nevertheless? */
  readonly prints?: boolean;
  /** The exit code; 2 by default. */
  readonly exit?: number;
  /** What it says, without `irqbypass: ` in front. */
  readonly says: string;
}

const folder = mkdtempSync(join(tmpdir(), 'irqbypass-wrong-'));
const home = process.cwd();
const isUpdate = process.env['UPDATE_WRONG'] === '1';
beforeAll(() => process.chdir(folder));
afterEach(() => vi.restoreAllMocks());
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

/** Words of a command line; single quotes hold one together. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
}

/** Exit code, and all that is said. */
async function ran(line: string): Promise<{ readonly exit: number; readonly stdout: string; readonly stderr: string }> {
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      said[stream] += String(text);
      return true;
    });
  return { exit: await main(wordsOf(line)), ...said };
}

const shell = new Shell(folder);
let count = 0;

for (const path of globSync('test/fixtures/wrong/*.yaml', { cwd: root }).toSorted()) {
  const document = parseDocument(readFileSync(join(root, path), 'utf8'));
  const { before = '', cases } = document.toJS() as { readonly before?: string; readonly cases: readonly Case[] };
  describe(basename(path, '.yaml'), () => {
    for (const [i, { what, run, files = {}, exit = 2, prints = false, says }] of cases.entries())
      it(what, async () => {
        count += 1;
        // Modules are loaded once a process: a script has a name of its own.
        const own = (text: string): string => text.replaceAll(/\bbad\.ts\b/g, `bad${i}.ts`);
        for (const [name, text] of Object.entries(files))
          writeFileSync(own(name), name.endsWith('.ts') && !text.includes('import ') ? `${before}\n${text}` : text);
        const isShell = run.startsWith('$ ');
        const { exit: status, stdout, stderr } = isShell ? shell.ran(own(run.slice(2))) : await ran(own(run));
        const said = stderr
          .replace(/^irqbypass: /, '')
          .replace(/\n$/, '')
          .replaceAll(`bad${i}.ts`, 'bad.ts')
          .replaceAll(folder, '');
        if (isUpdate) document.setIn(['cases', i, 'says'], said);
        expect({ status, prints: stdout !== '' }).toEqual({ status: exit, prints });
        if (isUpdate) return;
        expect(said).toBe(says.replace(/\n$/, ''));
      });
    if (isUpdate) afterAll(() => writeFileSync(join(root, path), document.toString({ lineWidth: 0 })));
  });
}

it('has at least 120 cases', () => expect(count).toBeGreaterThanOrEqual(120));
