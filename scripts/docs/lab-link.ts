// Links into the lab: the address of one view of it, by keys that a reader can change by hand.

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
  /** Beside text: without what is around the views. */
  readonly isEmbedded?: boolean | undefined;
}

/** The part of the address after `#`. */
export function labHash(view: LabView): string {
  const { scenario, revision, mutation, set = {}, explores = false, property, isEmbedded = false } = view;
  const pairs: (readonly [string, string])[] = [
    ['scenario', scenario],
    ...(revision === undefined ? [] : [['revision', revision] as const]),
    ...(mutation === undefined ? [] : [['mutation', mutation] as const]),
    ...Object.entries(set).map(([key, value]) => [`set.${key}`, String(value)] as const),
    ...(explores ? [['explore', '1'] as const, ['at', 'end'] as const] : []),
    ...(property === undefined ? [] : [['property', property] as const]),
    ...(isEmbedded ? [['embed', '1'] as const] : []),
  ];
  return pairs.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&');
}

/** The address in the site. */
export function labAddress(view: LabView): string {
  return `/lab/index.html#${labHash(view)}`;
}
