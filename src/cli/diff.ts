// irqbypass diff: two revisions under the same calls; what built-in scenarios say of both, then every class of difference.
import manifest from '../scenarios/manifest.json' with { type: 'json' };
import { CallModel } from '../bridge/call-model.ts';
import type { CallObserved } from '../bridge/call-model.ts';
import type { ClassOfDifference, LockStepReport } from '../bridge/lock-step.ts';
import { inLockStep } from '../bridge/lock-step.ts';
import type { Scope } from '../bridge/manager-calls.ts';
import { callText } from '../bridge/manager-calls.ts';
import { valueText } from '../machines/kernel/call.ts';
import type { Revision } from '../registry/revisions.ts';
import { revisionOf } from '../scenarios/assembled.ts';
import { parseSettings } from '../scenarios/parameters.ts';
import { exitCode, wholeNumber } from './exit-codes.ts';
import { interruptible } from './interruptible.ts';
import type { CommonOptions, Terminal } from './terminal.ts';
import { count, createTerminal, grouped } from './terminal.ts';

export interface DiffCommandOptions extends CommonOptions {
  readonly set?: readonly string[];
  readonly wellBehaved?: boolean;
  readonly maxCalls?: string;
  readonly maxSeconds?: string;
}

/** Two of each: one struct under two keys, a newcomer beside who was there. */
const DEFAULT_SCOPE = { producers: 2, consumers: 2, eventfds: 2 };
const SCOPE_MAX = 3;
/** Calls of a sequence: between v2p7 and v2p8 those of 4 take 15 s, those of 5 take 35 s. */
const DEFAULT_MAX_CALLS = 4;

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

/** Compares two revisions and reports. Answers the exit code. */
export async function diff(from: string, to: string, options: DiffCommandOptions): Promise<number> {
  const terminal = createTerminal(options);
  const [one, other] = [revisionOf(from), revisionOf(to)];
  const scope = scopeOf(options.set ?? []);
  const seconds =
    options.maxSeconds === undefined ? {} : { maxSeconds: wholeNumber('--max-seconds', options.maxSeconds, 1) };
  const isWellBehaved = options.wellBehaved === true;
  const maxCalls = wholeNumber('--max-calls', options.maxCalls ?? String(DEFAULT_MAX_CALLS), 1, 100);
  // Where the key is the caller's, one that behaves clears it when its struct is not registered; any other leaves it, as vDPA did.
  const model = ({ policy }: Revision): CallModel => new CallModel(policy, scope, isWellBehaved ? 'clean' : 'raw');
  const report = await interruptible((signal) =>
    inLockStep(model(one), model(other), {
      scope,
      isWellBehaved,
      signal,
      maxCalls,
      ...seconds,
      progress: (states, transitions, passed) =>
        terminal.progress(
          `${one.id} and ${other.id}: ${grouped(states)} states, ${grouped(transitions)} calls, ${passed.toFixed(0)} s`,
        ),
    }),
  );
  terminal.clear();
  // Most of them are misuse: another question than that of callers that behave.
  const scenarios = isWellBehaved ? null : scenarioTable(one, other);
  if (options.json === true) terminal.print(JSON.stringify(jsonOf(one, other, report, scenarios), null, 2));
  else print(terminal, { one, other, report, scenarios, scope, isWellBehaved });
  if (report.limit === 'interrupted') return exitCode.interrupted;
  if (report.differences.length > 0) return exitCode.violated;
  return report.isComplete ? exitCode.ok : exitCode.incomplete;
}

/** Reads the scope. Throws UsageError where it is larger than a search in lock step is for. */
function scopeOf(settings: readonly string[]): Scope {
  const given = parseSettings({ id: 'diff', parameters: DEFAULT_SCOPE }, settings);
  const numbers = Object.entries(given).map(([key, value]) => [key, wholeNumber(`--set ${key}`, value, 1, SCOPE_MAX)]);
  return { ...DEFAULT_SCOPE, ...(Object.fromEntries(numbers) as Partial<Scope>) };
}

/** What the recorded searches of all scenarios say (scenarios/manifest.json, which a test holds to be so). */
function scenarioTable(one: Revision, other: Revision): ScenarioTable {
  const rows = Object.entries(manifest).map(([scenario, revisions]): ScenarioRow => {
    const violated = ({ id }: Revision): readonly string[] => {
      const found = (revisions as Readonly<Record<string, { readonly violated: readonly string[] }>>)[id];
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

function jsonOf(one: Revision, other: Revision, report: LockStepReport, scenarios: ScenarioTable | null): object {
  const { states, transitions, calls, seconds, differences, isComplete, limit } = report;
  return {
    from: one.id,
    to: other.id,
    equivalent: differences.length === 0 && isComplete,
    complete: isComplete,
    calls,
    ...(limit === undefined ? {} : { limit }),
    states,
    transitions,
    seconds,
    differences: differences.map(({ id, field, summary, calls: witness, from, to }) => ({
      id,
      field,
      summary,
      steps: witness.length,
      witness: witness.map(callText),
      from,
      to,
    })),
    scenarios,
  };
}

interface Shown {
  readonly one: Revision;
  readonly other: Revision;
  readonly report: LockStepReport;
  readonly scenarios: ScenarioTable | null;
  readonly scope: Scope;
  readonly isWellBehaved: boolean;
}

function print(terminal: Terminal, shown: Shown): void {
  const { one, other, report, scenarios, scope, isWellBehaved } = shown;
  const named = ({ id, where }: Revision): string => `${id} (${where})`;
  terminal.say(terminal.style('bold', `from ${named(one)} to ${named(other)}`));
  if (scenarios !== null) printScenarios(terminal, scenarios);
  const { states, transitions, calls, seconds, differences, isComplete, limit } = report;
  const callers = isWellBehaved ? 'callers that behave' : 'any caller';
  const size = `${count(scope.producers, 'producer')}, ${count(scope.consumers, 'consumer')}, ${count(scope.eventfds, 'eventfd')}`;
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
  terminal.say(`  ${size}; ${reach}`);
  terminal.say(`  ${count(states, 'pair')} of states, ${count(transitions, 'call')}, ${seconds.toFixed(2)} s`);
  for (const difference of differences) printDifference(terminal, one, other, difference);
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

function printDifference(terminal: Terminal, one: Revision, other: Revision, difference: ClassOfDifference): void {
  const { id, summary, calls, from, to } = difference;
  terminal.say(`\n${terminal.style('red', id)}  ${summary}`);
  for (const [i, call] of calls.entries()) terminal.say(`  ${String(i + 1).padStart(2)}  ${callText(call)}`);
  const width = Math.max(one.id.length, other.id.length);
  terminal.say(`      ${one.id.padEnd(width)}  ${seenText(from)}`);
  terminal.say(`      ${other.id.padEnd(width)}  ${seenText(to)}`);
}

/** What was seen of the last call, and what the manager holds then. */
function seenText({
  returns,
  callbacks,
  warn,
  race,
  corruption,
  producers,
  consumers,
  bindings,
}: CallObserved): string {
  const held = [...producers, ...consumers].map((entry) => entry.replace(/^(\S+) (\S+)$/, '$2 on $1'));
  const parts = [
    ...(callbacks.length === 0 ? [] : [callbacks.join(' ')]),
    ...(warn ? ['WARN'] : []),
    corruption ? 'memory is corrupted' : returns === null ? 'returns' : `returns ${valueText(returns)}`,
    ...(race === undefined
      ? []
      : [`the other ${race.returns === null ? 'returns' : `returns ${valueText(race.returns)}`}`]),
    `registered: ${held.join(', ') || 'none'}`,
    ...(bindings.length === 0 ? [] : [`connected: ${bindings.map((pair) => pair.replace(' ', '-')).join(', ')}`]),
  ];
  return parts.join('; ');
}
