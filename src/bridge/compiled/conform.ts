// Does somebody's C do what a revision does? Both are searched together, under the same calls, faults and races.
import type { Revision } from '../../registry/revisions.ts';
import { revisions } from '../../registry/revisions.ts';
import { CallModel } from '../call-model.ts';
import type { ClassOfDifference, LockStepReport } from '../lock-step.ts';
import { inLockStep } from '../lock-step.ts';
import type { Scope } from '../manager-calls.ts';
import type { CompiledProgram } from './compile.ts';
import { CompiledManager } from './compiled-manager.ts';
import { KnownModel } from './known-model.ts';
import type { Part, PartReport } from './parts.ts';
import { joined, ONE_OF_EACH, partsOf } from './parts.ts';

/** What was found of a kernel file. */
export interface ConformReport {
  /** The revision with which no difference was found; null for none. */
  readonly behavesLike: Revision | null;
  /** The same, or the one with the fewest classes of difference. */
  readonly nearest: Revision;
  readonly parts: readonly PartReport[];
  /** Classes of difference from the nearest one, the shortest first. */
  readonly differences: readonly ClassOfDifference[];
  readonly isComplete: boolean;
  readonly limit?: LockStepReport['limit'];
  /** What sanitizers printed, a line each. */
  readonly sanitizers: readonly string[];
}

/** How far the comparison goes. */
export interface ConformOptions {
  readonly scope: Scope;
  /** Only with this revision. */
  readonly revision?: Revision;
  readonly maxSeconds?: number;
  /** With a revision: does it end at the first difference? */
  readonly stopsAtFirst?: boolean;
  readonly signal?: AbortSignal;
  readonly progress?: (what: string, states: number, transitions: number, seconds: number) => void;
}

/** How many calls tell which of several revisions is the nearest. */
const NEAREST_CALLS = 3;

/** Compares a program with revisions. */
export class Conformance {
  readonly #program: CompiledProgram;
  readonly #options: ConformOptions;
  readonly #started = performance.now();
  readonly #sanitizers = new Set<string>();
  #arguments: 1 | 2 | 3 = 1;

  constructor(program: CompiledProgram, options: ConformOptions) {
    this.#program = program;
    this.#options = options;
  }

  /**
   * Searches, until a revision is found that does the same.
   *
   * @returns what was found
   * @throws HarnessError where the compiled code ends the program
   */
  async run(): Promise<ConformReport> {
    const first = await CompiledManager.start(this.#program, { scope: ONE_OF_EACH });
    this.#arguments = first.arguments;
    await first.close();
    const candidates = this.#options.revision === undefined ? this.#candidates() : [this.#options.revision];
    if (candidates.length > 1)
      for (const one of candidates) {
        const parts = await this.#search(one, { stopsAtFirst: true });
        if (parts.every(({ report }) => report.limit !== 'first-difference')) return this.#report(one, parts);
      }
    const nearest = candidates.length === 1 ? (candidates[0] as Revision) : await this.#nearest(candidates);
    const { stopsAtFirst = false } = this.#options;
    return this.#report(nearest, await this.#search(nearest, { stopsAtFirst }));
  }

  /** Revisions with such arguments, those of released kernels first. */
  #candidates(): Revision[] {
    const usesXarray = this.#program.kernel.xarray !== null;
    const fits = revisions.filter(
      ({ policy }) =>
        (policy.keyOwner === 'caller') === (this.#arguments === 1) &&
        (policy.irq === 'argument') === (this.#arguments === 3) &&
        policy.index.includes('xarray') === usesXarray,
    );
    const some = fits.length > 0 ? fits : revisions;
    const isReleased = ({ where }: Revision): boolean => where.startsWith('Linux ');
    // The newest first: most trees are.
    return [...some.filter(isReleased).toReversed(), ...some.filter((one) => !isReleased(one))];
  }

  async #nearest(candidates: readonly Revision[]): Promise<Revision> {
    let [nearest, fewest] = [candidates[0] as Revision, Infinity];
    for (const one of candidates) {
      const parts = await this.#search(one, { maxCalls: NEAREST_CALLS }, [
        { title: 'one of each', scope: ONE_OF_EACH, callers: 'raw' },
        { title: 'two of each', scope: { producers: 2, consumers: 2, eventfds: 1 }, callers: 'clean' },
      ]);
      const count = parts.reduce((sum, { report }) => sum + report.differences.length, 0);
      if (count < fewest) [nearest, fewest] = [one, count];
    }
    return nearest;
  }

  async #search(
    revision: Revision,
    limits: { readonly stopsAtFirst?: boolean; readonly maxCalls?: number },
    parts = partsOf(this.#options.scope, this.#arguments === 1),
  ): Promise<PartReport[]> {
    const reports: PartReport[] = [];
    for (const part of parts) {
      const report = await this.#together(revision, part, limits);
      reports.push({ part, report });
      if (report.limit !== undefined && report.limit !== 'calls-limit') break;
    }
    return reports;
  }

  async #together(
    { id, policy }: Revision,
    part: Part,
    limits: { readonly stopsAtFirst?: boolean; readonly maxCalls?: number },
  ): Promise<LockStepReport> {
    const { title, scope, lacks = {}, hasIrqs = false, callers } = part;
    const { hasPeers, hasSets } = this.#program.kernel;
    const sights = { peers: hasPeers && policy.binding !== 'implied', sets: hasSets };
    const manager = await CompiledManager.start(this.#program, {
      scope,
      lacks,
      hasIrqs,
      isClean: callers === 'clean',
      sights,
      looksAhead: true,
    });
    const model = new KnownModel(policy, new CallModel(policy, scope, callers, lacks, hasIrqs, sights));
    const { maxSeconds, signal, progress } = this.#options;
    const passed = (performance.now() - this.#started) / 1000;
    try {
      return await inLockStep(model, manager, {
        scope,
        comparesKeys: true,
        ...limits,
        ...(maxSeconds === undefined ? {} : { maxSeconds: maxSeconds - passed }),
        ...(signal === undefined ? {} : { signal }),
        progress: (states, transitions, seconds) =>
          progress?.(`${id}, ${title}`, states, transitions, passed + seconds),
      });
    } finally {
      await manager.close();
      for (const line of manager.said.split('\n'))
        if (/runtime error|ERROR: AddressSanitizer/.test(line))
          this.#sanitizers.add(line.replace(/^=+\d+=+/, '').trim());
    }
  }

  #report(revision: Revision, parts: readonly PartReport[]): ConformReport {
    const { differences, isComplete, limit } = joined(parts);
    return {
      behavesLike: differences.length === 0 && isComplete ? revision : null,
      nearest: revision,
      parts,
      differences,
      isComplete,
      ...(limit === undefined ? {} : { limit }),
      sanitizers: [...this.#sanitizers],
    };
  }
}
