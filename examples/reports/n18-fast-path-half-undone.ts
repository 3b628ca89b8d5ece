// N18: a fast path half undone. It sets the summary bit, fails, and falls back; the slow path sees the bit and injects nothing.
//
// Source: arch/s390/kvm/interrupt.c, series "KVM: s390: Introducing kvm_arch_set_irq_inatomic Fast Inject", reviewed in April
// and May 2026, merged for Linux 7.2 (a868b30492c5). irqfd_wakeup() tries kvm_arch_set_irq_inatomic() first: it sets the
// device's indicator and the adapter's summary indicator, and injects an adapter interrupt if the summary bit was clear.
// Where it cannot go on, a work item runs irqfd_inject(), which injects only if the summary bit was clear, too: whoever set it
// is believed to have injected. So every exit behind the bit has to clear it again; a version forgot one of two (no memory).
// Modelled: irqfds of one adapter, the exits of the fast path, a guest that takes interrupts and looks at its indicators.
// Abstracted away: masking, suppression, the indicators' pages, locks (what runs under one lock is one step).
import type { Cells, Effect, Mutation, Name, Transition, Value } from 'irqbypass-lab';
import { always, changeTransitions, defineScenario, errno, handlers, invoke, machine, post } from 'irqbypass-lab';
import { returnTo, show, step, witnessed } from 'irqbypass-lab';

type Adapter = { readonly self: Name };
type Message =
  | { readonly type: 'irqfd_wakeup' | 'irqfd_inject' | 'take_interrupt'; readonly caller: Name }
  | { readonly type: 'kvm_s390_inject_vm'; readonly caller: Name; readonly answer?: number };
const { on, when } = handlers<Adapter, Message>();

/** Writes words of the adapter, then goes on. */
function write(cells: Cells, { self }: Adapter, words: Readonly<Record<string, Value>>, ...then: Effect<Adapter>[]) {
  for (const [cell, value] of Object.entries(words)) cells.store(self, cell, value);
  return then;
}

const adapter = (fixed: boolean) =>
  machine<Adapter, Message>({
    id: 'adapter',
    title: 'struct s390_io_adapter: its indicators, its interrupt, and what its irqfds do to them',
    cells: { indicator: false, summary: false, pending: false },
    sends: ['kvm_s390_inject_vm', 'irqfd_inject', 'return'],
    operations: {
      irqfd_wakeup: { how: 'call', kernel: 'irqfd_wakeup()' },
      take_interrupt: { how: 'call', kernel: 'the guest takes the interrupt, if it is pending' },
    },
    variants: { kvm_s390_inject_vm: () => [{ answer: -errno.ENOMEM }, { answer: -errno.EBUSY }] },
    context: ({ self }) => ({ self }),
    guards: {
      isSummarySet: when('irqfd_wakeup', ({ context, cells }) => cells.load(context.self, 'summary') === true),
      lacksMemory: when('kvm_s390_inject_vm', ({ event }) => event.answer === -errno.ENOMEM),
      fails: when('kvm_s390_inject_vm', ({ event }) => event.answer !== undefined),
    },
    handlers: {
      coalesce: on('irqfd_wakeup', ({ context, event, cells }) =>
        write(cells, context, { indicator: true }, returnTo(event.caller, null)),
      ),
      /** adapter_indicators_set_fast() */
      setBits: on('irqfd_wakeup', ({ context, event: { caller }, cells }) => {
        const inject = post<Message>(context.self, { type: 'kvm_s390_inject_vm', caller }, caller);
        return write(cells, context, { indicator: true, summary: true }, inject);
      }),
      inject: on('kvm_s390_inject_vm', ({ context, event, cells }) =>
        write(cells, context, { pending: true }, returnTo(event.caller, null)),
      ),
      undo: on('kvm_s390_inject_vm', ({ context, cells }) => write(cells, context, { summary: false })),
      fallBack: on('kvm_s390_inject_vm', ({ context, event: { caller } }) => [
        show({ kind: 'falls back' }),
        post<Message>(context.self, { type: 'irqfd_inject', caller }, caller),
      ]),
      /** set_adapter_int() */
      injectSlowly: on('irqfd_inject', ({ context, event, cells }) => {
        if (cells.load(context.self, 'summary') === false) write(cells, context, { summary: true, pending: true });
        return returnTo(event.caller, null);
      }),
      take: on('take_interrupt', ({ context, event, cells }) => {
        if (cells.load(context.self, 'pending') === true)
          write(cells, context, { pending: false, summary: false, indicator: false });
        return returnTo(event.caller, null);
      }),
    },
    chart: {
      on: {
        irqfd_wakeup: [{ guard: 'isSummarySet', actions: 'coalesce' }, { actions: 'setBits' }],
        kvm_s390_inject_vm: [
          { guard: 'lacksMemory', actions: fixed ? ['undo', 'fallBack'] : 'fallBack' },
          { guard: 'fails', actions: ['undo', 'fallBack'] },
          { actions: 'inject' },
        ],
        irqfd_inject: { actions: 'injectSlowly' },
        take_interrupt: { actions: 'take' },
      },
    },
  });

/** The other exit forgets to undo. */
const forgets = (exit: Transition) => (exit.guard === 'fails' ? { ...exit, actions: 'fallBack' } : exit);
const noUndo: Mutation = {
  id: 'no-undo',
  title: 'The summary bit stays set where kvm_s390_inject_vm() fails',
  source: 'invented',
  patches: {
    adapter: () => ({
      chart: (chart) => changeTransitions(chart, '', 'kvm_s390_inject_vm', (exits) => exits.map(forgets)),
    }),
  },
  shown: [],
};

const noLoss = always('i-noloss', 'After a signal an interrupt is pending, or on its way', (state) => {
  const [indicator, pending] = ['indicator', 'pending'].map((cell) => state.load('adapter0', cell) === true);
  const isLost = indicator && !pending && state.inFlight().length === 0;
  return isLost ? 'an indicator is set, and nothing will tell the guest' : null;
});

export default defineScenario({
  id: 'n18-fast-path-half-undone',
  title: 'A fast path that falls back and leaves its summary bit set',
  description: 'Violates i-noloss; with fixed=true it holds, unless --mutation no-undo spoils the other exit.',
  parameters: { fixed: false },
  properties: [witnessed(noLoss, 'the fast path falls back', 'falls back'), 'l-term'],
  mutations: [noUndo],
  script: ({ fixed }) => {
    const twice = (op: string) => [step(invoke(op, 'adapter0')), step(invoke(op, 'adapter0'))];
    return {
      actors: [{ name: 'adapter0', machine: adapter(fixed) }],
      threads: { t0: twice('irqfd_wakeup'), t1: twice('irqfd_wakeup'), t2: twice('take_interrupt') },
    };
  },
});
