// Shell completion: the names of all that there is to choose from.
import createTab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import { choicesOf } from './choices.ts';

/** Adds `complete zsh|bash|fish|powershell`, which prints the script that asks for names. */
export function addCompletion(program: Command): void {
  const tab = createTab(program);
  for (const [name, command] of tab.commands) {
    for (const [option, found] of command.options) {
      const choices = choicesOf(name, option);
      if (choices !== undefined)
        found.handler = (complete) => choices.values.forEach((value) => complete(value, option));
    }
    for (const [place, found] of [...command.arguments.values()].entries()) {
      const choices = choicesOf(name, `<${place}>`);
      if (choices !== undefined) found.handler = (complete) => choices.values.forEach((value) => complete(value, name));
    }
  }
}
