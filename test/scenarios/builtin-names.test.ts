// Scenarios that are loaded by name are those of the list, in its order.
import { expect, test } from 'vitest';
import { scenarios } from '../../src/scenarios/builtin.ts';
import { loadBuiltin, scenarioNames } from '../../src/scenarios/builtin-names.ts';

test('each name loads the scenario that has it', async () => {
  expect(await Promise.all(scenarioNames.map(loadBuiltin))).toEqual(scenarios);
  expect(scenarioNames).toEqual(scenarios.map(({ id }) => id));
});

test.for(['nope', 'constructor', '__proto__'])('%s is none', async (name) => {
  expect(await loadBuiltin(name)).toBeUndefined();
});
