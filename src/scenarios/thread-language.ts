// The words of worlds without a manager: threads, and the actors that a script brings.
import type { PlainEvent } from '../engine/world/events.ts';
import type { Language } from '../engine/world/language.ts';
import { argumentsOf, plainLanguage } from '../engine/world/language.ts';
import type { WorldView } from '../engine/world/view.ts';
import type { Call } from '../machines/manager/program.ts';
import type { ThreadContext } from '../machines/manager/thread.ts';
import { valueText } from '../machines/kernel/call.ts';
import { callText, observationText } from '../registry/language.ts';

/** A call as C writes it; a message with its arguments, but for who asks: that is whose line it is on. */
function eventText({ to, message }: PlainEvent): string {
  const { call, caller: _caller, ...rest } = message;
  if (typeof call === 'object' && call !== null) return callText(call as Call);
  const args = argumentsOf(rest).map(([, value]) => valueText(value));
  const answer = rest['answer'] === undefined ? '' : ` = ${valueText(rest['answer'])}`;
  return `${to}.${rest.type}(${args.join(', ')})${answer}`;
}

/** Of a thread only where it stands: the rest is told by the steps. */
function stateOf(view: WorldView): Readonly<Record<string, unknown>> {
  const threads = view.actorsOf('thread').map((name) => {
    const { pc } = view.context<ThreadContext>(name);
    return [name, { state: view.value(name), pc }] as const;
  });
  return { ...view.actorsAsData(), ...Object.fromEntries(threads) };
}

/** How worlds of threads and of a script's own machines are put into words. */
export const threadLanguage: Language = {
  ...plainLanguage,
  event: eventText,
  observation: observationText,
  value: valueText,
  state: stateOf,
};
