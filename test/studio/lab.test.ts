// The laboratory of the worker, in node: searches as the command line has them, columns, documents that other commands read.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { replayFiles } from '../../src/bridge/replay.ts';
import { explore } from '../../src/engine/explorer/search/explore.ts';
import { selectedWorld } from '../../src/studio/session/select.ts';
import type { ExploreProgress } from '../../src/studio/lab/exploring.ts';
import { expression } from '../../src/studio/lab/expression.ts';
import { openFindings } from '../../src/studio/lab/findings.ts';
import { Lab } from '../../src/studio/lab/lab.ts';
import { defineScenario, registerProducer, step } from '../../src/scenarios/index.ts';

const scratch = mkdtempSync(join(tmpdir(), 'irqbypass-studio-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const request = { symmetry: true, por: true, maxStates: 100_000, maxMemoryMiB: 512 };
const ignore = (): void => undefined;

describe('a search in the page', () => {
  it.each([
    [{ scenario: 'manager', set: {} }, 'holds'],
    [{ scenario: 'pairing', mutation: 'b6', set: {} }, 'violated'],
    [{ scenario: 'double-unregister-race', set: {} }, 'violated'],
  ] as const)(
    '%j: the counts of the search itself, and paths that lead to what is violated',
    async (selection, verdict) => {
      const lab = new Lab();
      lab.open(selection);
      const found = await lab.explore(request, ignore);
      const { world, properties } = selectedWorld(selection);
      const { states, transitions, depth } = await explore(world, { properties, symmetry: true, por: true });
      expect(found).toMatchObject({ verdict, states, transitions, depth });
      for (const { property, message, path, steps } of found.findings) {
        const { position, lines } = lab.follow(path);
        expect(lines).toHaveLength(steps);
        expect(position.properties).toContainEqual(
          expect.objectContaining({ id: property, status: 'violated', message, at: steps }),
        );
      }
    },
  );

  it('says which limit it has reached: states, and memory of the stored states', async () => {
    const lab = new Lab();
    lab.open({ scenario: 'assign', set: {} });
    const seen: ExploreProgress[] = [];
    const few = await lab.explore({ ...request, symmetry: false, por: false, maxStates: 1000 }, (one) =>
      seen.push(one),
    );
    expect(few).toMatchObject({ verdict: 'incomplete', limit: 'states-limit' });
    lab.open({ scenario: 'manager', set: { producers: '4', consumers: '4' } });
    const little = await lab.explore({ symmetry: false, por: false, maxStates: 1e7, maxMemoryMiB: 2 }, (one) =>
      seen.push(one),
    );
    expect(little).toMatchObject({ verdict: 'incomplete', limit: 'memory-limit' });
    expect(seen.at(-1)?.memoryMiB).toBeGreaterThan(0.1);
  });

  it('is ended by the next one, and by another world', async () => {
    const lab = new Lab();
    lab.open({ scenario: 'manager', set: { producers: '4', consumers: '4' } });
    const first = lab.explore({ ...request, symmetry: false, maxStates: 1e7 }, ignore);
    await new Promise((resolve) => setTimeout(resolve, 50));
    lab.open({ scenario: 'pairing', set: {} });
    expect(await first).toMatchObject({ verdict: 'incomplete', limit: 'interrupted' });
  });

  it.each(openFindings.map((one) => [one.title, one] as const))(
    'finds what is open: %s',
    async (_, { selection, property }) => {
      const lab = new Lab();
      lab.open(selection);
      const found = await lab.explore({ ...request, maxStates: 2_000_000 }, ignore);
      expect(found.findings.map((one) => one.property)).toContain(property);
    },
  );
});

describe('claims about infinite runs', () => {
  it('are not asked by a search of states, as the command line does not ask them', async () => {
    const never = defineScenario({
      id: 'never',
      title: 'A claim about infinite runs',
      description: '',
      parameters: {},
      properties: [
        'l-term',
        {
          id: 'x-never',
          title: 'never',
          liveness: { checks: () => [{ subject: 't0', from: () => true, to: () => false, message: 'no' }] },
        },
      ],
      script: () => ({ producers: ['p0'], eventfds: ['e0'], threads: { t0: [step(registerProducer('p0', 'e0'))] } }),
    });
    const lab = new Lab([never]);
    const { position } = lab.open({ scenario: 'never', set: {} });
    expect(position.properties.find(({ id }) => id === 'x-never')).toMatchObject({ status: 'runs' });
    const found = await lab.explore(request, ignore);
    expect(found).toMatchObject({ verdict: 'holds' });
    expect(found.properties.map(({ id }) => id)).toEqual(['l-term']);
  });
});

it('a world that is refused leaves the one that is open, and its search', async () => {
  const lab = new Lab();
  lab.open({ scenario: 'manager', set: { producers: '3', consumers: '3' } });
  const search = lab.explore({ ...request, maxStates: 1e7 }, ignore);
  expect(() => lab.open({ scenario: 'pairng', set: {} })).toThrow(expect.objectContaining({ code: 'IRQB101' }));
  // Each of these has more choices than codes: it is refused as a whole.
  const many = { producers: '64', consumers: '64', eventfds: '64' };
  expect(() => lab.open({ scenario: 'manager', set: many })).toThrow(expect.objectContaining({ code: 'IRQB705' }));
  lab.walk(0, 1, 3);
  expect(lab.at(3).choices.length).toBeGreaterThan(0);
  expect(await search).toMatchObject({ verdict: 'holds' });
});

describe('a world', () => {
  it('is opened with its actors and their charts; what is wrong is said as the command line says it', () => {
    const lab = new Lab();
    const { world: open } = lab.open({ scenario: 'loser-unregisters', revision: '6.12', set: {} });
    expect(open).toMatchObject({ revision: 'base', mutation: null });
    expect(open.actors.find(({ name }) => name === 'registry')).toMatchObject({ machine: 'registry' });
    for (const { chart } of open.actors) expect(open.charts[chart]).toBeDefined();
    const wrong = [
      [{ scenario: 'pairng', set: {} }, 'IRQB101'],
      [{ scenario: 'pairing', mutation: 'b99', set: {} }, 'IRQB101'],
      [{ scenario: 'assign', set: { arch: 'mips' } }, 'IRQB207'],
      [{ scenario: 'assign', set: { vectors: '40000' } }, 'IRQB207'],
    ] as const;
    for (const [selection, code] of wrong) expect(() => lab.open(selection)).toThrow(expect.objectContaining({ code }));
    expect(() => new Lab().at(0)).toThrow(expect.objectContaining({ code: 'IRQB700' }));
  });

  it('lists scenarios of the user first, and every bug with the worlds that show it', () => {
    const { scenarios, mutations, revisions, findings } = new Lab().catalogue();
    expect(scenarios.map(({ id }) => id)).toContain('manager');
    expect(mutations.find(({ id }) => id === 'b1')?.shown[0]?.selection).toMatchObject({ mutation: 'b1' });
    expect(revisions.map(({ id }) => id)).toContain('v2p8');
    expect(findings).toHaveLength(8);
  });
});

describe("a column of one's own", () => {
  const state = { structs: { p0: { key: 'e0', peer: null } }, count: 2, list: ['a'] };
  it.each([
    ['structs.p0.key', 'e0'],
    ["structs.p0.key == 'e0' && structs.p0.peer == null", 'true'],
    ['count * 2 + 1', '5'],
    ['count > 1 ? list[0] : list.length', 'a'],
    ['!structs.p1', 'true'],
    ['nowhere.at.all', ''],
    ['structs.constructor', ''],
    ['list.length', '1'],
    ["structs.p0 ? 'there' : 'gone'", 'there'],
    ['count && structs.p0.peer', 'null'],
  ])('%s is %s', (source, value) => expect(expression(source)(state)).toBe(value));

  it.each(['count +', 'alert(1)', 'this', 'count = 3', 'x'.repeat(501), '`a`', '[1]', 'typeof count'])(
    '%s is refused',
    (source) => expect(() => expression(source)).toThrow(expect.objectContaining({ code: 'IRQB702' })),
  );

  it('has a value for each state of the path, the initial one first', () => {
    const lab = new Lab();
    lab.open({ scenario: 'pairing', set: {} });
    lab.walk(0, 1, 200);
    const values = lab.column('structs.p0.key');
    expect(values[0]).toBe('null');
    expect(values).toContain('e0');
    expect(values).toHaveLength(lab.at(1000).step + 1);
  });
});

describe('a document', () => {
  async function walked(): Promise<Lab> {
    const lab = new Lab();
    lab.open({ scenario: 'double-unregister-race', set: {} });
    const { findings } = await lab.explore(request, ignore);
    lab.follow(findings.find(({ property }) => property === 'i-owner')?.path ?? '');
    return lab;
  }

  it('for a mail is at most 72 characters wide, but for the link, its last line', async () => {
    const link = `http://127.0.0.1:7117/#${'x'.repeat(200)}`;
    const { text } = await (await walked()).document('mail', 28, link);
    const all = text.trimEnd().split('\n');
    expect(all.at(-1)).toBe(link);
    for (const line of all.slice(0, -1)) expect(line.length).toBeLessThanOrEqual(72);
    expect(text).toContain('step 28: i-owner: unregister(p0) removed the entry of p1 under e0');
    expect(all[0]).toBe('double-unregister-race on v2p8, Linux 6.17');
  });

  it.each(['itf', 'ndjson'] as const)('%s is replayed by irqbypass replay, and agrees', async (kind) => {
    const { name, text } = await (await walked()).document(kind, 28, '');
    const file = join(scratch, name);
    writeFileSync(file, text);
    const report = await replayFiles([file]);
    expect(report).toMatchObject({ operations: 28, agreed: 28, diverged: [] });
  });

  it('is a KUnit test where one can stage the run, and an error where none can', async () => {
    const { text } = await (await walked()).document('kunit', 28, '');
    expect(text).toContain('kunit');
    expect(text).toContain('double_unregister_race');
    const lab = new Lab();
    lab.open({ scenario: 'block-and-wake', set: {} });
    lab.walk(0, 1, 20);
    await expect(lab.document('kunit', 20, '')).rejects.toMatchObject({ code: 'IRQB504' });
  });

  it('is a picture', async () => {
    const lab = await walked();
    expect((await lab.document('mermaid', 28, '')).text).toMatch(/^sequenceDiagram/);
    const { text } = await lab.document('svg', 28, '');
    expect(text).toContain('<svg');
    expect(text.match(/violates i-keysync/)).not.toBeNull();
  });
});

it('the sliders are answered by the contention model: the list waits longer', async () => {
  const answers = await new Lab().contention([
    { irqfds: 2000, cpus: 64, index: 'list' },
    { irqfds: 2000, cpus: 64, index: 'xarray' },
  ]);
  const [list, xarray] = answers ?? [];
  expect(list?.wait.p99).toBeGreaterThan(10 * (xarray?.wait.p99 ?? Infinity));
});
