// From a script to the definition of a world: every name checked, every call one that its actor declares.
import { ownValue } from '../engine/own-value.ts';
import { withArticle } from '../engine/article.ts';
import type { Machine, Operation } from '../engine/actors/machine.ts';
import { kindsOf } from '../engine/actors/machine.ts';
import type { Value } from '../engine/actors/name.ts';
import { NAME_PATTERN } from '../engine/actors/name.ts';
import { InputError } from '../engine/input-error.ts';
import type { ActorDefinition, WorldDefinition } from '../engine/world/definition.ts';
import { rolesOf } from '../engine/world/wiring.ts';
import { tasks } from '../machines/kernel/task.ts';
import type { Policy } from '../machines/manager/policy.ts';
import type { Call, Program, ProgramStep } from '../machines/manager/program.ts';
import { REGISTRY } from '../machines/manager/protocol.ts';
import { managerLanguage } from '../registry/language.ts';
import { StructureMemory } from '../registry/structure-memory.ts';
import type { Argument } from './argument.ts';
import { argumentOf } from './argument.ts';
import type { MachineOfScript, ScenarioActor, Script, StructDefinition } from './define.ts';
import type { Machines } from './machines.ts';
import { isMachineId, machineIds, machinesOf, plainThread } from './machines.ts';
import { membersWithParts, withParts } from './parts.ts';
import { nearest } from './nearest.ts';
import { ScenarioError } from './scenario-error.ts';
import { expectScript } from './script-shape.ts';
import { threadLanguage } from './thread-language.ts';
import { waitsFor } from './waits-for.ts';

const byName = new WeakMap<readonly ActorDefinition[], ReadonlyMap<string, ActorDefinition>>();

/** The actor of a name; the first where there are several. A file may have thousands, and as many calls. */
function actorNamed(actors: readonly ActorDefinition[], name: string): ActorDefinition | undefined {
  let known = byName.get(actors);
  if (known === undefined) {
    known = new Map(actors.toReversed().map((actor) => [actor.name, actor]));
    byName.set(actors, known);
  }
  return known.get(name);
}

/** Is this a program with the steps of a thread? */
function isProgram(program: unknown): program is Program {
  return typeof program === 'object' && program !== null && 'steps' in program && 'how' in program;
}

const struct = (one: string | StructDefinition): StructDefinition => (typeof one === 'string' ? { name: one } : one);

/**
 * Turns a script into a world definition.
 *
 * @throws ScenarioError where it names something that it does not declare, or makes a call that nobody takes
 */
export function build(script: Script, policy: Policy, where = 'scenario'): WorldDefinition {
  return new Builder(script, policy, where).build();
}

class Builder {
  readonly #script: Script;
  readonly #policy: Policy;
  readonly #machines: Machines;
  /** Machines of the script that depend on the revision: one each, however many actors are made of it. */
  readonly #made = new Map<MachineOfScript, Machine>();
  readonly #where: string;
  /** Which part of the script is looked at. */
  #path: readonly PropertyKey[] = [];

  constructor(script: Script, policy: Policy, where: string) {
    expectScript(where, script);
    this.#script = script;
    this.#policy = policy;
    this.#machines = machinesOf(policy, script.discipline ?? 'clean');
    this.#where = where;
  }

  build(): WorldDefinition {
    const { producers = [], consumers = [], eventfds = [], actors = [], interchangeable } = this.#script;
    const structs = [
      ...producers.map((one, i) =>
        this.#at(['producers', i], () => this.#expected(this.#struct(struct(one), 'producer'))),
      ),
      ...consumers.map((one, i) =>
        this.#at(['consumers', i], () => this.#expected(this.#struct(struct(one), 'consumer'))),
      ),
    ];
    const declaredActors = actors.map((one, i) => this.#at(['actors', i], () => this.#expected(this.#actor(one))));
    const declared = new Set(actors.map(({ name }) => name));
    const keys = eventfds
      .filter((eventfd) => !declared.has(eventfd))
      .map((name): ActorDefinition => ({ name, machine: this.#machines.eventfd }));
    const callable = [...structs, ...declaredActors, ...keys];
    const others = declaredActors.map((one, i) => this.#at(['actors', i], () => this.#withProgram(one, callable)));
    const { actors: all, partsOf } = withParts(this.#seeingTasks([...structs, ...others, ...keys]), (id) =>
      this.#machine(id, id),
    );
    const hasManager = all.some(({ machine }) =>
      ['producer', 'consumer'].some((kind) => kindsOf(machine).includes(kind)),
    );
    const registry: ActorDefinition = {
      name: REGISTRY,
      machine: this.#knowsTasks(all) ? this.#machines['registry of tasks'] : this.#machines.registry,
      constants: { allocation_faults: this.#script.allocationFaults ?? false },
    };
    const threads = this.#threads(all, hasManager ? this.#machines.thread : plainThread);
    this.#expectOnce(
      'actor',
      [...all, ...threads].map(({ name }) => name),
    );
    this.#expectOneMachineAnId([...structs, ...declaredActors]);
    const [halves, rest] = [all.slice(0, structs.length), all.slice(structs.length)];
    const groups = membersWithParts(interchangeable, partsOf);
    const definition: WorldDefinition = {
      actors: [...(hasManager ? [registry] : []), ...halves, ...threads, ...rest],
      names: [...this.#plainNames(all)],
      ...(groups === undefined ? {} : { interchangeable: groups }),
    };
    if (!hasManager) return { ...definition, language: threadLanguage };
    return { ...definition, language: managerLanguage, memory: (world, row) => new StructureMemory(world, row) };
  }

  /** Is there a machine that knows tasks, so that the manager's mutex and wait queues are locks among others? */
  #knowsTasks(actors: readonly ActorDefinition[]): boolean {
    return actors.some(({ machine }) => machine.declaration.families?.includes(tasks) === true);
  }

  /** Eventfds of a world where tasks are known. */
  #seeingTasks(actors: readonly ActorDefinition[]): readonly ActorDefinition[] {
    if (!this.#knowsTasks(actors)) return actors;
    const { eventfd, 'eventfd of tasks': knowing } = this.#machines;
    return actors.map((actor) => (actor.machine === eventfd ? { ...actor, machine: knowing } : actor));
  }

  /** Looks at a part of the script. */
  #at<T>(path: readonly PropertyKey[], look: () => T): T {
    this.#path = path;
    const found = look();
    this.#path = [];
    return found;
  }

  #fail(kind: ConstructorParameters<typeof ScenarioError>[0], message: string, hint?: string): never {
    throw new ScenarioError(kind, `${this.#where}: ${message}`, { path: this.#path, hint });
  }

  #machine(machine: MachineOfScript, of: string): Machine {
    if (typeof machine === 'function') return whole(this.#machineOfRevision(machine, of));
    if (typeof machine !== 'string') return whole(machine);
    if (isMachineId(machine)) return this.#machines[machine];
    const near = nearest(machine, machineIds);
    const hint = `built-in machines: ${machineIds.join(', ')}`;
    return this.#fail(
      'undeclared',
      `${of}: there is no machine "${machine}"${near === undefined ? '' : `, did you mean "${near}"?`}`,
      hint,
    );
  }

  #machineOfRevision(make: (policy: Policy) => Machine, of: string): Machine {
    const known = this.#made.get(make);
    if (known !== undefined) return known;
    try {
      const made = make(this.#policy);
      this.#made.set(make, made);
      return made;
    } catch (error) {
      if (error instanceof InputError) throw error;
      return this.#fail('script', `${of}: its machine cannot be made: ${String(error)}`);
    }
  }

  #struct(one: StructDefinition, half: 'producer' | 'consumer'): ActorDefinition {
    const { name, lacks = [], reenters, failures, embeddedIn } = one;
    const machine = embeddedIn === undefined ? this.#machines[half] : this.#machine(embeddedIn.machine, name);
    if (!kindsOf(machine).includes(half))
      this.#fail('undeclared', `${name} is among the ${half}s, but its machine ${machine.id} embeds no ${half}`);
    const usual = machine.declaration.constants ?? {};
    const constants: Record<string, Value> = { ...(embeddedIn?.constants as Readonly<Record<string, Value>>) };
    for (const callback of lacks) {
      if (usual[`has ${callback}`] === undefined)
        this.#fail('undeclared', `${name} cannot lack ${callback}: a ${half} has no such callback`);
      constants[`has ${callback}`] = false;
    }
    if (reenters !== undefined) {
      if (usual[`reenters ${reenters}`] === undefined)
        this.#fail('undeclared', `${name} cannot reenter from ${reenters}: a ${half} has no such callback`);
      constants[`reenters ${reenters}`] = true;
    }
    return {
      name,
      machine,
      constants,
      ...(failures === undefined ? {} : { failures }),
      ...(embeddedIn?.wiring === undefined ? {} : { wiring: embeddedIn.wiring }),
    };
  }

  #actor({ name, machine, wiring, constants, failures, program }: ScenarioActor): ActorDefinition {
    return {
      name,
      machine: this.#machine(machine, name),
      ...(wiring === undefined ? {} : { wiring }),
      ...(constants === undefined ? {} : { constants: constants as NonNullable<ActorDefinition['constants']> }),
      ...(failures === undefined ? {} : { failures }),
      ...(program === undefined ? {} : { program }),
    };
  }

  /**
   * Actors whose machines have the same id are taken to be of one kind: by symmetry, properties and reports. The manager's own
   * machines are known to those wherever they are.
   */
  #expectOneMachineAnId(actors: readonly ActorDefinition[]): void {
    const { registry, producer, consumer, thread, eventfd } = this.#machines;
    const known = new Map([registry, producer, consumer, thread, eventfd].map((one) => [one.id, one]));
    for (const { name, machine } of actors) {
      const other = known.get(machine.id);
      if (other === undefined) known.set(machine.id, machine);
      else if (other !== machine)
        this.#fail(
          'shape',
          `${name}: its machine is called "${machine.id}", as ${isMachineId(machine.id) ? 'a built-in one' : 'another one'} is`,
          'an id of its own',
        );
    }
  }

  #isBuiltIn(machine: Machine): boolean {
    const { id } = machine;
    if (!isMachineId(id)) return false;
    if (machine === this.#machines[id]) return true;
    return (id === 'registry' || id === 'eventfd') && machine === this.#machines[`${id} of tasks`];
  }

  /** Constants are what the machine's own are: a number, a boolean, a name. */
  #expectConstants({ name, machine, constants = {} }: ActorDefinition): void {
    for (const [constant, value] of Object.entries(constants)) {
      const usual = ownValue(machine.declaration.constants, constant);
      const isName = (one: unknown): boolean => one === null || typeof one === 'string';
      if (this.#isBuiltIn(machine) && typeof usual === 'number' && !(Number.isInteger(value) && Number(value) >= 0))
        this.#fail(
          'shape',
          `${name}: the constant "${constant}" is a whole number from 0, not ${JSON.stringify(value)}`,
        );
      if (usual === undefined || typeof value === typeof usual || (isName(usual) && isName(value))) continue;
      const kind = isName(usual) ? 'name' : typeof usual;
      this.#fail('shape', `${name}: the constant "${constant}" is a ${kind}, not ${JSON.stringify(value)}`);
    }
  }

  /** Failures are answers to some message of the machine: a machine without such messages never gives them. */
  #expectFailures({ name, machine, failures = [] }: ActorDefinition): void {
    const odd = failures.find((one) => !(Number.isInteger(one) && one < 0));
    if (odd !== undefined) this.#fail('shape', `${name}: a failure is an error, as in [-5], not ${String(odd)}`);
    if (failures.length > 0 && Object.keys(machine.declaration.variants ?? {}).length === 0)
      this.#fail('shape', `${name}: ${withArticle(machine.id)} answers nothing that may fail`);
  }

  #expected(actor: ActorDefinition): ActorDefinition {
    this.#expectConstants(actor);
    this.#expectFailures(actor);
    return actor;
  }

  /** An actor whose machine makes calls as a thread does has a program as threads have: of steps. */
  #withProgram(actor: ActorDefinition, actors: readonly ActorDefinition[]): ActorDefinition {
    const { name, machine, program } = actor;
    if (!kindsOf(machine).includes('program') || isProgram(program)) {
      if (!this.#isBuiltIn(machine) && machine.declaration.actsByItself !== undefined && program === undefined)
        this.#fail(
          'shape',
          `${name}: its machine acts by itself, and does so only with a program`,
          'program: {} where it needs nothing',
        );
      if (this.#isBuiltIn(machine) && program !== undefined && !isProgram(program)) {
        if (machine.declaration.actsByItself === undefined)
          this.#fail('shape', `${name} is ${withArticle(machine.id)}: it does nothing by itself and takes no program`);
        if (Array.isArray(program))
          this.#fail('shape', `${name} is ${withArticle(machine.id)}: its program is no list of steps`);
      }
      return actor;
    }
    if (!Array.isArray(program))
      this.#fail('shape', `${name} is ${withArticle(machine.id)}: its program is a list of steps`);
    const steps = program as readonly ProgramStep[];
    if (steps.some(({ calls }) => calls.some(({ object }) => object === null)))
      this.#fail('call', `${name}: ${withArticle(machine.id)} passes no NULL`);
    return { ...actor, program: this.#program(name, steps, actors) };
  }

  #threads(actors: readonly ActorDefinition[], machine: Machine): ActorDefinition[] {
    const { threads = {}, after = {} } = this.#script;
    for (const [thread, others] of Object.entries(after))
      for (const one of [thread, ...others]) this.#expectDeclared('', 'thread', one, Object.keys(threads));
    const circle = Object.keys(after).find((thread) => waitsFor(after, thread).has(thread));
    if (circle !== undefined) {
      this.#path = ['after', circle];
      this.#fail('shape', `thread "${circle}" waits for itself`);
    }
    return Object.entries(threads).map(([name, steps]) => ({
      name,
      machine,
      program: this.#program(name, steps, actors),
      after: ownValue(after, name) ?? [],
    }));
  }

  #program(thread: string, steps: readonly ProgramStep[], actors: readonly ActorDefinition[]): Program {
    const how = new Map<string, 'call' | 'post'>();
    for (const [made, i] of steps.flatMap((one, step) => one.calls.map((call) => [call, step] as const))) {
      this.#path = ['threads', thread, i];
      const operation = this.#expectCall(`thread ${thread}, ${made.op}:`, made, actors);
      if (operation === undefined) continue;
      if ((how.get(made.op) ?? operation.how) !== operation.how)
        this.#fail('call', `thread ${thread}: ${made.op} is called of some actors and posted to others`);
      how.set(made.op, operation.how);
    }
    this.#path = [];
    return { steps, how: Object.fromEntries(how) };
  }

  /** The operation that a call is; undefined for one that passes NULL. */
  #expectCall(place: string, made: Call, actors: readonly ActorDefinition[]): Operation | undefined {
    if (made.object === null) {
      const known = new Set(
        Object.values(this.#machines).flatMap(({ declaration }) => Object.keys(declaration.operations ?? {})),
      );
      if (!known.has(made.op)) this.#fail('notModelled', `${place} no machine has this call`);
      return undefined;
    }
    const object = actorNamed(actors, made.object);
    if (object === undefined) {
      // What can be meant: actors that have the call; where there are none, any.
      const able = actors.filter(({ machine }) => ownValue(machine.declaration.operations, made.op) !== undefined);
      const names = (able.length === 0 ? actors : able).map(({ name }) => name);
      return this.#undeclared(place, this.#kindOfObject(made.op), made.object, names);
    }
    const { machine } = object;
    const { operations = {} } = machine.declaration;
    const operation = ownValue(operations, made.op);
    if (operation === undefined) {
      const hint = `calls of ${withArticle(machine.id)}: ${Object.keys(operations).join(', ') || 'none'}`;
      return this.#fail(
        'notModelled',
        `${place} ${made.object} is ${withArticle(machine.id)}, which has no such call: not modelled`,
        hint,
      );
    }
    const { op: _op, object: _object, ...given } = made;
    this.#expectArguments(place, given, (operation.arguments ?? []).map(argumentOf), actors);
    return operation;
  }

  #kindOfObject(op: string): string {
    if (op.endsWith('_producer')) return 'producer';
    if (op.endsWith('_consumer')) return 'consumer';
    if (op === 'free' || op === 'copy') return 'producer or consumer';
    return op.startsWith('eventfd_') ? 'eventfd' : 'actor';
  }

  #expectArguments(
    place: string,
    given: Readonly<Record<string, unknown>>,
    declared: readonly Argument[],
    actors: readonly ActorDefinition[],
  ): void {
    for (const key of Object.keys(given)) {
      if (declared.some(({ name }) => name === key)) continue;
      const hint = `arguments: ${declared.map(({ name }) => name).join(', ') || 'none'}`;
      this.#fail('call', `${place} there is no argument "${key}"`, hint);
    }
    for (const { name, kinds, isOptional, isNullable } of declared) {
      const value = ownValue(given, name);
      if (value === null && !isNullable)
        this.#fail('call', `${place} the argument "${name}" is NULL`, `expected ${kinds.join(' or ')}`);
      if (value === undefined && !isOptional) this.#fail('call', `${place} the argument "${name}" is missing`);
      if (typeof value !== 'string' || kinds.length === 0) continue;
      const named = actorNamed(actors, value);
      if (named !== undefined && kindsOf(named.machine).some((kind) => kinds.includes(kind))) continue;
      const fitting = actors.filter(({ machine }) => kindsOf(machine).some((kind) => kinds.includes(kind)));
      this.#expectDeclared(
        place,
        kinds.join(' or '),
        value,
        fitting.map((one) => one.name),
      );
    }
  }

  /** Names that are passed on and compared, but are no actors: GSIs, vCPUs. */
  #plainNames(actors: readonly ActorDefinition[]): Set<string> {
    const names = new Set<string>();
    const known = new Set(actors.map(({ name }) => name));
    const add = (value: unknown): void => {
      if (typeof value === 'string' && NAME_PATTERN.test(value) && !known.has(value)) names.add(value);
    };
    for (const { machine, wiring = {} } of actors)
      for (const [role, other] of Object.entries(wiring))
        if (rolesOf(machine).get(role)?.kinds.includes('*') === true) add(other);
    const works = actors.flatMap(({ program }) => (isProgram(program) ? program.steps : []));
    for (const { calls } of [...Object.values(this.#script.threads ?? {}).flat(), ...works])
      for (const { op: _op, object: _object, ...args } of calls) for (const value of Object.values(args)) add(value);
    return names;
  }

  #expectOnce(kind: string, declared: readonly string[]): void {
    const known = new Set<string>();
    const twice = declared.find((one) => known.size === known.add(one).size);
    const place = (['actors', 'consumers', 'producers'] as const).flatMap((list) => {
      const i = (this.#script[list] ?? []).findLastIndex((one) => (typeof one === 'string' ? one : one.name) === twice);
      return i < 0 ? [] : [[list, i]];
    })[0];
    this.#path = place ?? [];
    if (twice !== undefined) this.#fail('declared', `${kind} "${twice}" is declared twice`);
  }

  #expectDeclared(place: string, kind: string, used: string, declared: readonly string[]): void {
    if (!declared.includes(used)) this.#undeclared(place, kind, used, declared);
  }

  #undeclared(place: string, kind: string, used: string, declared: readonly string[]): never {
    const near = nearest(used, declared);
    const meant = near === undefined ? '' : `, did you mean "${near}"?`;
    // A scenario file says the line itself.
    const before = place === '' || this.#where === '' ? '' : `${place} `;
    const text = `${before}${kind} "${used}" is not declared${meant}`;
    return this.#fail('undeclared', `${text} (declared: ${declared.join(', ') || 'none'})`);
  }
}

/** A machine of a script: XState looks at it now, so that what it does not take is told with the script's place. */
function whole(machine: Machine): Machine {
  void machine.logic;
  return machine;
}
