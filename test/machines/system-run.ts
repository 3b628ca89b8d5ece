// Runs threads of a system world step by step, by the names of choices, and tells what is seen, in the words of the litmus sequences.
import type { TraceStep } from '../../src/engine/world/trace.ts';
import { TracedRun } from '../../src/engine/world/trace.ts';
import type { WorldView } from '../../src/engine/world/view.ts';
import { World } from '../../src/engine/world/world.ts';
import { asObservation } from '../../src/machines/manager/protocol.ts';
import type { IrqfdContext } from '../../src/machines/kvm/irqfd-context.ts';
import { callbackText } from '../../src/bridge/recorded-run.ts';
import { revisionOf } from '../../src/scenarios/assembled.ts';
import { mutated } from '../../src/mutations/mutation.ts';
import { mutationOf } from '../../src/scenarios/assemble.ts';
import { build } from '../../src/scenarios/build.ts';
import { step } from '../../src/scenarios/calls.ts';
import type { Script } from '../../src/scenarios/define.ts';
import { parseCall } from '../../src/scenarios/files/call-syntax.ts';
import { system } from '../../src/scenarios/system.ts';
import type { Arch, SystemLitmus } from './litmus/format.ts';

/** What a sequence has, and which kernel it is on. */
export type Shape = Pick<SystemLitmus, 'shape' | 'faults'> & { readonly arch?: Arch; readonly kernel?: string };

/** The world of a litmus sequence, with threads that make calls in turn. */
function scriptOf(
  { arch = 'vmx', shape = {}, faults = [] }: Shape,
  threads: Readonly<Record<string, readonly string[]>>,
): Script {
  const { vectors = 1, irqfds = 1, vms = 1, queues, intx, knobs = {} } = shape;
  const { posted = true, ipiv = false, gicv4 = true } = knobs;
  return {
    ...system({
      arch: arch,
      vms: vms === 2 ? [2, 1] : [2],
      vectors,
      irqfds: Array.from({ length: irqfds }, (_, i) => ({ vm: vms === 2 ? i : 0, gsi: i })),
      eventfds: 2,
      ...(queues === undefined
        ? {}
        : { queue: { sharesIrq: faults.includes('vq-irq-shared'), irqIsZero: faults.includes('vq-irq-zero') } }),
      intx: intx !== undefined,
      device: { msis: faults.includes('msi-in-gap') ? 1 : 0 },
      failures: faults.flatMap((one) => failureOf(one)).slice(0, 1),
      failsLate: true,
      lacksMetadata: faults.includes('irq0-metadata'),
      mapsLate: faults.includes('lpi-unresolved'),
      knobs: { posted, ipiv, directMsis: gicv4 },
    }),
    threads: Object.fromEntries(
      Object.entries(threads).map(([thread, calls]) => [
        thread,
        calls.map((call) => step(parseCall(call.replace(', resample)', ', resamplefd=e1)')))),
      ]),
    ),
  };
}

/** What irq0 answers to a request, where a fault is about that. */
const failureOf = (fault: string): number[] => {
  if (/^irq0(#|=|$)/.test(fault)) return [Number(/=(-\d+)$/.exec(fault)?.[1] ?? -5)];
  return { 'vlpi-maps': [-12], 'pimap-full': [-11], 'pimap-taken': [-22] }[fault] ?? [];
};
const bugs: Readonly<Record<string, string>> = { danglingProducer: 'b1', clobbersType: 'b4a', noKick: 'b13a' };

/** Calls of a vCPU's own thread: the vCPU. */
const vcpuOf = (call: string): string | undefined => /^vcpu_\w+\((vcpu\d+)/.exec(call)?.[1];
/** A call as the machines have it: a vCPU migrates by being preempted and loaded on the other CPU. */
const madeOf = (call: string): readonly string[] => {
  const vcpu = vcpuOf(call);
  return call.startsWith('vcpu_migrate') ? [`vcpu_preempt(${vcpu})`, `vcpu_load(${vcpu}, moves)`] : [call];
};

/** Threads that call VFIO, KVM and the others, one step at a time. */
export class SystemRun {
  readonly world: World;
  readonly run: TracedRun;
  readonly #faults: string[];

  constructor(shape: Shape, threads: Readonly<Record<string, readonly string[]>>, revision = 'v2p8') {
    this.#faults = [...(shape.faults ?? [])];
    const built = build(scriptOf(shape, threads), revisionOf(revision).policy);
    const bug = Object.entries(shape.shape?.knobs ?? {}).flatMap(([knob, isOn]) => (isOn ? (bugs[knob] ?? []) : []))[0];
    const found = bug === undefined ? undefined : mutationOf(bug);
    this.world = new World(found === undefined ? built : mutated(built, found, 'a litmus sequence'));
    this.run = new TracedRun(this.world);
  }

  /** The world of a sequence: the calls of vCPUs in threads of their own. */
  static of(litmus: SystemLitmus, revision: string): SystemRun {
    const threads: Record<string, string[]> = {};
    for (const { call } of litmus.lines) (threads[threadOf(call)] ??= []).push(...madeOf(call));
    return new SystemRun(litmus, threads, revision);
  }

  get view(): WorldView {
    return this.run.view;
  }

  /** Takes the choice of this name. */
  take(choice: string): TraceStep {
    return this.run.take(choice);
  }

  /** Names of what may happen next. */
  names(): string[] {
    return this.run.choices().map((choice) => this.world.nameOf(choice));
  }

  /** Delivers what is in flight, in order, until a test holds or nothing is left. */
  deliver(isReached: () => boolean = () => false): TraceStep[] {
    const steps: TraceStep[] = [];
    while (!isReached()) {
      const choices = this.run.choices().filter(({ column }) => column >= 0);
      const named = choices.map((choice) => this.world.nameOf(choice));
      // An inject job that KVM_IRQFD schedules is seen before the consumer is registered.
      const inject = named.find((name) => name === 'systemwq0.process_one_work()');
      const next = inject ?? this.#faulty(named) ?? named[0];
      if (next === undefined) return steps;
      steps.push(this.take(next));
    }
    return steps;
  }

  /** A fault strikes as soon as it can, once. */
  #faulty(named: readonly string[]): string | undefined {
    if (this.#faults[0] === 'lpi-unresolved') {
      const unmapped = named.find((name) =>
        /^vgic0\.its_resolve_lpi\(.*unmapped|^vgic0\.its_resolve_lpi\(.*true/.test(name),
      );
      if (unmapped !== undefined) this.#faults.shift();
      return unmapped;
    }
    if (this.#faults[0] === 'msi-in-gap' && named.some((name) => name.startsWith('irq0.vmapti'))) {
      this.#faults.shift();
      return this.names().find((name) => name.startsWith('d0 '));
    }
    if (this.#faults[0] === 'irq0-metadata') {
      const lacking = named.find((name) => /^irq0\..*missing/.test(name));
      if (lacking !== undefined) this.#faults.shift();
      return lacking;
    }
    const fault = this.#faults.findIndex((one) => failureOf(one).length > 0);
    const struck = fault < 0 ? undefined : named.find((name) => /^irq0\..* = -/.test(name));
    if (struck === undefined) return undefined;
    const [, countdown] = /#(\d+)/.exec(this.#faults[fault] ?? '') ?? [];
    if (Number(countdown ?? 1) > 1) {
      this.#faults[fault] = String(this.#faults[fault]).replace(/#\d+/, `#${Number(countdown) - 1}`);
      return undefined;
    }
    this.#faults.splice(fault, 1);
    return struck;
  }

  /** The next call of a thread, to its end. */
  call(thread: string): TraceStep[] {
    const made = this.names().find((name) => name.startsWith(`${thread} `));
    if (made === undefined) throw new Error(`${thread} calls nothing`);
    return [this.take(made), ...this.deliver()];
  }

  /** A call of a sequence, to its end, whoever makes it. */
  line(call: string): TraceStep[] {
    return madeOf(call).flatMap(() => this.call(threadOf(call)));
  }

  /** Is a state of an actor active: `life.assigned`? */
  isIn(actor: string, state: string): boolean {
    return this.run.view.matches(actor, state);
  }

  /** The state in the words of the sequences, as far as one asks: `irq0 host; c0 - -`. */
  state(asked: string): string {
    return asked
      .split('; ')
      .map((one) => `${String(one.split(' ')[0])} ${this.#stateOf(String(one.split(' ')[0]))}`)
      .join('; ');
  }

  #stateOf(what: string): string {
    const { view } = this;
    const [actor = '', field] = what.split('.');
    const context = view.context<Record<string, unknown>>(actor);
    if (field === 'nv') return String(context['nv']);
    if (field === 'on') return String(Number(context['on']));
    if (field === 'halted') return String(view.load(actor, 'halted'));
    if (field === 'ir_list')
      return (
        (context['irList'] as readonly { readonly irqfd: string }[])
          .map(({ irqfd }) => irqfd)
          .toSorted()
          .join(',') || '-'
      );
    if (actor.startsWith('irq')) return (context['entry'] as { readonly vcpu?: string }).vcpu ?? 'host';
    if (actor.startsWith('c')) {
      const { producer, vcpu } = view.context<IrqfdContext>(actor);
      return `${producer ?? '-'} ${vcpu ?? '-'}`;
    }
    if (actor.startsWith('vm')) return String(view.load(actor, 'nr_possible_bypass_irqs'));
    if (actor.startsWith('e'))
      return String(Number(context['isOpen']) + (context['holders'] as readonly string[]).length);
    const value = String(view.value(actor));
    return value === 'guest' ? 'running' : value;
  }
}

/** The thread that makes a call. */
export function threadOf(call: string): string {
  const vcpu = vcpuOf(call);
  return vcpu === undefined ? 't0' : vcpu.replace('vcpu', 'v');
}

/** What a thread's own call returned; void is 0, and so is what has not returned yet. */
export function returned(steps: readonly TraceStep[], thread: string): number | undefined {
  const returns = steps
    .flatMap(({ observations }) => observations.map(asObservation))
    .flatMap((seen) => (seen.kind === 'return' && seen.caller === thread ? [seen.value ?? 0] : []));
  return returns.at(-1);
}

/** Why an interrupt was lost, in a word. */
const reasons: Readonly<Record<string, string>> = {
  'no handler': 'no-handler',
  'no route': 'no-route',
  unmapped: 'unmapped',
  masked: 'masked',
};

/** Callbacks, returns of the manager's functions, interrupts, warnings: in order. */
export function sees(steps: readonly TraceStep[], threads: readonly string[]): string {
  return steps
    .flatMap(({ observations, calls, to }) =>
      observations.map(asObservation).flatMap((seen) => {
        switch (seen.kind) {
          case 'callback':
            return [callbackText(seen)];
          case 'return':
            if (threads.includes(seen.caller)) return [];
            return [`${seen.op}(${String(seen.object)})${seen.value === null ? '' : `=${seen.value}`}`];
          case 'interrupt': {
            // Whoever closes an eventfd or a VM gives up what is in it.
            if (seen.how === 'delivered' || seen.why?.endsWith(' is gone') === true) return [];
            if (seen.how === 'lost')
              return [`lost:${reasons[String(seen.why).split(':')[0] ?? ''] ?? String(seen.why)}`];
            if (seen.how === 'pending')
              return [`pending:${[...calls.map((one) => one.to), to].find((one) => /^e\d/.test(one)) ?? ''}`];
            return [`${seen.how}:${String(seen.vcpu)}`];
          }
          case 'wake':
            return [`wake:${seen.vcpu}`];
          case 'call':
            return [];
          case 'warn':
          case 'corruption':
          case 'use-after-free':
          case 'splat':
          case 'oops':
            return [seen.kind];
          default:
            return [];
        }
      }),
    )
    .join(' ');
}
