// Shared memory as a machine sees it during one delivery.
//
// A cell is a word that actors share; the machine of its owner declares it. A constant is a word that the scenario fixes for
// an actor. A family is a group of words with operations of their own (the sets of the registry). The host says for each
// delivery which memory is meant (`during`), so that events are plain data.
import type { Address } from './effects.ts';
import { MachineError } from './machine-error.ts';
import type { Value } from './name.ts';

/** Operations on shared memory. Reading in a guard is free of effects; writing belongs in a handler. */
export interface Cells {
  /** Reads a cell of an actor. */
  load(actor: Address, cell: string): Value;
  /** Writes a cell of an actor. */
  store(actor: Address, cell: string, value: Value): void;
  /** What the scenario fixed for an actor. */
  constant(actor: Address, constant: string): Value;
  /** Asks a family of cells for one of its operations. */
  ask(family: string, operation: string, ...args: readonly Value[]): Value;
}

let current: Cells | null = null;

/** Memory that must not be used: whoever does is told why. */
export function refusedCells(why: string): Cells {
  const refuse = (): never => {
    throw new MachineError('memory', why);
  };
  return { load: refuse, store: refuse, constant: refuse, ask: refuse };
}

/** The memory of an initial state: there is none. */
const noMemory = refusedCells('shared memory is there only while a message is delivered');

/** The memory of the delivery under way. Where there is none, as in an initial state, using it throws MachineError. */
export function memoryOfDelivery(): Cells {
  return current ?? noMemory;
}

/** Runs something with a memory: one delivery, or the question whether one would be taken. */
export function during<R>(cells: Cells, run: () => R): R {
  const before = current;
  current = cells;
  try {
    return run();
  } finally {
    current = before;
  }
}
