// A run on record: its choices by name, and everything that properties say along it.
//
// A search asks a property only where what it looks at has changed, and tells of one violation. Along a run on record every property is
// asked at every step, also of what follows after it was violated.
import { createHash } from 'node:crypto';
import type { Observation } from '../../src/engine/actors/effects.ts';
import { StepChecks } from '../../src/engine/explorer/counterexamples/step-checks.ts';
import { validateLasso } from '../../src/engine/explorer/liveness/lasso.ts';
import type { LeadsTo, Property } from '../../src/engine/world/property.ts';
import { WorldView } from '../../src/engine/world/view.ts';
import type { Row, World } from '../../src/engine/world/world.ts';
import { marks } from '../../src/properties/marks.ts';
import { everyProperty } from '../../src/properties/properties.ts';
import type { Where } from '../engine/assembled.ts';
import { assembled } from '../engine/assembled.ts';

/** A run by its choices, and how it was found. */
export interface Run {
  /** `counterexample to i-ctx`, `lasso of l-wake`, `walk 3`. */
  readonly found: string;
  readonly where: Where & { readonly scenario: string };
  /** Choices by name. */
  readonly steps: readonly string[];
  /** Of a lasso: how many of them come before the cycle, and what is claimed. */
  readonly lasso?: { readonly stem: number; readonly property: string; readonly subject: string };
}

/** What a run shows. */
export interface Shown {
  /** Properties that have something to say about this world. */
  readonly asked: readonly string[];
  /** `12 i-ctx: ...`: what is wrong after which step, each message once. */
  readonly wrong: readonly string[];
  /** Of each claim that P leads to Q, where it is not simply met all the time: `l-wake vcpu0 5. 3p 4q`, as lengths of stretches. */
  readonly claims: readonly string[];
  /** Marks that are met, and properties whose occasion comes. */
  readonly met: readonly string[];
  /** How many choices each state offers. */
  readonly offered: string;
  /** Of all observations, and of the last state. */
  readonly digest: string;
}

/** A run on record. */
export type RecordedRun = Run & Shown;

/** Stretches of the same letter: `aaab` is `3a 1b`. */
const stretches = (letters: string): string =>
  (letters.match(/(.)\1*/g) ?? []).map((same) => `${same.length}${same[0] ?? ''}`).join(' ');

interface Claim {
  readonly property: string;
  readonly claim: LeadsTo;
  letters: string;
  turns: string;
}

function claimsOf(world: World): Claim[] {
  return everyProperty.flatMap(({ id, needs, liveness }) =>
    (needs?.(world) ?? true)
      ? (liveness?.checks(world) ?? []).map((claim) => ({ property: id, claim, letters: '', turns: '' }))
      : [],
  );
}

/** P and Q of a claim in a state: neither, one, both. */
const letterOf = ({ from, to }: LeadsTo, view: WorldView): string => {
  const [p, q] = [from(view), to(view)];
  return p ? (q ? 'b' : 'p') : q ? 'q' : '.';
};

const worlds = new Map<string, World>();

/** The world of a run; what its machines do is remembered from one run to the next. */
function worldOf(where: Run['where']): World {
  const key = JSON.stringify(where);
  const known = worlds.get(key);
  if (known !== undefined) return known;
  const { world } = assembled(where.scenario, where);
  worlds.set(key, world);
  return world;
}

/**
 * Takes a run again in its world.
 *
 * @returns what it shows
 *
 * @throws Error where a choice is not offered
 */
export function shownBy({ where, steps }: Run): Shown {
  const world = worldOf(where);
  const asked = everyProperty.filter(({ needs }) => needs?.(world) ?? true);
  const before: Row = world.initial();
  const after: Row = world.initial();
  const checks = new StepChecks(world, asked, before, after);
  const claims = claimsOf(world);
  const wrong = new Map<string, string>();
  const met = new Set<string>();
  const offered: number[] = [];
  const hash = createHash('sha1');
  const note = (step: number, broken: ReturnType<StepChecks['ofState']>): void => {
    for (const { property, message } of broken) {
      const text = `${property}: ${message}`;
      if (!wrong.has(text)) wrong.set(text, `${step} ${text}`);
    }
  };
  const view = new WorldView(world, after);
  const look = (): void => {
    view.row = after;
    for (const one of claims) one.letters += letterOf(one.claim, view);
    offered.push(world.choices(after).length);
  };
  note(0, checks.ofState());
  look();
  for (const [i, name] of steps.entries()) {
    const choice = world.choiceNamed(after, name);
    if (choice === undefined) throw new Error(`step ${i + 1}, ${name}, is not offered`);
    before.set(after);
    const { row, observations } = world.step(after, choice);
    after.set(row);
    note(i + 1, checks.ofStep(choice.event, observations));
    const event = world.transitions.event(choice.event);
    for (const one of claims) one.turns += one.claim.inTurn?.(event) === true ? 't' : '.';
    meet(met, asked, { event, observations });
    hash.update(JSON.stringify(observations));
    look();
  }
  if (world.choices(after).length === 0) note(steps.length, checks.ofEnd());
  hash.update(JSON.stringify(new WorldView(world, after).toJSON()));
  return {
    asked: asked.map(({ id }) => id),
    wrong: [...wrong.values()],
    claims: claims.flatMap(({ property, claim, letters, turns }) => [
      ...(/^q*$/.test(letters) ? [] : [`${property} ${claim.subject} ${stretches(letters)}`]),
      ...(/^\.*$/.test(turns) ? [] : [`${property} ${claim.subject} in turn ${stretches(turns)}`]),
    ]),
    met: [...met].toSorted(),
    offered: offered.join(' '),
    digest: hash.digest('hex').slice(0, 12),
  };
}

function meet(
  met: Set<string>,
  asked: readonly Property[],
  step: { readonly event: ReturnType<World['transitions']['event']>; readonly observations: readonly Observation[] },
): void {
  for (const { id, sometimes } of asked) if (sometimes?.step?.(step) === true) met.add(id);
  for (const { id, isMet } of marks) if (isMet(step)) met.add(`mark ${id}`);
}

/**
 * The claim that a lasso violates, after the lasso was taken again: each edge is offered, it closes, it is fair.
 *
 * @throws Error where it is none
 */
export function claimOfLasso({ where, steps, lasso }: Run): string {
  if (lasso === undefined) throw new Error('no lasso');
  const world = worldOf(where);
  const row: Row = world.initial();
  const path = steps.map((name) => {
    const choices = world.choices(row);
    const index = choices.findIndex((choice) => world.nameOf(choice) === name);
    const choice = choices[index];
    if (choice === undefined) throw new Error(`${name} is not offered`);
    row.set(world.step(row, choice).row);
    return index;
  });
  const found = claimsOf(world).find(
    ({ property, claim }) => property === lasso.property && claim.subject === lasso.subject,
  );
  if (found === undefined) throw new Error(`no claim ${lasso.property} of ${lasso.subject}`);
  validateLasso(world, found.claim, { stem: path.slice(0, lasso.stem), cycle: path.slice(lasso.stem) });
  return found.claim.message;
}
