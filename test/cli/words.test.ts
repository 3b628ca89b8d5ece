// What every report says: which kernel, what is violated, who can do it; lines that fit; errors as JSON.
import { describe, expect, it, vi } from 'vitest';
import { programName } from '../../src/cli/program-name.ts';
import { wrapped } from '../../src/cli/terminal.ts';
import { findRevision } from '../../src/registry/revisions.ts';
import { irqbypass } from '../engine/swarm/command.ts';

describe('a kernel version names a revision, and it is said which', () => {
  it.each([
    ['4.4', 'linux-4.4'],
    ['v4.9.337', 'linux-4.7'],
    ['4.10', 'base'],
    ['5.8', 'base'],
    ['5.10', 'linux-5.9'],
    ['5.10.240', 'linux-5.9'],
    ['5.13', 'base'],
    ['6.12', 'base'],
    ['v6.12.95', 'base'],
    ['linux-6.16.1', 'base'],
    ['6.17', 'v2p8'],
    ['6.17-rc3', 'v2p8'],
    ['7.0', 'v2p8'],
  ])('%s is %s', (version, revision) => {
    expect(findRevision(version)?.id).toBe(revision);
  });

  it('explore says which it took, and the kernels that have it', () => {
    const where = 'Linux 4.10 to 5.8, 5.13 to 6.16';
    const { status, stdout, stderr } = irqbypass(
      'explore',
      'pairing',
      '--property',
      'i-uniq',
      '--revision',
      'v6.12.95',
    );
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: `--revision v6.12.95: base, what ${where} of mainline has; stable and vendor trees may differ\n`,
    });
    expect(stdout.split('\n')[0]).toBe(`pairing on base, ${where}: holds`);
  });

  it('before 4.4 there is none', () => {
    const { status, stderr } = irqbypass('explore', 'pairing', '--revision', 'v4.3');
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'irqbypass: IRQB101 unknown revision "v4.3" (irqbypass came with Linux 4.4: there is none before)\n',
    });
  });

  it('the name of a revision says nothing', () => {
    expect(irqbypass('explore', 'pairing', '--property', 'i-uniq', '--revision', 'linux-5.9').stderr).toBe('');
  });
});

describe('a violated property', () => {
  it('comes with its title, the scenario with its own, a misuse with who can do it', () => {
    const { stdout } = irqbypass('explore', 'null-key');
    expect(stdout).toContain('null-key on v2p8, Linux 6.17: violated\n  Registering under a NULL eventfd\n');
    expect(stdout).toContain('i-leak: p0 is still registered under NULL and nobody will unregister it\n');
    expect(stdout).toContain('  what is violated: When all owners are done both sets are empty');
    expect(stdout).toContain('who can do it: None in Linux 6.17 passes NULL');
    expect(stdout).toContain('vacuous: what they are about never happens here');
  });

  it('of a bug that was put in nobody is named', () => {
    const { stdout } = irqbypass('explore', 'double-unregister', '--mutation', 'm-forgets-nothing');
    expect(stdout).toContain('violated');
    expect(stdout).not.toContain('who can do it');
  });
});

it('what holds says of what', () => {
  expect(irqbypass('explore', 'pairing').stdout).toContain('  in every interleaving of these actors; of more of them,');
});

it('no line of a report is longer than 100 columns, but for commands to be pasted', () => {
  for (const args of [
    ['explore', 'assign'],
    ['explore', 'double-unregister-race'],
    ['explore', 'manager', '--coverage'],
  ]) {
    const long = irqbypass(...args)
      .stdout.split('\n')
      .filter((line) => line.length > 100 && !line.startsWith('reproduce  '));
    expect(long).toEqual([]);
  }
});

describe('a wrapped line', () => {
  it('goes on indented, keeps every word, and colours take no room', () => {
    expect(wrapped('  one two three four five six seven eight', 30)).toBe(
      '  one two three four five six\n      seven eight',
    );
    const red = '\u001B[31mone\u001B[39m two three four five six';
    expect(wrapped(red, 30)).toBe(red);
    expect(wrapped('reproduce  irqbypass explore pairing --revision v2p8', 30)).not.toContain('\n');
    expect(wrapped('a b', 1)).toBe('a b');
  });
});

it('what the demo says of a host is so: the next producer is connected to the consumer of the evicted one', () => {
  const { status, stdout } = irqbypass('explore', 'examples/evicted.yaml', '--property', 'i-pairsym');
  expect(status).toBe(1);
  expect(stdout).toContain('i-pairsym: p1 is bound to c0, which is bound to p2\n');
  expect(irqbypass('explore', 'examples/evicted.yaml', '--property', 'i-pairsym', '--revision', '6.12').status).toBe(0);
});

it('lines to paste begin as the program was called', () => {
  const line = (npm_command: string): string | undefined => {
    vi.stubEnv('npm_command', npm_command);
    const name = programName();
    vi.unstubAllEnvs();
    return name;
  };
  expect([line(''), line('exec'), line('run-script'), line('run')]).toEqual([
    'irqbypass',
    'npx irqbypass',
    'npx irqbypass',
    'npx irqbypass',
  ]);
});

describe('a run', () => {
  it('says that it was stopped, not that it holds, and that fifo draws nothing', () => {
    const { stdout, stderr } = irqbypass('run', 'pairing', '--max-steps', '5', '--seed', '4');
    expect(stdout).toContain('nothing violated in the first 5 steps: stopped at the limit (--max-steps)\n');
    expect(stdout).toMatch(/^reproduce {2}irqbypass run pairing --revision v2p8 --scheduler fifo --max-steps 5\n$/m);
    expect(stderr).toBe('--seed is not used: fifo draws nothing (--scheduler random, pct)\n');
  });
});

describe('errors as JSON', () => {
  it.each([
    [['explore', 'pairing', '--revision', 'v2p9', '--json'], 'IRQB101', /unknown revision "v2p9"/],
    [['explore', 'pairing', '--nope', '--json'], 'IRQB100', /unknown option '--nope'/],
    [['run', 'nowhere.yaml', '--json'], 'IRQB102', /nowhere.yaml/],
  ])('%j', (args, code, message) => {
    const { status, stdout, stderr } = irqbypass(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(`irqbypass: ${code} `);
    expect(JSON.parse(stdout)).toEqual({
      error: expect.objectContaining({ code, message: expect.stringMatching(message) }),
    });
  });
});
