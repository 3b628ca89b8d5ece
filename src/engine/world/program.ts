// Programs of calling threads: what the environment may choose next, and where a thread stands.
import type { Call, Continuation, Message } from '../../machines/manager/protocol.ts';

/** One step of a thread: one of these calls, then on to another step. */
export interface ProgramStep {
  readonly calls: readonly Call[];
  /** Next step after 0 or void; the one below where absent. A number past the end means the thread is done. */
  readonly ok?: number;
  /** Next step after an error; as `ok` where absent. */
  readonly error?: number;
}

/** The steps of a thread, from 0. `open` lets the driver make any call at any time. */
export type Program = readonly ProgramStep[] | 'open';

/** The messages that may make the thread's next call; none when it is done. */
export function offers(program: Program, pc: number): readonly Message[] {
  if (program === 'open') return [];
  const step = program[pc];
  if (step === undefined) return [];
  const ok = step.ok ?? pc + 1;
  const next: Continuation = { ok, error: step.error ?? ok };
  return step.calls.map((call) => ({ type: 'call', call, next }));
}

/** Is the thread past the end of its program? */
export function isDone(program: Program, pc: number): boolean {
  return program === 'open' || pc >= program.length;
}
