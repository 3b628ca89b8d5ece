// Escape sequences of terminals (ECMA-48), which no report may carry: they colour, move and rename what a reader looks at.

const CONTROL_SEQUENCE = String.raw`(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]`;
/** A title, a link: up to its terminator. One without would take all text after it with it, so it loses its introducer only. */
const CONTROL_STRING = String.raw`(?:\u001B[PX\]^_]|[\u0090\u0098\u009D-\u009F])[^\u0007\u001B\u009C]*(?:\u0007|\u001B\\|\u009C)`;
const ESCAPE = String.raw`\u001B[ -/]*[0-~]`;

const sequences = new RegExp([CONTROL_SEQUENCE, CONTROL_STRING, ESCAPE].join('|'), 'g');

/** Text without escape sequences of terminals. Control characters outside of them stay. */
export function withoutEscapeSequences(text: string): string {
  return text.replaceAll(sequences, '');
}
