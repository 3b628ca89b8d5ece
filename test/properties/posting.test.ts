// What is claimed of who posts where, in states put together by hand: one that is right, and each way to be wrong.
import { describe, expect, it } from 'vitest';
import type { World } from '../../src/engine/world/world.ts';
import type { Property } from '../../src/engine/world/property.ts';
import { archPointer } from '../../src/properties/arch.ts';
import {
  belief,
  bypassCount,
  exclusiveIrq,
  freshCpu,
  irList,
  unposted,
  wakeupList,
} from '../../src/properties/posting.ts';
import { assembled } from '../engine/assembled.ts';
import type { Change, Changes, Shown } from './system-state.ts';
import { saidOf, saidOfStep, stateOf } from './system-state.ts';

const { world: vmx } = assembled('two-vms');
const { world: svm } = assembled('two-vms', { set: { arch: 'svm' } });
const { world: arm64 } = assembled('two-vms', { set: { arch: 'arm64' } });

const paired: Changes = {
  p0: { cells: { peer: 'c0' as never } },
  c0: { producer: 'p0', cells: { peer: 'p0' as never } },
};
const held: Change = { value: 'locked', owner: 't0' };
const posted = (vcpu: string, more: Shown = {}): Change => ({ entry: { mode: 'posted', vcpu, ...more } });

/** Two sets of changes together: what both change of an actor is merged. */
const and = (...all: readonly Changes[]): Changes => {
  const merged: Record<string, Change> = {};
  for (const [actor, change] of all.flatMap((one) => Object.entries(one)))
    merged[actor] = { ...merged[actor], ...change, cells: { ...merged[actor]?.cells, ...change.cells } };
  return merged;
};

type Row = readonly [title: string, world: World, changes: Changes, said: readonly string[]];
const table = (property: Property, rows: readonly Row[]): void =>
  it.each(rows)('%s', (_, world, changes, said) => expect(saidOf(property, stateOf(world, changes))).toEqual(said));

describe('i-belief', () => {
  const believes = and(paired, { c0: { vcpu: 'vcpu0' } });
  const astray = ['c0 believes irq0 to be posted to vcpu0, it is posted to nobody'];
  table(belief, [
    ['posted where it is believed to be', vmx, and(believes, { irq0: posted('vcpu0') }), []],
    ['posted nowhere', vmx, believes, astray],
    [
      'posted elsewhere',
      vmx,
      and(believes, { irq0: posted('vcpu1') }),
      ['c0 believes irq0 to be posted to vcpu0, it is posted to vcpu1'],
    ],
    [
      'posted, and nobody believes it',
      vmx,
      and(paired, { irq0: posted('vcpu0') }),
      ['c0 believes irq0 to be posted to nobody, it is posted to vcpu0'],
    ],
    ['while irqfds.lock is held', vmx, and(believes, { irqfdslock0: held }), []],
    ['while that of another VM is held', vmx, and(believes, { irqfdslock1: held }), astray],
    ['without a producer', vmx, { c0: { vcpu: 'vcpu0' } }, []],
    ['on svm', svm, believes, astray],
    ['while AVIC is inhibited', svm, and(believes, { vm0: { cells: { avic_inhibited: true } } }), []],
  ]);
});

describe('i-count', () => {
  const counts = (count: number): Changes => ({ vm0: { cells: { nr_possible_bypass_irqs: count } } });
  table(bypassCount, [
    ['one connected irqfd', vmx, and(paired, counts(1)), []],
    ['one that is not counted', vmx, paired, ['vm0 counts 0 possible bypass irqs, there are 1']],
    ['one too many', vmx, and(paired, counts(2)), ['vm0 counts 2 possible bypass irqs, there are 1']],
    ['none', vmx, {}, []],
    ['one that is gone', vmx, counts(1), ['vm0 counts 1 possible bypass irqs, there are 0']],
    ['while irqfds.lock is held', vmx, and(paired, { irqfdslock0: held }), []],
    [
      'while that of another VM is held',
      vmx,
      and(paired, { irqfdslock1: held }),
      ['vm0 counts 0 possible bypass irqs, there are 1'],
    ],
    [
      'of each VM by itself',
      svm,
      { vm1: { cells: { nr_possible_bypass_irqs: 1 } } },
      ['vm1 counts 1 possible bypass irqs, there are 0'],
    ],
  ]);
});

describe('i-archptr', () => {
  table(archPointer, [
    ['the partner', vmx, paired, []],
    [
      'none, where the manager has one',
      vmx,
      and(paired, { c0: { producer: null } }),
      ['c0->producer is NULL, the manager has connected c0 with p0'],
    ],
    [
      'one that the manager does not know',
      svm,
      { c0: { producer: 'p0' } },
      ['c0->producer is p0, the manager has connected c0 with nobody'],
    ],
    ['while irqfds.lock is held', vmx, { c0: { producer: 'p0' }, irqfdslock0: held }, []],
    [
      'while that of another VM is held',
      vmx,
      { c0: { producer: 'p0' }, irqfdslock1: held },
      ['c0->producer is p0, the manager has connected c0 with nobody'],
    ],
    ['on arm64, which has no such pointer', arm64, paired, []],
  ]);
});

describe('i-irlist', () => {
  const listed: Changes = { vcpu0: { irList: [{ irqfd: 'c0', irq: 'irq0' }] } };
  table(irList, [
    ['on the list of the vCPU that it is posted to', svm, and(listed, { c0: { vcpu: 'vcpu0' } }), []],
    ['on none', svm, { c0: { vcpu: 'vcpu0' } }, ['c0 is posted to vcpu0, and is not on its ir_list']],
    ['on one, and not posted', svm, listed, ['c0 is on the ir_list of vcpu0, and is not posted there']],
    [
      'on that of another',
      svm,
      and(listed, { c0: { vcpu: 'vcpu1' } }),
      ['c0 is on the ir_list of vcpu0, and is not posted there', 'c0 is posted to vcpu1, and is not on its ir_list'],
    ],
    ['while the list’s lock is held', svm, and(listed, { irlistlock0: held }), []],
    ['while irqfds.lock is held', svm, and(listed, { irqfdslock0: held }), []],
    [
      'while another list’s lock is held',
      svm,
      and(listed, { irlistlock1: held }),
      ['c0 is on the ir_list of vcpu0, and is not posted there'],
    ],
  ]);
});

describe('i-freshcpu', () => {
  const entry = (isRun: boolean, cpu: number): Changes => ({
    irq0: posted('vcpu0', { isRun, cpu }),
    vcpu0: { irList: [{ irqfd: 'c0', irq: 'irq0' }] },
  });
  const vcpu = (running: boolean, cpu: number): Changes => ({ vcpu0: { cells: { running, cpu } } });
  const says = (what: string, is: string): readonly string[] => [`the IRTE of irq0 says that vcpu0 ${what}, it ${is}`];
  table(freshCpu, [
    ['runs where it says', svm, and(entry(true, 1), vcpu(true, 1)), []],
    ['runs elsewhere', svm, and(entry(true, 0), vcpu(true, 1)), says('runs on CPU 0', 'runs on CPU 1')],
    ['does not run', svm, and(entry(true, 1), vcpu(false, 1)), says('runs on CPU 1', 'does not run')],
    ['runs, which it does not say', svm, and(entry(false, 1), vcpu(true, 1)), says('does not run', 'runs on CPU 1')],
    ['does not run, wherever', svm, and(entry(false, 0), vcpu(false, 1)), []],
    ['while the list’s lock is held', svm, and(entry(true, 0), vcpu(true, 1), { irlistlock0: held }), []],
    ['while it is on no list', svm, and(entry(true, 0), vcpu(true, 1), { vcpu0: { irList: [] } }), []],
    [
      'while only another irq is on the list',
      svm,
      and(entry(true, 0), vcpu(true, 1), { vcpu0: { irList: [{ irqfd: 'c1', irq: 'irq1' }] } }),
      [],
    ],
    ['of an entry of the host', svm, and(entry(true, 0), vcpu(true, 1), { irq0: { entry: { mode: 'remapped' } } }), []],
  ]);
});

describe('i-wakelist', () => {
  const state = (nv: string, ...lists: readonly number[]): Changes => ({ vcpu0: { nv, lists } });
  table(wakeupList, [
    ['with the wakeup vector, on one list', vmx, state('wakeup', 0), []],
    ['with the wakeup vector, on none', vmx, state('wakeup'), ['vcpu0 has the wakeup vector and is on 0 wakeup lists']],
    [
      'with the wakeup vector, on two',
      vmx,
      state('wakeup', 0, 1),
      ['vcpu0 has the wakeup vector and is on 2 wakeup lists'],
    ],
    ['with another, on none', vmx, state('notification'), []],
    [
      'with another, on one',
      vmx,
      state('notification', 0),
      ['vcpu0 has the notification vector and is on 1 wakeup lists'],
    ],
  ]);
});

describe('i-irqexcl', () => {
  table(exclusiveIrq, [
    ['posted and requested', vmx, { irq0: posted('vcpu0'), p0: { requested: true } }, []],
    ['posted and not requested', vmx, { irq0: posted('vcpu0') }, ['irq0 posts to vcpu0, and p0 has not requested it']],
    ['neither', vmx, {}, []],
    ['on svm', svm, { irq0: posted('vcpu0') }, ['irq0 posts to vcpu0, and p0 has not requested it']],
  ]);
});

describe('i-unpost', () => {
  const returns = (op: string, more: Shown = {}): Shown => ({
    kind: 'return',
    op,
    object: op.endsWith('producer') ? 'p0' : 'c0',
    value: null,
    ...more,
  });
  const still = 'irq0 posts to vcpu0 after p0 was disconnected';
  it.each<readonly [string, Changes, readonly Shown[], string | null]>([
    [
      'unregister returns, and the irq is still posted',
      { irq0: posted('vcpu0') },
      [returns('unregister_consumer')],
      still,
    ],
    ['of a producer', { irq0: posted('vcpu0') }, [returns('unregister_producer')], still],
    [
      'of one that had nothing to do',
      { irq0: posted('vcpu0') },
      [returns('unregister_consumer', { early: true })],
      null,
    ],
    ['register returns', { irq0: posted('vcpu0') }, [returns('register_consumer')], null],
    ['nothing returns', { irq0: posted('vcpu0') }, [], null],
    ['the irq goes to the host', {}, [returns('unregister_consumer')], null],
    ['it is paired again', and(paired, { irq0: posted('vcpu0') }), [returns('unregister_consumer')], null],
  ])('%s', (_, changes, shown, said) => {
    expect(saidOfStep(unposted, stateOf(vmx, changes), shown)).toBe(said);
  });
});
