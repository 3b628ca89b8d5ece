// Limits and signals count from the first byte that is read: a large file is refused, or stopped in time.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { irqbypass, start } from '../engine/swarm/command.ts';
import { isLong, sample } from '../sample.ts';

const folder = mkdtempSync(join(tmpdir(), 'irqbypass-limits-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a quiet machine keeps by far; tests beside each other share one, so they allow for more. Seconds. */
const SLACK = isLong ? 1 : 3;

/** A scenario with so many producers, each with an eventfd and a thread. */
function fileOf(count: number): string {
  const numbers = Array.from({ length: count }, (_, i) => i);
  const names = (letter: string): string => numbers.map((i) => `${letter}${i}`).join(', ');
  const threads = numbers.map((i) => `  t${i}: ['register_producer(p${i}, e${i})', 'unregister_producer(p${i})']`);
  const file = join(folder, `${count}.yaml`);
  const lines = ['scenario: large', `eventfds: [${names('e')}]`, `producers: [${names('p')}]`, 'threads:', ...threads];
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

/** The largest world there may be. */
const largest = fileOf(341);

it.each([
  [3000, /^irqbypass: IRQB107 .*3000\.yaml: the scenario has 9000 actors .* a world holds 1024; .*\n$/],
  [12_000, /^irqbypass: IRQB102 .*12000\.yaml: larger than 262144 bytes, which no scenario is\n$/],
])('a file of %i producers is refused with the number that may be', (count, says) => {
  const { status, stderr } = irqbypass('explore', fileOf(count), '--max-seconds', '2');
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(says) });
});

describe('the largest world there may be ends within its two seconds', () => {
  it.each(sample(['', '--search dfs', '--liveness', '--no-symmetry --no-por', '--no-symmetry --workers 2'], 3))(
    '%s',
    (options) => {
      const begin = performance.now();
      const args = options.split(' ').filter((option) => option !== '');
      const { status, stdout } = irqbypass('explore', largest, '--max-seconds', '2', ...args);
      expect({ status, first: stdout.split('\n')[0] }).toEqual({
        status: 3,
        first: expect.stringContaining('incomplete (seconds-limit)'),
      });
      expect((performance.now() - begin) / 1000).toBeLessThan(2 + 1 + SLACK);
    },
  );
});

describe('a signal ends it, whatever it is doing', () => {
  it.each([
    ['SIGTERM', 200],
    ['SIGTERM', 700],
    ['SIGINT', 1100],
    ['SIGTERM', 1600],
  ] as const)('%s after %i ms', async (signal, ms) => {
    const { child, end } = start('explore', largest, '--no-symmetry', '--no-por');
    await new Promise((resolve) => setTimeout(resolve, ms));
    const begin = performance.now();
    child.kill(signal);
    const { status, stdout } = await end;
    // While it is read and built the signal does what signals do; a search that has begun is reported.
    expect([null, 130]).toContain(status);
    if (status === 130) expect(stdout).toContain('incomplete (interrupted)');
    expect((performance.now() - begin) / 1000).toBeLessThan(SLACK);
  });
});
