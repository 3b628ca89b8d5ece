// Which transitions of the machines were taken, and how their guards came out.
//
// XState's inspection tells of every microstep which transitions it took; guards are wrapped where they are provided. A
// remembered step is not run again, so this is asked once for each distinct step, which is enough.
import type { AnyStateMachine, AnyTransitionDefinition } from 'xstate';
import type { Machine } from '../actors/machine.ts';

type StateNode = AnyStateMachine['root'];
type Guard = (args: unknown, params: unknown) => boolean;

/** What was met so far, of all machines of a world. */
export interface MachineCoverage {
  /** Transitions in all, and those never taken: `registry locked.connecting: hasFailed -> starting`. */
  readonly transitions: number;
  readonly neverTaken: readonly string[];
  /** Named guards in all, and outcomes never seen: `registry undoes: never true`. */
  readonly guards: number;
  readonly neverSeen: readonly string[];
}

/** A transition in words. */
function textOf(machine: string, { source, eventType, guard, target }: AnyTransitionDefinition): string {
  const from = source.path.join('.') || 'top';
  const named = guard as { readonly type?: string } | string | undefined;
  const condition = named === undefined ? '' : ` [${typeof named === 'string' ? named : String(named.type)}]`;
  const to = target === undefined ? '' : ` -> ${target.map((node: StateNode) => node.path.join('.')).join(', ')}`;
  return `${machine} ${from}: ${eventType === '' ? 'always' : eventType}${condition}${to}`;
}

function transitionsOf(node: StateNode): AnyTransitionDefinition[] {
  const own = [...node.transitions.values()].flat();
  const always = node.always ?? [];
  return [...own, ...always, ...Object.values(node.states).flatMap((child) => transitionsOf(child))];
}

/** Takes note of what the machines of a world do. */
export class CoverageNotes {
  /** While set, nothing is noted: the machines are only tried out. */
  isPaused = false;
  readonly #taken = new Set<string>();
  readonly #outcomes = new Set<string>();
  readonly #machines: readonly Machine[];

  constructor(machines: readonly Machine[]) {
    this.#machines = machines;
  }

  /** The machine with guards that are listened to. */
  listenTo({ id, logic }: Machine): AnyStateMachine {
    const guards = Object.entries(logic.implementations.guards ?? {}).map(([guard, implementation]) => {
      const original = implementation as unknown as Guard;
      const heard: Guard = (args, params) => {
        const outcome = original(args, params);
        if (!this.isPaused) this.#outcomes.add(`${id} ${guard}: ${outcome}`);
        return outcome;
      };
      return [guard, heard] as const;
    });
    return logic.provide({ guards: Object.fromEntries(guards) } as never);
  }

  /** A microstep took these transitions. */
  taken({ id }: Machine, transitions: readonly AnyTransitionDefinition[]): void {
    if (this.isPaused) return;
    for (const transition of transitions) this.#taken.add(textOf(id, transition));
  }

  /** Everything noted, as text: for checkpoints. */
  get notes(): readonly string[] {
    return [...this.#taken, ...[...this.#outcomes].map((text) => `guard ${text}`)];
  }

  /** Takes over the notes of an earlier run. */
  adopt(notes: readonly string[]): void {
    for (const note of notes) {
      if (note.startsWith('guard ')) this.#outcomes.add(note.slice('guard '.length));
      else this.#taken.add(note);
    }
  }

  /** What was met and what was not, of the machines with these numbers: those that some actor runs. */
  coverageOf(numbers: ReadonlySet<number>): MachineCoverage {
    const machines = this.#machines.filter((_, number) => numbers.has(number));
    const transitions = new Set(
      machines.flatMap(({ id, logic }) => transitionsOf(logic.root).map((one) => textOf(id, one))),
    );
    const guards = machines.flatMap(({ id, logic }) =>
      Object.keys(logic.implementations.guards ?? {}).map((guard) => `${id} ${guard}`),
    );
    return {
      transitions: transitions.size,
      neverTaken: [...transitions].filter((one) => !this.#taken.has(one)),
      guards: guards.length,
      neverSeen: guards.flatMap((guard) =>
        [true, false]
          .filter((outcome) => !this.#outcomes.has(`${guard}: ${outcome}`))
          .map((one) => `${guard}: never ${one}`),
      ),
    };
  }
}
