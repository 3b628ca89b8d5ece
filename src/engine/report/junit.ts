// Explorations as JUnit XML, which CI systems read.
//
// The dialect of Jenkins and Maven Surefire (junit-10.xsd): `testsuites`, a `testsuite` per exploration, a `testcase` per
// property. No schema is official.
import type { ExplorationReport, PropertyReport } from './report.ts';
import { incompleteText, reportFigures, reportName, undecidedText, violationText } from './report.ts';
import { xmlAttributes, xmlText } from './xml.ts';

/** Counts as the attributes of suites have them. */
interface Counts {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
}

/**
 * JUnit XML of explorations. A violated property is a failure with its trace; one that an incomplete search cannot
 * decide, one that holds vacuously, and one that a swarm has not refuted, is skipped. An incomplete search has one more test
 * case, `exploration`, with an error, so that it does not pass for a success. Text is cleaned of what XML cannot hold.
 */
export function junit(reports: readonly ExplorationReport[]): string {
  const counts = reports.map((report) => countsOf(report));
  const sum = (key: keyof Counts): number => counts.reduce((total, one) => total + one[key], 0);
  const all = { tests: sum('tests'), failures: sum('failures'), errors: sum('errors'), skipped: sum('skipped') };
  const time = seconds(reports.reduce((total, report) => total + report.seconds, 0));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${xmlAttributes({ name: 'irqbypass explore', ...all, time })}>`,
    ...reports.flatMap((report, index) => suite(report, counts[index] as Counts)),
    '</testsuites>',
    '',
  ].join('\n');
}

function suite(report: ExplorationReport, counts: Counts): string[] {
  const name = reportName(report);
  const figures = [
    ['scenario', report.scenario],
    ['revision', report.revision],
    ['mutation', report.mutation ?? 'none'],
    ['verdict', report.verdict],
    ...reportFigures(report),
  ] as const;
  return [
    `  <testsuite${xmlAttributes({ name, ...counts, time: seconds(report.seconds) })}>`,
    '    <properties>',
    ...figures.map(([key, value]) => `      <property${xmlAttributes({ name: key, value })}/>`),
    '    </properties>',
    ...report.properties.flatMap((property) =>
      testcase(name, `${property.id}: ${property.title}`, outcome(report, property)),
    ),
    ...(report.verdict === 'incomplete' ? testcase(name, 'exploration', incomplete(report)) : []),
    '  </testsuite>',
  ];
}

function testcase(classname: string, name: string, inside: readonly string[]): string[] {
  const tag = `    <testcase${xmlAttributes({ classname, name })}`;
  return inside.length === 0 ? [`${tag}/>`] : [`${tag}>`, ...inside, '    </testcase>'];
}

function outcome(report: ExplorationReport, property: PropertyReport): string[] {
  switch (property.verdict) {
    case 'holds':
      return [];
    case 'violated': {
      const message = violationText(property);
      const text = [message, ...(property.trace ?? [])].join('\n');
      return [`      <failure${xmlAttributes({ type: 'violated', message })}>${xmlText(text)}</failure>`];
    }
    case 'unknown':
    case 'vacuous':
    case 'not-refuted':
      return [`      <skipped${xmlAttributes({ message: undecidedText(report, property) })}/>`];
  }
}

function incomplete(report: ExplorationReport): string[] {
  const message = `${incompleteText(report)} after ${report.states} states`;
  return [`      <error${xmlAttributes({ type: report.limit ?? 'incomplete', message })}/>`];
}

function countsOf({ verdict, properties }: ExplorationReport): Counts {
  const failures = properties.filter((property) => property.verdict === 'violated').length;
  const holding = properties.filter((property) => property.verdict === 'holds').length;
  const errors = verdict === 'incomplete' ? 1 : 0;
  return { tests: properties.length + errors, failures, errors, skipped: properties.length - failures - holding };
}

/** Seconds as the schema has them: three digits after the point, no exponent. */
function seconds(value: number): string {
  return value.toFixed(3);
}
