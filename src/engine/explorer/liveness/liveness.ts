// Liveness: claims "P leads to Q" over all weakly fair runs of a world.
//
// Fairness is that of the models, not of a scheduler. An actor is a channel of messages in flight: a thread inside a call,
// the registry with its callbacks, an irqfd. Weakly fair to each: an actor of which some message can be delivered in every
// state from some point on has messages delivered for ever. No fairness between a thread's calls, none to call at all (an
// environment may stop calling, so a run may end where nothing can be delivered), none between the environment's answers.
// A claim may take strong fairness to some deliveries for granted (LeadsTo.inTurn): locks that serve waiters in turn.
// Baier, Katoen, "Principles of Model Checking", 3.5 and 6.2.
import { InputError } from '../../input-error.ts';
import type { LeadsTo, Property } from '../../world/property.ts';
import type { EventId } from '../../world/local-transitions.ts';
import type { World } from '../../world/world.ts';
import type { Exploration, Limits } from '../search/explore.ts';
import { explore } from '../search/explore.ts';
import type { Host } from '../search/host.ts';
import type { TurnOf } from './closed-walk.ts';
import { NO_TURN } from './closed-walk.ts';
import type { PlaceLasso } from './fair-runs.ts';
import { DUE, FairRuns, OPEN } from './fair-runs.ts';
import type { Lasso } from './lasso.ts';
import { validateLasso } from './lasso.ts';
import { CALL, RunGraph } from '../graph/explored-graph.ts';
import { Watch } from '../search/watch.ts';

/** A liveness search that would not be sound, or has nothing to check: wrong input. */
export class LivenessError extends InputError {
  override readonly name = 'LivenessError';

  constructor(message: string, cause?: unknown) {
    super('IRQB106', message, { cause });
  }
}

/** What a liveness search is asked for. */
export interface LivenessOptions extends Limits {
  /** Properties with a claim about runs. */
  readonly properties: readonly Property[];
  /** Called now and then while states are searched for. */
  readonly progress?: (progress: LivenessProgress) => void;
  /** Its abort ends the search as interrupted. */
  readonly signal?: AbortSignal;
  /** What the search runs in: it tells the memory. */
  readonly host?: Host;
  /** Refused: see LivenessError. */
  readonly symmetry?: boolean;
  /** Refused: see LivenessError. */
  readonly por?: boolean;
}

/** Where a search stands: looking for states, asking claims of them, or looking for runs of one property. */
export interface LivenessProgress {
  readonly phase: 'states' | 'claims' | 'runs';
  /** The property whose runs are looked for. */
  readonly property?: string;
  readonly states: number;
  readonly transitions: number;
  /** Seconds since the beginning. */
  readonly seconds: number;
}

/** A property that some weakly fair run violates, with such a run. */
export interface LivenessViolation extends Lasso {
  readonly property: string;
  /** Whom the violated claim is about. */
  readonly subject: string;
  readonly message: string;
}

/** What a liveness search found out. */
export interface Liveness extends Pick<
  Exploration,
  'limit' | 'limitMessage' | 'states' | 'transitions' | 'depth' | 'seconds' | 'memoryMiB'
> {
  readonly verdict: 'holds' | 'violated' | 'incomplete';
  /** One per violated property: the shortest found, stem and cycle together; in the order of the properties. */
  readonly violations: readonly LivenessViolation[];
  /** Properties that say nothing here: no state makes any claim of theirs due. */
  readonly vacuous: readonly string[];
}

interface Claim extends LeadsTo {
  readonly property: string;
  /** OPEN and DUE, by state. */
  readonly status: Uint8Array;
  isMet: boolean;
}

/**
 * Checks liveness properties of a world: does some weakly fair run violate one?
 *
 * @param world - the world, of which all states are looked at first
 * @param options - properties with a claim about runs, and limits
 * @returns the verdict, a run for each violated property, and counts
 * @throws LivenessError where symmetry or partial order reduction is asked for, or a property has no claim about runs
 * @throws InputError where a limit of memory is asked for, and the host does not tell its memory
 */
export async function checkLiveness(world: World, options: LivenessOptions): Promise<Liveness> {
  refuse(options);
  return new Search(world, options).run();
}

function refuse({ properties, symmetry, por }: LivenessOptions): void {
  if (symmetry === true) {
    throw new LivenessError(
      'liveness with symmetry: a cycle of merged states may serve a thread under the name of another, so that nobody seems to wait for ever; leave symmetry out (--no-symmetry)',
    );
  }
  if (por === true) {
    throw new LivenessError(
      'liveness with partial order reduction: it may put a call off for ever, and a run without it is another one; leave the reduction out (--no-por)',
    );
  }
  const other = properties.find(({ liveness }) => liveness === undefined);
  if (other !== undefined)
    throw new LivenessError(`${other.id} says nothing about runs: it is checked without a liveness search`);
}

/** The limits after which the part of the graph that is there is searched all the same. */
const isPartWorthSearching = (limit: Exploration['limit']): boolean =>
  limit === 'states-limit' || limit === 'world-limit';

class Search {
  readonly #world: World;
  readonly #options: LivenessOptions;
  readonly #watch: Watch;
  readonly #graph: RunGraph;
  #claims: Claim[] = [];
  #violations: LivenessViolation[] = [];

  constructor(world: World, options: LivenessOptions) {
    this.#world = world;
    this.#options = options;
    this.#watch = new Watch(options);
    this.#graph = new RunGraph(world);
  }

  async run(): Promise<Liveness> {
    const { maxStates, maxMemoryMiB, maxSeconds, signal, host, progress } = this.#options;
    const graph = this.#graph;
    const found = await explore(this.#world, {
      properties: [],
      edge: (from, event, to) => graph.add(from, event, to),
      ...(maxStates === undefined ? {} : { maxStates }),
      ...(maxMemoryMiB === undefined ? {} : { maxMemoryMiB }),
      ...(maxSeconds === undefined ? {} : { maxSeconds }),
      ...(signal === undefined ? {} : { signal }),
      ...(host === undefined ? {} : { host }),
      ...(progress === undefined ? {} : { progress: () => this.#report('states') }),
    });
    if (found.limit === undefined || isPartWorthSearching(found.limit)) {
      await this.#ask(found.limit === undefined);
      await this.#searchRuns();
    }
    return this.#result(found);
  }

  /** Asks every claim of every state. */
  async #ask(isWhole: boolean): Promise<void> {
    const { states } = this.#graph;
    this.#claims = this.#options.properties.flatMap(({ id, liveness }) =>
      (liveness?.checks(this.#world) ?? []).map((claim) => ({
        ...claim,
        property: id,
        status: new Uint8Array(states),
        isMet: false,
      })),
    );
    this.#report('claims');
    await this.#graph.label(this.#watch, isWhole, (id, isExpanded, view) => {
      for (const claim of this.#claims) {
        const isDue = claim.from(view);
        claim.isMet ||= isDue;
        // What a state leads to that was not expanded is not known: no run is followed through it.
        if (isExpanded && !claim.to(view)) claim.status[id] = isDue ? OPEN | DUE : OPEN;
      }
    });
  }

  /** Looks for the shortest violating run of every property. */
  async #searchRuns(): Promise<void> {
    const runs = new FairRuns(this.#graph);
    for (const id of new Set(this.#options.properties.map((property) => property.id))) {
      this.#report('runs', id);
      let best: LivenessViolation | undefined;
      for (const claim of this.#claims.filter(({ property, isMet }) => property === id && isMet)) {
        if (this.#watch.limit !== undefined) break;
        const found = await runs.find(claim.status, this.#turnOf(claim), this.#watch);
        if (found === undefined) continue;
        const lasso = this.#toChoices(found);
        validateLasso(this.#world, claim, lasso);
        const { subject, message } = claim;
        if (best === undefined || sizeOf(lasso) < sizeOf(best)) best = { property: id, subject, message, ...lasso };
      }
      if (best !== undefined) this.#violations.push(best);
    }
  }

  /** Strong fairness is due to each actor that asks each recipient in turn. */
  #turnOf({ inTurn }: LeadsTo): TurnOf {
    const world = this.#world;
    const { actor, event } = this.#graph;
    const recipients = new Map<EventId, number>();
    const recipientOf = (id: EventId): number => {
      const known = recipients.get(id);
      if (known !== undefined) return known;
      const recipient = inTurn?.(world.transitions.event(id)) === true ? world.recipient(id) : NO_TURN;
      recipients.set(id, recipient);
      return recipient;
    };
    return (place) => {
      const whose = actor[place] as number;
      if (inTurn === undefined || whose === CALL) return NO_TURN;
      const recipient = recipientOf(event[place] as EventId);
      return recipient === NO_TURN ? NO_TURN : whose * world.actors.length + recipient;
    };
  }

  /** From places to indexes of choices. */
  #toChoices({ stem, cycle }: PlaceLasso): Lasso {
    const graph = this.#graph;
    const choice = (place: number): number => place - (graph.first[graph.source(place)] as number);
    return { stem: stem.map(choice), cycle: cycle.map(choice) };
  }

  #report(phase: LivenessProgress['phase'], property?: string): void {
    const { states, transitions } = this.#graph;
    const { seconds } = this.#watch;
    this.#options.progress?.({
      phase,
      ...(property === undefined ? {} : { property }),
      states,
      transitions,
      seconds,
    });
  }

  #result(found: Exploration): Liveness {
    const limit = this.#watch.limit ?? found.limit;
    const violated = this.#violations.length > 0;
    const met = new Set(this.#claims.filter(({ isMet }) => isMet).map(({ property }) => property));
    return {
      verdict: violated ? 'violated' : limit === undefined ? 'holds' : 'incomplete',
      ...(limit === undefined ? {} : { limit }),
      ...(found.limitMessage === undefined ? {} : { limitMessage: found.limitMessage }),
      states: found.states,
      transitions: found.transitions,
      depth: found.depth,
      seconds: this.#watch.seconds,
      memoryMiB: this.#watch.memoryMiB,
      violations: this.#violations,
      // What a search that did not end has not met it may yet meet.
      vacuous: limit === undefined ? this.#options.properties.map(({ id }) => id).filter((id) => !met.has(id)) : [],
    };
  }
}

const sizeOf = ({ stem, cycle }: Lasso): number => stem.length + cycle.length;
