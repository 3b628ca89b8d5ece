// Parameters of a scenario, as they are set by text.
import { ownValue } from '../engine/own-value.ts';
import type { Parameters, Scenario } from './define.ts';
import { nearest } from './nearest.ts';
import { ScenarioError } from './scenario-error.ts';

/** Limits on what `--set` may ask of a built-in scenario, so that a typing error does not fill the memory. */
export const MAX_PARAMETER = 64;

/** Throws ScenarioError where a parameter that is a text is none of those that it may be. */
export function expectChoice(scenario: string, parameter: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  const near = nearest(value, choices);
  const meant = near === undefined ? '' : `, did you mean "${near}"?`;
  throw new ScenarioError(
    'parameter',
    `--set ${parameter}=${value}: ${scenario} knows no such ${parameter}${meant} (${choices.join(', ')})`,
  );
}

/** Throws ScenarioError where a knob is turned that only other architectures have. */
export function expectKnobOf(
  scenario: string,
  arch: string,
  knobs: Readonly<Record<string, readonly [boolean, string]>>,
): void {
  for (const [knob, [isOn, only]] of Object.entries(knobs))
    if (isOn && arch !== only)
      throw new ScenarioError('parameter', `--set ${knob}=true: ${scenario} has it on ${only} only, this is ${arch}`);
}

/** Throws ScenarioError where a scenario has fewer of something than it is about. */
export function expectSome(scenario: string, counts: Readonly<Record<string, number>>): void {
  for (const [parameter, count] of Object.entries(counts))
    if (!Number.isInteger(count) || count < 1)
      throw new ScenarioError('parameter', `--set ${parameter}=${count}: ${scenario} needs at least one`);
}

/** Reads `key=value` overrides as text. Throws ScenarioError for an unknown key, or where there is no value. */
export function parseSettings(
  scenario: Pick<Scenario, 'id' | 'parameters'>,
  settings: readonly string[],
): Readonly<Record<string, string>> {
  const known = Object.keys(scenario.parameters);
  const parsed = new Map<string, string>();
  for (const setting of settings) {
    const at = setting.indexOf('=');
    const key = at < 0 ? setting : setting.slice(0, at);
    if (at < 0) throw new ScenarioError('parameter', `--set ${setting}: write it as key=value`);
    if (ownValue(scenario.parameters, key) === undefined) {
      const near = nearest(key, known);
      const have =
        known.length === 0
          ? `scenario ${scenario.id} has no parameters`
          : `parameters of ${scenario.id}: ${known.join(', ')}`;
      throw new ScenarioError(
        'parameter',
        `--set ${setting}: unknown parameter "${key}"${near === undefined ? '' : `, did you mean "${near}"?`} (${have})`,
      );
    }
    parsed.set(key, setting.slice(at + 1));
  }
  return Object.fromEntries(parsed);
}

/** Reads `key=value` overrides. Throws ScenarioError for an unknown key or a value of another type. */
export function parseParameters(scenario: Scenario, settings: readonly string[]): Parameters {
  const parsed = Object.entries(parseSettings(scenario, settings));
  return Object.fromEntries(
    parsed.map(([key, value]) => [key, parseValue(`${key}=${value}`, value, scenario.parameters[key] ?? value)]),
  );
}

function parseValue(setting: string, value: string, like: number | boolean | string): number | boolean | string {
  if (typeof like === 'string') return value;
  if (typeof like === 'boolean') {
    if (value !== 'true' && value !== 'false')
      throw new ScenarioError('parameter', `--set ${setting}: expected true or false`);
    return value === 'true';
  }
  if (!/^\d+$/.test(value) || Number(value) > MAX_PARAMETER) {
    throw new ScenarioError('parameter', `--set ${setting}: expected a whole number from 0 to ${MAX_PARAMETER}`);
  }
  return Number(value);
}
