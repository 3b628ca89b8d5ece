// The joint searches in which C is compared: each whole, small enough for it.
import type { Lacks } from '../call-model.ts';
import type { ClassOfDifference, LockStepReport } from '../lock-step.ts';
import type { Scope } from '../manager-calls.ts';

/** One joint search: how many structs there are, what they lack, and what callers do with a key that is theirs. */
export interface Part {
  readonly title: string;
  readonly scope: Scope;
  readonly lacks?: Lacks;
  /** Are producers given irqs? */
  readonly hasIrqs?: boolean;
  readonly callers: 'clean' | 'raw';
}

/** What was found of one part. */
export interface PartReport {
  readonly part: Part;
  readonly report: LockStepReport;
}

/** Small enough to be searched whole where callers leave keys behind: ten times as many states for each struct more. */
const RAW_SCOPES: readonly Scope[] = [
  { producers: 2, consumers: 1, eventfds: 1 },
  { producers: 1, consumers: 2, eventfds: 1 },
];
/** One producer, one consumer, one eventfd. */
export const ONE_OF_EACH: Scope = { producers: 1, consumers: 1, eventfds: 1 };
/** Callbacks that structs do without: every test of one in the manager is taken both ways. */
export const setups: readonly Lacks[] = [
  { p0: ['add_consumer', 'del_consumer', 'stop', 'start'], c0: ['stop', 'start'] },
  { p0: ['add_consumer'], c0: ['stop'] },
  { p0: ['del_consumer'], c0: ['start'] },
  { c0: ['add_producer'] },
  { c0: ['del_producer'] },
];

/** The parts of a comparison, the cheapest first. */
export function partsOf(scope: Scope, isKeyOfCaller: boolean): Part[] {
  const callers = 'raw' as const;
  const fits = (one: Scope): boolean =>
    one.producers <= scope.producers && one.consumers <= scope.consumers && one.eventfds <= scope.eventfds;
  return [
    ...setups.map((lacks): Part => ({ title: lackText(lacks), scope: ONE_OF_EACH, lacks, hasIrqs: true, callers })),
    ...(isKeyOfCaller
      ? RAW_SCOPES.filter(fits).map((one): Part => ({ title: 'callers that leave their key', scope: one, callers }))
      : []),
    { title: isKeyOfCaller ? 'callers that clear their key' : 'any callers', scope, callers: 'clean' },
  ];
}

function lackText(lacks: Lacks): string {
  return Object.entries(lacks)
    .map(([struct, callbacks]) => `${struct} without ${callbacks.join(', ')}`)
    .join('; ');
}

/** The reports of several parts as one: of classes that say the same the one with the shortest witness. */
export function joined(parts: readonly PartReport[]): LockStepReport {
  const differences = new Map<string, ClassOfDifference>();
  for (const { report } of parts)
    for (const one of report.differences) {
      const known = differences.get(one.summary);
      if (known === undefined || known.calls.length > one.calls.length) differences.set(one.summary, one);
    }
  const sum = (what: 'states' | 'transitions' | 'seconds'): number =>
    parts.reduce((total, { report }) => total + report[what], 0);
  const limit = parts.find(({ report }) => report.limit !== undefined)?.report.limit;
  return {
    states: sum('states'),
    transitions: sum('transitions'),
    seconds: sum('seconds'),
    calls: Math.max(0, ...parts.map(({ report }) => report.calls)),
    isComplete: limit === undefined,
    ...(limit === undefined ? {} : { limit }),
    differences: [...differences.values()]
      .toSorted((one, other) => one.calls.length - other.calls.length)
      .map((one, i) => ({ ...one, id: `D${i + 1}` })),
  };
}
