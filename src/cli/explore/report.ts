// What irqbypass explore shows and writes of a report: text, JSON, JUnit, KTAP, the trace of the first finding.
import type { Finding, SearchReport } from '../../engine/report/finding.ts';
import { perSecond } from '../../engine/report/finding.ts';
import { junit } from '../../engine/report/junit.ts';
import { columnsText, inColumns, stepEntries } from '../../engine/traces/columns.ts';
import { ktap } from '../../engine/report/ktap.ts';
import type { ExplorationReport } from '../../engine/report/report.ts';
import type { TraceStep } from '../../engine/world/trace.ts';
import { WorldView } from '../../engine/world/view.ts';
import { shownBy } from '../../mutations/mutation.ts';
import type { Assembled } from '../../scenarios/assembled.ts';
import { programName } from '../program-name.ts';
import { headline, selectionOf, selectionText } from '../selection.ts';
import type { Terminal } from '../terminal.ts';
import { count, writeFileWhole } from '../terminal.ts';
import type { ExploreRequest } from './request.ts';
import { traceFormat } from './request.ts';

const brief = ({ property, message, trace, details }: Finding): Record<string, unknown> => ({
  property,
  message,
  steps: trace.length,
  ...details,
});

/** The JSON document; keys as cli.md fixes them, and more. */
export function reportJson({ assembled }: ExploreRequest, report: SearchReport): object {
  const {
    verdict,
    limit,
    states,
    transitions,
    depth,
    seconds,
    memoryMiB,
    workers,
    vacuous,
    findings,
    counterexamples,
  } = report;
  const [first, ...others] = findings;
  return {
    ...selectionOf(assembled),
    verdict: verdict === 'not-refuted' ? 'holds' : verdict,
    ...(limit === undefined ? {} : { limit }),
    states,
    transitions,
    depth,
    seconds: Number(seconds.toFixed(3)),
    statesPerSecond: perSecond(states, seconds),
    memoryMiB,
    workers,
    reductions: report.reductions,
    properties: report.properties.map(({ id }) => id),
    vacuous,
    ...report.data,
    ...(first === undefined
      ? {}
      : { violation: { ...brief(first), trace: first.trace }, otherViolations: others.map(brief) }),
    ...(counterexamples === undefined
      ? {}
      : { counterexamples: counterexamples.map((one) => ({ ...brief(one), trace: one.trace })) }),
  };
}

/** What `holds` means, and what it does not. */
const COVERED =
  'in every interleaving of these actors; of more of them, of infinite runs (--liveness), of what is not modelled it says nothing';

/** Prints a report for people. */
export function printReport(terminal: Terminal, request: ExploreRequest, report: SearchReport): void {
  const { given, options, assembled } = request;
  const { verdict, verdictText, about, summary, findings, counterexamples } = report;
  const titleOf = (property: string): string => report.properties.find(({ id }) => id === property)?.title ?? property;
  const colour = verdict === 'violated' ? 'red' : verdict === 'incomplete' ? 'yellow' : 'green';
  const what = about === undefined || about === 'swarm' ? '' : `, ${about}`;
  terminal.say(`${terminal.style('bold', headline(assembled))}${what}: ${terminal.style(colour, verdictText)}`);
  terminal.say(terminal.style('dim', `  ${assembled.scenario.title}`));
  for (const line of summary) terminal.say(`  ${line}`);
  if (verdict === 'holds' && about === undefined) terminal.say(`  ${COVERED}`);
  if (verdict === 'holds' && assembled.mutation !== null) sayWhereShown(terminal, assembled);
  const shown = counterexamples ?? (about === undefined || about === 'swarm' ? findings.slice(0, 1) : findings);
  for (const finding of shown) {
    const { property, message, remark } = finding;
    terminal.say(`\n${terminal.style('red', property)}: ${message}`);
    terminal.say(terminal.style('dim', `  what is violated: ${titleOf(property)}`));
    terminal.say('');
    for (const line of options.columns === true ? columnsOf(assembled, finding) : finding.lines) terminal.say(line);
    if (remark !== undefined) terminal.say(`\n${remark}`);
  }
  if (findings.length === 0) return;
  const others = findings.filter((one) => !shown.some(({ property }) => property === one.property));
  if (others.length > 0) {
    terminal.say('\nalso violated:');
    for (const { property, message, trace, details } of others) {
      const job = details?.['job'] === undefined ? '' : ` (job ${String(details['job'])})`;
      terminal.say(`  ${terminal.style('red', property)} after ${count(trace.length, 'step')}${job}: ${message}`);
    }
  }
  const again = `${programName()} explore ${selectionText(given, options, assembled)}${report.again}`;
  if (assembled.scenario.callers !== undefined && assembled.mutation === null)
    terminal.say(`\nwho can do it: ${assembled.scenario.callers}`);
  terminal.say(`\nreproduce  ${again}`);
  const [next] = others;
  if (next === undefined || about !== undefined) return;
  const alone = selectionText(given, { ...options, property: [next.property] }, assembled);
  terminal.say(`to see ${next.property}:`);
  terminal.say(`reproduce  ${programName()} explore ${alone}${report.again}`);
}

/** A bug that is not met here may be one that cannot act here: where it does is said. */
function sayWhereShown(terminal: Terminal, { mutation }: Assembled): void {
  for (const row of mutation?.shown ?? [])
    terminal.say(
      `  the bug is not met here; it is shown by ${programName()} ${shownBy(row)} --mutation ${mutation?.id ?? ''}`,
    );
}

/** A finding in columns: its trace, of an infinite one what goes on for ever, of several runs each. */
function columnsOf({ world: { language } }: Assembled, { trace, lines, details }: Finding): string[] {
  const { stem, alongside = [] } = (details ?? {}) as {
    readonly stem?: number;
    readonly alongside?: readonly (readonly TraceStep[])[];
  };
  if (stem !== undefined) {
    // The lines are a step each, with one before the cycle, and what is to be said at the end.
    const says = trace.length === stem ? [] : [{ thread: null, text: lines[stem] ?? '' }];
    const [first, cycle] = [trace.slice(0, stem), trace.slice(stem)].map((steps) => stepEntries(language, steps));
    return [...inColumns([...(first ?? []), ...says, ...(cycle ?? [])]), ...lines.slice(trace.length + says.length)];
  }
  return [trace, ...alongside].flatMap((run, i) => [
    ...(i === 0 ? [] : ['', 'and another run:']),
    ...columnsText(language, run),
  ]);
}

/** Writes the files that were asked for. Throws UnreadableFileError where one cannot be written. */
export async function writeReportFiles(
  terminal: Terminal,
  request: ExploreRequest,
  report: SearchReport,
): Promise<void> {
  const { options, assembled } = request;
  const [first] = report.findings;
  if (options.trace !== undefined) {
    if (first === undefined) terminal.note(`nothing is violated, ${options.trace} is not written`);
    else await writeTrace(options.trace, assembled, first);
  }
  const exploration: ExplorationReport = { ...selectionOf(assembled), ...report };
  if (options.junit !== undefined) writeFileWhole(options.junit, junit([exploration]));
  if (options.ktap !== undefined) writeFileWhole(options.ktap, ktap([exploration]));
  if (options.html !== undefined) {
    const { writeHtml } = await import('./html.ts');
    await writeHtml(options.html, terminal, request, report);
  }
}

/** Writes a run in the format that the file's name asks for, or its picture. */
async function writeTrace(file: string, assembled: Assembled, finding: Finding): Promise<void> {
  const format = traceFormat(file);
  if (format === 'svg' || format === 'mermaid') {
    const { printRun } = await import('../diagram/run-picture.ts');
    const { property, message, trace } = finding;
    writeFileWhole(file, printRun({ assembled, trace, violation: { step: trace.length, property, message } }, format));
    return;
  }
  const { property, trace } = finding;
  const { headerOf, toItf, toNdjson } = await import('../../bridge/trace-file.ts');
  const header = headerOf(assembled, property);
  const initial = new WorldView(assembled.world, assembled.world.initial()).toJSON();
  writeFileWhole(file, format === 'itf' ? toItf(header, initial, trace) : toNdjson(header, trace));
}
