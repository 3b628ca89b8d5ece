// A property that a script brings may throw: that is an error of the script, with the property's name.
import { InputError } from '../engine/input-error.ts';
import type { Property } from '../engine/world/property.ts';
import { ScenarioError } from './scenario-error.ts';

function guard<A extends readonly unknown[], R>(id: string, ask: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    try {
      return ask(...args);
    } catch (error) {
      if (error instanceof InputError) throw error;
      const text = error instanceof Error ? error.message : String(error);
      throw new ScenarioError('property', `property ${id} throws: ${text}`, { cause: error });
    }
  };
}

/** The property with what it throws turned into a ScenarioError. */
export function guardedProperty(property: Property): Property {
  const { id, state, step, deadlock, liveness, sometimes, needs } = property;
  return {
    ...property,
    ...(needs === undefined ? {} : { needs: guard(id, needs) }),
    ...(step === undefined ? {} : { step: guard(id, step) }),
    ...(deadlock === undefined ? {} : { deadlock: guard(id, deadlock) }),
    ...(state === undefined
      ? {}
      : { state: { ...state, checks: guard(id, (world) => state.checks(world).map((check) => guard(id, check))) } }),
    ...(liveness === undefined
      ? {}
      : {
          liveness: {
            checks: guard(id, (world) =>
              liveness
                .checks(world)
                .map((claim) => ({ ...claim, from: guard(id, claim.from), to: guard(id, claim.to) })),
            ),
          },
        }),
    ...(sometimes?.step === undefined ? {} : { sometimes: { ...sometimes, step: guard(id, sometimes.step) } }),
  };
}
