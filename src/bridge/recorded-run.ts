// Runs recorded calls on the machines and observes what the recording observed.
//
// One thread makes the calls in turn; a second one makes the racing calls, each in full, after the first one's unlocked
// half and before it gets the mutex. Faults are armed for one call.
import type { Name } from '../engine/actors/name.ts';
import { name } from '../engine/actors/name.ts';
import { PlainRow } from '../engine/world/memory.ts';
import { WorldView } from '../engine/world/view.ts';
import { World } from '../engine/world/world.ts';
import type { Policy } from '../machines/manager/policy.ts';
import type { Call } from '../machines/manager/program.ts';
import type { Callback, Observation } from '../machines/manager/protocol.ts';
import type { Discipline } from '../machines/manager/tokens.ts';
import type { Field } from '../registry/manager-view.ts';
import { ManagerView } from '../registry/manager-view.ts';
import { EVENTFDS, StructureMemory } from '../registry/structure-memory.ts';
import { build } from '../scenarios/build.ts';
import type { StructDefinition } from '../scenarios/define.ts';
import { machinesOf } from '../scenarios/machines.ts';
import { CallDriver, CallEvents } from './call-driver.ts';
import type { CallRun, CallRunner, Observed } from './call-runner.ts';
import type { RecordedCall, RecordedFault, RecordedOperation, RecordedSequence } from './recorded-format.ts';

const OUTER = name('t0');
const INNER = name('t1');

interface CallObserved {
  ret: number | null;
  callbacks: string[];
  warn: boolean;
}

/** `a` for one, `[a, b]` for several: how the recording writes sets that may be ambiguous. */
function oneOrMany(values: readonly string[]): string | string[] {
  const [first] = values;
  return values.length === 1 && first !== undefined ? first : [...values];
}

function collect(pairs: readonly (readonly [string, string])[]): Record<string, string | string[]> {
  const found = new Map<string, string[]>();
  for (const [key, value] of pairs) found.set(key, [...(found.get(key) ?? []), value]);
  return Object.fromEntries([...found].map(([key, values]) => [key, oneOrMany(values)]));
}

/** The names a sequence speaks of, besides the ones every world has. */
function namesOf(sequence: RecordedSequence): { readonly structs: Set<string>; readonly eventfds: Set<string> } {
  const structs = new Set(['p0', 'p1', 'p2', 'c0', 'c1', 'c2', ...Object.keys(sequence.setup ?? {})]);
  const eventfds = new Set(['e1', 'e2', 'e3', ...Object.keys(sequence.eventfds ?? {})]);
  const calls = (list: readonly RecordedCall[]): void => {
    for (const { producer, consumer, eventfd } of list) {
      for (const struct of [producer, consumer]) if (struct !== undefined) structs.add(struct);
      if (eventfd !== undefined && eventfd !== null) eventfds.add(eventfd);
    }
  };
  calls(sequence.ops);
  for (const { fault } of sequence.ops) if (fault?.race !== undefined) calls([fault.race].flat());
  return { structs, eventfds };
}

/** The machines of one revision, ready to run recorded sequences. */
export class RecordedRunner implements CallRunner {
  readonly #policy: Policy;
  readonly #discipline: Discipline;
  #first: World | undefined;
  readonly #worlds = new Map<string, World>();
  readonly #events = new Map<World, CallEvents>();

  constructor(policy: Policy, discipline: Discipline) {
    this.#policy = policy;
    this.#discipline = discipline;
  }

  start(sequence: RecordedSequence): CallRun {
    const { structs, eventfds } = namesOf(sequence);
    const lacks = sequence.setup ?? {};
    const key = JSON.stringify([[...structs].toSorted(), [...eventfds].toSorted(), Object.entries(lacks).toSorted()]);
    let world = this.#worlds.get(key);
    if (world === undefined) {
      const define = (letter: string): StructDefinition[] =>
        [...structs]
          .filter((struct) => struct.startsWith(letter))
          .toSorted()
          .map((struct) => ({ name: struct, lacks: lacks[struct] ?? [] }));
      const definition = build(
        {
          producers: define('p'),
          consumers: define('c'),
          eventfds: [...eventfds].toSorted(),
          discipline: this.#discipline,
        },
        this.#policy,
      );
      const { thread } = machinesOf(this.#policy, this.#discipline);
      const threads = [OUTER, INNER].map((one) => ({ name: one, machine: thread }));
      world = new World({ ...definition, actors: [...definition.actors, ...threads] }, this.#first);
      this.#first ??= world;
      this.#worlds.set(key, world);
    }
    const named = world.definition.actors.filter(({ machine }) => machine.id === 'eventfd').map((one) => one.name);
    const usual = named.map((eventfd) => [eventfd, EVENTFDS + 64n * BigInt(eventfd.replace(/^\D+/, ''))] as const);
    const given = Object.entries(sequence.eventfds ?? {}).map(([eventfd, text]) => [eventfd, BigInt(text)] as const);
    const events = this.#events.get(world) ?? new CallEvents(world);
    this.#events.set(world, events);
    return new RecordedRun(world, events, Object.fromEntries([...usual, ...given]));
  }
}

/** One sequence in progress. */
class RecordedRun implements CallRun {
  readonly #world: World;
  readonly #driver: CallDriver;
  readonly #memory: StructureMemory;
  readonly #manager: ManagerView;
  readonly #printed = new Set<string>();

  constructor(world: World, events: CallEvents, addresses: Readonly<Record<string, bigint>>) {
    this.#world = world;
    const row = world.initial();
    this.#memory = new StructureMemory(world, new PlainRow(row), addresses);
    this.#manager = new ManagerView(new WorldView(world, row));
    this.#driver = new CallDriver(events, this.#manager, row, this.#memory);
  }

  get isCorrupt(): boolean {
    return this.#manager.isCorrupt;
  }

  perform(operation: RecordedOperation): Observed {
    const racing: CallObserved[] = [];
    const seen = this.#call(OUTER, operation, operation.fault ?? {}, racing);
    const warned = seen.warnings;
    const observed: Observed = {
      ret: seen.ret,
      callbacks: seen.callbacks,
      warn: seen.warn,
      corruption: this.isCorrupt,
    };
    if (warned.length > 0) {
      observed.warn_in = [...new Set(warned.map((w) => w.in))];
      observed.warn_printed = this.#print(warned.map((w) => `${w.in}: ${w.condition}`));
    }
    if (racing.length > 0) observed.race = Array.isArray(operation.fault?.race) ? racing : racing[0];
    return { ...observed, ...this.#state(operation) };
  }

  /** WARN_ON_ONCE prints once a place in a sequence. */
  #print(places: readonly string[]): boolean {
    const fresh = places.some((place) => !this.#printed.has(place));
    for (const place of places) this.#printed.add(place);
    return fresh;
  }

  #call(
    caller: Name,
    recorded: RecordedCall,
    fault: RecordedFault,
    racing: CallObserved[],
  ): CallObserved & { warnings: Extract<Observation, { kind: 'warn' }>[] } {
    const object = recorded.producer ?? recorded.consumer;
    const eventfd = recorded.eventfd === undefined || recorded.eventfd === null ? null : name(recorded.eventfd);
    const call: Call = {
      op: recorded.op,
      object: object === undefined ? null : name(object),
      ...(recorded.op.startsWith('register') ? { eventfd } : {}),
      ...(recorded.op === 'register_producer' ? { irq: recorded.irq ?? null } : {}),
      ...(fault.module_get === true ? { moduleGet: 'fails' as const } : {}),
    };
    const mine = this.#driver.observed(() => {
      if (this.#driver.begin(caller, call)) this.#race(fault, racing);
      this.#memory.failAllocations(fault.alloc ?? 'none');
      const answer = (callback: string): number | undefined =>
        callback === 'add_consumer' ? fault.prod_add : callback === 'add_producer' ? fault.cons_add : undefined;
      this.#driver.finish(caller, { answer });
      this.#memory.failAllocations('none');
    });
    const returned = mine.findLast((o) => o.kind === 'return');
    const warnings = mine.filter((o) => o.kind === 'warn');
    return {
      ret: returned?.value ?? null,
      callbacks: mine.filter((o) => o.kind === 'callback').map(callbackText),
      warn: warnings.length > 0,
      warnings,
    };
  }

  /** Calls of the second thread, each in full. */
  #race({ race = [] }: RecordedFault, racing: CallObserved[]): void {
    for (const call of [race].flat()) {
      const { ret, callbacks, warn, warnings } = this.#call(INNER, call, call.fault ?? {}, []);
      racing.push({ ret, callbacks, warn });
      this.#print(warnings.map((w) => `${w.in}: ${w.condition}`));
      if (this.isCorrupt) return;
    }
  }

  /** The manager's state after a call, as recorded. */
  #state(operation: RecordedOperation): Observed {
    const { policy, producers, consumers } = this.#manager;
    const { values } = this.#world;
    const text = (id: number): string => String(values.value(id));
    const [ps = [], cs = []] = (['producers', 'consumers'] as const).map((side) =>
      this.#memory.realEntries(side).map(([key, object]) => [text(key), text(object)] as const),
    );
    const held = new Set([...ps, ...cs].map(([key, object]) => `${object} ${key}`));
    const stale = [...producers, ...consumers].flatMap((struct) => {
      const key = this.#field(struct, 'key');
      return key === null || held.has(`${struct} ${String(key)}`) ? [] : [[struct, String(key)] as const];
    });
    const ledger = this.#ledger();
    const tracked = policy.binding !== 'implied';
    const forward = this.#peers(producers);
    const observed: Observed = {
      producers: collect(ps),
      consumers: collect(cs),
      bindings: collect(tracked ? forward : ledger),
    };
    if (tracked) {
      const backward = this.#peers(consumers);
      const inverse = JSON.stringify(forward.map(([p, c]) => [c, p]).toSorted());
      if (JSON.stringify(backward.toSorted()) !== inverse) observed.cons_bindings = collect(backward);
      if (JSON.stringify(ledger.toSorted()) !== JSON.stringify(forward.toSorted())) observed.ledger = collect(ledger);
    }
    if (stale.length > 0) observed.stale = Object.fromEntries(stale);
    if (operation.op === 'register_producer' && operation.irq !== undefined) {
      observed.irq_after = this.#field(operation.producer ?? '', 'irq') as number | null;
    }
    if (policy.moduleReference) observed.module_refs = this.#manager.moduleReferences;
    if (policy.index === 'xarray') observed.xa_nodes = this.#memory.nodes;
    return observed;
  }

  #field(struct: string, field: Field): unknown {
    return this.#manager.field(name(struct), field);
  }

  #peers(structs: readonly Name[]): [string, string][] {
    return structs.flatMap((struct): [string, string][] => {
      const peer = this.#manager.field(struct, 'peer');
      return peer === null ? [] : [[struct, String(peer)]];
    });
  }

  /** What the callbacks imply: producer and consumer of every successful add_producer without its del_producer. */
  #ledger(): [string, string][] {
    return this.#manager.consumers
      .flatMap((consumer) => this.#manager.added(consumer).map((producer): [string, string] => [producer, consumer]))
      .toSorted();
  }
}

/** A callback as the recording writes it: `p0.stop`, `c1.add_producer(p0)=-5`. */
export function callbackText(observation: {
  readonly object: Name;
  readonly callback: Callback;
  readonly peer: Name | null;
  readonly value: number | null;
}): string {
  const { object, callback, peer, value } = observation;
  return `${object}.${callback}${peer === null ? '' : `(${peer})`}${value === null ? '' : `=${value}`}`;
}
