// irqbypass run storm: the options of run, what it checks, reports, wrong input, limits.
import { describe, expect, it, vi } from 'vitest';
import { exitCode } from '../../src/cli/exit-codes.ts';
import { main } from '../../src/cli/main.ts';

interface Ran {
  readonly code: number;
  readonly printed: string;
  readonly said: string;
}

async function irqbypass(...args: string[]): Promise<Ran> {
  let printed = '';
  let said = '';
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  const err = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  const code = await main(args).finally(() => {
    out.mockRestore();
    err.mockRestore();
  });
  return { code, printed, said };
}

const storm = (...args: string[]): Promise<Ran> => irqbypass('run', 'storm', ...args);

interface Report {
  readonly memoryMiB: number;
  readonly peakNodes: number;
  readonly trace: readonly { readonly step: number; readonly observations: readonly { readonly kind: string }[] }[];
}
const parsed = ({ printed }: Ran): Report => JSON.parse(printed) as Report;

describe('irqbypass run storm', () => {
  it('reports with the keys of run, and figures', async () => {
    const ran = await storm('--set', 'irqfds=500', '--set', 'threads=8', '--seed', '3', '--json');
    expect(ran.code).toBe(exitCode.ok);
    const report = parsed(ran);
    expect(report).toMatchObject({
      scenario: 'storm',
      parameters: { irqfds: 500, threads: 8 },
      revision: 'v2p8',
      mutation: null,
      scheduler: 'random',
      seed: 3,
      steps: 10_000,
      verdict: 'holds',
      actors: 1009,
      messages: 20_000,
    });
    expect(report.trace.map(({ step }) => step)).toEqual(Array.from({ length: 50 }, (_, i) => 9951 + i));
    expect(report.trace.at(-1)?.observations.at(-1)).toMatchObject({ kind: 'return', op: 'unregister_producer' });
    // The same seed, the same run, but for what depends on the machine.
    const again = parsed(await storm('--set', 'irqfds=500', '--set', 'threads=8', '--seed', '3', '--json'));
    expect(again.trace).toEqual(report.trace);
  });

  it.each([
    ['m-no-disconnect', 'v2p8', 'i-adddel', /is still connected/],
    ['m-unbind-own', 'v2p8', 'i-adddel', /is disconnected from/],
    ['m-keep-key', 'v2p8', 'i-keysync', /still has a key/],
    ['b24d', 'v2p8', 'i-nocorrupt', /CORRUPTION/],
  ])('finds %s on %s: %s', async (mutation, revision, property, message) => {
    const args = ['--set', 'irqfds=30', '--mutation', mutation, '--revision', revision];
    const ran = await storm(...args, '--json');
    expect(ran.code).toBe(exitCode.violated);
    expect(parsed(ran)).toMatchObject({ mutation, revision, verdict: 'violated', violation: { property } });
    const text = await storm(...args);
    expect(text.printed).toMatch(message);
    const line = /^reproduce {2}irqbypass (.*)$/m.exec(text.printed)?.[1]?.split(' ') ?? [];
    expect((await irqbypass(...line)).printed).toContain(`reproduce  irqbypass ${line.join(' ')}\n`);
  });

  it('shows the steps that led to a violation, also where it came early', async () => {
    const ran = await storm('--set', 'irqfds=1000', '--revision', 'longpeng-hlist', '--json');
    expect(ran.code).toBe(exitCode.violated);
    const { trace } = parsed(ran);
    expect(trace.length).toBe(50);
    expect(trace.at(-1)?.observations.at(-1)?.kind).toBe('corruption');
  });

  it('checks only the properties that are named', async () => {
    const args = ['--set', 'irqfds=30', '--mutation', 'm-keep-key'];
    expect((await storm(...args, '--property', 'i-leak')).code).toBe(exitCode.ok);
    expect((await storm(...args, '--property', 'i-keysync')).code).toBe(exitCode.violated);
    const kept = await storm('--set', 'irqfds=30', '--revision', 'longpeng-hlist', '--property', 'i-leak');
    expect([kept.code, kept.printed.includes('never given back')]).toEqual([exitCode.ok, true]);
  });

  it('stops at the limit of steps', async () => {
    const ran = await storm('--set', 'irqfds=100', '--max-steps', '1000', '--json');
    expect(ran.code).toBe(exitCode.ok);
    const report = parsed(ran);
    expect(report).toMatchObject({ steps: 1000, verdict: 'holds', limit: 'steps-limit' });
    expect(report.trace.at(-1)?.step).toBe(1000);
  });

  it('counts the nodes of draft 3', async () => {
    const ran = await storm('--set', 'irqfds=100', '--revision', 'likexu-draft3', '--json');
    expect(parsed(ran).peakNodes).toBeGreaterThan(200);
  });

  it('ends as incomplete near the memory limit, and says how much it took', async () => {
    const ran = await storm('--set', 'irqfds=1000', '--max-memory', '64', '--json');
    expect(ran.code).toBe(exitCode.incomplete);
    const report = parsed(ran);
    expect(report).toMatchObject({ verdict: 'incomplete', limit: 'memory-limit' });
    expect(report.memoryMiB).toBeGreaterThan(64);
  });

  it('is interrupted by a signal, with what it has', async () => {
    // Not before somebody listens: on a busy machine the command takes a while to load.
    const others = process.listenerCount('SIGINT');
    const signal = setInterval(() => {
      if (process.listenerCount('SIGINT') === others) return;
      clearInterval(signal);
      process.emit('SIGINT');
    }, 10);
    const ran = await storm('--set', 'irqfds=2000000', '--json');
    expect(ran.code).toBe(exitCode.interrupted);
    expect(parsed(ran)).toMatchObject({ verdict: 'incomplete', limit: 'interrupted' });
  });

  it('is listed, with its parameters', async () => {
    const { printed } = await irqbypass('list', 'scenarios', '--json');
    const listed = JSON.parse(printed) as { readonly id: string }[];
    expect(listed.find(({ id }) => id === 'storm')).toMatchObject({ parameters: { irqfds: 100_000, threads: 144 } });
  });

  it.each([
    [['--set', 'irqfds=-1'], /irqfds=-1: expected a whole number from 1/],
    [['--set', 'irqfds=1e12'], /1,000,000,000,000 irqfds would need about/],
    [['--set', 'irqfds=16000001'], /at most 16,000,000 irqfds|would need about/],
    [['--set', 'irqfd=10'], /unknown parameter "irqfd", did you mean "irqfds"/],
    [['--set', 'threads=0'], /threads 0: expected a whole number/],
    [['--revision', 'v2p9'], /unknown revision "v2p9"/],
    [['--mutation', 'nonsense'], /unknown mutation "nonsense"/],
    [['--mutation', 'b7'], /b7: it changes callers, structs or drivers/],
    [['--mutation', 'b24a', '--revision', 'base'], /makes no sense on base/],
    [['--scheduler', 'nonsense'], /unknown scheduler "nonsense"/],
    [['--scheduler', 'pct'], /so only random/],
    [['--format', 'nonsense'], /unknown format "nonsense"/],
    [['--format', 'itf'], /so only text/],
    [['--out', 'trace.ndjson'], /keeps only its last 50 steps/],
    [['--property', 'i-order'], /storm checks only/],
    [['--max-steps', '0'], /--max-steps 0: expected a whole number from 1/],
    [['--seed', '-1'], /--seed -1/],
  ])('refuses %j', async (args, message) => {
    const { code, printed, said } = await storm(...args);
    expect([code, printed]).toEqual([exitCode.input, '']);
    expect(said).toMatch(message);
    expect(said.trim().split('\n').length).toBe(1);
  });

  it('gives a mistyped name the usual hint, and explore another scenario', async () => {
    expect((await irqbypass('run', 'strom')).said).toContain('unknown scenario "strom", did you mean "storm"?');
    const { code, said } = await irqbypass('explore', 'storm');
    expect([code, said.includes('scenario manager')]).toEqual([exitCode.input, true]);
  });
});
