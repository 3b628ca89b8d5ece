// Calls of the manager as a comparison makes them: one after the other, with faults, and one while another waits for the mutex.
import type { ManagerOperation } from '../machines/manager/protocol.ts';

/** What the environment does to one call: an add callback or a node allocation fails, or the module cannot be had. */
export type CallFault = 'add_consumer' | 'add_producer' | 'allocation' | 'module_get';

/** One call of the manager. */
export interface ManagerCall {
  readonly op: ManagerOperation;
  /** The producer or consumer: `p0`, `c1`. */
  readonly object: string;
  /** Of a registration: its key. */
  readonly eventfd?: string | null;
  readonly fault?: CallFault;
  /** A call of another thread, in full, between the unlocked half of this one and its turn with the mutex. */
  readonly race?: ManagerCall;
}

/** How many objects a comparison has. */
export interface Scope {
  readonly producers: number;
  readonly consumers: number;
  readonly eventfds: number;
}

const numbered = (letter: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${letter}${i}`);

/** Names of a scope. */
export const producersOf = ({ producers }: Scope): string[] => numbered('p', producers);
export const consumersOf = ({ consumers }: Scope): string[] => numbered('c', consumers);
export const eventfdsOf = ({ eventfds }: Scope): string[] => numbered('e', eventfds);

/** Every plain call of a scope, NULL keys included. */
export function plainCalls(scope: Scope): ManagerCall[] {
  const keys = [...eventfdsOf(scope), null];
  const of = (half: 'producer' | 'consumer', objects: readonly string[]): ManagerCall[] =>
    objects.flatMap((object) => [
      ...keys.map((eventfd): ManagerCall => ({ op: `register_${half}`, object, eventfd })),
      { op: `unregister_${half}`, object },
    ]);
  return [...of('producer', producersOf(scope)), ...of('consumer', consumersOf(scope))];
}

/**
 * The same call with each fault that may come with it.
 *
 * @param call - a plain call
 * @param isOfCallbacks - only faults of the callbacks, which every revision has; not those of memory and of the module
 */
export function withFaults(call: ManagerCall, isOfCallbacks = false): ManagerCall[] {
  const isRegistration = call.op.startsWith('register');
  const callbacks: readonly CallFault[] = isRegistration ? ['add_consumer', 'add_producer'] : [];
  const others: readonly CallFault[] = isRegistration ? ['allocation', 'module_get'] : ['module_get'];
  return [...callbacks, ...(isOfCallbacks ? [] : others)].map((fault) => ({ ...call, fault }));
}

const faultTexts: Readonly<Record<CallFault, string>> = {
  add_consumer: 'add_consumer fails',
  add_producer: 'add_producer fails',
  allocation: 'node allocations fail',
  module_get: 'try_module_get() fails',
};

/** A call as text: `register_producer(p0, e0) [add_consumer fails]`. */
export function callText({ op, object, eventfd, fault, race }: ManagerCall): string {
  const key = op.startsWith('register') ? `, ${eventfd ?? 'NULL'}` : '';
  const environment = fault === undefined ? '' : ` [${faultTexts[fault]}]`;
  const meanwhile = race === undefined ? '' : ` [while it waits for the mutex: ${callText(race)}]`;
  return `${op}(${object}${key})${environment}${meanwhile}`;
}
