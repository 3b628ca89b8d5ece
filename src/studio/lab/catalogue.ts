// What there is to choose from, as plain data for the page.
import type { Parameters, Scenario } from '../../scenarios/define.ts';
import { scenarios } from '../../scenarios/builtin.ts';
import type { Mutation } from '../../mutations/mutation.ts';
import { mutations } from '../../mutations/mutations.ts';
import { DEFAULT_REVISION, revisions } from '../../registry/revisions.ts';
import type { Selection } from '../link/link.ts';
import type { OpenFinding } from './findings.ts';
import { openFindings } from './findings.ts';

/** A scenario to choose. */
export interface ListedScenario {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly callers?: string;
  readonly parameters: Parameters;
  /** Does it come from the user's script? */
  readonly isOwn: boolean;
}

/** A bug, with the worlds that show it. */
export interface ListedMutation {
  readonly id: string;
  readonly title: string;
  readonly source: string;
  readonly shown: readonly { readonly selection: Selection; readonly breaks: readonly string[] }[];
}

/** Everything that the forms of the page offer. */
export interface Catalogue {
  readonly defaultRevision: string;
  readonly scenarios: readonly ListedScenario[];
  readonly revisions: readonly { readonly id: string; readonly title: string; readonly where: string }[];
  readonly mutations: readonly ListedMutation[];
  readonly findings: readonly OpenFinding[];
}

function listedMutation({ id, title, source, shown }: Mutation): ListedMutation {
  return {
    id,
    title,
    source,
    shown: shown.map(({ scenario, revision, set = {}, breaks }) => ({
      selection: {
        scenario,
        revision,
        mutation: id,
        set: Object.fromEntries(Object.entries(set).map(([key, value]) => [key, String(value)])),
      },
      breaks,
    })),
  };
}

/**
 * Lists what there is.
 *
 * @param own - scenarios of the user's, which come first
 */
export function catalogueOf(own: readonly Scenario[]): Catalogue {
  const listed =
    (isOwn: boolean) =>
    (scenario: Scenario): ListedScenario => {
      const { id, title, description, callers, parameters } = scenario;
      return { id, title, description, ...(callers === undefined ? {} : { callers }), parameters, isOwn };
    };
  return {
    defaultRevision: DEFAULT_REVISION,
    scenarios: [...own.map(listed(true)), ...scenarios.map(listed(false))],
    revisions: revisions.map(({ id, title, where }) => ({ id, title, where })),
    mutations: [...own.flatMap((scenario) => scenario.mutations ?? []), ...mutations].map(listedMutation),
    findings: openFindings,
  };
}
