// A run as it stands in a page, in Mermaid's text, read back: the site draws it as the lab does, and needs no Mermaid.
//
// It reads what sequenceMermaid (src/engine/diagrams/sequence.ts) writes, no more of Mermaid's language, and refuses the rest.
import type { Sequence, SequenceArrow, SequenceEntry, SequenceLock } from '../../src/engine/diagrams/sequence.ts';
import { sequenceMermaid } from '../../src/engine/diagrams/sequence.ts';

const unescaped = (text: string): string =>
  text.replaceAll(/#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));

/** A step that is being read. */
interface OpenEntry {
  readonly step: number;
  readonly arrows: SequenceArrow[];
  readonly notes: { readonly text: string; readonly isFault: boolean }[];
}

/** Locks as far as notes tell of them, after the line that was read last. */
class Locks {
  readonly #all = new Map<string, SequenceLock>();

  /** Reads what a note says of a lock; answers whether it says something. */
  read(lane: string, text: string): boolean {
    const said = text.startsWith(`${lane} `) ? text.slice(lane.length + 1) : '';
    const [, taken, reading] = /^takes (\S+)( for reading)?$/.exec(said) ?? [];
    const [, given] = /^gives (\S+) back$/.exec(said) ?? [];
    const [, awaited] = /^waits for (\S+), which .+ holds$/.exec(said) ?? [];
    const name = taken ?? given ?? awaited;
    if (name === undefined) return false;
    const { holder = null, readers = [], waiters = [] } = this.#all.get(name) ?? {};
    const others = { lock: name, waiters: waiters.filter(({ actor }) => actor !== lane) };
    const without = readers.filter((reader) => reader !== lane);
    if (awaited !== undefined)
      this.#all.set(name, { ...others, holder, readers, waiters: [...others.waiters, { actor: lane }] });
    else if (given !== undefined)
      this.#all.set(name, { ...others, holder: holder === lane ? null : holder, readers: without });
    else if (reading === undefined) this.#all.set(name, { ...others, holder: lane, readers: without });
    else this.#all.set(name, { ...others, holder, readers: [...without, lane] });
    return true;
  }

  /** Who has them, and who waits, now. */
  get now(): readonly SequenceLock[] {
    return [...this.#all.values()];
  }
}

/** Lines of a diagram, however they are set in and whatever stands first of what is said at once. */
const comparable = (source: string): string =>
  source
    .split('\n')
    .map((line) => line.trim())
    .toSorted()
    .join('\n');

/**
 * Reads a sequence.
 *
 * @param source - Mermaid's text, as `sequenceMermaid` writes it
 * @returns the sequence that is written so
 * @throws Error where the text has what `sequenceMermaid` does not write
 */
export function sequenceOfText(source: string): Sequence {
  const [first, ...rest] = source.trimEnd().split('\n');
  if (first !== 'sequenceDiagram') throw new Error(`"${String(first)}" is no sequence diagram`);
  const names = new Map<string, string>();
  const nameOf = (id: string | undefined): string => {
    const found = names.get(id ?? '');
    if (found === undefined) throw new Error(`a sequence diagram has no participant ${String(id)}`);
    return found;
  };
  const steps: SequenceEntry[] = [];
  const locks = new Locks();
  let entry: OpenEntry | undefined;
  let violation: Sequence['violation'];
  const close = (): void => {
    if (entry !== undefined) steps.push({ ...entry, locks: locks.now });
  };
  const readNote = (over: string, text: string): void => {
    const [, property, message] = /^violates (\S+): (.*)$/.exec(text) ?? [];
    if (property !== undefined && message !== undefined) violation = { step: entry?.step ?? 0, property, message };
    else if (!locks.read(nameOf(over.split(',')[0]), text))
      entry?.notes.push({ text: text.replace(/^! /, ''), isFault: text.startsWith('! ') });
  };
  const readArrow = (from: string, to: string, isReply: boolean, whole: string): void => {
    const [, number, text = ''] = /^(?:(\d+)\. )?(.*)$/.exec(whole) ?? [];
    if (number !== undefined) {
      close();
      entry = { step: Number(number), arrows: [], notes: [] };
    }
    const isFault = text.startsWith('! ');
    entry?.arrows.push({ from, to, label: isFault ? text.slice(2) : text, isReply, isFault });
  };
  for (const indented of rest) {
    const line = indented.trim();
    const [, participant, name = ''] = /^participant (\w+) as (.*)$/.exec(line) ?? [];
    if (participant !== undefined) names.set(participant, unescaped(name));
    const [, from, sign, to, label = ''] = /^(\w+)(-?->>)(\w+): (.*)$/.exec(line) ?? [];
    if (from !== undefined) readArrow(nameOf(from), nameOf(to), sign === '-->>', unescaped(label));
    const [, over, note = ''] = /^Note over ([\w,]+): (.*)$/.exec(line) ?? [];
    if (over !== undefined) readNote(over, unescaped(note));
  }
  close();
  const lanes = [...names.values()];
  const sequence = { title: '', lanes, steps, ...(violation === undefined ? {} : { violation }) };
  // What was passed over, or was read as something else, is missing where it is written again.
  if (comparable(sequenceMermaid(sequence)) !== comparable(source))
    throw new Error(
      `a sequence diagram is not one that irqbypass writes: ${rest[names.size]?.trim() ?? 'it is empty'}`,
    );
  return sequence;
}
