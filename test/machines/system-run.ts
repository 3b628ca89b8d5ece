// Runs threads of a device assignment step by step, by the names of choices, and tells what is seen.
import type { TraceStep } from '../../src/engine/world/trace.ts';
import { TracedRun } from '../../src/engine/world/trace.ts';
import { World } from '../../src/engine/world/world.ts';
import { asObservation } from '../../src/machines/manager/protocol.ts';
import type { IrqfdContext } from '../../src/machines/kvm/irqfd.ts';
import { callbackText } from '../../src/bridge/recorded-run.ts';
import { revisionOf } from '../../src/scenarios/assembled.ts';
import { build } from '../../src/scenarios/build.ts';
import { step } from '../../src/scenarios/calls.ts';
import type { ScenarioActor, Script } from '../../src/scenarios/define.ts';
import { parseCall } from '../../src/scenarios/files/call-syntax.ts';

/** A world: two vectors at most, two irqfds at most, of one VM or of two, two eventfds. */
export interface SystemShape {
  readonly vectors?: 1 | 2;
  /** How many VMs the two irqfds are of; one irqfd where absent. */
  readonly vms?: 1 | 2 | undefined;
  readonly exclusive?: boolean | undefined;
  /** May posting fail with -EIO? */
  readonly fails?: boolean | undefined;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

function scriptOf(shape: SystemShape, threads: Readonly<Record<string, readonly string[]>>): Script {
  const { vectors = 1, vms, exclusive, fails = false } = shape;
  const irqfds = numbers(vms === undefined ? 1 : 2);
  const vmOf = (i: number): string => (vms === 2 ? `vm${i}` : 'vm0');
  const gsiOf = (i: number): string => `g${i}`;
  const eventfd = (i: number): ScenarioActor => ({
    name: `e${i}`,
    machine: 'eventfd',
    ...(exclusive === undefined ? {} : { constants: { exclusive } }),
  });
  return {
    producers: numbers(vectors).map((i) => ({
      name: `p${i}`,
      embeddedIn: { machine: 'vfio-vector', wiring: { irq: `irq${i}` } },
    })),
    consumers: irqfds.map((i) => ({
      name: `c${i}`,
      // The second irqfd of one VM serves the same GSI.
      embeddedIn: { machine: 'irqfd', wiring: { vm: vmOf(i), gsi: vms === 2 ? gsiOf(i) : 'g0' } },
    })),
    actors: [
      ...numbers(vms ?? 1).map((i) => ({ name: `vm${i}`, machine: 'vm' })),
      ...[0, 1].map(eventfd),
      ...numbers(vectors).map((i) => ({
        name: `irq${i}`,
        machine: 'irte',
        wiring: { vector: `p${i}` },
        ...(fails ? { failures: [-5] } : {}),
      })),
    ],
    threads: Object.fromEntries(
      Object.entries(threads).map(([thread, calls]) => [thread, calls.map((call) => step(parseCall(call)))]),
    ),
  };
}

/** Threads that call VFIO and KVM, one step at a time. */
export class SystemRun {
  readonly world: World;
  readonly run: TracedRun;
  readonly #fails: boolean;

  constructor(shape: SystemShape, threads: Readonly<Record<string, readonly string[]>>, revision = 'v2p8') {
    this.#fails = shape.fails === true;
    this.world = new World(build(scriptOf(shape, threads), revisionOf(revision).policy));
    this.run = new TracedRun(this.world);
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
      const next = (this.#fails ? named.find((name) => name.endsWith('= -EIO')) : undefined) ?? named[0];
      if (next === undefined) return steps;
      steps.push(this.take(next));
    }
    return steps;
  }

  /** The next call of a thread, to its end. */
  call(thread: string): TraceStep[] {
    const made = this.names().find((name) => name.startsWith(`${thread} `));
    if (made === undefined) throw new Error(`${thread} calls nothing`);
    return [this.take(made), ...this.deliver()];
  }

  /** Is a state of an actor active: `life.unregistering`? */
  isIn(actor: string, state: string): boolean {
    return this.run.view.matches(actor, state);
  }

  /** `irq0 vcpu0, c0 p0 vcpu0`: where each IRTE posts to; `irqfd->producer` and `irq_bypass_vcpu` of each irqfd. */
  state(): string {
    const { view } = this.run;
    const irtes = view.actorsOf('irte').map((irq) => `${irq} ${String(view.context(irq)['vcpu'] ?? 'host')}`);
    const irqfds = view.actorsOf('irqfd').map((irqfd) => {
      const { producer, vcpu } = view.context<IrqfdContext>(irqfd);
      return `${irqfd} ${producer ?? '-'} ${vcpu ?? '-'}`;
    });
    return [...irtes, ...irqfds].join(', ');
  }
}

/** What a thread's own call returned; void is 0. */
export function returned(steps: readonly TraceStep[], thread: string): number | undefined {
  const returns = steps
    .flatMap(({ observations }) => observations.map(asObservation))
    .flatMap((seen) => (seen.kind === 'return' && seen.caller === thread ? [seen.value ?? 0] : []));
  return returns.at(-1);
}

/** Callbacks, returns of the manager's functions, interrupts, warnings: in order. */
export function sees(steps: readonly TraceStep[], threads: readonly string[]): string {
  return steps
    .flatMap(({ observations, calls }) =>
      observations.map(asObservation).flatMap((seen) => {
        switch (seen.kind) {
          case 'callback':
            return [callbackText(seen)];
          case 'return':
            if (threads.includes(seen.caller)) return [];
            return [`${seen.op}(${String(seen.object)})${seen.value === null ? '' : `=${seen.value}`}`];
          case 'interrupt': {
            if (seen.how === 'posted') return [`posted:${String(seen.vcpu)}`];
            if (seen.how === 'lost') return ['lost'];
            const woken = calls.find(({ message }) => message.type === 'wakeup');
            return [`injected:${woken?.to ?? ''}`];
          }
          case 'call':
            return [];
          default:
            return [seen.kind];
        }
      }),
    )
    .join(' ');
}
