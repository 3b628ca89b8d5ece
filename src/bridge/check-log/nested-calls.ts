// Which call a line belongs to: the calls of each task, one within the other.
//
// Logs of function_graph show how calls are nested. Elsewhere a call is over when its return is shown, or when its task does what
// that call cannot have called.
import type { Entered, LogArguments, Returned } from './log-event.ts';

/** A call of a function that is understood. */
export interface LoggedCall {
  readonly function: string;
  readonly arguments: LogArguments;
  readonly line: number;
  readonly task: string;
  /** The innermost call around it that is understood; null where there is none, or it is not traced. */
  readonly parent: LoggedCall | null;
  readonly children: LoggedCall[];
  /** Absent before it returns, and where the log has no results. */
  result?: number;
  /** Was its return seen, not concluded from what comes later? */
  isReturnSeen: boolean;
}

/** Who is told. */
export interface CallListener {
  readonly entered: (call: LoggedCall) => void;
  readonly left: (call: LoggedCall) => void;
  /** A return whose call did not begin in this log. */
  readonly orphan: (event: Returned, isLate: boolean) => void;
}

const MANAGER = [
  'irq_bypass_register_producer',
  'irq_bypass_unregister_producer',
  'irq_bypass_register_consumer',
  'irq_bypass_unregister_consumer',
];

/** What each function may be called by, among functions that are understood. What is not named here is called by none of them. */
const CALLERS: Readonly<Record<string, readonly string[]>> = {
  irq_bypass_register_producer: ['vfio_msi_set_vector_signal'],
  irq_bypass_unregister_producer: ['vfio_msi_set_vector_signal'],
  irq_bypass_register_consumer: ['kvm_irqfd'],
  irq_bypass_unregister_consumer: ['irqfd_shutdown'],
  kvm_arch_irq_bypass_stop: MANAGER,
  kvm_arch_irq_bypass_start: MANAGER,
  kvm_arch_irq_bypass_add_producer: MANAGER,
  kvm_arch_irq_bypass_del_producer: MANAGER,
  kvm_vgic_v4_set_forwarding: ['kvm_arch_irq_bypass_add_producer'],
  kvm_vgic_v4_unset_forwarding: ['kvm_arch_irq_bypass_del_producer'],
  its_map_vlpi: ['kvm_vgic_v4_set_forwarding'],
};

/** Functions that are called by none that is understood, or within a call that they tell of themselves. */
const OUTER = new Set([...MANAGER, 'kvm_irqfd', 'irqfd_shutdown', 'vfio_msi_set_vector_signal']);

/** Functions that are called in the middle of anything and say nothing of what is around them. */
const ANYWHERE = new Set(['irqfd_wakeup']);

/** The calls of all tasks. */
export class NestedCalls {
  readonly #listener: CallListener;
  readonly #understood: ReadonlySet<string>;
  /** Open calls by task, the outermost first; null for one that is not understood (function_graph shows it). */
  readonly #open = new Map<string, (LoggedCall | null)[]>();
  /** Tasks of which a call has begun that others are within: until then they may be in one that began before the log. */
  readonly #settled = new Set<string>();

  /**
   * @param understood - functions that calls are made of
   * @param listener - is told of each, in the order of the lines
   */
  constructor(understood: readonly string[], listener: CallListener) {
    this.#listener = listener;
    this.#understood = new Set(understood);
  }

  enter(event: Entered): void {
    const isUnderstood = this.#understood.has(event.function);
    if ((!isUnderstood && event.depth === undefined) || ANYWHERE.has(event.function)) return;
    const stack = this.#stackOf(event.task);
    if (event.depth === undefined) this.#unwindTo(stack, CALLERS[event.function] ?? []);
    else this.#unwind(stack, event.depth);
    while (event.depth !== undefined && stack.length < event.depth) stack.push(null);
    const call = isUnderstood ? this.#begin(event, stack) : null;
    if (event.returns === true) {
      if (call !== null) this.#end(call, event.result);
    } else stack.push(call);
  }

  leave(event: Returned): void {
    if (event.depth === undefined && (event.function === null || !this.#understood.has(event.function))) return;
    const isLate = this.isLate(event);
    const stack = this.#stackOf(event.task);
    if (event.depth === undefined) {
      const at = stack.findLastIndex((call) => call?.function === event.function);
      if (at === -1) {
        this.#listener.orphan(event, isLate);
        return;
      }
      this.#unwind(stack, at + 1);
    } else this.#unwind(stack, event.depth + 1);
    if (event.depth !== undefined && stack.length !== event.depth + 1) return;
    const call = stack.pop();
    if (call === null || call === undefined) return;
    this.#end(call, event.result);
  }

  /** Events were lost: nothing is known of open calls. */
  forget(): void {
    this.#open.clear();
    this.#settled.clear();
  }

  /** Has nothing of this task begun within the log yet? What is around its calls may have begun before. */
  isLate({ task }: Pick<LoggedCall, 'task'>): boolean {
    return !this.#settled.has(task);
  }

  #stackOf(task: string): (LoggedCall | null)[] {
    let stack = this.#open.get(task);
    if (stack === undefined) {
      stack = [];
      this.#open.set(task, stack);
    }
    return stack;
  }

  #begin(event: Entered, stack: readonly (LoggedCall | null)[]): LoggedCall {
    const call: LoggedCall = {
      function: event.function,
      arguments: event.arguments,
      line: event.line,
      task: event.task,
      parent: stack.findLast((one) => one !== null) ?? null,
      children: [],
      isReturnSeen: false,
    };
    call.parent?.children.push(call);
    if (OUTER.has(call.function)) this.#settled.add(call.task);
    this.#listener.entered(call);
    return call;
  }

  #end(call: LoggedCall, result: number | undefined): void {
    call.isReturnSeen = true;
    if (result !== undefined) call.result = result;
    this.#listener.left(call);
  }

  /** Ends calls until the innermost one is one of these. */
  #unwindTo(stack: (LoggedCall | null)[], callers: readonly string[]): void {
    const at = stack.findLastIndex((call) => call !== null && callers.includes(call.function));
    this.#unwind(stack, at + 1);
  }

  #unwind(stack: (LoggedCall | null)[], depth: number): void {
    while (stack.length > depth) {
      const call = stack.pop();
      if (call !== null && call !== undefined) this.#listener.left(call);
    }
  }
}
