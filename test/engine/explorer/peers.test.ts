// The same system for Spin and Rumur, from models of their own: the verdict agrees on every size tried here.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { explore } from '../../../src/engine/explorer/search/explore.ts';
import { assemble } from '../../../src/scenarios/assemble.ts';
import { findScenario } from '../../../src/scenarios/builtin.ts';
import { isLong } from '../../sample.ts';

const scratch = mkdtempSync(join(tmpdir(), 'irqbypass-peers-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const generator = fileURLToPath(new URL('../../../bench/peers-generate.mjs', import.meta.url));
const has = (command: string): boolean => spawnSync('which', [command]).status === 0;
const missing = (...commands: string[]): string[] => commands.filter((command) => !has(command));

function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: scratch, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

async function verdict(producers: number, consumers: number, eventfds: number, mutation?: string): Promise<string> {
  const scenario = findScenario('manager');
  if (scenario === undefined) throw new Error('no manager');
  const set = { producers, consumers, eventfds, faults: true };
  const { world, properties } = assemble({ scenario, set, ...(mutation === undefined ? {} : { mutation }) });
  const { verdict: found, violations } = await explore(world, { properties });
  return [found, ...violations.map(({ property }) => property)].join(' ');
}

/** What a peer prints for a size: it generates its checker, compiles it and searches. */
const search = {
  Spin: (model: string, optimised: string): string => {
    run('spin', '-a', `${model}.pml`);
    run('gcc', optimised, '-DSAFETY', '-DNOREDUCE', '-DMEMLIM=4000', '-w', '-o', 'pan', 'pan.c');
    return run('./pan', '-m1000000', '-w20');
  },
  Rumur: (model: string, optimised: string, ends: readonly number[] = [0]): string => {
    const options = ['--symmetry-reduction', 'off', '--scalarset-schedules', 'off', '--threads', '1'];
    run('rumur', ...options, '-o', 'r.c', `${model}.m`);
    run('gcc', '-std=c11', optimised, '-march=native', '-w', '-mcx16', '-o', 'r', 'r.c', '-lpthread', '-latomic');
    const { status, stdout, stderr } = spawnSync(join(scratch, 'r'), [], { cwd: scratch, encoding: 'utf8' });
    if (!ends.includes(status ?? -1)) throw new Error(`rumur's checker: ${stderr}`);
    return stdout;
  },
};

/**
 * Every size up to 3,3,2 (some in test:long only; producers and consumers in one order), and distinct states that both
 * peers found: figures of their models.
 */
const sizes = [
  [1, 1, 1, 104],
  [2, 2, 2, 20_017],
  [3, 3, 1, 14_464],
  ...(isLong
    ? ([
        [1, 1, 2, 249],
        [2, 2, 1, 1584],
        [2, 1, 1, 408],
        [2, 1, 2, 2227],
        [3, 1, 1, 1248],
        [3, 1, 2, 13_953],
        [3, 2, 1, 4800],
        [3, 2, 2, 124_395],
        [3, 3, 2, 768_393],
      ] as const)
    : []),
] as const;

for (const [peer, tools] of [
  ['Spin', ['spin', 'gcc']],
  ['Rumur', ['rumur', 'gcc']],
] as const) {
  const lacking = missing(...tools);
  describe.skipIf(lacking.length > 0)(`${peer}${lacking.length > 0 ? ` (install ${lacking.join(', ')})` : ''}`, () => {
    for (const [p, c, e, states] of sizes) {
      it(`${p},${c},${e}: holds, as ours does`, async () => {
        run(process.execPath, generator, String(p), String(c), String(e), scratch);
        const model = `m_${p}_${c}_${e}`;
        // For most sizes the compiler would take longer than the search.
        const optimised = states > 100_000 ? '-O2' : '-O0';
        const output = search[peer](model, optimised);
        expect(output).toMatch(peer === 'Spin' ? /errors: 0/ : /no error found/i);
        expect(output).toContain(`${states} states`);
        expect(await verdict(p, c, e)).toBe('holds');
      });
    }

    // A comparison in which everything holds proves little: the peers must see what is wrong, too.
    it('1,1,1 with a disconnect that clears one binding only: violated, as ours is', async () => {
      run(process.execPath, generator, '1', '1', '1', scratch, 'unbind-own');
      const output = peer === 'Spin' ? search.Spin('m_1_1_1', '-O0') : search.Rumur('m_1_1_1', '-O0', [1]);
      // Both stop at the first: Promela's claims are one formula, Murphi's have names.
      expect(output).toMatch(
        peer === 'Spin' ? /assertion violated .*cpeer[\s\S]*errors: 1/ : /sym [pc][\s\S]*1 error\(s\) found/,
      );
      expect(await verdict(1, 1, 1, 'm-unbind-own')).toMatch(/^violated i-pairsym/);
    });
  });
}
