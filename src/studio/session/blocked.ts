// What cannot happen now, and why: messages that wait for their receiver, calls whose guards do not hold, threads that start later.
import { chartOf, statesIn } from '../../engine/diagrams/chart.ts';
import type { Chart, ChartTransition } from '../../engine/diagrams/chart.ts';
import type { Machine } from '../../engine/actors/machine.ts';
import type { PlainEvent } from '../../engine/world/events.ts';
import { PlainRow } from '../../engine/world/memory.ts';
import { WorldView } from '../../engine/world/view.ts';
import type { Row, World } from '../../engine/world/world.ts';
import { activePaths } from './leaves.ts';
import type { LockState } from '../../scenarios/locks-of-world.ts';
import type { BlockedStep, BusyActor } from './position.ts';

const charts = new WeakMap<Machine, Chart>();

/** The chart of a machine, read once. */
export function chartFor(machine: Machine): Chart {
  const known = charts.get(machine) ?? chartOf(machine);
  charts.set(machine, known);
  return known;
}

/** Where an actor stands, in words: its innermost active states. */
function standing(view: WorldView, actor: string): string {
  const active = activePaths(view.value(actor));
  const inner = active.filter((path) => !active.some((other) => other.startsWith(`${path}.`)));
  return inner.length === 0 ? 'its only state' : inner.join(' and ');
}

/** Transitions of a machine on a message, with the state that each is a way on from. */
function waysOn({ root }: Chart, type: string): { readonly path: string; readonly way: ChartTransition }[] {
  return statesIn(root).flatMap(({ path, transitions }) =>
    transitions.filter(({ event }) => event === type).map((way) => ({ path, way })),
  );
}

/** Why a receiver does not take a message where it stands. */
function whyNotTaken(view: WorldView, { to, message }: PlainEvent, locks: readonly LockState[]): string {
  const { machine } = view.definitionOf(to);
  const ways = waysOn(chartFor(machine), message.type);
  const active = new Set(['', ...activePaths(view.value(to))]);
  const here = ways.filter(({ path }) => active.has(path));
  const guards = [...new Set(here.flatMap(({ way }) => (way.guard === null ? [] : [way.guard])))];
  const held = locks.find(({ lock }) => lock === to)?.holder;
  const holder = held === undefined || held === null ? '' : `, held by ${held}`;
  if (guards.length > 0) return `${to} is in ${standing(view, to)}${holder}: its guard ${guards.join(', ')} is not met`;
  const elsewhere = [...new Set(ways.map(({ path }) => path))].filter((path) => path !== '');
  const takes = elsewhere.length === 0 ? '' : `; it takes ${message.type} in ${elsewhere.join(', ')}`;
  return `${to} is in ${standing(view, to)}${holder}${takes}`;
}

/** Messages in flight that nobody takes now. */
function waitingMessages(world: World, view: WorldView, row: Row, locks: readonly LockState[]): BlockedStep[] {
  return world.inFlight(row).flatMap(({ column, event, id }) => {
    if (world.transitions.accepts(row[world.recipient(id)] ?? 0, id)) return [];
    const actor = world.actors[world.channelAt(column)]?.address ?? event.to;
    const isOfThread = world.actors[world.channelAt(column)]?.actsByItself === true;
    const what = `${event.to}.${world.language.event(event).replace(`${event.to}.`, '')}`;
    return [{ actor: isOfThread ? actor : event.to, what, why: whyNotTaken(view, event, locks) }];
  });
}

/** What actors would do by themselves, if their guards held or others were done. */
function waitingActors(world: World, view: WorldView, row: Row): BlockedStep[] {
  const access = new PlainRow(row);
  return world.actors.flatMap(({ address, actsByItself, after }, i) => {
    if (!actsByItself || view.isDone(address)) return [];
    const offers = world.offersOf(i, row[i] ?? 0);
    const late = after.filter((other) => !world.isDone(other, row[other] ?? 0));
    if (late.length > 0) {
      const names = late.map((other) => world.actors[other]?.address ?? '').join(', ');
      return [
        { actor: address, what: 'starts', why: `it starts when ${names} ${late.length > 1 ? 'are' : 'is'} done` },
      ];
    }
    return offers.flatMap((event): BlockedStep[] => {
      if (world.isEnabled(event, access)) return [];
      const what = world.nameOf({ event, column: -1 });
      return [{ actor: address, what, why: whyNotTaken(view, world.transitions.event(event), []) }];
    });
  });
}

/**
 * Everything that waits in a state.
 *
 * @param world - the world
 * @param row - the state
 * @param locks - who holds what there, so that the reason can say so
 * @returns what waits and why, by actor
 */
export function blockedIn(world: World, row: Row, locks: readonly LockState[]): BlockedStep[] {
  const view = new WorldView(world, row);
  return [...waitingMessages(world, view, row, locks), ...waitingActors(world, view, row)];
}

/** What a thread is in the middle of: `in register_producer(p0)`. */
function callInProgress(view: WorldView, actor: string): string {
  const { op, object } = view.context(actor);
  return typeof op === 'string' ? `in ${op}(${view.world.language.value(object)})` : `in ${standing(view, actor)}`;
}

/**
 * Actors in the middle of something that goes on by another's step: a thread whose callback has yet to return.
 *
 * @param world - the world
 * @param row - the state
 * @param told - actors of which something else is said: they can go on, or are blocked
 */
export function busyIn(world: World, row: Row, told: ReadonlySet<string>): BusyActor[] {
  const view = new WorldView(world, row);
  return world.actors.flatMap(({ address, actsByItself }): BusyActor[] =>
    !actsByItself || told.has(address) || view.isDone(address)
      ? []
      : [{ actor: address, what: callInProgress(view, address) }],
  );
}
