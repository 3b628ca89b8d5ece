// One side of a comparison: a revision, a kernel tree, or a C file.
import { existsSync, statSync } from 'node:fs';
import { sep } from 'node:path';
import type { Revision } from '../../registry/revisions.ts';
import { findRevision } from '../../registry/revisions.ts';
import { revisionOf } from '../../scenarios/assembled.ts';
import type { Row } from '../../engine/world/world.ts';
import { CallModel } from '../call-model.ts';
import type { SightOptions } from '../callback-sights.ts';
import type { CallSystem } from '../call-system.ts';
import type { Scope } from '../manager-calls.ts';
import type { LockStepOptions, LockStepReport } from '../lock-step.ts';
import { inLockStep } from '../lock-step.ts';
import type { CompiledProgram } from './compile.ts';
import { compile, removeProgram } from './compile.ts';
import { CompiledManager } from './compiled-manager.ts';
import type { KernelFile } from './kernel-file.ts';
import { KnownModel } from './known-model.ts';
import type { Part, PartReport } from './parts.ts';
import { joined, partsOf } from './parts.ts';
import { kernelFileOf, kernelFileOfTree } from './kernel-file.ts';

/** What is compared. */
export type ComparedSide =
  | { readonly kind: 'revision'; readonly title: string; readonly revision: Revision }
  | { readonly kind: 'compiled'; readonly title: string; readonly kernel: KernelFile };

/**
 * Finds what a name means: a revision, a folder, a file; in this order.
 *
 * @param text - as the user wrote it
 * @param header - of a C file
 * @throws UnknownNameError for what is neither; KernelFileError for a folder or file without the manager
 */
export function comparedSide(text: string, header?: string): ComparedSide {
  const isPath = findRevision(text) === undefined && (existsSync(text) || text.includes(sep) || text.endsWith('.c'));
  if (!isPath) {
    const revision = revisionOf(text);
    return { kind: 'revision', title: revision.id, revision };
  }
  const isTree = statSync(text, { throwIfNoEntry: false })?.isDirectory() === true;
  return { kind: 'compiled', title: text, kernel: isTree ? kernelFileOfTree(text) : kernelFileOf(text, header) };
}

/** A side that is ready: compiled, where it is C. */
class ReadySide {
  readonly side: ComparedSide;
  readonly #program: CompiledProgram | undefined;
  /** Does the caller write the key into the struct? */
  readonly isKeyOfCaller: boolean;

  private constructor(side: ComparedSide, program: CompiledProgram | undefined, isKeyOfCaller: boolean) {
    this.side = side;
    this.#program = program;
    this.isKeyOfCaller = isKeyOfCaller;
  }

  static async of(side: ComparedSide): Promise<ReadySide> {
    if (side.kind === 'revision') return new ReadySide(side, undefined, side.revision.policy.keyOwner === 'caller');
    const program = await compile(side.kernel);
    try {
      const manager = await CompiledManager.start(program, { scope: { producers: 1, consumers: 1, eventfds: 1 } });
      await manager.close();
      return new ReadySide(side, program, manager.arguments === 1);
    } catch (error) {
      removeProgram(program);
      throw error;
    }
  }

  /** What can be seen of it while callbacks run. */
  get sights(): SightOptions {
    const { side } = this;
    return side.kind === 'revision'
      ? { peers: side.revision.policy.binding !== 'implied', sets: true }
      : { peers: side.kernel.hasPeers, sets: side.kernel.hasSets };
  }

  async start(part: Part, sights: SightOptions | undefined): Promise<CallSystem<Row> | CompiledManager> {
    const { scope, callers, lacks = {}, hasIrqs = false } = part;
    if (this.side.kind === 'revision') {
      const { policy } = this.side.revision;
      return new KnownModel(policy, new CallModel(policy, scope, callers, lacks, hasIrqs, sights));
    }
    return CompiledManager.start(this.#program as CompiledProgram, {
      scope,
      lacks,
      hasIrqs,
      isClean: callers === 'clean',
      ...(sights === undefined ? {} : { sights }),
    });
  }

  close(): void {
    if (this.#program !== undefined) removeProgram(this.#program);
  }
}

/** What a comparison of two sides found. */
export interface SidesReport extends LockStepReport {
  readonly parts: readonly PartReport[];
}

/**
 * Compares two sides: revisions in one search, C in the parts in which `conform` searches it.
 *
 * @param one - the one
 * @param other - the other
 * @param options - scope and limits, as of a search in lock step
 */
export async function compareSides(
  one: ComparedSide,
  other: ComparedSide,
  options: LockStepOptions,
): Promise<SidesReport> {
  const a = await ReadySide.of(one);
  try {
    const b = await ReadySide.of(other);
    try {
      const parts: PartReport[] = [];
      let left = options.maxSeconds ?? Infinity;
      for (const part of partsOfSides(a, b, options)) {
        const report = await inPart(a, b, part, { ...options, maxSeconds: left });
        left -= report.seconds;
        parts.push({ part, report });
        if (report.limit !== undefined && report.limit !== 'calls-limit') break;
      }
      return { ...joined(parts), parts };
    } finally {
      b.close();
    }
  } finally {
    a.close();
  }
}

/** A newcomer beside who is registered. */
const ONE_EVENTFD: Scope = { producers: 2, consumers: 1, eventfds: 1 };

/** Who writes the irq into a producer. */
const irqOf = ({ side }: ReadySide): string | null => (side.kind === 'revision' ? side.revision.policy.irq : null);

function partsOfSides(a: ReadySide, b: ReadySide, { scope, isWellBehaved = false }: LockStepOptions): readonly Part[] {
  // Where the key is the caller's, one that behaves clears it when its struct is not registered; any other leaves it, as vDPA did.
  if (isWellBehaved) return [{ title: 'callers that behave', scope, callers: 'clean' }];
  const isOfRevisions = a.side.kind === 'revision' && b.side.kind === 'revision';
  if (isOfRevisions) {
    const any: Part = { title: 'any callers', scope, callers: 'raw' };
    // Only one eventfd can be told from others by the irqs that come with it.
    const hasOtherIrqs = irqOf(a) !== irqOf(b);
    return hasOtherIrqs ? [any, { ...any, title: 'any callers, with irqs', scope: ONE_EVENTFD, hasIrqs: true }] : [any];
  }
  return partsOf(scope, a.isKeyOfCaller || b.isKeyOfCaller);
}

async function inPart(a: ReadySide, b: ReadySide, part: Part, options: LockStepOptions): Promise<LockStepReport> {
  const running: CompiledManager[] = [];
  const isOfRevisions = a.side.kind === 'revision' && b.side.kind === 'revision';
  // Between a caller's own key and the manager's there is always a difference.
  const comparesKeys = !isOfRevisions && a.isKeyOfCaller === b.isKeyOfCaller;
  const sights = { peers: a.sights.peers && b.sights.peers, sets: a.sights.sets && b.sights.sets };
  const start = async (side: ReadySide): Promise<CallSystem<unknown>> => {
    const system = await side.start(part, comparesKeys ? sights : undefined);
    if (system instanceof CompiledManager) running.push(system);
    return system;
  };
  try {
    const [one, other] = [await start(a), await start(b)];
    return await inLockStep(one, other, { ...options, scope: part.scope, comparesKeys });
  } finally {
    for (const one of running) await one.close();
  }
}
