// What irqbypass report writes: a search and its first counterexample as one page that opens from disk.
import type { Finding, SearchReport } from '../../engine/report/finding.ts';
import { originOf } from '../../scenarios/origin.ts';
import { expectBuilt } from '../../studio/server/page-files.ts';
import { reportPage } from '../../studio/server/report-page.ts';
import { userScenario } from '../../studio/server/user-scripts.ts';
import { headline } from '../selection.ts';
import type { Terminal } from '../terminal.ts';
import { writeFileWhole } from '../terminal.ts';
import type { ExploreRequest } from './request.ts';

/** How a counterexample goes: of an infinite run, where it begins to go round. */
function goes({ property, message, trace, details }: Finding): string {
  const cycle = details?.['cycle'];
  const ever = typeof cycle === 'number' ? `, the last ${cycle} of them again and again` : '';
  return `${property} after ${trace.length} steps${ever}: ${message}.`;
}

/** What the page says first. */
function saysOf({ assembled, what }: ExploreRequest, { verdictText, findings, summary }: SearchReport): string[] {
  const isOfRuns = what.kind === 'runs';
  return [
    `${headline(assembled)}${isOfRuns ? ', infinite runs' : ''}: ${verdictText}.`,
    ...summary.map((line) => `${line.trim()}.`),
    ...findings.map(goes),
    ...(isOfRuns ? ['What this page explores by itself are states: it says nothing of infinite runs.'] : []),
  ];
}

/**
 * Writes the page.
 *
 * @param file - where to
 * @param terminal - is told that the page is built, and how large the file is
 * @throws InputError where a script cannot be loaded by a page, or the file cannot be written
 */
export async function writeHtml(
  file: string,
  terminal: Terminal,
  request: ExploreRequest,
  report: SearchReport,
): Promise<void> {
  const { assembled } = request;
  await expectBuilt((text) => terminal.note(text));
  const origin = originOf(assembled.scenario);
  const own = origin === undefined ? null : await userScenario(origin, new Set());
  const [first] = report.findings;
  const text = await reportPage({ assembled, says: saysOf(request, report), trace: first?.trace ?? [], own });
  writeFileWhole(file, text);
  terminal.note(`${file} written (${Math.round(text.length / 1000)} kB, opens from disk)`);
}
