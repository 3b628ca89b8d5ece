// What this project needs of XState beside its public API, in one place: test/engine/actors/xstate-internals.test.ts breaks
// when an upgrade changes it.
import type {
  AnyActorScope,
  AnyMachineSnapshot,
  AnyStateMachine,
  AnyTransitionDefinition,
  InspectionEvent,
} from 'xstate';
import { createActor } from 'xstate';
import { transition } from './failure.ts';
import { MachineError } from './machine-error.ts';

/** Value and context of a snapshot. */
export interface Snapshot {
  readonly value: unknown;
  readonly context: Readonly<Record<string, unknown>>;
}

/** An action that a transition wants done. */
export interface Wanted {
  readonly type: string;
  readonly params: unknown;
}

/** Transitions that a machine takes by itself (`always`) in one go. */
const MICROSTEPS_MAX = 1000;

/** Ends a macrostep that does not end. */
class MicrostepLimit {
  readonly #machine: string;
  #taken = 0;

  constructor(machine: string) {
    this.#machine = machine;
  }

  /** For an actor's `inspect`. */
  readonly inspect = (event: InspectionEvent): void => {
    if (event.type !== '@xstate.microstep') return;
    this.#taken += 1;
    if (this.#taken <= MICROSTEPS_MAX) return;
    const on = event.event.type === 'xstate.init' ? 'at the start' : `on "${event.event.type}"`;
    throw new MachineError('chart', `machine ${this.#machine}: transitions without end (always) ${on}`);
  };

  /** Another macrostep begins. */
  restart(): void {
    this.#taken = 0;
  }
}

/** Computes transitions of one machine: the same scope each time, where XState's `transition()` makes one a call. */
export class Stepper {
  readonly #logic: AnyStateMachine;
  readonly #scope: AnyActorScope;
  readonly #wanted: Wanted[] = [];
  readonly #limit: MicrostepLimit;
  /** A snapshot of each state value that was met: which nodes are active is found out once. */
  readonly #resolved = new Map<string, AnyMachineSnapshot>();

  /** `taken` is told which transitions each microstep takes. */
  constructor(logic: AnyStateMachine, taken: (transitions: readonly AnyTransitionDefinition[]) => void) {
    this.#logic = logic;
    this.#limit = new MicrostepLimit(logic.id);
    const self = createActor(logic, { input: { self: '', wiring: {}, constants: {} }, inspect: this.#limit.inspect });
    self.system.inspect((event) => {
      if (event.type === '@xstate.microstep') taken(event._transitions);
    });
    this.#scope = {
      self,
      system: self.system,
      id: '',
      sessionId: '',
      logger: () => {},
      defer: () => {},
      emit: () => {},
      stopChild: () => {},
      actionExecutor: (action) => this.#wanted.push(action),
    };
  }

  /** One macrostep; the actions of `type` that it wants done, in order. */
  step({ value, context }: Snapshot, event: { readonly type: string }, type: string): Snapshot & { wanted: unknown[] } {
    this.#wanted.length = 0;
    this.#limit.restart();
    const snapshot = this.#snapshot(value, context);
    const next = transition(() => this.#logic.transition(snapshot, event, this.#scope)) as unknown as Snapshot;
    const wanted = this.#wanted.filter((action) => action.type === type).map(({ params }) => params);
    return { value: next.value, context: next.context, wanted };
  }

  /** Would an event be taken? Its guards are asked. */
  can({ value, context }: Snapshot, event: { readonly type: string }): boolean {
    // Not snapshot.can(), to which a transition without target and actions is none.
    const snapshot = this.#snapshot(value, context);
    return transition(() => this.#logic.getTransitionData(snapshot, event)).length > 0;
  }

  #snapshot(value: unknown, context: Snapshot['context']): AnyMachineSnapshot {
    const key = typeof value === 'string' ? value : JSON.stringify(value);
    let resolved = this.#resolved.get(key);
    if (resolved === undefined) {
      resolved = this.#logic.resolveState({ value: value as never, context }) as AnyMachineSnapshot;
      this.#resolved.set(key, resolved);
    }
    return { ...resolved, context } as AnyMachineSnapshot;
  }
}

/** The snapshot in which a machine starts. */
export function initialSnapshot(logic: AnyStateMachine, input: unknown): Snapshot {
  // Not initialTransition(), which first makes an actor without input.
  return transition(() =>
    expectSound(
      createActor(logic, { input, inspect: new MicrostepLimit(logic.id).inspect }).getSnapshot() as AnyMachineSnapshot,
    ),
  );
}

/** XState keeps what a machine throws at start, or what a live actor throws at all, in its snapshot. */
export function expectSound(snapshot: AnyMachineSnapshot): Snapshot {
  if (snapshot.status === 'error') throw snapshot.error;
  return snapshot;
}
