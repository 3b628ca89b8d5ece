// The command line: parses, calls a command, turns errors into exit codes.
import { CommanderError } from 'commander';
import { InputError } from '../engine/input-error.ts';
import { exitCode } from './exit-codes.ts';
import { createProgram } from './commands.ts';

/** An error of the user's in one message: code, place, what is wrong, what would be right. */
function messageOf({ code, where, message, hint }: InputError): string {
  const place = where === undefined || message.startsWith(where) ? '' : `${where}: `;
  return `${code} ${place}${message}${hint === undefined ? '' : ` (${hint})`}`;
}

/** The JSON document of a command that was refused. */
function printError({ code, message, where, hint }: Pick<InputError, 'code' | 'message'> & Partial<InputError>): void {
  const error = { code, message, ...(where === undefined ? {} : { where }), ...(hint === undefined ? {} : { hint }) };
  process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`);
}

/** Runs the command line. Answers the exit code; never throws for wrong input. */
export async function main(args: readonly string[]): Promise<number> {
  let code: number = exitCode.ok;
  const isJson = args.includes('--json');
  const program = createProgram((result) => {
    code = result;
  });
  try {
    // Completion knows all names that there are: not loaded for a command that does its work.
    if (!program.commands.some((one) => one.name() === args[0]))
      (await import('./completion.ts')).addCompletion(program);
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCode.ok;
      if (isJson) printError({ code: 'IRQB100', message: error.message.replace(/^error: /, '') });
      return exitCode.input;
    }
    if (!(error instanceof InputError)) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.stderr.write(`irqbypass: this is a bug, please report it: ${text}\n`);
      if (isJson) printError({ code: 'IRQB000', message: String(error) });
      return exitCode.bug;
    }
    process.stderr.write(`irqbypass: ${messageOf(error)}\n`);
    if (isJson) printError(error);
    return exitCode.input;
  }
  return code;
}
