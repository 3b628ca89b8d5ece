// Texts of labels folded onto lines of a few words, so that drawings stay narrow.

/** What goes on with a text begins so many blanks in. */
const INDENT = '  ';

/**
 * Folds a text at blanks.
 *
 * @param text - one line
 * @param width - characters that a line has at most, but for words that are longer
 * @returns the lines, the second and later ones indented
 * @example
 * wrapped('return [isOwner] / unlock, answer', 20); // ['return [isOwner]', '  / unlock, answer']
 */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of chunks(text)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = INDENT + word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((folded) => folded.replaceAll(TIE, ' '));
}

const BRACKETS = /\[[^\]]{1,24}\]/g;

/** A blank at which no line ends. */
const TIE = '\u{A0}';

/** Words; the slash before actions stays with the first of them, and what stands in brackets together where it is short. */
function chunks(text: string): readonly string[] {
  return text
    .replace(BRACKETS, (guard) => guard.replaceAll(' ', TIE))
    .replaceAll('/ ', `/${TIE}`)
    .replace(/^([-+~]) /, `$1${TIE}`)
    .split(' ');
}
