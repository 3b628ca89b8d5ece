// What a report leaves out of a text is what a terminal would not have shown.
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutEscapeSequences } from '../../../src/engine/report/escape-sequences.ts';

describe('text without escape sequences', () => {
  for (const [what, text, left] of [
    ['plain text, [0m and \\u001B are text', 'a [0m \\u001B[1m é', 'a [0m \\u001B[1m é'],
    ['colours', '\u001B[1;31mred\u001B[0m', 'red'],
    ['a sequence with an intermediate byte', 'a\u001B[1 qb', 'ab'],
    ['the introducer of one byte', 'a\u009B2Kb', 'ab'],
    ['a title, ended by BEL', '\u001B]0;root@host\u0007text', 'text'],
    ['a link, ended by ST', '\u001B]8;;http://x/\u001B\\here\u001B]8;;\u001B\\', 'here'],
    ['a string that never ends', '\u001B]0;all of this stays', '0;all of this stays'],
    ['an escape of one character', 'a\u001BMb\u001B(Bc', 'abc'],
    ['other control characters', 'a\u0007\u001B\nb', 'a\u0007\u001B\nb'],
  ] as const) {
    it(what, () => expect(withoutEscapeSequences(text)).toBe(left));
  }

  it('agrees with node on colours and movements', () => {
    const sequence = fc
      .tuple(fc.array(fc.nat(255), { maxLength: 3 }), fc.constantFrom('m', 'A', 'K', 'J', 'H'))
      .map(([numbers, end]) => `\u001B[${numbers.join(';')}${end}`);
    fc.assert(
      fc.property(fc.array(fc.oneof(sequence, fc.string({ unit: 'grapheme-ascii' }))), (parts) => {
        const text = parts.join('');
        expect(withoutEscapeSequences(text)).toBe(stripVTControlCharacters(text));
      }),
    );
  });
});
