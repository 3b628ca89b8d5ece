// The events of one eventfd: what a tracer sees of each call of well-behaved callers, from its turn with the mutex to its return.
import { errno } from '../../machines/kernel/call.ts';
import type { Revision } from '../../registry/revisions.ts';
import type { Row } from '../../engine/world/world.ts';
import { CallModel } from '../call-model.ts';
import type { CallObserved } from '../call-system.ts';
import type { ManagerCall, Scope } from '../manager-calls.ts';
import { plainCalls, withFaults } from '../manager-calls.ts';

/** A second producer and a second consumer: who comes second is refused. */
export const PAIR_SCOPE: Scope = { producers: 2, consumers: 2, eventfds: 1 };

/** More than any revision has; a graph that grows for ever ends here. */
const MAX_NODES = 10_000;

/** The names of the events of callbacks, by struct and callback. */
const callbackEvents: Readonly<Record<string, string>> = {
  'p stop': 'producer_stop',
  'c stop': 'consumer_stop',
  'p add_consumer': 'add_consumer',
  'c add_producer': 'add_producer',
  'c del_producer': 'del_producer',
  'p del_consumer': 'del_consumer',
  'c start': 'consumer_start',
  'p start': 'producer_start',
};

/** What a call returns as an event: why it failed, where it failed. */
function returnEvent(half: string, isRegistration: boolean, { returns, callbacks }: CallObserved): string {
  if (!isRegistration) return `${half}_unregistered`;
  if (returns === 0) return `${half}_registered`;
  if (callbacks.some((one) => /=-\d+$/.test(one))) return `${half}_register_failed`;
  if (returns === -errno.EBUSY) return `${half}_register_busy`;
  return returns === -errno.ENOMEM ? `${half}_register_no_memory` : `${half}_register_failed`;
}

/**
 * The events of a call that gets the mutex, in their order.
 *
 * @param call - a registration, or the unregistration of what is registered
 * @param observed - what was observed of it
 */
export function eventsOf({ op }: ManagerCall, observed: CallObserved): string[] {
  const [, verb = '', half = ''] = /^(register|unregister)_(\w+)$/.exec(op) ?? [];
  const callbacks = observed.callbacks.map((text) => {
    const [, side = '', callback = ''] = /^([pc])\d+\.(\w+)/.exec(text) ?? [];
    return `${callbackEvents[`${side} ${callback}`]}${/=-\d+$/.test(text) ? '_failed' : ''}`;
  });
  return [`${half}_${verb}`, ...callbacks, returnEvent(half, verb === 'register', observed)];
}

/** What is registered and bound in between two calls. */
export interface PairNode {
  readonly hasProducer: boolean;
  readonly hasConsumer: boolean;
  readonly isBound: boolean;
  /** Does the manager have other structs in its sets than their callers believe? */
  readonly isStale: boolean;
}

/** A call in a node. */
export interface PairArc {
  readonly from: number;
  readonly to: number;
  readonly call: ManagerCall;
  readonly events: readonly string[];
}

/** All calls of well-behaved callers on one eventfd; node 0 is the empty manager. */
export interface PairGraph {
  readonly nodes: readonly PairNode[];
  readonly arcs: readonly PairArc[];
}

/** A state of the machines, and the structs whose callers believe that they are registered. */
interface Believed {
  readonly row: Row;
  readonly registered: ReadonlySet<string>;
}

/**
 * Is a call one that a caller makes who keeps to the rules: a registration, under a key, of what is not registered, or an unregistration
 * of what is?
 *
 * @param call - any call
 * @param registered - the structs whose last registration succeeded
 */
export function isWellBehaved({ op, object, eventfd }: ManagerCall, registered: ReadonlySet<string>): boolean {
  return op.startsWith('register') ? eventfd !== null && !registered.has(object) : registered.has(object);
}

/**
 * Who is registered after a call, as callers believe.
 *
 * @param call - of a well-behaved caller
 * @param observed - what was observed of it
 * @param registered - who was registered before it
 */
export function registeredAfter(
  { op, object }: ManagerCall,
  { returns }: CallObserved,
  registered: ReadonlySet<string>,
): ReadonlySet<string> {
  if (!op.startsWith('register')) return new Set([...registered].filter((one) => one !== object));
  return returns === 0 ? new Set([...registered, object]) : registered;
}

/** Is a call made by a well-behaved caller, and by a second struct only while the first of its kind is registered? */
const isMade = (call: ManagerCall, registered: ReadonlySet<string>): boolean =>
  isWellBehaved(call, registered) &&
  (!call.op.startsWith('register') || call.object.endsWith('0') || registered.has(call.object.replace(/\d+$/, '0')));

/** The same call with each fault that a caller's kernel may meet with the mutex held. */
const faulty = (call: ManagerCall): ManagerCall[] => withFaults(call).filter(({ fault }) => fault !== 'module_get');

/**
 * The graph of well-behaved callers' calls on one eventfd. Add callbacks and node allocations may fail. A second producer and a second
 * consumer come while the first is registered. Calls that corrupt the kernel's memory are left out.
 *
 * @param revision - its machines
 * @param scope - how many producers and consumers; one eventfd
 * @throws RangeError where there are more than 10,000 nodes
 */
export function pairGraph({ id, policy }: Revision, scope: Scope = PAIR_SCOPE): PairGraph {
  const model = new CallModel(policy, scope, 'clean');
  const calls = plainCalls(scope);
  const found: Believed[] = [];
  const nodes: PairNode[] = [];
  const known = new Map<string, number>();
  const enter = (row: Row, registered: ReadonlySet<string>, observed?: CallObserved): number => {
    const key = `${[...registered].toSorted().join(' ')} ${model.textOf(row)}`;
    const there = known.get(key);
    if (there !== undefined) return there;
    if (found.length === MAX_NODES) throw new RangeError(`${id}: more than ${MAX_NODES} states of one eventfd`);
    known.set(key, found.length);
    nodes.push(nodeOf(registered, observed));
    return found.push({ row, registered }) - 1;
  };
  enter(model.initial, new Set());
  const arcs: PairArc[] = [];
  for (const [from, { row, registered }] of found.entries())
    for (const call of calls.flatMap((one) => (isMade(one, registered) ? [one, ...faulty(one)] : []))) {
      const { state, observed } = model.perform(row, call);
      if (observed.corruption) continue;
      const to = enter(state, registeredAfter(call, observed, registered), observed);
      arcs.push({ from, to, call, events: eventsOf(call, observed) });
    }
  return { nodes, arcs };
}

function nodeOf(registered: ReadonlySet<string>, observed?: CallObserved): PairNode {
  const held = [...(observed?.producers ?? []), ...(observed?.consumers ?? [])].map((entry) => entry.split(' ')[1]);
  return {
    hasProducer: (observed?.producers?.length ?? 0) > 0,
    hasConsumer: (observed?.consumers?.length ?? 0) > 0,
    isBound: (observed?.bindings.length ?? 0) > 0,
    isStale: held.length !== registered.size || held.some((one) => one === undefined || !registered.has(one)),
  };
}
