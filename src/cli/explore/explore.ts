// irqbypass explore: the request is read once, searched, and what was found is printed and written.
import type { SearchReport } from '../../engine/report/finding.ts';
import { exitCode } from '../exit-codes.ts';
import { inOrigin } from '../../scenarios/origin.ts';
import { takenFor } from '../selection.ts';
import type { Terminal } from '../terminal.ts';
import { createTerminal } from '../terminal.ts';
import { printReport, reportJson, writeReportFiles } from './report.ts';
import type { ExploreCommandOptions, ExploreRequest } from './request.ts';
import { requestOf } from './request.ts';

/** Explores a scenario and reports. Answers the exit code. */
export async function explore(given: string, options: ExploreCommandOptions): Promise<number> {
  const started = performance.now();
  const request = timed(await requestOf(given, options), started);
  const terminal = createTerminal(options);
  const taken = takenFor(options, request.assembled);
  if (taken !== null) terminal.note(taken);
  if (request.leftOut.length > 0)
    terminal.note(`${request.leftOut.join(', ')}: about infinite runs, checked with --liveness`);
  const report = await inOrigin(request.assembled.scenario, () => search(request, terminal));
  terminal.clear();
  if (options.json === true) terminal.print(JSON.stringify(reportJson(request, report), null, 2));
  else printReport(terminal, request, report);
  // After what is shown: where a file cannot be written at the end of a long search, its result is not lost.
  await writeReportFiles(terminal, request, report);
  return codeOf(report);
}

/** The request with what is left of its time: the limit counts from the first byte that is read. */
function timed(request: ExploreRequest, started: number): ExploreRequest {
  const { maxSeconds, ...limits } = request.limits;
  if (maxSeconds === undefined) return request;
  const left = Math.max(maxSeconds - (performance.now() - started) / 1000, LEAST_SECONDS);
  return { ...request, limits: { ...limits, maxSeconds: left } };
}

/** What a search has in any case: it says that its time is over, and has looked at the first state. Seconds. */
const LEAST_SECONDS = 0.05;

async function search(request: ExploreRequest, terminal: Terminal): Promise<SearchReport> {
  const { what } = request;
  switch (what.kind) {
    case 'states':
      return (await import('./states.ts')).searchStates(request, what, terminal);
    case 'runs':
      return (await import('./runs.ts')).searchRuns(request, what, terminal);
    case 'swarm':
      return (await import('./swarm.ts')).searchSwarm(request, what, terminal);
  }
}

/** The exit code of a search. */
function codeOf({ verdict, limit }: SearchReport): number {
  if (limit === 'interrupted') return exitCode.interrupted;
  if (verdict === 'violated') return exitCode.violated;
  return verdict === 'holds' || verdict === 'not-refuted' ? exitCode.ok : exitCode.incomplete;
}
