// Links: what is written is read back, and what anybody may write is refused with a message.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choiceCodes, codesOf, isPath } from '../../src/studio/link/choice-codes.ts';
import { fingerprint, fingerprintText } from '../../src/studio/link/fingerprint.ts';
import type { Link } from '../../src/studio/link/link.ts';
import { linkOf, linkText, STEPS_MAX } from '../../src/studio/link/link.ts';

const word = fc.stringMatching(/^[\w.-]{1,20}$/).filter((text) => text !== '__proto__');
const print = fc.stringMatching(/^[0-9a-z]{9}$/);
const optional = <K extends string, V>(key: K, of: fc.Arbitrary<V>): fc.Arbitrary<Partial<Record<K, V>>> =>
  fc.record({ [key]: of } as Record<K, fc.Arbitrary<V>>, { requiredKeys: [] });

const links: fc.Arbitrary<Link> = fc
  .tuple(
    fc.record({
      scenario: word,
      set: fc.dictionary(word, word, { maxKeys: 4, noNullPrototype: true }),
      path: fc.array(fc.stringMatching(/^[\w-]{2}$/), { minLength: 1, maxLength: 50 }).map((codes) => codes.join('')),
      explore: fc.boolean(),
      embed: fc.boolean(),
    }),
    optional('revision', word),
    optional('mutation', word),
    optional('property', word),
    optional('at', fc.oneof(fc.constant('end' as const), fc.nat(99_999))),
    optional('model', print),
    optional('state', print),
    optional('beside', fc.record({ revision: word, mutation: word })),
  )
  .map(([base, ...more]) => Object.assign({}, base, ...more) as Link);

describe('a link', () => {
  it('is read back as it was written, in one spelling', () => {
    fc.assert(
      fc.property(links, (link) => {
        const text = linkText(link);
        expect(linkOf(`#${text}`)).toEqual(link);
        expect(linkText(linkOf(text) as Link)).toBe(text);
      }),
    );
  });

  it('has readable keys, and what it does not say is the usual', () => {
    expect(linkOf('#scenario=null-key&revision=v1p3&set.arch=svm&explore=1&at=end')).toEqual({
      scenario: 'null-key',
      revision: 'v1p3',
      set: { arch: 'svm' },
      path: '',
      at: 'end',
      explore: true,
      embed: false,
    });
    expect(linkOf('')).toBeNull();
    expect(linkOf('#')).toBeNull();
  });

  it.each([
    ['too long', `#scenario=${'a'.repeat(70_000)}`, /70009 characters/],
    ['an unknown key', '#scenario=manager&onload=1', /has onload/],
    ['a key twice', '#scenario=manager&scenario=pairing', /scenario more than once/],
    ['markup', '#scenario=%3Cscript%3E', /scenario=<script>/],
    ['a path over the alphabet', '#path=ab%21%21', /path that is none/],
    ['a path twice', '#path=ab&path=cd', /path more than once/],
    ['half a code', '#path=abc', /path that is none/],
    ['a path that is too long', `#path=${'ab'.repeat(STEPS_MAX + 1)}`, /20001 steps/],
    ['a step that is none', '#at=-1', /at=-1/],
    ['a step of ten digits', '#at=9999999999', /at=9999999999/],
    ['a prototype', '#set.__proto__=1', /__proto__/],
    ['a fingerprint that is none', '#model=zz', /model=zz/],
    ['a value that goes on', `#revision=${'x'.repeat(2000)}`, /2000 characters/],
    ['signs that steer', '#scenario=%1b%5b31m', /scenario=\?\[31m/],
  ])('is refused: %s', (_, hash, message) => {
    expect(() => linkOf(hash)).toThrow(
      expect.objectContaining({ code: 'IRQB701', message: expect.stringMatching(message) }),
    );
  });

  it('of any text is read or refused, never anything else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webFragments(), fc.webQueryParameters()), (text) => {
        try {
          linkOf(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'IRQB701' });
        }
      }),
    );
  });
});

describe('codes of choices', () => {
  it('tell the choices of a state apart, whatever order they are listed in', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 300 }), (names) => {
        const codes = choiceCodes(names);
        expect(new Set(codes.values()).size).toBe(names.length);
        expect(choiceCodes(names.toReversed())).toEqual(codes);
        const path = [...codes.values()].join('');
        expect(isPath(path)).toBe(true);
        expect(codesOf(path)).toEqual([...codes.values()]);
      }),
    );
  });

  it('stay, where other choices come or go that do not meet them', () => {
    const alone = choiceCodes(['t0 register_producer(p0, e0)']);
    const among = choiceCodes(['t1 register_consumer(c0, e0)', 't0 register_producer(p0, e0)']);
    expect(among.get('t0 register_producer(p0, e0)')).toBe(alone.get('t0 register_producer(p0, e0)'));
  });

  it('are refused where there are more choices than codes', () => {
    expect(() => choiceCodes(Array.from({ length: 4097 }, (_, i) => String(i)))).toThrow(
      expect.objectContaining({ code: 'IRQB705' }),
    );
  });
});

it('a fingerprint is the same everywhere, and tells texts apart', () => {
  expect(fingerprintText('')).toMatch(/^[0-9a-z]{9}$/);
  // Another number would make every link one of another release, and codes others.
  expect(fingerprint('irqbypass')).toBe(517_127_942_677_297);
  expect(fingerprintText('irqbypass')).toBe('3b1ap801d');
  const all = new Set(Array.from({ length: 20_000 }, (_, i) => fingerprintText(`c${i}`)));
  expect(all.size).toBe(20_000);
});
