// Two revisions in lock step: the classes that the kernel's history knows, and equivalence for callers that behave.
import { describe, expect, it } from 'vitest';
import { CallModel } from '../../src/bridge/call-model.ts';
import type { ClassOfDifference, LockStepReport } from '../../src/bridge/lock-step.ts';
import { inLockStep } from '../../src/bridge/lock-step.ts';
import type { ManagerCall } from '../../src/bridge/manager-calls.ts';
import { callText, plainCalls } from '../../src/bridge/manager-calls.ts';
import { RecordedRunner } from '../../src/bridge/recorded-run.ts';
import { revisions } from '../../src/registry/revisions.ts';
import { revisionOf } from '../../src/scenarios/assembled.ts';
import { isLong, sample } from '../sample.ts';

const SCOPE = { producers: 2, consumers: 2, eventfds: 1 };

function compare(from: string, to: string, isWellBehaved = false, scope = SCOPE): Promise<LockStepReport> {
  const model = (id: string): CallModel => new CallModel(revisionOf(id).policy, scope, isWellBehaved ? 'clean' : 'raw');
  return inLockStep(model(from), model(to), { scope, isWellBehaved, maxCalls: isWellBehaved ? 20 : 6 });
}

const witness = ({ calls }: ClassOfDifference): string => calls.map(callText).join('; ');

/** The difference whose summary begins so. */
function found({ differences }: LockStepReport, begin: string): ClassOfDifference {
  const one = differences.find(({ summary }) => summary.startsWith(begin));
  if (one === undefined) throw new Error(`${begin}: not among ${differences.map(({ summary }) => summary).join('\n')}`);
  return one;
}

describe('from before the series to Linux 6.17', async () => {
  const report = await compare('base', 'v2p8');

  it('all sequences are looked at: where the two differ, none goes on', () =>
    expect(report).toMatchObject({ isComplete: true }));

  // Facts: virt/lib/irqbypass.c before and after each patch; the shortest sequence that shows each.
  it.each([
    // 2b521d86ee80: NULL is a key; a registered struct is refused with a WARN; a failed one keeps no key.
    ['register_producer, key NULL: returns -EINVAL, then 0', 'register_producer(p0, NULL)'],
    ['register_producer: returns -EBUSY, then -EINVAL; warns', 'register_producer(p0, e0); register_producer(p0, e0)'],
    // fa079a0616ed: no reference on the module.
    [
      'register_producer, module_get fails: returns -ENODEV, then 0',
      'register_producer(p0, e0) [try_module_get() fails]',
    ],
    // 8394b32faecd: a node is allocated, before any callback.
    [
      'register_producer, allocation fails: returns 0, then -ENOMEM',
      'register_producer(p0, e0) [node allocations fail]',
    ],
    // Two unregister one struct: the second one finds nothing, and is told.
    [
      'unregister_producer, meanwhile unregister_producer: warns',
      'register_producer(p0, e0); unregister_producer(p0) [while it waits for the mutex: unregister_producer(p0)]',
    ],
  ])('%s', (begin, calls) => expect(witness(found(report, begin))).toBe(calls));

  it('no class has a shorter witness than a class before it', () => {
    const lengths = report.differences.map(({ calls }) => calls.length);
    expect(lengths).toEqual(lengths.toSorted((one, other) => one - other));
    expect(new Set(report.differences.map(({ summary }) => summary)).size).toBe(lengths.length);
  });
});

it('a revision does not differ from itself, and v2p8 from v2p7 only in who writes the irq', async () => {
  for (const [from, to] of [
    ['v2p8', 'v2p8'],
    ['v2p7', 'v2p8'],
    ['base', 'v1p1'],
  ] as const) {
    // Whole in test:long.
    const { differences } = await compare(
      from,
      to,
      false,
      isLong ? SCOPE : { producers: 2, consumers: 1, eventfds: 1 },
    );
    const causes = new Set(differences.map(({ summary }) => /^[^:]*module_get fails/.test(summary)));
    expect([from, to, [...causes]]).toEqual([from, to, from === 'base' ? [true] : []]);
  }
});

it('one of each has no names to exchange', async () => {
  const { differences } = await compare('v2p6', 'v2p7', false, { producers: 1, consumers: 1, eventfds: 1 });
  expect(differences.length).toBeGreaterThan(0);
});

it('what a limit cuts off is not called complete', async () => {
  const scope = { producers: 2, consumers: 2, eventfds: 1 };
  const { policy } = revisionOf('v2p8');
  const model = (): CallModel => new CallModel(policy, scope, 'raw');
  const cut = await inLockStep(model(), model(), { scope, maxCalls: 2 });
  expect(cut).toMatchObject({ isComplete: false, limit: 'calls-limit', calls: 2, differences: [] });
});

it.each(sample(revisions, 3))('a race that commutes is one call after the other, on $id', async ({ policy }) => {
  const scope = { producers: 2, consumers: 1, eventfds: 1 };
  const calls = plainCalls(scope);
  for (const discipline of ['raw', 'clean'] as const) {
    const model = new CallModel(policy, scope, discipline);
    const states = new Map([[model.textOf(model.initial), model.initial]]);
    let commuting = 0;
    for (const state of states.values()) {
      if (states.size > (isLong ? 2000 : 100)) break;
      for (const call of calls) {
        const alone = model.perform(state, call);
        if (alone.observed.corruption) continue;
        states.set(model.textOf(alone.state), alone.state);
        const races = calls.map((race) => ({ ...call, race }));
        const claimed = await model.commute(state, races);
        for (const racing of races.filter((_, i) => claimed[i])) {
          const first = model.perform(state, racing.race);
          if (first.observed.corruption) continue;
          commuting += 1;
          const second = model.perform(first.state, call);
          const together = model.perform(state, racing);
          const { returns, callbacks, warn } = first.observed;
          expect(together.observed).toEqual({ ...second.observed, race: { returns, callbacks, warn } });
          if (!second.observed.corruption) expect(model.textOf(together.state)).toBe(model.textOf(second.state));
        }
      }
    }
    expect(commuting).toBeGreaterThan(100);
  }
});

describe('callers that behave', () => {
  const equivalent = revisions.filter(({ id }) => /^v[12]p\d$/.test(id)).map(({ id }) => id);

  it.each(sample(equivalent, 3))('cannot tell base and %s apart', async (id) => {
    const report = await compare('base', id, true, { ...SCOPE, eventfds: 2 });
    expect(report).toMatchObject({ isComplete: true, differences: [] });
    expect(report.states).toBeGreaterThan(10);
  });

  it('can tell the attempts that were rejected', async () => {
    // Connected but not tracked, tracked though it failed, nobody found.
    for (const id of ['likexu-v2', 'longpeng-hlist', 'linux-5.9'])
      expect([id, (await compare('base', id, true)).differences.length > 0]).toEqual([id, true]);
  });

  it('of Like Xu, version 2: what failed to connect stays registered', async () => {
    const difference = found(await compare('base', 'likexu-v2', true), 'register_consumer, add_consumer fails');
    expect(witness(difference)).toBe('register_producer(p0, e0); register_consumer(c0, e0) [add_consumer fails]');
    expect([difference.from.consumers, difference.to.consumers]).toEqual([[], ['e0 c0']]);
  });
});

describe('the model of calls', () => {
  /** What the runner of recordings sees of the same calls: its sets are the real structures. */
  const recorded = ({ op, object, eventfd = null, fault }: ManagerCall) => ({
    op,
    ...(op.endsWith('producer') ? { producer: object } : { consumer: object }),
    ...(op.startsWith('register') ? { eventfd } : {}),
    ...(fault === 'add_consumer' ? { fault: { prod_add: -5 } } : {}),
    ...(fault === 'add_producer' ? { fault: { cons_add: -5 } } : {}),
    ...(fault === 'allocation' ? { fault: { alloc: 'all' as const } } : {}),
  });
  const calls: readonly ManagerCall[] = [
    { op: 'register_producer', object: 'p0', eventfd: 'e1' },
    { op: 'register_consumer', object: 'c0', eventfd: 'e1', fault: 'add_producer' },
    { op: 'register_consumer', object: 'c0', eventfd: 'e1' },
    { op: 'register_producer', object: 'p1', eventfd: 'e1' },
    { op: 'register_producer', object: 'p1', eventfd: 'e2', fault: 'allocation' },
    { op: 'unregister_producer', object: 'p0' },
    { op: 'register_producer', object: 'p1', eventfd: 'e1' },
    { op: 'unregister_consumer', object: 'c0' },
    { op: 'unregister_producer', object: 'p0' },
  ];

  it.each(sample(revisions, isLong ? 1 : 2))('sees what a recorded run sees, on $id', ({ policy }) => {
    const model = new CallModel(policy, { producers: 2, consumers: 2, eventfds: 3 }, 'clean');
    const run = new RecordedRunner(policy, 'clean').start({ seq: 0, ops: [] });
    let row = model.initial;
    for (const call of calls) {
      const made = model.perform(row, call);
      row = made.state;
      const other = run.perform(recorded(call) as never);
      const { returns, callbacks, warn } = made.observed;
      expect({ call: callText(call), returns, callbacks, warn }).toEqual({
        call: callText(call),
        returns: other.ret,
        callbacks: other.callbacks,
        warn: other.warn,
      });
      const entries = Object.entries(other.producers ?? {}).map(([key, object]) => `${key} ${String(object)}`);
      expect(made.observed.producers).toEqual(entries.toSorted());
      if (made.observed.corruption) return;
    }
  });
});
