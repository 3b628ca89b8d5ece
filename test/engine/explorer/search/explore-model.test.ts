// Tests of src/engine/explorer/search/explore-model.ts: worlds by their small interface, and a model that is no world.
import { describe, expect, it } from 'vitest';
import { explore } from '../../../../src/engine/explorer/search/explore.ts';
import { exploreModel } from '../../../../src/engine/explorer/search/explore-model.ts';
import type { Model, ModelState } from '../../../../src/engine/world/model.ts';
import type { Choice, World } from '../../../../src/engine/world/world.ts';
import { assemble } from '../../../../src/scenarios/assemble.ts';
import { findScenario, scenarios } from '../../../../src/scenarios/builtin.ts';
import type { Scenario } from '../../../../src/scenarios/define.ts';
import { sample } from '../../../sample.ts';

const scenarioOf = (id: string): Scenario => {
  const found = findScenario(id);
  if (found === undefined) throw new Error(`no scenario ${id}`);
  return found;
};

/** Two worlds that are given the same choices, by name: stuck where only one offers what the other takes. */
class Product implements Model<string> {
  readonly width: number;
  readonly #one: World;
  readonly #other: World;

  constructor(one: World, other: World) {
    this.#one = one;
    this.#other = other;
    this.width = one.width + other.width;
  }

  #halves(state: ModelState): readonly [ModelState, ModelState] {
    return [state.slice(0, this.#one.width), state.slice(this.#one.width)];
  }

  #join(one: ModelState, other: ModelState): ModelState {
    const row = new Uint16Array(this.width);
    row.set(one);
    row.set(other, one.length);
    return row;
  }

  initial(): ModelState {
    return this.#join(this.#one.initial(), this.#other.initial());
  }

  choices(state: ModelState): readonly string[] {
    const [one, other] = this.#halves(state);
    const names = new Set(this.#other.choices(other).map((choice) => this.#other.nameOf(choice)));
    return this.#one
      .choices(one)
      .map((choice) => this.#one.nameOf(choice))
      .filter((name) => names.has(name));
  }

  step(state: ModelState, name: string): ReturnType<World['step']> {
    const [one, other] = this.#halves(state);
    const first = this.#one.step(one, this.#one.choiceNamed(one, name) as Choice);
    const second = this.#other.step(other, this.#other.choiceNamed(other, name) as Choice);
    return { row: this.#join(first.row, second.row), observations: [...first.observations, ...second.observations] };
  }

  isFinal(state: ModelState): boolean {
    const [one, other] = this.#halves(state);
    return this.#one.isFinal(one) && this.#other.isFinal(other);
  }

  nameOf(name: string): string {
    return name;
  }
}

describe('a world by its small interface', () => {
  const others = scenarios.filter(({ id }) => id !== 'manager').map(({ id }) => id);
  it.each(sample(others, 3))('%s: same counts', async (id) => {
    const { world } = assemble({ scenario: scenarioOf(id) });
    const { states, transitions, depth } = await explore(world, { properties: [] });
    expect(await exploreModel(assemble({ scenario: scenarioOf(id) }).world)).toMatchObject({
      verdict: 'holds',
      states,
      transitions,
      depth,
    });
  });
});

describe('the product of two revisions', () => {
  const product = (scenario: string, one: string, other: string): Product =>
    new Product(
      assemble({ scenario: scenarioOf(scenario), revision: one }).world,
      assemble({ scenario: scenarioOf(scenario), revision: other }).world,
    );
  const claims = [{ id: 'same', title: 'both can go on', deadlock: () => 'only one of them can go on' }];

  it('runs both to the end where they do the same', async () => {
    const found = await exploreModel(product('pairing', 'v2p5', 'v2p6'), { properties: claims });
    expect(found).toMatchObject({ verdict: 'holds', states: 73, transitions: 112 });
  });

  it('finds the shortest sequence after which they cannot go on together', async () => {
    // A NULL key is refused by base and accepted since v1p3: then there is something to wait for.
    const found = await exploreModel(product('null-key', 'base', 'v2p8'), { properties: claims });
    expect(found).toMatchObject({ verdict: 'violated' });
    expect(found.violations[0]?.path).toEqual(['t0 register_producer(p0, NULL)']);
  });

  it('ends at a limit of states', async () => {
    const found = await exploreModel(product('pairing', 'v2p5', 'v2p6'), { maxStates: 10 });
    expect(found).toMatchObject({ verdict: 'incomplete', limit: 'states-limit' });
  });
});
