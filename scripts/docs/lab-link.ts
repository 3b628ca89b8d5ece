// Links into the lab: the address of one view of it, by keys that a reader can change by hand.
import { linkText } from '../../src/studio/link/link.ts';

/** What the lab shall show. */
export interface LabView {
  readonly scenario: string;
  readonly revision?: string | undefined;
  readonly mutation?: string | undefined;
  readonly set?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Explore at once, and open the counterexample at its end, where there is one. */
  readonly explores?: boolean | undefined;
  /** The property whose counterexample that is; the first one where absent. */
  readonly property?: string | undefined;
}

/** The part of the address after `#`. */
export function labHash({ scenario, revision, mutation, set = {}, explores = false, property }: LabView): string {
  return linkText({
    scenario,
    ...(revision === undefined ? {} : { revision }),
    ...(mutation === undefined ? {} : { mutation }),
    set: Object.fromEntries(Object.entries(set).map(([key, value]) => [key, String(value)])),
    path: '',
    explore: explores,
    ...(explores ? { at: 'end' } : {}),
    ...(property === undefined ? {} : { property }),
    embed: false,
  });
}

/** The address in the site. */
export function labAddress(view: LabView): string {
  return `/lab/index.html#${labHash(view)}`;
}
