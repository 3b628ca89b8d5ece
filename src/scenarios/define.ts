// How a scenario is written: which actors exist, what the threads may do, which faults may strike.
//
// A script describes threads as lists of steps; a step is one call, or a choice between calls. It may bring machines,
// properties and mutations of its own beside the built-in ones. `build` turns it into the definition of a world.
import type { Machine } from '../engine/actors/machine.ts';
import type { Value } from '../engine/actors/name.ts';
import type { Property } from '../engine/world/property.ts';
import type { WorldDefinition } from '../engine/world/definition.ts';
import type { Policy } from '../machines/manager/policy.ts';
import type { Callback } from '../machines/manager/protocol.ts';
import { errno } from '../machines/kernel/call.ts';
import type { ProgramStep } from '../machines/manager/program.ts';
import type { Discipline } from '../machines/manager/tokens.ts';
import type { Mutation } from '../mutations/mutation.ts';

/** Parameters of a scenario: what `--set key=value` overrides. */
export type Parameters = Readonly<Record<string, number | boolean | string>>;

/** A built-in machine by its id, one that the script brings, or one that depends on the revision. */
export type MachineOfScript = string | Machine | ((policy: Policy) => Machine);

/** A producer or consumer of a scenario. */
export interface StructDefinition {
  readonly name: string;
  /** Callbacks whose function pointer is NULL. */
  readonly lacks?: readonly Callback[];
  /** A callback that calls the manager again. */
  readonly reenters?: Callback;
  /** What its add callback may answer, besides 0. */
  readonly failures?: readonly number[];
  /** The machine that the struct is embedded in, the other actors that it knows, and what the scenario fixes for it. */
  readonly embeddedIn?: {
    readonly machine: MachineOfScript;
    readonly wiring?: Readonly<Record<string, string>>;
    readonly constants?: Readonly<Record<string, Value | string>> | undefined;
  };
}

/** An actor of a scenario that is no producer, consumer or thread. */
export interface ScenarioActor {
  readonly name: string;
  readonly machine: MachineOfScript;
  /** Names of other actors that it knows, by role. */
  readonly wiring?: Readonly<Record<string, string>>;
  /** Constants of its machine; a name that is compared, or any other text. */
  readonly constants?: Readonly<Record<string, Value | string>>;
  /** What it may answer to a fallible message, besides 0. */
  readonly failures?: readonly number[];
  /** What it does by itself, where its machine acts by itself; steps of calls where it is a `work`. */
  readonly program?: unknown;
}

/** What a script returns. */
export interface Script {
  readonly producers?: readonly (string | StructDefinition)[];
  readonly consumers?: readonly (string | StructDefinition)[];
  /** Eventfds that are only keys; in system worlds they are among `actors`, too, or only there. */
  readonly eventfds?: readonly string[];
  /** Threads, by name: `t0`, `t1`, ... Each is a list of steps. */
  readonly threads?: Readonly<Record<string, readonly ProgramStep[]>>;
  /** Threads that start only when others are done: `{t2: ['t0', 't1']}`. */
  readonly after?: Readonly<Record<string, readonly string[]>>;
  /** How callers treat a token that they own (before v1p3); `clean` where absent. */
  readonly discipline?: Discipline;
  /** May node allocations fail during registrations? */
  readonly allocationFaults?: boolean;
  /** The other actors: eventfds, VMs, IRTEs, and whatever the script brings. */
  readonly actors?: readonly ScenarioActor[];
  /** Groups of interchangeable members, for symmetry reduction; checked when it is used. */
  readonly interchangeable?: WorldDefinition['interchangeable'];
}

/** A scenario: a script with a name, a purpose and parameters. */
export interface Scenario<P extends Parameters = Parameters> {
  readonly id: string;
  readonly title: string;
  /** A sentence or two: what it shows, and where to look. */
  readonly description: string;
  /** Of a misuse: whether a caller in Linux can do it, and which function says so. */
  readonly callers?: string;
  /** Default values; the type of each is the type that `--set` must give. */
  readonly parameters: P;
  /** Properties that are checked, by id or as the script brings them; all built-in ones that apply where absent. */
  readonly properties?: readonly (string | Property)[];
  /** Bugs that the script brings: `--mutation` knows them. */
  readonly mutations?: readonly Mutation[];
  readonly script: (parameters: Widened<P>) => Script;
}

/** `true` as boolean, `2` as number: what a parameter may be set to. */
type Widened<P extends Parameters> = {
  readonly [K in keyof P]: P[K] extends boolean
    ? boolean
    : P[K] extends number
      ? number
      : P[K] extends string
        ? string
        : P[K];
};

/** Declares a scenario script; the built-in ones and users' own are written with it. */
export function defineScenario<const P extends Parameters>(scenario: Scenario<P>): Scenario {
  return scenario as unknown as Scenario;
}

/** A struct whose add callback may also fail with -EIO. */
export function fallible(struct: string): StructDefinition {
  return { name: struct, failures: [-errno.EIO] };
}
