// What the properties of system worlds say of steps, states and runs, case by case: no run need come to them.
import { describe, expect, it } from 'vitest';
import type { Name, Value } from '../../src/engine/actors/name.ts';
import type { Property } from '../../src/engine/world/property.ts';
import { WorldView } from '../../src/engine/world/view.ts';
import type { ActorDefinition } from '../../src/engine/world/definition.ts';
import { World } from '../../src/engine/world/world.ts';
import { isStranded, noDuplicate, noLoss, noStray, outstandingIn } from '../../src/properties/interrupts.ts';
import { noBypass, reported, softFailure, uniqueWaiter } from '../../src/properties/knobs.ts';
import { eventfdReference, notFreedInAssign, once } from '../../src/properties/lifetimes.ts';
import * as liveness from '../../src/properties/liveness.ts';
import * as lookUps from '../../src/properties/system-worlds.ts';
import { assembled } from '../engine/assembled.ts';
import type { Change, Changes, Shown } from './system-state.ts';
import { saidOf, saidOfStep, stateOf } from './system-state.ts';

/** A world with some of its actors changed. */
function worldWith(world: World, change: (actor: ActorDefinition) => ActorDefinition): World {
  return new World({ ...world.definition, actors: world.definition.actors.map(change) });
}

/** A world with constants of some of its actors changed. */
const withConstants = (world: World, constants: Readonly<Record<string, Readonly<Record<string, Value>>>>): World =>
  worldWith(world, (actor) => ({ ...actor, constants: { ...actor.constants, ...constants[actor.name] } }));

/** Whom a liveness property makes claims about. */
const subjectsOf = ({ liveness: claim }: Property, world: World): readonly string[] =>
  (claim?.checks(world) ?? []).map(({ subject }) => subject);

/** The claims of a liveness property that a state is the beginning of, and those that it is the end of. */
function claimsOf({ liveness: claim }: Property, view: WorldView): readonly (readonly string[])[] {
  const claims = claim?.checks(view.world) ?? [];
  const messages = (some: typeof claims): readonly string[] => some.map(({ message }) => message);
  return [messages(claims.filter(({ from }) => from(view))), messages(claims.filter(({ to }) => to(view)))];
}

const { world: twoVms } = assembled('two-vms');
const { world: arm64 } = assembled('two-vms', { set: { arch: 'arm64' } });
const { world: svm } = assembled('two-vms', { set: { arch: 'svm' } });
const { world: powerpc } = assembled('two-vms', { set: { arch: 'powerpc' } });
const { world: twoPairs } = assembled('opt-out');
const { world: restored } = assembled('restore');
const { world: intx } = assembled('intx-swap');
const { world: pairing } = assembled('pairing');
const { world: lacking } = assembled('optional-callbacks');

const msi = { gsi: 'g0', type: 'msi', vcpu: 'vcpu0' };
const interruptOf = (device: string): Shown => ({ device, number: 0 });

describe('l-resume', () => {
  const { resume } = liveness;

  it.each<readonly [string, World, readonly string[]]>([
    ['who can be started', pairing, ['p0', 'c0']],
    ['not who was defined without start', lacking, ['p1']],
    ['not whose machine has no start', twoVms, []],
    ['nor whose machine says nothing of it', withoutConstants(), []],
  ])('is about %s', (_, world, subjects) => {
    expect(subjectsOf(resume, world)).toEqual(subjects);
  });

  /** A world with a producer and a consumer whose machines have no constants. */
  function withoutConstants(): World {
    return worldWith(pairing, (actor) => {
      const { constants: _given, machine, ...rest } = actor;
      if (!['p0', 'c0'].includes(actor.name)) return actor;
      const { constants: _declared, ...declaration } = machine.declaration;
      return { ...rest, machine: { ...machine, declaration } };
    });
  }
});

describe('l-fair', () => {
  const { noStarvation } = liveness;
  const { world: resampling } = assembled('resampler');

  it.each<readonly [string, World, readonly string[]]>([
    ['threads and devices, and what embeds a struct', twoVms, ['p0', 'c0', 'c1', 's0', 'v0', 'k0', 'k1', 'z0', 'd0']],
    ['what embeds a consumer alone', resampling, ['c0', 'c1', 's0', 'g0', 'k0', 'k1', 'z0']],
    ['no struct by itself', pairing, ['t0', 't1']],
    ['but one that calls again', withConstants(pairing, { c0: { 'reenters stop': true } }), ['c0', 't0', 't1']],
    ['none that does not', withConstants(pairing, { c0: { 'reenters stop': false } }), ['t0', 't1']],
    ['nobody of whom something else is true', withConstants(pairing, { c0: { 'has stop': true } }), ['t0', 't1']],
  ])('is about %s', (_, world, subjects) => {
    expect(subjectsOf(noStarvation, world)).toEqual(subjects);
  });

  it('is about who has a message that waits in front of the mutex, whoever sent it', () => {
    const waitsFor = (to: string): readonly (readonly string[])[] => {
      const row = pairing.initial();
      const message = { type: 'register_producer', object: 'p0', key: 'e0', caller: 'p0' };
      row[pairing.channel(pairing.actor('t0')).start] = pairing.transitions.internEvent({ to, message }) + 1;
      return claimsOf(noStarvation, new WorldView(pairing, row));
    };
    const [ofT0, ofT1] = ['t0 waits for the mutex for ever', 't1 waits for the mutex for ever'];
    expect(waitsFor('registry')).toEqual([[ofT0], [ofT1]]);
    expect(waitsFor('p0')).toEqual([[], [ofT0, ofT1]]);
  });
});

describe('l-wake', () => {
  const { wake } = liveness;
  const sleeps = 'vcpu0 sleeps, an interrupt is pending, and nothing will wake it';
  const forEver = 'vcpu0 sleeps for ever, though an interrupt is pending';
  const pending = [interruptOf('d0')];

  it.each<readonly [string, World, Changes, boolean]>([
    ['a vCPU is blocked and has a posted interrupt', twoVms, { vcpu0: { value: 'blocked', pir: pending } }, true],
    ['none', twoVms, { vcpu0: { value: 'blocked' } }, false],
    ['one, and runs', twoVms, { vcpu0: { pir: pending } }, false],
    ['one, and is preempted', twoVms, { vcpu0: { value: 'preempted', pir: pending } }, false],
    ['an interrupt of SVM', svm, { vcpu0: { value: 'blocked', irr: pending } }, true],
    ['one of arm64 in hardware', arm64, { vcpu0: { value: 'blocked', hardware: pending } }, true],
    ['one of arm64 in software', arm64, { vcpu0: { value: 'blocked', software: pending } }, true],
    ['one of powerpc', powerpc, { vcpu0: { value: 'blocked', pending } }, true],
  ])('%s', (_, world, changes, isAsleep) => {
    const state = stateOf(world, changes);
    expect(saidOf(wake, state)).toEqual(isAsleep ? [sleeps] : []);
    expect(claimsOf(wake, state)[0]).toEqual(isAsleep ? [forEver] : []);
  });

  it('ends where the vCPU sleeps no more, interrupt or none', () => {
    const other = 'vcpu1 sleeps for ever, though an interrupt is pending';
    expect(claimsOf(wake, stateOf(twoVms, { vcpu0: { value: 'blocked' } }))[1]).toEqual([other]);
    expect(claimsOf(wake, stateOf(twoVms, { vcpu0: { pir: pending } }))[1]).toEqual([forEver, other]);
  });
});

describe('l-shut', () => {
  const { shutDown } = liveness;
  const assigned = { value: { life: 'assigned' }, eventfd: 'e0' };

  it.each<readonly [string, Changes, boolean]>([
    ['an irqfd that is assigned and in no list', { c0: assigned }, true],
    ['one that is in the list', { c0: { ...assigned, active: true } }, false],
    ['one that has no eventfd: it was freed', { c0: { ...assigned, eventfd: null } }, false],
    ['one whose KVM_IRQFD is under way', { c0: { ...assigned, value: { life: 'registering' } } }, false],
    ['one whose KVM_IRQFD has failed', { c0: { ...assigned, value: { life: 'unassigned' } } }, false],
  ])('%s', (_, changes, isLeft) => {
    const state = stateOf(twoVms, changes);
    const [of0, of1] = ['c0 was deactivated, and is never freed', 'c1 was deactivated, and is never freed'];
    expect(saidOf(shutDown, state)).toEqual(isLeft ? ['c0 was deactivated, and nothing will free it'] : []);
    expect(claimsOf(shutDown, state)).toEqual(isLeft ? [[of0], [of1]] : [[], [of0, of1]]);
  });

  it('nothing comes any more where the kernel has stopped', () => {
    const corrupted = stateOf(twoVms, { c0: assigned, registry: { value: 'corrupted' } });
    expect(claimsOf(shutDown, corrupted)[1]).toHaveLength(2);
    const locked = stateOf(twoVms, { c0: assigned, registry: { value: 'locked' } });
    expect(claimsOf(shutDown, locked)[1]).toHaveLength(1);
  });
});

describe('l-bypass', () => {
  const { bypassed } = liveness;
  const routed = { entry: msi, eventfd: 'e0' };
  const connected = { ...routed, cells: { peer: 'p0' as Name } };
  const isUnposted = 'c0 is connected, its route can be posted, and its irq is not';
  const never = 'c0 is connected, its route can be posted, and its irq never is';

  it.each<readonly [string, World, Changes, boolean]>([
    ['a pair whose irq goes to the host', twoVms, { c0: connected }, true],
    ['an irqfd that has no producer', twoVms, { c0: routed }, false],
    [
      'a pair whose irq is posted where its route goes',
      twoVms,
      { c0: connected, irq0: { entry: { mode: 'posted', vcpu: 'vcpu0' } } },
      false,
    ],
    [
      'a pair whose irq is posted elsewhere',
      twoVms,
      { c0: connected, irq0: { entry: { mode: 'posted', vcpu: 'vcpu1' } } },
      true,
    ],
    [
      'a pair whose route cannot be posted',
      twoVms,
      { c0: { ...connected, entry: { ...msi, type: 'multicast' } } },
      false,
    ],
    ['a pair of arm64', arm64, { c0: connected }, true],
    ['a pair of arm64 that an update has taken back', arm64, { c0: { ...connected, vcpu: 'vcpu0' } }, false],
    ['a pair of x86 that KVM believes to be posted', twoVms, { c0: { ...connected, vcpu: 'vcpu0' } }, true],
  ])('%s', (_, world, changes, isLeft) => {
    const state = stateOf(world, changes);
    expect(saidOf(bypassed, state)).toEqual(isLeft ? [isUnposted] : []);
    expect(claimsOf(bypassed, state)[0]).toEqual(isLeft ? [never] : []);
    expect(claimsOf(bypassed, state)[1]?.includes(never)).toBe(!isLeft);
  });
});

describe('l-deliver', () => {
  const { deliver } = liveness;
  const raised = { d0: { cells: { outstanding: 1 } } };
  const never = 'an interrupt of d0 is never seen';

  it.each<readonly [string, Changes, boolean, boolean]>([
    ['no interrupt', {}, false, true],
    ['one that nobody has seen', raised, true, false],
    ['one, while a vCPU is preempted', { ...raised, vcpu0: { value: 'preempted' } }, true, true],
    ['one, while the last vCPU is preempted', { ...raised, vcpu1: { value: 'preempted' } }, true, true],
    ['one, while a vCPU is blocked', { ...raised, vcpu0: { value: 'blocked' } }, true, false],
  ])('%s', (_, changes, begins, ends) => {
    expect(claimsOf(deliver, stateOf(twoVms, changes))).toEqual([begins ? [never] : [], ends ? [never] : []]);
  });

  const devices = (program: unknown): World =>
    worldWith(twoVms, ({ program: old, ...actor }) => {
      if (actor.name !== 'd0') return { ...actor, program: old };
      return program === undefined ? actor : { ...actor, program };
    });

  it.each<readonly [string, World, readonly string[]]>([
    ['a device that raises so many', devices({ msis: 3 }), ['d0']],
    ['not one that raises for ever', devices({ msis: 'forever' }), []],
    ['one that raises what it is told to', devices(undefined), ['d0']],
    ['an INTx line', intx, ['i0']],
  ])('is about %s', (_, world, subjects) => {
    expect(subjectsOf(deliver, world)).toEqual(subjects);
    expect(deliver.needs?.(world)).toBe(subjects.length > 0);
  });
});

describe('irqfds', () => {
  const { hasIrqfdOf, irqfdsOf, x86IrqfdsOf } = lookUps;
  const { world: none } = assembled('vdpa-config');

  it.each<readonly [string, World, string | null, boolean]>([
    ['irqfd', twoVms, 'vmx', true],
    ['irqfd-svm', svm, 'svm', true],
    ['irqfd-arm64', arm64, 'arm64', false],
    ['irqfd-powerpc', powerpc, 'powerpc', false],
    ['irqfd-arm64-hooked', assembled('routing-race', { set: { arch: 'arm64', reached: true } }).world, 'arm64', false],
    ['none', none, null, false],
  ])('%s', (machine, world, arch, isX86) => {
    const irqfds = irqfdsOf(world);
    expect(irqfds.map(({ irqfd }) => lookUps.machineOf(world, irqfd))).toEqual(irqfds.map(() => machine));
    expect([...new Set(irqfds.map((one) => one.arch))]).toEqual(arch === null ? [] : [arch]);
    expect(x86IrqfdsOf(world)).toEqual(isX86 ? irqfds : []);
    expect(hasIrqfdOf('vmx', 'svm')(world)).toBe(isX86);
    expect(hasIrqfdOf('arm64')(world)).toBe(arch === 'arm64');
    expect(hasIrqfdOf('powerpc', 'arm64')(world)).toBe(arch === 'arm64' || arch === 'powerpc');
  });

  it('are found with their VM and its lock', () => {
    expect(irqfdsOf(twoVms)).toEqual([
      { irqfd: 'c0', vm: 'vm0', lock: 'irqfdslock0', arch: 'vmx' },
      { irqfd: 'c1', vm: 'vm1', lock: 'irqfdslock1', arch: 'vmx' },
    ]);
  });
});

describe('where an irq is posted', () => {
  it.each<readonly [string, Shown, string | null]>([
    ['to a vCPU', { mode: 'posted', vcpu: 'vcpu0' }, 'vcpu0'],
    ['to the host, with what a posted entry has left', { mode: 'remapped', vcpu: 'vcpu0' }, null],
    ['to nobody', { mode: 'posted' }, null],
    ['to the host', { mode: 'remapped' }, null],
  ])('%s', (_, entry, vcpu) => {
    expect(lookUps.postedToIn(stateOf(twoVms, { irq0: { entry } }), 'irq0' as Name)).toBe(vcpu);
  });
});

describe('where the irq of a connected irqfd is wanted', () => {
  const wantedIn = (world: World, changes: Changes): string | null => {
    const [irqfd] = lookUps.irqfdsOf(world);
    if (irqfd === undefined) throw new Error('no irqfd');
    return lookUps.wantedBy(stateOf(world, changes), irqfd);
  };
  const routed = { entry: msi };
  const inhibited = { c0: routed, vm0: { cells: { avic_inhibited: true } } };
  const software = withConstants(arm64, { vgic0: { direct_msis: false } });
  const tables = { cells: { restored: true } };
  const softwareRestored = withConstants(restored, { vgic0: { direct_msis: false } });

  it.each<readonly [string, World, Changes, string | null]>([
    ['where its route goes', twoVms, { c0: routed }, 'vcpu0'],
    ['nowhere without a route', twoVms, {}, null],
    ['nowhere for a multicast MSI', twoVms, { c0: { entry: { ...msi, type: 'multicast' } } }, null],
    ['VMX, whatever AVIC is', twoVms, inhibited, 'vcpu0'],
    ['VMX, whatever vGIC there is', twoVms, { c0: { ...routed, vgic: 'vm0' } }, 'vcpu0'],
    ['SVM', svm, { c0: routed }, 'vcpu0'],
    ['SVM while AVIC is inhibited', svm, inhibited, null],
    ["SVM while another VM's AVIC is inhibited", svm, { c0: routed, vm1: inhibited.vm0 }, 'vcpu0'],
    ['powerpc, with or without a route', powerpc, {}, 'vcpu0'],
    ['powerpc, always to the first vCPU', powerpc, { c0: { entry: { ...msi, vcpu: 'vcpu1' } } }, 'vcpu0'],
    ['powerpc, of a VM that has none', powerpc, { c0: routed, vm0: { vcpus: [] } }, null],
    ['arm64', arm64, { c0: routed }, 'vcpu0'],
    ['arm64, without a vGIC', arm64, { c0: { ...routed, vgic: null } }, 'vcpu0'],
    ['arm64 without direct injection', software, { c0: routed }, null],
    ['arm64 before the tables of the ITS are there', restored, { c0: routed }, null],
    ['arm64 when they are there', restored, { c0: routed, vgic0: tables }, 'vcpu0'],
    ['arm64 when they are there, without direct injection', softwareRestored, { c0: routed, vgic0: tables }, null],
  ])('%s', (_, world, changes, vcpu) => {
    expect(wantedIn(world, changes)).toBe(vcpu);
  });
});

describe('an eventfd', () => {
  const signal = (by: string, held: boolean): Shown => ({ kind: 'signal', eventfd: 'e0', by, held });
  const unheld = (by: string): string => `${by} signals e0, on which it has no reference`;
  const state = stateOf(twoVms, {});

  it.each<readonly [string, readonly Shown[], string | null]>([
    ['by who holds it', [signal('p0', true)], null],
    ['by who does not', [signal('p0', false)], unheld('p0')],
    ['by who does not, after one who does', [signal('p0', true), signal('i0', false)], unheld('i0')],
    ['by nobody', [{ ...signal('p0', false), kind: 'call' }], null],
  ])('is signalled %s', (_, shown, message) => {
    expect(saidOfStep(eventfdReference, state, shown)).toBe(message);
  });

  it('has somebody who signals it in a world with a handler, of whatever kind', () => {
    const needs = [twoVms, intx, assembled('vdpa-config').world, assembled('resampler').world, pairing].map((world) =>
      eventfdReference.needs?.(world),
    );
    expect(needs).toEqual([true, true, true, false, false]);
  });
});

describe('an irqfd', () => {
  const deactivated = (irqfd: string, wasActive = true): Shown => ({ kind: 'deactivated', irqfd, wasActive });
  const listed = {
    vm0: { items: [{ irqfd: 'c0', eventfd: 'e0' }] },
    vm1: { items: [{ irqfd: 'c1', eventfd: 'e0' }] },
  };
  const again = 'c0 is deactivated, and is not active';

  it.each<readonly [string, Changes, readonly Shown[], string | null]>([
    ['once', listed, [deactivated('c0')], null],
    ['that is not active', listed, [deactivated('c0', false)], again],
    ['that is not in the list of its VM', { vm1: listed.vm1 }, [deactivated('c0')], again],
    ['that another one is in the list instead of', { vm0: listed.vm1 }, [deactivated('c0')], again],
    ['that is in that of its VM, and no other is in any', { vm1: listed.vm1 }, [deactivated('c1')], null],
    ['after another one', listed, [deactivated('c1'), deactivated('c0', false)], again],
    ["that is none: a virqfd, which is in no VM's list", {}, [deactivated('u0')], null],
    ['no more', listed, [{ ...deactivated('c0', false), kind: 'activated' }], null],
  ])('is deactivated: one %s', (_, changes, shown, message) => {
    expect(saidOfStep(once, stateOf(twoVms, changes), shown)).toBe(message);
  });

  it.each<readonly [string, boolean, readonly string[]]>([
    ['unassigned', true, []],
    ['assigned', true, []],
    ['registering', true, ['c0 was freed, and its KVM_IRQFD is registering']],
    ['registering', false, []],
  ])('is freed while KVM_IRQFD is %s: %s', (life, freed, messages) => {
    expect(saidOf(notFreedInAssign, stateOf(twoVms, { c0: { value: { life }, cells: { freed } } }))).toEqual(messages);
  });
});

describe('an interrupt', () => {
  const outstanding = (count: number): Change => ({ cells: { outstanding: count } });
  const kept = (device: string, ...waiters: string[]): Change => ({ counter: [interruptOf(device)], waiters });
  const enabled = { enabled: true, trigger: 'e0', ...outstanding(1) };

  it.each<readonly [string, World, string, Changes, boolean]>([
    ['that nobody has seen', twoPairs, 'd0', { d0: outstanding(1) }, true],
    ['that the guest has seen', twoPairs, 'd0', {}, false],
    ['of another device', twoPairs, 'd0', { d1: outstanding(1) }, false],
    ['that is kept in an eventfd', twoPairs, 'd0', { d0: outstanding(1), e1: kept('d0') }, false],
    [
      'that waits in an eventfd for who sleeps there',
      twoPairs,
      'd0',
      { d0: outstanding(1), e1: kept('d0', 'c1') },
      true,
    ],
    ['while another device has one in an eventfd', twoPairs, 'd0', { d0: outstanding(1), e1: kept('d1') }, true],
    ['and another one that is kept', twoPairs, 'd0', { d0: outstanding(0o11), e1: kept('d0') }, true],
    ['of a line', intx, 'i0', { i0: enabled }, true],
    ['of a line that is not enabled', intx, 'i0', { i0: { ...enabled, enabled: false } }, false],
    ['of a line that is masked', intx, 'i0', { i0: { ...enabled, masked: true } }, false],
    ['of a line that nobody listens to', intx, 'i0', { i0: { ...enabled, trigger: null } }, false],
  ])('%s', (_, world, source, changes, isLeft) => {
    const state = stateOf(world, changes);
    const message = `an interrupt of ${source} is never seen, and nothing moves any more`;
    expect(isStranded(state, source as Name)).toBe(isLeft);
    expect(saidOf(noLoss, state).includes(message)).toBe(isLeft);
  });

  it.each([
    [0, 0],
    [1, 1],
    [0o10, 1],
    [0o213, 6],
  ])('is counted by number: %i are %i', (octal, count) => {
    expect(outstandingIn(stateOf(twoPairs, { d0: outstanding(octal) }), 'd0' as Name)).toBe(count);
  });

  it.each<readonly [string, World, boolean]>([
    ['a device', twoVms, true],
    ['a line, without KVM', withoutKvm(intx), true],
    ['an eventfd that KVM listens to', assembled('resampler').world, true],
    ['an eventfd that it does not', pairing, false],
  ])('may come of %s', (_, world, may) => {
    expect([noLoss.needs?.(world), noDuplicate.needs?.(world)]).toEqual([may, may]);
  });

  /** The actors of a world without those that have to do with irqfds: enough for who asks only for kinds. */
  function withoutKvm(world: World): World {
    const actors = world.definition.actors.filter(({ machine }) => !machine.id.startsWith('irqfd'));
    return { definition: { actors } } as unknown as World;
  }
});

describe('of a step that shows interrupts', () => {
  const interrupt = (how: string, more: Shown = {}): Shown => ({
    kind: 'interrupt',
    how,
    vcpu: 'vcpu0',
    ...interruptOf('d0'),
    ...more,
  });
  const lost = (why: string): Shown => interrupt('lost', { why });
  const masked = lost('masked by the handler');
  const isLost = 'an interrupt of d0 is lost: masked by the handler';
  const again = interrupt('duplicate');
  const isAgain = 'vcpu0 sees an interrupt of d0 that was not raised again';

  it.each<readonly [string, Property, readonly Shown[], string | null]>([
    ['one that is lost', noLoss, [masked], isLost],
    ['one that is lost where no handler is requested', noLoss, [lost('no handler: the irq is not requested')], null],
    ['one that is lost with its eventfd', noLoss, [lost('the eventfd is gone')], null],
    ['one that is lost, after one that may be', noLoss, [lost('the eventfd is gone'), masked], isLost],
    ['one that is seen', noLoss, [{ ...masked, how: 'delivered' }], null],
    ['something else that is lost', noLoss, [{ ...masked, kind: 'signal' }], null],
    ['one that is seen twice', noDuplicate, [interrupt('delivered'), again], isAgain],
    ['one that is seen', noDuplicate, [interrupt('delivered')], null],
    ['something else that is there twice', noDuplicate, [{ ...again, kind: 'signal' }], null],
    ['something else, and one that is seen twice', noDuplicate, [{ ...again, kind: 'signal' }, again], isAgain],
  ])('%s', (_, property, shown, message) => {
    expect(saidOfStep(property, stateOf(twoVms, {}), shown)).toBe(message);
  });

  const posted = interrupt('posted');
  const stray = 'an interrupt of d0 is posted to vcpu0, and no irqfd of its VM has the eventfd of p0';
  const p0 = { trigger: 'e0' };
  const assigned = { p0, c0: { eventfd: 'e0' } };

  it.each<readonly [string, Changes, readonly Shown[], string | null]>([
    ['whose irqfd has the eventfd of its source', assigned, [posted], null],
    ['whose irqfd has none', { p0 }, [posted], stray],
    ['whose irqfd has another one', { p0, c0: { eventfd: 'e1' } }, [posted], stray],
    ["while another VM's irqfd has it", { p0, c1: { eventfd: 'e0' } }, [posted], stray],
    ['whose source has no eventfd', { c0: { eventfd: 'e0' } }, [posted], stray],
    ['where neither has one', {}, [posted], stray],
    ['of which nothing is posted', { p0 }, [interrupt('injected')], null],
    ['after something else that was posted', { p0 }, [{ ...posted, kind: 'signal' }, posted], stray],
    ['of which something else was posted', { p0 }, [{ ...posted, kind: 'signal' }], null],
    ['that has no vCPU of this name', assigned, [{ ...posted, vcpu: 'vcpu9' }], stray.replace('vcpu0', 'vcpu9')],
  ])('one that is posted to a VM %s', (_, changes, shown, message) => {
    expect(saidOfStep(noStray, stateOf(twoVms, changes), shown, 'd0')).toBe(message);
  });

  it('one that is posted is judged by the irq of who raised it', () => {
    const state = stateOf(twoPairs, { p1: { trigger: 'e1' }, c1: { eventfd: 'e1' } });
    expect(saidOfStep(noStray, state, [posted], 'd1')).toBe(null);
    expect(saidOfStep(noStray, state, [posted], 'd0')).toBe(stray);
    expect(saidOfStep(noStray, state, [posted], 's0')).toBe(null);
  });
});

describe('i-uniqfd', () => {
  it.each<readonly [string, readonly string[], readonly string[]]>([
    ['nobody', [], []],
    ['one irqfd', ['c0'], []],
    ['two irqfds', ['c0', 'c1'], ['c0 and c1 wait on e0: the first one takes every signal']],
    ['one irqfd, and a virqfd', ['u0', 'c0'], []],
  ])('on an eventfd waits %s', (_, waiters, messages) => {
    expect(saidOf(uniqueWaiter, stateOf(twoVms, { e0: { waiters } }))).toEqual(messages);
  });

  it('speaks of kernels since 6.17, and of worlds with several irqfds', () => {
    const worlds = [twoVms, assembled('two-vms', { revision: 'v2p7' }).world, assembled('assign').world];
    expect(worlds.map((world) => uniqueWaiter.needs?.(world))).toEqual([true, false, false]);
  });
});

describe('i-nobypass', () => {
  const optedOut = 'c0 is registered, and has no bypass or wants none';
  const unable = withConstants(twoVms, { c0: { has_irq_bypass: false } });

  it.each<readonly [string, World, Changes, readonly string[], readonly string[]]>([
    ['wants to be', twoVms, { c0: { bypasses: true } }, ['c0'], []],
    ['opted out', twoVms, {}, ['c0'], [optedOut]],
    ['opted out and is not', twoVms, {}, [], []],
    ['cannot be', unable, { c0: { bypasses: true } }, ['c0'], [optedOut]],
  ])('registered is an irqfd that %s', (_, world, changes, registered, messages) => {
    expect(saidOf(noBypass, stateOf(world, changes, registered))).toEqual(messages);
  });
});

describe('what user space is told', () => {
  const EIO = -5;
  const returns = (op: string, object: string | null, value: number | null, kind = 'return'): Shown => ({
    kind,
    op,
    object,
    value,
  });
  const { world: silent } = assembled('reported-failure', { set: { reports: false } });
  const { world: telling } = assembled('reported-failure');
  const told = (op: string, object: string): string => `${op} of ${object} returns -5, the error of a callback`;

  it.each<readonly [string, World, Shown, string | null]>([
    ['the error', silent, returns('set_irqs', 'p0', EIO), told('set_irqs', 'p0')],
    ['it in KVM_IRQFD', silent, returns('irqfd_assign', 'c0', EIO), told('irqfd_assign', 'c0')],
    ['it by a virtqueue', silent, returns('set_vring_call', 'p0', EIO), told('set_vring_call', 'p0')],
    ['it by vDPA', silent, returns('set_status', 'p0', EIO), told('set_status', 'p0')],
    ['an error of its own', silent, returns('set_irqs', 'p0', -22), null],
    ['success', silent, returns('set_irqs', 'p0', 0), null],
    ['nothing', silent, returns('set_irqs', 'p0', null), null],
    ['it by a call that registers nothing', silent, returns('clear_irqs', 'p0', EIO), null],
    ['it by a call of nobody', silent, returns('set_irqs', null, EIO), null],
    ['it by a call that begins', silent, returns('set_irqs', 'p0', EIO, 'call'), null],
    ['it by a call that begins, of nobody', silent, returns('set_irqs', null, EIO, 'call'), null],
    ['it where it is to be told', telling, returns('set_irqs', 'p0', EIO), null],
  ])('i-soft: of a failed callback user space learns %s', (_, world, shown, message) => {
    expect(saidOfStep(softFailure, stateOf(world, {}), [shown])).toBe(message);
  });

  const both = withConstants(twoVms, { p0: { reports: true }, c0: { reports: true }, c1: { reports: true } });
  const wanted = { c0: { bypasses: true } };
  const unfailed = (op: string, object: string): string =>
    `${op} of ${object} returns -5, and its registration did not fail`;
  const untold = (op: string, object: string): string => `${op} of ${object} returns 0, and its registration failed`;

  it.each<readonly [string, Shown, Changes, readonly string[], string | null]>([
    ['success of what succeeded', returns('set_irqs', 'p0', 0), {}, ['p0'], null],
    ['nothing of what succeeded', returns('set_irqs', 'p0', null), {}, ['p0'], null],
    ['failure of what succeeded', returns('set_irqs', 'p0', EIO), {}, ['p0'], unfailed('set_irqs', 'p0')],
    ['failure of what failed', returns('set_irqs', 'p0', EIO), {}, [], null],
    ['success of what failed', returns('set_irqs', 'p0', 0), {}, [], untold('set_irqs', 'p0')],
    ['nothing of what failed', returns('set_irqs', 'p0', null), {}, [], untold('set_irqs', 'p0')],
    ['success, where another one did', returns('set_irqs', 'p0', 0), wanted, ['c0'], untold('set_irqs', 'p0')],
    ['success of an irqfd that failed', returns('irqfd_assign', 'c0', 0), wanted, [], untold('irqfd_assign', 'c0')],
    ['success of one that opted out', returns('irqfd_assign', 'c0', 0), {}, [], null],
    ['failure of one that did not', returns('irqfd_assign', 'c0', EIO), wanted, ['c0'], unfailed('irqfd_assign', 'c0')],
    ['success of what sets up no single interrupt', returns('set_status', 'p0', 0), {}, [], null],
    ['success of what belongs to nobody', returns('set_irqs', null, 0), {}, [], null],
    ['success of what begins', returns('set_irqs', 'p0', 0, 'call'), {}, [], null],
  ])('i-report: user space learns of %s', (_, shown, changes, registered, message) => {
    expect(saidOfStep(reported, stateOf(both, changes, registered), [shown])).toBe(message);
  });

  it('i-report: nothing is said of who reports nothing', () => {
    expect(saidOfStep(reported, stateOf(silent, {}), [returns('set_irqs', 'p0', 0)])).toBe(null);
    expect(saidOfStep(reported, stateOf(silent, {}, ['p0']), [returns('set_irqs', 'p0', EIO)])).toBe(null);
    expect([silent, telling].map((world) => reported.needs?.(world))).toEqual([false, true]);
  });
});
