// A search in the page: live counts, limits that are said, and every counterexample as a path that can be walked.
import type { Exploration, Progress } from '../../engine/explorer/search/explore.ts';
import { explore } from '../../engine/explorer/search/explore.ts';
import { propertyReports } from '../../engine/report/finding.ts';
import type { PropertyReport } from '../../engine/report/report.ts';
import type { Coverage } from '../../engine/explorer/expansion/compiled-world.ts';
import { traceOf } from '../../engine/world/trace.ts';
import { marks } from '../../properties/marks.ts';
import type { Assembled } from '../../scenarios/assembled.ts';
import { isOfRunsOnly } from '../../engine/world/property.ts';
import { Session } from '../session/session.ts';

const MiB = 1024 * 1024;

/** What a search in the page is asked for. */
export interface ExploreRequest {
  readonly symmetry: boolean;
  readonly por: boolean;
  /** Reaching one of them makes the search incomplete. */
  readonly maxStates: number;
  readonly maxMemoryMiB: number;
}

/** Where a search stands. */
export type ExploreProgress = Pick<Progress, 'states' | 'transitions' | 'depth' | 'frontier' | 'seconds'> & {
  /** What the stored states take; the rest of the worker is not counted. */
  readonly memoryMiB: number;
};

/** A counterexample. */
export interface FoundPath {
  readonly property: string;
  readonly message: string;
  readonly steps: number;
  /** For a link, and to be walked. */
  readonly path: string;
}

/** What a search in the page found out; the same figures as the command line has. */
export interface Explored extends Pick<
  Exploration,
  'verdict' | 'limit' | 'limitMessage' | 'states' | 'transitions' | 'depth' | 'seconds' | 'bytesPerState'
> {
  readonly reductions: { readonly symmetry: boolean; readonly por: boolean };
  readonly symmetryLeftOut?: string;
  readonly properties: readonly PropertyReport[];
  readonly findings: readonly FoundPath[];
  readonly coverage: Coverage;
}

/** The paths of the counterexamples, as links have them. */
function pathsOf(assembled: Assembled, found: Exploration): FoundPath[] {
  const session = new Session(assembled);
  return found.violations.map(({ property, message, path }) => {
    session.cut(0);
    for (const { choice } of traceOf(assembled.world, path)) session.take(choice);
    return { property, message, steps: path.length, path: session.path() };
  });
}

/**
 * Explores a world. Gives way now and then, so that the page goes on being answered.
 *
 * @param assembled - the world and its properties
 * @param request - reductions and limits
 * @param progress - called some times a second
 * @param signal - its abort ends the search as interrupted
 * @returns figures, verdicts and counterexamples
 */
export async function explored(
  assembled: Assembled,
  { symmetry, por, maxStates, maxMemoryMiB }: ExploreRequest,
  progress: (progress: ExploreProgress) => void,
  signal: AbortSignal,
): Promise<Explored> {
  // A browser does not tell what a worker's arrays take: counted are the stored states, by what each costs.
  let memoryMiB = 0;
  // Claims about infinite runs are for searches with --liveness: here they would hold of nothing.
  const properties = assembled.properties.filter((property) => !isOfRunsOnly(property));
  const found = await explore(assembled.world, {
    properties,
    marks,
    symmetry,
    por,
    maxStates,
    maxMemoryMiB,
    host: { memoryMiB: () => memoryMiB },
    signal,
    progress: ({ states, transitions, depth, frontier, seconds, bytesPerState }) => {
      memoryMiB = (states * bytesPerState) / MiB;
      progress({ states, transitions, depth, frontier, seconds, memoryMiB });
    },
  });
  const findings = pathsOf(assembled, found);
  const { verdict, limit, limitMessage, states, transitions, depth, seconds, bytesPerState, coverage } = found;
  const named = findings.map((one) => ({ ...one, trace: [], lines: [] }));
  return {
    verdict,
    ...(limit === undefined ? {} : { limit }),
    ...(limitMessage === undefined ? {} : { limitMessage }),
    states,
    transitions,
    depth,
    seconds,
    bytesPerState,
    reductions: { symmetry: found.symmetry, por: found.por },
    ...(found.symmetryLeftOut === undefined ? {} : { symmetryLeftOut: found.symmetryLeftOut }),
    properties: propertyReports(properties, named, found.vacuous, found.isWhole ? null : 'unknown').map((report) =>
      withSteps(report, findings),
    ),
    findings,
    coverage,
  };
}

function withSteps(report: PropertyReport, findings: readonly FoundPath[]): PropertyReport {
  const steps = findings.find(({ property }) => property === report.id)?.steps;
  return steps === undefined ? report : { ...report, steps };
}
