// Monitors for the kernel's runtime verification: an automaton of one eventfd, two sheets of rules, what a kernel needs to run them.
import type { Revision } from '../../registry/revisions.ts';
import { dotOf } from './rv-dot.ts';
import { sheetOf } from './rv-ltl.ts';
import { pairAutomaton } from './rv-pair.ts';
import { readmeOf } from './rv-tracepoints.ts';

/**
 * The files for rvgen, by path.
 *
 * @param revision - of the manager
 * @returns `irqbypass_pair.dot`, `irqbypass_call.ltl`, `irqbypass_pair.ltl` and `README.md`
 * @example
 * Object.keys(rvOf(revisionOf('v2p8'))).length; // 4
 */
export function rvOf(revision: Revision): Readonly<Record<string, string>> {
  const automaton = pairAutomaton(revision);
  const where = `${revision.id} (${revision.where})`;
  const call = sheetOf('call', automaton, `Rules of one call of the IRQ bypass manager: ${where}`);
  const pair = sheetOf('pair', automaton, `Rules of one eventfd in the IRQ bypass manager: ${where}`);
  return {
    'irqbypass_pair.dot': dotOf(automaton),
    'irqbypass_call.ltl': call.text,
    'irqbypass_pair.ltl': pair.text,
    'README.md': readmeOf(revision, automaton, [call, pair]),
  };
}
