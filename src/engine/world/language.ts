// How what happens in a world is put into words: a model brings its own; this is the plain one.
import type { Observation } from '../actors/effects.ts';
import type { PlainEvent } from './events.ts';

/** A state as a language that knows no model reads it. */
interface PlainState {
  actorsAsData(): Readonly<Record<string, unknown>>;
}

/** Words for a model. */
export interface Language {
  /** What is delivered. */
  readonly event: (event: PlainEvent) => string;
  /** What was observed; null for what the event's text says already. */
  readonly observation: (observation: Observation) => string | null;
  /** Whose line of a time line an event is on. */
  readonly lane: (event: PlainEvent) => string;
  /** A value that a message or observation holds. */
  readonly value: (value: unknown) => string;
  /** Everything about a state, as plain data. What it is given is always a WorldView, and a language may ask for one. */
  state(view: PlainState): Readonly<Record<string, unknown>>;
  /** The same in a few lines: leaves by path, for differences between states. */
  readonly leaves?: (state: Readonly<Record<string, unknown>>) => ReadonlyMap<string, string>;
}

/** Fields of a message that are not arguments. */
const NO_ARGUMENTS: ReadonlySet<string> = new Set(['type', 'answer', 'next']);

/** A value: NULL, names as they are. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The arguments of a message, in order. */
export function argumentsOf(message: PlainEvent['message']): (readonly [string, unknown])[] {
  return Object.entries(message).filter(([key]) => !NO_ARGUMENTS.has(key));
}

/** A call that a thread makes: `set_irqs(p0, e0)`; arguments that are truth values are named. */
export function callText(
  call: Readonly<Record<string, unknown>>,
  text: (value: unknown) => string = valueText,
): string {
  const { op, object, ...rest } = call;
  const args = Object.entries(rest).flatMap(([key, value]) =>
    value === undefined
      ? []
      : [typeof value === 'boolean' || typeof value === 'number' ? `${key}=${text(value)}` : text(value)],
  );
  return `${String(op)}(${[text(object), ...args].join(', ')})`;
}

/** The plain language of models that bring none. */
export const plainLanguage: Language = {
  event: ({ to, message }) => {
    const call = message['call'];
    if (message.type === 'call' && typeof call === 'object' && call !== null)
      return callText(call as Readonly<Record<string, unknown>>);
    const answer = message['answer'] === undefined ? '' : ` = ${valueText(message['answer'])}`;
    return `${to}.${message.type}(${argumentsOf(message)
      .map(([, value]) => valueText(value))
      .join(', ')})${answer}`;
  },
  observation: (observation) => {
    const { kind, ...rest } = observation as Observation & Readonly<Record<string, unknown>>;
    const says = Object.entries(rest).map(([key, value]) => `${key} ${valueText(value)}`);
    return kind === 'call' ? null : [kind, ...says].join(' ');
  },
  lane: ({ to, message }) => (typeof message['caller'] === 'string' ? message['caller'] : to),
  value: valueText,
  state: (view) => view.actorsAsData(),
};
