// The world of a real arm64 host: what its calls do, one after the other, each to its end, by the machines.
import { InputError } from '../../engine/input-error.ts';
import { TracedRun } from '../../engine/world/trace.ts';
import type { TraceStep } from '../../engine/world/trace.ts';
import type { Choice, Row } from '../../engine/world/world.ts';
import { World } from '../../engine/world/world.ts';
import { asObservation } from '../../machines/manager/protocol.ts';
import { mutated } from '../../mutations/mutation.ts';
import type { Mutation } from '../../mutations/mutation.ts';
import type { Revision } from '../../registry/revisions.ts';
import { build } from '../../scenarios/build.ts';
import { go, oneOf } from '../../scenarios/calls.ts';
import { parseCall } from '../../scenarios/files/call-syntax.ts';
import { system } from '../../scenarios/system.ts';
import { callbackText } from '../recorded-run.ts';

/** What a host has. */
export interface HostShape {
  /** VMs: one with two vCPUs; where there are two, the second has one. */
  readonly vms: 1 | 2;
  /** MSI-X vectors of the device, and irqfds: one for each GSI, the second of the second VM where there is one. */
  readonly vectors: 1 | 2;
  readonly gic: 3 | 4;
}

/** What is seen of one call. */
export interface HostSeen {
  /** What it returned: 0 and more, or a negative errno. */
  readonly returns: number;
  /** Callbacks and returns of the manager, in order. */
  readonly manager: readonly string[];
  /** Did irqfd_wakeup() run for a signal? Null where it may have run for other reasons. */
  readonly isSignalled: boolean | null;
}

/** Where a call leads to, and what is seen of it. */
export interface HostOutcome {
  readonly row: Row;
  readonly seen: HostSeen;
}

/** A call of user space, and of the device. */
export type HostCall = string;

/** Calls that signal something. */
const SIGNALS = /^(?:raise_msi|loopback|eventfd_signal)\(/;

const THREAD = 't0';

/** vCPUs by VM. */
const vcpus = (vms: number): readonly (readonly string[])[] => [['vcpu0', 'vcpu1'], ...(vms === 2 ? [['vcpu2']] : [])];

/** Every call of a host, in the order in which sequences try them. */
export function hostCalls({ vms, vectors }: HostShape): readonly HostCall[] {
  const each = Array.from({ length: vectors }, (_, i) => i);
  const vmOf = (i: number): number => (vms === 2 ? i : 0);
  return each
    .flatMap((i) => [
      ...(vcpus(vms)[vmOf(i)] ?? []).map((vcpu) => `set_gsi_routing(vm${vmOf(i)}, g${i}, ${vcpu})`),
      `clear_gsi_routing(vm${vmOf(i)}, g${i})`,
      ...['e0', 'e1'].flatMap((eventfd) => [`irqfd_assign(c${i}, ${eventfd})`, `set_irqs(p${i}, ${eventfd})`]),
      `irqfd_deassign(c${i})`,
      `clear_irqs(p${i})`,
      `raise_msi(d${i})`,
      `loopback(p${i})`,
    ])
    .concat(['eventfd_signal(e0)', 'close_eventfd(e0)', ...vcpus(vms).map((_, i) => `close_vm(vm${i})`)]);
}

/** The machines of a host, called as user space calls them. */
export class HostWorld {
  readonly world: World;
  readonly #choices = new Map<HostCall, string>();

  /**
   * @param shape - what there is
   * @param revision - of its manager: its kernel's callers come with it
   * @param mutation - a bug, for those who look for one
   */
  constructor(shape: HostShape, revision: Revision, mutation?: Mutation) {
    const { vms, vectors, gic } = shape;
    const calls = hostCalls(shape);
    const script = {
      ...system({
        arch: 'arm64',
        vms: vms === 2 ? [2, 1] : [2],
        vectors,
        irqfds: Array.from({ length: vectors }, (_, i) => ({ vm: vms === 2 ? i : 0, gsi: i })),
        eventfds: 2,
        device: { msis: 0 },
        knobs: { directMsis: gic === 4 },
      }),
      threads: { [THREAD]: [go(oneOf(...calls.map((call) => parseCall(call))), { ok: 0, error: 0 })] },
    };
    const built = build(script, revision.policy);
    this.world = new World(mutation === undefined ? built : mutated(built, mutation, 'the world of a host'));
    for (const call of calls) this.#choices.set(call, `${THREAD} ${call}`);
  }

  get initial(): Row {
    return this.world.initial();
  }

  /** A run that begins in a state. */
  run(): TracedRun {
    return new TracedRun(this.world);
  }

  /**
   * Makes a call and lets all that it starts come to its end, in the order in which it is started.
   *
   * @param row - where nothing is under way
   * @param call - one of `hostCalls`
   * @returns null where that call cannot be made there, or what it does is not modelled
   */
  after(row: Row, call: HostCall): HostOutcome | null {
    return this.#ends(row, call, true)[0] ?? null;
  }

  /** The same, in every order in which threads, jobs and workers can run. */
  everyOutcome(row: Row, call: HostCall): readonly HostOutcome[] {
    return this.#ends(row, call, false);
  }

  #ends(row: Row, call: HostCall, isFirst: boolean): readonly HostOutcome[] {
    const name = this.#choices.get(call);
    const made = this.world.choices(row).find((choice) => this.world.nameOf(choice) === name);
    if (made === undefined) return [];
    try {
      const begun = this.world.step(row, made);
      const open = [{ row: begun.row, observations: [...begun.observations] }];
      const known = new Set<string>();
      const found = new Map<string, HostOutcome>();
      for (let one = open.pop(); one !== undefined; one = open.pop()) {
        const under = this.world.choices(one.row).filter(({ column }) => column >= 0);
        if (under.length === 0) {
          const seen = seenOf(one.observations, call);
          found.set(`${this.textOf(one.row)} ${JSON.stringify(seen)}`, { row: one.row, seen });
          continue;
        }
        for (const choice of isFirst ? this.#usual(under) : under) {
          const next = this.world.step(one.row, choice);
          const observations = [...one.observations, ...next.observations];
          const key = `${this.textOf(next.row)} ${JSON.stringify(observations)}`;
          if (known.has(key)) continue;
          known.add(key);
          open.push({ row: next.row, observations });
        }
      }
      return [...found.values()];
    } catch (error) {
      if (error instanceof InputError || error instanceof RangeError) return [];
      throw error;
    }
  }

  /** What comes next where nobody is in a hurry: a job that KVM_IRQFD schedules is done before the consumer is registered. */
  #usual(under: readonly Choice[]): readonly Choice[] {
    const inject = under.find((choice) => this.world.nameOf(choice) === 'systemwq0.process_one_work()');
    return [inject ?? under[0]].flatMap((one) => one ?? []);
  }

  /** Equal texts are equal states. */
  textOf(row: Row): string {
    return String.fromCharCode(...row);
  }
}

function seenOf(observations: TraceStep['observations'], call: HostCall): HostSeen {
  const manager: string[] = [];
  let returns = 0;
  let isSignalled = false;
  for (const seen of observations.map(asObservation)) {
    switch (seen.kind) {
      case 'callback':
        manager.push(callbackText(seen));
        break;
      case 'return':
        if (seen.caller === THREAD) returns = seen.value ?? 0;
        else manager.push(`${seen.op}(${String(seen.object)})${seen.value === null ? '' : `=${seen.value}`}`);
        break;
      case 'interrupt':
        // KVM took the signal: it injects, or finds that there is no route.
        if (seen.how === 'injected' || (seen.how === 'lost' && seen.why?.startsWith('no route') === true))
          isSignalled = true;
        break;
      default:
    }
  }
  return { returns, manager, isSignalled: SIGNALS.test(call) ? isSignalled : null };
}
