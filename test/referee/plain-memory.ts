// The referee's memory: cells and sets as plain objects, written from what xarrays, lists and hash tables do.
//
// Shares no code with the packed cells or the real structures (registry/structures): a set is a list of entries.
import type { Cells } from '../../src/engine/actors/cells.ts';
import type { Name, Value } from '../../src/engine/actors/name.ts';
import type { ActorDefinition } from '../../src/engine/world/definition.ts';
import type { Policy } from '../../src/machines/manager/policy.ts';
import type { PlainTask } from './plain-tasks.ts';
import { askTask, emptyTask } from './plain-tasks.ts';

/** An entry of a set; `key` is the one that it was entered under. */
interface Entry {
  readonly key: Value;
  readonly object: Name;
}

export type Side = 'producers' | 'consumers';

/** Everything that actors share, as plain data. */
export interface PlainMemory {
  readonly cells: Record<string, Record<string, Value>>;
  readonly sets: Record<Side, Entry[]>;
  /** References on irqbypass.ko. */
  moduleReferences: number;
  /** What lockdep keeps, by task; nothing where a task never took a lock. */
  readonly tasks: Record<string, PlainTask>;
}

/** What the registry's sets are made of; undefined where there is no registry. */
export function indexOf(actors: readonly ActorDefinition[]): Policy['index'] | undefined {
  const facts = actors.find(({ name }) => name === 'registry')?.machine.declaration.facts;
  return (facts as Policy | undefined)?.index;
}

/** Memory in which nothing has happened yet. */
export function emptyMemory(actors: readonly ActorDefinition[]): PlainMemory {
  const cells = actors.map(({ name, machine }) => [name, { ...machine.declaration.cells }] as const);
  return { cells: Object.fromEntries(cells), sets: { producers: [], consumers: [] }, moduleReferences: 0, tasks: {} };
}

/** What two memories that are the same have in common: an xarray has no order, and a list no keys of its own. */
export function memoryText(
  { cells, sets, moduleReferences, tasks }: PlainMemory,
  index: Policy['index'] | undefined,
): string {
  const entries = (side: Side): readonly string[] => {
    const texts = sets[side].map(({ key, object }) =>
      index === 'xarray' || index === 'hash' ? `${String(key)} ${object}` : object,
    );
    return index === 'xarray' ? texts.toSorted() : texts;
  };
  // A task about which nothing is known any more is as it was at first.
  const known = Object.entries(tasks)
    .map(([name, { held, counters, pool }]) => [name, held, Object.entries(counters).filter(([, n]) => n > 0), pool])
    .map((task) => JSON.stringify(task))
    .filter((text) => !text.endsWith(',[],[],null]'))
    .toSorted();
  return JSON.stringify([cells, entries('producers'), entries('consumers'), moduleReferences, known]);
}

const EBUSY = -16;
const ENOMEM = -12;

/** Operations of a set, by name, as a machine asks them. */
function setOperations(
  memory: PlainMemory,
  side: Side,
  index: Policy['index'],
): Readonly<Record<string, (a: Value, b: Value, c: Value) => Value>> {
  const isXArray = index === 'xarray';
  const entries = (): Entry[] => memory.sets[side];
  const keep = (test: (entry: Entry) => boolean): void => {
    memory.sets[side] = entries().filter(test);
  };
  const cellOf = (object: Name, cell: string): Value => memory.cells[object]?.[cell] ?? null;
  /** An xarray finds an entry by its index, a list by the key in the struct, a hash table by both being the same. */
  const isUnder = ({ key, object }: Entry, wanted: Value): boolean => {
    if (isXArray) return key === wanted;
    const own = cellOf(object, 'key');
    return own === wanted && (index !== 'hash' || own === key);
  };
  const find = (key: Value): Value => entries().find((entry) => isUnder(entry, key))?.object ?? null;
  const put = (key: Value, object: Value, fails: Value): Value => {
    if (!isXArray) return 0;
    // NULL alone is kept in the head of the xarray, without a node.
    if (fails === true && (key !== null || entries().some((entry) => entry.key !== null))) return ENOMEM;
    keep((entry) => entry.key !== key);
    entries().push({ key, object: object as Name });
    return 0;
  };
  return {
    find,
    put,
    insert: (key, object, fails) => (isXArray && find(key) !== null ? EBUSY : put(key, object, fails)),
    contains: (object) => entries().some((entry) => entry.object === object),
    walksFreed: (key) => {
      if (isXArray) return false;
      const end = entries().findIndex((entry) => cellOf(entry.object, 'freed') === true || isUnder(entry, key));
      const last = entries()[end];
      return last !== undefined && cellOf(last.object, 'freed') === true;
    },
    erase: (key) => {
      if (!isXArray) return null;
      const found = find(key);
      keep((entry) => entry.key !== key);
      return found;
    },
    add: (object) => {
      if (entries().some((entry) => entry.object === object)) return false;
      entries().unshift({ key: cellOf(object as Name, 'key'), object: object as Name });
      return true;
    },
    del: (object) => {
      const before = entries().length;
      keep((entry) => entry.object !== object);
      return entries().length < before;
    },
  };
}

/** Shared memory as a machine sees it. Throws where something is asked for that is not declared. */
export function plainCells(actors: readonly ActorDefinition[], memory: PlainMemory): Cells {
  const index = indexOf(actors);
  const cellsOf = (actor: string, cell: string): Record<string, Value> => {
    const own = memory.cells[actor];
    if (own === undefined || !Object.hasOwn(own, cell)) throw new Error(`${actor} has no cell ${cell}`);
    return own;
  };
  return {
    load: (actor, cell) => cellsOf(actor, cell)[cell] ?? null,
    store: (actor, cell, value) => {
      cellsOf(actor, cell)[cell] = value;
    },
    constant: (actor, constant) => {
      const definition = actors.find(({ name }) => name === actor);
      const declared = definition?.machine.declaration.constants ?? {};
      if (!Object.hasOwn(declared, constant)) throw new Error(`${actor} has no constant ${constant}`);
      return definition?.constants?.[constant] ?? declared[constant] ?? null;
    },
    ask: (family, operation, a = null, b = null, c = null) => {
      if (family === 'module_references') {
        if (operation === 'get') memory.moduleReferences += 1;
        if (operation === 'put') memory.moduleReferences -= 1;
        return operation === 'count' ? memory.moduleReferences : null;
      }
      if (family === 'task') return askTask((memory.tasks[String(a)] ??= emptyTask()), operation, b, c);
      if ((family !== 'producers' && family !== 'consumers') || index === undefined)
        throw new Error(`there is no family ${family}`);
      const perform = setOperations(memory, family, index)[operation];
      if (perform === undefined) throw new Error(`${family} has no operation ${operation}`);
      return perform(a, b, c);
    },
  };
}
