// Explorations as KTAP version 1, the kernel's test protocol (Documentation/dev-tools/ktap.rst).
import { withoutEscapeSequences } from './escape-sequences.ts';
import type { ExplorationReport, PropertyReport } from './report.ts';
import { incompleteText, NOT_REFUTED, reportFigures, reportName, undecidedText, violationText } from './report.ts';

const VERSION = 'KTAP version 1';
const INDENT = '  ';

/**
 * KTAP of explorations: a test per exploration, with a subtest per property. What is violated is `not ok`, with its trace
 * as diagnostic lines before it. What an incomplete search cannot say, what holds vacuously, and what a swarm has not
 * refuted, is `# SKIP`; so is the exploration itself, where nothing is violated and not all was seen.
 */
export function ktap(reports: readonly ExplorationReport[]): string {
  const lines = [VERSION, `1..${reports.length}`];
  for (const [index, report] of reports.entries()) lines.push(...exploration(report, index + 1));
  return `${lines.join('\n')}\n`;
}

function exploration(report: ExplorationReport, number: number): string[] {
  const { properties } = report;
  const name = words(reportName(report));
  const figures = reportFigures(report).map(([key, value]) => `${key}=${value}`);
  const inner = [
    VERSION,
    `# Subtest: ${name}`,
    `1..${properties.length}`,
    ...properties.flatMap((property, index) => subtest(report, property, index + 1)),
  ];
  return [
    ...inner.map((line) => `${INDENT}${line}`),
    diagnostic(`${figures.join(' ')} seconds=${report.seconds.toFixed(3)}`),
    overall(report, number, name),
  ];
}

function overall(report: ExplorationReport, number: number, name: string): string {
  const violated = report.properties.filter(({ verdict }) => verdict === 'violated').map(({ id }) => id);
  if (violated.length > 0) return `not ok ${number} ${name} # violated: ${plain(violated.join(' '))}`;
  switch (report.verdict) {
    case 'violated':
      return `not ok ${number} ${name}`;
    case 'incomplete':
      return `ok ${number} ${name} # SKIP ${plain(incompleteText(report))}`;
    case 'not-refuted':
      return `ok ${number} ${name} # SKIP ${NOT_REFUTED}`;
    case 'holds':
      return `ok ${number} ${name}`;
  }
}

function subtest(report: ExplorationReport, property: PropertyReport, number: number): string[] {
  const id = words(property.id);
  switch (property.verdict) {
    case 'holds':
      return [`ok ${number} ${id}`];
    case 'violated': {
      const found = violationText(property);
      return [
        ...[`${property.id}: ${property.title}`, ...(property.trace ?? [])].flatMap((text) =>
          text.split(/\r\n|[\n\r\u2028\u2029]/).map((line) => diagnostic(line)),
        ),
        // Never begins with a directive.
        `not ok ${number} ${id} # violated ${plain(found)}`,
      ];
    }
    case 'unknown':
    case 'vacuous':
    case 'not-refuted':
      return [`ok ${number} ${id} # SKIP ${plain(undecidedText(report, property))}`];
  }
}

/** A diagnostic line; two spaces, so that none reads as a header (`# Subtest:`). */
function diagnostic(text: string): string {
  return `#  ${plain(text)}`.trimEnd();
}

/** A description: words without a hash sign, with one space between them. */
function words(text: string): string {
  return plain(text.replaceAll('#', ' ')).replaceAll(/\s+/g, ' ').trim() || 'unnamed';
}

/** Text on one line, without control characters and escape sequences of terminals. */
function plain(text: string): string {
  return withoutEscapeSequences(text)
    .toWellFormed()
    .replaceAll(/[\n\r\t\u2028\u2029]+/g, ' ')
    .replaceAll(/\p{Cc}/gu, '')
    .trimEnd();
}
