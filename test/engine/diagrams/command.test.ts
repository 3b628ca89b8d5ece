// Tests of src/cli/diagram.ts: whatever `list machines` names is drawn, in every format; runs, traces, sets; what does not fit is refused.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { called } from '../swarm/command.ts';
import { parsedXml } from './read-xml.ts';

const folder = mkdtempSync(join(tmpdir(), 'irqbypass-diagram-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

/** An error of the user's: exit code 2, one line, nothing on standard output. */
async function refused(...words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await called('diagram', ...words);
  expect({ words, status, stdout }).toEqual({ words, status: 2, stdout: '' });
  return stderr;
}

describe('a machine', () => {
  it('of irqbypass list machines is drawn, with its name and the revision', async () => {
    const { stdout } = await called('list', 'machines', '--json');
    const machines = JSON.parse(stdout) as readonly { readonly id: string }[];
    expect(machines.length).toBeGreaterThan(5);
    for (const { id } of machines) {
      const drawn = await called('diagram', id);
      expect(drawn.stderr).toBe('');
      expect(drawn.stdout).toMatch(new RegExp(`^%% Machine ${id}, v2p8\\.\\n%% .*\\nstateDiagram-v2\\n`));
    }
  });

  it('of another revision, as JSON, and into a file', async () => {
    const file = at('registry.mmd');
    const { stdout } = await called('diagram', 'registry', '--revision', 'base', '--json', '--out', file);
    const { text, ...rest } = JSON.parse(stdout) as { readonly text: string };
    expect(rest).toEqual({ machine: 'registry', revision: 'base', format: 'mermaid' });
    expect(text).toContain('registry_locked_inserting --> registry_corrupted : [isCorrupt]');
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect((await called('diagram', 'registry', '--revision', 'v2p8')).stdout).not.toContain('registry_corrupted');
  });

  it.each([
    ['mermaid', 'mmd', /^%% Machine vm/],
    ['dot', 'dot', /^digraph "vm, v2p8" \{/],
    ['svg', 'svg', /^<svg /],
    ['plantuml', 'puml', /^@startuml\n[^]*@enduml\n$/],
    ['scxml', 'scxml', /^<\?xml version="1.0"[^]*<scxml /],
  ])('as %s, by name and by ending', async (format, ending, begins) => {
    const file = at(`vm.${ending}`);
    expect((await called('diagram', 'vm', '--out', file)).status).toBe(0);
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(begins);
    expect((await called('diagram', 'vm', '--format', format)).stdout).toBe(text);
  });

  it('with a bug is another drawing; against the machine without it, what differs', async () => {
    const [plain, bug] = [await called('diagram', 'irqfd'), await called('diagram', 'irqfd', '--mutation', 'b10')];
    expect(bug.stdout).toContain('hasNoRoute');
    expect(plain.stdout).not.toContain('hasNoRoute');
    const { stdout } = await called('diagram', 'irqfd', '--mutation', 'b10', '--against', 'v2p8', '--json');
    const { text, ...about } = JSON.parse(stdout) as { readonly text: string };
    expect(about).toEqual({ machine: 'irqfd', revision: 'v2p8', mutation: 'b10', against: 'v2p8', format: 'mermaid' });
    expect(text).toContain('+ is only in v2p8 with b10');
    expect(text).toMatch(/\+ pi_update_irte \[.*hasNoRoute.*\]/);
  });

  it('that a script brings is known with --scenario', async () => {
    const { stdout } = await called('list', 'machines', '--scenario', 'examples/models/peterson-lock.ts', '--json');
    const [own] = (JSON.parse(stdout) as { readonly id: string }[]).map(({ id }) => id);
    const drawn = await called('diagram', own ?? '', '--scenario', 'examples/models/peterson-lock.ts');
    expect(drawn.stdout).toContain(`%% Machine ${own ?? ''}`);
    await expect(refused(own ?? '')).resolves.toContain('IRQB101');
    // With a bug that the script brings, too.
    const n18 = 'examples/reports/n18-fast-path-half-undone.ts';
    const bug = await called('diagram', 'adapter', '--scenario', n18, '--mutation', 'no-undo', '--against', 'v2p8');
    expect(bug.stdout).toContain('~ kvm_s390_inject_vm [else if fails] / fallBack (was / undo, fallBack)');
    await expect(refused('irqfd', '--mutation', 'b1', '--against', 'b1')).resolves.toContain('drawn the same');
    await expect(refused('storm')).resolves.toContain('storm is a world in columns');
  });

  it('is told where a bug is that is in no chart, or in that of another machine', async () => {
    await expect(refused('registry', '--against', 'm-reentry')).resolves.toContain(
      'it is in no chart, but in the actors',
    );
    await expect(refused('registry', '--mutation', 'b10')).resolves.toContain('diagram irqfd --against b10');
    await expect(refused('registry', '--against', 'm-lock-order')).resolves.toContain('what its threads call');
    await expect(refused('registry', '--against', 'b3a')).resolves.toContain('makes no sense on v2p8');
    await expect(refused('mutex', '--against', 'base')).resolves.toContain('drawn the same in v2p8 and in base');
    await expect(refused('registry', '--against', 'b3')).resolves.toContain('unknown revision or mutation "b3"');
  });
});

describe('a run', () => {
  it('that is a counterexample is drawn in one command, and from its trace', async () => {
    const search = ['double-unregister-race', '--property', 'i-owner'] as const;
    for (const name of ['ce.svg', 'ce.mmd', 'ce.ndjson', 'ce.itf.json'])
      expect((await called('explore', ...search, '--trace', at(name))).status).toBe(1);
    const direct = readFileSync(at('ce.svg'), 'utf8');
    expect(parsedXml(direct).getAttribute('aria-label')).toContain('violates i-owner');
    for (const name of ['ce.ndjson', 'ce.itf.json']) {
      expect((await called('diagram', at(name), '--out', at('again.svg'))).status).toBe(0);
      expect(readFileSync(at('again.svg'), 'utf8')).toBe(direct);
      expect((await called('diagram', at(name))).stdout).toBe(readFileSync(at('ce.mmd'), 'utf8'));
    }
  });

  it('of run --out is drawn, too', async () => {
    expect((await called('run', 'pairing', '--out', at('run.svg'))).status).toBe(0);
    expect((await called('diagram', 'pairing', '--out', at('run2.svg'))).status).toBe(0);
    expect(readFileSync(at('run2.svg'), 'utf8')).toBe(readFileSync(at('run.svg'), 'utf8'));
  });

  it('takes the options of run, and marks a step', async () => {
    const draws = async (...words: readonly string[]): Promise<string> =>
      (await called('diagram', 'manager', ...words)).stdout;
    const random = ['--scheduler', 'random', '--seed', '7', '--max-steps', '12'] as const;
    expect(await draws(...random)).not.toBe(await draws('--max-steps', '12'));
    const svg = parsedXml(await draws(...random, '--format', 'svg', '--step', '3'));
    expect([...svg.querySelectorAll('g.step')]).toHaveLength(12);
    expect(svg.querySelector('g.current')?.getAttribute('data-step')).toBe('3');
  });

  it('of a trace that is none, or that is cut off, is refused', async () => {
    writeFileSync(at('none.ndjson'), '{}\n');
    await expect(refused(at('none.ndjson'))).resolves.toContain('IRQB103');
    await expect(refused(at('absent.ndjson'))).resolves.toContain('IRQB102');
  });
});

describe('the sets', () => {
  it('are drawn after a step', async () => {
    const { stdout } = await called('diagram', 'pairing', '--tree', '--step', '4');
    const titles = [...parsedXml(stdout).querySelectorAll('svg > title')].map((one) => one.textContent);
    expect(titles.some((title) => title.startsWith('producers: xarray, 1 entry'))).toBe(true);
    expect(titles.some((title) => title.startsWith('consumers: xarray, 1 entry'))).toBe(true);
    await expect(refused('pairing', '--tree', '--format', 'mermaid')).resolves.toContain('a tree is drawn as svg');
    await expect(refused('pairing', '--tree', '--step', '999')).resolves.toContain('--step 999');
  });
});

describe('--check', () => {
  it('tells a stale file from a fresh one, and writes nothing', async () => {
    const file = at('checked.svg');
    const check = async (machine: string) => called('diagram', machine, '--out', file, '--check');
    expect(await check('mutex')).toMatchObject({ status: 1, stdout: `${file} is stale\n` });
    expect(existsSync(file)).toBe(false);
    await called('diagram', 'mutex', '--out', file);
    const before = readFileSync(file, 'utf8');
    expect(await check('mutex')).toMatchObject({ status: 0, stdout: `${file} is fresh\n` });
    expect(await check('spinlock')).toMatchObject({ status: 1 });
    expect(readFileSync(file, 'utf8')).toBe(before);
    const { stdout } = await called('diagram', 'spinlock', '--out', file, '--check', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ machine: 'spinlock', fresh: false });
  });
});

describe('what does not fit', () => {
  it.each([
    [['registry', '--out', 'x.png'], 'the name must end in .mmd'],
    [['registry', '--format', 'png'], 'unknown format "png"'],
    [['pairing', '--format', 'scxml'], 'a run is drawn as mermaid or svg'],
    [['pairing', '--out', 'x.dot'], 'a run is drawn as mermaid or svg'],
    [['registry', '--seed', '3'], '--seed does not go with a machine'],
    [['registry', '--tree'], '--tree does not go with a machine'],
    [['pairing', '--against', 'base'], '--against does not go with a scenario'],
    [['pairing', '--step', '3'], '--step goes with --format svg'],
    [['registry', '--depth', '0'], '--depth 0'],
    [['registry', '--check'], '--out FILE'],
    [['registri'], 'did you mean "registry"'],
  ])('%j is refused', async (words, says) => {
    await expect(refused(...words)).resolves.toContain(says);
  });
});
