// Real kernels 6.12 and 6.18, recorded: every call is as the world of that kernel says, and worlds with a bug are refuted.
import { describe, expect, it } from 'vitest';
import { compareRecorded, readHostRuns } from '../../../src/bridge/host/recorded-host-runs.ts';
import { checkLogText } from '../../../src/bridge/check-log/check-log.ts';
import type { Effect } from '../../../src/engine/actors/effects.ts';
import { mutations } from '../../../src/mutations/mutations.ts';
import type { Mutation } from '../../../src/mutations/mutation.ts';
import { changed } from '../../../src/mutations/patching.ts';
import { revisionOf } from '../../../src/scenarios/assembled.ts';
import { sample } from '../../sample.ts';

const recorded = {
  '6.12': readHostRuns('test/fixtures/host-runs/6.12.jsonl.gz'),
  '6.18': readHostRuns('test/fixtures/host-runs/6.18.jsonl.gz'),
} as const;
type Series = keyof typeof recorded;

describe.each(Object.entries(recorded))('%s', (series, runs) => {
  it('is as its world says, call by call', () => {
    const { sequences, calls, agreed, classes } = compareRecorded(runs);
    expect(classes).toEqual([]);
    expect([sequences, calls]).toEqual([60, 816]);
    expect(agreed).toBeGreaterThan(1800);
  });

  it('shows everything that host check compares', () => {
    const shapes = new Set(runs.map(({ shape }) => `${shape.vms} ${shape.gic}`));
    expect([...shapes].toSorted()).toEqual(['1 3', '1 4', '2 4']);
    expect(runs.every(({ status }) => status === 0)).toBe(true);
  });

  it('leaves logs that check-log accepts', async () => {
    for (const { name, log, revision } of sample(runs, 6)) {
      const report = await checkLogText(log ?? '', name, revisionOf(revision));
      expect([name, report.verdict, report.rejected]).toEqual([name, 'accepted', []]);
    }
  });
});

/** A bug: a handler whose effects are others. */
const effects =
  (machine: string, handler: string, change: (effect: Effect<object>) => object) =>
  (id: string, title: string): Mutation => ({
    id,
    title,
    source: 'a test',
    shown: [],
    patches: {
      [machine]: (given) => ({
        handlers: { [handler]: changed(given, handler, (all) => all.map((one) => change(one) as Effect<object>)) },
      }),
    },
  });

/** Another value where a call returns one. */
const returns = (machine: string, handler: string, value: number) =>
  effects(machine, handler, (effect) =>
    'message' in effect && 'value' in effect.message ? { ...effect, message: { ...effect.message, value } } : effect,
  );

/** A handler that notes something else in its context. */
const notes = (machine: string, handler: string, change: object) =>
  effects(machine, handler, (effect) =>
    effect.do === 'set' ? { ...effect, context: { ...effect.context, ...change } } : effect,
  );

const IRQFD = 'irqfd-arm64';
const wrong: readonly (readonly [string, Series, Mutation])[] = [
  ['6.18', returns(IRQFD, 'refuseTwice', 0)('twice', 'KVM_IRQFD twice for one irqfd succeeds')],
  ['6.18', returns(IRQFD, 'badFd', 0)('bad-fd', 'KVM_IRQFD with a closed descriptor succeeds')],
  ['6.18', returns(IRQFD, 'nothingToDeassign', -22)('nothing', 'a deassign of nothing fails')],
  ['6.18', returns(IRQFD, 'deassigned', -22)('deassign', 'a deassign fails')],
  ['6.18', notes(IRQFD, 'registered', { result: -16 })('registered', 'KVM_IRQFD fails after it registered')],
  ['6.18', returns(IRQFD, 'added', -22)('added', 'add_producer fails')],
  ['6.18', notes(IRQFD, 'takeRoute', { entry: { type: 'none' } })('no-route', 'a routing update takes every route')],
  ['6.12', notes(IRQFD, 'registered', { result: -16 })('registered', 'KVM_IRQFD fails after it registered')],
  ['6.12', returns('vfio-vector', 'noEventfd', 0)('no-eventfd', 'a vector takes a descriptor that is none')],
].map(([series, mutation]) => [
  `${(mutation as Mutation).title}, ${String(series)}`,
  series as Series,
  mutation as Mutation,
]);

/** Bugs of the catalogue, and of properties, that the sequences show. */
const known: readonly (readonly [string, Series])[] = [
  ['n8d', '6.12'],
  ['m-no-busy-test', '6.12'],
  ['m-bypass-required', '6.12'],
  ['b3b', '6.18'],
  ['b20', '6.18'],
  ['m-keep-key', '6.18'],
  ['m-unbind-own', '6.18'],
  ['m-no-disconnect', '6.18'],
  ['m-forgets-nothing', '6.18'],
  ['m-eexist', '6.18'],
  ['m-lock-kept', '6.18'],
  ['m-consumer-not-stopped', '6.18'],
];

const MSI = 'raise_msi(d0): signals: the world';
/** Where MSIs are forwarded, the device is one VM's as long as any of its vectors is. */
const SECOND_VM =
  'set_irqs(p0, e0): manager: the world c0.stop c0.add_producer(p0)=0 c0.start register_producer(p0)=0, the kernel c0.stop c0.add_producer(p0)=-22 c0.start register_producer(p0)=-22';

describe('a world with the other interrupt controller is refuted', () => {
  it.each([
    ['6.12', 4, 3, [SECOND_VM, `${MSI} signalled, the kernel not signalled`]],
    ['6.12', 3, 4, [`${MSI} not signalled, the kernel signalled`]],
    ['6.18', 4, 3, [SECOND_VM, `${MSI} signalled, the kernel not signalled`]],
    ['6.18', 3, 4, [`${MSI} not signalled, the kernel signalled`]],
  ] as const)('%s with GICv%i is not GICv%i', (series, gic, other, differences) => {
    const runs = recorded[series].filter(({ shape }) => shape.gic === gic);
    const { classes } = compareRecorded(runs.map((run) => ({ ...run, shape: { ...run.shape, gic: other } })));
    expect(classes.map(({ summary }) => summary).toSorted()).toEqual(differences.toSorted());
  });
});

describe('a world with a bug is refuted', () => {
  it.each(sample(wrong, 3))('%s', (_, series, mutation) => {
    expect(compareRecorded(recorded[series], mutation).classes.length).toBeGreaterThan(0);
  });

  it.each(sample(known, 3))('%s (%s)', (id, series) => {
    const mutation = mutations.find((one) => one.id === id);
    expect(compareRecorded(recorded[series], mutation).classes.length).toBeGreaterThan(0);
  });
});
