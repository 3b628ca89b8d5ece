// Dining philosophers: each picks up the fork on the left, then the one on the right; all may starve with one fork each.
//
// Source: E. W. Dijkstra, "Hierarchical ordering of sequential processes", Acta Informatica 1, 1971. The fix, that one of them
// begins with the fork on the right, is J. W. Havender's order of resources ("Avoiding deadlock in multitasking systems", 1968).
// A fork is a machine, a philosopher a thread that calls it; who reaches for a fork that is taken waits for it.
// Abstracted away: that a philosopher thinks, or eats, for some time.
// Reachable states, unreduced: 154 for 3 philosophers, 4 474 for 5. By hand: a philosopher holds no fork in two of six states
// (thinks, waits for the left one), the left one in three (reaches for the right one, waits for it, has put it down), both in
// one. Who holds both has a neighbour on the right who holds none. Closed walks of such neighbours number s(n) = 5 s(n-1) +
// 2 s(n-2) with s(0) = 2, s(1) = 5; one is not reached: that all have put down the right one. Fixed: 110 and 3 170.
import type { Name } from 'irqbypass-lab';
import { defineScenario, handlers, invoke, loop, machine, returnTo } from 'irqbypass-lab';

type ForkMessage = { readonly type: 'pick_up' | 'put_down'; readonly caller: Name };

const { act } = handlers<Readonly<Record<string, never>>, ForkMessage>();

const fork = machine<Readonly<Record<string, never>>, ForkMessage>({
  id: 'fork',
  title: 'A fork between two philosophers',
  operations: { pick_up: { how: 'post' }, put_down: { how: 'call' } },
  sends: ['return'],
  context: () => ({}),
  handlers: { done: act(({ event }) => returnTo(event.caller, null)) },
  chart: {
    initial: 'free',
    states: {
      free: { on: { pick_up: { target: 'taken', actions: 'done' } } },
      taken: { on: { put_down: { target: 'free', actions: 'done' } }, waits: ['pick_up'] },
    },
  },
});

export default defineScenario({
  id: 'dining-philosophers',
  title: 'Dining philosophers',
  description: 'All hold their left fork and wait for the right one; not so where one begins with the right one.',
  parameters: { philosophers: 3, fixed: false },
  properties: ['l-term'],
  script: ({ philosophers, fixed }) => {
    const places = Array.from({ length: philosophers }, (_, i) => i);
    const dinner = (i: number) => {
      const forks = [`fork${i}`, `fork${(i + 1) % philosophers}`];
      const [first = '', second = ''] = fixed && i === 0 ? forks.toReversed() : forks;
      return loop(
        invoke('pick_up', first),
        invoke('pick_up', second),
        invoke('put_down', second),
        invoke('put_down', first),
      );
    };
    return {
      actors: places.map((i) => ({ name: `fork${i}`, machine: fork })),
      threads: Object.fromEntries(places.map((i) => [`philosopher${i}`, dinner(i)])),
    };
  },
});
