// How properties of the manager are written: over its own view of a state, for worlds that have one.
import { kindsOf } from '../engine/actors/machine.ts';
import type { Name } from '../engine/actors/name.ts';
import type { PlainEvent } from '../engine/world/events.ts';
import type { LivenessClaim, Property, Sometimes, StateClaim } from '../engine/world/property.ts';
import type { WorldView } from '../engine/world/view.ts';
import type { World } from '../engine/world/world.ts';
import type { Observation } from '../machines/manager/protocol.ts';
import { REGISTRY } from '../machines/manager/protocol.ts';
import type { ManagerView } from '../registry/manager-view.ts';
import { hasManager, managerIn } from '../registry/manager-view.ts';

/** Answers null where the claim holds, else what is wrong. */
export type ManagerCheck = (state: ManagerView) => string | null;

/** A step as a property of the manager sees it. */
export interface ManagerStep {
  readonly before: ManagerView;
  readonly after: ManagerView;
  readonly event: PlainEvent;
  readonly observations: readonly Observation[];
  readonly touched: ReadonlySet<number>;
}

/** When a claim about the manager speaks: always, only while the mutex is free, only when every thread is done. */
export type When = 'always' | 'quiescent' | 'final';

/** A property of the manager. */
export interface ManagerProperty {
  readonly id: string;
  readonly title: string;
  readonly needs?: (world: World) => boolean;
  readonly state?: { readonly when: When; readonly checks: (world: World) => readonly ManagerCheck[] };
  readonly step?: (step: ManagerStep) => string | null;
  readonly liveness?: LivenessClaim;
  readonly sometimes?: Sometimes;
}

/** While the mutex is free. */
export const mutexIsFree: NonNullable<StateClaim['while']> = {
  actor: REGISTRY,
  isIn: (value) => value === 'unlocked',
};

function gateOf(when: When): Pick<StateClaim, 'while' | 'atEnd'> {
  if (when === 'always') return {};
  return when === 'quiescent' ? { while: mutexIsFree } : { while: mutexIsFree, atEnd: true };
}

/** Makes a property of one that speaks of the manager. */
export function aboutManager(property: ManagerProperty): Property {
  const { state, step, needs, ...rest } = property;
  return {
    ...rest,
    needs: (world) => hasManager(world) && (needs?.(world) ?? true),
    ...(state === undefined
      ? {}
      : {
          state: {
            ...gateOf(state.when),
            checks: (world: World) => state.checks(world).map((check) => (view) => check(managerIn(view))),
          },
        }),
    ...(step === undefined
      ? {}
      : {
          step: ({ before, after, event, observations, touched }) =>
            step({
              before: managerIn(before),
              after: managerIn(after),
              event,
              observations: observations as readonly Observation[],
              touched,
            }),
        }),
  };
}

/** Names of the actors of a world that are of a kind. */
export function namesOf(world: World, kind: string): Name[] {
  return world.definition.actors.flatMap(({ name, machine }) =>
    kindsOf(machine).includes(kind) ? [name as Name] : [],
  );
}

/** Producers and consumers, embedded ones too. */
export const objectsOf = (world: World): Name[] => [...namesOf(world, 'producer'), ...namesOf(world, 'consumer')];

/** Has a world actors of this kind? */
export const hasKind =
  (kind: string) =>
  (world: World): boolean =>
    namesOf(world, kind).length > 0;

/** Is an object part of an irqfd that is assigned or of a vector that is enabled? Then it is not left behind. */
export function isInUse(state: WorldView, object: Name): boolean {
  const { eventfd, requested } = state.context<{
    readonly eventfd?: Name | null;
    readonly requested?: boolean;
  }>(object);
  return requested === true || (eventfd !== undefined && eventfd !== null);
}
