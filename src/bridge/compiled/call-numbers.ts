// Calls as the harness knows them: by numbers, in the order in which they were told.
import type { ManagerCall } from '../manager-calls.ts';

const operations: Readonly<Record<ManagerCall['op'], number>> = {
  register_producer: 0,
  unregister_producer: 1,
  register_consumer: 2,
  unregister_consumer: 3,
};
const faults = { add_consumer: 1, add_producer: 2, allocation: 3, module_get: 4 };
/** As many structs of a kind and eventfds as the harness has (MAX_STRUCTS); and NULL. */
const EACH_MAX = 4;
const PLAIN_CODES = 4 * EACH_MAX * (EACH_MAX + 1);
const FAULTS = 5;

const digitOf = (name: string): number => name.charCodeAt(1) - 48;

/** Another number for each plain call. */
function plainCode({ op, object, eventfd }: ManagerCall): number {
  const key = eventfd === null || eventfd === undefined ? EACH_MAX : digitOf(eventfd);
  return (operations[op] * EACH_MAX + digitOf(object)) * (EACH_MAX + 1) + key;
}

/** `2 1 0`: the operation, the struct, the key. */
function plainText({ op, object, eventfd }: ManagerCall): string {
  const key = eventfd === null || eventfd === undefined ? -1 : digitOf(eventfd);
  return `${operations[op]} ${digitOf(object)} ${key}`;
}

/** Numbers of calls; what is new among them is told by lines that are to be sent before. */
export class CallNumbers {
  /** By code; 0 for a call that was not told, else its number and 1. */
  readonly #numbers = new Int32Array(PLAIN_CODES * FAULTS * (PLAIN_CODES + 1));
  #count = 0;
  #lines = '';

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** The lines that tell of what is new since they were asked for. */
  takeLines(): string {
    const lines = this.#lines;
    this.#lines = '';
    return lines;
  }

  /** The number of each call. */
  of(calls: readonly ManagerCall[]): Int32Array {
    return Int32Array.from(calls, (call) => this.#numberOf(call));
  }

  #numberOf(call: ManagerCall): number {
    const { fault, race } = call;
    const raceCode = race === undefined ? 0 : 1 + plainCode(race);
    const faultCode = fault === undefined ? 0 : faults[fault];
    const code = (raceCode * FAULTS + faultCode) * PLAIN_CODES + plainCode(call);
    const known = this.#numbers[code] as number;
    if (known > 0) return known - 1;
    this.#numbers[code] = this.#count + 1;
    this.#lines += `call ${plainText(call)} ${faultCode}${race === undefined ? '' : ` ${plainText(race)}`}\n`;
    return this.#count++;
  }
}

/** Numbers as the harness reads them: `3 5-9`. */
export function rangesText(numbers: Int32Array): string {
  let text = '';
  for (let i = 0; i < numbers.length; i++) {
    const first = numbers[i] as number;
    while (numbers[i + 1] === (numbers[i] as number) + 1) i += 1;
    const last = numbers[i] as number;
    text += last === first ? ` ${first}` : ` ${first}-${last}`;
  }
  return text;
}
