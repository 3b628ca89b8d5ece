// Scenario files: what may stand in them, and errors that name file and line.
import { describe, expect, it } from 'vitest';
import { explore } from '../../../src/engine/explorer/search/explore.ts';
import { assemble } from '../../../src/scenarios/assemble.ts';
import { parseParameters } from '../../../src/scenarios/parameters.ts';
import { findScenario, scenarios } from '../../../src/scenarios/builtin.ts';
import { findRevision, revisions } from '../../../src/registry/revisions.ts';
import { build } from '../../../src/scenarios/build.ts';
import { CallSyntaxError, parseCall } from '../../../src/scenarios/files/call-syntax.ts';
import { parseScenario } from '../../../src/scenarios/files/file.ts';
import { loadScenario } from '../../../src/scenarios/files/load.ts';
import { machinesOf } from '../../../src/scenarios/machines.ts';
import { InputError } from '../../../src/engine/input-error.ts';

const pairing = `scenario: my-pairing
eventfds: [e0]
producers: [p0]
consumers: [c0]
threads:
  t0:
    - do: register_producer(p0, e0)
      error: end
    - unregister_producer(p0)
  t1:
    - do: register_consumer(c0, e0)
      error: end
    - unregister_consumer(c0)
`;

const errorOf = (text: string): string => {
  try {
    parseScenario(text, 'two-vms.yaml');
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return 'no error';
};

describe('a scenario file', () => {
  it('is the built-in scenario, written down', async () => {
    const mine = assemble({ scenario: parseScenario(pairing, 'my.yaml') });
    const builtin = findScenario('pairing');
    if (builtin === undefined) throw new Error('no pairing');
    const theirs = assemble({ scenario: builtin });
    const counts = async ({ world, properties }: typeof mine): Promise<unknown> => {
      const { verdict, states, transitions, depth } = await explore(world, { properties });
      return { verdict, states, transitions, depth };
    };
    expect(await counts(mine)).toEqual(await counts(theirs));
  });

  it('may be JSON', () => {
    const text = JSON.stringify({
      scenario: 'x',
      eventfds: ['e0'],
      producers: ['p0'],
      threads: { t0: ['register_producer(p0, e0)'] },
    });
    expect(parseScenario(text, 'x.json').id).toBe('x');
  });

  it('has structs with missing, failing and re-entering callbacks, choices, order, faults', () => {
    const text = `scenario: x
eventfds: [e0]
producers: [{name: p0, lacks: [stop, start], failures: [-5]}]
consumers: [{name: c0, reenters: stop}]
discipline: raw
allocationFaults: true
threads:
  t0: [['register_producer(p0, e0, irq=40)', 'register_producer(p0, NULL, module_get=fails, atomic)']]
  t1: ['register_consumer(c0, e0)']
after: {t1: [t0]}
properties: [i-nowarn]
`;
    const scenario = parseScenario(text, 'x.yaml');
    const policy = findRevision('base')?.policy;
    if (policy === undefined) throw new Error('no base');
    const { actors } = build(scenario.script({}), policy);
    const actor = (name: string): unknown => actors.find((one) => one.name === name);
    expect(actor('registry')).toMatchObject({ constants: { allocation_faults: true } });
    expect(actor('p0')).toMatchObject({ constants: { 'has stop': false, 'has start': false }, failures: [-5] });
    expect(actor('c0')).toMatchObject({ constants: { 'reenters stop': true } });
    const call = { op: 'register_producer', object: 'p0' };
    const calls = [
      { ...call, eventfd: 'e0', irq: 40 },
      { ...call, eventfd: null, moduleGet: 'fails', atomic: true },
    ];
    // A thread that never clears its tokens.
    const { thread: machine } = machinesOf(policy, 'raw');
    expect(actor('t0')).toEqual({
      name: 't0',
      machine,
      program: { steps: [{ calls }], how: { register_producer: 'call' } },
      after: [],
    });
    expect(actor('t1')).toMatchObject({ machine, after: ['t0'] });
    expect(scenario.properties).toEqual(['i-nowarn']);
  });

  it.each([
    [
      'an undeclared eventfd',
      pairing.replace('register_producer(p0, e0)', 'register_producer(p0, e9)'),
      'two-vms.yaml:7 eventfd "e9" is not declared, did you mean "e0"? (declared: e0)',
    ],
    [
      'an undeclared producer',
      pairing.replace('unregister_producer(p0)', 'unregister_producer(p7)'),
      'two-vms.yaml:9 producer "p7" is not declared, did you mean "p0"? (declared: p0)',
    ],
    [
      'an unknown call',
      pairing.replace('unregister_consumer(c0)', 'unregster_consumer(c0)'),
      'two-vms.yaml:13 unknown call "unregster_consumer", did you mean "unregister_consumer"?',
    ],
    [
      'calls without quotes in a list',
      pairing.replace('unregister_consumer(c0)', '[register_consumer(c0, e0)]'),
      'inside [ ] put calls in quotes',
    ],
    ['an unknown key', `${pairing}eventfs: [e1]\n`, 'two-vms.yaml:14 eventfs: unknown key, did you mean "eventfds"?'],
    ['a missing key', 'scenario: x\neventfds: []\n', 'two-vms.yaml:1 threads: '],
    ['a number for a list', pairing.replace('[p0]', '7'), 'two-vms.yaml:3 producers: '],
    ['a thread that waits for nobody', `${pairing}after: {t1: [t9]}\n`, 'two-vms.yaml:14 thread "t9" is not declared'],
    ['an empty file', '', 'two-vms.yaml:1 the file is empty'],
    ['only a comment', '# nothing\n', 'two-vms.yaml:1 the file is empty'],
    ['broken YAML', 'scenario: [x\nthreads: {\n', 'two-vms.yaml:'],
    ['a list of lists of lists', '[[[[[[]]]]]]', 'two-vms.yaml:1 '],
    ['a cycle', '&a [*a]', 'two-vms.yaml:1 '],
    ['a cycle of nonsense types', 'scenario: &a {threads: *a}\neventfds: *a\nthreads: *a\n', 'two-vms.yaml:1 '],
    ['a binary file', '\u0000\u0001\u0002', 'two-vms.yaml:1 '],
  ])('says what is wrong with %s', (_, text, message) => {
    expect(errorOf(text)).toContain(message);
  });
});

describe('calls', () => {
  it.each([
    ['register_producer', 'is not a call'],
    ['register_producer(p0)', 'takes 2 arguments'],
    ['register_producer(p0, 17)', '"17" is not a name'],
    ['register_producer(p0, e0, irq=x)', 'options are'],
    ['vfree(p0)', 'unknown call "vfree"'],
  ])('%s: %s', (text, message) => {
    expect(() => parseCall(text)).toThrow(CallSyntaxError);
    expect(() => parseCall(text)).toThrow(message);
  });
});

describe('names and parameters', () => {
  it('suggests the nearest scenario', async () => {
    await expect(loadScenario('parings')).rejects.toThrow('unknown scenario "parings", did you mean "pairing"?');
  });

  it.each([
    ['producers=x', 'expected a whole number'],
    ['producers=-1', 'expected a whole number'],
    ['producers=1e12', 'expected a whole number'],
    ['faults=maybe', 'expected true or false'],
    ['producer=3', 'did you mean "producers"?'],
    ['producers', 'write it as key=value'],
  ])('--set %s: %s', (setting, message) => {
    const manager = findScenario('manager');
    if (manager === undefined) throw new Error('no manager');
    expect(() => parseParameters(manager, [setting])).toThrow(message);
  });

  it('every scenario builds on every revision', () => {
    for (const scenario of scenarios) {
      for (const { id: revision } of revisions) {
        const { world } = assemble({ scenario, revision });
        expect({ id: scenario.id, revision, first: world.choices(world.initial()).length > 0 }).toEqual({
          id: scenario.id,
          revision,
          first: true,
        });
      }
    }
  });
});
