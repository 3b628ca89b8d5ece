// A step of a trace as arrows between actors: what was delivered, and every function call within it.
import type { SequenceStep } from '../diagrams/sequence.ts';
import type { Language } from '../world/language.ts';
import type { TraceStep } from '../world/trace.ts';

/**
 * The arrows of a step, in order. Who sent what is in the trace; nothing is guessed.
 *
 * @param language - the words of the model
 * @param step - a step with its calls
 * @returns the delivery, the calls within it (returns dashed), and what was observed as a note of the first arrow
 */
export function arrowsOf(language: Language, step: TraceStep): SequenceStep[] {
  const { from, to, message, calls, observations } = step;
  const notes = observations.map((shown) => language.observation(shown)).filter((text) => text !== null);
  const note = notes.length === 0 ? undefined : notes.join('; ');
  return [
    { from, to, label: language.event({ to, message }), note },
    ...calls.map((call) => ({
      from: call.from,
      to: call.to,
      label: language.event(call),
      reply: call.message.type === 'return' || call.message.type.endsWith('_return'),
    })),
  ];
}
