// How a machine is written: a declaration, checked once, and an XState machine made of it.
//
// The declaration says everything that a world needs to know of an actor: its chart, its handlers typed by event, its cells,
// whom it is wired to, which of its messages may be in flight, how the environment may answer. The world guesses nothing.
import type { ActionFunction, AnyStateMachine, EventObject, MachineContext } from 'xstate';
import { enqueueActions, setup } from 'xstate';
import { memoryOfDelivery } from './cells.ts';
import type { Action, Guards, Handlers, State, Transition } from './chart.ts';
import { isTarget, many, stateAt, statesOf } from './chart.ts';
import { expectDeclaration } from './declaration.ts';
import type { Effect, HostEffect, Message } from './effects.ts';
import type { Family } from './family.ts';
import type { AnyHandler, Guard, Handler } from './handlers.ts';
import { guarded } from './failure.ts';
import { expectFor } from './handlers.ts';
import { MachineError } from './machine-error.ts';
import type { Name, Value } from './name.ts';
import { expectPlain, shownText } from './plain-data.ts';

/** What an actor is told when it starts. */
export interface Given {
  readonly self: Name;
  /** Names of other actors, by role. */
  readonly wiring: Readonly<Record<string, Name>>;
  /** What the scenario fixed for it. */
  readonly constants: Readonly<Record<string, Value>>;
}

/** A call that threads may make to an actor: what its arguments are called, and what it is in the kernel. */
export interface Operation {
  /** In order: `eventfd:eventfd` has to be such an actor or NULL, `eventfd!:eventfd` not NULL; those that end in `?` may be left out. */
  readonly arguments?: readonly string[];
  /** `call`: runs in the thread at once. `post`: the thread may have to wait, as for a lock. */
  readonly how: 'call' | 'post';
  /** The kernel function, system call or device event that it stands for. */
  readonly kernel?: string;
  /** What a call in a scenario says, by argument, where it leaves an argument out. */
  readonly defaults?: Readonly<Record<string, Value>>;
}

/** An actor as a scenario declares it, as far as its machine may ask. */
export interface ActorFacts {
  readonly name: string;
  readonly constants: Readonly<Record<string, Value>>;
  /** What it may answer to a fallible message, besides 0. */
  readonly failures: readonly number[];
}

/** How else the environment may deliver a message: fields that it adds, one object a variant. */
export type Variants = (message: Readonly<Record<string, unknown>>, actor: ActorFacts) => readonly object[];

/**
 * An actor that acts by itself: what it may do next, and whether it has nothing more to do. What it offers it cannot do while
 * every transition for it has a guard that is false: guards may look at cells, so it can wait for shared memory.
 */
export interface ActsByItself {
  readonly offers: (local: LocalValue, program: unknown) => readonly Message[];
  readonly isDone: (local: LocalValue, program: unknown) => boolean;
}

/**
 * What plays a role that a definition leaves open: what another actor is wired to (`vm.irqfds_lock`), or a part of this one, as C
 * has structs inside structs: an actor that is made with it, named after it (`shutdown` of c0 is shutdown0).
 */
export type Usual =
  | string
  | {
      readonly part: string;
      /** The id of its machine. */
      readonly machine: string;
      /** Roles of the part; `.` is the actor whose part it is. */
      readonly wiring?: Readonly<Record<string, string>>;
      readonly constants?: Readonly<Record<string, Value | string>>;
      /** There is one of it, whoever has it: part0. */
      readonly shared?: true;
    };

/** State value and context of an actor. */
export interface LocalValue {
  readonly value: unknown;
  readonly context: Readonly<Record<string, unknown>>;
}

/** Everything about a kind of actor. `C` is its context, `M` the messages that it takes. */
export interface Declaration<
  C extends object,
  M extends Message,
  A extends string = string,
  G extends string = string,
> {
  readonly id: string;
  readonly title: string;
  /** What it may be wired as, besides its id: `producer` for a machine with a producer embedded. */
  readonly kinds?: readonly string[];
  /** Roles of other actors that it knows, and the kinds of machine that can play them; `*` is any name. Roles that end in `?` may be left out. */
  readonly wiring?: Readonly<Record<string, string | readonly string[]>>;
  /** How a role is filled where the definition of a world leaves it open (`Usual`); whoever builds worlds sees to it. */
  readonly usual?: Readonly<Record<string, Usual>>;
  /** Words that it shares with other actors, and what they hold at first. */
  readonly cells?: Readonly<Record<string, Value>>;
  /** Words that a scenario may fix, and what they are where it does not. */
  readonly constants?: Readonly<Record<string, Value>>;
  /** Groups of cells with operations of their own. */
  readonly families?: readonly Family[];
  /** How many of its messages may be in flight at once; 1 where absent. */
  readonly slots?: number;
  /** Types of the messages that it sends; `return.*` is all that begin with `return.`. */
  readonly sends?: readonly string[];
  /** Calls that threads may make. */
  readonly operations?: Readonly<Record<string, Operation>>;
  /** How else the environment may deliver a message, by type. */
  readonly variants?: { readonly [type in M['type']]?: Variants };
  /** Absent for actors that only react. */
  readonly actsByItself?: ActsByItself;
  /** What properties may know of it: the policies that it was made with. */
  readonly facts?: unknown;
  readonly context: (given: Given) => C;
  readonly handlers?: Readonly<Record<A, Handler<C>>>;
  readonly guards?: Readonly<Record<G, Guard<C>>>;
  readonly chart: State<A | Handler<C>, G, M['type']>;
}

/** A declaration of any machine. */
export interface AnyDeclaration extends Omit<
  Declaration<never, Message>,
  'context' | 'handlers' | 'guards' | 'chart' | 'variants'
> {
  readonly variants?: Readonly<Record<string, Variants | undefined>>;
  readonly context: (given: Given) => object;
  readonly handlers?: Handlers;
  readonly guards?: Guards;
  readonly chart: State;
}

/** A kind of actor: its declaration, and the XState machine that is run, explored, tested and drawn. */
export interface Machine {
  readonly id: string;
  readonly declaration: AnyDeclaration;
  readonly logic: AnyStateMachine;
  /** Types of all messages that some state takes. */
  readonly takes: ReadonlySet<string>;
}

/** The one action that hosts carry out; by itself it does nothing. */
export const HOST_ACTION = 'effect';

type Run = ActionFunction<MachineContext, EventObject, EventObject, undefined, never, never, never, never, never>;

/** Is this type of message among those that a machine declares to send? */
export function isSent(sends: ReadonlySet<string>, type: string): boolean {
  return sends.has(type) || (type.includes('.') && sends.has(`${type.slice(0, type.indexOf('.'))}.*`));
}

function actionOf(machine: string, name: string, handler: AnyHandler, sends: ReadonlySet<string> | null): Run {
  const what = `machine ${machine}, handler "${name}"`;
  return enqueueActions<MachineContext, EventObject, undefined, EventObject, never, never, never, never, never>(
    ({ context, event, enqueue }) => {
      expectFor(what, handler.for, event.type);
      const cells = memoryOfDelivery();
      const answered = guarded(what, () => handler.run({ context: context as never, event: event as never, cells }));
      for (const effect of (Array.isArray(answered) ? answered : [answered]) as readonly Effect<object>[]) {
        expectEffect(what, effect);
        if (effect.do === 'set') {
          expectPlain(what, effect.context);
          enqueue.assign(effect.context);
          continue;
        }
        if (event.type === 'xstate.init')
          throw new MachineError('chart', `machine ${machine} acts before it is asked anything`);
        if (effect.do !== 'show' && sends !== null && !isSent(sends, effect.message.type))
          throw new MachineError(
            'undeclaredSend',
            `machine ${machine} sends "${effect.message.type}", which it does not declare (sends)`,
          );
        enqueue({ type: HOST_ACTION, params: effect } as never);
      }
    },
  );
}

const effectKinds: ReadonlySet<unknown> = new Set<Effect<object>['do']>(['set', 'call', 'post', 'show']);

/** What a handler answers may come from plain JavaScript: it is checked, not believed. */
function expectEffect(what: string, effect: Effect<object> | null | undefined): void {
  if (!effectKinds.has(effect?.do))
    throw new MachineError(
      'chart',
      `${what} answers ${shownText(effect)}`,
      'an effect or a list of effects; [] for none',
    );
  if (effect?.do === 'call' || effect?.do === 'post') expectPlain(what, effect.message, 'message');
  if (effect?.do === 'show') expectPlain(what, effect.observation, 'observation');
}

/** What is wrong with a chart: names that are not there, handlers bound to events that they are not for. */
function checkChart({ id, chart, handlers = {}, guards = {} }: AnyDeclaration): void {
  const fail = (path: readonly string[], what: string, kind: 'chart' | 'binding' = 'chart', hint?: string): never => {
    throw new MachineError(kind, `machine ${id}, state ${path.join('.') || 'top'}: ${what}`, hint);
  };
  for (const [path, state] of statesOf(chart)) {
    const bind = (actions: readonly Action[], event: string | null): void => {
      for (const action of actions) {
        const handler = typeof action === 'string' ? handlers[action] : action;
        if (handler === undefined) fail(path, `there is no handler "${String(action)}"`);
        else if (event !== null && handler.for !== null && !handler.for.includes(event))
          fail(
            path,
            `the handler ${nameOf(action)} is for ${handler.for.join(', ')}, it is bound to "${event}"`,
            'binding',
          );
        else if (event === null && handler.for !== null && handler.for.length === 0)
          fail(path, `the handler ${nameOf(action)} is for no event`);
      }
    };
    const take = (transitions: readonly Transition[], event: string | null): void => {
      for (const { guard, actions, target } of transitions) {
        bind(many(actions), event);
        if (target !== undefined && typeof target !== 'string') fail(path, 'a target is one text');
        else if (target !== undefined && !isTarget(chart, id, path, target))
          fail(path, `its target "${target}" is no state`, 'chart', targetsText(chart, path));
        const found = guard === undefined ? undefined : guards[guard];
        if (guard !== undefined && found === undefined) fail(path, `there is no guard "${guard}"`);
        if (event !== null && found !== undefined && found.for !== null && !found.for.includes(event))
          fail(
            path,
            `the guard "${String(guard)}" is for ${found.for.join(', ')}, it is bound to "${event}"`,
            'binding',
          );
      }
    };
    bind([...many(state.entry), ...many(state.exit)], null);
    take(many(state.always), null);
    for (const [event, transitions] of Object.entries(state.on ?? {})) take(many(transitions as Transition), event);
    const children = Object.keys(state.states ?? {});
    if (children.length > 0 && state.type !== 'parallel' && !children.includes(state.initial ?? ''))
      fail(path, `its initial state "${String(state.initial)}" is none of ${children.join(', ')}`);
  }
}

/** What a transition of a state may name without an id. */
function targetsText(chart: State, path: readonly string[]): string {
  const keysAt = (keys: readonly string[]): string[] => Object.keys(stateAt(chart, keys)?.states ?? {});
  const named = [...(path.length > 0 ? keysAt(path.slice(0, -1)) : []), ...keysAt(path).map((key) => `.${key}`)];
  return named.length === 0 ? 'this state has no states beside or below it' : `one of ${named.join(', ')}`;
}

/** Names of the handlers that a chart runs. */
function handlersOf(chart: State): ReadonlySet<string> {
  const actions = [...statesOf(chart)].flatMap(([, { entry, exit, always, on = {} }]) => [
    ...many(entry),
    ...many(exit),
    ...[...many(always), ...Object.values(on).flatMap((some) => many(some as Transition))].flatMap((transition) =>
      many(transition.actions),
    ),
  ]);
  return new Set(actions.filter((action) => typeof action === 'string'));
}

/** Names of the guards that a chart asks. */
function guardsOf(chart: State): ReadonlySet<string> {
  const transitions = [...statesOf(chart)].flatMap(([, { always, on = {} }]) => [
    ...many(always),
    ...Object.values(on).flatMap((some) => many(some as Transition)),
  ]);
  return new Set(transitions.flatMap(({ guard }) => guard ?? []));
}

const nameOf = (action: Action): string => (typeof action === 'string' ? `"${action}"` : `"${action.label}"`);

/** The chart as XState has it: handlers that stand in it get names. */
function xstateChart(chart: State, named: Map<string, AnyHandler>): object {
  const action = (one: Action): string => {
    if (typeof one === 'string') return one;
    const label = one.label === '' ? 'act' : one.label;
    for (let n = 1; ; n++) {
      const name = n === 1 ? label : `${label} ${n}`;
      const there = named.get(name);
      if (there === undefined) named.set(name, one);
      if (there === undefined || there === one) return name;
    }
  };
  const transition = ({ target, guard, actions }: Transition): object => ({
    ...(target === undefined ? {} : { target }),
    ...(guard === undefined ? {} : { guard }),
    ...(actions === undefined ? {} : { actions: many(actions).map(action) }),
  });
  const state = ({ id, type, initial, entry, exit, on, always, states, waits, kernel }: State): object => ({
    ...(id === undefined ? {} : { id }),
    ...(type === undefined ? {} : { type }),
    ...(initial === undefined ? {} : { initial }),
    ...(entry === undefined ? {} : { entry: many(entry).map(action) }),
    ...(exit === undefined ? {} : { exit: many(exit).map(action) }),
    ...(on === undefined
      ? {}
      : {
          on: Object.fromEntries(
            Object.entries(on).map(([event, to]) => [event, many(to as Transition).map(transition)]),
          ),
        }),
    ...(always === undefined ? {} : { always: many(always).map(transition) }),
    ...(waits === undefined && kernel === undefined
      ? {}
      : { meta: { ...(waits === undefined ? {} : { waits }), ...(kernel === undefined ? {} : { kernel }) } }),
    ...(states === undefined
      ? {}
      : { states: Object.fromEntries(Object.entries(states).map(([key, child]) => [key, state(child)])) }),
  });
  return state(chart);
}

/**
 * Makes a machine of its declaration.
 *
 * @typeParam C - its context: plain data
 * @typeParam M - the messages that it takes
 * @returns the machine: what is run, explored, tested and drawn
 * @throws MachineError where the chart names a handler, guard or target that is not there, or binds one to an event it is not for; what
 *   XState itself does not take is told when the machine is first run
 * @example
 * const { on } = handlers<{ readonly count: number }, { readonly type: 'signal' }>();
 * const counter = machine<{ readonly count: number }, { readonly type: 'signal' }>({
 *   id: 'counter', title: 'Counts signals',
 *   context: () => ({ count: 0 }),
 *   handlers: { signal: on('signal', ({ context }) => set({ count: context.count + 1 })) },
 *   chart: { on: { signal: { actions: 'signal' } } },
 * });
 */
export function machine<C extends object, M extends Message>(declaration: Declaration<C, M>): Machine {
  return machineOf(declaration);
}

/** Makes a machine by XState; what it does not take is a mistake of the chart. */
function byXState(id: string, create: () => AnyStateMachine): AnyStateMachine {
  try {
    return create();
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new MachineError('chart', `machine ${id}: ${what}`, undefined, error);
  }
}

function machineOf(declaration: AnyDeclaration): Machine {
  const { id, chart, handlers = {}, guards = {}, context, sends } = declaration;
  expectDeclaration(declaration);
  checkChart(declaration);
  const asked = guardsOf(chart);
  const named = new Map<string, AnyHandler>(Object.entries(handlers));
  const sent = sends === undefined ? null : new Set(sends);
  const create = (): AnyStateMachine => {
    // Names of handlers that the chart has in place.
    const config = xstateChart(chart, named);
    return setup({
      types: { context: {}, events: {} as EventObject, input: {} as Given },
      actions: {
        [HOST_ACTION]: (() => {}) satisfies (args: unknown, effect: HostEffect) => void,
        ...Object.fromEntries([...named].map(([name, handler]) => [name, actionOf(id, name, handler, sent)])),
      },
      guards: Object.fromEntries(
        Object.entries(guards).flatMap(([name, guard]) =>
          // Of guards that this chart does not ask nothing can be seen; a patched one may.
          !asked.has(name)
            ? []
            : [
                [
                  name,
                  ({ context: own, event }: { context: unknown; event: EventObject }) => {
                    expectFor(`guard "${name}" of machine ${id}`, guard.for, event.type);
                    return guarded(`machine ${id}, guard "${name}"`, () =>
                      guard.test({ context: own as never, event: event as never, cells: memoryOfDelivery() }),
                    );
                  },
                ],
              ],
        ),
      ),
    }).createMachine({
      ...config,
      id,
      context: ({ input }: { input: Given }) => {
        const first = guarded(`machine ${id}, context`, () => context(input));
        expectPlain(`machine ${id}, context`, first);
        return first as MachineContext;
      },
    } as never) as unknown as AnyStateMachine;
  };
  const takes = new Set(statesOf(chart).flatMap(([, state]) => Object.keys(state.on ?? {})));
  let logic: AnyStateMachine | undefined;
  return {
    id,
    declaration,
    takes,
    // Of most machines that are declared a process runs none.
    get logic() {
      return (logic ??= byXState(id, create));
    },
  };
}

/** Changes to a machine: one bug, as a small patch. */
export interface Patch {
  readonly handlers?: Handlers;
  readonly guards?: Guards;
  /** The chart, changed. */
  readonly chart?: (chart: State) => State;
  readonly context?: (context: AnyDeclaration['context']) => AnyDeclaration['context'];
  /** Types of messages that it sends besides. */
  readonly sends?: readonly string[];
}

/**
 * A machine with a patch. The original stays as it is.
 *
 * @param original - the machine to be changed
 * @param patch - handlers, guards, chart and context that take the place of the original's; the rest is kept
 * @returns the changed machine, under the same id
 * @throws MachineError where the patch replaces what is not there, or the changed machine is wrong
 */
export function patched(original: Machine, patch: Patch): Machine {
  const { declaration } = original;
  const chart = patch.chart?.(declaration.chart) ?? declaration.chart;
  /** What is new has to be used by the changed chart. */
  const expectUse = (kind: string, there: object | undefined, names: object | undefined, used: ReadonlySet<string>) => {
    for (const name of Object.keys(names ?? {}))
      if (!Object.hasOwn(there ?? {}, name) && !used.has(name))
        throw new MachineError('patch', `machine ${original.id} has no ${kind} "${name}" to be patched`);
  };
  expectUse('handler', declaration.handlers, patch.handlers, handlersOf(chart));
  expectUse('guard', declaration.guards, patch.guards, guardsOf(chart));
  return machineOf({
    ...declaration,
    chart,
    handlers: { ...declaration.handlers, ...patch.handlers },
    guards: { ...declaration.guards, ...patch.guards },
    context: patch.context?.(declaration.context) ?? declaration.context,
    ...(declaration.sends === undefined ? {} : { sends: [...declaration.sends, ...(patch.sends ?? [])] }),
  });
}

/**
 * A chart with one of its states changed. The given chart stays as it is.
 *
 * @param chart - the chart, or a part of one
 * @param path - the state, by keys with dots between them: `locked.connecting`; empty for the chart itself
 * @param change - answers the state as it is to be
 * @returns the changed chart
 * @throws MachineError where there is no such state
 */
export function changeState(chart: State, path: string, change: (state: State) => State): State {
  const [key = '', ...rest] = path.split('.');
  if (path === '') return change(chart);
  const child = chart.states?.[key];
  if (child === undefined) throw new MachineError('patch', `there is no state "${key}" to be patched`);
  return { ...chart, states: { ...chart.states, [key]: changeState(child, rest.join('.'), change) } };
}

/** What a machine is called where it is wired: its id and kinds. */
export function kindsOf({ id, declaration }: Machine): readonly string[] {
  return [id, ...(declaration.kinds ?? [])];
}
