// The referee in lock step with a world: the same choices, observations and states, step by step, not only as many.
import type { Observation } from '../../src/engine/actors/effects.ts';
import type { Choice, Row, World } from '../../src/engine/world/world.ts';
import type { NaiveCounts, NaiveStep, Plain, PlainChoice } from './naive-search.ts';
import { naiveSearch } from './naive-search.ts';

/** What the referee counted, and how many observations were the same on both sides. */
export interface LockStep extends NaiveCounts {
  readonly observations: number;
}

/** What was wrong, with both sides. */
class Disagreement extends Error {
  override readonly name = 'Disagreement';

  constructor(what: string, naive: unknown, world: unknown) {
    super(`${what}: the referee has ${JSON.stringify(naive)}, the world ${JSON.stringify(world)}`);
  }
}

/** A choice as text, in words that both sides have. */
function choiceText({ channel, sent, message }: PlainChoice): string {
  return `${channel ?? 'by itself'} ${sent.to} ${JSON.stringify(message)}`;
}

function worldChoices(world: World, row: Row): Map<string, Choice> {
  return new Map(
    world.choices(row).map((choice) => {
      const channel = choice.column < 0 ? 'by itself' : world.actors[world.channelAt(choice.column)]?.address;
      const { to, message } = world.transitions.event(choice.event);
      return [`${channel} ${to} ${JSON.stringify(message)}`, choice];
    }),
  );
}

/** Local states of the actors, by name. */
function localsOf(world: World, row: Row): unknown {
  return Object.fromEntries(
    world.actors.map(({ address }, i) => {
      const { value, context } = world.local(row[i] ?? 0);
      return [address, { value, context }];
    }),
  );
}

/** Walks the referee's whole search with a world beside it. Throws where they differ in anything. */
export function lockStep(world: World): LockStep {
  const rows = new Map<string, Row>();
  const keys = new Map<string, string>();
  let observed = 0;
  let offered: { readonly key: string; readonly choices: Map<string, Choice> } | undefined;
  const expectSame = (what: string, naive: unknown, other: unknown): void => {
    if (JSON.stringify(naive) !== JSON.stringify(other)) throw new Disagreement(what, naive, other);
  };
  const meet = (key: string, row: Row, state: Plain): void => {
    const known = rows.get(key);
    const other = keys.get(row.join());
    if (known === undefined && other === undefined) {
      rows.set(key, row);
      keys.set(row.join(), key);
      expectSame('local states', state.actors, localsOf(world, row));
    } else expectSame('which state it is', [known?.join(), key], [row.join(), other]);
  };
  /** The choices of a state that are left to be taken; all of the state before must be gone. */
  const leave = (key: string | undefined): Map<string, Choice> => {
    if (offered?.key !== key) expectSame('choices left', [], [...(offered?.choices.keys() ?? [])]);
    if (key === undefined) return new Map();
    const row = rows.get(key);
    if (row === undefined) throw new Error('a state that was not met');
    if (offered?.key !== key) offered = { key, choices: worldChoices(world, row) };
    return offered.choices;
  };
  const visit = ({ from, choice, to, step }: NaiveStep): void => {
    const text = choiceText(choice);
    const choices = leave(from);
    const same = choices.get(text);
    if (same === undefined) throw new Disagreement('a choice', text, [...choices.keys()]);
    choices.delete(text);
    const taken = world.step(rows.get(from) as Row, same);
    const observations: readonly Observation[] = taken.observations;
    expectSame(`what is observed on ${text}`, step.observations, observations);
    observed += observations.length;
    meet(to, taken.row, step.state);
  };
  const counts = naiveSearch(world, {
    first: (key, state) => meet(key, world.initial(), state),
    step: visit,
    last: (key) => expectSame('choices', [], [...worldChoices(world, rows.get(key) as Row).keys()]),
  });
  leave(undefined);
  return { ...counts, observations: observed };
}
