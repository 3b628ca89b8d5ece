// The words of the primitives: what locks show, put as kernel developers would.
import type { Observation } from '../../engine/actors/effects.ts';
import type { KernelObservation } from './call.ts';
import { valueText } from './call.ts';
import type { LockObservation } from './lockdep.ts';
import type { ReleaseObservation } from './refcount.ts';
import type { Held } from './task.ts';

/** Classes that are held, in the order in which they were taken. */
const heldText = (held: readonly Held[]): string =>
  held.map((one) => `${valueText(one.class)}${one.reads ? ' (reading)' : ''}`).join(', ');

type ReturnObservation = Extract<KernelObservation, { readonly kind: 'return' }>;

/** An observation of a primitive in words; undefined where it is none, null where the event says it already. */
export function primitiveText(observation: Observation): string | null | undefined {
  const shown = observation as LockObservation | ReleaseObservation | ReturnObservation;
  switch (shown.kind) {
    case 'lock': {
      const { class: lockClass, held, context } = shown;
      const notes = [held.length === 0 ? '' : `holding ${heldText(held)}`, context === 'process' ? '' : context];
      const text = notes.filter((note) => note !== '').join(', ');
      return text === '' ? null : `wants ${valueText(lockClass)}, ${text}`;
    }
    case 'return':
      return `${shown.op}(${valueText(shown.object)}) returns${shown.value === null ? '' : ` ${valueText(shown.value)}`}`;
    case 'interrupts on':
      return `interrupts come on, ${heldText(shown.held)} held`;
    case 'last reference':
      return `the last reference on ${shown.object} is gone`;
    case 'splat':
      return `BUG in ${shown.in}: ${shown.what}`;
    case 'warn':
      return `WARN in ${shown.in}: ${shown.condition}`;
    default:
      return undefined;
  }
}
