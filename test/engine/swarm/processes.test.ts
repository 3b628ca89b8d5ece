// The embedded swarm: worker processes that die lose no job, and what keeps failing is reported.
import { isLong } from '../../sample.ts';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JobResult, SwarmJob } from '../../../src/engine/swarm/swarm-job.ts';
import { inProcesses } from '../../../src/engine/swarm/run-in-processes.ts';
import { jobProcess, swarmOf } from '../../../src/scenarios/files/known-scenarios.ts';
import { assembled } from '../assembled.ts';
import { irqbypass, start, until, untimed } from './command.ts';

const plan = (count: number): SwarmJob[] =>
  swarmOf(assembled('pairing'), { builtin: 'pairing' }, count, 1, { stepsPerJob: 1000 });

interface Outcome {
  readonly done: JobResult[];
  readonly failed: [number, string][];
  readonly notes: string[];
}

async function runIn(workers: number, count: number, options: object, signal?: AbortSignal): Promise<Outcome> {
  const outcome: Outcome = { done: [], failed: [], notes: [] };
  const events = {
    done: (result: JobResult) => void outcome.done.push(result),
    failed: (job: number, reason: string) => void outcome.failed.push([job, reason]),
    note: (text: string) => void outcome.notes.push(text),
  };
  const never = new AbortController().signal;
  await inProcesses(workers, { entry: jobProcess, modelFiles: [], ...options })(plan(count), events, signal ?? never);
  return outcome;
}

describe('worker processes', () => {
  it('run every job once', async () => {
    const { done, failed, notes } = await runIn(3, 10, {});
    expect(done.map(({ number }) => number).toSorted((a, b) => a - b)).toEqual([...Array.from({ length: 10 }).keys()]);
    expect([failed, notes]).toEqual([[], []]);
  });

  it.runIf(isLong)('that die lose no job; a job that always kills is given up after three attempts', async () => {
    process.env['DIED_IN'] = mkdtempSync(join(tmpdir(), 'irqbypass-died-'));
    const { done, failed, notes } = await runIn(2, 8, {
      entry: new URL('./job-process-that-dies.ts', import.meta.url),
    });
    expect(done.map(({ number }) => number).toSorted()).toEqual([0, 1, 2, 3, 4, 6, 7]);
    expect(failed).toEqual([[5, 'the worker process died (SIGKILL)']]);
    expect(notes.toSorted()).toEqual([
      'job 1: the worker process died (exit code 7); it is tried again',
      'job 3: the worker process died (exit code 1): Error: out of luck; it is tried again',
      'job 5: the worker process died (SIGKILL); it is tried again',
      'job 5: the worker process died (SIGKILL); it is tried again',
      'job 7: the worker process died (SIGKILL); it is tried again',
    ]);
  });

  it('that hang are ended', async () => {
    const { failed } = await runIn(1, 1, { jobSecondsMax: 0.001 });
    expect(failed).toEqual([[0, 'the worker process took more than 0.001 s and was ended']]);
  });

  it('are ended by a signal', async () => {
    const { done, failed } = await runIn(2, 100, {}, AbortSignal.timeout(700));
    expect(done.length).toBeLessThan(100);
    expect(failed).toEqual([]);
  });
});

describe('irqbypass explore --swarm', () => {
  it.runIf(isLong)('prints the same whatever the number of workers', () => {
    const run = (workers: string) =>
      irqbypass(
        'explore',
        'manager',
        '--mutation',
        'm-lock-kept',
        '--swarm',
        '6',
        '--max-steps',
        '20000',
        '--workers',
        workers,
        '--json',
      );
    const [one, two] = [run('1'), run('2')];
    expect(one.status).toBe(1);
    expect(untimed(two.stdout)).toEqual(untimed(one.stdout));
    expect(untimed(one.stdout)).toMatchObject({
      verdict: 'violated',
      exhaustive: true,
      swarm: { jobs: 6, done: 6, failed: [] },
    });
  });

  it.runIf(isLong)('prints a line that gives the same again', () => {
    const scenario = ['double-unregister-race', '--property', 'i-owner'];
    const run = irqbypass(
      'explore',
      ...scenario,
      '--swarm',
      '3',
      '--seed',
      '2',
      '--max-states',
      '20',
      '--max-steps',
      '20000',
    );
    expect(run.status).toBe(1);
    const [, line = ''] = /^reproduce {2}irqbypass (.*)$/m.exec(run.stdout) ?? [];
    const again = irqbypass(...line.split(' '));
    const untimedText = ({ stdout }: typeof run): string => stdout.replace(/, [\d.]+ s .*/, '');
    expect(untimedText(again)).toBe(untimedText(run));
  });

  it('says of a wrong model what a search says of it, once', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'irqbypass-wrong-')), 'wrong.ts');
    // A function call that cannot wait: which state it meets is seen by a search only.
    writeFileSync(
      file,
      `import { defineScenario, handlers, invoke, machine, returnTo, step } from 'irqbypass-lab';
const { on } = handlers();
const once = machine({
  id: 'once', title: 'Takes one call', sends: ['return'], operations: { signal: { how: 'call' } }, context: () => ({}),
  handlers: { done: on('signal', ({ event }) => returnTo(event.caller, null)) },
  chart: { initial: 'a', states: { a: { on: { signal: { target: 'b', actions: 'done' } } }, b: {} } },
});
const threads = { t0: [step(invoke('signal', 'k0'))], t1: [step(invoke('signal', 'k0'))] };
export default defineScenario({
  id: 'wrong', title: 'Wrong', description: '', parameters: {}, properties: ['l-term'],
  script: () => ({ actors: [{ name: 'k0', machine: once }], threads }),
});
`,
    );
    const [alone, swarm] = [irqbypass('explore', file), irqbypass('explore', file, '--swarm', '2')];
    expect({ status: swarm.status, stdout: swarm.stdout }).toEqual({ status: 2, stdout: '' });
    expect([alone.status, swarm.stderr]).toEqual([2, alone.stderr]);
    expect(swarm.stderr).toMatch(/^irqbypass: IRQB307 .*is called with "signal" in state b/);
  });

  it('writes the shortest counterexample as a trace that replays', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'irqbypass-trace-')), 'found.ndjson');
    const found = irqbypass('explore', 'pairing', '--mutation', 'b6', '--swarm', '2', '--trace', file);
    expect(found.status).toBe(1);
    expect(irqbypass('replay', file)).toMatchObject({ status: 0, stdout: expect.stringContaining('0 diverge') });
  });

  it('prints the partial report when it is interrupted, and leaves no process behind', async () => {
    const run = start('explore', 'manager', '--set', 'producers=4', '--swarm', '100000', '--workers', '2');
    await new Promise((resolve) => setTimeout(resolve, 3000));
    // As a terminal does: the whole group.
    process.kill(-(run.child.pid as number), 'SIGINT');
    const { status, stdout } = await run.end;
    expect(status).toBe(130);
    expect(stdout.replaceAll(/\n {4,}/g, ' ')).toMatch(
      /incomplete \(interrupted\)\n.*\n {2}\d+ of 100,000 jobs of seed 1 in 2 processes/,
    );
    const { stdout: left } = spawnSync('pgrep', ['-g', String(run.child.pid)], { encoding: 'utf8' });
    expect(left).toBe('');
  });

  it('ends at a limit of time as incomplete', () => {
    const { status, stdout } = irqbypass(
      'explore',
      'manager',
      '--set',
      'producers=4',
      '--swarm',
      '100000',
      '--max-seconds',
      '2',
      '--json',
    );
    expect(status).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'incomplete', limit: 'seconds-limit' });
  });

  // In npm test, workers die by themselves (above).
  it.runIf(isLong)('loses no job when a worker process is killed from outside', async () => {
    const run = start('explore', 'manager', '--swarm', '6', '--workers', '2', '--json');
    const children = (): string[] =>
      spawnSync('pgrep', ['-P', String(run.child.pid)], { encoding: 'utf8' })
        .stdout.split('\n')
        .slice(0, -1);
    await until(() => children().length === 2);
    process.kill(Number(children()[0]), 'SIGKILL');
    const { status, stdout, stderr } = await run.end;
    expect(stderr).toMatch(/job \d+: the worker process died \(SIGKILL\); it is tried again/);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'holds', swarm: { done: 6, failed: [] } });
  });

  it('refuses what makes no sense', () => {
    for (const [args, message] of [
      [['--swarm', '0'], '--swarm 0: expected a whole number from 1 to 100000'],
      [['--seed', '1'], '--seed, --max-steps and --redis are for --swarm N'],
      [['--swarm', '2', '--seed', '-1'], '--seed -1: expected a whole number from 0'],
      [['--swarm', '2', '--lts', 'x.aut'], '--lts does not go with --swarm'],
      [['--swarm', '2', '--max-memory', '100'], '--max-memory does not go with --swarm'],
      [['--swarm', '2', '--workers', '0'], '--workers 0: expected a whole number from 1'],
      [['--swarm', '2', '--redis', 'redis://localhost', '--workers', '2'], '--workers does not go with --redis'],
    ] as const) {
      const { status, stderr } = irqbypass('explore', 'pairing', ...args);
      expect(stderr).toContain(message);
      expect(status).toBe(2);
    }
  });
});
