// Sequences of calls in the format of recorded behaviour (docs/recorded-format.md), with what the machines observed.
import type { Policy } from '../../machines/manager/policy.ts';
import type { ManagerCall } from '../manager-calls.ts';
import type { RecordedOperation, RecordedSequence } from '../recorded-format.ts';
import { RecordedRunner } from '../recorded-run.ts';
import type { WalkStep } from './call-graph.ts';

/** A recorded file's lines, the head first. */
export function recordedTraces(revision: string, policy: Policy, walks: readonly (readonly WalkStep[])[]): string[] {
  const caller = policy.keyOwner === 'caller' ? 'clean' : null;
  const runner = new RecordedRunner(policy, 'clean');
  const head = { format: 'irqbypass-recorded/1', revision, caller, kind: 'systematic' };
  const sequences = walks.map((walk, seq): RecordedSequence => {
    const bare = walk.map(({ call }) => operationOf(call));
    const run = runner.start({ seq, name: `walk ${seq + 1}`, ops: bare });
    return {
      seq,
      name: `walk ${seq + 1}`,
      ops: bare.map((operation) => ({ ...operation, ...run.perform(operation) })),
    };
  });
  return [head, ...sequences].map((one) => JSON.stringify(one));
}

function operationOf({ op, object, eventfd = null, fault }: ManagerCall): RecordedOperation {
  const recorded = {
    ...(fault === 'add_consumer' ? { prod_add: -5 } : {}),
    ...(fault === 'add_producer' ? { cons_add: -5 } : {}),
    ...(fault === 'allocation' ? { alloc: 'all' as const } : {}),
    ...(fault === 'module_get' ? { module_get: true } : {}),
  };
  return {
    op,
    ...(op.endsWith('producer') ? { producer: object } : { consumer: object }),
    ...(op.startsWith('register') ? { eventfd } : {}),
    ...(fault === undefined ? {} : { fault: recorded }),
  } as RecordedOperation;
}
