// How a scenario is written: which actors exist, what the threads may do, which faults may strike.
//
// A script describes threads as lists of steps; a step is one call, or a choice between calls. `scenario.build` turns
// it into the definition of a world for one revision.
import type { Discipline } from '../machines/manager/thread.ts';
import type { Policy } from '../machines/manager/policy.ts';
import type { Call, Name } from '../machines/manager/protocol.ts';
import { errno, name } from '../machines/manager/protocol.ts';
import { archPolicy, isSystemOperation } from '../machines/system-protocol.ts';
import type { ProgramStep } from '../engine/world/program.ts';
import type { StructDefinition, SystemActorDefinition, WorldDefinition } from '../engine/world/world.ts';

/** Parameters of a scenario: what `--set key=value` overrides. */
export type Parameters = Readonly<Record<string, number | boolean | string>>;

/** What a script returns. */
export interface Script {
  readonly producers?: readonly (string | StructDefinition)[];
  readonly consumers?: readonly (string | StructDefinition)[];
  readonly eventfds: readonly string[];
  /** Threads, by name: `t0`, `t1`, ... Each is a list of steps. */
  readonly threads: Readonly<Record<string, readonly ProgramStep[]>>;
  /** Threads that start only when others are done: `{t2: ['t0', 't1']}`. */
  readonly after?: Readonly<Record<string, readonly string[]>>;
  /** How callers treat a token that they own (before v1p3); `clean` where absent. */
  readonly discipline?: Discipline;
  /** May node allocations fail during registrations? */
  readonly allocationFaults?: boolean;
  /** The other actors of a system world: eventfds, VMs, IRTEs. */
  readonly system?: readonly SystemActorDefinition[];
  /** Groups of interchangeable members, for symmetry reduction; checked when it is used. */
  readonly interchangeable?: WorldDefinition['interchangeable'];
}

/** A scenario: a script with a name, a purpose and parameters. */
export interface Scenario<P extends Parameters = Parameters> {
  readonly id: string;
  readonly title: string;
  /** A sentence or two: what it shows, and where to look. */
  readonly description: string;
  /** Default values; the type of each is the type that `--set` must give. */
  readonly parameters: P;
  /** Properties that are checked; all of them where absent. */
  readonly properties?: readonly string[];
  readonly script: (parameters: Widened<P>) => Script;
}

/** `true` as boolean, `2` as number: what a parameter may be set to. */
type Widened<P extends Parameters> = {
  readonly [K in keyof P]: P[K] extends boolean
    ? boolean
    : P[K] extends number
      ? number
      : P[K] extends string
        ? string
        : P[K];
};

/** A scenario that is wrong: where, what, and what would be right. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}

/** Declares a scenario script; the built-in ones and users' own are written with it. */
export function defineScenario<const P extends Parameters>(scenario: Scenario<P>): Scenario {
  return scenario as unknown as Scenario;
}

/** irq_bypass_register_producer(producer, eventfd, irq) */
export function registerProducer(producer: string, eventfd: string | null, options: Partial<Call> = {}): Call {
  return { op: 'register_producer', object: name(producer), eventfd: key(eventfd), ...options };
}

/** irq_bypass_register_consumer(consumer, eventfd) */
export function registerConsumer(consumer: string, eventfd: string | null, options: Partial<Call> = {}): Call {
  return { op: 'register_consumer', object: name(consumer), eventfd: key(eventfd), ...options };
}

/** irq_bypass_unregister_producer(producer) */
export function unregisterProducer(producer: string, options: Partial<Call> = {}): Call {
  return { op: 'unregister_producer', object: name(producer), ...options };
}

/** irq_bypass_unregister_consumer(consumer) */
export function unregisterConsumer(consumer: string, options: Partial<Call> = {}): Call {
  return { op: 'unregister_consumer', object: name(consumer), ...options };
}

/** kfree() of a struct by its owner. */
export function free(object: string): Call {
  return { op: 'free', object: name(object) };
}

/** *to = *from: a by-value copy of a struct, list node and all. */
export function copy(from: string, to: string): Call {
  return { op: 'copy', object: name(from), to: name(to) };
}

/** VFIO_DEVICE_SET_IRQS: the vector's trigger becomes this eventfd. */
export function setIrqs(vector: string, eventfd: string): Call {
  return { op: 'set_irqs', object: name(vector), eventfd: name(eventfd) };
}

/** VFIO_DEVICE_SET_IRQS with -1: the vector's trigger goes. */
export function clearIrqs(vector: string): Call {
  return { op: 'clear_irqs', object: name(vector) };
}

/** KVM_IRQFD */
export function assignIrqfd(irqfd: string, eventfd: string): Call {
  return { op: 'irqfd_assign', object: name(irqfd), eventfd: name(eventfd) };
}

/** KVM_IRQFD with KVM_IRQFD_FLAG_DEASSIGN */
export function deassignIrqfd(irqfd: string): Call {
  return { op: 'irqfd_deassign', object: name(irqfd) };
}

/** KVM_SET_GSI_ROUTING: to a vCPU, or to what cannot be posted. */
export function setGsiRouting(vm: string, vcpu: string | null): Call {
  return { op: 'set_gsi_routing', object: name(vm), ...(vcpu === null ? {} : { to: name(vcpu) }) };
}

/** The device writes its MSI. */
export function raiseMsi(irq: string): Call {
  return { op: 'raise_msi', object: name(irq) };
}

/** eventfd_ctx_put() of the owner's reference. */
export function putEventfd(eventfd: string): Call {
  return { op: 'eventfd_ctx_put', object: null, eventfd: name(eventfd) };
}

/** Another eventfd is allocated at the same address. */
export function allocateEventfd(eventfd: string): Call {
  return { op: 'eventfd_ctx_alloc', object: null, eventfd: name(eventfd) };
}

/** A step that makes one call, then goes to the next step. */
export function step(call: Call): ProgramStep {
  return { calls: [call] };
}

/** A step that makes one of several calls. */
export function oneOf(...calls: Call[]): ProgramStep {
  return { calls };
}

/** A step that goes on at other steps: `go(step(call), {error: 0})` tries again from the start. */
export function go(from: ProgramStep, to: { readonly ok?: number; readonly error?: number }): ProgramStep {
  return { ...from, ...to };
}

/** The end of a program, for `go`. */
export const END: number = 1000;

/** A thread that registers a producer, and unregisters it when that worked. */
export function producerThread(producer: string, eventfd: string | null): readonly ProgramStep[] {
  return [go(step(registerProducer(producer, eventfd)), { error: END }), step(unregisterProducer(producer))];
}

/** A thread that registers a consumer, and unregisters it when that worked. */
export function consumerThread(consumer: string, eventfd: string | null): readonly ProgramStep[] {
  return [go(step(registerConsumer(consumer, eventfd)), { error: END }), step(unregisterConsumer(consumer))];
}

/** A program that goes where it says, moved down by some steps of another program before it. */
export function shifted(steps: readonly ProgramStep[], by: number): readonly ProgramStep[] {
  return steps.map(({ calls, ok, error }) => ({
    calls,
    ...(ok === undefined ? {} : { ok: ok + by }),
    ...(error === undefined ? {} : { error: error + by }),
  }));
}

/** A struct whose add callback may also fail with -EIO. */
export function fallible(struct: string): StructDefinition {
  return { name: struct, failures: [-errno.EIO] };
}

const key = (eventfd: string | null): Name | null => (eventfd === null ? null : name(eventfd));
const struct = (one: string | StructDefinition): StructDefinition => (typeof one === 'string' ? { name: one } : one);

/** Turns a script into a world definition. Throws ScenarioError where it names something it does not declare. */
export function build(script: Script, policy: Policy, where = 'scenario'): WorldDefinition {
  checkShape(where, script);
  const producers = (script.producers ?? []).map(struct);
  const consumers = (script.consumers ?? []).map(struct);
  const structs = [...producers, ...consumers].map((one) => one.name);
  const threads = Object.keys(script.threads);
  const actors = (script.system ?? []).map((one) => one.name);
  check(where, 'producer or consumer', [], structs);
  check(where, 'actor', [], [...structs, ...actors, ...threads]);
  check(where, 'eventfd', [], script.eventfds);
  for (const [thread, steps] of Object.entries(script.threads)) {
    for (const call of steps.flatMap((one) => one.calls)) {
      const place = `${where}: thread ${thread}, ${call.op}:`;
      if (call.object !== null && isSystemOperation(call.op)) {
        check(place, 'actor', [call.object], [...structs, ...actors]);
        continue;
      }
      if (call.object !== null) check(place, 'producer or consumer', [call.object], structs);
      if (call.to !== undefined) check(place, 'producer or consumer', [call.to], structs);
      if (call.eventfd !== undefined && call.eventfd !== null) check(place, 'eventfd', [call.eventfd], script.eventfds);
    }
  }
  check(
    where,
    'thread',
    Object.entries(script.after ?? {}).flatMap(([thread, others]) => [thread, ...others]),
    threads,
  );
  return {
    policy,
    discipline: script.discipline ?? 'clean',
    producers,
    consumers,
    eventfds: script.eventfds,
    callers: threads.map((thread) => ({
      name: thread,
      program: script.threads[thread] ?? [],
      after: script.after?.[thread] ?? [],
    })),
    allocationFaults: script.allocationFaults ?? false,
    ...(script.system === undefined ? {} : { system: { actors: script.system, arch: archPolicy } }),
    ...(script.interchangeable === undefined ? {} : { interchangeable: script.interchangeable }),
  };
}

/** A script may come from plain JavaScript or from a trace file: its shape is checked, not believed. */
function checkShape(where: string, script: Script): void {
  const wrong = (what: string): never => {
    throw new ScenarioError(`${where}: ${what}`);
  };
  if (typeof script !== 'object' || script === null) wrong('the script returns no object');
  if (!Array.isArray(script.eventfds)) wrong('eventfds must be a list of names');
  if (typeof script.threads !== 'object' || script.threads === null) wrong('threads must be an object of lists');
  for (const [thread, steps] of Object.entries(script.threads)) {
    if (!Array.isArray(steps)) wrong(`thread ${thread} must be a list of steps`);
    for (const one of steps as readonly ProgramStep[]) {
      if (typeof one !== 'object' || one === null || !Array.isArray(one.calls))
        wrong(`thread ${thread}: a step has "calls"`);
    }
  }
}

function check(where: string, kind: string, used: readonly string[], declared: readonly string[]): void {
  const twice = declared.find((one, i) => declared.indexOf(one) !== i);
  if (twice !== undefined) throw new ScenarioError(`${where}: ${kind} "${twice}" is declared twice`);
  const unknown = used.find((one) => !declared.includes(one));
  if (unknown === undefined) return;
  throw new ScenarioError(`${where} ${kind} "${unknown}" is not declared (declared: ${declared.join(', ') || 'none'})`);
}
