// States of worlds with a manager, put together by hand: sets, cells, contexts. No run need come to them.
import type { Name, Value } from '../../src/engine/actors/name.ts';
import { accessTo, PackedMemory } from '../../src/engine/world/memory.ts';
import { STORE } from '../../src/engine/world/operations.ts';
import { WorldView } from '../../src/engine/world/view.ts';
import type { World } from '../../src/engine/world/world.ts';
import { policyOf } from '../../src/registry/structure-memory.ts';
import { assembled } from '../engine/assembled.ts';

export type Key = string | null;
export type Entries = readonly (readonly [object: string, key: Key])[];
export type Contents = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What of a state is not as it was at first. */
export interface State {
  /** What is entered into the sets, one after the other, and under which key. A struct gets its key then. */
  readonly sets?: Entries;
  /** Cells and context fields of actors, written after that. */
  readonly of?: Contents;
  /** References on the module. */
  readonly references?: number;
}

const worlds = new Map<string, World>();

/** Two producers, two consumers, two eventfds, and callbacks that may fail with -EIO; or a scenario that is named. */
export function worldOf(where: string): World {
  const known = worlds.get(where);
  if (known !== undefined) return known;
  const [revision = '', scenario = 'manager'] = where.split(' ');
  const { world } = assembled(scenario, { revision });
  worlds.set(where, world);
  return world;
}

/** A state of a world with a manager. */
export function stateWith(world: World, { sets = [], of = {}, references = 0 }: State): WorldView {
  const row = world.initial();
  const { values, operations, layout, transitions } = world;
  const view = new WorldView(world, row);
  const memory = new PackedMemory(values, operations, layout, accessTo(row));
  const id = (value: unknown): number => values.id(value as Value);
  const ask = (family: string, operation: string, a = 0, b = 0): number =>
    memory.perform(operations.code(family, operation), a, b, 0);
  const store = (object: string, cell: string, value: unknown): number =>
    memory.perform(STORE, id(object), operations.cell(cell), id(value));
  for (const [object, key] of sets) {
    const side = view.actorsOf('producer').includes(object as Name) ? 'producers' : 'consumers';
    store(object, 'key', key);
    if (policyOf(world).index === 'xarray') ask(side, 'put', id(key), id(object));
    else ask(side, 'add', id(object));
  }
  for (let i = 0; i < references; i++) ask('module_references', 'get');
  for (const [address, changes] of Object.entries(of)) {
    const { cells = {} } = view.definitionOf(address).machine.declaration;
    const isCell = ([field]: readonly [string, unknown]): boolean => Object.hasOwn(cells, field);
    for (const [cell, value] of Object.entries(changes).filter(isCell)) store(address, cell, value);
    const fields = Object.fromEntries(Object.entries(changes).filter((change) => !isCell(change)));
    const actor = world.actor(address);
    const local = transitions.local(row[actor] as number);
    row[actor] = transitions.internLocal({ ...local, context: { ...(local.context as object), ...fields } });
  }
  return view;
}
