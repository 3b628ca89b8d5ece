// Why revisions differ: every class of difference that docs/revisions.md shows, in words, with what the kernel's history knows of it.
//
// Facts: virt/lib/irqbypass.c of each revision, its commits and mails, in our own words. `policies` is checked: a test gives the first
// revision only these policies of the second and sees the same call tell the two apart.
import { isSamePlain } from '../engine/actors/plain-data.ts';
import type { Policy } from '../machines/manager/policy.ts';
import type { ExplainedClass, Explanation } from './explained-class.ts';
import { historyExplanations } from './history-explanations.ts';
import { seriesExplanations } from './series-explanations.ts';

/** All explanations: of the series, then of the years before it and the rejected attempts. */
export const explanations: readonly Explanation[] = [...seriesExplanations, ...historyExplanations];

/**
 * The explanations of a class: those that know it, and whose policies differ between the two revisions. One, if all is well.
 *
 * @param one - a class of difference
 */
export function explanationsOf(one: ExplainedClass): readonly Explanation[] {
  const { from, to } = one.policies;
  const differs = (policy: keyof Policy): boolean => !isSamePlain(from[policy], to[policy]);
  return explanations.filter(({ policies, matches }) => policies.some(differs) && matches(one));
}

/** Something that is known of the kernel, and that no comparison of revisions by calls shows. */
export interface UnseenFact {
  readonly fact: string;
  readonly text: string;
  readonly why: string;
}

/** What is known and is not seen. */
export const unseenFacts: readonly UnseenFact[] = [
  {
    fact: 'R2',
    text: 'Patch 2 drops four might_sleep().',
    why: 'No caller of the comparison is atomic; mutex_lock() looks for itself.',
  },
  { fact: 'R6', text: 'Patch 6 takes the mutex with guard().', why: 'It changes nothing.' },
  {
    fact: 'D3.6',
    text: 'Patch 3 writes the key after the callbacks of the connect; before it they could read it.',
    why: 'What callbacks read is not compared. del_producer still finds it.',
  },
  {
    fact: 'D3.7',
    text: 'Patches 3 and 4 WARN where unregister finds nothing under the key of its struct.',
    why: 'From patch 3 on a struct that has a key is registered under it; it takes a copy of one.',
  },
  {
    fact: 'D3.8',
    text: 'Patch 3 looks for the callbacks of a consumer after its key, in a test of its own.',
    why: 'Structs of the comparison have both; what lacks one is refused with -EINVAL either way. `conform` compares it.',
  },
  {
    fact: 'D7.4',
    text: 'From patch 7 on unregister of a copied struct erases the entry of the original and WARNs; a list was corrupted.',
    why: 'No call copies a struct. The scenario `unregister-copy` does.',
  },
  {
    fact: 'D7.5, eviction',
    text: 'The second of two unregister calls at once erases whoever took the key between them.',
    why: 'That takes two calls in the gap; a comparison has one. The scenario `double-unregister-race` has two.',
  },
  {
    fact: 'D7.7',
    text: 'An xarray refuses pointers with low bits set.',
    why: 'Structs and eventfd contexts are aligned.',
  },
  {
    fact: 'D7.8',
    text: 'Look-ups of an xarray are bounded, those of a list grow with it.',
    why: 'It is cost: [scale](scale.md).',
  },
  {
    fact: '2.5, cost',
    text: "Like Xu's third draft walks the whole list where the xarray has nothing, and has keys and addresses in one index.",
    why: 'The xarray is a hint there; the explorer keeps the list.',
  },
];
