// JUnit, KTAP and GraphML of explorations, read back with parsers.
//
// @vitest-environment jsdom
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { graphml } from '../../../src/engine/report/graphml.ts';
import { junit } from '../../../src/engine/report/junit.ts';
import { ktap } from '../../../src/engine/report/ktap.ts';
import type { LtsEdge } from '../../../src/engine/report/lts.ts';
import type { ExplorationReport, PropertyReport } from '../../../src/engine/report/report.ts';

interface XmlElement {
  readonly tagName: string;
  readonly children: Iterable<XmlElement> & { readonly length: number };
  readonly textContent: string;
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): Iterable<XmlElement>;
}

declare const DOMParser: new () => {
  parseFromString(text: string, type: string): { readonly documentElement: XmlElement };
};

/** Parses XML strictly; throws where it is not well-formed. */
function parseXml(text: string): XmlElement {
  const root = new DOMParser().parseFromString(text, 'application/xml').documentElement;
  for (const error of [root, ...root.querySelectorAll('parsererror')])
    if (error.tagName === 'parsererror') throw new Error(`${error.textContent}\n${text}`);
  return root;
}

const all = (root: XmlElement, selector: string): XmlElement[] => [...root.querySelectorAll(selector)];
const attributes = (element: XmlElement, ...names: string[]): (string | null)[] =>
  names.map((name) => element.getAttribute(name));

const violated: PropertyReport = {
  id: 'i-pairsym',
  title: 'A pair is bound on both sides',
  verdict: 'violated',
  message: 'p0 -> c0 <but not> "back" & forth',
  trace: ['t0: register_producer(p0, e0)', 'Subtest: p0.stop', '  p0.state: idle -> \u001B[31mstopped\u001B[0m\u0007'],
  steps: 2,
};

const report: ExplorationReport = {
  scenario: 'manager',
  parameters: { producers: 2, faults: true },
  revision: 'v2p8',
  mutation: 'b1',
  verdict: 'violated',
  states: 1234,
  transitions: 5678,
  depth: 21,
  seconds: 1.5,
  reductions: { symmetry: true, por: false },
  properties: [
    { id: 'i-uniq', title: 'No two of one key', verdict: 'holds' },
    violated,
    { id: 'i-balance', title: 'Calls balance', verdict: 'vacuous', message: 'no callback was ever made' },
  ],
};

const incomplete: ExplorationReport = {
  ...report,
  scenario: 'scenarios/two #1.yaml',
  mutation: null,
  verdict: 'incomplete',
  limit: 'states-limit',
  properties: [{ id: 'i-uniq', title: 'No two of one key', verdict: 'unknown' }],
};

const holds: ExplorationReport = {
  ...report,
  verdict: 'holds',
  mutation: null,
  properties: report.properties.slice(0, 1),
};

const swarm: ExplorationReport = {
  ...holds,
  about: 'swarm',
  verdict: 'not-refuted',
  figures: { jobs: '8', seed: '1' },
  properties: [{ id: 'i-uniq', title: 'No two of one key', verdict: 'not-refuted' }],
};

const anyProperty: fc.Arbitrary<PropertyReport> = fc.record(
  {
    id: fc.string({ unit: 'binary', minLength: 1 }),
    title: fc.string({ unit: 'binary' }),
    verdict: fc.constantFrom('holds', 'violated', 'unknown', 'vacuous', 'not-refuted'),
    message: fc.string({ unit: 'binary' }),
    trace: fc.array(fc.string({ unit: 'binary' }), { maxLength: 3 }),
    steps: fc.nat(),
  },
  { requiredKeys: ['id', 'title', 'verdict'] },
);
const anyReport: fc.Arbitrary<ExplorationReport> = fc
  .record({
    scenario: fc.string({ unit: 'binary', minLength: 1 }),
    parameters: fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
    mutation: fc.option(fc.string({ unit: 'binary' })),
    properties: fc.array(anyProperty, { maxLength: 4 }),
    isIncomplete: fc.boolean(),
    seconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
  })
  .map(({ isIncomplete, ...some }) => {
    const verdict = some.properties.some((one) => one.verdict === 'violated') ? 'violated' : 'holds';
    return { ...report, ...some, verdict: isIncomplete ? 'incomplete' : verdict };
  });

describe('JUnit', () => {
  it('has a suite per exploration and a test case per property', () => {
    const root = parseXml(junit([report, incomplete]));
    expect(attributes(root, 'tests', 'failures', 'errors', 'skipped', 'time')).toEqual(['5', '1', '1', '2', '3.000']);
    const [first, second] = all(root, 'testsuite') as [XmlElement, XmlElement];
    expect(attributes(first, 'name', 'tests', 'failures', 'errors', 'skipped', 'time')).toEqual([
      'manager on v2p8 with b1',
      '3',
      '1',
      '0',
      '1',
      '1.500',
    ]);
    expect(all(first, 'property').map((one) => attributes(one, 'name', 'value'))).toEqual([
      ['scenario', 'manager'],
      ['revision', 'v2p8'],
      ['mutation', 'b1'],
      ['verdict', 'violated'],
      ['producers', '2'],
      ['faults', 'true'],
      ['states', '1234'],
      ['transitions', '5678'],
      ['depth', '21'],
      ['reductions', 'symmetry'],
    ]);
    expect(all(first, 'testcase').map((one) => one.getAttribute('name'))).toEqual([
      'i-uniq: No two of one key',
      'i-pairsym: A pair is bound on both sides',
      'i-balance: Calls balance',
    ]);
    expect(all(second, 'testcase').map((one) => [...one.children].map(({ tagName }) => tagName))).toEqual([
      ['skipped'],
      ['error'],
    ]);
    expect(all(second, 'skipped')[0]?.getAttribute('message')).toBe('incomplete: states-limit');
    expect(attributes(all(second, 'error')[0] as XmlElement, 'type', 'message')).toEqual([
      'states-limit',
      'incomplete: states-limit after 1234 states',
    ]);
  });

  it('skips what a swarm has not refuted, and has no error for that', () => {
    const [suite] = all(parseXml(junit([swarm])), 'testsuite') as [XmlElement];
    expect(attributes(suite, 'name', 'tests', 'failures', 'errors', 'skipped')).toEqual([
      'manager on v2p8, swarm',
      '1',
      '0',
      '0',
      '1',
    ]);
    expect(all(suite, 'skipped')[0]?.getAttribute('message')).toBe('not refuted');
    expect(all(suite, 'property').map((one) => attributes(one, 'name', 'value'))).toContainEqual(['seed', '1']);
  });

  it('has the trace in the failure, as it was but for control characters', () => {
    const [failure] = all(parseXml(junit([report])), 'failure');
    expect(failure?.getAttribute('message')).toBe('after 2 steps: p0 -> c0 <but not> "back" & forth');
    expect(failure?.textContent.split('\n')).toEqual([
      'after 2 steps: p0 -> c0 <but not> "back" & forth',
      't0: register_producer(p0, e0)',
      'Subtest: p0.stop',
      '  p0.state: idle -> stopped',
    ]);
    expect(all(parseXml(junit([report])), 'skipped')[0]?.getAttribute('message')).toBe(
      'vacuous: no callback was ever made',
    );
  });

  it('is well-formed, and counts right, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(anyReport, { maxLength: 3 }), (reports) => {
        const root = parseXml(junit(reports));
        for (const suite of [root, ...all(root, 'testsuite')]) {
          expect(attributes(suite, 'tests', 'failures', 'errors', 'skipped').map(Number)).toEqual(
            ['testcase', 'failure', 'error', 'skipped'].map((tag) => all(suite, tag).length),
          );
          expect(suite.getAttribute('time')).toMatch(/^\d+\.\d{3}$/);
        }
        const cases = all(root, 'testcase').length;
        const expected = reports.map(
          ({ properties, verdict }) => properties.length + (verdict === 'incomplete' ? 1 : 0),
        );
        expect(cases).toBe(expected.reduce((sum, one) => sum + one, 0));
      }),
    );
  });

  it('keeps all text that XML can hold', () => {
    const text = 'ü 😀 \t a\nb ]]> &amp; \r &#0; \'"';
    const [failure] = all(
      parseXml(junit([{ ...report, properties: [{ ...violated, message: text, trace: [] }] }])),
      'failure',
    );
    expect(failure?.getAttribute('message')).toBe(`after 2 steps: ${text}`);
    expect(failure?.textContent).toBe(`after 2 steps: ${text}`);
  });
});

/** A test as KTAP tells it. */
interface KtapTest {
  readonly ok: boolean;
  readonly description: string;
  readonly directive: string | undefined;
  readonly diagnostics: readonly string[];
  readonly subtests: readonly KtapTest[];
}

/** A strict reader of KTAP version 1: every line is one of the four kinds, plans are met, numbers are in order. */
function parseKtap(text: string): KtapTest[] {
  expect(text.endsWith('\n')).toBe(true);
  const lines = text.slice(0, -1).split('\n');
  let at = 0;
  const level = (indent: string): KtapTest[] => {
    const tests: KtapTest[] = [];
    let diagnostics: string[] = [];
    let subtests: KtapTest[] = [];
    let plan: number | undefined;
    expect(lines[at++]).toBe(`${indent}KTAP version 1`);
    for (; at < lines.length && plan !== tests.length;) {
      const line = lines[at] ?? '';
      if (line === `${indent}  KTAP version 1`) {
        subtests = level(`${indent}  `);
        continue;
      }
      at += 1;
      expect(line.startsWith(indent)).toBe(true);
      const rest = line.slice(indent.length);
      const result = /^(ok|not ok) (\d+)(?: ([^#]*[^# ]))?(?: # ?(?:(SKIP|TODO|XFAIL|TIMEOUT|ERROR)(?: |$))?.*)?$/.exec(
        rest,
      );
      if (rest.startsWith('#')) diagnostics.push(rest);
      else if (/^1\.\.\d+$/.test(rest)) {
        expect(plan).toBeUndefined();
        plan = Number(rest.slice(3));
      } else if (result !== null) {
        expect(Number(result[2])).toBe(tests.length + 1);
        tests.push({
          ok: result[1] === 'ok',
          description: result[3] ?? '',
          directive: result[4],
          diagnostics,
          subtests,
        });
        diagnostics = [];
        subtests = [];
      } else throw new Error(`unknown line ${JSON.stringify(line)}`);
    }
    expect(tests).toHaveLength(plan ?? -1);
    return tests;
  };
  const tests = level('');
  expect(at).toBe(lines.length);
  return tests;
}

describe('KTAP', () => {
  it('is as the kernel documents it', () => {
    expect(ktap([report, incomplete, holds, swarm])).toBe(`KTAP version 1
1..4
  KTAP version 1
  # Subtest: manager on v2p8 with b1
  1..3
  ok 1 i-uniq
  #  i-pairsym: A pair is bound on both sides
  #  t0: register_producer(p0, e0)
  #  Subtest: p0.stop
  #    p0.state: idle -> stopped
  not ok 2 i-pairsym # violated after 2 steps: p0 -> c0 <but not> "back" & forth
  ok 3 i-balance # SKIP vacuous: no callback was ever made
#  producers=2 faults=true states=1234 transitions=5678 depth=21 reductions=symmetry seconds=1.500
not ok 1 manager on v2p8 with b1 # violated: i-pairsym
  KTAP version 1
  # Subtest: scenarios/two 1.yaml on v2p8
  1..1
  ok 1 i-uniq # SKIP incomplete: states-limit
#  producers=2 faults=true states=1234 transitions=5678 depth=21 reductions=symmetry seconds=1.500
ok 2 scenarios/two 1.yaml on v2p8 # SKIP incomplete: states-limit
  KTAP version 1
  # Subtest: manager on v2p8
  1..1
  ok 1 i-uniq
#  producers=2 faults=true states=1234 transitions=5678 depth=21 reductions=symmetry seconds=1.500
ok 3 manager on v2p8
  KTAP version 1
  # Subtest: manager on v2p8, swarm
  1..1
  ok 1 i-uniq # SKIP not refuted
#  producers=2 faults=true states=1234 transitions=5678 depth=21 reductions=symmetry jobs=8 seed=1 seconds=1.500
ok 4 manager on v2p8, swarm # SKIP not refuted
`);
  });

  it('can be read, and fails where a subtest fails, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(anyReport, { maxLength: 3 }), (reports) => {
        const tests = parseKtap(ktap(reports));
        expect(tests).toHaveLength(reports.length);
        for (const [i, test] of tests.entries()) {
          const { properties, verdict } = reports[i] as ExplorationReport;
          expect(test.subtests).toHaveLength(properties.length);
          expect(test.ok).toBe(test.subtests.every(({ ok }) => ok));
          expect(test.directive).toBe(test.ok && verdict === 'incomplete' ? 'SKIP' : undefined);
          for (const [k, { ok, directive }] of test.subtests.entries()) {
            expect(ok).toBe(properties[k]?.verdict !== 'violated');
            expect(directive).toBe(
              ['unknown', 'vacuous', 'not-refuted'].includes(properties[k]?.verdict ?? '') ? 'SKIP' : undefined,
            );
          }
        }
      }),
    );
  });
});

describe('GraphML', () => {
  const text = (states: number, edges: Iterable<LtsEdge>): string => [...graphml(states, edges)].join('\n');

  it('is a directed graph with labelled edges and a marked initial state, whatever the labels', () => {
    const graph = fc.integer({ min: 1, max: 6 }).chain((states) => {
      const state = fc.nat(states - 1);
      const edge = fc.record({ from: state, to: state, label: fc.string({ unit: 'grapheme' }) });
      return fc.record({ states: fc.constant(states), edges: fc.array(edge, { maxLength: 10 }) });
    });
    fc.assert(
      fc.property(graph, ({ states, edges }) => {
        const root = parseXml(text(states, edges));
        const [inner] = all(root, 'graph');
        expect(inner?.getAttribute('edgedefault')).toBe('directed');
        expect(all(root, 'key').map((key) => attributes(key, 'id', 'for', 'attr.type'))).toEqual([
          ['initial', 'node', 'boolean'],
          ['label', 'edge', 'string'],
        ]);
        expect(all(root, 'node').map((node) => node.getAttribute('id'))).toEqual(
          Array.from({ length: states }, (_, i) => `n${i}`),
        );
        expect(all(root, 'node').map((node) => node.textContent)).toEqual(
          Array.from({ length: states }, (_, i) => (i === 0 ? 'true' : '')),
        );
        expect(all(root, 'edge').map((edge) => [...attributes(edge, 'source', 'target'), edge.textContent])).toEqual(
          edges.map(({ from, to, label }) => [`n${from}`, `n${to}`, label]),
        );
      }),
    );
  });

  it('takes edges as they come and needs no memory for them', () => {
    let produced = 0;
    function* edges(): Generator<LtsEdge> {
      for (; produced < 1_000_000; produced++) yield { from: 0, label: 'loop', to: 0 };
    }
    const lines = graphml(1, edges());
    let line = lines.next();
    while (line.done !== true && !line.value.includes('<edge')) line = lines.next();
    expect(produced).toBe(0);
    lines.next();
    expect(produced).toBe(1);
  });

  it('refuses an edge that leads nowhere', () => {
    expect(() => text(2, [{ from: 0, label: 'x', to: 2 }])).toThrow(
      new RangeError('edge from 0 to 2: there are 2 states, from 0 on'),
    );
  });
});
