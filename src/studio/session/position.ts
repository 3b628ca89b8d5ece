// What the page shows of a world at one step: plain data, as it crosses from the worker to the page.
import type { LockState } from '../../scenarios/locks-of-world.ts';

/** A choice that may be taken now. */
export interface OfferedChoice {
  /** As `World.nameOf` has it. */
  readonly name: string;
  /** Of two characters: what a link has of it. */
  readonly code: string;
  /** Whose step it is. */
  readonly actor: string;
  /** Who receives what is delivered. */
  readonly to: string;
}

/** Something that cannot happen now, and what it waits for. */
export interface BlockedStep {
  readonly actor: string;
  /** What would happen: a message that waits, a call that is not made yet. */
  readonly what: string;
  /** Who or what is in the way, in words. */
  readonly why: string;
}

/** An actor in the middle of something that another's step has to go on with. */
export interface BusyActor {
  readonly actor: string;
  readonly what: string;
}

/** What is known of a property on the way to here. */
export interface PropertyStatus {
  readonly id: string;
  readonly title: string;
  /**
   * `violated` on the way; `vacuous`: what it is about has not happened yet; `runs`: it speaks of infinite runs, of which a step shows
   * nothing.
   */
  readonly status: 'holds' | 'vacuous' | 'violated' | 'runs';
  /** What is wrong, or what has not happened yet. */
  readonly message?: string;
  /** The step that violated it first; 0 for the initial state. */
  readonly at?: number;
}

/** A value of the state by its path, and what the last step did to it. */
export interface StateLeaf {
  /** `c0.peer`. */
  readonly path: string;
  /** Absent where the step took it away. */
  readonly value?: string;
  /** What it was before the step, where that was another value. */
  readonly was?: string;
  readonly change: 'same' | 'added' | 'changed' | 'removed';
}

/** A step of the path, as a list shows it. */
export interface StepLine {
  /** From 1. */
  readonly step: number;
  readonly code: string;
  readonly choice: string;
  /** In whose course it happens. */
  readonly thread: string;
  /** Everybody who sends or receives something in it. */
  readonly actors: readonly string[];
  /** Types of the messages in it. */
  readonly events: readonly string[];
  /** What happens, and what comes of it. */
  readonly text: string;
  /** Ids of the properties that it violates. */
  readonly breaks: readonly string[];
}

/** A world at one step of the path. */
export interface Position {
  /** 0 is the initial state. */
  readonly step: number;
  readonly choices: readonly OfferedChoice[];
  readonly blocked: readonly BlockedStep[];
  readonly busy: readonly BusyActor[];
  /** Actors that have nothing more to do by themselves. */
  readonly done: readonly string[];
  /** Has everybody done what there was to do? */
  readonly isFinal: boolean;
  readonly leaves: readonly StateLeaf[];
  /** Paths of the active states, by actor, outer ones first. */
  readonly active: Readonly<Record<string, readonly string[]>>;
  readonly properties: readonly PropertyStatus[];
  readonly locks: readonly LockState[];
  /** Fingerprint of the state, for links. */
  readonly state: string;
}
