// Dining philosophers: each picks up the fork on the left, then the one on the right; all of them may starve with one fork each.
//
// Source: E. W. Dijkstra, "Hierarchical ordering of sequential processes", Acta Informatica 1, 1971; the fix, that one of them
// picks up the other fork first, orders the forks (J. W. Havender, "Avoiding deadlock in multitasking systems", 1968).
// A fork is a machine, a philosopher is a thread that calls it; who reaches for a taken fork waits.
// Abstracted away: that a philosopher thinks, or eats, for some time.
// Reachable states, without reductions, of which a philosopher has six: it holds no fork (thinks, waits for the first),
// the left one (before it reaches for the right one, while it waits for that, before it puts the left one down), or both
// (eats). Whoever eats has a right neighbour without a fork. Walks around the table are counted by the trace of a matrix:
// s(n) = 5 s(n-1) + 2 s(n-2), s(0) = 2, s(1) = 5: 155 states for 3 philosophers, 4 475 for 5.
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
