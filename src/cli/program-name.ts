// How the program was called, so that lines to be pasted run as they stand.

/** `npx irqbypass` where npx or a script of npm started it, `irqbypass` where it is on the PATH. */
export function programName(): string {
  return (process.env['npm_command'] ?? '') === '' ? 'irqbypass' : 'npx irqbypass';
}
