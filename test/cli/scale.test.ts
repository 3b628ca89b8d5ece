// irqbypass scale from the command line: reports, wrong input, limits, signals.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Said } from '../engine/swarm/command.ts';
import { called } from '../engine/swarm/command.ts';
import { exitCode } from '../../src/cli/exit-codes.ts';
import { timeText } from '../../src/cli/scale/scale-text.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

const scale = (...args: readonly string[]): Promise<Said> => called('scale', ...args);

describe('irqbypass scale', () => {
  it('gives the series and the waits as one JSON document', async () => {
    const { status, stdout, stderr } = await scale(
      '--irqfds',
      '10,2000',
      '--index',
      'list,xarray',
      '--cpus',
      '8',
      '--json',
    );
    expect([status, stderr]).toEqual([0, '']);
    const report = JSON.parse(stdout) as {
      readonly series: readonly { readonly index: string; readonly irqfds: number; readonly oneMore: number }[];
      readonly crossover: number;
      readonly contention: {
        readonly results: readonly { readonly index: string; readonly wait: { readonly avg: number } }[];
      };
    };
    expect(report).toMatchObject({ verdict: 'done', cpus: 8, layout: 'pages', producers: 'none', seed: 1 });
    expect(report.series.map(({ index, irqfds }) => [index, irqfds])).toEqual([
      ['list', 10],
      ['list', 2000],
      ['xarray', 10],
      ['xarray', 2000],
    ]);
    expect(report.series.every(({ oneMore }) => oneMore > 0)).toBe(true);
    expect(report.contention.results.map(({ index }) => index)).toEqual(['list', 'xarray']);
  });

  it('gives a published workload beside what was published, the same bytes each time', async () => {
    const args = ['--workload', 'bug-217379', '--index', 'list,opt-out'];
    const first = await scale(...args);
    expect(first.status).toBe(0);
    expect(first.stdout).toMatch(/published +4\.00 ms/);
    expect((await scale(...args)).stdout).toBe(first.stdout);
  });

  it.each([
    [['--irqfds', '-1'], '--irqfds -1: expected whole numbers from 1'],
    [['--irqfds', '10,x'], '--irqfds 10,x: expected whole numbers from 1'],
    [['--irqfds', '1e12'], '1,000,000,000,000 irqfds would need about 1,117,588 GiB, this machine has'],
    [
      ['--irqfds', '10,16777216', '--index', 'list'],
      /--irqfds 16777216: (at most 16,777,215: a Map|16,777,216 irqfds would need)/,
    ],
    [
      ['--workload', 'like-xu', '--irqfds', '10', '--producers', 'all'],
      '--irqfds 10 --producers all: not with --workload',
    ],
    [['--cpus', '0'], '--cpus 0: expected a whole number from 1'],
    [['--index', 'xaray'], 'unknown index "xaray", did you mean "xarray"?'],
    [['--layout', 'page'], 'unknown layout "page", did you mean "pages"?'],
    [['--producers', 'al'], 'unknown share of producers "al", did you mean "all"?'],
    [['--workload', 'likexu'], 'unknown workload "likexu", did you mean "like-xu"?'],
    [['--max-memory', '1'], '--max-memory 1: expected a whole number from 64'],
  ])('refuses %j', async (args, message) => {
    const { status, stdout, stderr } = await scale(...args);
    expect([status, stdout]).toEqual([exitCode.input, '']);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n').length).toBe(1);
  });

  it('ends as incomplete near the memory limit, with what it has', async () => {
    const { status, stdout } = await scale(
      '--irqfds',
      '10,2000000',
      '--index',
      'list+xarray',
      '--max-memory',
      '256',
      '--json',
    );
    expect(status).toBe(exitCode.incomplete);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'incomplete',
      limit: 'memory-limit',
      series: [{ irqfds: 10 }],
    });
  });

  it.each([
    ['while it measures', 'SIGINT', ['--irqfds', '10,4000000', '--json'], 'series'],
    ['in virtual time', 'SIGTERM', ['--workload', 'like-xu', '--json'], 'contention'],
  ] as const)('is interrupted %s: the partial report, exit code 130', async (_, signal, args, key) => {
    const child = spawn(process.execPath, [join(root, 'bin/irqbypass.js'), 'scale', ...args]);
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    // Well after the handlers are there, well before a dozen seconds of work are done.
    const timer = setTimeout(() => child.kill(signal), 4000);
    const [code] = (await once(child, 'close')) as [number | null];
    clearTimeout(timer);
    expect(code).toBe(exitCode.interrupted);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'incomplete', limit: 'interrupted' });
    expect(JSON.parse(stdout)).toHaveProperty(key);
  });

  it('says what ran, not what was asked: irqfds of a workload, CPUs that are not those of the published one', async () => {
    const { status, stdout } = await scale('--workload', 'bug-217379', '--index', 'xarray', '--cpus', '1', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      irqfds: [300],
      cpus: 1,
      producers: 'none',
      contention: {
        workload: { title: expect.stringContaining('here on 1 CPU') as string },
        results: [{ irqfds: 300 }],
      },
    });
  });

  it('tells inputs from results, and waits from costs of a free mutex', async () => {
    const text = (await scale('--workload', 'cubesandbox', '--index', 'xarray')).stdout;
    expect(text).toContain('xarray: the published creation avg is an input here, no result');
    const json = JSON.parse(
      (await scale('--workload', 'cubesandbox', '--index', 'xarray', '--json')).stdout,
    ) as unknown;
    const published = [{ what: 'creation', statistic: 'avg', value: 127.412e6, isInput: true }];
    expect(json).toMatchObject({ contention: { results: [{ published }] } });
    expect((await scale('--workload', 'like-xu', '--index', 'xarray')).stdout).toContain(
      'xarray: nobody found the mutex taken',
    );
  });

  it('prints every pattern, and a dash for what is not known', async () => {
    const { stdout } = await scale('--irqfds', '10,30000', '--index', 'list,xarray', '--cpus', '2');
    expect(stdout).toMatch(/^one more, at N = /m);
    expect(stdout).toMatch(/^a random one, at N = /m);
    expect(stdout).toMatch(/^N and back, each, at N = +10 +30,000\nlist +\d.* +-$/m);
    expect(stdout).toMatch(/^list +16 +0\.000 +-$/m);
  });

  it.each([
    [20, '20 ns'],
    [1234, '1.23 us'],
    [117.855e6, '118 ms'],
    [11_428.34e6, '11.4 s'],
  ])('writes %d ns as %s', async (nanoseconds, text) => expect(timeText(nanoseconds)).toBe(text));
});
