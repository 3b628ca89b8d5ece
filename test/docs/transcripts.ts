// Literate transcripts: every fenced block of a Markdown page is run, and its output compared.
//
// `console` blocks hold commands after `$ ` and the exact output; `ts` blocks must run; `sh` blocks are the two commands
// of the README that set everything up. UPDATE_TRANSCRIPTS=1 writes the outputs into the page.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { called } from '../engine/swarm/command.ts';

export const root: string = fileURLToPath(new URL('../../', import.meta.url));

/** A fenced block of a page. */
export interface Block {
  readonly language: string;
  readonly content: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
}

/** The fenced blocks of a page. */
export function blocksOf(page: string): Block[] {
  const found: Block[] = [];
  const pattern = /^```(\w*)\n(.*?)^```$/gms;
  for (const match of page.matchAll(pattern)) {
    const line = page.slice(0, match.index).split('\n').length;
    found.push({ language: match[1] ?? '', content: match[2] ?? '', line });
  }
  return found;
}

/** Commands of a console block with the output that is written below each. */
export function commandsOf(block: Block): { command: string; output: string }[] {
  const found: { command: string; output: string }[] = [];
  for (const line of block.content.split('\n').slice(0, -1)) {
    const last = found.at(-1);
    if (line.startsWith('$ ')) found.push({ command: line.slice(2), output: '' });
    else if (last !== undefined) last.output += `${line}\n`;
  }
  return found;
}

/** Takes out what differs from run to run: seconds, rates, memory. */
export function normalise(output: string): string {
  return output
    .replace(/\d+\.\d+ s \([\d,]+ states\/s\), \d+ MiB(?:, [\d.]+ bytes a state)?/g, '<time>')
    .replace(/\d+\.\d+ s \([\d,]+ steps\/s\)/g, '<time>')
    .replace(/\d+\.\d+ s \([\d,]+ messages\/s\), [\d,]+ MiB/g, '<time>')
    .replace(/(?<=\d calls), \d+\.\d+ s/g, ', <time>')
    .replace(/"(seconds|statesPerSecond|memoryMiB)": [\d.]+/g, '"$1": 0');
}

/** A folder in which commands of a page run one after the other. */
export class Shell {
  readonly #folder: string;

  /**
   * @param folder - where to run
   * @param home - the checkout or the package whose program and files there are
   * @param files - what of it lies in the folder
   */
  constructor(
    folder: string = mkdtempSync(join(tmpdir(), 'irqbypass-docs-')),
    home = root,
    files: readonly string[] = ['test', 'examples', 'LICENSE'],
  ) {
    this.#folder = folder;
    for (const name of files) symlinkSync(join(home, name), join(this.#folder, name));
    mkdirSync(join(this.#folder, '.bin'));
    const script = join(this.#folder, '.bin', 'irqbypass');
    writeFileSync(script, `#!/bin/sh\nexec "${process.execPath}" "${join(home, 'bin/irqbypass.js')}" "$@"\n`);
    chmodSync(script, 0o755);
    // What npx does, without asking where the package is, which takes longer than most commands.
    const npx = join(this.#folder, '.bin', 'npx');
    writeFileSync(npx, '#!/bin/sh\nnpm_command=exec\nexport npm_command\nexec "$@"\n');
    chmodSync(npx, 0o755);
  }

  /** Runs one command; stdout and stderr in the order written, and the exit code where it is not 0. */
  run(command: string): string {
    const { stdout, exit } = this.ran(`{ ${command}\n} 2>&1`);
    return `${stdout}${exit === 0 ? '' : `[exit ${exit}]\n`}`;
  }

  /** The same in this process where it needs no shell: a process of its own takes longer than most commands. One at a time. */
  async runHere(command: string): Promise<string> {
    if (!/^(npx )?irqbypass [\w ./=:,@%+-]+$/.test(command)) return this.run(command);
    const home = process.cwd();
    const before = { ...process.env };
    const words = command.split(' ').filter((word) => word !== '');
    process.chdir(this.#folder);
    process.env['NO_COLOR'] = '1';
    process.env['npm_command'] = words[0] === 'npx' ? 'exec' : '';
    try {
      const { status, both } = await called(...words.slice(words[0] === 'npx' ? 2 : 1));
      return `${both}${status === 0 ? '' : `[exit ${status}]\n`}`;
    } finally {
      process.chdir(home);
      process.env = before;
    }
  }

  /** Runs one command; exit code and streams. */
  ran(command: string): { readonly exit: number; readonly stdout: string; readonly stderr: string } {
    const { stdout, stderr, status } = spawnSync('bash', ['-c', command], {
      cwd: this.#folder,
      encoding: 'utf8',
      timeout: 100_000,
      env: {
        ...process.env,
        PATH: `${join(this.#folder, '.bin')}:${process.env['PATH'] ?? ''}`,
        NO_COLOR: '1',
        npm_command: '',
      },
    });
    return { exit: status ?? -1, stdout, stderr };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** Writes the real outputs into the console blocks of a page. */
export function updated(page: string, shell: Shell): string {
  return page.replace(/^```console\n(.*?)^```$/gms, (_, content: string) => {
    const commands = commandsOf({ language: 'console', content, line: 0 });
    return `\`\`\`console\n${commands.map(({ command }) => `$ ${command}\n${shell.run(command)}`).join('')}\`\`\``;
  });
}

/** Reads a page of the project. */
export function pageOf(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
