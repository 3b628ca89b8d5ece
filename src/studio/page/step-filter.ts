// Search over the steps of a path: `actor:p0 event:stop -EIO`. All parts must be met.
import type { StepLine } from '../session/position.ts';

/**
 * Is a step one that a search asks for?
 *
 * @param line - the step
 * @param query - words, apart by blanks: `actor:NAME`, `event:TYPE`, `breaks:PROPERTY`, or a text that the step's line must hold
 */
export function matches(line: StepLine, query: string): boolean {
  return query
    .split(/\s+/)
    .filter((word) => word !== '')
    .every((word) => matchesWord(line, word));
}

function matchesWord(line: StepLine, word: string): boolean {
  const [, key, value = ''] = /^(actor|event|breaks):(.*)$/.exec(word) ?? [];
  const wanted = value.toLowerCase();
  const begins = (names: readonly string[]): boolean => names.some((name) => name.toLowerCase().startsWith(wanted));
  switch (key) {
    case 'actor':
      return line.actors.some((actor) => actor.toLowerCase() === wanted);
    case 'event':
      return begins(line.events);
    case 'breaks':
      return begins(line.breaks);
    default:
      return `${line.thread} ${line.text}`.toLowerCase().includes(word.toLowerCase());
  }
}
