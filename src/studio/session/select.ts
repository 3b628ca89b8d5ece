// From what a link or a form says to a world: the same checks and messages as the command line has.
import { inOrigin } from '../../scenarios/origin.ts';
import { assemble } from '../../scenarios/assemble.ts';
import type { Assembled } from '../../scenarios/assembled.ts';
import { scenarios } from '../../scenarios/builtin.ts';
import type { Scenario } from '../../scenarios/define.ts';
import { parseParameters } from '../../scenarios/parameters.ts';
import { UnknownNameError } from '../../scenarios/scenario-error.ts';
import type { Selection } from '../link/link.ts';

/**
 * Makes the world that a selection names.
 *
 * @param selection - scenario, parameters as text, revision, mutation
 * @param own - scenarios of the user's, which come before built-in ones of the same id
 * @returns the world, with all that says where it comes from
 * @throws InputError as the command line has it for the same input
 */
export function selectedWorld({ scenario: id, set, ...rest }: Selection, own: readonly Scenario[] = []): Assembled {
  const all = [...own, ...scenarios];
  const scenario = all.find((one) => one.id === id);
  if (scenario === undefined)
    throw new UnknownNameError(
      'scenario',
      id,
      all.map((one) => one.id),
      'the list at the top has them',
    );
  return inOrigin(scenario, () =>
    assemble({
      scenario,
      set: parseParameters(
        scenario,
        Object.entries(set).map(([key, value]) => `${key}=${value}`),
      ),
      ...rest,
    }),
  );
}
