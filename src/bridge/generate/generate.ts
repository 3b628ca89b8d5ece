// What is generated from the graph of calls of a revision: KUnit suites, a suite for vitest, traces.
import type { Revision } from '../../registry/revisions.ts';
import type { Lacks } from '../call-model.ts';
import { CallModel } from '../call-model.ts';
import { ONE_OF_EACH, setups } from '../compiled/parts.ts';
import type { ManagerCall, Scope } from '../manager-calls.ts';
import { eventfdsOf } from '../manager-calls.ts';
import type { CallObserved } from '../call-system.ts';
import type { WalkStep } from './call-graph.ts';
import { CallGraph } from './call-graph.ts';
import type { Cover } from './covering-walks.ts';
import { coverArcs, coverNodes, coverPairs } from './covering-walks.ts';
import type { KernelFiles, Walk } from './kunit.ts';
import { kunitFiles, pathSuite, smallSuite } from './kunit.ts';
import { ruleCases } from './rule-cases.ts';
import { recordedTraces } from './recorded-traces.ts';
import { headerOf, toItf } from '../trace-file.ts';
import { vitestSuite } from './vitest-suite.ts';
import { takenWalk } from './walk-run.ts';
import { WorldView } from '../../engine/world/view.ts';

/** How much of the graph of calls the sequences take. */
export const coverages = ['states', 'transitions', 'pairs'] as const;
export type CoverageOf = (typeof coverages)[number];

/** What can be generated. */
export const generated = ['kunit', 'vitest', 'traces', 'rv', 'host', 'bpftrace', 'ftrace'] as const;
export type Generated = (typeof generated)[number];
/** Of these, what has sequences of calls. */
export type Sequences = Exclude<Generated, 'rv' | 'host' | 'bpftrace' | 'ftrace'>;

/** Sequences that cover a graph. */
export interface Suite {
  readonly graph: CallGraph;
  readonly cover: Cover;
  readonly walks: readonly Walk[];
}

const covers = { states: coverNodes, transitions: coverArcs, pairs: coverPairs };

/**
 * Sequences of calls that cover what a revision can do.
 *
 * @param revision - which one
 * @param scope - how many structs and eventfds
 * @param coverage - every state, every call in every state, or every two calls that can follow each other
 * @param what - faults of memory and of the module are in traces alone; for KUnit only what a kernel survives
 * @param lacks - callbacks that structs do without
 */
export function suiteOf(
  { policy }: Revision,
  scope: Scope,
  coverage: CoverageOf,
  what: Sequences,
  lacks: Lacks = {},
): Suite {
  const model = new CallModel(policy, scope, 'clean', lacks);
  const leaks = (call: ManagerCall): boolean => isNullKey(call) && policy.nullKey === 'accepted';
  const leavesOut = (call: ManagerCall, { warn }: CallObserved): boolean =>
    (what === 'kunit' && warn) || (what !== 'traces' && leaks(call));
  const graph = new CallGraph(model, { scope, onlyCallbackFaults: what !== 'traces', leavesOut });
  const cover = covers[coverage](graph);
  return { graph, cover, walks: cover.walks.map((walk) => ({ lacks, steps: graph.stepsOf(walk) })) };
}

/** The suites that a file of every path has. */
export interface PathSuites {
  /** What warns nowhere: of the size that was asked for, then of one each that do without some callbacks. */
  readonly silent: readonly Suite[];
  /** The same with what warns, for kernels in which a test can suppress that; null where nothing warns. */
  readonly warning: readonly Suite[] | null;
}

/** The suites of a revision, with a coverage. */
export function pathSuitesOf(revision: Revision, scope: Scope, coverage: CoverageOf): PathSuites {
  const setUps = (what: Sequences): Suite[] =>
    setups.map((lacks) => suiteOf(revision, ONE_OF_EACH, coverage, what, lacks));
  const suites = (what: Sequences): Suite[] => [suiteOf(revision, scope, coverage, what), ...setUps(what)];
  const silent = suites('kunit');
  // The suite for vitest has what warns, too.
  const warning = suites('vitest');
  return { silent, warning: warning[0]?.graph.arcs.some(({ observed }) => observed.warn) === true ? warning : null };
}

/** What the machines of a revision do in the cases of the small suite; those that a kernel does not survive are left out. */
export function casesOf({ policy }: Revision): Parameters<typeof smallSuite>[1] {
  const scope = { producers: 2, consumers: 2, eventfds: 2 };
  const cases = ruleCases.map((one) => {
    const model = new CallModel(policy, scope, 'clean', one.lacks);
    const steps: WalkStep[] = [];
    let state = model.initial;
    for (const call of one.calls) {
      const made = model.perform(state, call);
      steps.push({ call, observed: made.observed });
      if (made.observed.corruption) break;
      state = made.state;
    }
    return { ...one, steps };
  });
  const isSurvived = ({ call, observed }: WalkStep): boolean =>
    !observed.corruption && !(observed.returns === 0 && isNullKey(call));
  return cases.filter(({ steps }) => steps.every(isSurvived));
}

/** A key of NULL that is accepted stays for ever: no case after it would find the manager empty. */
const isNullKey = ({ op, eventfd }: ManagerCall): boolean => op.startsWith('register') && eventfd === null;

/** The files of KUnit suites, by their path in a kernel tree. */
export function kunitOf(revision: Revision, { silent, warning }: PathSuites, scope: Scope): KernelFiles {
  const walksOf = (suites: readonly Suite[]): Walk[] => suites.flatMap((suite) => suite.walks);
  const structs = Math.max(scope.producers, scope.consumers, eventfdsOf(scope).length);
  const paths = pathSuite(revision.policy, walksOf(silent), warning === null ? null : walksOf(warning), structs);
  return kunitFiles(smallSuite(revision.policy, casesOf(revision)), paths);
}

/** Formats of traces. */
export const traceFormats = ['recorded', 'itf'] as const;
export type TraceFormat = (typeof traceFormats)[number];

/** A file of recorded traces; or a document of ITF for each sequence, in a folder. */
export function tracesOf(
  revision: Revision,
  { walks }: Suite,
  coverage: CoverageOf,
  scope: Scope,
  format: TraceFormat,
): Readonly<Record<string, string>> {
  const { id, policy } = revision;
  if (format === 'itf') {
    const digits = String(walks.length).length;
    return Object.fromEntries(
      walks.map(({ steps }, i) => {
        const number = String(i + 1).padStart(digits, '0');
        const calls = steps.map(({ call }) => call);
        const { assembled, steps: taken } = takenWalk(revision, `sequence ${number}`, calls, scope);
        const { world } = assembled;
        const initial = new WorldView(world, world.initial()).toJSON();
        return [`${id}.${coverage}/${number}.itf.json`, toItf(headerOf(assembled), initial, taken)];
      }),
    );
  }
  return {
    [`${id}.${coverage}.jsonl`]: `${recordedTraces(
      id,
      policy,
      walks.map(({ steps }) => steps),
    ).join('\n')}\n`,
  };
}

/** A suite for vitest. */
export function vitestOf(
  revision: Revision,
  { walks }: Suite,
  coverage: CoverageOf,
  scope: Scope,
  each: string,
): Readonly<Record<string, string>> {
  const sequences = walks.map(({ steps }) => steps);
  return { [`${revision.id}.${coverage}.test.ts`]: vitestSuite(revision, sequences, scope, each) };
}
