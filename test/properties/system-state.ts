// States of system worlds, put together by hand, and what properties say of them and of steps from them.
import type { Name, Value } from '../../src/engine/actors/name.ts';
import { PackedMemory, PlainRow } from '../../src/engine/world/memory.ts';
import type { Property } from '../../src/engine/world/property.ts';
import { WorldView } from '../../src/engine/world/view.ts';
import type { World } from '../../src/engine/world/world.ts';

export type Shown = Readonly<Record<string, unknown>>;
/** What is changed of an actor: its state value (of a parallel one, regions), its cells, fields of its context. */
export type Change = Shown & { readonly value?: unknown; readonly cells?: Readonly<Record<string, Value>> };
export type Changes = Readonly<Record<string, Change>>;

/** A state value with what is changed: another one, or regions of a parallel one. */
const valueWith = (old: unknown, change: unknown): unknown =>
  typeof old === 'string' ? (change ?? old) : { ...(old as object), ...(change as object | undefined) };

/** A state of a world in which nothing has happened but what is changed, and some structs are registered with e0. */
export function stateOf(world: World, changes: Changes, registered: readonly string[] = []): WorldView {
  const row = world.initial();
  const state = new WorldView(world, row);
  for (const [address, { value, cells = {}, ...context }] of Object.entries(changes)) {
    const actor = world.actor(address);
    const local = world.transitions.local(row[actor] as number);
    row[actor] = world.transitions.internLocal({
      ...local,
      value: valueWith(local.value, value),
      context: { ...(local.context as object), ...context },
    });
    for (const [cell, content] of Object.entries(cells)) row[state.columnOf(address, cell)] = world.values.id(content);
  }
  const memory = new PackedMemory(world.values, world.operations, world.layout, new PlainRow(row));
  for (const object of registered) {
    const side = state.actorsOf('producer').includes(object as Name) ? 'producers' : 'consumers';
    const [key, struct] = [world.values.id('e0' as Name), world.values.id(object as Name)];
    memory.perform(world.operations.code(side, 'insert'), key, struct, 0);
  }
  return state;
}

/** What is said of a step from a state, in which a message goes to somebody, and something is shown. */
export const saidOfStep = ({ step }: Property, state: WorldView, shown: readonly Shown[], to = 'vm0'): string | null =>
  step?.({
    before: state,
    after: state,
    event: { to, message: { type: 'does' } },
    observations: shown as never,
    touched: new Set(),
  }) ?? null;

/** What is said of a state, by all checks together. */
export const saidOf = ({ state }: Property, view: WorldView): readonly string[] =>
  (state?.checks(view.world) ?? []).flatMap((check) => check(view) ?? []);
