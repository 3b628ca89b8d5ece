// Classes of difference as diff and conform print them, and the scope that both search.
import { callColumns } from '../bridge/call-columns.ts';
import type { CallObserved } from '../bridge/call-system.ts';
import type { PartReport } from '../bridge/compiled/parts.ts';
import type { ClassOfDifference } from '../bridge/lock-step.ts';
import type { Scope } from '../bridge/manager-calls.ts';
import { callText } from '../bridge/manager-calls.ts';
import { COLUMNS, inColumns } from '../engine/traces/columns.ts';
import { valueText } from '../machines/kernel/call.ts';
import { parseSettings } from '../scenarios/parameters.ts';
import { wholeNumber } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';
import { count, grouped, wrapped } from './terminal.ts';

/** Two of each: one struct under two keys, a newcomer beside who was there. */
const DEFAULT_SCOPE = { producers: 2, consumers: 2, eventfds: 2 };
const SCOPE_MAX = 3;

/** Reads the scope. Throws UsageError where it is larger than a search in lock step is for. */
export function scopeOf(command: string, settings: readonly string[]): Scope {
  const given = parseSettings({ id: command, parameters: DEFAULT_SCOPE }, settings);
  const numbers = Object.entries(given).map(([key, value]) => [key, wholeNumber(`--set ${key}`, value, 1, SCOPE_MAX)]);
  return { ...DEFAULT_SCOPE, ...(Object.fromEntries(numbers) as Partial<Scope>) };
}

/** `2 producers, 2 consumers, 1 eventfd`. */
export function scopeText({ producers, consumers, eventfds }: Scope): string {
  return `${count(producers, 'producer')}, ${count(consumers, 'consumer')}, ${count(eventfds, 'eventfd')}`;
}

/** Prints what was searched, part by part. */
export function printParts(terminal: Terminal, parts: readonly PartReport[]): void {
  for (const { part, report } of parts) {
    const whole = report.isComplete ? '' : ` (not whole: ${String(report.limit)})`;
    const { states, transitions, seconds } = report;
    terminal.say(`  ${scopeText(part.scope)}, ${part.title}${whole}`);
    terminal.say(`      ${grouped(states)} states, ${grouped(transitions)} calls, ${seconds.toFixed(2)} s`);
  }
}

/** A class of difference as both commands print it in JSON. */
export function jsonOfDifference({ id, field, summary, calls, from, to }: ClassOfDifference): object {
  return { id, field, summary, steps: calls.length, witness: calls.map(callText), from, to };
}

/** Prints a class of difference: its shortest sequence, and what each of the two did. */
export function printDifference(
  terminal: Terminal,
  one: string,
  other: string,
  difference: ClassOfDifference,
  isInColumns = false,
): void {
  const { id, summary, calls, from, to } = difference;
  // Columns go into a mail, and so does what is said of them.
  const say = (line: string): void => terminal.say(isInColumns ? wrapped(line, COLUMNS) : line);
  say('');
  say(`${terminal.style('red', id)}  ${summary}`);
  if (isInColumns) for (const line of inColumns(callColumns(calls))) say(line);
  else for (const [i, call] of calls.entries()) say(`  ${String(i + 1).padStart(2)}  ${callText(call)}`);
  const width = Math.max(one.length, other.length);
  say(`      ${one.padEnd(width)}  ${seenText(from)}`);
  say(`      ${other.padEnd(width)}  ${seenText(to)}`);
}

/** What was seen of the last call, and what the manager holds then. */
function seenText({
  returns,
  callbacks,
  warn,
  race,
  corruption,
  trouble,
  producers,
  consumers,
  bindings,
}: CallObserved): string {
  const held = [...(producers ?? []), ...(consumers ?? [])].map((entry) => entry.replace(/^(\S+) (\S+)$/, '$2 on $1'));
  const parts = [
    ...(callbacks.length === 0 ? [] : [callbacks.join(' ')]),
    ...(warn ? ['WARN'] : []),
    ...(trouble === null ? [] : [trouble]),
    corruption ? 'memory is corrupted' : returns === null ? 'returns' : `returns ${valueText(returns)}`,
    ...(race === undefined
      ? []
      : [`the other ${race.returns === null ? 'returns' : `returns ${valueText(race.returns)}`}`]),
    `registered: ${held.join(', ') || 'none'}`,
    ...(bindings.length === 0 ? [] : [`connected: ${bindings.map((pair) => pair.replace(' ', '-')).join(', ')}`]),
  ];
  return parts.join('; ');
}
