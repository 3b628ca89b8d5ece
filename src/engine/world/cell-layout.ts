// Where the cells of a world's actors are in a row, and what they hold at first.
import type { MemoryPlan } from '../actors/family.ts';
import { kindsOf } from '../actors/machine.ts';
import type { Name, Value } from '../actors/name.ts';
import type { ActorDefinition } from './definition.ts';
import type { CellLayout } from './memory.ts';
import type { Operations } from './operations.ts';
import type { ValueId, Values } from './values.ts';

/** The layout, the cells that are not NULL at first by column, and the first column after them. */
export interface LaidOutCells {
  readonly layout: CellLayout;
  readonly initial: ReadonlyMap<number, Value>;
  readonly end: number;
}

/** Lays out the cells of actors and families after one column for each actor. */
export function layOut(actors: readonly ActorDefinition[], operations: Operations, values: Values): LaidOutCells {
  let column = actors.length;
  const initial = new Map<number, Value>();
  const cells = new Map<ValueId, (number | undefined)[]>();
  const constants = new Map<ValueId, (ValueId | undefined)[]>();
  for (const { name, machine, constants: fixed = {} } of actors) {
    const id = values.id(name as Name);
    const own: (number | undefined)[] = [];
    for (const [cell, value] of Object.entries(machine.declaration.cells ?? {})) {
      own[operations.cell(cell)] = column;
      if (value !== null) initial.set(column, value);
      column += 1;
    }
    cells.set(id, own);
    const words: (ValueId | undefined)[] = [];
    for (const [constant, usual] of Object.entries(machine.declaration.constants ?? {}))
      words[operations.constant(constant)] = values.id(fixed[constant] ?? usual);
    constants.set(id, words);
  }
  const plan: MemoryPlan = {
    actors: actors.map(({ name }) => name as Name),
    actorsOf: (kind) => actors.filter(({ machine }) => kindsOf(machine).includes(kind)).map(({ name }) => name as Name),
  };
  const families = operations.families.map((family) => {
    const laidOut = family.layOut(plan, { idOf: (value) => values.id(value) });
    const start = column;
    column += laidOut.columns.length;
    return { start, family: laidOut };
  });
  return { layout: { cells, constants, families }, initial, end: column };
}
