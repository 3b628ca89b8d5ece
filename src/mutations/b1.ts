// irqfd->producer dangles after a failed add_producer: the next routing update uses freed memory.
import type { Machine, Patch } from '../engine/actors/machine.ts';
import { set } from '../engine/actors/effects.ts';
import type { Name } from '../engine/actors/name.ts';
import type { IrqfdContext } from '../machines/kvm/irqfd-context.ts';
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';

/** x86: the pointer is set first, and left. */
const isLeft = (machine: Machine): Patch => ({
  handlers: {
    addFailed: changed(machine, 'addFailed', (effects) =>
      effects.map((effect) => {
        if (effect.do !== 'set') return effect;
        const { producer: _producer, ...others } = effect.context as Partial<IrqfdContext>;
        return { ...effect, context: others };
      }),
    ),
  },
});

export const b1: Mutation = {
  id: 'b1',
  title: 'irqfd->producer dangles after a failed add_producer: the next routing update uses freed memory',
  source: 'Fixes 77e1b8332d1d and c57875f5f9be; leixiang, 2026-06 (20260622075103.35164-1)',
  patches: {
    irqfd: isLeft,
    'irqfd-svm': isLeft,
    // powerpc: the pointer is set before it has worked.
    'irqfd-powerpc': (machine) => ({
      handlers: {
        begin: changed(machine, 'begin', (effects, { event }) => {
          const { type, producer } = event as { readonly type: string; readonly producer: Name };
          return type === 'add_producer' ? [...effects, set<IrqfdContext>({ producer })] : effects;
        }),
      },
    }),
  },
  shown: [{ scenario: 'assign', revision: 'v2p8', breaks: ['i-archptr', 'i-nocorrupt'], steps: 10 }],
};
