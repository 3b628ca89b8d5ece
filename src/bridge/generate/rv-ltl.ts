// Rules of the events of one call and of one eventfd, as sheets in the kernel's notation of linear temporal logic.
//
// rvgen makes a Buchi automaton of at most 32 states of a sheet, and two rules with "until" have more already. So what is remembered is
// an atom that stays true from one event to another, and a rule is one of what holds at a moment; one rule of each sheet has "until".
import type { PairAutomaton } from './rv-pair.ts';

/** An atom that is true at certain events only, or from one event to another. */
export interface Atom {
  readonly name: string;
  /** True at these events only. */
  readonly at?: readonly string[];
  /** True from these events... */
  readonly from?: readonly string[];
  /** ...to these. */
  readonly to?: readonly string[];
}

/** A condition on atoms. */
type Condition =
  | string
  | { readonly not: Condition }
  | { readonly and: readonly Condition[] }
  | { readonly or: readonly Condition[] };

/** A rule: where a condition holds another one does, or something does not happen until something else has. */
export interface LtlRule {
  readonly name: string;
  /** In a few words. */
  readonly comment: string;
  /** Of what it speaks: of one call, which one task makes, or of one eventfd, whose calls are those of several tasks. */
  readonly of: 'call' | 'pair';
  readonly where: Condition;
  readonly holds: Condition | { readonly not: Condition; readonly until: Condition };
}

const halves = ['producer', 'consumer'] as const;
const both = (...suffixes: readonly string[]): string[] =>
  suffixes.flatMap((suffix) => halves.map((half) => `${half}_${suffix}`));

const refusals = both('register_busy', 'register_no_memory');
const returnsOfRegister = [...both('registered', 'register_failed'), ...refusals];

/** The atoms. At an event those that are true there only come first, then those that begin or end there. */
export const atoms: readonly Atom[] = [
  { name: 'ADD_CONSUMER', at: ['add_consumer', 'add_consumer_failed'] },
  { name: 'ADD_PRODUCER', at: ['add_producer'] },
  { name: 'ADD_PRODUCER_FAILED', at: ['add_producer_failed'] },
  { name: 'DEL_CONSUMER', at: ['del_consumer'] },
  { name: 'DEL_PRODUCER', at: ['del_producer'] },
  { name: 'SUCCEEDED', at: both('registered') },
  { name: 'FAILED', at: both('register_failed') },
  { name: 'REFUSED', at: refusals },
  { name: 'UNREGISTERED', at: both('unregistered') },
  { name: 'REGISTERING', from: both('register'), to: returnsOfRegister },
  { name: 'UNREGISTERING', from: both('unregister'), to: both('unregistered') },
  { name: 'PRODUCER_STOPPED', from: ['producer_stop'], to: ['producer_start'] },
  { name: 'CONSUMER_STOPPED', from: ['consumer_stop'], to: ['consumer_start'] },
  { name: 'AN_ADD_FAILED', from: ['add_consumer_failed', 'add_producer_failed'], to: returnsOfRegister },
  { name: 'CONSUMER_ADDED', from: ['add_consumer'], to: ['del_consumer'] },
  { name: 'PRODUCER_ADDED', from: ['add_producer'], to: ['del_producer'] },
  { name: 'PRODUCER_REGISTERED', from: ['producer_registered'], to: ['producer_unregistered'] },
  { name: 'CONSUMER_REGISTERED', from: ['consumer_registered'], to: ['consumer_unregistered'] },
];

const SOME_STOPPED: Condition = { or: ['PRODUCER_STOPPED', 'CONSUMER_STOPPED'] };
const RETURNS: Condition = { or: ['SUCCEEDED', 'FAILED', 'REFUSED', 'UNREGISTERED'] };

/** Rules of managers; that of a revision need not keep all of them. */
export const ltlRules: readonly LtlRule[] = [
  {
    name: 'STOPPED_IS_STARTED',
    comment: 'What a call stops it starts again before it returns.',
    of: 'call',
    where: RETURNS,
    holds: { not: SOME_STOPPED },
  },
  {
    name: 'CHANGED_WHILE_STOPPED',
    comment: 'Both are stopped while one is added to the other or deleted.',
    of: 'call',
    where: { or: ['ADD_CONSUMER', 'ADD_PRODUCER', 'ADD_PRODUCER_FAILED', 'DEL_CONSUMER', 'DEL_PRODUCER'] },
    holds: { and: ['PRODUCER_STOPPED', 'CONSUMER_STOPPED'] },
  },
  {
    name: 'STOPPED_IN_CALLS',
    comment: 'Nobody is stopped but in a call.',
    of: 'call',
    where: SOME_STOPPED,
    holds: { or: ['REGISTERING', 'UNREGISTERING'] },
  },
  {
    name: 'ADDED_BY_REGISTER',
    comment: 'Nobody is added but by a registration.',
    of: 'call',
    where: { or: ['ADD_CONSUMER', 'ADD_PRODUCER', 'ADD_PRODUCER_FAILED'] },
    holds: 'REGISTERING',
  },
  {
    name: 'DELETED_BY_UNREGISTER',
    comment: 'A consumer is told to delete a producer by an unregistration only, not where it has refused it.',
    of: 'call',
    where: 'DEL_PRODUCER',
    holds: 'UNREGISTERING',
  },
  {
    name: 'FAILURE_IS_RETURNED',
    comment: 'A registration in which an add fails fails.',
    of: 'call',
    where: 'SUCCEEDED',
    holds: { not: 'AN_ADD_FAILED' },
  },
  {
    name: 'ROLLED_BACK',
    comment: 'Where add_producer fails, del_consumer undoes add_consumer before the call returns.',
    of: 'call',
    where: 'ADD_PRODUCER_FAILED',
    holds: { not: RETURNS, until: 'DEL_CONSUMER' },
  },
  {
    name: 'ADDED_ONCE',
    comment: 'A producer is not added a second time before it is deleted.',
    of: 'pair',
    where: { or: ['ADD_PRODUCER', 'ADD_PRODUCER_FAILED'] },
    holds: { not: 'PRODUCER_ADDED' },
  },
  {
    name: 'CONSUMER_ADDED_FIRST',
    comment: 'add_producer comes after add_consumer.',
    of: 'pair',
    where: { or: ['ADD_PRODUCER', 'ADD_PRODUCER_FAILED'] },
    holds: 'CONSUMER_ADDED',
  },
  {
    name: 'PRODUCER_DELETED_FIRST',
    comment: 'del_producer comes before del_consumer.',
    of: 'pair',
    where: 'DEL_PRODUCER',
    holds: 'CONSUMER_ADDED',
  },
  {
    name: 'PRODUCER_DELETED_AFTER_ADD',
    comment: 'A pair is connected before it is disconnected.',
    of: 'pair',
    where: 'DEL_PRODUCER',
    holds: 'PRODUCER_ADDED',
  },
  {
    name: 'CONSUMER_DELETED_AFTER_ADD',
    comment: 'del_consumer comes after add_consumer.',
    of: 'pair',
    where: 'DEL_CONSUMER',
    holds: 'CONSUMER_ADDED',
  },
  {
    name: 'CONNECTED_IF_BOTH',
    comment: 'Who registers as the second is connected.',
    of: 'pair',
    where: { and: ['SUCCEEDED', { or: ['PRODUCER_REGISTERED', 'CONSUMER_REGISTERED'] }] },
    holds: { and: ['CONSUMER_ADDED', 'PRODUCER_ADDED'] },
  },
  {
    name: 'LEFT_IS_DISCONNECTED',
    comment: 'Where an unregistration returns nobody is connected.',
    of: 'pair',
    where: 'UNREGISTERED',
    holds: { not: { or: ['CONSUMER_ADDED', 'PRODUCER_ADDED'] } },
  },
  {
    name: 'NOBODY_CALLED_AFTER_BOTH_LEFT',
    comment: 'No callbacks while neither is registered.',
    of: 'pair',
    where: SOME_STOPPED,
    holds: { or: ['PRODUCER_REGISTERED', 'CONSUMER_REGISTERED'] },
  },
];

/** The names of the atoms in a condition. */
function atomsOf(condition: Condition): string[] {
  if (typeof condition === 'string') return [condition];
  if ('not' in condition) return atomsOf(condition.not);
  return ('and' in condition ? condition.and : condition.or).flatMap(atomsOf);
}

function isTrue(condition: Condition, atoms: ReadonlySet<string>): boolean {
  if (typeof condition === 'string') return atoms.has(condition);
  if ('not' in condition) return !isTrue(condition.not, atoms);
  if ('and' in condition) return condition.and.every((one) => isTrue(one, atoms));
  return condition.or.some((one) => isTrue(one, atoms));
}

/** A condition as text: everything in parentheses, since the grammar knows no precedence. */
function conditionText(condition: Condition): string {
  if (typeof condition === 'string') return condition;
  if ('not' in condition) return `(not ${conditionText(condition.not)})`;
  const [word, parts] = 'and' in condition ? (['and', condition.and] as const) : (['or', condition.or] as const);
  return joined(word, parts.map(conditionText));
}

/** `(A and (B and C))`. */
function joined(word: string, parts: readonly string[], before = ' '): string {
  const [first = 'true', ...rest] = parts;
  return rest.length === 0 ? first : `(${first}${before}${word} ${joined(word, rest, before)})`;
}

/** A rule as text, in two lines; in a sheet it is one of what always holds. */
function ruleText({ where, holds }: LtlRule): string {
  const then =
    typeof holds === 'object' && 'until' in holds
      ? `((not ${conditionText(holds.not)}) until ${conditionText(holds.until)})`
      : conditionText(holds);
  return `(${conditionText(where)}\n\timply ${then})`;
}

/**
 * What is true after each step of a handler: at an event those atoms that are true there only, then those that begin and end there.
 *
 * @param event - of the automaton
 * @param held - atoms that are true before it
 * @returns the atoms that are true, one set for each time that a handler tells the monitor; the last is what is true afterwards
 */
export function lettersOf(event: string, held: ReadonlySet<string>): ReadonlySet<string>[] {
  const letters: ReadonlySet<string>[] = [];
  let now = held;
  for (const { name, at, from, to } of atoms) {
    if (at?.includes(event) === true) letters.push(new Set([...now, name]), now);
    if (from?.includes(event) === true) letters.push((now = new Set([...now, name])));
    if (to?.includes(event) === true && now.has(name))
      letters.push((now = new Set([...now].filter((one) => one !== name))));
  }
  return letters;
}

/**
 * Does an automaton read only words that keep a rule?
 *
 * @param automaton - of one eventfd
 * @param rule - one of `ltlRules`
 */
export function keeps({ states, transitions }: PairAutomaton, rule: LtlRule): boolean {
  const { where, holds } = rule;
  const isUntil = typeof holds === 'object' && 'until' in holds;
  const begin = { state: states[0]?.name ?? '', held: new Set<string>() as ReadonlySet<string>, isWaiting: false };
  const found = [begin];
  const known = new Set<string>();
  for (const { state, held, isWaiting } of found)
    for (const { event, to } of transitions.filter(({ from }) => from === state)) {
      const letters = lettersOf(event, held);
      let waits = isWaiting;
      for (const letter of letters) {
        if (!isUntil && isTrue(where, letter) && !isTrue(holds, letter)) return false;
        if (!isUntil) continue;
        waits = (waits || isTrue(where, letter)) && !isTrue(holds.until, letter);
        if (waits && isTrue(holds.not, letter)) return false;
      }
      const after = { state: to, held: letters.at(-1) ?? held, isWaiting: waits };
      const key = [to, waits, ...[...after.held].toSorted()].join(' ');
      if (known.size < known.add(key).size) found.push(after);
    }
  return true;
}

/** A sheet: its text, the atoms that are in it, and the rules that the revision does not keep. */
export interface Sheet {
  readonly text: string;
  readonly atoms: readonly Atom[];
  readonly notKept: readonly LtlRule[];
}

/**
 * The sheet of the rules that a revision keeps.
 *
 * @param of - rules of one call, or of one eventfd
 * @param automaton - of the revision
 * @param title - its first line
 */
export function sheetOf(of: LtlRule['of'], automaton: PairAutomaton, title: string): Sheet {
  const rules = ltlRules.filter((rule) => rule.of === of);
  const kept = rules.filter((rule) => keeps(automaton, rule));
  const notKept = rules.filter((rule) => !kept.includes(rule));
  const used = new Set(
    kept.flatMap(({ where, holds }) => [
      ...atomsOf(where),
      ...(typeof holds === 'object' && 'until' in holds
        ? [...atomsOf(holds.not), ...atomsOf(holds.until)]
        : atomsOf(holds)),
    ]),
  );
  const left = notKept.map(({ name, comment }) => `# The revision does not keep ${name}: ${comment}\n`);
  const lines = kept.map((rule) => `# ${rule.comment}\n${rule.name} = ${ruleText(rule)}\n`);
  const names = kept.map(({ name }) => name);
  const text = `# ${title}\n${left.join('')}\nRULE = (always ${joined('and', names, '\n\t')})\n\n${lines.join('\n')}`;
  return { text, atoms: atoms.filter(({ name }) => used.has(name)), notKept };
}
