// Two revisions compared, and each class of difference with its explanation.
import type { Revision } from '../registry/revisions.ts';
import { revisionOf } from '../scenarios/assembled.ts';
import { CallModel } from './call-model.ts';
import type { ExplainedClass, Explanation } from './explained-class.ts';
import type { LockStepReport } from './lock-step.ts';
import { inLockStep } from './lock-step.ts';
import type { Scope } from './manager-calls.ts';
import { PolicyCauses } from './policy-cause.ts';
import { explanationsOf } from './revision-explanations.ts';

/** What is compared: two of each, so that one may be in another's way. */
export const PAIR_SCOPE: Scope = { producers: 2, consumers: 2, eventfds: 2 };
/** Where producers have irqs: another for each key, which tells eventfds apart. */
const IRQ_SCOPE: Scope = { producers: 2, consumers: 1, eventfds: 1 };
/** As `irqbypass diff`. */
export const MAX_CALLS = 5;

/** Which revisions are compared. */
export interface RevisionPair {
  readonly from: string;
  readonly to: string;
  /** Calls of a sequence, at most. */
  readonly maxCalls: number;
  /** What is compared, where that is not the one patch between the two. */
  readonly title?: string;
}

/** A class, and why. */
export interface ClassWithReason {
  readonly explained: ExplainedClass;
  /** One, if all is well. */
  readonly explanations: readonly Explanation[];
}

/** What two revisions differ in. */
export interface RevisionComparison {
  readonly from: Revision;
  readonly to: Revision;
  readonly title?: string;
  readonly maxCalls: number;
  readonly isComplete: boolean;
  readonly seconds: number;
  readonly classes: readonly ClassWithReason[];
}

/**
 * Compares two revisions.
 *
 * @param pair - which
 * @returns every class of difference, the shortest witness first
 */
export async function comparedRevisions(pair: RevisionPair): Promise<RevisionComparison> {
  const { maxCalls } = pair;
  const [one, other] = [revisionOf(pair.from), revisionOf(pair.to)];
  const search = async (scope: Scope, hasIrqs: boolean): Promise<LockStepReport> => {
    const model = ({ policy }: Revision): CallModel => new CallModel(policy, scope, 'raw', {}, hasIrqs);
    return inLockStep(model(one), model(other), { scope, maxCalls });
  };
  const plain = await search(PAIR_SCOPE, false);
  const reports = [{ scope: PAIR_SCOPE, hasIrqs: false, report: plain }];
  // Irqs cost eventfds: only where the irq is what the two differ in, and then nothing else is of interest.
  if (one.policy.irq !== other.policy.irq) {
    const { differences, ...rest } = await search(IRQ_SCOPE, true);
    const report = { ...rest, differences: differences.filter(({ field }) => field === 'irqs') };
    reports.push({ scope: IRQ_SCOPE, hasIrqs: true, report });
  }
  const classes = reports.flatMap(({ scope, hasIrqs, report }) => {
    const causes = new PolicyCauses(one.policy, other.policy, scope, hasIrqs);
    return report.differences.map((difference): ClassWithReason => {
      const { calls, from: seenOfOne, to: seenOfOther } = difference;
      const call = calls.at(-1);
      if (call === undefined) throw new RangeError(`${difference.summary}: no call shows it`);
      const explained: ExplainedClass = {
        difference,
        call,
        from: seenOfOne,
        to: seenOfOther,
        policies: { from: one.policy, to: other.policy },
        isShownBy: (...policies) => causes.isShownBy(policies, calls),
      };
      return { explained, explanations: explanationsOf(explained) };
    });
  });
  return {
    from: one,
    to: other,
    maxCalls,
    ...(pair.title === undefined ? {} : { title: pair.title }),
    isComplete: reports.every(({ report }) => report.isComplete),
    seconds: reports.reduce((total, { report }) => total + report.seconds, 0),
    classes,
  };
}
