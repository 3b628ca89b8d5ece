// irqbypass explore as a stranger meets it: wrong input, reports, checkpoints that are not what they should be.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Said } from '../engine/swarm/command.ts';
import { called } from '../engine/swarm/command.ts';
import { isLong } from '../sample.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'irqbypass-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const explore = (...args: readonly string[]): Promise<Said> => called('explore', ...args);
const SEARCH = ['manager', '--no-symmetry', '--no-por'];

/** A checkpoint of a search that was ended by a limit. */
async function saved(name: string): Promise<string> {
  const directory = join(folder, name);
  const { status, stderr } = await explore(...SEARCH, '--max-states', '2000', '--checkpoint', directory);
  expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
  return directory;
}

describe('checkpoints that cannot be resumed: exit code 2, and which it is', () => {
  const refusal = async (directory: string, args: readonly string[] = SEARCH): Promise<string> => {
    const { status, stdout, stderr } = await explore(...args, '--resume', directory);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    return stderr;
  };
  const segment = (directory: string, section: string): string =>
    join(directory, readdirSync(directory).find((file) => file.startsWith(`${section}.`)) ?? '');

  it('a corrupt segment', async () => {
    const directory = await saved('corrupt');
    const file = segment(directory, 'rows');
    const bytes = readFileSync(file);
    bytes[17] = (bytes[17] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    expect(await refusal(directory)).toMatch(/rows\.\d+\.irqseg: corrupt segment/);
  });

  it('a truncated segment', async () => {
    const directory = await saved('truncated');
    truncateSync(segment(directory, 'parents'), 100);
    expect(await refusal(directory)).toMatch(/parents\.\d+\.irqseg: truncated segment: has 100 bytes/);
  });

  it('another model, another version, another folder', async () => {
    const directory = await saved('other');
    expect(await refusal(directory, ['manager'])).toMatch(
      /of another search: symmetry was off, is on; por was off, is on/,
    );
    const traces = [...SEARCH, '--traces', '3'];
    expect(await refusal(directory, traces)).toMatch(/of another search: traces was not given, is 3 \(/);
    expect(await refusal(directory, [...traces, '--distinct-by', 'final'])).toMatch(
      /; distinct-by was not given, is final \(/,
    );
    expect(await refusal(directory, [...SEARCH, '--property', 'i-uniq'])).toMatch(/properties had .* more/);
    expect(await refusal(directory, [...SEARCH, '--set', 'producers=3'])).toMatch(
      /checkpoint is of another model: of manager .* asked for manager/,
    );
    const manifest = join(directory, 'checkpoint.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"version": 3', '"version": 99'));
    expect(await refusal(directory)).toMatch(/format version 99/);
    const foreign = join(folder, 'foreign');
    mkdirSync(foreign);
    writeFileSync(join(foreign, 'letter.txt'), 'dear');
    expect(await refusal(foreign)).toMatch(/foreign/);
    const { status } = await explore(...SEARCH, '--checkpoint', foreign);
    expect(status).toBe(2);
    expect(readFileSync(join(foreign, 'letter.txt'), 'utf8')).toBe('dear');
  });

  it('a script that says the same and does something else', async () => {
    const text = readFileSync('examples/models/dining-philosophers.ts', 'utf8');
    const directory = join(folder, 'script');
    const script = (name: string, changed: string): string => {
      const file = join(folder, name);
      writeFileSync(file, changed);
      return file;
    };
    const first = await explore(script('first.ts', text), '--checkpoint', directory, '--max-states', '10');
    expect(first.status).toBe(3);
    // In the text of a handler; in what a function has from outside, which no text shows.
    const other = script('other.ts', text.replace('returnTo(event.caller, null)', 'returnTo(event.caller, -5)'));
    expect(await refusal(directory, [other])).toMatch(/but of another model of it/);
    expect(text).toContain('context: () => ({})');
    const outer = (value: string): string =>
      `const outer = ${value};\n${text.replace('context: () => ({})', 'context: () => outer as never')}`;
    const hidden = join(folder, 'hidden');
    await explore(script('hidden.ts', outer('{}')), '--checkpoint', hidden, '--max-states', '10');
    expect(await refusal(hidden, [script('hidden2.ts', outer('{ x: 1 }'))])).toMatch(
      /IRQB104 .*the search that was saved is of another model: local state \d+ is not what it was/,
    );
  });

  it('and a good one goes on', async () => {
    const directory = await saved('good');
    const { status, stdout } = await explore(...SEARCH, '--resume', directory, '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'holds', states: 13_681, transitions: 41_872 });
  });
});

describe('limits are results: exit code 3', () => {
  it('an unbounded scenario names what grows', async () => {
    const { status, stdout } = await explore(
      'assign',
      '--revision',
      'likexu-v2',
      '--set',
      'msis=false',
      '--property',
      'l-term',
      '--max-states',
      '20000',
    );
    expect(status).toBe(3);
    expect(stdout).toMatch(/incomplete \(states-limit\)/);
    expect(stdout).toMatch(/still growing: module_references \(\d+ values\)/);
  });

  it('a world in which interrupts pile up, by a bug', async () => {
    const { status, stdout } = await explore('assign', '--mutation', 'n8d');
    expect(status).toBe(3);
    expect(stdout).toMatch(/incomplete \(world-limit: more than 7 interrupts of d0 outstanding\)/);
    expect(stdout).toMatch(/still growing: .*d0\.outstanding/);
  });

  it('a limit of depth', async () => {
    const { status, stdout } = await explore('pairing', '--max-depth', '3', '--json');
    expect(status).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'incomplete', limit: 'depth-limit', depth: 3 });
  });
});

// A dozen seconds each: in test:long.
it.runIf(isLong)('coverage says where partial order reduction may have left out what would have been met', async () => {
  const missing = (stdout: string): string[] => stdout.split('\n').filter((line) => line.startsWith('  never '));
  const reduced = (await explore('assign', '--coverage')).stdout;
  expect(reduced).toContain('partial order reduction left steps out');
  const whole = (await explore('assign', '--coverage', '--no-por')).stdout;
  expect(whole).not.toContain('partial order');
  // What all steps do not meet some of them do not either.
  expect(missing(whole)).toContain('  never taken  vfio-vector ioctl.freeing: always [mayReplace] -> ioctl.between');
  expect(missing(reduced)).toEqual(expect.arrayContaining(missing(whole)));
  for (const [args, isReduced] of [
    [[], true],
    [['--no-por'], false],
  ] as const) {
    const { coverage } = JSON.parse((await explore('pairing', '--json', ...args)).stdout) as { coverage: object };
    expect(coverage).toMatchObject({ isReduced });
  }
});

it.runIf(isLong)('coverage of a device assignment: its vector is registered, its pair connected', async () => {
  const { stdout } = await explore('assign', '--coverage');
  for (const mark of ['registered', 'add-producer', 'add-producer-fails', 'del-producer', 'posted', 'injected'])
    expect(stdout).not.toContain(`never met    mark ${mark}:`);
});

it('coverage does not ask for guards that the chart of a revision does not have', async () => {
  const { stdout } = await explore('pairing', '--coverage', '--revision', 'v2p8');
  // An insertion into an xarray finds out by itself whether the slot is taken; nothing is looked for before an erase.
  for (const guard of ['isTaken', 'isCorrupt', 'isFound']) expect(stdout).not.toContain(`guard registry ${guard}`);
  expect((await explore('pairing', '--coverage', '--revision', 'base')).stdout).toContain(
    'guard registry isTaken: never true',
  );
});

describe('several counterexamples', () => {
  const distinct = async (by: string): Promise<{ property: string; steps: number }[]> => {
    const args = ['pairing', '--mutation', 'b6', '--traces', '5', '--distinct-by', by, '--json'];
    const { stdout } = await explore(...args);
    const { violation, counterexamples } = JSON.parse(stdout) as {
      violation: { property: string; steps: number };
      counterexamples?: { property: string; steps: number }[];
    };
    return counterexamples ?? [violation];
  };

  it('by property one, by actions and by final state more, shortest first', async () => {
    expect(await distinct('property')).toHaveLength(1);
    for (const by of ['actions', 'final']) {
      const found = await distinct(by);
      expect(found).toHaveLength(5);
      const steps = found.map((one) => one.steps);
      expect(steps).toEqual(steps.toSorted((one, other) => one - other));
    }
  });
});

describe('a scenario that lists properties of states and of infinite runs', () => {
  const script = (): string => {
    const file = join(folder, 'both.yaml');
    writeFileSync(
      file,
      [
        'scenario: both',
        'title: Registered under NULL',
        'eventfds: [e0]',
        'producers: [p0]',
        'consumers: [c0]',
        'threads:',
        '  t0: ["register_producer(p0, NULL)", unregister_producer(p0)]',
        'properties: [i-leak, l-unlock]',
      ].join('\n'),
    );
    return file;
  };

  it('is asked about states, and says where the others are checked', async () => {
    const { status, stdout, stderr } = await explore(script(), '--json');
    expect(stderr).toContain('l-unlock: about infinite runs, checked with --liveness');
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'violated', properties: ['i-leak'] });
    expect(status).toBe(1);
  });

  it('is asked about its own infinite runs with --liveness', async () => {
    const { stdout } = await explore(script(), '--liveness', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'holds', properties: ['l-unlock'], workers: 1 });
  });
});

describe('JUnit and KTAP', () => {
  const reported = async (
    ...args: readonly string[]
  ): Promise<{ status: number | null; xml: string; ktap: string }> => {
    const [xml, ktap] = [join(folder, 'report.xml'), join(folder, 'report.ktap')];
    const { status, stderr } = await explore(...args, '--junit', xml, '--ktap', ktap);
    expect(stderr).toBe('');
    const read = { xml: readFileSync(xml, 'utf8'), ktap: readFileSync(ktap, 'utf8') };
    rmSync(xml);
    rmSync(ktap);
    return { status, ...read };
  };
  const results = (ktap: string): string[] => ktap.split('\n').filter((line) => /^ *(not )?ok /.test(line));

  it('of infinite runs: a test case a property, the lasso in the failure', async () => {
    const { status, xml, ktap } = await reported('connect-failure', '--mutation', 'b2', '--liveness');
    expect(status).toBe(1);
    expect(xml).toContain(
      '<testsuite name="connect-failure on v2p8 with b2, infinite runs" tests="2" failures="1" errors="0" skipped="0"',
    );
    expect(xml).toMatch(/<failure type="violated" message="p0 stays stopped for ever">[^]*and there it stays/);
    expect(ktap).toContain('  not ok 1 l-resume # violated p0 stays stopped for ever\n');
    expect(ktap).toMatch(/^not ok 1 connect-failure on v2p8 with b2, infinite runs # violated: l-resume/m);
    // A claim about VMs has no place in a world without one.
    expect(ktap).not.toContain('l-irqfds-lock');
  });

  it('of infinite runs in which a claim never falls due: skipped as vacuous', async () => {
    const { status, xml, ktap } = await reported('unpaired', '--liveness');
    expect(status).toBe(0);
    expect(xml).toContain('tests="2" failures="0" errors="0" skipped="2"');
    expect(ktap).toMatch(/ {2}ok \d l-resume # SKIP vacuous: nothing that it waits for ever falls due/);
  });

  it('of infinite runs that a limit ended: skipped, and an error', async () => {
    const { status, xml, ktap } = await reported(
      'manager',
      '--liveness',
      '--property',
      'l-unlock',
      '--max-states',
      '50',
    );
    expect(status).toBe(3);
    expect(xml).toContain('tests="2" failures="0" errors="1" skipped="1"');
    expect(results(ktap)).toEqual([
      '  ok 1 l-unlock # SKIP incomplete: states-limit',
      'ok 1 manager on v2p8, infinite runs # SKIP incomplete: states-limit',
    ]);
  });

  it.runIf(isLong)('of a swarm: the union of what was found, the rest is not refuted', async () => {
    const chosen = ['manager', '--property', 'i-keysync', '--property', 'i-uniq', '--workers', '1'];
    const swarm = ['--swarm', '2', '--max-states', '10'];
    const found = await reported(...chosen, '--mutation', 'm-forgets-nothing', ...swarm);
    expect(found.status).toBe(1);
    expect(found.xml).toContain('tests="2" failures="1" errors="0" skipped="1"');
    expect(found.xml).toContain('<property name="jobs" value="2"/>');
    const [first, ...others] = results(found.ktap);
    expect(first).toMatch(/not ok 1 i-keysync # violated after \d+ steps: /);
    expect(others).toEqual([
      '  ok 2 i-uniq # SKIP not refuted',
      'not ok 1 manager on v2p8 with m-forgets-nothing, swarm # violated: i-keysync',
    ]);
    const nothing = await reported(...chosen, ...swarm);
    expect(nothing.status).toBe(0);
    expect(results(nothing.ktap)).toEqual([
      '  ok 1 i-keysync # SKIP not refuted',
      '  ok 2 i-uniq # SKIP not refuted',
      'ok 1 manager on v2p8, swarm # SKIP not refuted',
    ]);
    expect(nothing.xml).toContain('tests="2" failures="0" errors="0" skipped="2"');
  });

  it('of a swarm of which one search has seen every state: it holds', async () => {
    const { status, ktap } = await reported('pairing', '--property', 'i-uniq', '--swarm', '1', '--workers', '1');
    expect(status).toBe(0);
    expect(results(ktap)).toEqual(['  ok 1 i-uniq', 'ok 1 pairing on v2p8, swarm']);
    expect(ktap).toContain(' jobs=1 seed=1 coverage-at-most=1 ');
  });

  it('of a swarm whose time is over: incomplete', async () => {
    const swarm = ['--swarm', '500', '--workers', '1', '--max-seconds', '1'];
    const { status, ktap, xml } = await reported('manager', '--set', 'producers=5', '--property', 'i-uniq', ...swarm);
    expect(status).toBe(3);
    expect(results(ktap).at(-1)).toBe('ok 1 manager on v2p8, swarm # SKIP incomplete: seconds-limit');
    expect(xml).toContain('<error type="seconds-limit"');
  });
});

it('a report in JSON says why symmetry is left out where it may be used', async () => {
  const leftOut = async (...args: readonly string[]): Promise<unknown> =>
    (JSON.parse((await explore(...args, '--property', 'i-irte', '--json')).stdout) as Record<string, unknown>)[
      'symmetryLeftOut'
    ];
  const two = ['manager', '--set', 'consumers=1', '--set', 'eventfds=1'];
  expect(await leftOut('pairing')).toBe('nothing is declared interchangeable');
  expect(await leftOut(...two, '--set', 'producers=1')).toBe('no group has two members');
  expect(await leftOut(...two, '--set', 'producers=2')).toBeUndefined();
  expect(await leftOut('pairing', '--no-symmetry')).toBeUndefined();
});

it('every report in JSON has a depth', async () => {
  for (const args of [[], ['--liveness'], ['--swarm', '2', '--workers', '1']]) {
    const { depth } = JSON.parse((await explore('pairing', '--json', ...args)).stdout) as { depth: unknown };
    expect([args, depth]).toEqual([args, 18]);
  }
});

it('--checkpoint does not replace a search that is saved', async () => {
  const directory = await saved('kept');
  const shallow = await explore(...SEARCH, '--resume', directory, '--max-depth', '2');
  expect([shallow.status, shallow.stderr]).toEqual([
    2,
    expect.stringMatching(/--max-depth 2: the search in .* is at depth \d+ already/),
  ]);
  const { status, stdout, stderr } = await explore('pairing', '--checkpoint', directory);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(`--resume ${directory} goes on with it`);
  expect((await explore(...SEARCH, '--resume', directory)).status).toBe(0);
});

it('a search that ends before anything was saved leaves no directory behind that it made', async () => {
  const made = join(folder, 'made');
  expect((await explore('pairing', '--checkpoint', made)).status).toBe(0);
  expect(existsSync(made)).toBe(false);
  const own = join(folder, 'own');
  mkdirSync(own);
  expect((await explore('pairing', '--checkpoint', own)).status).toBe(0);
  expect(readdirSync(own)).toEqual([]);
});

it('a line to paste has the options of the search', async () => {
  const options = ['--mutation', 'b6', '--property', 'i-keyref', '--no-por', '--max-states', '500'];
  const { stdout } = await explore('pairing', ...options);
  const line = /^reproduce {2}irqbypass explore (.*)$/m.exec(stdout)?.[1] ?? '';
  expect(line).toBe('pairing --revision v2p8 --mutation b6 --property i-keyref --no-por --max-states 500');
  expect((await explore(...line.split(' '))).stdout.replaceAll(/[\d.,]+ (s|states\/s|MiB)/g, '')).toBe(
    stdout.replaceAll(/[\d.,]+ (s|states\/s|MiB)/g, ''),
  );
});

it('depth-first finds the same properties, and short ways', async () => {
  const violations = async (...more: readonly string[]): Promise<[string, number][]> => {
    const { stdout } = await explore('manager', '--mutation', 'm-no-roll-back', '--json', ...more);
    type Brief = { property: string; steps: number };
    const report = JSON.parse(stdout) as { violation: Brief; otherViolations: Brief[] };
    return [report.violation, ...report.otherViolations].map(({ property, steps }) => [property, steps]);
  };
  const wide = await violations();
  const deep = await violations('--search', 'dfs');
  expect(deep.map(([property]) => property).toSorted()).toEqual(wide.map(([property]) => property).toSorted());
  for (const [property, steps] of deep) expect(steps).toBeLessThanOrEqual(2 * (new Map(wide).get(property) ?? 0));
});
