// A world that somebody steps through: a path of choices from the initial state, and what is to be seen at any step of it.
import { InputError } from '../../engine/input-error.ts';
import { StepChecks } from '../../engine/explorer/counterexamples/step-checks.ts';
import type { Broken } from '../../engine/explorer/counterexamples/step-checks.ts';
import type { SchedulerName } from '../../engine/world/schedulers.ts';
import { createScheduler } from '../../engine/world/schedulers.ts';
import { happening } from '../../engine/traces/narrate.ts';
import type { Property } from '../../engine/world/property.ts';
import { isOfRunsOnly } from '../../engine/world/property.ts';
import type { TraceStep } from '../../engine/world/trace.ts';
import { TracedRun } from '../../engine/world/trace.ts';
import { WorldView } from '../../engine/world/view.ts';
import type { Row, World } from '../../engine/world/world.ts';
import { whyVacuous } from '../../engine/report/finding.ts';
import type { Assembled } from '../../scenarios/assembled.ts';
import { locksIn } from '../../scenarios/locks-of-world.ts';
import { choiceCodes, codesOf } from '../link/choice-codes.ts';
import { fingerprintText } from '../link/fingerprint.ts';
import { STEPS_MAX } from '../link/link.ts';
import { modelFingerprint } from '../link/model-fingerprint.ts';
import { blockedIn, busyIn } from './blocked.ts';
import { activePaths, leavesOf } from './leaves.ts';
import type { OfferedChoice, Position, PropertyStatus, StepLine } from './position.ts';

/** What one step of the path showed of the properties. */
interface Judged {
  readonly broken: readonly Broken[];
  /** Ids of the properties whose occasion it was. */
  readonly met: readonly string[];
}

/** How far a path could be followed. */
export interface Followed {
  /** Steps that were taken. */
  readonly steps: number;
  /** Why it went no further; absent where all of it was followed. */
  readonly stopped?: string;
}

/** One world, one path through it. */
export class Session {
  readonly assembled: Assembled;
  readonly world: World;
  /** Fingerprint of the model, for links. */
  readonly model: string;
  readonly #properties: readonly Property[];
  readonly #before: Row;
  readonly #after: Row;
  #run: TracedRun;
  #checks: StepChecks;
  /** The states along the path, the initial one first, and what was seen of each. */
  #rows: Row[] = [];
  #judged: Judged[] = [];
  #lines: StepLine[] = [];

  constructor(assembled: Assembled) {
    this.assembled = assembled;
    this.world = assembled.world;
    this.model = modelFingerprint(this.world);
    this.#properties = assembled.properties;
    this.#before = this.world.initial();
    this.#after = this.world.initial();
    this.#run = new TracedRun(this.world);
    this.#checks = this.#enterInitial();
  }

  /** Steps of the path. */
  get length(): number {
    return this.#lines.length;
  }

  /** The steps as a list shows them, from `from` (0 for the first) on. */
  lines(from = 0): readonly StepLine[] {
    return this.#lines.slice(from);
  }

  /** The steps as traces have them. */
  get steps(): readonly TraceStep[] {
    return this.#run.steps;
  }

  /** The state before the first step, as traces have it. */
  get initial(): Readonly<Record<string, unknown>> {
    return this.#stateAt(0);
  }

  /** The path as a link has it, up to a step. */
  path(upTo = this.length): string {
    return this.#lines
      .slice(0, upTo)
      .map(({ code }) => code)
      .join('');
  }

  /** The state at a step, as a row. */
  rowAt(step: number): Row {
    const row = this.#rows[step];
    if (row === undefined) throw new RangeError(`the path has ${this.length} steps, there is no step ${step}`);
    return row;
  }

  /** Forgets the path. */
  #begin(): void {
    this.#run = new TracedRun(this.world);
    this.#checks = this.#enterInitial();
  }

  /** Looks at the initial state; answers what asks the properties from there on. */
  #enterInitial(): StepChecks {
    const { row } = this.#run;
    this.#before.set(row);
    this.#after.set(row);
    const checks = new StepChecks(this.world, this.#properties, this.#before, this.#after);
    this.#lines = [];
    this.#rows = [row];
    this.#judged = [{ broken: checks.ofState(), met: this.#metAtEnd() }];
    return checks;
  }

  /** Goes back to a step: what came after it is forgotten. */
  cut(step: number): void {
    if (step >= this.length) return;
    const names = this.#lines.slice(0, step).map(({ choice }) => choice);
    this.#begin();
    for (const name of names) this.take(name);
  }

  /**
   * Takes a choice at the end of the path.
   *
   * @param name - its name (`World.nameOf`)
   * @throws TraceError where it is not offered there
   */
  take(name: string): void {
    if (this.length >= STEPS_MAX)
      throw new InputError('IRQB705', `the path has ${this.length} steps`, {
        hint: `at most ${STEPS_MAX}: go back, or begin anew`,
      });
    const choices = this.#run.choices();
    const names = choices.map((one) => this.world.nameOf(one));
    const place = names.indexOf(name);
    const event = choices[place]?.event ?? -1;
    this.#before.set(this.#run.row);
    const step = this.#run.take(place < 0 ? name : place);
    this.#after.set(this.#run.row);
    this.#rows.push(this.#run.row);
    const broken = this.#checks.ofStep(event, step.observations);
    const isStuck = this.#run.choices().length === 0;
    const all = isStuck ? [...broken, ...this.#checks.ofEnd()] : broken;
    this.#judged.push({ broken: all, met: [...this.#metBy(step), ...this.#metAtEnd()] });
    this.#lines.push(this.#lineOf(step, choiceCodes(names).get(name) ?? '', all));
  }

  #lineOf(step: TraceStep, code: string, broken: readonly Broken[]): StepLine {
    const { from, to, thread, message, calls, choice } = step;
    return {
      step: step.step,
      code,
      choice,
      thread,
      actors: [...new Set([thread, from, to, ...calls.flatMap((call) => [call.from, call.to])])],
      events: [...new Set([message.type, ...calls.map((call) => call.message.type)])],
      text: happening(this.world.language, step),
      breaks: [...new Set(broken.map(({ property }) => property))],
    };
  }

  #metBy({ to, message, observations }: TraceStep): string[] {
    const shown = { event: { to, message }, observations };
    return this.#properties.flatMap(({ id, sometimes }) => (sometimes?.step?.(shown) === true ? [id] : []));
  }

  #metAtEnd(): string[] {
    if (!this.world.isFinal(this.#run.row)) return [];
    return this.#properties.flatMap(({ id, sometimes }) => (sometimes?.final === true ? [id] : []));
  }

  /**
   * Follows a path as a link has it, from the initial state, as far as its choices are offered.
   *
   * @param path - codes of choices, two characters each
   * @returns how many steps were taken, and why no more
   */
  follow(path: string): Followed {
    this.#begin();
    const codes = codesOf(path);
    for (const [i, code] of codes.entries()) {
      const offered = choiceCodes(this.#run.choices().map((one) => this.world.nameOf(one)));
      const found = [...offered].find(([, own]) => own === code);
      if (found === undefined) {
        const are = [...offered.keys()].slice(0, 5).join(', ');
        const can =
          offered.size === 0 ? 'nothing can happen there' : `offered are: ${are}${offered.size > 5 ? ', ...' : ''}`;
        return { steps: i, stopped: `step ${i + 1} of ${codes.length}: no choice has the code ${code}; ${can}` };
      }
      this.take(found[0]);
    }
    return { steps: codes.length };
  }

  /**
   * Takes steps as a scheduler picks them, from the end of the path on.
   *
   * @param name - of the scheduler
   * @param seed - whole number
   * @param atMost - steps; a property that is violated ends the walk earlier
   */
  walk(name: SchedulerName, seed: number, atMost: number): void {
    const scheduler = createScheduler(name, this.world, seed);
    for (let taken = 0; taken < atMost; taken++) {
      const choices = this.#run.choices();
      const picked = choices[choices.length === 0 ? -1 : scheduler(this.#run.row, choices)];
      if (picked === undefined) return;
      this.take(this.world.nameOf(picked));
      if ((this.#judged.at(-1)?.broken.length ?? 0) > 0) return;
    }
  }

  /** Everything about the state at a step. */
  at(step: number): Position {
    const row = this.rowAt(step);
    const view = new WorldView(this.world, row);
    const locks = locksIn(this.world, row);
    const state = this.#stateAt(step);
    const choices = this.#choicesOf(row);
    const blocked = blockedIn(this.world, row, locks);
    const actors = this.world.actors.map(({ address }) => address);
    return {
      step,
      choices,
      blocked,
      busy: busyIn(this.world, row, new Set([...choices, ...blocked].map(({ actor }) => actor))),
      done: this.world.actors.flatMap(({ address, actsByItself }) =>
        actsByItself && view.isDone(address) ? [address] : [],
      ),
      isFinal: this.world.isFinal(row),
      leaves: leavesOf(step === 0 ? null : this.#stateAt(step - 1), state),
      active: Object.fromEntries(actors.map((actor) => [actor, activePaths(view.value(actor))])),
      properties: this.#statusAt(step),
      locks,
      state: fingerprintText(JSON.stringify(state)),
    };
  }

  /** The state at a step, as traces have it. */
  #stateAt(step: number): Readonly<Record<string, unknown>> {
    if (step > 0) return this.#run.steps[step - 1]?.state ?? {};
    return new WorldView(this.world, this.rowAt(0)).toJSON();
  }

  /** States of the whole path, the initial one first, as traces have them. */
  states(): Readonly<Record<string, unknown>>[] {
    return [this.initial, ...this.#run.steps.map(({ state }) => state)];
  }

  #choicesOf(row: Row): OfferedChoice[] {
    const choices = this.world.choices(row);
    const names = choices.map((one) => this.world.nameOf(one));
    const codes = choiceCodes(names);
    return choices.map((choice, i): OfferedChoice => {
      const name = names[i] ?? '';
      const { to } = this.world.transitions.event(choice.event);
      const actor = this.world.actors[this.world.whoseStep(choice)]?.address ?? to;
      return { name, code: codes.get(name) ?? '', actor, to };
    });
  }

  #statusAt(step: number): PropertyStatus[] {
    const until = this.#judged.slice(0, step + 1);
    return this.#properties.map((property): PropertyStatus => {
      const { id, title } = property;
      const at = until.findIndex(({ broken }) => broken.some((one) => one.property === id));
      if (at >= 0) {
        const message = until[at]?.broken.find((one) => one.property === id)?.message ?? '';
        return { id, title, status: 'violated', message, at };
      }
      if (isOfRunsOnly(property)) return { id, title, status: 'runs' };
      const isMet = property.sometimes === undefined || until.some(({ met }) => met.includes(id));
      return isMet ? { id, title, status: 'holds' } : { id, title, status: 'vacuous', message: whyVacuous(property) };
    });
  }
}
