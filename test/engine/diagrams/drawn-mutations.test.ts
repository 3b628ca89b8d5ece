// Bugs as drawings: a mutation's machine is another drawing than the original, unless the bug is in a program, a handler or a guard.
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../src/engine/actors/machine.ts';
import { chartOf } from '../../../src/engine/diagrams/chart.ts';
import { chartDifference, differenceText } from '../../../src/engine/diagrams/chart-difference.ts';
import { mutations } from '../../../src/mutations/mutations.ts';
import type { Policy } from '../../../src/machines/manager/policy.ts';
import { findRevision } from '../../../src/registry/revisions.ts';
import type { MachineId } from '../../../src/scenarios/machines.ts';
import { machineIds, machinesOf } from '../../../src/scenarios/machines.ts';
import { makesSense } from '../assembled.ts';
import { declaredChart } from './declared-chart.ts';
import { mutatedMachines } from './every-machine.ts';

function policyOf(revision: string): Policy {
  const found = findRevision(revision);
  if (found === undefined) throw new Error(`no revision ${revision}`);
  return found.policy;
}

function machinesWithAndWithout(id: string, revision: string): readonly (readonly [MachineId, Machine, Machine])[] {
  const mutation = mutations.find((one) => one.id === id);
  if (mutation === undefined) throw new Error(`no mutation ${id}`);
  const [original, mutated] = [machinesOf(policyOf(revision), 'clean'), mutatedMachines(policyOf(revision), mutation)];
  return machineIds.map((machine) => [machine, original[machine], mutated[machine]]);
}

/** In what the drawings of a revision with a mutation and without differ. */
const differences = (id: string, revision: string): readonly string[] =>
  machinesWithAndWithout(id, revision).flatMap(([machine, original, mutated]) =>
    chartDifference(chartOf(original), chartOf(mutated)).map((one) => `${machine} ${differenceText(one)}`),
  );

/** The machines whose charts are declared in another way with a mutation: other states, transitions, names of guards or handlers. */
const declaredOtherwise = (id: string, revision: string): readonly MachineId[] =>
  machinesWithAndWithout(id, revision).flatMap(([machine, original, mutated]) =>
    isDeepStrictEqual(declaredChart(original), declaredChart(mutated)) ? [] : [machine],
  );

const shown = mutations.flatMap(({ id, title, shown: places }) =>
  [...new Set(places.map(({ revision }) => revision))].map((revision) => [id, revision, title] as const),
);

/** Is it a bug of worlds that have no VM? */
const isWithoutVm = (id: string): boolean => ['manager', 'lock-order'].some((scenario) => makesSense(id, scenario));

describe('a bug is drawn where it is one of a chart, and nowhere else', () => {
  it.each(shown)('%s on %s: %s', (id, revision) => {
    const drawn = new Set(differences(id, revision).map((line) => line.split(' ')[0]));
    expect([...drawn]).toEqual(declaredOtherwise(id, revision));
  });

  it('where there is no VM all but those in what threads call, and those within one handler', () => {
    const there = shown.filter(([id]) => isWithoutVm(id));
    expect(there.length).toBeGreaterThan(20);
    const undrawn = there.flatMap(([id, revision]) => (differences(id, revision).length === 0 ? [id] : []));
    const inPrograms = ['b7', 'm-free-early', 'm-lock-left', 'm-lock-order', 'm-reentry'];
    // One that comes to be drawn belongs to the others.
    const inHandlers = ['b3b', 'm-eexist', 'n8e'];
    expect([...new Set(undrawn)].toSorted()).toEqual([...inPrograms, ...inHandlers].toSorted());
  });

  it('and of the system some', () => {
    const ofSystem = shown.filter(([id]) => !isWithoutVm(id));
    const drawn = ofSystem.filter(([id, revision]) => differences(id, revision).length > 0).map(([id]) => id);
    expect(drawn).toEqual(expect.arrayContaining(['b8', 'b10', 'b12b', 'b13b', 'm-irte-hangs']));
  });
});

describe('the drawing shows where the bug is', () => {
  it.each([
    ['b10', 'v2p8', ['irqfd + routing.updating --> routing.idle : pi_update_irte [hasNoRoute] / routingUpdated']],
    [
      'b8',
      'v2p8',
      [
        'irqfd ~ bypass.idle --> bypass.adding : add_producer / lockForCallback => bypass.idle : add_producer / takePeer, setProducer, added',
        'irqfd ~ bypass.idle --> bypass.deleting : del_producer / lockForCallback => bypass.idle : del_producer / takePeer, deleted',
        'irqfd + bypass.idle --> bypass.posting : add_producer [isPostable] / takePeer, setProducer, postIrte',
        'irqfd + bypass.idle --> bypass.unposting : del_producer [isPosted] / takePeer, resetIrte',
      ],
    ],
    // In vDPA the old eventfd is put by what is not done; in VFIO the bug is in what threads call.
    ['b6', 'v2p8', ['vdpa-queue - ioctl.locking --> ioctl.unregistering : return [swapsLive] / unregister']],
    [
      'b24b',
      'v2p8',
      [
        'registry ~ locked.failed --> locked.undoing => locked.failed --> locked.returning',
        'registry - locked.undoing: entry / xa_erase, warnOnOtherEntry, clearKey',
        'registry - locked.undoing --> locked.returning',
      ],
    ],
    ['m-no-busy-test', 'v2p6', ['registry - locked.registering --> locked.returning : [isTaken] / fail']],
    ['m-no-disconnect', 'v2p8', ['registry - locked.finding --> locked.disconnecting : [isPaired]']],
    [
      'm-lock-kept',
      'v2p8',
      [
        'registry + locked.returning --> locked.forgotten : [hasFailed]',
        'registry + locked.forgotten: entry / giveBack',
      ],
    ],
    [
      'm-irte-hangs',
      'v2p8',
      [
        'irte ~ idle: nothing is done => idle: waits: irq_set_vcpu_affinity',
        'irte - idle : irq_set_vcpu_affinity [fails] / refuse',
        'irte - idle --> invalidating : irq_set_vcpu_affinity / setVcpuAffinity',
      ],
    ],
  ])('%s on %s', (id, revision, lines) => {
    expect(differences(id, revision)).toEqual(lines);
  });
});
