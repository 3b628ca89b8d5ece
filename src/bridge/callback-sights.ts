// What a callback could see of the struct that it belongs to, and of the one that it is given: as text, so that machines and compiled C
// are compared by it.
import type { CallSeen } from './call-system.ts';

/** One struct, as a callback could see it. What has no such field is null. */
export interface Sight {
  readonly of: string;
  readonly key: string | null;
  readonly peer: string | null;
  /** Of a producer. */
  readonly irq: number | null;
  /** Is the struct in its set? */
  readonly isIn: boolean | null;
}

/** What is looked at: a manager may have no binding pointers, or sets that cannot be seen. */
export interface SightOptions {
  readonly peers: boolean;
  readonly sets: boolean;
}

/** The structs that one callback could see: `p0 key=e0 peer=c0 irq=33 in; c0 key=e0 in`. */
export function sightText(sights: readonly Sight[], { peers, sets }: SightOptions): string {
  return sights
    .map(({ of, key, peer, irq, isIn }) =>
      [
        of,
        ...(key === null ? [] : [`key=${key}`]),
        ...(peer === null || !peers ? [] : [`peer=${peer}`]),
        ...(irq === null ? [] : [`irq=${irq}`]),
        ...(isIn === true && sets ? ['in'] : []),
      ].join(' '),
    )
    .join('; ');
}

const fieldNames: Readonly<Record<string, string>> = { key: 'key', peer: 'binding', irq: 'irq', in: 'set' };

/** `p0 key=e0`, one for each field of each struct. */
function fieldsOf(text = ''): string[] {
  return text.split('; ').flatMap((struct) => {
    const [of = '', ...words] = struct.split(' ');
    return words.map((word) => `${of} ${word}`);
  });
}

/** What differs in the first callback that could see another thing, names left out: `start sees another binding`. */
export function sightsDiffering(one: CallSeen, other: CallSeen): string {
  const [ones, others] = [one.sights ?? [], other.sights ?? []];
  const at = ones.findIndex((text, i) => text !== others[i]);
  const kind = (one.callbacks[at] ?? '').replace(/^[pc]\d+\.|\(.*$/g, '');
  const [seen, unlike] = [fieldsOf(ones[at]), fieldsOf(others[at])];
  const changed = [
    ...seen.filter((field) => !unlike.includes(field)),
    ...unlike.filter((field) => !seen.includes(field)),
  ];
  const names = new Set(changed.map((field) => fieldNames[/ (\w+)/.exec(field)?.[1] ?? '']));
  return `${kind} sees another ${[...names].toSorted().join(' and ')}`;
}
