// Explores states and steps of a world, as the request says.
import type { Property } from '../../engine/world/property.ts';
import type { Checkpoint } from '../../engine/checkpoint/checkpoint.ts';
import { minimise } from '../../engine/explorer/counterexamples/minimise.ts';
import type { Exploration, ExploreOptions, Progress, Violation } from '../../engine/explorer/search/explore.ts';
import { explore } from '../../engine/explorer/search/explore.ts';
import type { Finding, SearchReport } from '../../engine/report/finding.ts';
import { perSecond, propertiesText, propertyReports, whyVacuous } from '../../engine/report/finding.ts';
import type { LtsEdge } from '../../engine/report/lts.ts';
import { nodeHost } from '../../engine/explorer/threads/node-host.ts';
import { formatLts } from '../../engine/report/lts.ts';
import { traceText } from '../../engine/traces/narrate.ts';
import type { EventId } from '../../engine/world/local-transitions.ts';
import { traceOf } from '../../engine/world/trace.ts';
import { WorldView } from '../../engine/world/view.ts';
import { marks } from '../../properties/marks.ts';
import type { Assembled } from '../../scenarios/assembled.ts';
import { UsageError } from '../exit-codes.ts';
import { interruptible } from '../interruptible.ts';
import { headline, selectionOf } from '../selection.ts';
import type { Terminal } from '../terminal.ts';
import { count, writeFileWhole, grouped } from '../terminal.ts';
import { version } from '../version.ts';
import type { ExploreCommandOptions, ExploreRequest, StatesRequest } from './request.ts';
import { searchText } from './request.ts';

/** Searches every state. */
export async function searchStates(
  request: ExploreRequest,
  what: StatesRequest,
  terminal: Terminal,
): Promise<SearchReport> {
  const { assembled, limits, options } = request;
  const { search, lts } = what;
  const { open, options: durable } = await openCheckpoint(request, what);
  const edges: { from: number; event: EventId; to: number }[] = [];
  let found: Exploration;
  try {
    found = await interruptible((signal) =>
      explore(assembled.world, {
        properties: assembled.properties,
        marks,
        ...search,
        ...limits,
        ...durable,
        progress: (progress) => terminal.progress(() => progressText(assembled, progress)),
        signal,
        host: nodeHost,
        ...(lts === null ? {} : { edge: (from, event, to) => void edges.push({ from, event, to }) }),
      }),
    );
  } finally {
    open?.close();
  }
  terminal.clear();
  if ((search.workers ?? 1) > found.workers)
    terminal.note('symmetry keeps the search small and on one thread; --no-symmetry --workers N searches with several');
  const shown = search.order === 'depth-first' ? shortened(assembled, found) : found;
  if (lts !== null) writeFileWhole(lts.file, formatLts(lts.format, found.states, label(assembled, edges)));
  return reportOf(assembled, shown, options);
}

/** Opens or makes the checkpoint that the request asks for. */
async function openCheckpoint(
  { assembled, options }: ExploreRequest,
  { search, checkpoint }: StatesRequest,
): Promise<{ readonly open?: Checkpoint; readonly options: Pick<ExploreOptions, 'checkpoint' | 'resume'> }> {
  if (checkpoint === null) return { options: {} };
  const { directory, isResumed, everySeconds } = checkpoint;
  const { Checkpoint } = await import('../../engine/checkpoint/checkpoint.ts');
  const { holdsCheckpoint } = await import('../../engine/checkpoint/checkpoint-directory.ts');
  const { modelHash, SearchCheckpoint } = await import('../../engine/checkpoint/search-checkpoint.ts');
  const { properties, world } = assembled;
  const reductions = { symmetry: search.symmetry, por: search.por };
  const header = {
    model: modelHash(world, properties, { ...reductions, traces: search.traces }, version()),
    description: {
      ...selectionOf(assembled),
      options: {
        ...reductions,
        traces: search.traces?.atMost ?? null,
        'distinct-by': options.distinctBy ?? null,
        properties: properties.map(({ id }) => id),
        release: version(),
      },
    },
  };
  if (!isResumed) {
    if (holdsCheckpoint(directory))
      throw new UsageError(
        `--checkpoint ${directory}: a search is saved there; --resume ${directory} goes on with it, or remove the directory first`,
      );
    const open = Checkpoint.create(directory, header);
    return { open, options: { checkpoint: new SearchCheckpoint(open, everySeconds) } };
  }
  const open = Checkpoint.open(directory, header);
  const store = new SearchCheckpoint(open, everySeconds);
  const snapshot = store.load();
  if (search.maxDepth !== undefined && snapshot.depth > search.maxDepth) {
    open.close();
    throw new UsageError(
      `--max-depth ${search.maxDepth}: the search in ${directory} is at depth ${snapshot.depth} already`,
    );
  }
  return { open, options: { checkpoint: store, resume: snapshot } };
}

/** Depth-first finds long ways: they are made short before they are shown. */
function shortened({ world, properties }: Assembled, found: Exploration): Exploration {
  const short = (violation: Violation): Violation => {
    const { property, path, alongside } = violation;
    const broken = properties.find(({ id }) => id === property);
    // What several runs show together cannot be seen in one of them.
    if (broken === undefined || broken.deadlock !== undefined || alongside !== undefined) return violation;
    return { property, ...minimise(world, path, broken) };
  };
  return { ...found, violations: found.violations.map(short), counterexamples: found.counterexamples.map(short) };
}

/** Names the edges of the graph by what is delivered. */
function label({ world }: Assembled, edges: readonly { from: number; event: EventId; to: number }[]): LtsEdge[] {
  return edges.map(({ from, event, to }) => {
    const label = world.language.event(world.transitions.event(event));
    return { from, label, to };
  });
}

function progressText(assembled: Assembled, progress: Progress): string {
  const { states, frontier, depth, seconds: passed, memoryMiB, secondsLeft } = progress;
  const rate = perSecond(states, passed);
  const left = secondsLeft === undefined ? 'unknown' : `${Math.ceil(secondsLeft)} s`;
  return `${headline(assembled)}: ${grouped(states)} states, frontier ${grouped(frontier)}, depth ${depth}, ${grouped(rate)}/s, ${memoryMiB ?? '?'} MiB, to go: ${left}`;
}

function reportOf(assembled: Assembled, found: Exploration, options: ExploreCommandOptions): SearchReport {
  const { world, properties } = assembled;
  const { verdict, limit, limitMessage, states, transitions, depth, seconds, memoryMiB, workers } = found;
  const initial = new WorldView(world, world.initial()).toJSON();
  const findingOf = ({ property, message, path, alongside = [] }: Violation): Finding => {
    const trace = traceOf(world, path);
    const others = alongside.map((one) => traceOf(world, one));
    const lines = traceText(world.language, trace, initial);
    for (const other of others) lines.push('', 'and another run:', ...traceText(world.language, other, initial));
    return { property, message, trace, lines, ...(others.length === 0 ? {} : { details: { alongside: others } }) };
  };
  const findings = found.violations.map(findingOf);
  const ended = limit === undefined ? '' : ` (${limit}${limitMessage === undefined ? '' : `: ${limitMessage}`})`;
  return {
    verdict,
    verdictText: `${verdict}${ended}`,
    ...(limit === undefined ? {} : { limit }),
    states,
    transitions,
    depth,
    seconds,
    memoryMiB,
    workers,
    reductions: { symmetry: found.symmetry, por: found.por },
    vacuous: found.vacuous,
    findings,
    ...(options.traces === undefined ? {} : { counterexamples: found.counterexamples.map(findingOf) }),
    properties: propertyReports(properties, findings, found.vacuous, found.isWhole ? null : 'unknown'),
    summary: summaryOf(assembled, found, options),
    data: {
      ...(found.representative === undefined ? {} : { representative: found.representative }),
      ...(found.symmetryLeftOut === undefined ? {} : { symmetryLeftOut: found.symmetryLeftOut }),
      bytesPerState: found.bytesPerState,
      machineCalls: found.machineCalls,
      // Of steps that partial order reduction leaves out nothing is known.
      coverage: { ...found.coverage, isReduced: found.por },
      ...(found.growing.length === 0 ? {} : { growing: found.growing }),
    },
    again: searchText(options),
  };
}

function summaryOf(assembled: Assembled, found: Exploration, options: ExploreCommandOptions): string[] {
  const { states, transitions, depth, seconds, memoryMiB, bytesPerState, violations, vacuous, growing } = found;
  const by = [...(found.symmetry ? [`${found.representative} symmetry`] : []), ...(found.por ? ['partial order'] : [])];
  const reduced = by.length === 0 ? '' : ` (reduced by ${by.join(' and ')})`;
  const rate = grouped(perSecond(states, seconds));
  const grown = growing.slice(0, 5).map(({ name, values }) => `${name} (${values} values)`);
  return [
    `${count(states, 'state')}${reduced}, ${count(transitions, 'transition')}, depth ${depth}`,
    `${seconds.toFixed(2)} s (${rate} states/s), ${memoryMiB ?? '?'} MiB, ${bytesPerState} bytes a state`,
    `${count(assembled.properties.length, 'property', 'properties')}, ${propertiesText(violations.length, vacuous)}`,
    ...(grown.length === 0 ? [] : [`still growing: ${grown.join(', ')}`]),
    ...(options.coverage === true ? coverageLines(found, assembled.properties) : []),
  ];
}

/** What was never done, then how much there is of it. */
function coverageLines({ coverage, por, vacuous }: Exploration, properties: readonly Property[]): string[] {
  const { transitions, neverTaken, guards, neverSeen, marks: all, neverMet } = coverage;
  return [
    '',
    ...neverTaken.map((one) => `never taken  ${one}`),
    ...neverSeen.map((one) => `never seen   guard ${one}`),
    ...neverMet.map((one) => `never met    mark ${one}`),
    ...properties
      .filter(({ id }) => vacuous.includes(id))
      .map((property) => `vacuous      ${property.id}: ${whyVacuous(property)}`),
    `${transitions - neverTaken.length} of ${transitions} transitions taken, ${2 * guards - neverSeen.length} of ${2 * guards} outcomes of guards seen, ${all - neverMet.length} of ${all} marks met`,
    ...(por
      ? ['partial order reduction left steps out, so some of this may happen all the same; --no-por takes them all']
      : []),
  ];
}
