// The automaton of one eventfd's producer and consumer, with a name for every state.
import type { Revision } from '../../registry/revisions.ts';
import type { Scope } from '../manager-calls.ts';
import type { Edge } from './rv-automaton.ts';
import { determinised, minimised } from './rv-automaton.ts';
import type { PairArc, PairGraph, PairNode } from './rv-events.ts';
import { pairGraph } from './rv-events.ts';

/** What may be going on in a state. */
export interface Situation {
  /** The call that has the mutex; null in between calls. */
  readonly call: string | null;
  /** Its events so far. */
  readonly events: readonly string[];
  /** What was registered and bound before the call: the name of a state in between calls. */
  readonly before: string;
}

/** A state. No event has its name: C has both in one name space. */
export interface PairState {
  readonly name: string;
  /** Is nothing registered here? */
  readonly isFinal: boolean;
  readonly situations: readonly Situation[];
}

/** A transition, by names. */
export interface PairTransition {
  readonly from: string;
  readonly event: string;
  readonly to: string;
}

/** The automaton with names. The first state is the start. */
export interface PairAutomaton {
  readonly states: readonly PairState[];
  readonly transitions: readonly PairTransition[];
}

/** A state of the automaton that is not deterministic: a node, or a place in the events of an arc. */
type Place = { readonly node: PairNode } | { readonly arc: PairArc; readonly read: number };

/**
 * The least deterministic automaton that reads every sequence of events of one eventfd.
 *
 * @param revision - of the manager
 * @param scope - how many producers and consumers
 * @example
 * pairAutomaton(revisionOf('v2p8')).states[0]?.name; // 'idle'
 */
export function pairAutomaton(revision: Revision, scope?: Scope): PairAutomaton {
  const graph = pairGraph(revision, scope);
  const { edges, places } = exploded(graph);
  const finals = new Set(graph.nodes.flatMap((node, i) => (nodeName(node) === IDLE ? [i] : [])));
  const words = determinised(edges, finals);
  const { automaton, members } = minimised(words.automaton);
  const placesOf = (state: number): Place[] =>
    [...new Set(members[state]?.flatMap((one) => words.members[one] ?? []))].map((i) => places[i] as Place);
  const situations = members.map((_, state) => situationsIn(graph, placesOf(state)));
  const names = uniqueNames(
    members.map((_, state) => plainName(placesOf(state))),
    situations,
  );
  const states = names.map((name, state): PairState => ({
    name,
    isFinal: automaton.finals.has(state),
    situations: situations[state] ?? [],
  }));
  const nameOf = (state: number): string => states[state]?.name ?? '';
  const transitions = automaton.next.flatMap((next, from) =>
    [...next].map(([event, to]): PairTransition => ({ from: nameOf(from), event, to: nameOf(to) })),
  );
  return { states, transitions };
}

/** Every arc as a chain of its events. */
function exploded({ nodes, arcs }: PairGraph): { edges: Edge[]; places: Place[] } {
  const places: Place[] = nodes.map((node) => ({ node }));
  const edges: Edge[] = [];
  for (const arc of arcs) {
    let from = arc.from;
    for (const [i, event] of arc.events.entries()) {
      const to = i === arc.events.length - 1 ? arc.to : places.push({ arc, read: i + 1 }) - 1;
      edges.push({ from, event, to });
      from = to;
    }
  }
  return { edges, places };
}

/** Where nothing is registered. */
const IDLE = 'idle';

/** The name of what is registered and bound. */
function nodeName({ hasProducer, hasConsumer, isBound, isStale }: PairNode): string {
  const stale = isStale ? '_stale' : '';
  if (isBound) return `${hasProducer && hasConsumer ? 'connected' : 'connected_untracked'}${stale}`;
  if (hasProducer && hasConsumer) return `not_connected${stale}`;
  if (hasProducer) return `producer_waits${stale}`;
  return `${hasConsumer ? 'consumer_waits' : IDLE}${stale}`;
}

/** What a call does, as far as its events so far tell. */
function verbOf(op: string, all: readonly (readonly string[])[]): string {
  const hasCallbacks = all.some((events) => events.length > 2);
  if (op.startsWith('un')) return hasCallbacks ? 'disconnecting' : 'unregistering';
  const isOver = (pattern: RegExp): boolean => all.every((events) => pattern.test(events.at(-1) ?? ''));
  if (isOver(/_(?:busy|no_memory)$/) && !hasCallbacks) return 'refusing';
  if (isOver(/_(?:busy|no_memory|failed)$/)) return 'failing';
  return hasCallbacks ? 'connecting' : 'registering';
}

/** A name that other states may have, too. */
function plainName(places: readonly Place[]): string {
  const nodes = places.flatMap((place) => ('node' in place ? [nodeName(place.node)] : []));
  if (nodes.length > 0) return nodes.toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))[0] ?? '';
  const calls = places.flatMap((place) => ('arc' in place ? [place] : []));
  const [first] = calls;
  if (first === undefined) return '';
  const { op } = first.arc.call;
  const half = op.replace(/^.*_/, '');
  const verb = verbOf(
    op,
    calls.map(({ arc }) => arc.events),
  );
  return first.read === 1 ? `${verb}_${half}` : `${verb}_${half.charAt(0)}_${first.arc.events[first.read - 1] ?? ''}`;
}

/** What may be going on in places, each once. */
function situationsIn({ nodes }: PairGraph, places: readonly Place[]): Situation[] {
  const all = places.map((place): Situation => {
    if ('node' in place) return { call: null, events: [], before: nodeName(place.node) };
    const { from, call, events } = place.arc;
    return { call: call.op, events: events.slice(0, place.read), before: nodeName(nodes[from] as PairNode) };
  });
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

/** The names, those that several states have made longer: by what was registered before the call, or by a number. */
function uniqueNames(names: readonly string[], situations: readonly (readonly Situation[])[]): string[] {
  const longer = names.map((name, i) => {
    const isUnique = names.filter((one) => one === name).length === 1;
    const [before = name, ...others] = new Set(situations[i]?.map((one) => one.before));
    if (isUnique || others.length > 0 || name === before) return name;
    return `${name.replace(/^([a-z]+_[pc])(?:roducer|onsumer)$/, '$1')}_${before}`;
  });
  return longer.map((name, i) => {
    const nth = longer.slice(0, i + 1).filter((one) => one === name).length;
    return nth === 1 ? name : `${name}_${nth}`;
  });
}
