// Escape sequences of terminals (ECMA-48), which no report may carry: they colour, move and rename what a reader looks at.

/** Control sequences; strings with their terminator (titles, links); escapes of one character. */
// oxlint-disable-next-line no-control-regex
const sequences =
  /(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]|(?:\u001B[PX\]^_]|[\u0090\u0098\u009D-\u009F])[^\u0007\u001B\u009C]*(?:\u0007|\u001B\\|\u009C)|\u001B[ -/]*[0-~]/g;

/** Text without escape sequences of terminals. Control characters outside of them stay. */
export function withoutEscapeSequences(text: string): string {
  return text.replaceAll(sequences, '');
}
