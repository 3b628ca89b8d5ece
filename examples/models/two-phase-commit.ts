// Two-phase commit: resource managers commit together, or abort together, as a transaction manager tells them.
//
// Source: J. Gray, L. Lamport, "Consensus on Transaction Commit", ACM TODS 31(1), 2006, module TwoPhase
// (github.com/tlaplus/Examples, specifications/transaction_commit). Each of its actions is a choice here: prepare, choose_to_abort,
// receive_commit, receive_abort of a resource manager; commit, abort of the transaction manager, and a "prepared" that it takes.
// There the messages are a set that only grows. Here Commit and Abort are cells that resource managers wait for, and who has
// sent a "prepared" remembers it. States, and steps that change something, are one to one (a test walks both graphs).
// Abstracted away, as there: Prepare requests, Abort messages of resource managers, loss of messages. Not there: with
// `--set crash=true` the transaction manager may crash, and the others block.
// Reachable states, unreduced: 288, 8 832, 296 448 for 3, 5, 7 resource managers; by symmetry 80, 314, 920.
import type { Name, Property, WorldView } from 'irqbypass-lab';
import { defineScenario, handlers, machine, post, set } from 'irqbypass-lab';

type ManagerContext = { readonly self: Name; readonly tm: Name; readonly hasPrepared: boolean };
type ManagerMessage = { readonly type: 'prepare' | 'choose_to_abort' | 'receive_commit' | 'receive_abort' };
const rm = handlers<ManagerContext, ManagerMessage>();

const resourceManager = machine<ManagerContext, ManagerMessage>({
  id: 'resource-manager',
  title: 'A resource manager',
  wiring: { tm: 'transaction-manager' },
  sends: ['prepared'],
  actsByItself: {
    offers: ({ value }) => {
      if (value === 'working') return [{ type: 'prepare' }, { type: 'choose_to_abort' }, { type: 'receive_abort' }];
      return value === 'prepared' ? [{ type: 'receive_commit' }, { type: 'receive_abort' }] : [];
    },
    isDone: ({ value }) => value === 'committed' || value === 'aborted',
  },
  context: ({ self, wiring }) => ({ self, tm: wiring['tm'] as Name, hasPrepared: false }),
  guards: {
    commitIsSent: rm.whenever(({ context, cells }) => cells.load(context.tm, 'commit') === true),
    abortIsSent: rm.whenever(({ context, cells }) => cells.load(context.tm, 'abort') === true),
  },
  handlers: {
    prepare: rm.on('prepare', ({ context: { self, tm } }) => [
      set<ManagerContext>({ hasPrepared: true }),
      post(tm, { type: 'prepared', rm: self }, self),
    ]),
  },
  chart: {
    initial: 'working',
    states: {
      working: {
        on: {
          prepare: { target: 'prepared', actions: 'prepare' },
          choose_to_abort: { target: 'aborted' },
          receive_abort: { guard: 'abortIsSent', target: 'aborted' },
        },
      },
      prepared: {
        on: {
          receive_commit: { guard: 'commitIsSent', target: 'committed' },
          receive_abort: { guard: 'abortIsSent', target: 'aborted' },
        },
      },
      committed: {},
      aborted: {},
    },
  },
});

type TransactionContext = { readonly self: Name; readonly missing: number };
type TransactionMessage = { readonly type: 'prepared' | 'commit' | 'abort' | 'crash' };
const tm = handlers<TransactionContext, TransactionMessage>();

const transactionManager = machine<TransactionContext, TransactionMessage>({
  id: 'transaction-manager',
  title: 'The transaction manager',
  // Is the message among those that were sent?
  cells: { commit: false, abort: false },
  constants: { managers: 0 },
  sends: [],
  actsByItself: {
    offers: ({ value }, program) => (value === 'init' ? (program as readonly TransactionMessage[]) : []),
    isDone: ({ value }) => value !== 'init',
  },
  context: ({ self, constants }) => ({ self, missing: Number(constants['managers']) }),
  guards: { allPrepared: tm.whenever(({ context }) => context.missing === 0) },
  handlers: {
    count: tm.on('prepared', ({ context }) => set({ missing: context.missing - 1 })),
    send: tm.on(['commit', 'abort'], ({ context, event, cells }) => {
      cells.store(context.self, event.type, true);
      return [];
    }),
  },
  chart: {
    initial: 'init',
    states: {
      init: {
        on: {
          prepared: { actions: 'count' },
          commit: { guard: 'allPrepared', target: 'committed', actions: 'send' },
          abort: { target: 'aborted', actions: 'send' },
          crash: { target: 'crashed' },
        },
      },
      committed: {},
      // Nobody has to receive a message.
      aborted: { waits: ['prepared'] },
      crashed: { waits: ['prepared'] },
    },
  },
});

const managersIn = (state: WorldView, value: string): readonly Name[] =>
  state.actorsOf('resource-manager').filter((one) => state.value(one) === value);

/** TCConsistent of the paper's module TCommit. */
const consistent: Property = {
  id: 'consistent',
  title: 'No resource manager has committed while another has aborted',
  state: {
    checks: () => [
      (state) => {
        const [committed] = managersIn(state, 'committed');
        const [aborted] = managersIn(state, 'aborted');
        return committed === undefined || aborted === undefined ? null : `${committed} committed, ${aborted} aborted`;
      },
    ],
  },
};

const notBlocked: Property = {
  id: 'not-blocked',
  title: 'No resource manager waits for ever for the outcome',
  deadlock: (state) => {
    const waiting = managersIn(state, 'prepared');
    return waiting.length === 0 ? null : `${waiting.join(', ')} prepared, and nobody tells the outcome`;
  },
};

export default defineScenario({
  id: 'two-phase-commit',
  title: 'Two-phase commit after Gray and Lamport',
  description: 'Resource managers prepare, then commit or abort; all block where the transaction manager crashes.',
  parameters: { managers: 3, crash: false },
  properties: [consistent, notBlocked],
  script: ({ managers, crash }) => {
    const names = Array.from({ length: managers }, (_, i) => `rm${i}`);
    const program = ['commit', 'abort', ...(crash ? ['crash'] : [])].map((type) => ({ type }));
    return {
      actors: [
        { name: 'tm', machine: transactionManager, constants: { managers }, program },
        ...names.map((name) => ({ name, machine: resourceManager, wiring: { tm: 'tm' }, program: {} })),
      ],
      interchangeable: [names.map((name) => [name])],
    };
  },
});
