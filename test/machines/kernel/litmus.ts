// Litmus worlds: a few threads around a primitive, and all that can come of them, found without the explorer's tables.
import { expect } from 'vitest';
import type { ExploreOptions } from '../../../src/engine/explorer/search/explore.ts';
import { explore } from '../../../src/engine/explorer/search/explore.ts';
import type { Observation } from '../../../src/engine/actors/effects.ts';
import { LiveHost } from '../../../src/engine/world/live-host.ts';
import { seeded } from '../../../src/engine/world/schedulers.ts';
import { WorldView } from '../../../src/engine/world/view.ts';
import type { Row, World } from '../../../src/engine/world/world.ts';
import type { ProgramStep } from '../../../src/machines/manager/program.ts';
import type { Assembled } from '../../../src/scenarios/assembled.ts';
import { assemble } from '../../../src/scenarios/assemble.ts';
import type { Arguments } from '../../../src/scenarios/calls.ts';
import { invoke, step } from '../../../src/scenarios/calls.ts';
import type { Scenario, Script } from '../../../src/scenarios/define.ts';
import { defineScenario } from '../../../src/scenarios/define.ts';

/** A step that makes one call. */
export const does = (op: string, object: string, args: Arguments = {}): ProgramStep => step(invoke(op, object, args));

/** A scenario of a script, with all properties that apply to it, or some. */
export function assembled(script: Script, properties?: Scenario['properties']): Assembled {
  const scenario = defineScenario({
    id: 'litmus',
    title: 'A litmus test',
    description: 'A few threads around a primitive.',
    parameters: {},
    ...(properties === undefined ? {} : { properties }),
    script: () => script,
  });
  return assemble({ scenario });
}

/** What a search found. */
export interface Found {
  readonly states: number;
  /** Steps to the shortest violation, by property. */
  readonly violated: Readonly<Record<string, number>>;
  readonly messages: Readonly<Record<string, string>>;
  readonly vacuous: readonly string[];
}

/** Explores a script. The verdicts with each reduction are the same, the states without any those of a plain search. */
export async function searched(
  script: Script,
  properties?: Scenario['properties'],
  options: Partial<ExploreOptions> = {},
): Promise<Found> {
  const { world, properties: asked } = assembled(script, properties);
  const plain = await explore(world, { properties: asked, ...options });
  const lengths = (found: typeof plain): Record<string, number> =>
    Object.fromEntries(found.violations.map(({ property, path }) => [property, path.length]));
  expect(plain.limit).toBeUndefined();
  expect(plain.states).toBe(everything(world).rows.length);
  for (const reduction of [{ por: true }, { symmetry: true }, { por: true, symmetry: true }]) {
    const again = assembled(script, properties);
    const reduced = await explore(again.world, { properties: again.properties, ...options, ...reduction });
    expect({ reduction, violated: lengths(reduced) }).toEqual({ reduction, violated: lengths(plain) });
    expect(reduced.states).toBeLessThanOrEqual(plain.states);
  }
  return {
    states: plain.states,
    violated: lengths(plain),
    messages: Object.fromEntries(plain.violations.map(({ property, message }) => [property, message])),
    vacuous: plain.vacuous,
  };
}

/** All states of a world, and those from which nothing can happen. */
export function everything(world: World): { readonly rows: readonly Row[]; readonly ends: readonly Row[] } {
  const rows = [world.initial()];
  const known = new Set([rows.join()]);
  const ends: Row[] = [];
  for (const row of rows) {
    const choices = world.choices(row);
    if (choices.length === 0) ends.push(row);
    for (const choice of choices) {
      const next = world.step(row, choice).row;
      const key = next.join();
      if (known.has(key)) continue;
      known.add(key);
      rows.push(next);
    }
  }
  return { rows, ends };
}

/** What is so in some state, and in some end: every different answer, sorted. */
export function seen(script: Script, look: (state: WorldView) => string): { anywhere: string[]; atEnd: string[] } {
  const { world } = assembled(script);
  const { rows, ends } = everything(world);
  const answers = (some: readonly Row[]): string[] =>
    [...new Set(some.map((row) => look(new WorldView(world, row))))].toSorted();
  return { anywhere: answers(rows), atEnd: answers(ends) };
}

/** Where each thread stands: the number of its step, `.` after it while it is in the call. */
export const places =
  (...threads: string[]) =>
  (state: WorldView): string =>
    threads
      .map((thread) => `${state.context<{ pc: number }>(thread).pc}${state.value(thread) === 'calling' ? '.' : ''}`)
      .join(' ');

/** What whole runs show, as far as it is of interest: every different list. */
export function shownByRuns(script: Script, pick: (observation: Observation) => string | null): string[] {
  const { world } = assembled(script);
  const found = new Set<string>();
  const visit = (row: Row, shown: readonly string[]): void => {
    const choices = world.choices(row);
    if (choices.length === 0) found.add(shown.join(' '));
    for (const choice of choices) {
      const next = world.step(row, choice);
      visit(next.row, [...shown, ...next.observations.map(pick).filter((text) => text !== null)]);
    }
  };
  visit(world.initial(), []);
  return [...found].toSorted();
}

/** Random runs on live XState actors and on the world show the same and end in the same states. */
export function expectLiveRunsToAgree(script: Script, runs = 10): void {
  const { world } = assembled(script);
  for (let seed = 1; seed <= runs; seed++) {
    const int = seeded(seed);
    const live = new LiveHost(world);
    let row = world.initial();
    for (let choices = world.choices(row), n = 0; choices.length > 0 && n < 200; choices = world.choices(row), n++) {
      const at = int(0, choices.length - 1);
      const alive = live.choices()[at];
      const choice = choices[at];
      if (alive === undefined || choice === undefined) throw new Error('the live world offers something else');
      const next = world.step(row, choice);
      expect(live.take(alive)).toEqual(next.observations);
      ({ row } = next);
      expect([...live.row()]).toEqual([...row]);
    }
    live.stop();
  }
}
