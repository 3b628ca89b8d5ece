// What the first strangers ran into (the U of the review that began version 0.2), command by command: each says what is right now.
//
// YAML mistakes, misspelt names and wrong values are in test/fixtures/wrong; a large file is in limits.test.ts.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import * as lab from '../../src/index.ts';
import { pageOf } from '../docs/transcripts.ts';
import { called, irqbypass } from '../engine/swarm/command.ts';

const folder = mkdtempSync(join(tmpdir(), 'irqbypass-frictions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('U7, U8: what a library has', () => {
  it('builders of calls of system worlds', () => {
    const builders = ['assignIrqfd', 'deassignIrqfd', 'setIrqs', 'clearIrqs', 'raiseMsi', 'setGsiRouting'];
    expect(Object.keys(lab)).toEqual(expect.arrayContaining(builders));
  });

  it('a violation can be narrated', async () => {
    const scenario = lab.findScenario('null-key');
    if (scenario === undefined) throw new Error('no scenario');
    const { world, properties } = lab.assemble({ scenario });
    const { violations } = await lab.explore(world, { properties });
    const trace = lab.traceOf(world, violations[0]?.path ?? []);
    expect(lab.traceText(world.language, trace, new lab.WorldView(world, world.initial()).toJSON())).toEqual(
      expect.arrayContaining([expect.stringContaining('register_producer')]),
    );
  });
});

describe('U10: a mail can be decoded', () => {
  it.each(['6.17', 'v6.17', 'linux-6.17.3'])('--revision %s is what that kernel has, and is said', async (revision) => {
    const { stdout, stderr } = await called('explore', 'null-key', '--revision', revision);
    expect(stdout).toContain('null-key on v2p8, Linux 6.17');
    expect(stderr).toContain(`--revision ${revision}: v2p8`);
  });

  it('5.10 is linux-5.9, 6.12 the base', async () => {
    const of = async (revision: string) => (await called('explore', 'null-key', '--revision', revision)).stdout;
    expect(await of('5.10')).toMatch(/^null-key on linux-5\.9, /);
    expect(await of('6.12')).toMatch(/^null-key on base, /);
  });

  it('titles, why a property is vacuous, who can do a misuse', async () => {
    const { stdout } = await called('explore', 'double-unregister-race', '--coverage');
    expect(stdout).toContain('Two threads unregister one producer while a newcomer takes its eventfd');
    expect(stdout).toMatch(/^ {2}what is violated: \S/m);
    expect(stdout).toMatch(/^ {2}vacuous {6}[\w-]+: it never happens that \S/m);
    expect(stdout).toMatch(/^who can do it: \S/m);
  });

  it('no source refers to a chapter that a reader does not have', async () => {
    for (const scenario of ['null-key', 'double-register-race', 'module-unload'])
      expect((await called('explore', scenario)).stdout).not.toMatch(/\(D\d/);
  });
});

describe('U11, U12: the first minutes', () => {
  it('the demo leads with the eviction', () => {
    const demo = readFileSync('src/cli/demo.ts', 'utf8');
    expect(demo).toContain("const MISUSE = 'double-unregister-race'");
    expect(/explore\((\w+)/.exec(demo)?.[1]).toBe('MISUSE');
  });

  it('a line to paste is one that runs where it is pasted', () => {
    const { stdout } = irqbypass('explore', 'null-key');
    const line = /^reproduce {2}irqbypass (.*)$/m.exec(stdout)?.[1] ?? '';
    expect(irqbypass(...line.split(' ')).stdout).toContain(`reproduce  irqbypass ${line}`);
  });
});

describe('U13: words and columns', () => {
  it.each([
    ['explore', 'double-register-race'],
    ['explore', 'assign', '--mutation', 'b7'],
    ['run', 'assign'],
  ])('%s %s: at most 100 columns, but for lines to paste', async (...args) => {
    const { stdout } = await called(...args);
    expect(stdout.split('\n').filter((line) => line.length > 100 && !line.startsWith('reproduce'))).toEqual([]);
    expect(stdout).not.toMatch(/\bnull\b|-> =/);
  });
});

describe('U14: a run says no more than it knows', () => {
  it('a seed that nothing draws from is said', async () => {
    const { stdout, stderr } = await called('run', 'manager', '--seed', '5', '--max-steps', '5');
    expect(stderr).toContain('--seed is not used: fifo draws nothing');
    expect(stdout).not.toContain('seed 5');
    expect(stdout).toMatch(/5 steps.*stopped at the limit/);
    expect(stdout).not.toMatch(/^holds/m);
  });
});

describe('U15: help', () => {
  const commands = ['list', 'run', 'explore', 'worker', 'replay', 'diff', 'scale', 'diagram'];

  it.each(commands)('%s --help has examples, and they are right', async (command) => {
    const { stdout } = irqbypass(command, '--help');
    const examples = [...stdout.matchAll(/^ {2}\$ irqbypass (.*)$/gm)].map(([, line]) => line ?? '');
    expect(examples.length).toBeGreaterThan(0);
    for (const line of examples) {
      const [first = '', ...rest] = line.split(' ');
      expect(first).toBe(command);
      // Names of scenarios are those of the lab; options are known to the command.
      for (const option of rest.filter((word) => word.startsWith('--'))) expect(stdout).toContain(option);
    }
  });

  it('option errors point to the help of the command', async () => {
    expect((await called('run', 'pairing', '--no-such')).stderr).toContain('run --help shows its options');
  });

  it('lists have parameters; lists are written in one way; numbers too', async () => {
    expect((await called('list', 'scenarios')).stdout).toContain('parameters: producers=2, consumers=2');
    const several = await called('explore', 'pairing', '--property', 'i-uniq,i-keysync', '--max-states', '1e6');
    expect(several.stdout).toContain('2 properties');
    expect((await called('scale', '--irqfds', '10', '--index', 'list', '--index', 'xarray')).status).toBe(0);
  });

  it('completion is in the README', () => expect(pageOf('README.md')).toContain('npx irqbypass complete bash'));
});

describe('U18: a divergence', () => {
  it('is the path that differs, in text and in JSON', async () => {
    const file = join(folder, 'run.ndjson');
    await called('run', 'pairing', '--out', file);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const step = JSON.parse(lines[4] ?? '') as { state: Record<string, { value?: unknown }> };
    const [name = ''] = Object.keys(step.state);
    step.state[name] = { ...step.state[name], value: 'elsewhere' };
    writeFileSync(file, `${lines.with(4, JSON.stringify(step)).join('\n')}\n`);
    const { status, stdout } = await called('replay', file);
    expect(status).toBe(1);
    expect(stdout).toContain(`state.${name}.value:\n  expected  "elsewhere"\n`);
    expect(stdout.length).toBeLessThan(1000);
    const json = JSON.parse((await called('replay', file, '--json')).stdout) as {
      diverged: readonly { differences: readonly { path: string }[] }[];
    };
    expect(json.diverged[0]?.differences.map(({ path }) => path)).toEqual([`${name}.value`]);
  });

  it('with --json, errors are a document', async () => {
    const { stdout, status } = await called('replay', 'nowhere.ndjson', '--json');
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ errors: [{ code: 'IRQB102', file: 'nowhere.ndjson' }] });
    const refused = await called('explore', 'nowhere.yaml', '--json');
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'IRQB102' } });
  });
});
