// A class of difference as explanations look at it, and the questions that they ask of it.
import type { Policy } from '../machines/manager/policy.ts';
import type { CallObserved } from './call-system.ts';
import type { ClassOfDifference } from './lock-step.ts';
import type { CallFault, ManagerCall } from './manager-calls.ts';

/** A class of difference between two revisions. */
export interface ExplainedClass {
  readonly difference: ClassOfDifference;
  /** The call that shows it: the last of the witness. */
  readonly call: ManagerCall;
  readonly from: CallObserved;
  readonly to: CallObserved;
  /** Of the two revisions. */
  readonly policies: { readonly from: Policy; readonly to: Policy };
  /** Does the witness tell the first revision from itself with only these policies of the second? */
  readonly isShownBy: (...policies: readonly (keyof Policy)[]) => boolean;
}

/** Why two revisions differ in some classes. */
export interface Explanation {
  /** In words with hyphens: `null-key-accepted`. */
  readonly id: string;
  /** Becomes a heading: words only. */
  readonly title: string;
  /** What the kernel does before and after, who sees it, whether it is a bug. */
  readonly text: string;
  /** The function or patch of the kernel. */
  readonly source: string;
  /** Facts of the kernel that this is. */
  readonly facts: readonly string[];
  /** The explanation of which this is a consequence. */
  readonly comesOf?: string;
  /** The policies that make it: a revision that is given them shows it, whatever else the two differ in. */
  readonly policies: readonly (keyof Policy)[];
  /** Is this a class of it? */
  readonly matches: (one: ExplainedClass) => boolean;
  /** Why no comparison shows it, where that is so. */
  readonly unseen?: string;
}

/** A call of register. */
export const registers = ({ call }: ExplainedClass): boolean => call.op.startsWith('register');
/** A call of unregister. */
export const unregisters = ({ call }: ExplainedClass): boolean => call.op.startsWith('unregister');
/** No other call came while it waited. */
export const isAlone = ({ call }: ExplainedClass): boolean => call.race === undefined;
/** Another call of this kind came while it waited. */
export const meets = ({ call }: ExplainedClass, op: 'register' | 'unregister'): boolean =>
  call.race?.op.startsWith(op) === true;
/** A registration with the key NULL. */
export const isOfNull = ({ call }: ExplainedClass): boolean => call.op.startsWith('register') && call.eventfd === null;
/** One of these faults came with it. */
export const hasFault = ({ call }: ExplainedClass, ...faults: readonly CallFault[]): boolean =>
  call.fault !== undefined && faults.includes(call.fault);
/** Return values of the two. */
export const returns = ({ from, to }: ExplainedClass, one: number | null, other: number | null): boolean =>
  from.returns === one && to.returns === other;
/** The first corrupts memory, the second does not. */
export const isMended = ({ from, to }: ExplainedClass): boolean => from.corruption && !to.corruption;
/** The second corrupts memory, the first does not. */
export const isBroken = ({ from, to }: ExplainedClass): boolean => !from.corruption && to.corruption;

/** Is the struct of the call in its set twice, under two keys, in the second revision? */
export function isTwice({ call, to }: ExplainedClass): boolean {
  const entries = [...(to.producers ?? []), ...(to.consumers ?? [])];
  return entries.filter((entry) => entry.endsWith(` ${call.object}`)).length > 1;
}
