// How a random walk chooses: uniformly, by priorities of actors, or by weights of the kinds of events.
//
// `priorities`: Burckhardt, Kothari, Musuvathi, Nagarakatte, "A Randomized Scheduler with Probabilistic Guarantees of
// Finding Bugs", ASPLOS 2010. `features`: Groce, Zhang, Eide, Chen, Regehr, "Swarm Testing", ISSTA 2012: every walk
// leaves out some features, because a feature that is always there hides what happens without it.
import type { EventId, PlainEvent } from '../../world/local-transitions.ts';
import type { RandomInt } from '../../world/schedulers.ts';
import type { Choice, World } from '../../world/world.ts';

/** How a walk chooses: all choices alike, by random priorities of actors, or by random weights of the kinds of events. */
export type WalkPolicy = 'uniform' | 'priorities' | 'features';
/** All ways to choose. */
export const walkPolicies: readonly WalkPolicy[] = ['uniform', 'priorities', 'features'];

/** Picks one of the choices, by index. Asked once a step, in order. */
export type Chooser = (choices: readonly Choice[]) => number;

/** Starts a walk: answers what chooses in it. */
export type WalkPolicyStart = (int: RandomInt, maxSteps: number) => Chooser;

/** Makes a policy for the walks of a world. */
export function createWalkPolicy(policy: WalkPolicy, world: World): WalkPolicyStart {
  switch (policy) {
    case 'uniform':
      return (int) => (choices) => int(0, choices.length - 1);
    case 'priorities':
      return priorities(world);
    case 'features':
      return features(world);
  }
}

/** Steps between two changes of priority, about. */
const STEPS_PER_CHANGE = 16;
const TOP_PRIORITY = 1_000_000;

function priorities(world: World): WalkPolicyStart {
  // A request for a lock is a step of the thread that makes it.
  const actorOf = (choice: Choice): number => world.whoseStep(choice);
  return (int, maxSteps) => {
    const own = world.actors.map(() => int(TOP_PRIORITY / 2, TOP_PRIORITY));
    const changes = int(1, Math.max(2, Math.ceil(maxSteps / STEPS_PER_CHANGE)));
    const changeAt = new Set(Array.from({ length: changes }, () => int(1, maxSteps)));
    let step = 0;
    let lowest = TOP_PRIORITY / 2;
    return (choices) => {
      step += 1;
      let best = actorOf(choices[0] as Choice);
      for (const choice of choices) {
        const actor = actorOf(choice);
        if ((own[actor] as number) > (own[best] as number)) best = actor;
      }
      if (changeAt.has(step)) own[best] = lowest -= 1;
      // Among choices of one actor (calls, answers of one callback) the draw decides.
      let equals = 0;
      for (const choice of choices) if (actorOf(choice) === best) equals += 1;
      let left = int(0, equals - 1);
      return choices.findIndex((choice) => actorOf(choice) === best && left-- === 0);
    };
  };
}

/** Weights that a kind of event may get in a walk; 0 leaves it out where there is anything else. */
const WEIGHTS: readonly number[] = [0, 0, 1, 1, 4, 16];

function features(world: World): WalkPolicyStart {
  const kinds = new Map<string, number>();
  const kindOf: (number | undefined)[] = [];
  const kind = (event: EventId): number => {
    const known = kindOf[event];
    if (known !== undefined) return known;
    const text = featureOf(world.transitions.event(event));
    const number = kinds.get(text) ?? kinds.size;
    kinds.set(text, number);
    kindOf[event] = number;
    return number;
  };
  return (int) => {
    const weights: (number | undefined)[] = [];
    // Drawn when a kind is met for the first time in this walk.
    const weightOf = ({ event }: Choice): number =>
      (weights[kind(event)] ??= WEIGHTS[int(0, WEIGHTS.length - 1)] as number);
    return (choices) => {
      let total = 0;
      for (const choice of choices) total += weightOf(choice);
      if (total === 0) return int(0, choices.length - 1);
      let left = int(0, total - 1);
      return choices.findIndex((choice) => (left -= weightOf(choice)) < 0);
    };
  };
}

/** The feature that an event belongs to: a call about an object, a delivery, a fault. */
function featureOf({ to, message }: PlainEvent): string {
  const { type } = message;
  if (type === 'call') {
    const { op, object } = message['call'] as { readonly op: string; readonly object: string | null };
    return `${op}(${String(object)})`;
  }
  const fault = message['answer'] !== undefined || message['allocation'] !== undefined;
  return fault ? `fault of ${type}` : `${to}.${type}`;
}
