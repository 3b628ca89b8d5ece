// What the worker does for the page: one world at a time, its path, a search, a second world beside it. Everything it answers is
// plain data; what is wrong with what it is asked is an InputError.
import { InputError } from '../../engine/input-error.ts';
import type { Chart } from '../../engine/diagrams/chart.ts';
import { chartKey } from '../../engine/diagrams/chart-key.ts';
import { headline } from '../../scenarios/headline.ts';
import type { Parameters, Scenario } from '../../scenarios/define.ts';
import type { Selection } from '../link/link.ts';
import { chartFor } from '../session/blocked.ts';
import type { Comparison } from '../session/compare.ts';
import { compared } from '../session/compare.ts';
import type { Position, StepLine } from '../session/position.ts';
import { selectedWorld } from '../session/select.ts';
import type { Followed } from '../session/session.ts';
import { Session } from '../session/session.ts';
import type { Catalogue } from './catalogue.ts';
import { catalogueOf } from './catalogue.ts';
import type { ContentionAnswer, ContentionRequest } from './contention.ts';
import { contentionOf, structures } from './contention.ts';
import type { DocumentKind } from './document-kinds.ts';
import type { RunDocument } from './documents.ts';
import { documentOf } from './documents.ts';
import type { Explored, ExploreProgress, ExploreRequest } from './exploring.ts';
import { explored } from './exploring.ts';
import { expression } from './expression.ts';
import { sequencePicture, setsOf } from './pictures.ts';

/** An actor of the open world, with the chart of its machine. */
export interface OpenActor {
  readonly name: string;
  readonly machine: string;
  /** `charts/KEY.svg` is its picture, where the machine is a built-in one. */
  readonly chart: string;
}

/** A world that was opened. */
export interface OpenWorld {
  readonly headline: string;
  readonly title: string;
  readonly description: string;
  readonly callers?: string;
  readonly parameters: Parameters;
  readonly revision: string;
  readonly mutation: string | null;
  /** Fingerprint of the model. */
  readonly model: string;
  readonly actors: readonly OpenActor[];
  readonly charts: Readonly<Record<string, Chart>>;
}

/** What there is to know of a world before its first step. */
function openWorld({ assembled, world, model }: Session): OpenWorld {
  const { scenario, parameters, revision, mutation } = assembled;
  const charts = world.machines.map((machine) => chartFor(machine));
  const keys = charts.map(chartKey);
  return {
    headline: headline(assembled),
    title: scenario.title,
    description: scenario.description,
    ...(scenario.callers === undefined ? {} : { callers: scenario.callers }),
    parameters,
    revision: revision.id,
    mutation: mutation?.id ?? null,
    model,
    actors: world.actors.map(({ address, machine, definition }) => ({
      name: address,
      machine: definition.machine.id,
      chart: keys[machine] ?? '',
    })),
    charts: Object.fromEntries(charts.map((chart, i) => [keys[i], chart])),
  };
}

/** The path and where one stands. */
export interface Standing {
  /** Lines from `from` on: those before are as they were. */
  readonly from: number;
  readonly lines: readonly StepLine[];
  readonly position: Position;
}

/** The laboratory in a worker. */
export class Lab {
  readonly #own: Scenario[];
  #opened: { readonly selection: Selection; readonly session: Session } | undefined;
  #search: AbortController | undefined;
  /** Sliders that have moved on. */
  #sliders = 0;

  /** @param own - scenarios of the user's */
  constructor(own: readonly Scenario[] = []) {
    this.#own = [...own];
  }

  /** Scenarios, revisions, mutations, findings. */
  catalogue(): Catalogue {
    return catalogueOf(this.#own);
  }

  /** Takes in a scenario of the user's. */
  add(scenario: Scenario): void {
    this.#own.push(scenario);
  }

  /**
   * Opens a world in its initial state. A search of the one before is ended; where the selection is refused, everything stays as it was.
   *
   * @throws InputError where the selection names what there is not
   */
  open(selection: Selection): { readonly world: OpenWorld; readonly position: Position } {
    const session = new Session(selectedWorld(selection, this.#own));
    const position = session.at(0);
    this.cancel();
    this.#opened = { selection, session };
    return { world: openWorld(session), position };
  }

  get #current(): { readonly selection: Selection; readonly session: Session } {
    if (this.#opened === undefined) throw new InputError('IRQB700', 'no world is open');
    return this.#opened;
  }

  get #open(): Session {
    return this.#current.session;
  }

  /** What there is at a step; the path stays as it is. */
  at(step: number): Position {
    return this.#open.at(Math.max(0, Math.min(step, this.#open.length)));
  }

  #standing(from: number): Standing {
    const session = this.#open;
    return { from, lines: session.lines(from), position: session.at(session.length) };
  }

  /** Takes a choice at a step; what came after that step is forgotten. */
  take(step: number, choice: string): Standing {
    this.#open.cut(step);
    this.#open.take(choice);
    return this.#standing(step);
  }

  /** Walks on from a step, by chance. */
  walk(step: number, seed: number, atMost: number): Standing {
    this.#open.cut(step);
    this.#open.walk('random', seed, atMost);
    return this.#standing(step);
  }

  /** Follows a path from the initial state, as far as it leads. */
  follow(path: string): Standing & { readonly followed: Followed } {
    const followed = this.#open.follow(path);
    return { ...this.#standing(0), followed };
  }

  /** Explores the open world. One search at a time: the one before is ended. */
  async explore(request: ExploreRequest, progress: (progress: ExploreProgress) => void): Promise<Explored> {
    this.cancel();
    const search = new AbortController();
    this.#search = search;
    // A world of its own: the path is walked on while it is searched.
    const again = selectedWorld(this.#current.selection, this.#own);
    return explored(again, request, progress, search.signal);
  }

  /** Ends the search that is under way. */
  cancel(): void {
    this.#search?.abort();
    this.#search = undefined;
  }

  /** The choices of the path in another world. */
  compare(selection: Selection): Comparison & { readonly headline: string } {
    const other = new Session(selectedWorld(selection, this.#own));
    return { ...compared(this.#open, other), headline: headline(other.assembled) };
  }

  /** What an expression is worth along the path: the initial state first. */
  column(source: string): string[] {
    return this.#open.states().map(expression(source));
  }

  /** The run up to a step as a document. */
  async document(kind: DocumentKind, upTo: number, link: string): Promise<RunDocument> {
    return documentOf(this.#open, kind, upTo, link);
  }

  /** The steps of the path from `from` on, up to `end`, as a sequence diagram (SVG); `current` is marked. */
  sequence(from: number, end: number, current: number): ReturnType<typeof sequencePicture> {
    return sequencePicture(this.#open, from, end, current);
  }

  /** The manager's two sets at a step, as pictures (SVG); none where the world has no manager. */
  sets(step: number): readonly { readonly title: string; readonly svg: string }[] {
    return setsOf(this.#open, Math.min(step, this.#open.length));
  }

  /** Structures that the sliders choose from. */
  structures(): typeof structures {
    return structures;
  }

  /** What the contention model says; null where it was asked again meanwhile. */
  async contention(requests: readonly ContentionRequest[]): Promise<readonly ContentionAnswer[] | null> {
    const mine = ++this.#sliders;
    const answers: ContentionAnswer[] = [];
    for (const request of requests) {
      const answer = await contentionOf(request, () => mine !== this.#sliders);
      if (answer === null) return null;
      answers.push(answer);
    }
    return answers;
  }
}
