// What a kernel needs to run the automaton and the sheets: a tracepoint for each event, and what the handlers do.
import { valueText } from '../../machines/kernel/call.ts';
import type { Revision } from '../../registry/revisions.ts';
import { CallModel } from '../call-model.ts';
import { ONE_OF_EACH } from '../compiled/parts.ts';
import type { Atom, Sheet } from './rv-ltl.ts';
import type { PairAutomaton } from './rv-pair.ts';

/** Where a kernel has an event. */
interface Place {
  /** The function. */
  readonly function: string;
  /** Where in it, and under which condition. */
  readonly where: string;
  /** How the key is had there. */
  readonly key: string;
}

/** Of lines of prose. */
const MAX_COLUMNS = 118;

const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const code = (text: string): string => `\`${text}\``;
const table = (head: readonly string[], rows: readonly string[]): string =>
  [row(...head), `|${'---|'.repeat(head.length)}`, ...rows].join('\n');

/** Text in lines that are not too long; `indent` begins all but the first. */
function filled(text: string, indent = ''): string {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && last.length + 1 + word.length > MAX_COLUMNS) lines.push(`${indent}${word}`);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.join('\n');
}

/** The field of the structs that has the key. */
function fieldOf({ id, policy }: Revision): string {
  return policy.keyOwner === 'manager' && id.startsWith('v2') ? 'eventfd' : 'token';
}

/** The place of each event in a revision's source. */
function placesOf(revision: Revision): Readonly<Record<string, Place>> {
  const { policy } = revision;
  const field = fieldOf(revision);
  const occupied = policy.insertion === 'xa_insert' ? 'xa_insert() returned -EBUSY' : 'the key has an entry: -EBUSY';
  const inserted = policy.insertion.includes('xa_store') ? 'xa_store()' : 'xa_insert()';
  const ofHalf = (half: 'producer' | 'consumer'): Readonly<Record<string, Place>> => {
    const register = {
      function: code(`irq_bypass_register_${half}`),
      key: policy.keyOwner === 'manager' ? `the argument ${code(field)}` : code(`${half}->${field}`),
    };
    const unregister = { function: code(`irq_bypass_unregister_${half}`) };
    const key = code(`${half}->${field}`);
    return {
      [`${half}_register`]: { ...register, where: 'once it has the mutex' },
      [`${half}_registered`]: { ...register, where: 'before it gives the mutex back, where it returns 0' },
      [`${half}_register_busy`]: { ...register, where: `before it gives the mutex back, where ${occupied}` },
      [`${half}_register_no_memory`]: {
        ...register,
        where: `before it gives the mutex back, where ${inserted} returned -ENOMEM`,
      },
      [`${half}_register_failed`]: {
        ...register,
        where: 'before it gives the mutex back, where __connect() failed',
      },
      [`${half}_unregister`]: {
        ...unregister,
        where: 'once it has the mutex',
        key,
      },
      [`${half}_unregistered`]: {
        ...unregister,
        where: 'before it gives the mutex back',
        key: `${key}${policy.keyOwner === 'manager' ? ', as it was' : ''}`,
      },
    };
  };
  return { ...ofHalf('producer'), ...callbackPlaces(revision), ...ofHalf('consumer') };
}

/** The places of callbacks: tracepoints are hit whether a struct has the callback or not. */
function callbackPlaces(revision: Revision): Readonly<Record<string, Place>> {
  const field = fieldOf(revision);
  // The key of who is being registered is written after the connect.
  const key =
    revision.policy.keyOwner === 'manager' ? code(`prod->${field} ?: cons->${field}`) : code(`prod->${field}`);
  const inBoth = (where: string): Place => ({ function: '`__connect`, `__disconnect`', where, key });
  const connecting = (where: string): Place => ({ function: '`__connect`', where, key });
  return {
    producer_stop: inBoth('at prod->stop()'),
    consumer_stop: inBoth('at cons->stop()'),
    add_consumer: connecting('after prod->add_consumer(), where ret is 0'),
    add_consumer_failed: connecting('after prod->add_consumer(), where ret is not 0'),
    add_producer: connecting('after cons->add_producer(), where ret is 0'),
    add_producer_failed: connecting('after cons->add_producer(), where ret is not 0'),
    del_producer: { function: '`__disconnect`', where: 'at cons->del_producer()', key },
    del_consumer: inBoth('at prod->del_consumer()'),
    consumer_start: inBoth('at cons->start()'),
    producer_start: inBoth('at prod->start()'),
  };
}

/** What becomes of a NULL key, by the machines. */
function nullKeyText({ policy }: Revision): string {
  const model = new CallModel(policy, ONE_OF_EACH, 'clean');
  const { observed } = model.perform(model.initial, { op: 'register_producer', object: 'p0', eventfd: null });
  return observed.returns === 0
    ? 'A key of NULL is accepted by this revision, but is no eventfd: handlers leave out events whose key is NULL.'
    : `A key of NULL is refused with ${valueText(observed.returns)} before the mutex is asked for: there is no event.`;
}

function atomRow({ name, at, from, to }: Atom): string {
  const list = (events: readonly string[] | undefined): string => (events ?? []).map(code).join(', ');
  return row(code(name), list(at), list(from), list(to));
}

/** Events that lead to the start from wherever they may come, and those that come in the start only: rvgen starts monitors at them. */
function startEvents({ states, transitions }: PairAutomaton): string[] {
  const start = states[0]?.name;
  const events = [...new Set(transitions.map(({ event }) => event))];
  const of = (event: string): PairAutomaton['transitions'] => transitions.filter((one) => one.event === event);
  return events.filter(
    (event) => of(event).every(({ to }) => to === start) || of(event).every(({ from }) => from === start),
  );
}

function statesTable({ states }: PairAutomaton): string {
  const rows = states.map(({ name, situations }) => {
    const calls = [...new Set(situations.map(({ call }) => call ?? 'none'))].join(', ');
    const before = [...new Set(situations.map((one) => one.before))].map(code).join(', ');
    const last = [...new Set(situations.map(({ events }) => events.at(-1)))].flatMap((one) =>
      one === undefined ? [] : [code(one)],
    );
    return row(code(name), calls, last.join(', '), before);
  });
  return table(['state', 'call', 'its last event', 'state before the call'], rows);
}

/** rvgen's parser of DOT recurses with each statement: Python's own limit of 1,000 frames is reached after 244. */
const MAX_STATEMENTS = 244;

/** What must be done for rvgen to read a big automaton; nothing for those of kernels. */
function recursionText({ states, transitions }: PairAutomaton): string {
  // A line for the start's mark, its edge and the rank, two for each state, one for each edge.
  const statements = 3 + 2 * states.length + new Set(transitions.map(({ from, to }) => `${from} ${to}`)).size;
  if (statements <= MAX_STATEMENTS) return '';
  return `
${filled(`The .dot file has ${statements} statements, and rvgen's parser recurses with each: before it is imported,
\`sys.setrecursionlimit(10000)\`.`)}
`;
}

/** How the handlers of the automaton are written. */
function handlersText(target: string, starts: readonly string[], longest: number): string {
  const found =
    starts.length === 0
      ? 'rvgen finds no event at which a monitor could be started.'
      : `rvgen starts monitors at ${starts.map(code).join(', ')}: that is not enough.`;
  const points = [
    `The object is the key. An address does not fit an int: \`#define da_id_type unsigned long\` before \`rv/da_monitor.h\` is
    included, \`da_id_type id = (unsigned long)key\` in each handler, \`typedef ${target}monitor_target\`. The monitor's own
    tracepoints print the lower half of it.`,
    `${found} Let \`handle_producer_register\` and \`handle_consumer_register\` call \`da_handle_start_run_event()\`, all others
    \`da_handle_event()\`: who registers first finds the eventfd in \`idle\`.`,
    'The monitor must be enabled while nothing is registered: before VMs run and devices are opened.',
    `\`handle_obj_cleanup\` has no tracepoint and can be left out. A new eventfd at the address of an old one starts in \`idle\`,
    where the old one ended.`,
    'The mutex keeps the events of one eventfd in order. So every tracepoint must be hit with the mutex held.',
    `Names of states have up to ${longest} characters, of which the monitor's tracepoints print MAX_DA_NAME_LEN (24 in 6.12).`,
  ];
  return points.map((point) => `* ${filled(point, '  ')}`).join('\n');
}

const SHEET_HANDLERS = `${filled(`At each event: first \`ltl_atom_pulse(task, LTL_X, true)\` for the atoms that are true at it, then
\`ltl_atom_update(task, LTL_X, true)\` for those that begin and \`ltl_atom_update(task, LTL_X, false)\` for those that end, in the
order of the table. \`ltl_atoms_init()\` sets all to false.`)}

${filled(`rvgen makes monitors of sheets per task only. All events of one call come in one task (\`current\`):
\`irqbypass_call.ltl\` needs no more. The rules of \`irqbypass_pair.ltl\` are about one eventfd, whose calls come in several tasks:
let the handlers leave out all eventfds but one, and hand in \`&init_task\` for whoever calls. A sheet may have 32 atoms, and its
Buchi automaton 32 states; these are smaller.`)}`;

/**
 * The text that goes with the automaton and the sheets: tracepoints, handlers, commands.
 *
 * @param revision - whose they are
 * @param automaton - its automaton
 * @param sheets - its sheets
 */
export function readmeOf(revision: Revision, automaton: PairAutomaton, sheets: readonly Sheet[]): string {
  const { id, where } = revision;
  const { states, transitions } = automaton;
  const events = new Set(transitions.map(({ event }) => event));
  const places = Object.entries(placesOf(revision)).filter(([event]) => events.has(event));
  const used = new Set(sheets.flatMap(({ atoms }) => atoms));
  const target = fieldOf(revision) === 'eventfd' ? 'struct eventfd_ctx *' : 'void *';
  const memory = events.has('producer_register_no_memory') ? ' and node allocations' : '';
  const rows = places.map(([event, { function: name, where, key }]) => row(code(event), name, where, key));
  return `# Runtime verification of irqbypass: ${id} (${where})

* ${filled(
    `\`irqbypass_pair.dot\`: the automaton of one eventfd, ${states.length} states, ${transitions.length} transitions,
  ${events.size} events. It is the least deterministic one that reads what the manager does for well-behaved callers, whatever add
  callbacks${memory} answer. A second producer and a second consumer try to register, too.`,
    '  ',
  )}
* \`irqbypass_call.ltl\`: rules of one call. \`irqbypass_pair.ltl\`: rules of one eventfd.

\`\`\`text
cd tools/verification
python3 rvgen monitor -c da  -s irqbypass_pair.dot -t per_obj
python3 rvgen monitor -c ltl -s irqbypass_call.ltl -t per_task
python3 rvgen monitor -c ltl -s irqbypass_pair.ltl -t per_task -n irqbypass_pair_ltl
\`\`\`
${recursionText(automaton)}
## Tracepoints

${filled(`\`virt/lib/irqbypass.c\` has none, in no kernel so far. Its four functions can be probed (kprobe, fprobe), and so can the
callbacks of KVM. But a function is entered before it has the mutex and returns after it has given it back, \`__connect\` and
\`__disconnect\` are static, and monitors attach to tracepoints. These are needed, as \`irq_bypass_<event>\`, each with the key
(\`${target}\`), the structs and, where something failed, the error:`)}

${table(['event', 'function', 'where', 'key'], rows)}

${filled(`Tracepoints of callbacks are hit whether the struct has the callback or not: one that is missing is one that succeeds.
(VFIO's and vDPA's producers have none.) ${nullKeyText(revision)} What callers must not do (to register what is registered, to
unregister what is not) is not in the automaton. The monitor sees of it what gets as far as the mutex.`)}

## Handlers of the automaton

rvgen leaves the handlers to be written (XXX in its output).

${handlersText(target, startEvents(automaton), Math.max(...automaton.states.map(({ name }) => name.length)))}

## Handlers of the sheets

${SHEET_HANDLERS}

${table(['atom', 'true at', 'true from', 'to'], [...used].map(atomRow))}

## States

${statesTable(automaton)}
`;
}
