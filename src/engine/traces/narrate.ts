// Traces in words: one line a step, who did what and what came of it.
import type { Call, Observation } from '../../machines/manager/protocol.ts';
import type { PlainEvent } from '../world/local-transitions.ts';
import type { TraceStep } from '../world/trace.ts';

/** A call as C would write it. */
export function callText(call: Call): string {
  const args = [call.object ?? 'NULL'];
  if (call.to !== undefined) args.push(call.to);
  else if (call.op === 'set_gsi_routing') args.push('none');
  if (call.op.startsWith('register')) args.push(call.eventfd ?? 'NULL');
  else if (call.eventfd !== undefined && !call.op.startsWith('eventfd')) args.push(call.eventfd ?? 'NULL');
  if (call.op.startsWith('eventfd')) return `${call.op}(${call.eventfd ?? 'NULL'})`;
  if (call.irq !== undefined && call.irq !== null) args.push(String(call.irq));
  const notes = [
    call.atomic === true ? 'in atomic context' : '',
    call.moduleGet === 'fails' ? 'try_module_get() fails' : '',
  ].filter((note) => note !== '');
  return `${call.op}(${args.join(', ')})${notes.length === 0 ? '' : ` [${notes.join(', ')}]`}`;
}

/** What is delivered, in words. */
export function eventText({ to, message }: Pick<TraceStep, 'to' | 'message'>): string {
  const { type } = message;
  if (type === 'call') return callText(message['call'] as Call);
  if (to === 'registry') {
    const key = type.startsWith('register') ? `, ${String(message['key'] ?? 'NULL')}` : '';
    const fault = message['allocation'] === 'fails' ? ' [node allocations fail]' : '';
    return `lock: ${type}(${String(message['object'])}${key})${fault}`;
  }
  const peer = message['consumer'] ?? message['producer'];
  if ('purpose' in message) return `${to}.${type}(${systemArguments(message)}) for ${String(message['purpose'])}`;
  if ('route' in message) return `${to}.${type}(${String(message['route'] ?? 'none')})`;
  return `${to}.${type}(${peer === undefined ? '' : String(peer)})`;
}

/** What a message about irqfds.lock or an IRTE says. */
function systemArguments(message: PlainEvent['message']): string {
  const vcpu = 'vcpu' in message ? [String(message['vcpu'] ?? 'host')] : [];
  const answer = message['answer'] === undefined ? '' : ` = ${String(message['answer'])}`;
  return `${[...vcpu, String(message['irqfd'])].join(', ')}${answer}`;
}

/** An observation in words; null for what the event's own text says already. */
export function observationText(observation: Observation): string | null {
  switch (observation.kind) {
    case 'call':
      return null;
    case 'return': {
      const { op, object, value } = observation;
      return `${op}(${String(object)}) returns${value === null ? '' : ` ${value}`}`;
    }
    case 'callback':
      return observation.value === null ? null : `= ${observation.value}`;
    case 'reentry':
      return `${observation.object}.${observation.callback} calls the manager again`;
    case 'warn':
      return `WARN in ${observation.in}: ${observation.condition}`;
    case 'corruption':
      return `CORRUPTION in ${observation.in}(${observation.object}): ${observation.what}`;
    case 'use-after-free':
      return `USE AFTER FREE: ${observation.what} of ${observation.object}`;
    case 'splat':
      return `BUG in ${observation.in}: ${observation.what}`;
    case 'interrupt':
      return observation.how === 'lost'
        ? 'the interrupt reaches nobody'
        : `interrupt ${observation.how} to ${observation.vcpu ?? 'where the route says'}`;
    case 'oops':
      return `OOPS: NULL pointer dereference in ${observation.what}`;
  }
}

/** The thread, registry or object whose line of the time line a step is on. */
export function laneOf({ to, message }: Pick<TraceStep, 'to' | 'message'>): string {
  const caller = message['caller'];
  return to === 'registry' && typeof caller === 'string' ? caller : to;
}

/** A step as one line: number, thread or object, event, outcome. `lock:` is a thread that gets the mutex. */
export function stepText(step: TraceStep): string {
  return `${String(step.step).padStart(4)}  ${laneOf(step).padEnd(3)} ${happening(step)}`;
}

function happening(step: TraceStep): string {
  const outcomes = step.observations.map(observationText).filter((text) => text !== null);
  return `${eventText(step)}${outcomes.length === 0 ? '' : `  -> ${outcomes.join('; ')}`}`;
}

/** What a step changed, by path: `c0.peer: null -> p0`. Of what threads do the steps themselves tell. */
export function stateDifference(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): string[] {
  const old = flat(before);
  const now = flat(after);
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((path) => {
    const [was, is] = [old.get(path) ?? 'none', now.get(path) ?? 'none'];
    return was === is ? [] : [`${path}: ${was} -> ${is}`];
  });
}

/** Leaves of a state by path. */
function flat(state: Readonly<Record<string, unknown>>): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (path: string, value: unknown): void => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      found.set(path, Array.isArray(value) ? `[${value.map(String).join(', ')}]` : String(value));
      return;
    }
    for (const [key, item] of Object.entries(value)) {
      const [only, ...others] =
        key === 'state' && typeof item === 'object' && item !== null ? Object.entries(item) : [];
      const nested = only !== undefined && others.length === 0 ? only.map(String).join(':') : item;
      visit(path === '' ? key : `${path}.${key}`, nested);
    }
  };
  const { callers: _callers, inFlight: _inFlight, structs, registry, ...rest } = state;
  found.set('registry', typeof registry === 'string' ? registry : JSON.stringify(registry).replaceAll(/["{}]/g, ''));
  visit('', structs);
  for (const [key, value] of Object.entries(rest)) visit(key === 'actors' ? '' : key, value);
  return found;
}

/** A trace in lines, grouped by who acts, with what each step changed. */
export function traceText(trace: readonly TraceStep[], initial: Readonly<Record<string, unknown>>): string[] {
  const lines: string[] = [];
  let lane = '';
  let before = initial;
  for (const step of trace) {
    if (laneOf(step) !== lane) {
      lane = laneOf(step);
      lines.push(lane);
    }
    lines.push(`${String(step.step).padStart(4)}  ${happening(step)}`);
    const changed = stateDifference(before, step.state);
    if (changed.length > 0) lines.push(`        ${changed.join(', ')}`);
    before = step.state;
  }
  return lines;
}
