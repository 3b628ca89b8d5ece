// Kills a search at random moments with SIGKILL and goes on with it until it ends by itself.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { seeded } from '../../../src/engine/world/schedulers.ts';

const command = fileURLToPath(new URL('../../../bin/irqbypass.js', import.meta.url));

/** What the JSON report of a search says, as far as it is compared. */
export interface Counts {
  readonly verdict: string;
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
}

/** Runs the command; killed after so many milliseconds, or left to end by itself. Answers its output, null if killed. */
function run(args: readonly string[], killAfterMs: number | null): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    const timer = killAfterMs === null ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (signal === 'SIGKILL') resolve(null);
      else if (code === 0) resolve(output);
      else reject(new Error(`exit ${String(code)}: ${errors}`));
    });
  });
}

function counts(output: string): Counts {
  const { verdict, states, transitions, depth } = JSON.parse(output) as Counts;
  return { verdict, states, transitions, depth };
}

/** The counts of a search that is not disturbed. */
export async function straight(scenario: readonly string[]): Promise<Counts> {
  const output = await run(['explore', ...scenario, '--json'], null);
  return counts(output ?? '');
}

/** The counts of a search that is killed so often and resumed, and how often it was really killed. */
export async function killedAndResumed(
  scenario: readonly string[],
  kills: number,
  seed: number,
): Promise<{ readonly counts: Counts; readonly killed: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'irqbypass-kill-'));
  const directory = join(folder, 'checkpoint');
  const int = seeded(seed);
  let killed = 0;
  try {
    for (;;) {
      const isThere = existsSync(join(directory, 'checkpoint.json'));
      const where = isThere ? ['--resume', directory] : ['--checkpoint', directory];
      const args = ['explore', ...scenario, ...where, '--checkpoint-every', '0.1', '--json'];
      const output = await run(args, killed < kills ? int(450, 1100) : null);
      if (output !== null) return { counts: counts(output), killed };
      killed += 1;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
