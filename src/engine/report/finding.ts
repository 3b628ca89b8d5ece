// What searches report, whatever kind they are: figures, a verdict for each property, findings. Printers take it from here.
import type { Property } from '../world/property.ts';
import type { TraceStep } from '../world/trace.ts';
import type { ExplorationReport, PropertyReport } from './report.ts';

/** One violated property with the run that shows it. */
export interface Finding {
  readonly property: string;
  readonly message: string;
  /** The run, step by step; of an infinite one its stem and once its cycle. */
  readonly trace: readonly TraceStep[];
  /** The run in words, line by line. */
  readonly lines: readonly string[];
  /** What else is known of it, as data: `{ job: 3 }`. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** The same in words, after the run. */
  readonly remark?: string;
}

/** What a search found out. */
export interface SearchReport extends Omit<ExplorationReport, 'scenario' | 'parameters' | 'revision' | 'mutation'> {
  /** The verdict in words: `incomplete (states-limit)`. */
  readonly verdictText: string;
  readonly memoryMiB: number | undefined;
  readonly workers: number | null;
  readonly vacuous: readonly string[];
  /** One for each violated property, shortest first. */
  readonly findings: readonly Finding[];
  /** All counterexamples that were asked for, where more than one a property was. */
  readonly counterexamples?: readonly Finding[];
  /** Lines of the summary, under the headline. */
  readonly summary: readonly string[];
  /** Keys of the JSON document that only this kind of search has. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Options that lead to the same report again, beside those that choose the world. */
  readonly again: string;
}

/** So many in so many seconds, a second. */
export const perSecond = (count: number, seconds: number): number => Math.round(count / Math.max(seconds, 1e-6));

/** How many properties were asked, are violated, and say nothing: after the number of them. */
export function propertiesText(violated: number, vacuous: readonly string[]): string {
  const broken = violated === 0 ? 'none violated' : `${violated} violated`;
  if (vacuous.length === 0) return broken;
  return `${broken}, ${vacuous.length} vacuous: what they are about never happens here (${vacuous.join(', ')})`;
}

/** What a property is about, and what never happened. */
export function whyVacuous({ sometimes }: Pick<Property, 'sometimes'>): string {
  return `it never happens that ${sometimes?.title ?? 'it applies'}`;
}

/** What of each property is known at the end of a search; `open` of those without a finding, where not every state was seen. */
export function propertyReports(
  properties: readonly Pick<Property, 'id' | 'title' | 'sometimes'>[],
  findings: readonly Finding[],
  vacuous: readonly string[],
  open: PropertyReport['verdict'] | null,
  idle = whyVacuous,
): PropertyReport[] {
  return properties.map((property) => {
    if (open !== null) return propertyReport(property, findings, { verdict: open });
    if (!vacuous.includes(property.id)) return propertyReport(property, findings, { verdict: 'holds' });
    return propertyReport(property, findings, { verdict: 'vacuous', message: idle(property) });
  });
}

function propertyReport(
  { id, title }: Pick<Property, 'id' | 'title'>,
  findings: readonly Finding[],
  otherwise: Pick<PropertyReport, 'verdict' | 'message'>,
): PropertyReport {
  const found = findings.find(({ property }) => property === id);
  if (found === undefined) return { id, title, ...otherwise };
  const { message, lines, trace, details } = found;
  const isInfinite = details?.['cycle'] !== undefined;
  return { id, title, verdict: 'violated', message, trace: lines, ...(isInfinite ? {} : { steps: trace.length }) };
}
