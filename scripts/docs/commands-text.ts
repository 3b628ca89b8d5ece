// How commands are written on generated pages.

/** A command as it is typed in a checkout, and wherever the package is installed. */
export function commandOf(line: string): string {
  return `npx irqbypass ${line}`;
}
