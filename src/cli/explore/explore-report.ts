// What irqbypass explore reports: text, JSON, and the data of JUnit and KTAP.
import type { Exploration, Violation } from '../../engine/explorer/search/explore.ts';
import { stepText, traceText } from '../../engine/traces/narrate.ts';
import type { ExplorationReport, PropertyReport } from '../../engine/report/report.ts';
import type { Assembled } from '../../scenarios/assemble.ts';
import type { TraceStep } from '../../engine/world/trace.ts';
import { WorldView } from '../../engine/world/view.ts';
import type { ExploreCommandOptions } from './explore-options.ts';
import { headline, selectionOf, selectionText } from '../selection.ts';
import type { Terminal } from '../terminal.ts';
import { count } from '../terminal.ts';

type Traces = readonly (readonly TraceStep[])[];

function rate(states: number, seconds: number): number {
  return Math.round(states / Math.max(seconds, 1e-6));
}

/** After other figures, where there is one: `, 120 MiB`. */
export function memoryText(memoryMiB: number | undefined): string {
  return memoryMiB === undefined ? '' : `, ${memoryMiB} MiB`;
}

const brief = ({ property, message, path }: Violation): object => ({ property, message, steps: path.length });

/** The JSON document of an exploration; keys as cli.md fixes them, and more. */
export function exploreJson(assembled: Assembled, found: Exploration, traces: Traces): object {
  const { workers, verdict, limit, states, transitions, depth, seconds, memoryMiB, counterexamples, machineCalls } =
    found;
  const [first, ...others] = found.violations;
  return {
    ...selectionOf(assembled),
    verdict,
    ...(limit === undefined ? {} : { limit }),
    states,
    transitions,
    depth,
    seconds: Number(seconds.toFixed(3)),
    statesPerSecond: rate(states, seconds),
    memoryMiB,
    workers,
    reductions: { symmetry: found.symmetry, por: found.por },
    ...(found.representative === undefined ? {} : { representative: found.representative }),
    machineCalls,
    properties: assembled.properties.map(({ id }) => id),
    vacuous: found.vacuous,
    ...(first === undefined
      ? {}
      : { violation: { ...brief(first), trace: traces[0] ?? [] }, otherViolations: others.map(brief) }),
    ...(counterexamples.length > found.violations.length
      ? { counterexamples: counterexamples.map((one, i) => ({ ...brief(one), trace: traces[i] ?? [] })) }
      : {}),
    // Of steps that partial order reduction leaves out nothing is known.
    coverage: { ...found.coverage, isReduced: found.por },
    ...(found.growing.length === 0 ? {} : { growing: found.growing }),
  };
}

/** The same as data for JUnit and KTAP. */
export function reportOf(assembled: Assembled, found: Exploration, traces: Traces): ExplorationReport {
  const { properties } = assembled;
  const { verdict, limit, states, transitions, depth, seconds, violations, counterexamples } = found;
  return {
    ...selectionOf(assembled),
    verdict,
    ...(limit === undefined ? {} : { limit }),
    states,
    transitions,
    depth,
    seconds,
    reductions: { symmetry: found.symmetry, por: found.por },
    properties: properties.map(({ id, title, sometimes }): PropertyReport => {
      const violation = violations.find((one) => one.property === id);
      if (violation !== undefined) {
        const trace = traces[counterexamples.indexOf(violation)] ?? [];
        const { message, path } = violation;
        return {
          id,
          title,
          verdict: 'violated',
          message,
          trace: trace.map((step) => stepText(assembled.world.language, step)),
          steps: path.length,
        };
      }
      if (!found.isWhole) return { id, title, verdict: 'unknown' };
      if (!found.vacuous.includes(id)) return { id, title, verdict: 'holds' };
      return { id, title, verdict: 'vacuous', message: `it never happens that ${sometimes?.title ?? 'it applies'}` };
    }),
  };
}

/** What the text report is made of. */
export interface Printed {
  readonly given: string;
  readonly options: ExploreCommandOptions;
  readonly assembled: Assembled;
  readonly found: Exploration;
  readonly traces: Traces;
}

/** Prints an exploration for people. */
export function printExploration(terminal: Terminal, printed: Printed): void {
  const { given, options, assembled, found, traces } = printed;
  const { violations, counterexamples } = found;
  printSummary(terminal, printed);
  const initial = new WorldView(assembled.world, assembled.world.initial()).toJSON();
  const shown = options.traces === undefined ? counterexamples.slice(0, 1) : counterexamples;
  for (const [i, { property, message }] of shown.entries()) {
    terminal.print(`\n${terminal.style('red', property)}: ${message}\n`);
    for (const line of traceText(assembled.world.language, traces[i] ?? [], initial)) terminal.print(line);
  }
  const [first] = violations;
  if (first === undefined) return;
  const others = options.traces === undefined ? violations.slice(1) : [];
  if (others.length > 0) {
    terminal.print('\nalso violated:');
    for (const { property, message, path } of others)
      terminal.print(`  ${terminal.style('red', property)} after ${path.length} steps: ${message}`);
  }
  const again = `irqbypass explore ${selectionText(given, options, assembled)}${searchText(options)}`;
  terminal.print(`\nreproduce  ${again}`);
  const [next] = others;
  if (next !== undefined) terminal.print(`hint       ${again} --property ${next.property}`);
}

/** The options that say how it was searched, as far as they were given: what was found within limits may be far to find without. */
function searchText(options: ExploreCommandOptions): string {
  const valued = ['search', 'maxDepth', 'maxStates', 'maxMemory', 'maxSeconds'] as const;
  const written = (name: string): string => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const parts = [
    ...(options.symmetry === false ? ['--no-symmetry'] : []),
    ...(options.por === false ? ['--no-por'] : []),
    ...valued.flatMap((name) => (options[name] === undefined ? [] : [written(name), options[name]])),
  ];
  return parts.map((part) => ` ${part}`).join('');
}

function reducedBy({ symmetry, representative, por }: Exploration): string {
  const by = [...(symmetry ? [`${representative} symmetry`] : []), ...(por ? ['partial order'] : [])];
  return by.length === 0 ? '' : ` (reduced by ${by.join(' and ')})`;
}

function printSummary(terminal: Terminal, { options, assembled, found }: Printed): void {
  const { verdict, limit, limitMessage, states, transitions, depth, seconds, memoryMiB, violations } = found;
  const colour = verdict === 'holds' ? 'green' : verdict === 'violated' ? 'red' : 'yellow';
  const ended = limit === undefined ? '' : ` (${limit}${limitMessage === undefined ? '' : `: ${limitMessage}`})`;
  terminal.print(`${terminal.style('bold', headline(assembled))}: ${terminal.style(colour, `${verdict}${ended}`)}`);
  terminal.print(
    `  ${count(states, 'state')}${reducedBy(found)}, ${count(transitions, 'transition')}, depth ${depth}, ${seconds.toFixed(2)} s (${rate(states, seconds).toLocaleString('en')} states/s)${memoryText(memoryMiB)}`,
  );
  const vacuous = found.vacuous.length === 0 ? '' : `, ${found.vacuous.length} vacuous (${found.vacuous.join(', ')})`;
  terminal.print(
    `  ${count(assembled.properties.length, 'property', 'properties')}, ${violations.length === 0 ? 'none violated' : `${violations.length} violated`}${vacuous}`,
  );
  if (found.growing.length > 0) {
    const grown = found.growing.slice(0, 5).map(({ name, values }) => `${name} (${values} values)`);
    terminal.print(`  still growing: ${grown.join(', ')}`);
  }
  if (options.coverage === true) printCoverage(terminal, found);
}

/** What was never done, then how much there is of it. */
function printCoverage(terminal: Terminal, { coverage, por }: Exploration): void {
  const { transitions, neverTaken, guards, neverSeen, marks, neverMet } = coverage;
  terminal.print('');
  for (const one of neverTaken) terminal.print(`  never taken  ${one}`);
  for (const one of neverSeen) terminal.print(`  never seen   guard ${one}`);
  for (const one of neverMet) terminal.print(`  never met    mark ${one}`);
  terminal.print(
    `  ${transitions - neverTaken.length} of ${transitions} transitions taken, ${2 * guards - neverSeen.length} of ${2 * guards} outcomes of guards seen, ${marks - neverMet.length} of ${marks} marks met`,
  );
  if (por)
    terminal.print(
      '  partial order reduction left steps out, so some of this may happen all the same; --no-por takes them all',
    );
}
