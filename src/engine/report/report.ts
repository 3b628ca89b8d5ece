// What an exploration found out, as plain data for the report formats (JUnit, KTAP); they know no world and no search.

/** What is known of one property at the end. */
export interface PropertyReport {
  readonly id: string;
  readonly title: string;
  /**
   * `unknown`: the search ended before it could say. `vacuous`: never violated, but what it speaks of never happened
   * either. `not-refuted`: nothing was found by a search that came to its end without having seen every state, as a swarm.
   */
  readonly verdict: 'holds' | 'violated' | 'unknown' | 'vacuous' | 'not-refuted';
  /** What is violated, or why it is unknown or vacuous. */
  readonly message?: string;
  /** The counterexample, in lines of text. */
  readonly trace?: readonly string[];
  /** Steps of the counterexample, where it has an end. */
  readonly steps?: number;
}

/** One exploration: a scenario on a revision, perhaps with a mutation. */
export interface ExplorationReport {
  readonly scenario: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly revision: string;
  readonly mutation: string | null;
  /** What else than states and steps was searched, or how else: `infinite runs`, `swarm`. */
  readonly about?: string;
  readonly verdict: 'holds' | 'violated' | 'incomplete' | 'not-refuted';
  /** The limit that ended an incomplete one: `states-limit`, `interrupted`. */
  readonly limit?: string;
  readonly states: number;
  readonly transitions: number;
  /** Steps from the initial state to the farthest one. */
  readonly depth: number;
  readonly seconds: number;
  /** Further figures by name, as text: `seed`. */
  readonly figures?: Readonly<Record<string, string>>;
  /** Which reductions were used: `{ symmetry: true, por: false }`. */
  readonly reductions?: Readonly<Record<string, boolean>>;
  readonly properties: readonly PropertyReport[];
}

/** `manager on v2p8 with b1, infinite runs`. */
export function reportName({ scenario, revision, mutation, about }: ExplorationReport): string {
  const under = mutation === null ? '' : ` with ${mutation}`;
  return `${scenario} on ${revision}${under}${about === undefined ? '' : `, ${about}`}`;
}

/** Parameters and figures of an exploration by name, as text, in the order in which they are shown. */
export function reportFigures(report: ExplorationReport): readonly (readonly [string, string])[] {
  const { parameters, states, transitions, depth, reductions, figures } = report;
  const used = Object.entries(reductions ?? {}).flatMap(([name, isUsed]) => (isUsed ? [name] : []));
  return [
    ...Object.entries(parameters).map(([name, value]) => [name, textOf(value)] as const),
    ['states', String(states)],
    ['transitions', String(transitions)],
    ['depth', String(depth)],
    ...(reductions === undefined ? [] : [['reductions', used.join(' ') || 'none'] as const]),
    ...Object.entries(figures ?? {}),
  ];
}

/** How an incomplete exploration ended: `incomplete: states-limit`. */
export function incompleteText({ limit }: ExplorationReport): string {
  return limit === undefined ? 'incomplete' : `incomplete: ${limit}`;
}

/** What a search is called that found nothing and has not seen everything. */
export const NOT_REFUTED = 'not refuted';

/** Why nothing can be said of a property that is unknown, vacuous or not refuted. */
export function undecidedText(report: ExplorationReport, { verdict, message }: PropertyReport): string {
  const reason = verdict === 'vacuous' ? 'vacuous' : verdict === 'not-refuted' ? NOT_REFUTED : incompleteText(report);
  return message === undefined || message === '' ? reason : `${reason}: ${message}`;
}

/** What is violated, and how far it is: `after 5 steps: p0 has no peer`. */
export function violationText({ message = 'violated', steps }: PropertyReport): string {
  return steps === undefined ? message : `after ${steps} ${steps === 1 ? 'step' : 'steps'}: ${message}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
}
