// What a real kernel did in a sequence, call by call: out of the trace, between the marks that the test program leaves, and of its
// ground truth.
import type { LogEvent } from '../check-log/log-event.ts';
import { ftrace } from '../check-log/formats/ftrace.ts';
import type { LoggedCall } from '../check-log/nested-calls.ts';
import { NestedCalls } from '../check-log/nested-calls.ts';
import { argumentOf, pointerOf, tracedFunctions } from '../check-log/probe-names.ts';
import { errno } from '../../machines/kernel/call.ts';
import type { HostSeen } from './host-world.ts';

/** One command and what was seen until the next. */
export interface PlayedCommand {
  /** As the test program has it: `irqfd 0 0 32`. */
  readonly command: string;
  readonly returns: number | null;
  readonly manager: readonly string[];
  readonly signals: number;
}

/** Commands that leave no line in the ground truth. */
const SILENT = new Set(['run', 'sleep', 'mark', 'trace']);
const MARK = /: tracing_mark_write: (.*?)\s*$/;
const TRUTH = /^#\d+ .* = (-?\d+)(?: (\w+))?$/;

/** What a system call returned: its number, or a negative errno. */
function resultOf(line: string): number | null {
  const [, value, error] = TRUTH.exec(line) ?? [];
  if (value === undefined) return null;
  if (error === undefined) return Number(value);
  return -((errno as Readonly<Record<string, number>>)[error] ?? Number.NaN);
}

/** Names of the objects in a sequence, by address, as they come. */
class Names {
  readonly #names = new Map<string, string>();

  /** The object that a command is about: `c0` of `irqfd 0 0 32`. */
  static of(command: string, gsi: number): string | null {
    const [op, , second = '', third = ''] = command.split(' ');
    if (op === 'irqfd') return `c${Number(third) - gsi}`;
    return op === 'vec' ? `p${second}` : null;
  }

  give(address: string, name: string): void {
    this.#names.set(address, name);
  }

  of(address: string | null | undefined): string {
    return address === null || address === undefined ? '?' : (this.#names.get(address) ?? '?');
  }
}

/**
 * Reads what was played.
 *
 * @param log - a trace with marks
 * @param truth - the test program's own lines
 * @param gsi - the first GSI of the guest
 */
export function playedCommands(log: string, truth: string, gsi: number): readonly PlayedCommand[] {
  const found: { command: string; manager: string[]; signals: number }[] = [];
  const names = new Names();
  const object = (call: LoggedCall, side: 'producer' | 'consumer'): string =>
    names.of(pointerOf(argumentOf(call.arguments, side)));
  const say = (text: string): void => void found.at(-1)?.manager.push(text);
  const calls = new NestedCalls(tracedFunctions, {
    entered: (call) => {
      const name = Names.of(found.at(-1)?.command ?? '', gsi);
      const [, side] = /^irq_bypass_register_(producer|consumer)$/.exec(call.function) ?? [];
      const address = side === undefined ? undefined : pointerOf(argumentOf(call.arguments, side as 'producer'));
      if (name !== null && typeof address === 'string') names.give(address, name);
    },
    left: (call) => {
      const [, register, side] = /^irq_bypass_(register|unregister)_(producer|consumer)$/.exec(call.function) ?? [];
      if (register !== undefined && side !== undefined) {
        const result = call.result === undefined ? '' : `=${call.result}`;
        say(`${register}_${side}(${object(call, side as 'producer')})${result}`);
      }
      const [, callback] = /^kvm_arch_irq_bypass_(\w+)$/.exec(call.function) ?? [];
      if (callback === undefined) return;
      const consumer = object(call, 'consumer');
      if (callback === 'stop' || callback === 'start') say(`${consumer}.${callback}`);
      else
        say(
          `${consumer}.${callback}(${object(call, 'producer')})${call.result === undefined ? '' : `=${call.result}`}`,
        );
    },
    orphan: () => undefined,
  });
  for (const [i, line] of log.split('\n').entries()) {
    const mark = MARK.exec(line)?.[1];
    if (mark !== undefined) {
      const command = mark.replace(/#.*/, '').trim();
      // What comes while the program waits belongs to the command before.
      if (command !== '' && !command.startsWith('sleep')) found.push({ command, manager: [], signals: 0 });
      continue;
    }
    const event = ftrace.read(line);
    if (event === null) continue;
    const placed: LogEvent = { ...event, line: i + 1 };
    if (placed.kind === 'enter') {
      // A key with EPOLLIN: the eventfd is signalled. EPOLLHUP comes as it is closed.
      const last = found.at(-1);
      if (placed.function === 'irqfd_wakeup' && last !== undefined && (Number(placed.arguments['key'] ?? 1) & 1) === 1)
        last.signals += 1;
      else calls.enter(placed);
    }
    if (placed.kind === 'return') calls.leave(placed);
  }
  const results = truth.split('\n').flatMap((line) => (TRUTH.test(line) ? [resultOf(line)] : []));
  let next = 0;
  return found.map(({ command, manager, signals }) => {
    const isSilent = SILENT.has(command.split(' ')[0] ?? '');
    const returns = isSilent ? 0 : (results[next] ?? null);
    if (!isSilent) next += 1;
    return { command, returns, manager, signals };
  });
}

/** What was seen of a command, as the world tells it. File descriptors and counts of bytes are 0. */
export function seenOf({ command, returns, manager, signals }: PlayedCommand): HostSeen & { readonly isOver: boolean } {
  const isCount = /^(?:efd|efdwrite|efdread|dev|vm) /.test(command);
  const result = returns !== null && returns > 0 && isCount ? 0 : (returns ?? 0);
  return { returns: result, manager, isSignalled: signals > 0, isOver: returns !== null };
}
