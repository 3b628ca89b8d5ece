// The words of the manager and of those around it: calls as C writes them, errors by name, states by their structs.
import type { Observation as AnyObservation } from '../engine/actors/effects.ts';
import type { PlainEvent } from '../engine/world/events.ts';
import type { Language } from '../engine/world/language.ts';
import { plainLanguage } from '../engine/world/language.ts';
import type { WorldView } from '../engine/world/view.ts';
import type { Name } from '../engine/actors/name.ts';
import { primitiveText } from '../machines/kernel/language.ts';
import type { Call } from '../machines/manager/program.ts';
import { asObservation, REGISTRY } from '../machines/manager/protocol.ts';
import { valueText } from '../machines/kernel/call.ts';
import type { InterruptObservation, Side } from '../machines/manager/protocol.ts';
import { managerIn } from './manager-view.ts';

/** A call as C would write it. */
export function callText({ op, object, atomic, moduleGet, ...args }: Call): string {
  const notes = [
    atomic === true ? 'in atomic context' : '',
    moduleGet === 'fails' ? 'try_module_get() fails' : '',
  ].filter((note) => note !== '');
  const given = Object.entries(args).flatMap(([key, value]) =>
    value === undefined || (key === 'irq' && value === null) ? [] : [valueText(value)],
  );
  return `${op}(${[valueText(object), ...given].join(', ')})${notes.length === 0 ? '' : ` [${notes.join(', ')}]`}`;
}

/** What several threads may wait for in the same words: their names tell them apart. */
const waitsInTask: ReadonlySet<string> = new Set(['acquire', 'grace_period', 'flushed', 'awake']);

function eventText({ to, message }: PlainEvent): string {
  const { type } = message;
  if (type === 'call') return callText(message['call'] as Call);
  if (to === REGISTRY && type !== 'callback_return') {
    const key = type.startsWith('register') ? `, ${valueText(message['key'])}` : '';
    const fault = message['allocation'] === 'fails' ? ' [node allocations fail]' : '';
    return `lock: ${type}(${valueText(message['object'])}${key})${fault}`;
  }
  const args = Object.entries(message).flatMap(([key, value]) => {
    if (key === 'type' || key === 'answer' || key === 'caller' || key === 'as') return [];
    if (key === 'task' && !waitsInTask.has(type)) return [];
    if (Array.isArray(value)) return [`[${value.map(itemText).join(', ')}]`];
    return [key === 'vcpu' && value === null ? 'host' : valueText(value)];
  });
  const answer = message['answer'] === undefined ? '' : ` = ${valueText(message['answer'])}`;
  return `${to}.${type}(${args.join(', ')})${answer}`;
}

function itemText(item: unknown): string {
  return typeof item === 'object' && item !== null ? Object.values(item).map(valueText).join(' -> ') : valueText(item);
}

/** What becomes of an interrupt, in words. */
function interruptText({ how, vcpu, device, number, why }: InterruptObservation): string {
  const which = `${device}#${number}`;
  switch (how) {
    case 'posted':
    case 'injected':
      return `interrupt ${which} ${how} to ${String(vcpu)}`;
    case 'delivered':
      return `${String(vcpu)} sees ${which}`;
    case 'duplicate':
      return `${String(vcpu)} sees ${which}, which was not raised again`;
    case 'pending':
      return `${which} stays in the counter`;
    default:
      return `${which} is lost: ${String(why)}`;
  }
}

/** An observation in words; null for what the event's own text says already. */
export function observationText(observation: AnyObservation): string | null {
  const shown = asObservation(observation);
  switch (shown.kind) {
    case 'call':
      return null;
    case 'return': {
      const { op, object, value } = shown;
      return `${op}(${valueText(object)}) returns${value === null ? '' : ` ${valueText(value)}`}`;
    }
    case 'callback':
      return shown.value === null ? null : `returns ${valueText(shown.value)}`;
    case 'reentry':
      return `${shown.object}.${shown.callback} calls the manager again`;
    case 'warn':
      return `WARN in ${shown.in}: ${shown.condition}`;
    case 'corruption':
      return `CORRUPTION in ${shown.in}(${shown.object}): ${shown.what}`;
    case 'use-after-free':
      return `USE AFTER FREE: ${shown.what} of ${shown.object}`;
    case 'splat':
      return `BUG in ${shown.in}: ${shown.what}`;
    case 'interrupt':
      return interruptText(shown);
    case 'wake':
      return `${shown.vcpu} is woken`;
    case 'oops':
      return `OOPS: NULL pointer dereference in ${shown.what}`;
    default: {
      const kind = shown as { readonly kind: string };
      // The event says it already.
      if (kind.kind === 'signal') return null;
      if (kind.kind === 'deactivated')
        return `${String((kind as unknown as { readonly irqfd: unknown }).irqfd)} is deactivated`;
      const text = primitiveText(observation);
      return text === undefined ? plainLanguage.observation(observation) : text;
    }
  }
}

/** Structs, sets, threads, the other actors, the messages in flight. */
function stateOf(view: WorldView): Readonly<Record<string, unknown>> {
  const manager = managerIn(view);
  const plain = view.actorsAsData();
  const structs = Object.fromEntries(
    [...manager.producers, ...manager.consumers].map((object) => [
      object,
      {
        state: view.value(object),
        key: manager.field(object, 'key'),
        peer: manager.field(object, 'peer'),
        irq: manager.field(object, 'irq'),
      },
    ]),
  );
  const setOf = (side: Side): Record<string, string> =>
    Object.fromEntries(manager.entries(side).map(({ key, object }) => [valueText(key), object]));
  const isPlainStruct = (name: Name): boolean => ['producer', 'consumer'].includes(view.definitionOf(name).machine.id);
  const hidden = new Set<string>(['inFlight', REGISTRY, ...manager.threads().map(({ name }) => name)]);
  const others = Object.entries(plain).filter(
    ([name]) => !hidden.has(name) && (structs[name] === undefined || !isPlainStruct(name as Name)),
  );
  const isIdle = (name: string, data: unknown): boolean => {
    const { machine } = view.definitionOf(name);
    return machine.id === 'eventfd' && isUntouched(data);
  };
  const shown = others.filter(([name, data]) => !isIdle(name, data));
  return {
    registry: view.value(REGISTRY),
    producers: setOf('producers'),
    consumers: setOf('consumers'),
    structs,
    callers: Object.fromEntries(
      manager.threads().map(({ name, value, context }) => [name, { state: value, pc: context.pc }]),
    ),
    ...(shown.length === 0 ? {} : { actors: Object.fromEntries(shown.map(([name, data]) => [name, without(data)])) }),
    inFlight: plain['inFlight'],
  };
}

/** An eventfd that nobody has touched, as in worlds where it is only a key. */
function isUntouched(data: unknown): boolean {
  const { holders, waiters, counter, put, isOpen } = data as Readonly<Record<string, unknown>>;
  const isEmpty = (one: unknown): boolean => Array.isArray(one) && one.length === 0;
  return put === false && isOpen === true && [holders, waiters, counter].every(isEmpty);
}

/** Without what structs tell already, and who called. */
function without(data: unknown): unknown {
  const { caller: _caller, added: _added, key: _key, peer: _peer, ...rest } = data as Readonly<Record<string, unknown>>;
  return rest;
}

/** Leaves of a state by path: `c0.peer`. */
function leavesOf(state: Readonly<Record<string, unknown>>): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (path: string, value: unknown): void => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      found.set(path, Array.isArray(value) ? `[${value.map(itemText).join(', ')}]` : valueText(value));
      return;
    }
    for (const [key, item] of Object.entries(value)) {
      const [only, ...others] =
        key === 'state' && typeof item === 'object' && item !== null ? Object.entries(item) : [];
      const nested = only !== undefined && others.length === 0 ? only.map(String).join(':') : item;
      visit(path === '' ? key : `${path}.${key}`, nested);
    }
  };
  const { callers: _callers, inFlight: _inFlight, structs, registry, actors, ...rest } = state;
  found.set('registry', typeof registry === 'string' ? registry : JSON.stringify(registry).replaceAll(/["{}]/g, ''));
  visit('', structs);
  for (const [key, value] of Object.entries(rest)) visit(key, value);
  if (actors !== undefined) visit('', actors);
  return found;
}

/** How worlds with a manager are put into words. */
export const managerLanguage: Language = {
  event: eventText,
  observation: observationText,
  lane: ({ to, message }) => (to === REGISTRY && typeof message['caller'] === 'string' ? message['caller'] : to),
  value: valueText,
  state: stateOf,
  leaves: leavesOf,
};

/** An error that a call or a callback answers, a warning, corruption; not calls, returns of 0, callbacks. */
export function isNotable(observation: AnyObservation): boolean {
  const shown = asObservation(observation);
  if (shown.kind === 'return' || shown.kind === 'callback') return shown.value !== null && shown.value !== 0;
  return shown.kind !== 'call' && shown.kind !== 'interrupt';
}

/** A struct that was connected with a peer, or disconnected from it: its add callback succeeded, its del callback ran. */
export interface Connection<T> {
  readonly adds: boolean;
  readonly object: T;
  readonly peer: T;
}

/** The connection that an observation tells of; null where it tells of none. */
export function connectionOf(observation: AnyObservation): Connection<string> | null {
  const shown = asObservation(observation);
  if (shown.kind !== 'callback' || shown.peer === null || isNotable(shown)) return null;
  return { adds: shown.callback.startsWith('add_'), object: shown.object, peer: shown.peer };
}
