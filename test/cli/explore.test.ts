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
import { irqbypass } from '../engine/swarm/command.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'irqbypass-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const explore = (...args: readonly string[]): ReturnType<typeof irqbypass> => irqbypass('explore', ...args);
const SEARCH = ['manager', '--no-symmetry', '--no-por'];

/** A checkpoint of a search that was ended by a limit. */
function saved(name: string): string {
  const directory = join(folder, name);
  const { status, stderr } = explore(...SEARCH, '--max-states', '2000', '--checkpoint', directory);
  expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
  return directory;
}

describe('wrong input: exit code 2, one message, nothing on stdout', () => {
  for (const [args, message] of [
    [['pairing', '--workers', '0'], /--workers 0: expected a whole number from 1 to 64/],
    [['pairing', '--workers', '1e9'], /--workers 1e9/],
    [['pairing', '--max-memory', '10'], /--max-memory 10: expected a whole number from 64/],
    [['pairing', '--max-depth', '0'], /--max-depth 0/],
    [['pairing', '--search', 'bsf'], /unknown search "bsf", did you mean "bfs"\?/],
    [['pairing', '--search', 'dfs', '--workers', '2'], /one thread searches depth-first/],
    [['pairing', '--traces', '0'], /--traces 0/],
    [['pairing', '--distinct-by', 'final'], /--distinct-by is for --traces N/],
    [['pairing', '--traces', '2', '--distinct-by', 'colour'], /unknown distinct-by "colour"/],
    [['pairing', '--checkpoint-every', '5'], /--checkpoint-every is for --checkpoint/],
    [['pairing', '--checkpoint', '/proc/nowhere/x'], /\/proc\/nowhere/],
    [['pairing', '--resume', '/nowhere/at/all'], /\/nowhere\/at\/all: .*no such file or directory/],
    [['pairing', '--junit', '/nowhere/report.xml'], /\/nowhere\/report.xml: cannot be written: no such file/],
    [['pairing', '--lts', 'graph.png'], /the name must end in \.aut, \.dot, \.json, \.graphml/],
    [['pairing', '--mutation', 'b10'], /mutation b10 is a bug of irqfd, which pairing does not have/],
    [['pairing', '--liveness', '--symmetry'], /liveness with symmetry/],
    [['pairing', '--liveness', '--workers', '2'], /--workers is not for --liveness/],
    [['pairing', '--liveness', '--property', 'i-uniq'], /i-uniq/],
    [['pairing', '--property', 'l-fair', '--property', 'i-uniq'], /l-fair is about infinite runs, i-uniq about states/],
    [['pairing', '--swarm', '2', '--property', 'l-fair'], /--swarm: l-fair is about infinite runs/],
    [['pairing', '--swarm', '2', '--no-por'], /--no-por does not go with --swarm/],
    [['pairing', '--swarm', '2', '--max-depth', '3'], /--max-depth does not go with --swarm/],
    [['pairing', '--swarm', '2', '--coverage'], /--coverage does not go with --swarm/],
  ] as const) {
    it(args.join(' '), () => {
      const { status, stdout, stderr } = explore(...args);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toMatch(message);
      expect(stderr).not.toContain('this is a bug');
      expect(stderr.trim().split('\n')).toHaveLength(1);
    });
  }
});

describe('checkpoints that cannot be resumed: exit code 2, and which it is', () => {
  const refusal = (directory: string, args: readonly string[] = SEARCH): string => {
    const { status, stdout, stderr } = explore(...args, '--resume', directory);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    return stderr;
  };
  const segment = (directory: string, section: string): string =>
    join(directory, readdirSync(directory).find((file) => file.startsWith(`${section}.`)) ?? '');

  it('a corrupt segment', () => {
    const directory = saved('corrupt');
    const file = segment(directory, 'rows');
    const bytes = readFileSync(file);
    bytes[17] = (bytes[17] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    expect(refusal(directory)).toMatch(/rows\.\d+\.irqseg: corrupt segment/);
  });

  it('a truncated segment', () => {
    const directory = saved('truncated');
    truncateSync(segment(directory, 'parents'), 100);
    expect(refusal(directory)).toMatch(/parents\.\d+\.irqseg: truncated segment: has 100 bytes/);
  });

  it('another model, another version, another folder', () => {
    const directory = saved('other');
    expect(refusal(directory, ['manager'])).toMatch(/of another search: symmetry was off, is on; por was off, is on/);
    const traces = [...SEARCH, '--traces', '3'];
    expect(refusal(directory, traces)).toMatch(/of another search: traces was not given, is 3 \(/);
    expect(refusal(directory, [...traces, '--distinct-by', 'final'])).toMatch(
      /; distinct-by was not given, is final \(/,
    );
    expect(refusal(directory, [...SEARCH, '--property', 'i-uniq'])).toMatch(/properties had .* more/);
    expect(refusal(directory, [...SEARCH, '--set', 'producers=3'])).toMatch(
      /checkpoint is of another model: of manager .* asked for manager/,
    );
    const manifest = join(directory, 'checkpoint.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"version": 2', '"version": 99'));
    expect(refusal(directory)).toMatch(/format version 99/);
    const foreign = join(folder, 'foreign');
    mkdirSync(foreign);
    writeFileSync(join(foreign, 'letter.txt'), 'dear');
    expect(refusal(foreign)).toMatch(/foreign/);
    const { status } = explore(...SEARCH, '--checkpoint', foreign);
    expect(status).toBe(2);
    expect(readFileSync(join(foreign, 'letter.txt'), 'utf8')).toBe('dear');
  });

  it('and a good one goes on', () => {
    const directory = saved('good');
    const { status, stdout } = explore(...SEARCH, '--resume', directory, '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'holds', states: 13_681, transitions: 41_872 });
  });
});

describe('limits are results: exit code 3', () => {
  it('an unbounded scenario names what grows', () => {
    const { status, stdout } = explore(
      'assign',
      '--revision',
      'likexu-v2',
      '--property',
      'l-term',
      '--max-states',
      '20000',
    );
    expect(status).toBe(3);
    expect(stdout).toMatch(/incomplete \(states-limit\)/);
    expect(stdout).toMatch(/still growing: module_references \(\d+ values\)/);
  });

  it('a limit of depth', () => {
    const { status, stdout } = explore('pairing', '--max-depth', '3', '--json');
    expect(status).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'incomplete', limit: 'depth-limit', depth: 3 });
  });
});

it('coverage says where partial order reduction may have left out what would have been met', () => {
  const missing = (stdout: string): string[] => stdout.split('\n').filter((line) => line.startsWith('  never '));
  const reduced = explore('assign', '--coverage').stdout;
  expect(reduced).toContain('partial order reduction left steps out');
  const whole = explore('assign', '--coverage', '--no-por').stdout;
  expect(whole).not.toContain('partial order');
  // What all steps do not meet some of them do not either.
  expect(missing(whole)).toContain('  never taken  vfio-vector on: set_irqs -> replacing');
  expect(missing(reduced)).toEqual(expect.arrayContaining(missing(whole)));
  for (const [args, isReduced] of [
    [[], true],
    [['--no-por'], false],
  ] as const) {
    const { coverage } = JSON.parse(explore('pairing', '--json', ...args).stdout) as { coverage: object };
    expect(coverage).toMatchObject({ isReduced });
  }
});

it('coverage of a device assignment: its vector is registered, its pair connected', () => {
  const { stdout } = explore('assign', '--coverage');
  for (const mark of ['registered', 'add-producer', 'add-producer-fails', 'del-producer', 'posted', 'injected'])
    expect(stdout).not.toContain(`never met    mark ${mark}:`);
});

it('coverage does not ask for guards that the chart of a revision does not have', () => {
  const { stdout } = explore('pairing', '--coverage', '--revision', 'v2p8');
  // An insertion into an xarray finds out by itself whether the slot is taken; nothing is looked for before an erase.
  for (const guard of ['isTaken', 'isCorrupt', 'isFound']) expect(stdout).not.toContain(`guard registry ${guard}`);
  expect(explore('pairing', '--coverage', '--revision', 'base').stdout).toContain('guard registry isTaken: never true');
});

describe('several counterexamples', () => {
  const distinct = (by: string): { property: string; steps: number }[] => {
    const args = ['pairing', '--mutation', 'b6', '--traces', '5', '--distinct-by', by, '--json'];
    const { stdout } = explore(...args);
    const { violation, counterexamples } = JSON.parse(stdout) as {
      violation: { property: string; steps: number };
      counterexamples?: { property: string; steps: number }[];
    };
    return counterexamples ?? [violation];
  };

  it('by property one, by actions and by final state more, shortest first', () => {
    expect(distinct('property')).toHaveLength(1);
    for (const by of ['actions', 'final']) {
      const found = distinct(by);
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

  it('is asked about states, and says where the others are checked', () => {
    const { status, stdout, stderr } = explore(script(), '--json');
    expect(stderr).toContain('l-unlock: about infinite runs, checked with --liveness');
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'violated', properties: ['i-leak'] });
    expect(status).toBe(1);
  });

  it('is asked about its own infinite runs with --liveness', () => {
    const { stdout } = explore(script(), '--liveness', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'holds', properties: ['l-unlock'], workers: 1 });
  });
});

describe('JUnit and KTAP', () => {
  const reported = (...args: readonly string[]): { status: number | null; xml: string; ktap: string } => {
    const [xml, ktap] = [join(folder, 'report.xml'), join(folder, 'report.ktap')];
    const { status, stderr } = explore(...args, '--junit', xml, '--ktap', ktap);
    expect(stderr).toBe('');
    const read = { xml: readFileSync(xml, 'utf8'), ktap: readFileSync(ktap, 'utf8') };
    rmSync(xml);
    rmSync(ktap);
    return { status, ...read };
  };
  const results = (ktap: string): string[] => ktap.split('\n').filter((line) => /^ *(not )?ok /.test(line));

  it('of infinite runs: a test case a property, the lasso in the failure', () => {
    const { status, xml, ktap } = reported('connect-failure', '--mutation', 'b2', '--liveness');
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

  it('of infinite runs in which a claim never falls due: skipped as vacuous', () => {
    const { status, xml, ktap } = reported('unpaired', '--liveness');
    expect(status).toBe(0);
    expect(xml).toContain('tests="2" failures="0" errors="0" skipped="2"');
    expect(ktap).toMatch(/ {2}ok \d l-resume # SKIP vacuous: nothing that it waits for ever falls due/);
  });

  it('of infinite runs that a limit ended: skipped, and an error', () => {
    const { status, xml, ktap } = reported('manager', '--liveness', '--property', 'l-unlock', '--max-states', '50');
    expect(status).toBe(3);
    expect(xml).toContain('tests="2" failures="0" errors="1" skipped="1"');
    expect(results(ktap)).toEqual([
      '  ok 1 l-unlock # SKIP incomplete: states-limit',
      'ok 1 manager on v2p8, infinite runs # SKIP incomplete: states-limit',
    ]);
  });

  it('of a swarm: the union of what was found, the rest is not refuted', () => {
    const chosen = ['manager', '--property', 'i-keysync', '--property', 'i-uniq', '--workers', '1'];
    const swarm = ['--swarm', '2', '--max-states', '10'];
    const found = reported(...chosen, '--mutation', 'm-forgets-nothing', ...swarm);
    expect(found.status).toBe(1);
    expect(found.xml).toContain('tests="2" failures="1" errors="0" skipped="1"');
    expect(found.xml).toContain('<property name="jobs" value="2"/>');
    const [first, ...others] = results(found.ktap);
    expect(first).toMatch(/not ok 1 i-keysync # violated after \d+ steps: /);
    expect(others).toEqual([
      '  ok 2 i-uniq # SKIP not refuted',
      'not ok 1 manager on v2p8 with m-forgets-nothing, swarm # violated: i-keysync',
    ]);
    const nothing = reported(...chosen, ...swarm);
    expect(nothing.status).toBe(0);
    expect(results(nothing.ktap)).toEqual([
      '  ok 1 i-keysync # SKIP not refuted',
      '  ok 2 i-uniq # SKIP not refuted',
      'ok 1 manager on v2p8, swarm # SKIP not refuted',
    ]);
    expect(nothing.xml).toContain('tests="2" failures="0" errors="0" skipped="2"');
  });

  it('of a swarm of which one search has seen every state: it holds', () => {
    const { status, ktap } = reported('pairing', '--property', 'i-uniq', '--swarm', '1', '--workers', '1');
    expect(status).toBe(0);
    expect(results(ktap)).toEqual(['  ok 1 i-uniq', 'ok 1 pairing on v2p8, swarm']);
    expect(ktap).toContain(' jobs=1 seed=1 coverage-at-most=1 ');
  });

  it('of a swarm whose time is over: incomplete', () => {
    const swarm = ['--swarm', '500', '--workers', '1', '--max-seconds', '1'];
    const { status, ktap, xml } = reported('manager', '--set', 'producers=5', '--property', 'i-uniq', ...swarm);
    expect(status).toBe(3);
    expect(results(ktap).at(-1)).toBe('ok 1 manager on v2p8, swarm # SKIP incomplete: seconds-limit');
    expect(xml).toContain('<error type="seconds-limit"');
  });
});

it('every report in JSON has a depth', () => {
  for (const args of [[], ['--liveness'], ['--swarm', '2', '--workers', '1']]) {
    const { depth } = JSON.parse(explore('pairing', '--json', ...args).stdout) as { depth: unknown };
    expect([args, depth]).toEqual([args, args[0] === '--liveness' ? 18 : 17]);
  }
});

it('--checkpoint does not replace a search that is saved', () => {
  const directory = saved('kept');
  const shallow = explore(...SEARCH, '--resume', directory, '--max-depth', '2');
  expect([shallow.status, shallow.stderr]).toEqual([
    2,
    expect.stringMatching(/--max-depth 2: the search in .* is at depth \d+ already/),
  ]);
  const { status, stdout, stderr } = explore('pairing', '--checkpoint', directory);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(`--resume ${directory} goes on with it`);
  expect(explore(...SEARCH, '--resume', directory).status).toBe(0);
});

it('a search that ends before anything was saved leaves no directory behind that it made', () => {
  const made = join(folder, 'made');
  expect(explore('pairing', '--checkpoint', made).status).toBe(0);
  expect(existsSync(made)).toBe(false);
  const own = join(folder, 'own');
  mkdirSync(own);
  expect(explore('pairing', '--checkpoint', own).status).toBe(0);
  expect(readdirSync(own)).toEqual([]);
});

it('a line to paste has the options of the search', () => {
  const options = ['--mutation', 'b6', '--property', 'i-keyref', '--no-por', '--max-states', '500'];
  const { stdout } = explore('pairing', ...options);
  const line = /^reproduce {2}irqbypass explore (.*)$/m.exec(stdout)?.[1] ?? '';
  expect(line).toBe('pairing --revision v2p8 --mutation b6 --property i-keyref --no-por --max-states 500');
  expect(explore(...line.split(' ')).stdout.replaceAll(/[\d.,]+ (s|states\/s|MiB)/g, '')).toBe(
    stdout.replaceAll(/[\d.,]+ (s|states\/s|MiB)/g, ''),
  );
});

it('depth-first finds the same properties, and short ways', () => {
  const violations = (...more: readonly string[]): [string, number][] => {
    const { stdout } = explore('manager', '--mutation', 'm-no-roll-back', '--json', ...more);
    type Brief = { property: string; steps: number };
    const report = JSON.parse(stdout) as { violation: Brief; otherViolations: Brief[] };
    return [report.violation, ...report.otherViolations].map(({ property, steps }) => [property, steps]);
  };
  const wide = violations();
  const deep = violations('--search', 'dfs');
  expect(deep.map(([property]) => property).toSorted()).toEqual(wide.map(([property]) => property).toSorted());
  for (const [property, steps] of deep) expect(steps).toBeLessThanOrEqual(2 * (new Map(wide).get(property) ?? 0));
});
