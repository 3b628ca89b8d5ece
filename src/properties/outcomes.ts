// Outcomes that the kernel itself reports or dies of: WARN, corrupted memory, sleeping in atomic context; and deadlock.
import type { Property } from '../engine/world/property.ts';
import { stuckActors } from '../engine/world/property.ts';
import type { World } from '../engine/world/world.ts';
import { hasManager, managerIn } from '../registry/manager-view.ts';
import { asObservation } from '../machines/manager/protocol.ts';
import { hasKind } from './manager-worlds.ts';
import {
  anyReturn,
  atomicCall,
  atomicContext,
  either,
  primitiveAsked,
  registrationAsked,
  signals,
} from './sometimes.ts';

/** Worlds in which such things can be seen: with a manager, with primitives that watch, with what signals eventfds. */
const watches = (world: World): boolean =>
  hasManager(world) || hasKind('primitive')(world) || hasKind('irq-handler')(world);

/** No WARN_ON_ONCE condition is ever true. */
export const noWarn: Property = {
  id: 'i-nowarn',
  needs: watches,
  sometimes: either(registrationAsked, primitiveAsked),
  title: 'No WARN_ON_ONCE condition is ever true',
  step({ observations }) {
    const shown = observations.map(asObservation).find((o) => o.kind === 'warn');
    return shown?.kind === 'warn' ? `WARN in ${shown.in}: ${shown.condition}` : null;
  },
};

/** No list operation on a node in the wrong state, no use of a freed object, no NULL dereference. */
export const noCorruption: Property = {
  id: 'i-nocorrupt',
  needs: watches,
  sometimes: either(either(registrationAsked, primitiveAsked), signals),
  title: 'No list operation on a node in the wrong state, no use of a freed object, no NULL dereference',
  step({ observations }) {
    for (const shown of observations.map(asObservation)) {
      if (shown.kind === 'corruption') return `${shown.in}(${shown.object}): ${shown.what}`;
      if (shown.kind === 'use-after-free') return `use after free: ${shown.what} of ${shown.object}`;
      if (shown.kind === 'oops') return `NULL pointer dereference in ${shown.what}`;
    }
    return null;
  },
};

/** I-CTX: nothing that may sleep is called in atomic context. */
export const context: Property = {
  id: 'i-ctx',
  needs: watches,
  sometimes: either(atomicCall, atomicContext),
  title: 'Nothing that may sleep is called in atomic context',
  step({ observations }) {
    const shown = observations.map(asObservation).find((o) => o.kind === 'splat');
    return shown?.kind === 'splat' ? `${shown.in}: ${shown.what}` : null;
  },
};

/** L-TERM as a safety property: no reachable state in which a call can never return. */
export const termination: Property = {
  id: 'l-term',
  sometimes: anyReturn,
  title: 'Every operation returns: no reachable deadlock',
  // Where the kernel stopped on corrupted memory nothing moves either, but that has its own property.
  deadlock: (state) => (hasManager(state.world) && managerIn(state).isCorrupt ? null : stuckActors(state)),
};
