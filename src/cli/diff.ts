// irqbypass diff: two managers (revisions, trees, C files) under the same calls: every class of difference. For two revisions
// it begins with what built-in scenarios say of both.
import { manifest } from '../scenarios/manifest.ts';
import type { ComparedSide, SidesReport } from '../bridge/compiled/compared-side.ts';
import { comparedSide, compareSides } from '../bridge/compiled/compared-side.ts';
import type { LockStepReport } from '../bridge/lock-step.ts';
import type { Scope } from '../bridge/manager-calls.ts';
import type { Revision } from '../registry/revisions.ts';
import { jsonOfDifference, printDifference, printParts, scopeOf, scopeText } from './differences.ts';
import { exitCode, wholeNumber } from './exit-codes.ts';
import { interruptible } from './interruptible.ts';
import type { CommonOptions, Terminal } from './terminal.ts';
import { count, createTerminal, grouped } from './terminal.ts';

export interface DiffCommandOptions extends CommonOptions {
  readonly set?: readonly string[];
  readonly wellBehaved?: boolean;
  readonly columns?: boolean;
  readonly maxCalls?: string;
  readonly maxSeconds?: string;
  readonly headerA?: string;
  readonly headerB?: string;
}

/** Calls of a sequence: between v2p7 and v2p8 those of 5 take 6 s, those of any length 80 s. */
const DEFAULT_MAX_CALLS = 5;

/** What the built-in scenarios say of two revisions. */
interface ScenarioTable {
  /** Violated by the second one only: scenario and properties. */
  readonly broken: readonly ScenarioRow[];
  /** Violated by the first one only. */
  readonly mended: readonly ScenarioRow[];
  /** Violated by both, in other properties. */
  readonly changed: readonly ScenarioRow[];
  readonly asBefore: readonly string[];
}

interface ScenarioRow {
  readonly scenario: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** Compares two managers and reports. Answers the exit code. */
export async function diff(from: string, to: string, options: DiffCommandOptions): Promise<number> {
  const terminal = createTerminal(options);
  const [one, other] = [comparedSide(from, options.headerA), comparedSide(to, options.headerB)];
  const scope = scopeOf('diff', options.set ?? []);
  const seconds =
    options.maxSeconds === undefined ? {} : { maxSeconds: wholeNumber('--max-seconds', options.maxSeconds, 1) };
  const isWellBehaved = options.wellBehaved === true;
  // C is searched in parts that are small enough to be whole.
  const isOfRevisions = one.kind === 'revision' && other.kind === 'revision';
  const calls = options.maxCalls ?? (isOfRevisions ? String(DEFAULT_MAX_CALLS) : undefined);
  const maxCalls = calls === undefined ? {} : { maxCalls: wholeNumber('--max-calls', calls, 1, 100) };
  const report = await interruptible((signal) =>
    compareSides(one, other, {
      scope,
      isWellBehaved,
      signal,
      ...maxCalls,
      ...seconds,
      progress: (states, transitions, passed) =>
        terminal.progress(
          `${one.title} and ${other.title}: ${grouped(states)} states, ${grouped(transitions)} calls, ${passed.toFixed(0)} s`,
        ),
    }),
  );
  terminal.clear();
  // Most of them are misuse: another question than that of callers that behave.
  const scenarios =
    isWellBehaved || one.kind !== 'revision' || other.kind !== 'revision'
      ? null
      : scenarioTable(one.revision, other.revision);
  if (options.json === true) terminal.print(JSON.stringify(jsonOf(one, other, report, scenarios), null, 2));
  else print(terminal, { one, other, report, scenarios, scope, isWellBehaved, isInColumns: options.columns === true });
  if (report.limit === 'interrupted') return exitCode.interrupted;
  if (report.differences.length > 0) return exitCode.violated;
  return report.isComplete ? exitCode.ok : exitCode.incomplete;
}

/** What the recorded searches of all scenarios say (scenarios/manifest.json, which a test holds to be so). */
function scenarioTable(one: Revision, other: Revision): ScenarioTable {
  const rows = Object.entries(manifest).map(([scenario, revisions]): ScenarioRow => {
    const violated = ({ id }: Revision): readonly string[] => {
      const found = revisions[id];
      if (found === undefined) throw new RangeError(`the manifest has no ${scenario} on ${id}`);
      return found.violated.map((text) => text.split('@')[0] ?? text);
    };
    return { scenario, from: violated(one), to: violated(other) };
  });
  return {
    broken: rows.filter(({ from, to }) => from.length === 0 && to.length > 0),
    mended: rows.filter(({ from, to }) => from.length > 0 && to.length === 0),
    changed: rows.filter(({ from, to }) => from.length > 0 && to.length > 0 && from.join() !== to.join()),
    asBefore: rows.filter(({ from, to }) => from.join() === to.join()).map(({ scenario }) => scenario),
  };
}

function jsonOf(
  one: ComparedSide,
  other: ComparedSide,
  report: LockStepReport,
  scenarios: ScenarioTable | null,
): object {
  const { states, transitions, calls, seconds, differences, isComplete, limit } = report;
  return {
    from: one.title,
    to: other.title,
    equivalent: differences.length === 0 && isComplete,
    complete: isComplete,
    calls,
    ...(limit === undefined ? {} : { limit }),
    states,
    transitions,
    seconds,
    differences: differences.map(jsonOfDifference),
    scenarios,
  };
}

interface Shown {
  readonly one: ComparedSide;
  readonly other: ComparedSide;
  readonly report: SidesReport;
  readonly scenarios: ScenarioTable | null;
  readonly scope: Scope;
  readonly isWellBehaved: boolean;
  readonly isInColumns: boolean;
}

function print(terminal: Terminal, shown: Shown): void {
  const { one, other, report, scenarios, scope, isWellBehaved, isInColumns } = shown;
  const named = (side: ComparedSide): string =>
    side.kind === 'revision' ? `${side.title} (${side.revision.where})` : side.title;
  terminal.say(terminal.style('bold', `from ${named(one)} to ${named(other)}`));
  if (scenarios !== null) printScenarios(terminal, scenarios);
  const { parts, states, transitions, calls, seconds, differences, isComplete, limit } = report;
  const callers = isWellBehaved ? 'callers that behave' : 'any caller';
  const verdict =
    differences.length > 0
      ? count(differences.length, 'class', 'classes') + ' of difference'
      : isComplete
        ? 'no difference'
        : limit === 'calls-limit'
          ? 'no difference within these sequences'
          : 'no difference so far';
  const ended = limit === undefined || limit === 'calls-limit' ? '' : ` (${limit})`;
  const reach = isComplete ? 'sequences of any length' : `all sequences of up to ${count(calls, 'call')}`;
  terminal.say(`\nthe same calls of ${callers} made of both: ${terminal.style('bold', verdict)}${ended}`);
  if (parts.length > 1) printParts(terminal, parts);
  else terminal.say(`  ${scopeText(scope)}; ${reach}`);
  terminal.say(`  ${count(states, 'pair')} of states, ${count(transitions, 'call')}, ${seconds.toFixed(2)} s`);
  for (const difference of differences) printDifference(terminal, one.title, other.title, difference, isInColumns);
}

function printScenarios(terminal: Terminal, { broken, mended, changed, asBefore }: ScenarioTable): void {
  const row = (what: string, { scenario, from, to }: ScenarioRow): void => {
    const properties =
      from.length === 0
        ? to.join(', ')
        : to.length === 0
          ? from.join(', ')
          : `${from.join(', ')}, then ${to.join(', ')}`;
    terminal.say(`  ${what.padEnd(16)}${scenario} (${properties})`);
  };
  terminal.say(
    `\nbuilt-in scenarios: ${broken.length} newly violated, ${mended.length} mended, ${changed.length} violated otherwise, ${asBefore.length} as before`,
  );
  for (const one of broken) row('newly violated', one);
  for (const one of mended) row('mended', one);
  for (const one of changed) row('otherwise', one);
}
