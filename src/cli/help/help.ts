// irqbypass help: the text of --help, or with --json everything that a script wants to know of the command line, in one document.
import type { Argument, Command, Option } from 'commander';
import { UnknownNameError } from '../../scenarios/scenario-error.ts';
import { choicesOf } from '../choices.ts';
import { addCompletion } from '../completion.ts';
import { exitCode, exitMeanings } from '../exit-codes.ts';
import type { CommonOptions } from '../terminal.ts';
import { createTerminal } from '../terminal.ts';
import { documentsOf, errorSchema } from './documents.ts';
import { errorCodes } from './error-codes.ts';

/**
 * Prints what is known of all commands, or of one.
 *
 * @param program - with all its commands
 * @param examplesOf - examples of a command, as they are typed after the program's name
 * @param asked - name of a command; undefined for all
 * @param options - of the command line
 * @returns the exit code
 * @throws UnknownNameError where there is no such command
 */
export function help(
  program: Command,
  examplesOf: (command: string) => readonly string[],
  asked: string | undefined,
  options: CommonOptions,
): number {
  addCompletion(program);
  const found = program.commands.find((one) => one.name() === asked);
  if (asked !== undefined && found === undefined)
    throw new UnknownNameError(
      'command',
      asked,
      program.commands.map((one) => one.name()),
      'irqbypass help',
    );
  if (options.json !== true) {
    (found ?? program).outputHelp();
    return exitCode.ok;
  }
  const commands = found === undefined ? program.commands : [found];
  const document = {
    program: program.name(),
    version: program.version(),
    description: program.description(),
    exitCodes: Object.entries(exitCode).map(([name, code]) => ({
      code,
      name,
      meaning: exitMeanings[name as keyof typeof exitCode],
    })),
    errorCodes: errorCodes(),
    error: errorSchema(),
    commands: commands.map((one) => aboutCommand(one, examplesOf(one.name()))),
  };
  createTerminal(options).print(JSON.stringify(document, null, 2));
  return exitCode.ok;
}

function aboutCommand(command: Command, examples: readonly string[]): object {
  const name = command.name();
  return {
    name,
    description: command.description(),
    usage: `${name} ${command.usage()}`,
    arguments: command.registeredArguments.map((one, place) => aboutArgument(name, one, place)),
    options: command.options.map((one) => aboutOption(name, one)),
    examples,
    documents: documentsOf(name),
  };
}

function aboutArgument(command: string, argument: Argument, place: number): object {
  return {
    name: argument.name(),
    description: argument.description,
    required: argument.required,
    repeatable: argument.variadic,
    ...(argument.defaultValue === undefined ? {} : { default: argument.defaultValue as unknown }),
    ...chosenFrom(command, `<${place}>`),
  };
}

function aboutOption(command: string, option: Option): object {
  const [, valueName] = /[<[](.+?)(?:\.\.\.)?[>\]]/.exec(option.flags) ?? [];
  return {
    flags: option.flags,
    name: option.long?.replace(/^--/, '') ?? option.name(),
    description: option.description,
    mandatory: option.mandatory,
    value: option.required ? 'required' : option.optional ? 'optional' : 'none',
    ...(valueName === undefined ? {} : { valueName }),
    // What is given twice is collected; else the last one counts.
    repeatable: option.variadic || option.parseArg !== undefined,
    ...(option.defaultValue === undefined ? {} : { default: option.defaultValue as unknown }),
    ...chosenFrom(command, option.long?.replace(/^--/, '') ?? ''),
  };
}

function chosenFrom(command: string, name: string): object {
  const choices = choicesOf(command, name);
  if (choices === undefined) return {};
  return { choices: choices.values, others: choices.isOpen === true };
}
