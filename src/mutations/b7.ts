// A caller holds a spinlock while it calls the manager.
import type { AnyHandler } from '../engine/actors/handlers.ts';
import type { Machine } from '../engine/actors/machine.ts';
import { count } from '../machines/kernel/task.ts';
import type { Call } from '../machines/manager/program.ts';
import type { QueueContext } from '../machines/vdpa/vdpa-queue.ts';
import { withPrograms } from './mutation.ts';
import type { Mutation } from './mutation.ts';
import { handlerOf } from './patching.ts';

/** spin_lock(&vq->call_ctx.ctx_lock) around what a handler does, or what it begins. */
function underSpinlock(machine: Machine, handler: string, change: 1 | -1): AnyHandler {
  const original = handlerOf(machine, handler);
  return {
    ...original,
    run(handled) {
      const { caller } = handled.context as unknown as QueueContext;
      if (caller !== null) count(handled.cells, caller, 'preempt', change);
      return original.run(handled);
    },
  };
}

export const b7: Mutation = {
  id: 'b7',
  title: 'A caller holds a spinlock while it calls the manager',
  source: '86e182fe12ee (2020) fixed it',
  patches: {
    'vdpa-queue': (machine) => ({
      handlers: {
        register: underSpinlock(machine, 'register', 1),
        registered: underSpinlock(machine, 'registered', -1),
        unregister: underSpinlock(machine, 'unregister', 1),
        unregistered: underSpinlock(machine, 'unregistered', -1),
      },
    }),
  },
  definition: (world) => {
    if (world.actors.some(({ machine }) => machine.id === 'vdpa-queue')) return world;
    const sleeps = new Set(
      world.actors.flatMap(({ machine }) =>
        Object.entries(machine.declaration.operations ?? {}).flatMap(([op, { arguments: args = [] }]) =>
          args.includes('atomic?') ? [op] : [],
        ),
      ),
    );
    const atomic = (call: Call): Call => (sleeps.has(call.op) ? { ...call, atomic: true } : call);
    return withPrograms(world, ({ steps, how }) => ({
      steps: steps.map((step) => ({ ...step, calls: step.calls.map(atomic) })),
      how,
    }));
  },
  shown: [
    { scenario: 'pairing', revision: 'v2p8', breaks: ['i-ctx'], steps: 1 },
    { scenario: 'pairing', revision: 'base', breaks: ['i-ctx'], steps: 1 },
    { scenario: 'assign', revision: 'v2p8', breaks: ['i-ctx'], steps: 2 },
    { scenario: 'vdpa-swap', revision: 'v2p8', breaks: ['i-ctx'], steps: 12 },
  ],
};
