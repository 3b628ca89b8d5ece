// irqbypass host check: what a real arm64 kernel does, beside the world of that kernel, sequence by sequence.
import type { Revision } from '../../registry/revisions.ts';
import { checkLogText } from '../check-log/check-log.ts';
import type { BootReport, Played } from './host-boot.ts';
import { boot } from './host-boot.ts';
import type { Comparison } from './host-compare.ts';
import { compareAll, joined } from './host-compare.ts';
import type { HostKernel } from './host-folder.ts';
import type { HostSequence } from './host-sequences.ts';
import { commandsFor, sequencesFor } from './host-sequences.ts';
import type { HostShape } from './host-world.ts';
import { HostWorld } from './host-world.ts';

/** Calls of a sequence. */
const CALLS = 14;

/** Shapes that are checked, with their share of the sequences. */
const SHARES: readonly (readonly [HostShape, number])[] = [
  [{ vms: 1, vectors: 2, gic: 4 }, 0.5],
  [{ vms: 2, vectors: 2, gic: 4 }, 0.3],
  [{ vms: 1, vectors: 2, gic: 3 }, 0.2],
];

/** Sequences of one host. */
export interface HostSuite {
  readonly shape: HostShape;
  readonly world: HostWorld;
  readonly sequences: readonly HostSequence[];
}

/**
 * Sequences for a kernel.
 *
 * @param revision - of its manager
 * @param sequences - how many in all
 * @param gic - only hosts with this interrupt controller
 */
export function hostSuites(revision: Revision, sequences: number, gic?: 3 | 4): readonly HostSuite[] {
  const shares = SHARES.filter(([shape]) => gic === undefined || shape.gic === gic);
  const whole = shares.reduce((sum, [, share]) => sum + share, 0);
  return shares.map(([shape, share]) => {
    const world = new HostWorld(shape, revision);
    const wanted = Math.ceil((sequences * share) / whole);
    return { shape, world, sequences: sequencesFor(world, shape, { sequences: wanted, calls: CALLS }) };
  });
}

/** What is checked. */
export interface HostCheckOptions {
  readonly folder: string;
  readonly kernel: HostKernel;
  readonly revision: Revision;
  readonly isRevisionSure: boolean;
  readonly sequences: number;
  readonly gic?: 3 | 4 | undefined;
  readonly maxSeconds: number;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: (what: string) => void;
  /** Is given all that was played. */
  readonly played?: (played: readonly Played[]) => void;
}

/** What a check of one kernel came to. */
export interface HostReport {
  readonly kernel: string;
  /** As it calls itself. */
  readonly release: string | null;
  readonly revision: string;
  readonly sequences: number;
  readonly calls: number;
  /** Results, orders of callbacks and signals that were compared and agree. */
  readonly agreed: number;
  readonly differences: Comparison['classes'];
  /** Verdicts of check-log on the traces. */
  readonly logs: Readonly<Record<'accepted' | 'rejected' | 'inconclusive', number>>;
  /** Those that are rejected: sequence, line and why. */
  readonly rejected: readonly string[];
  /** Probes that this kernel has not. */
  readonly skipped: readonly string[];
  /** Sequences with kernel warnings. */
  readonly warnings: readonly string[];
  readonly ended: BootReport['ended'];
  readonly seconds: number;
}

/** Boots a kernel for each interrupt controller, plays the sequences, compares. */
export async function checkHost(options: HostCheckOptions): Promise<HostReport> {
  const { folder, kernel, revision, sequences, gic, signal, progress } = options;
  const suites = hostSuites(revision, sequences, gic);
  const begin = performance.now();
  const comparisons: Comparison[] = [];
  const logs = { accepted: 0, rejected: 0, inconclusive: 0 };
  const warnings: string[] = [];
  const rejected: string[] = [];
  const skipped = new Set<string>();
  let release: string | null = null;
  let ended: BootReport['ended'] = null;
  for (const controller of [4, 3] as const) {
    const some = suites.filter(({ shape }) => shape.gic === controller);
    if (some.length === 0 || ended !== null) continue;
    const left = options.maxSeconds - (performance.now() - begin) / 1000;
    const total = some.reduce((sum, suite) => sum + suite.sequences.length, 0);
    const report = await boot({
      folder,
      kernel,
      revision,
      isRevisionSure: options.isRevisionSure,
      gic: controller,
      tracer: 'kprobe',
      sequences: some.flatMap((suite) =>
        suite.sequences.map((one) => ({ name: one.name, text: commandsFor(one).text })),
      ),
      maxSeconds: Math.max(left, 1),
      signal,
      progress: (what, done) => progress?.(`${kernel.version}, GICv${controller}: ${what} (${done} of ${total})`),
    });
    release ??= report.release;
    ({ ended } = report);
    for (const probe of report.skipped) skipped.add(probe.split(' ')[0] ?? '');
    options.played?.(report.played);
    for (const { world, sequences: all } of some) comparisons.push(compareAll(world, all, report.played));
    for (const played of report.played) {
      const { verdict, rejected: lines } = await checkLogText(played.log ?? '', played.name, revision);
      logs[verdict] += 1;
      const [first] = lines;
      if (first !== undefined) rejected.push(`${played.name}, line ${first.line}: ${first.why}`);
      if (/WARNING:|BUG:|Oops/.test(played.dmesg)) warnings.push(played.name);
    }
  }
  const { classes, ...counts } = joined(comparisons);
  return {
    kernel: kernel.version,
    release,
    revision: revision.id,
    ...counts,
    differences: classes,
    logs,
    rejected,
    skipped: [...skipped],
    warnings,
    ended,
    seconds: (performance.now() - begin) / 1000,
  };
}
