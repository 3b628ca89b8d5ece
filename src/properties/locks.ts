// The order of locks: no cycle among the classes that tasks take while they hold others, in any runs of a search together.
//
// Kernel source: kernel/locking/lockdep.c, Documentation/locking/lockdep-design.rst. An edge A -> B says: B is wanted while A is
// held. A cycle of edges is a deadlock that only waits for its timing, even where no run of this search meets it. Two rules of
// lockdep come in as edges and paths: a class that is taken in interrupt handlers may be wanted by one wherever a class is held with
// interrupts on (an edge of its own kind); and who wants to read waits only for writers, so a path may not come in to a class
// for reading and go on from somebody who reads it. docs/decisions/010-lock-order.md says why edges are gathered, not states.
import type { Observation } from '../engine/actors/effects.ts';
import type { Property } from '../engine/world/property.ts';
import type { World } from '../engine/world/world.ts';
import type { LockObservation } from '../machines/kernel/lockdep.ts';
import { contextOf } from '../machines/kernel/lockdep.ts';
import type { Held } from '../machines/kernel/task.ts';
import { heldBy, tasks, tasksOf } from '../machines/kernel/task.ts';
import { namesOf } from './manager-worlds.ts';
import { nests, synchronizes, takesLock } from './sometimes.ts';

/** Has a world primitives that keep what tasks hold? */
export function hasTasks({ operations }: World): boolean {
  return operations.families.includes(tasks);
}

/** What is gathered: an edge (B is wanted while A is held), a class taken in a handler, one held with interrupts on; and by whom. */
type Order = readonly ['order', before: string, after: string, by: string, beforeReads: boolean, afterReads: boolean];
type Usage = readonly ['handler' | 'interruptible', lockClass: string, by: string, reads: boolean];
type Fact = Order | Usage;

/**
 * The locks that a new one comes directly after. What was held when the last of them was waited for has its edge to that one
 * already, as long as nobody can have passed it: not by trylock, and not as a reader.
 */
function direct(held: readonly Held[]): readonly Held[] {
  const last = held.findLastIndex(({ reads, tried }) => !reads && !tried);
  return held.slice(Math.max(last, 0));
}

/** What an observation says of classes. */
function factsIn(observation: Observation): readonly Fact[] {
  const shown = observation as LockObservation;
  if (shown.kind === 'interrupts on')
    return shown.held.map((one): Fact => ['interruptible', String(one.class), shown.task, one.reads]);
  if (shown.kind !== 'lock') return [];
  const { held, task, context, reads, tries } = shown;
  const lockClass = String(shown.class);
  // Who tries does not wait.
  const before = tries ? [] : direct(held);
  const edges = before.map((one): Fact => ['order', String(one.class), lockClass, task, one.reads, reads]);
  if (context === 'interrupt handler') return [...edges, ['handler', lockClass, task, reads]];
  // lock_sync() marks no usage: there is no critical section that an interrupt could come into.
  return context === 'interrupts off' || shown.syncs === true
    ? edges
    : [...edges, ['interruptible', lockClass, task, reads]];
}

/** A class as a cycle goes through it: did it come in for reading? */
interface Node {
  readonly lockClass: string;
  readonly reads: boolean;
}
interface Edge {
  readonly from: string;
  readonly fromReads: boolean;
  readonly to: Node;
  readonly text: string;
}

const keyOf = ({ lockClass, reads }: Node): string => `${lockClass} ${reads}`;

/** All edges; of several that say the same the first. */
function edgesOf(facts: readonly Fact[]): Map<string, Edge[]> {
  const edges = new Map<string, Edge[]>();
  const add = (edge: Edge): void => {
    const there = edges.get(edge.from) ?? [];
    const isThere = there.some((one) => one.fromReads === edge.fromReads && keyOf(one.to) === keyOf(edge.to));
    if (!isThere) edges.set(edge.from, [...there, edge]);
  };
  for (const fact of facts) {
    if (fact[0] !== 'order') continue;
    const [, from, to, by, fromReads, reads] = fact;
    add({ from, fromReads, to: { lockClass: to, reads }, text: `${by} wants ${to} while it holds ${from}` });
  }
  const interruptible = facts.flatMap((fact): Usage[] => (fact[0] === 'interruptible' ? [fact] : []));
  for (const fact of facts) {
    if (fact[0] !== 'handler') continue;
    const [, to, handler, reads] = fact;
    for (const [, from, by, fromReads] of interruptible) {
      const text = `${handler} wants ${to} in an interrupt handler, ${by} holds ${from} with interrupts on`;
      add({ from, fromReads, to: { lockClass: to, reads }, text });
    }
  }
  return edges;
}

/** A shortest cycle; null where there is none. */
function cycleIn(edges: ReadonlyMap<string, readonly Edge[]>): readonly Edge[] | null {
  let shortest: readonly Edge[] | null = null;
  const nodes = new Map([...edges.values()].flat().map(({ to }) => [keyOf(to), to]));
  for (const [start, node] of nodes) {
    const ways: (readonly Edge[])[] = [[]];
    const known = new Set<string>();
    for (let i = 0; i < ways.length; i++) {
      const way = ways[i] ?? [];
      if (shortest !== null && way.length + 1 >= shortest.length) break;
      const at = way.at(-1)?.to ?? node;
      for (const edge of edges.get(at.lockClass) ?? []) {
        if (at.reads && edge.fromReads) continue;
        const key = keyOf(edge.to);
        if (key === start) {
          shortest = [...way, edge];
          i = ways.length;
          break;
        }
        if (known.has(key)) continue;
        known.add(key);
        ways.push([...way, edge]);
      }
    }
  }
  return shortest;
}

/** A cycle from its first class in the alphabet on: the same text whichever edge was met last. */
function fromFirst(cycle: readonly Edge[]): readonly Edge[] {
  const [first = ''] = cycle.map(({ from }) => from).toSorted();
  const start = cycle.findIndex(({ from }) => from === first);
  return [...cycle.slice(start), ...cycle.slice(0, start)];
}

/** I-LOCKORDER: the classes of locks have an order in which they are taken, interrupt handlers included. */
export const lockOrder: Property = {
  id: 'i-lockorder',
  title: 'Locks are taken in one order: no cycle of classes over all runs, handlers included',
  needs: hasTasks,
  sometimes: nests,
  gathered: {
    facts: ({ observations }) => observations.flatMap(factsIn).map((fact) => JSON.stringify(fact)),
    check(facts) {
      const found = cycleIn(edgesOf(facts.map((fact) => JSON.parse(fact) as Fact)));
      if (found === null) return null;
      const cycle = fromFirst(found);
      const classes = [...cycle.map(({ from }) => from), cycle[0]?.from ?? ''];
      return `a cycle of lock classes: ${classes.join(' -> ')}; ${cycle.map(({ text }) => text).join('; ')}`;
    },
  },
};

/** I-SRCU: nobody waits for readers that wait for him. */
export const noSrcuInReader: Property = {
  id: 'i-srcu',
  title: "synchronize_srcu() is called neither in a read section of its domain nor with the manager's mutex held",
  needs: (world) => namesOf(world, 'srcu').length > 0 && hasTasks(world),
  sometimes: synchronizes,
  step({ before, observations }) {
    for (const observation of observations) {
      const shown = observation as LockObservation;
      if (shown.kind !== 'lock' || shown.reads) continue;
      const domain = namesOf(before.world, 'srcu').find(
        (one) => (before.constant(one, 'class') ?? one) === shown.class,
      );
      if (domain === undefined) continue;
      const wrong = shown.held.find((one) => one.class === shown.class || String(one.class) === 'irqbypass.lock');
      if (wrong !== undefined) return `${shown.task} waits for readers of ${domain}, and holds ${String(wrong.class)}`;
    }
    return null;
  },
};

/** I-LOCKHELD: "lock held when returning to user space", asked when everybody is done. */
export const lockHeld: Property = {
  id: 'i-lockheld',
  title: 'Where all are done nobody holds a lock, or has preemption or interrupts off',
  needs: hasTasks,
  sometimes: takesLock,
  state: {
    atEnd: true,
    checks: (world) =>
      tasksOf(world).map((task) => (state) => {
        const [held] = heldBy(state, task);
        if (held !== undefined) return `${task} is done and holds ${String(held.class)}`;
        return contextOf(state, task) === 'process' ? null : `${task} is done with ${contextOf(state, task)}`;
      }),
  },
};
