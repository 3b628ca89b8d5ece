// Checks claims about infinite runs, as the request says.
import { lassoText } from '../../engine/explorer/liveness/lasso.ts';
import type { LivenessProgress } from '../../engine/explorer/liveness/liveness.ts';
import { checkLiveness } from '../../engine/explorer/liveness/liveness.ts';
import { nodeHost } from '../../engine/explorer/threads/node-host.ts';
import type { Finding, SearchReport } from '../../engine/report/finding.ts';
import { perSecond, propertyReports } from '../../engine/report/finding.ts';
import { traceOf } from '../../engine/world/trace.ts';
import { livenessProperties } from '../../properties/liveness.ts';
import type { Assembled } from '../../scenarios/assembled.ts';
import { interruptible } from '../interruptible.ts';
import { headline } from '../selection.ts';
import type { Terminal } from '../terminal.ts';
import { count, grouped } from '../terminal.ts';
import { UsageError } from '../exit-codes.ts';
import type { ExploreRequest, RunsRequest } from './request.ts';
import { searchText } from './request.ts';

/** Searches infinite runs, under weak fairness. */
export async function searchRuns(
  { assembled, limits, options }: ExploreRequest,
  { symmetry, por }: RunsRequest,
  terminal: Terminal,
): Promise<SearchReport> {
  const { world } = assembled;
  // Those that the command or the scenario names, else all that apply.
  const named = assembled.properties.filter((property) => property.liveness !== undefined);
  const properties =
    options.property !== undefined
      ? assembled.properties
      : named.length > 0
        ? named
        : livenessProperties.filter(({ needs }) => needs?.(world) ?? true);
  if (properties.length === 0)
    throw new UsageError(`--liveness: no property speaks of infinite runs of ${headline(assembled)}`);
  const found = await interruptible((signal) =>
    checkLiveness(world, {
      properties,
      ...limits,
      symmetry,
      por,
      signal,
      host: nodeHost,
      progress: (progress) => terminal.progress(progressText(assembled, progress)),
    }),
  );
  const { verdict, limit, states, transitions, depth, seconds, memoryMiB, vacuous } = found;
  const findings = found.violations.map((violation): Finding => {
    const { property, message, stem, cycle } = violation;
    return {
      property,
      message,
      trace: traceOf(world, [...stem, ...cycle]),
      lines: lassoText(world, violation),
      details: { stem: stem.length, cycle: cycle.length },
    };
  });
  const rate = grouped(perSecond(states, seconds));
  return {
    about: 'infinite runs',
    verdict,
    verdictText: `${verdict}${limit === undefined ? '' : ` (${limit})`}`,
    ...(limit === undefined ? {} : { limit }),
    states,
    transitions,
    depth,
    seconds,
    memoryMiB,
    workers: 1,
    reductions: { symmetry: false, por: false },
    vacuous,
    findings,
    properties: propertyReports(
      properties,
      findings,
      vacuous,
      limit === undefined ? null : 'unknown',
      () => 'nothing that it waits for ever falls due',
    ),
    summary: [
      `${count(states, 'state')}, ${count(transitions, 'transition')}`,
      `${seconds.toFixed(2)} s (${rate} states/s), ${memoryMiB ?? '?'} MiB`,
      ...(vacuous.length === 0 ? [] : [`vacuous, since nothing that they wait for falls due: ${vacuous.join(', ')}`]),
    ],
    data: {},
    again: ` --liveness${searchText(options)}`,
  };
}

function progressText(assembled: Assembled, { phase, property, states, seconds }: LivenessProgress): string {
  const about = property === undefined ? '' : ` of ${property}`;
  return `${headline(assembled)}: ${phase}${about}, ${grouped(states)} states, ${seconds.toFixed(0)} s`;
}
