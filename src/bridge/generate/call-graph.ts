// The graph of calls: what the manager can be in between calls, and every call that leads on. States that differ in names only are one
// node; a walk through nodes is made into calls again by keeping account of who is who.
import { InputError } from '../../engine/input-error.ts';
import { isSamePlain } from '../../engine/actors/plain-data.ts';
import type { CallModel } from '../call-model.ts';
import type { CallObserved } from '../call-system.ts';
import { namesOf, permutationsOf } from '../call-system.ts';
import type { ManagerCall, Scope } from '../manager-calls.ts';
import { plainCalls, withFaults } from '../manager-calls.ts';
import type { Row } from '../../engine/world/world.ts';
import type { Graph } from './covering-walks.ts';

/** One call in a node. */
export interface CallArc {
  readonly from: number;
  readonly to: number;
  readonly call: ManagerCall;
  readonly observed: CallObserved;
  /** Who of the next node's structs and eventfds is who in this one: member m there is member `image[m]` here. */
  readonly image: Int32Array;
}

/** Which calls a graph has. */
export interface CallGraphOptions {
  readonly scope: Scope;
  /** Only faults of the callbacks, not of memory and the module. */
  readonly onlyCallbackFaults?: boolean;
  /** Which calls are left out, by what they do: those that a real kernel would not survive, or that a test must not make. */
  readonly leavesOut?: (call: ManagerCall, observed: CallObserved) => boolean;
  /** How many calls there may be: of 80 000 sequences are found in minutes. */
  readonly mostCalls?: number;
}

/** A step of a walk, in names. */
export interface WalkStep {
  readonly call: ManagerCall;
  readonly observed: CallObserved;
}

const MOST_CALLS = 80_000;

/** A graph of calls that is too large. */
export class TooManyCallsError extends InputError {
  override readonly name = 'TooManyCallsError';

  constructor(most: number) {
    super('IRQB505', `the graph of calls has more than ${most} calls that lead on`, {
      hint: 'fewer producers, consumers or eventfds (--set); where a revision lets entries pile up there is no end',
    });
  }
}

/** The graph of calls of one revision. */
export class CallGraph implements Graph {
  readonly arcs: readonly CallArc[];
  readonly nodes: number;
  readonly #names: readonly string[];

  /**
   * @param model - the revision's machines
   * @param options - scope and calls
   * @throws TooManyCallsError where it is too large
   */
  constructor(model: CallModel, options: CallGraphOptions) {
    const { scope, onlyCallbackFaults = false, leavesOut = () => false, mostCalls = MOST_CALLS } = options;
    this.#names = namesOf(scope);
    const permutations = permutationsOf(scope);
    const calls = plainCalls(scope);
    const rows: Row[] = [];
    /** By the text of every image of a node: the node, and the image. */
    const known = new Map<string, { readonly node: number; readonly image: Int32Array }>();
    const enter = (row: Row): { readonly node: number; readonly image: Int32Array } => {
      const found = known.get(model.textOf(row));
      if (found !== undefined) return found;
      const node = rows.push(row) - 1;
      for (const image of permutations) known.set(model.exchanged(row, image), { node, image });
      return { node, image: permutations[0] as Int32Array };
    };
    enter(model.initial);
    const arcs: CallArc[] = [];
    for (let from = 0; from < rows.length; from++) {
      const row = rows[from] as Row;
      for (const plain of calls) {
        const alone = model.perform(row, plain);
        const all = [
          { call: plain, ...alone },
          ...withFaults(plain, onlyCallbackFaults)
            .map((call) => ({ call, ...model.perform(row, call) }))
            // A fault that nothing comes of is the call without it.
            .filter(({ observed }) => !isSamePlain(observed, alone.observed)),
        ];
        for (const { call, state, observed } of all) {
          if (observed.corruption || leavesOut(call, observed)) continue;
          const { node, image } = enter(state);
          arcs.push({ from, to: node, call, observed, image });
          if (arcs.length > mostCalls) throw new TooManyCallsError(mostCalls);
        }
      }
    }
    this.arcs = arcs;
    this.nodes = rows.length;
  }

  /** A walk in names: its first node with the names that it has. */
  stepsOf(walk: readonly number[]): WalkStep[] {
    let who = Int32Array.from(this.#names, (_, member) => member);
    return walk.map((place) => {
      const { call, observed, image } = this.arcs[place] as CallArc;
      const now = who;
      const renamed = (text: string): string =>
        text.replaceAll(/\b[pce]\d\b/g, (one) => this.#names[now[this.#names.indexOf(one)] as number] ?? one);
      who = Int32Array.from(image, (member) => now[member] as number);
      const step: WalkStep = JSON.parse(renamed(JSON.stringify({ call, observed }))) as WalkStep;
      return { call: step.call, observed: sorted(step.observed) };
    });
  }
}

/** Sets are sorted: with other names in another order. */
function sorted(observed: CallObserved): CallObserved {
  return {
    ...observed,
    producers: observed.producers?.toSorted() ?? null,
    consumers: observed.consumers?.toSorted() ?? null,
    bindings: observed.bindings.toSorted(),
    keys: observed.keys.toSorted(),
  };
}
