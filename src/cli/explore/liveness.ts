// irqbypass explore --liveness: what must come in the end, over infinite runs.
import { lassoText } from '../../engine/explorer/liveness/lasso.ts';
import type { Liveness, LivenessProgress } from '../../engine/explorer/liveness/liveness.ts';
import { checkLiveness } from '../../engine/explorer/liveness/liveness.ts';
import { nodeHost } from '../../engine/explorer/threads/node-host.ts';
import type { ExplorationReport, PropertyReport } from '../../engine/report/report.ts';
import { livenessProperties } from '../../properties/liveness.ts';
import type { Property } from '../../engine/world/property.ts';
import type { Assembled } from '../../scenarios/assemble.ts';
import { traceOf } from '../../engine/world/trace.ts';
import { UsageError } from '../exit-codes.ts';
import type { ExploreCommandOptions } from './explore-options.ts';
import { codeOf, limitsOf, writeTrace } from './explore-options.ts';
import { memoryText } from './explore-report.ts';
import { writeReportFiles } from './report-files.ts';
import { interruptible } from '../interruptible.ts';
import { headline, selectionOf, selectionText } from '../selection.ts';
import type { Terminal } from '../terminal.ts';
import { count, createTerminal } from '../terminal.ts';

/** What the runs of these reports are called. */
const ABOUT = 'infinite runs';

const refused = [
  'workers',
  'lts',
  'traces',
  'distinctBy',
  'checkpoint',
  'checkpointEvery',
  'resume',
  'search',
  'maxDepth',
  'stopAtFirst',
  'coverage',
] as const;

/** Checks claims about infinite runs and reports. Answers the exit code. */
export async function liveness(given: string, options: ExploreCommandOptions, assembled: Assembled): Promise<number> {
  const terminal = createTerminal(options);
  const wrong = refused.find((option) => options[option] !== undefined);
  if (wrong !== undefined)
    throw new UsageError(
      `--${wrong.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} is not for --liveness`,
    );
  // Those that the command or the scenario names, else all.
  const named = assembled.properties.filter((property) => property.liveness !== undefined);
  const properties =
    options.property !== undefined ? assembled.properties : named.length > 0 ? named : livenessProperties;
  const found = await interruptible((signal) =>
    checkLiveness(assembled.world, {
      properties,
      ...limitsOf(options),
      symmetry: options.symmetry === true,
      por: options.por === true,
      signal,
      host: nodeHost,
      progress: (progress) => terminal.progress(progressText(assembled, progress)),
    }),
  );
  terminal.clear();
  const [first] = found.violations;
  if (options.trace !== undefined && first !== undefined)
    await writeTrace(options.trace, assembled, traceOf(assembled.world, [...first.stem, ...first.cycle]));
  if (options.json === true)
    terminal.print(
      JSON.stringify(
        toJson(
          assembled,
          properties.map(({ id }) => id),
          found,
        ),
        null,
        2,
      ),
    );
  else print(terminal, given, options, assembled, found);
  writeReportFiles(options, reportOf(assembled, properties, found));
  return codeOf(found);
}

function progressText(assembled: Assembled, { phase, property, states, seconds }: LivenessProgress): string {
  const about = property === undefined ? '' : ` of ${property}`;
  return `${headline(assembled)}: ${phase}${about}, ${states.toLocaleString('en')} states, ${seconds.toFixed(0)} s`;
}

/** The same as data for JUnit and KTAP. */
function reportOf(assembled: Assembled, properties: readonly Property[], found: Liveness): ExplorationReport {
  const { verdict, limit, states, transitions, depth, seconds, violations, vacuous } = found;
  return {
    ...selectionOf(assembled),
    about: ABOUT,
    verdict,
    ...(limit === undefined ? {} : { limit }),
    states,
    transitions,
    depth,
    seconds,
    properties: properties.map(({ id, title }): PropertyReport => {
      const violation = violations.find(({ property }) => property === id);
      if (violation !== undefined) {
        const { message } = violation;
        return { id, title, verdict: 'violated', message, trace: lassoText(assembled.world, violation) };
      }
      if (limit !== undefined) return { id, title, verdict: 'unknown' };
      if (!vacuous.includes(id)) return { id, title, verdict: 'holds' };
      return { id, title, verdict: 'vacuous', message: 'nothing that it waits for ever falls due' };
    }),
  };
}

function toJson(assembled: Assembled, properties: string[], found: Liveness): object {
  const { verdict, limit, states, transitions, depth, seconds, memoryMiB, vacuous } = found;
  const violations = found.violations.map(({ property, message, stem, cycle }) => ({
    property,
    message,
    steps: stem.length + cycle.length,
    stem: stem.length,
    cycle: cycle.length,
    trace: traceOf(assembled.world, [...stem, ...cycle]),
  }));
  return {
    ...selectionOf(assembled),
    verdict,
    ...(limit === undefined ? {} : { limit }),
    states,
    transitions,
    depth,
    seconds: Number(seconds.toFixed(3)),
    statesPerSecond: Math.round(states / Math.max(seconds, 1e-6)),
    memoryMiB,
    workers: 1,
    reductions: { symmetry: false, por: false },
    properties,
    vacuous,
    ...(violations.length === 0 ? {} : { violation: violations[0], otherViolations: violations.slice(1) }),
  };
}

function print(
  terminal: Terminal,
  given: string,
  options: ExploreCommandOptions,
  assembled: Assembled,
  found: Liveness,
): void {
  const { verdict, limit, states, transitions, seconds, memoryMiB, violations, vacuous } = found;
  const colour = verdict === 'holds' ? 'green' : verdict === 'violated' ? 'red' : 'yellow';
  const ended = limit === undefined ? '' : ` (${limit})`;
  const rate = Math.round(states / Math.max(seconds, 1e-6)).toLocaleString('en');
  terminal.print(
    `${terminal.style('bold', headline(assembled))}, ${ABOUT}: ${terminal.style(colour, `${verdict}${ended}`)}`,
  );
  terminal.print(
    `  ${count(states, 'state')}, ${count(transitions, 'transition')}, ${seconds.toFixed(2)} s (${rate} states/s)${memoryText(memoryMiB)}`,
  );
  if (vacuous.length > 0) terminal.print(`  vacuous: ${vacuous.join(', ')}`);
  for (const violation of violations) {
    terminal.print(`\n${terminal.style('red', violation.property)}: ${violation.message}\n`);
    for (const line of lassoText(assembled.world, violation)) terminal.print(line);
  }
  if (violations.length === 0) return;
  terminal.print(`\nreproduce  irqbypass explore ${selectionText(given, options, assembled)} --liveness`);
}
