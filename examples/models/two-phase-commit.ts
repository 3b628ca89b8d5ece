// Two-phase commit: a transaction manager asks resource managers to commit together, or to abort together.
//
// Source: J. Gray, L. Lamport, "Consensus on Transaction Commit", ACM TODS 31(1), 2006; module TwoPhase.tla of it
// (github.com/tlaplus/Examples, specifications/transaction_commit). Each action of TwoPhase is one choice here:
//   RMPrepare, RMChooseToAbort      prepare, choose_to_abort
//   TMRcvPrepared                   prepared, a message in flight from a resource manager
//   TMCommit, TMAbort               commit, abort
//   RMRcvCommitMsg, RMRcvAbortMsg   receive_commit, receive_abort, while the cell says that it was sent
// The set `msgs` only grows in TwoPhase. Here a Prepared message is consumed, and its sender remembers that it was sent; Commit
// and Abort are cells of the transaction manager. One state here is one state there (a test compares the two graphs).
// Abstracted away, as in TwoPhase: Prepare requests, Abort messages of resource managers, crashes, loss.
// Reachable states, without reductions: 288, 8 832, 296 448 for 3, 5, 7 resource managers.
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
    commitIsSent: rm.whenever(({ context, cells }) => cells.load(context.tm, 'commit_sent') === true),
    abortIsSent: rm.whenever(({ context, cells }) => cells.load(context.tm, 'abort_sent') === true),
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
          receive_abort: [{ guard: 'abortIsSent', target: 'aborted' }, {}],
        },
      },
      prepared: {
        on: {
          receive_commit: [{ guard: 'commitIsSent', target: 'committed' }, {}],
          receive_abort: [{ guard: 'abortIsSent', target: 'aborted' }, {}],
        },
      },
      committed: {},
      aborted: {},
    },
  },
});

type TransactionContext = { readonly self: Name; readonly missing: number };
type TransactionMessage = { readonly type: 'prepared' | 'commit' | 'abort' };

const tm = handlers<TransactionContext, TransactionMessage>();

const transactionManager = machine<TransactionContext, TransactionMessage>({
  id: 'transaction-manager',
  title: 'The transaction manager',
  cells: { commit_sent: false, abort_sent: false },
  constants: { managers: 0 },
  sends: [],
  actsByItself: {
    offers: ({ value, context }) =>
      value === 'init' ? [...(context['missing'] === 0 ? [{ type: 'commit' }] : []), { type: 'abort' }] : [],
    isDone: ({ value }) => value !== 'init',
  },
  context: ({ self, constants }) => ({ self, missing: Number(constants['managers']) }),
  handlers: {
    count: tm.on('prepared', ({ context }) => set({ missing: context.missing - 1 })),
    commit: tm.on('commit', ({ context, cells }) => (cells.store(context.self, 'commit_sent', true), [])),
    abort: tm.on('abort', ({ context, cells }) => (cells.store(context.self, 'abort_sent', true), [])),
  },
  chart: {
    initial: 'init',
    states: {
      init: {
        on: {
          prepared: { actions: 'count' },
          commit: { target: 'committed', actions: 'commit' },
          abort: { target: 'aborted', actions: 'abort' },
        },
      },
      committed: {},
      // Nobody has to receive a message.
      aborted: { waits: ['prepared'] },
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

export default defineScenario({
  id: 'two-phase-commit',
  title: 'Two-phase commit after Gray and Lamport',
  description: 'Resource managers prepare, then commit or abort together.',
  parameters: { managers: 3 },
  properties: [consistent],
  script: ({ managers }) => {
    const names = Array.from({ length: managers }, (_, i) => `rm${i}`);
    return {
      actors: [
        { name: 'tm', machine: transactionManager, constants: { managers }, program: {} },
        ...names.map((name) => ({ name, machine: resourceManager, wiring: { tm: 'tm' }, program: {} })),
      ],
      interchangeable: [names.map((name) => [name])],
    };
  },
});
