// Programs of threads: what the environment may choose next, and where a thread stands.
import type { Name, Value } from '../../engine/actors/name.ts';

/**
 * One call that a thread may make: the operation, the actor that it is made to, and the operation's arguments by name
 * (`eventfd`, `irq`, `atomic`, ...).
 */
export interface Call {
  readonly op: string;
  /** NULL where a caller passes a NULL pointer. */
  readonly object: Name | null;
  readonly [argument: string]: Value | string | undefined;
}

/** Where a thread's program goes on after the call: on 0 (or void), or on an error. */
export interface Continuation {
  readonly ok: number;
  readonly error: number;
}

/** A call with what comes after it; `how` is what the operation declares. */
export interface CallMessage {
  readonly type: 'call';
  readonly how: 'call' | 'post';
  readonly call: Call;
  readonly next: Continuation;
}

/** One step of a thread: one of these calls, then on to another step. */
export interface ProgramStep {
  readonly calls: readonly Call[];
  /** Next step after 0 or void; the one below where absent. A number past the end means the thread is done. */
  readonly ok?: number;
  /** Next step after an error; as `ok` where absent. */
  readonly error?: number;
}

/** The steps of a thread, from 0, and how each operation is called. */
export interface Program {
  readonly steps: readonly ProgramStep[];
  readonly how: Readonly<Record<string, CallMessage['how']>>;
}

/** The messages that may make the thread's next call; none when it is done. */
export function offers({ steps, how }: Program, pc: number): readonly CallMessage[] {
  const step = steps[pc];
  if (step === undefined) return [];
  const ok = step.ok ?? pc + 1;
  const next: Continuation = { ok, error: step.error ?? ok };
  return step.calls.map((call) => ({ type: 'call', how: how[call.op] ?? 'call', call, next }));
}

/** Is the thread past the end of its program? A thread without one is a driver's. */
export function isDone(program: Program | undefined, pc: number): boolean {
  return program === undefined || pc >= program.steps.length;
}
