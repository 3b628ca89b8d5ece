// The page of differences between revisions (docs/revisions.md), as Markdown: in short, why, and pair by pair.
import type { Explanation } from './explained-class.ts';
import { callText } from './manager-calls.ts';
import type { ClassWithReason, RevisionComparison, RevisionPair } from './revision-comparison.ts';
import { comparedRevisions, MAX_CALLS, PAIR_SCOPE } from './revision-comparison.ts';
import { explanations, unseenFacts } from './revision-explanations.ts';

/** Columns of prose. */
const COLUMNS = 130;
/** Classes of one reason that are listed for one pair. */
const ROWS_MAX = 8;

interface Chapter {
  readonly title: string;
  readonly about: string;
  readonly pairs: readonly RevisionPair[];
}

const pair = (from: string, to: string, more: Partial<RevisionPair> = {}): RevisionPair => ({
  from,
  to,
  maxCalls: MAX_CALLS,
  ...more,
});

/** Pairs of neighbours. */
const following = (...ids: readonly string[]): RevisionPair[] => ids.slice(1).map((id, i) => pair(ids[i] ?? '', id));

const series = (version: number, patches: number): string[] =>
  Array.from({ length: patches }, (_, i) => `v${version}p${i + 1}`);

/** What is compared with what. */
export const chapters: readonly Chapter[] = [
  {
    title: 'The series, as merged for Linux 6.17',
    about: 'Each patch of version 2 after the one before it, and the whole.',
    pairs: [
      ...following('base', ...series(2, 8)),
      pair('base', 'v2p8', { title: 'The whole series: from Linux 6.16 to 6.17' }),
    ],
  },
  {
    title: 'The series, version 1',
    about: `Each patch after the one before it. It differs from version 2 where one struct is registered or unregistered by two threads at
once: consumers are still looked for in the list (patches 3 to 6), and unregister reads the index after it has waited (patch 7).`,
    pairs: following('base', ...series(1, 7)),
  },
  {
    title: 'The years before',
    about: 'Linux 4.4 to 6.16. 5.9 to 5.12 is a way round: what came after it is what had been before it.',
    pairs: [...following('linux-4.4', 'linux-4.7', 'base', 'linux-5.9'), pair('linux-5.9', 'base')],
  },
  {
    title: 'Attempts that were rejected',
    about: `Each against what it was to replace, and Like Xu's second version against his first. They look for speed, and change on the way
how the manager behaves, which Sean Christopherson calls "undesirable behavior changes". These are:

* [[connected-but-not-stored]] (Like Xu, version 1): the last step may fail, and what was done before it is not undone.
* [[stored-but-not-connected]] (Like Xu, version 2): the order is turned round, and the last step is not undone either. The reference on the
  module goes while the struct stays.
* [[no-memory-for-a-node]]: an error that no caller knew, in each attempt with an xarray. The series has it, too, before any callback.
* [[only-the-slot-is-looked-at]], and [[an-entry-stays-at-its-index]]: what a caller does wrong was answered with -EBUSY, and leaves an entry
  behind now.
* [[consumers-sought-among-producers]] (Longpeng): a bug, not a change that was wanted.

Like Xu's third draft keeps the list, asks the xarray first and ignores where it has no memory. Only the patch before it changes anything that a
caller sees ([[producers-matched-by-pointer]]).`,
    pairs: [
      ...['longpeng-hlist', 'likexu-v1', 'likexu-v2', 'likexu-draft3'].map((id) => pair('base', id)),
      // To 5 calls it takes more than a minute, and finds no more.
      pair('likexu-v1', 'likexu-v2', { maxCalls: 4 }),
    ],
  },
];

/** What GitHub makes of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');

const linkTo = ({ title }: Explanation): string => `[${title}](#${anchorOf(title)})`;
const headingOf = ({ from, to }: { from: { id: string }; to: { id: string } }): string => `${from.id} to ${to.id}`;
const count = (number: number, one: string, many = `${one}s`): string => `${number} ${number === 1 ? one : many}`;

/** Prose with its references as links, in lines of the page. */
function prose(text: string): string {
  const linked = text.replaceAll(/\[\[([\w-]+)\]\]/g, (_, id: string) => {
    const explanation = explanations.find((one) => one.id === id);
    if (explanation === undefined) throw new RangeError(`no explanation ${id}`);
    return linkTo(explanation);
  });
  return linked
    .split(/\n(?=\n|\* )/)
    .map((paragraph) => wrapped(paragraph))
    .join('\n');
}

function wrapped(paragraph: string): string {
  const lines = [''];
  const indent = paragraph.startsWith('* ') ? '  ' : '';
  for (const word of paragraph.trim().split(/\s+/)) {
    const line = lines.at(-1) ?? '';
    if (line === '') lines[lines.length - 1] = word;
    else if (`${line} ${word}`.length <= COLUMNS) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(`${indent}${word}`);
  }
  return (paragraph.startsWith('\n') ? '\n' : '') + lines.join('\n');
}

/** Why, and classes of it: in the order of their shortest witnesses. */
function byReason({ classes }: RevisionComparison): ReadonlyMap<Explanation, readonly ClassWithReason[]> {
  const found = new Map<Explanation, ClassWithReason[]>();
  for (const one of classes) {
    const [explanation] = one.explanations;
    if (explanation === undefined) throw new RangeError(`nobody explains ${one.explained.difference.summary}`);
    found.set(explanation, [...(found.get(explanation) ?? []), one]);
  }
  return found;
}

/** One pair in the table at the beginning. */
export function summaryRow(comparison: RevisionComparison): string {
  const { from, to, title, classes } = comparison;
  const link = `[${from.id} to ${to.id}](#${anchorOf(headingOf(comparison))})`;
  const reasons = [...byReason(comparison).keys()].map(linkTo).join('; ') || 'nothing';
  return `| ${link} | ${title ?? to.title} | ${classes.length} | ${reasons} |`;
}

/** One explanation; which pairs show it is said after it. */
export function explanationText({ title, text, source, comesOf, unseen }: Explanation): string {
  const cause = comesOf === undefined ? '' : ` Comes of: [[${comesOf}]].`;
  const notSeen = unseen === undefined ? '' : `\n\n${prose(`No comparison shows it. ${unseen}`)}`;
  return `### ${title}\n\n${prose(text)}${notSeen}\n\n${prose(`Source: ${source}.${cause}`)}`;
}

/** One pair: every reason with its classes. */
export function pairText(comparison: RevisionComparison): string {
  const { to, title, classes, isComplete, maxCalls } = comparison;
  const reach = isComplete ? 'sequences of any length' : `all sequences of up to ${maxCalls} calls`;
  const found = classes.length === 0 ? 'No difference' : count(classes.length, 'class', 'classes') + ' of difference';
  const about = `${title ?? `${to.title} (${to.where})`}. ${found} in ${reach}.`;
  return `### ${headingOf(comparison)}\n\n${wrapped(about)}\n${classes.length === 0 ? '' : `\n${tableOf(comparison)}\n`}`;
}

function tableOf(comparison: RevisionComparison): string {
  const { from, to } = comparison;
  const rows = [...byReason(comparison)].flatMap(([explanation, classes]) => [
    `| **${linkTo(explanation)}** | |`,
    ...classes
      .slice(0, ROWS_MAX)
      .map(
        ({ explained: { difference } }) =>
          `| ${difference.summary} | ${difference.calls.map((call) => `\`${callText(call)}\``).join('; ')} |`,
      ),
    ...(classes.length > ROWS_MAX
      ? [`| and ${classes.length - ROWS_MAX} more | \`irqbypass diff ${from.id} ${to.id}\` prints all |`]
      : []),
  ]);
  return ['| what differs | shown by |', '|---|---|', ...rows].join('\n');
}

const introduction = `# Revisions, and what differs between them

${wrapped(`Generated by \`node scripts/revisions-page.ts\`. The same calls are made of two revisions, as [irqbypass diff](cli/diff.md) does: by any
caller, also one that breaks the rules, with every fault and every other call in the gap before the mutex; ${PAIR_SCOPE.producers} producers,
${PAIR_SCOPE.consumers} consumers, ${PAIR_SCOPE.eventfds} eventfds and NULL, sequences of up to ${MAX_CALLS} calls. Each class of difference has a shortest sequence that shows it, and a
reason. Sets are compared from the first revision to the second. Callers that keep the rules cannot tell any patch of the series from what was
before it (\`--well-behaved\`).`)}
`;

const unseenText = `## What no pair shows

${wrapped('Known of the kernel, and beyond what calls of the manager show.')}

| what | why it is not seen |
|---|---|
${unseenFacts.map(({ text, why }) => `| ${text} | ${why} |`).join('\n')}
`;

/** Compares all pairs, in the order of the page. */
export async function allCompared(): Promise<readonly RevisionComparison[]> {
  const compared: RevisionComparison[] = [];
  for (const one of chapters.flatMap(({ pairs }) => pairs)) compared.push(await comparedRevisions(one));
  return compared;
}

/**
 * Writes the page; the same each time.
 *
 * @param comparisons - of all pairs, in the order of the chapters
 */
export function revisionsPage(comparisons: readonly RevisionComparison[]): string {
  const seenIn = (explanation: Explanation): string =>
    comparisons
      .filter((comparison) => byReason(comparison).has(explanation))
      .map((comparison) => `[${headingOf(comparison)}](#${anchorOf(headingOf(comparison))})`)
      .join(', ');
  const glossary = explanations.map((one) => {
    const pairs = seenIn(one);
    return `${explanationText(one)}\n${pairs === '' ? '' : `Seen in ${pairs}.\n`}`;
  });
  const texts = comparisons.map(pairText);
  return [
    introduction,
    '## In short\n',
    '| pair | the second one | classes | what differs |',
    '|---|---|--:|---|',
    ...comparisons.map(summaryRow),
    '\n## What differs, and why\n',
    ...glossary,
    ...chapters.flatMap(({ title, about, pairs }) => [
      `## ${title}\n\n${prose(about)}\n`,
      ...texts.splice(0, pairs.length),
    ]),
    unseenText,
  ].join('\n');
}
