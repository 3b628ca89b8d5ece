// A trace as a sequence diagram: a lane for each actor that takes part, the arrows of each step, what was seen, the locks.
import type { Observation } from '../actors/effects.ts';
import type { Sequence, SequenceEntry, SequenceLock } from '../diagrams/sequence.ts';
import type { Language } from '../world/language.ts';
import type { TraceStep } from '../world/trace.ts';
import { arrowsOf } from './arrows.ts';

/** What a trace does not say by itself. */
export interface SequenceOptions {
  readonly title?: string | undefined;
  /** All actors, in the order in which they shall stand; those that take no part have no lane. In the order in which they come where absent. */
  readonly actors?: readonly string[] | undefined;
  /** The locks after each step, as long as the trace; a model knows its locks, the engine does not. */
  readonly locks?: readonly (readonly SequenceLock[])[] | undefined;
  /** Is it a fault that is observed: a warning, a corruption? */
  readonly isFault?: ((observation: Observation) => boolean) | undefined;
  /** Is it a fault that is delivered: an answer that the environment makes an error, an allocation that fails? */
  readonly isFaulty?: ((message: TraceStep['message']) => boolean) | undefined;
  readonly violation?: Sequence['violation'];
}

function entryOf(
  language: Language,
  step: TraceStep,
  { locks = [], isFault, isFaulty }: SequenceOptions,
  i: number,
): SequenceEntry {
  return {
    step: step.step,
    arrows: arrowsOf(language, step).map(({ from, to, label, reply = false }, k) => {
      // The first arrow is the delivery, the others are the calls within it; an answer to one of several requests says which.
      const type = step.calls[k - 1]?.message.type ?? '';
      const fault = k === 0 && isFaulty?.(step.message) === true ? { isFault: true } : {};
      return { from, to, label, isReply: reply || type.startsWith('return.'), ...fault };
    }),
    notes: step.observations.flatMap((shown) => {
      const text = language.observation(shown);
      return text === null ? [] : [{ text, isFault: isFault?.(shown) ?? false }];
    }),
    locks: locks[i] ?? [],
  };
}

/**
 * A trace as a sequence.
 *
 * @param language - the words of the world that was run (`World.language`)
 * @param trace - the steps in order
 * @param options - the order of the lanes, the locks, what is violated
 * @returns plain data, for `sequenceMermaid` and `sequenceSvg`
 */
export function sequenceOf(language: Language, trace: readonly TraceStep[], options: SequenceOptions = {}): Sequence {
  const steps = trace.map((step, i) => entryOf(language, step, options, i));
  const named = new Set(
    steps.flatMap(({ arrows, locks }) => [
      ...arrows.flatMap(({ from, to }) => [from, to]),
      ...locks.flatMap(({ holder, readers, waiters }) => [
        ...(holder === null ? [] : [holder]),
        ...readers,
        ...waiters.map(({ actor }) => actor),
      ]),
    ]),
  );
  const { actors = [], title = '', violation } = options;
  const lanes = [...actors.filter((actor) => named.has(actor)), ...[...named].filter((one) => !actors.includes(one))];
  return { title, lanes, steps, ...(violation === undefined ? {} : { violation }) };
}
