// A lasso: a run that reaches a cycle and stays in it. Taken again in the real world edge by edge, and told in words.
import type { LeadsTo } from '../../world/property.ts';
import { TracedRun } from '../../world/trace.ts';
import { WorldView } from '../../world/view.ts';
import type { Choice, Row, World } from '../../world/world.ts';
import { stepText } from '../../traces/narrate.ts';

/** Indexes into `choices` of each state on the way: first to the cycle, then once around it. */
export interface Lasso {
  readonly stem: readonly number[];
  /** Empty where the run stays in one state, because nothing can be delivered and no thread makes another call. */
  readonly cycle: readonly number[];
}

/** A step that was taken, and where it led. */
interface Taken {
  readonly choice: Choice;
  readonly row: Row;
}

/** One lap of the cycle, as fairness needs to know it. */
interface Lap {
  /** Actors whose messages could be delivered in every state. */
  readonly always: Set<number>;
  /** Actors of which some message was delivered. */
  readonly taken: Set<number>;
  /** Turns, to which strong fairness is due: that could come somewhere, that came. */
  readonly due: Set<string>;
  readonly came: Set<string>;
}

/** Actors of whose messages one can be delivered. */
function enabledIn(world: World, choices: readonly Choice[]): Set<number> {
  return new Set(choices.filter(({ column }) => column >= 0).map(({ column }) => world.channelAt(column)));
}

/** Who is served by whom, where that is done in turn. */
function turnsOf(world: World, { inTurn }: LeadsTo, choices: readonly Choice[]): string[] {
  return choices.flatMap(({ column, event }) => {
    const delivered = world.transitions.event(event);
    if (column < 0 || inTurn?.(delivered) !== true) return [];
    return [`${world.channelAt(column)} by ${delivered.to}`];
  });
}

/** What one lap shows, from a row, step by step. */
function lapOf(world: World, claim: LeadsTo, from: Row, steps: readonly Taken[]): Lap {
  const choices = world.choices(from);
  const lap: Lap = {
    always: enabledIn(world, choices),
    taken: new Set(),
    due: new Set(turnsOf(world, claim, choices)),
    came: new Set(),
  };
  for (const { choice, row } of steps) {
    if (choice.column >= 0) lap.taken.add(world.channelAt(choice.column));
    for (const turn of turnsOf(world, claim, [choice])) lap.came.add(turn);
    const next = world.choices(row);
    const enabled = enabledIn(world, next);
    for (const actor of lap.always) if (!enabled.has(actor)) lap.always.delete(actor);
    for (const turn of turnsOf(world, claim, next)) lap.due.add(turn);
  }
  return lap;
}

/**
 * Takes a lasso again in the real world: every edge is offered, the cycle ends in the very state in which it began, it is
 * fair to every actor, and the claim falls due on the way and stays open. Throws where not: the search would be
 * wrong.
 */
export function validateLasso(world: World, claim: LeadsTo, { stem, cycle }: Lasso): void {
  const view = new WorldView(world, world.initial());
  let row: Row = world.initial();
  let isDue = !claim.to(view) && claim.from(view);
  const take = (index: number): Taken => {
    const choice = world.choices(row)[index];
    if (choice === undefined) throw new Error(`a lasso takes choice ${index}, which is not offered`);
    row = world.step(row, choice).row;
    view.row = row;
    isDue = !claim.to(view) && (isDue || claim.from(view));
    return { choice, row };
  };
  for (const index of stem) take(index);
  if (!isDue) throw new Error('the stem of a lasso does not leave the claim open');
  const start = row;
  const steps = cycle.map((index) => {
    const taken = take(index);
    if (!isDue) throw new Error('the cycle of a lasso does not leave the claim open');
    return taken;
  });
  if (!row.every((raw, column) => raw === start[column])) throw new Error('the cycle of a lasso does not close');
  const lap = lapOf(world, claim, start, steps);
  const unfair = [...lap.always].find((actor) => !lap.taken.has(actor));
  if (unfair !== undefined) throw new Error(`a lasso is not fair to ${world.actors[unfair]?.address ?? unfair}`);
  const missed = [...lap.due].find((turn) => !lap.came.has(turn));
  if (missed !== undefined) throw new Error(`on a lasso actor ${missed} is not served in turn`);
}

/** Who is never served on the cycle although a message of theirs waits all the time, and how often it could have been. */
function passedOver(world: World, { stem, cycle }: Lasso): string[] {
  const run = new TracedRun(world);
  for (const index of stem) run.take(index);
  const could = new Map<number, number>(world.actors.map((_, actor) => [actor, 0]));
  for (const index of cycle) {
    const choices = run.choices();
    const waiting = new Set(world.inFlight(run.row).map(({ column }) => world.channelAt(column)));
    const enabled = enabledIn(world, choices);
    const taken = choices[index]?.column ?? -1;
    if (taken >= 0) could.delete(world.channelAt(taken));
    for (const [actor, times] of could) {
      if (!waiting.has(actor)) could.delete(actor);
      else if (enabled.has(actor)) could.set(actor, times + 1);
    }
    run.take(index);
  }
  return [...could].map(([actor, times]) => {
    const turns = times === 0 ? 'never' : `in ${times} of ${cycle.length} states`;
    return `${world.actors[actor]?.address ?? ''} waits all the time; its turn could come ${turns}`;
  });
}

/**
 * A lasso as lines: the stem, step by step, then what goes on for ever, and who waits meanwhile.
 *
 * @param world - the world that the lasso is taken in, in its own words
 * @param lasso - indexes into `choices` of each state on the way
 * @returns one line a step, and the lines that say what goes on and who is never served
 * @throws TraceError where a choice is not offered
 */
export function lassoText(world: World, lasso: Lasso): string[] {
  const { stem, cycle } = lasso;
  const run = new TracedRun(world);
  const lines = (choices: readonly number[]): string[] =>
    choices.map((choice) => stepText(world.language, run.take(choice)));
  const first = lines(stem);
  if (cycle.length === 0) {
    const end =
      run.choices().length === 0
        ? 'and there it stays: nothing can move any more'
        : 'and there it stays: nothing can be delivered, and no thread has to make another call';
    return [...first, end];
  }
  return [...first, 'and so on for ever:', ...lines(cycle), ...passedOver(world, lasso)];
}
