// A random walk before the long part of a search, to meet most values of most columns: the packing has room for them then.
import { seeded } from '../../world/schedulers.ts';
import type { World } from '../../world/world.ts';
import { WorldLimitError } from '../../world/world-limit.ts';
import type { Packing } from '../store/packing.ts';
import type { Source } from './sources.ts';
import { offersOf } from './sources.ts';
import type { StepTable } from './step-table.ts';
import { REJECTED } from './step-table.ts';

const STEPS = 8000;

/** Walks from the initial state; stores nothing, but steps and values are remembered. */
export function warmUp(world: World, packing: Packing, steps: StepTable, sources: readonly Source[]): void {
  try {
    walk(world, packing, steps, sources);
  } catch (error) {
    // A limit of the world: the search will meet it in its own time, or not at all.
    if (!(error instanceof WorldLimitError)) throw error;
  }
}

function walk(world: World, packing: Packing, steps: StepTable, sources: readonly Source[]): void {
  const int = seeded(1);
  let row = world.initial();
  const choices: number[] = [];
  const columns: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const packed = packAlone(packing, row);
    const isDone = (actor: number): boolean => world.isDone(actor, packing.raw(actor, packing.read(packed, 0, actor)));
    choices.length = 0;
    columns.length = 0;
    for (const source of sources) {
      const offered = offersOf(world, packing, steps, source, packing.read(packed, 0, source.column));
      if (offered.length === 0 || !source.after.every(isDone)) continue;
      for (const choice of offered) {
        choices.push(choice);
        columns.push(source.slot < 0 ? -1 : source.column);
      }
    }
    let leaf = REJECTED;
    while (leaf === REJECTED && choices.length > 0) {
      const at = int(0, choices.length - 1);
      const choice = choices[at] as number;
      const known = steps.find(choice, packed, 0);
      leaf = known >= 0 ? known : steps.compute(choice, columns[at] as number, packed, 0);
      choices.splice(at, 1);
      columns.splice(at, 1);
    }
    if (leaf === REJECTED) {
      if (step === 0) return;
      row = world.initial();
      continue;
    }
    const writes = steps.writes[leaf] as Int32Array;
    row = row.slice();
    for (let i = 0; i < writes.length; i += 2) {
      row[writes[i] as number] = packing.raw(writes[i] as number, writes[i + 1] as number);
    }
  }
}

/** A row packed by itself; widens the packing where it does not fit. */
function packAlone(packing: Packing, row: Uint16Array): Int32Array {
  if (!packing.learn(row)) packing.widen();
  const packed = new Int32Array(packing.words);
  packing.pack(row, packed, 0);
  return packed;
}
