// A routing table is published before it is filled.
import type { Effect } from '../engine/actors/effects.ts';
import type { Route } from '../machines/kvm/route.ts';
import type { VmContext } from '../machines/kvm/vm.ts';
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';

/** The same effects, but what is set. */
const withContext = (effects: readonly Effect<object>[], context: Partial<VmContext>): readonly Effect<object>[] =>
  effects.map((effect) => (effect.do === 'set' ? { ...effect, context } : effect));

export const n8g: Mutation = {
  id: 'n8g',
  title: 'A routing table is published before it is filled: whoever looks meanwhile finds no route',
  source: "3522b14e26d3 fixed it in Hyper-V's irqfd (2026)",
  patches: {
    vm: (machine) => ({
      handlers: {
        publish: changed(machine, 'publish', (effects, { context }) => {
          const { routes, wanted } = context as VmContext;
          if (wanted === null) return effects;
          const empty: Route = { gsi: wanted.gsi, type: 'none', vcpu: null };
          return withContext(effects, { routes: [...routes.filter(({ gsi }) => gsi !== wanted.gsi), empty] });
        }),
        takeItems: changed(machine, 'takeItems', (effects, { context }) => {
          const { routes, wanted, items } = context as VmContext;
          if (wanted === null) return effects;
          const filled = routes.map((route) => (route.gsi === wanted.gsi ? wanted : route));
          return withContext(effects, { routes: filled, wanted: null, pending: items.map(({ irqfd }) => irqfd) });
        }),
      },
    }),
  },
  shown: [{ scenario: 'routing-race', revision: 'v2p8', breaks: ['i-noloss'], steps: 13 }],
};
