// Runs `irqbypass` as a user does, as a process of its own.
import type { ChildProcess, SpawnSyncReturns } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { main } from '../../../src/cli/main.ts';

const bin = fileURLToPath(new URL('../../../bin/irqbypass.js', import.meta.url));

/** Runs a command to its end. */
export function irqbypass(...args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', timeout: 60_000 });
}

/** What a command answers and says. */
export interface Said {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, in the order in which they were written. */
  readonly both: string;
}

/** Runs a command in this process: the same but for what is about processes, and ten times as fast. One at a time. */
export async function called(...args: readonly string[]): Promise<Said> {
  const said = { stdout: '', stderr: '', both: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      said[stream] += String(text);
      said.both += String(text);
      return true;
    }),
  );
  try {
    return { status: await main(args), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** The report of a swarm without what depends on the machine and the moment: times, memory, workers. */
export function untimed(stdout: string): object {
  const { seconds, statesPerSecond, memoryMiB, workers, ...rest } = JSON.parse(stdout) as Record<string, unknown>;
  for (const figure of [seconds, statesPerSecond, memoryMiB])
    if (typeof figure !== 'number') throw new TypeError('a figure is missing');
  if (workers === undefined) throw new TypeError('workers are missing');
  return rest;
}

/** Waits until something is so; a test that waits in vain ends by its own limit of time. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** A command that runs beside the test. */
export interface Started {
  readonly child: ChildProcess;
  /** Resolves when its stderr contains the text. */
  readonly says: (text: string) => Promise<void>;
  readonly end: Promise<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }>;
}

/** Starts a command, as the leader of a group of processes. */
export function start(...args: readonly string[]): Started {
  return startWith({}, ...args);
}

/** Starts a command with further environment variables. */
export function startWith(env: Readonly<Record<string, string>>, ...args: readonly string[]): Started {
  const child = spawn(process.execPath, [bin, ...args], { detached: true, env: { ...process.env, ...env } });
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    for (const listener of listeners) listener();
  });
  const end = new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) => {
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
  const says = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (stderr.includes(text)) resolve();
      };
      listeners.add(look);
      void end.then(() => reject(new Error(`it ended without saying "${text}": ${stderr}`)));
      look();
    });
  return { child, says, end };
}
