// Runs as sequence diagrams: a neutral form with locks, notes and what is violated, and Mermaid text.
import { escapeLabel } from './mermaid.ts';

/** One arrow of the diagram. */
export interface SequenceStep {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  /** An answer to an earlier message: drawn dashed. */
  readonly reply?: boolean | undefined;
  /** Shown below the arrow, over both ends. */
  readonly note?: string | undefined;
}

/**
 * Draws messages as Mermaid `sequenceDiagram` text. Participants stand in the order in which they first send or receive.
 *
 * @param steps - the messages, first to last; names and labels may hold any characters
 * @returns the diagram's source, ending with a newline; without steps a diagram without participants
 */
export function sequenceDiagram(steps: readonly SequenceStep[]): string {
  const names = [...new Set(steps.flatMap(({ from, to }) => [from, to]))];
  // Names can be words of Mermaid's own (`end`), so they are only shown and the arrows use p1, p2, ...
  const ids = new Map(names.map((name, index) => [name, `p${String(index + 1)}`]));
  const arrows = steps.flatMap(({ from, to, label, reply = false, note }) => {
    const [source, target] = [ids.get(from) ?? '', ids.get(to) ?? ''];
    const over = source === target ? source : `${source},${target}`;
    return [
      `${source}${reply ? '-->>' : '->>'}${target}: ${escapeLabel(label)}`,
      ...(note === undefined ? [] : [`Note over ${over}: ${escapeLabel(note)}`]),
    ];
  });
  const participants = [...ids].map(([name, id]) => `participant ${id} as ${escapeLabel(name)}`);
  return ['sequenceDiagram', ...[...participants, ...arrows].map((line) => `  ${line}`), ''].join('\n');
}

/** An arrow of a step: what was delivered, a function call within it, or what one returns. */
export interface SequenceArrow {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  /** An answer to an earlier message: drawn dashed. */
  readonly isReply: boolean;
  /** Does something fail here that need not have: a fault of the environment? */
  readonly isFault?: boolean | undefined;
}

/** A lock after a step. */
export interface SequenceLock {
  readonly lock: string;
  readonly holder: string | null;
  /** Those who hold it for reading. */
  readonly readers: readonly string[];
  readonly waiters: readonly { readonly actor: string }[];
}

/** A step of a sequence. */
export interface SequenceEntry {
  /** Place in the run, from 1. */
  readonly step: number;
  readonly arrows: readonly SequenceArrow[];
  /** What an onlooker sees. */
  readonly notes: readonly { readonly text: string; readonly isFault: boolean }[];
  /** The locks after it. */
  readonly locks: readonly SequenceLock[];
}

/** A run as a sequence diagram: plain data, whatever it is drawn with. */
export interface Sequence {
  readonly title: string;
  /** The actors that have a lane, from left to right. */
  readonly lanes: readonly string[];
  readonly steps: readonly SequenceEntry[];
  /** What is violated, and after which step; 0 for the state before the first. */
  readonly violation?: { readonly step: number; readonly property: string; readonly message: string };
}

/** Who holds what and who waits after a step, as pairs of lane and lock. */
interface Holdings {
  readonly holds: readonly (readonly [lane: string, lock: string, how: '' | ' for reading'])[];
  readonly waits: readonly (readonly [lane: string, lock: string, holder: string])[];
}

/** Who holds which lock, and who waits for which, after a step. */
export function holdingsOf(entry: SequenceEntry | undefined): Holdings {
  const locks = entry?.locks ?? [];
  return {
    holds: locks.flatMap(({ lock, holder, readers }) => [
      ...(holder === null ? [] : [[holder, lock, ''] as const]),
      ...readers.map((lane) => [lane, lock, ' for reading'] as const),
    ]),
    waits: locks.flatMap(({ lock, holder, readers, waiters }) =>
      waiters.map(({ actor }) => [actor, lock, holder ?? readers.join(', ')] as const),
    ),
  };
}

/** What a step changes about a lock, in words. */
export interface LockNote {
  readonly lane: string;
  readonly text: string;
  readonly change: 'taken' | 'given' | 'waits';
}

/**
 * What a step changes about the locks.
 *
 * @param before - the step before; undefined for the first
 * @param after - the step
 * @returns a note for each lock that was taken or given back, and for each wait that began while somebody else had the lock
 */
export function lockNotes(before: SequenceEntry | undefined, after: SequenceEntry): readonly LockNote[] {
  const [was, is] = [holdingsOf(before), holdingsOf(after)];
  const isAmong = (list: readonly (readonly string[])[], [lane, lock]: readonly string[]): boolean =>
    list.some((one) => one[0] === lane && one[1] === lock);
  return [
    ...was.holds
      .filter((one) => !isAmong(is.holds, one))
      .map(([lane, lock]) => ({ lane, text: `gives ${lock} back`, change: 'given' as const })),
    ...is.holds
      .filter((one) => !isAmong(was.holds, one))
      .map(([lane, lock, how]) => ({ lane, text: `takes ${lock}${how}`, change: 'taken' as const })),
    ...is.waits
      .filter(
        ([lane, lock, holder]) =>
          holder !== '' && !was.waits.some((one) => one[0] === lane && one[1] === lock && one[2] !== ''),
      )
      .map(([lane, lock, holder]) => ({
        lane,
        text: `waits for ${lock}, which ${holder} holds`,
        change: 'waits' as const,
      })),
  ];
}

/**
 * Draws a sequence as Mermaid text: an actor that holds a lock is active, notes say which one, who waits for it, what was seen and
 * what is violated. Numbers of steps stand before the labels.
 *
 * @param sequence - the run
 * @returns the diagram's source, ending with a newline
 */
export function sequenceMermaid({ lanes, steps, violation }: Sequence): string {
  const ids = new Map(lanes.map((name, index) => [name, `p${String(index + 1)}`]));
  const id = (lane: string): string => ids.get(lane) ?? '';
  const active = new Map<string, number>();
  const lines = steps.flatMap((entry, i) => {
    const changes = lockNotes(steps[i - 1], entry);
    const isActive = ({ lane }: LockNote, change: number): boolean => {
      const before = active.get(lane) ?? 0;
      active.set(lane, before + change);
      return before + Math.min(change, 0) >= 0;
    };
    const inStep = [
      ...entry.arrows.map((arrow, k) => {
        const { from, to, isReply } = arrow;
        const number = k === 0 ? `${String(entry.step)}. ` : '';
        return `${id(from)}${isReply ? '-->>' : '->>'}${id(to)}: ${escapeLabel(`${number}${arrowText(arrow)}`)}`;
      }),
      ...entry.notes.map(
        ({ text, isFault }) => `Note over ${spanOf(entry, id)}: ${escapeLabel(isFault ? `! ${text}` : text)}`,
      ),
      ...changes.flatMap((change) => {
        const note = `Note over ${id(change.lane)}: ${escapeLabel(`${change.lane} ${change.text}`)}`;
        if (change.change === 'waits') return [note];
        const isTaken = change.change === 'taken';
        if (!isActive(change, isTaken ? 1 : -1)) return [note];
        return isTaken ? [`activate ${id(change.lane)}`, note] : [note, `deactivate ${id(change.lane)}`];
      }),
    ];
    return violation?.step === entry.step ? inViolation(inStep, spanOf(entry, id), violation) : inStep;
  });
  const first =
    violation?.step === 0 ? [`Note over ${id(lanes[0] ?? '')}: ${escapeLabel(violationText(violation))}`] : [];
  const participants = [...ids].map(([name, one]) => `participant ${one} as ${escapeLabel(name)}`);
  // A run without a step has nobody in it: the world says what is wrong with its initial state.
  if (lanes.length === 0 && violation !== undefined)
    return [
      'sequenceDiagram',
      '  participant world',
      `  Note over world: ${escapeLabel(violationText(violation))}`,
      '',
    ].join('\n');
  return ['sequenceDiagram', ...[...participants, ...first, ...lines].map((line) => `  ${line}`), ''].join('\n');
}

/** The label of an arrow; a fault has a sign, so that it does not rest on colour alone. */
export function arrowText({ label, isFault = false }: SequenceArrow): string {
  return isFault ? `! ${label}` : label;
}

/** What is violated, in words. */
export function violationText({ property, message }: NonNullable<Sequence['violation']>): string {
  return `violates ${property}: ${message}`;
}

function inViolation(lines: readonly string[], over: string, violation: NonNullable<Sequence['violation']>): string[] {
  // An activation that begins or ends within a rectangle is refused by none of Mermaid's versions.
  return [
    'rect rgb(255, 235, 233)',
    ...lines.map((line) => `  ${line}`),
    `  Note over ${over}: ${escapeLabel(violationText(violation))}`,
    'end',
  ];
}

function spanOf({ arrows }: SequenceEntry, id: (lane: string) => string): string {
  const [first] = arrows;
  if (first === undefined) return '';
  return first.from === first.to ? id(first.from) : `${id(first.from)},${id(first.to)}`;
}
