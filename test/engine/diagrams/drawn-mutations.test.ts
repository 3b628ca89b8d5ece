// Bugs as drawings: a mutation's machine is another drawing than the original, unless the bug is in a program or a handler.
import { describe, expect, it } from 'vitest';
import { chartOf } from '../../../src/engine/diagrams/chart.ts';
import { chartDifference, differenceText } from '../../../src/engine/diagrams/chart-difference.ts';
import { mutations } from '../../../src/mutations/mutations.ts';
import type { Policy } from '../../../src/machines/manager/policy.ts';
import { findRevision } from '../../../src/registry/revisions.ts';
import { machineIds, machinesOf } from '../../../src/scenarios/machines.ts';
import { mutatedMachines } from './every-machine.ts';

function policyOf(revision: string): Policy {
  const found = findRevision(revision);
  if (found === undefined) throw new Error(`no revision ${revision}`);
  return found.policy;
}

/** In what the drawings of a revision with a mutation and without differ. */
function differences(id: string, revision: string): readonly string[] {
  const mutation = mutations.find((one) => one.id === id);
  if (mutation === undefined) throw new Error(`no mutation ${id}`);
  const [original, mutated] = [machinesOf(policyOf(revision), 'clean'), mutatedMachines(policyOf(revision), mutation)];
  return machineIds.flatMap((machine) =>
    chartDifference(chartOf(original[machine]), chartOf(mutated[machine])).map(
      (one) => `${machine} ${differenceText(one)}`,
    ),
  );
}

/** The bug is in what threads call, or in what a callback does: no machine differs. */
const inPrograms = ['b6', 'b7', 'm-free-early', 'm-lock-left', 'm-lock-order', 'm-reentry'];
/** The bug is within one handler. One that comes to be drawn belongs to the others. */
const inHandlers = ['b1', 'b3b', 'm-eexist'];

const shown = mutations.flatMap(({ id, title, shown: places }) =>
  [...new Set(places.map(({ revision }) => revision))].map((revision) => [id, revision, title] as const),
);
const among = (ids: readonly string[]): typeof shown => shown.filter(([id]) => ids.includes(id));

describe('a bug is drawn', () => {
  it.each(shown.filter(([id]) => ![...inPrograms, ...inHandlers].includes(id)))('%s on %s: %s', (id, revision) => {
    expect(differences(id, revision)).not.toEqual([]);
  });

  it.fails.each(among(inHandlers))('%s on %s: %s', (id, revision) => {
    expect(differences(id, revision)).not.toEqual([]);
  });

  it.each(among(inPrograms))('%s on %s is none of a machine: %s', (id, revision) => {
    expect(differences(id, revision)).toEqual([]);
  });
});

describe('the drawing shows where the bug is', () => {
  it.each([
    ['b10', 'v2p8', ['irqfd + routing.updating --> routing.idle : pi_update_irte [hasNoRoute] / routingUpdated']],
    [
      'b8',
      'v2p8',
      [
        'irqfd ~ bypass.idle --> bypass.adding : add_producer / lockToAdd => bypass.idle : add_producer / takePeer, setProducer, added',
        'irqfd ~ bypass.idle --> bypass.deleting : del_producer / lockToDelete => bypass.idle : del_producer / takePeer, deleted',
        'irqfd + bypass.idle --> bypass.posting : add_producer [isPostable] / takePeer, setProducer, postIrte',
        'irqfd + bypass.idle --> bypass.unposting : del_producer [isPosted] / takePeer, resetIrte',
      ],
    ],
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
        'irte ~ the machine: nothing is done => the machine: waits: irq_set_vcpu_affinity',
        'irte - the machine : irq_set_vcpu_affinity / setVcpuAffinity',
      ],
    ],
  ])('%s on %s', (id, revision, lines) => {
    expect(differences(id, revision)).toEqual(lines);
  });
});
