// What offers choices in a state: threads that may call, messages in flight that may be delivered.
import type { World } from '../../world/world.ts';
import type { Packing } from '../store/packing.ts';
import type { StepTable } from './step-table.ts';

/** A column whose value offers choices: a thread's local state, or a message in flight (`slot` of its channel). */
export interface Source {
  readonly column: number;
  /** -1 for a thread. */
  readonly slot: number;
  /** Whose local state or channel it is. */
  readonly actor: number;
  /** Threads that must be done before this one makes a call. */
  readonly after: readonly number[];
  /** Choice numbers of the step table, by code of the column. */
  readonly offered: (Int32Array | undefined)[];
}

/** All sources of a world: threads first, then channels, in the order of `World.choices`. */
export function sourcesOf(world: World): Source[] {
  const threads = world.actors.flatMap(({ actsByItself, after }, column): Source[] =>
    actsByItself ? [{ column, slot: -1, actor: column, after, offered: [] }] : [],
  );
  const channels = world.actors.flatMap((_, actor): Source[] => {
    const { start, slots } = world.channel(actor);
    return Array.from({ length: slots }, (__, slot) => ({
      column: start + slot,
      slot,
      actor,
      after: [],
      offered: [],
    }));
  });
  return [...threads, ...channels];
}

/** What a source offers when its column has a code; remembered. */
export function offersOf(world: World, packing: Packing, steps: StepTable, source: Source, code: number): Int32Array {
  const known = source.offered[code];
  if (known !== undefined) return known;
  const { column, slot } = source;
  const raw = packing.raw(column, code);
  const events = slot < 0 ? world.offersOf(column, raw) : raw === 0 ? [] : world.variantsOf(raw - 1);
  const offered = Int32Array.from(events, (event) => steps.choice(event, slot));
  source.offered[code] = offered;
  return offered;
}
