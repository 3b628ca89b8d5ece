// Choices of a state as codes of two characters: what a link has of a path.
//
// A code comes of the choice's name, which means the same in every run, process and release (World.nameOf), not of its place in
// a list: where a release offers other choices, the codes of the others stay, and a link still finds what it knows.
import { InputError } from '../../engine/input-error.ts';
import { fingerprint } from './fingerprint.ts';

/** Digits of a code: those of base64url. */
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** Characters of a code. */
export const CODE_LENGTH = 2;
const CODES = DIGITS.length ** CODE_LENGTH;

function codeText(code: number): string {
  return `${DIGITS[Math.floor(code / DIGITS.length)] ?? ''}${DIGITS[code % DIGITS.length] ?? ''}`;
}

/**
 * The codes of the choices of one state.
 *
 * @param names - their names, each once, in any order
 * @returns a code of two characters for each name; no two names of a state have the same
 * @throws InputError (IRQB705) where there are more choices than codes (4,096)
 */
export function choiceCodes(names: readonly string[]): ReadonlyMap<string, string> {
  if (names.length > CODES)
    throw new InputError('IRQB705', `${names.length} choices of one state`, {
      hint: `at most ${CODES} have a code: a smaller world`,
    });
  const taken = new Map<string, string>();
  const codes = new Map<string, string>();
  // In order of the names, so that who yields to whom does not depend on the order in which choices are listed.
  for (const name of names.toSorted()) {
    let code = fingerprint(name) % CODES;
    while (taken.has(codeText(code))) code = (code + 1) % CODES;
    taken.set(codeText(code), name);
    codes.set(name, codeText(code));
  }
  return codes;
}

/** Is a text a path: codes only, and whole ones? */
export function isPath(text: string): boolean {
  return text.length % CODE_LENGTH === 0 && /^[\w-]*$/.test(text);
}

/** The codes of a path, in order. */
export function codesOf(path: string): string[] {
  return Array.from({ length: path.length / CODE_LENGTH }, (_, i) =>
    path.slice(i * CODE_LENGTH, (i + 1) * CODE_LENGTH),
  );
}
