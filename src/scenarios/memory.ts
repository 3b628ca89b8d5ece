// An actor that only is memory: a struct, a CPU's variables, whose cells other actors read and write.
import type { Machine } from '../engine/actors/machine.ts';
import { machine } from '../engine/actors/machine.ts';
import type { Value } from '../engine/actors/name.ts';

/** What memory there is. */
export interface MemoryDeclaration {
  readonly id: string;
  readonly title: string;
  /** Words, and what they hold at first. */
  readonly cells: Readonly<Record<string, Value>>;
  /** Words that a scenario may fix, and what they are where it does not. */
  readonly constants?: Readonly<Record<string, Value>>;
}

/**
 * A machine that takes no message: its cells are all there is.
 *
 * @example
 * const task = memory({ id: 'task', title: 'struct task_struct', cells: { in_eventfd: false } });
 */
export function memory(declaration: MemoryDeclaration): Machine {
  return machine<object, never>({ ...declaration, sends: [], context: () => ({}), chart: {} });
}
