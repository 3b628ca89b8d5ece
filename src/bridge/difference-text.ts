// What differs in one call of two managers, in words without names: what a class of difference is named by.
import { isSamePlain } from '../engine/actors/plain-data.ts';
import { valueText } from '../machines/kernel/call.ts';
import { sightsDiffering } from './callback-sights.ts';
import type { CallObserved, CallSeen } from './call-system.ts';
import type { ManagerCall } from './manager-calls.ts';

/** What can be seen to differ. */
export type DifferenceField = keyof CallObserved;

/** What a manager may not show: that is no difference. */
const maybeHidden: ReadonlySet<DifferenceField> = new Set(['producers', 'consumers', 'references']);

/** Did both show the same? */
export function isSame(field: DifferenceField, one: CallObserved, other: CallObserved): boolean {
  if (maybeHidden.has(field) && (one[field] === null || other[field] === null)) return true;
  return isSamePlain(one[field], other[field]);
}

/** A call without its names. */
export function shapeOf({ op, eventfd, fault, race }: ManagerCall): string {
  const key = op.startsWith('register') && eventfd === null ? ', key NULL' : '';
  const environment = fault === undefined ? '' : `, ${fault} fails`;
  return `${op}${key}${environment}${race === undefined ? '' : `, meanwhile ${shapeOf(race)}`}`;
}

const kinds = (callbacks: readonly string[]): string =>
  callbacks.map((one) => one.replace(/^[pc]\d+\./, '').replace(/\([pc]\d+\)/, '')).join(' ') || 'no callback';

/** How many entries each has that the other has not; one that stands twice counts twice. */
function setText(what: string, one: readonly string[], other: readonly string[]): string {
  const without = (some: readonly string[], others: readonly string[]): number => {
    const left = [...others];
    return some.filter((entry) => {
      const at = left.indexOf(entry);
      if (at >= 0) left.splice(at, 1);
      return at < 0;
    }).length;
  };
  return `${what}: ${without(one, other)} more, ${without(other, one)} fewer`;
}

/** References on the module beyond one for each entry; null where they cannot be seen. */
function looseReferences({ references, producers, consumers }: CallObserved): number | null {
  if (references === null || producers === null || consumers === null) return null;
  return references - producers.length - consumers.length;
}

/** What differs, in words without names; entries of sets are compared from the one to the other. */
export function differing(one: CallObserved, other: CallObserved, comparesKeys: boolean): string[] {
  const texts = seenDiffering(one, other);
  if (one.race !== undefined && other.race !== undefined && !isSamePlain(one.race, other.race))
    texts.push(...seenDiffering(one.race, other.race).map((text) => `meanwhile ${text}`));
  if (one.corruption !== other.corruption) texts.push(one.corruption ? 'corrupts memory no more' : 'corrupts memory');
  if (one.trouble !== other.trouble)
    texts.push(other.trouble === null ? `no more: ${String(one.trouble)}` : `trouble: ${other.trouble}`);
  for (const what of ['bindings', 'producers', 'consumers'] as const)
    if (!isSame(what, one, other)) texts.push(setText(what, other[what] ?? [], one[what] ?? []));
  const [leaked, kept] = [looseReferences(one), looseReferences(other)];
  if (leaked !== kept && leaked !== null && kept !== null)
    texts.push(`references on the module: ${Math.abs(kept - leaked)} ${kept > leaked ? 'more' : 'fewer'}`);
  // What was not registered has no irq: no class of its own, as only some parts of a comparison have irqs.
  if (texts.length === 0 && !isSame('irqs', one, other)) texts.push(setText('irqs', other.irqs, one.irqs));
  if (comparesKeys && !isSame('keys', one, other)) texts.push(setText('keys in structs', other.keys, one.keys));
  return texts;
}

const returnText = ({ returns }: CallSeen): string => (returns === null ? 'nothing' : valueText(returns));

function seenDiffering(one: CallSeen, other: CallSeen): string[] {
  const texts: string[] = [];
  if (one.returns !== other.returns) texts.push(`returns ${returnText(one)}, then ${returnText(other)}`);
  if (!isSamePlain(one.callbacks, other.callbacks))
    texts.push(
      kinds(one.callbacks) === kinds(other.callbacks)
        ? `callbacks of other structs (${kinds(one.callbacks)})`
        : `callbacks ${kinds(one.callbacks)}, then ${kinds(other.callbacks)}`,
    );
  else if (!isSamePlain(one.sights, other.sights)) texts.push(sightsDiffering(one, other));
  if (one.warn !== other.warn) texts.push(other.warn ? 'warns' : 'warns no more');
  return texts;
}
