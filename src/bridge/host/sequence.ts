// Sequences of system calls for a real host: a command a line, as guest/irqtest.c plays them.
import { InputError } from '../../engine/input-error.ts';

/** One command, as its words. */
export interface Command {
  readonly line: number;
  readonly words: readonly string[];
}

/** Patterns of what follows each command: eight VMs and devices, a hundred eventfds, sixteen threads at most. */
const COMMANDS: Readonly<Record<string, RegExp>> = {
  dev: /^[0-7] [0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/,
  vm: /^[0-7](?: [1-8])?$/,
  run: /^[0-7]$/,
  map: /^[0-7] \d+ \d+ \d+$/,
  unmap: /^[0-7] \d+ \d+$/,
  route: /^[0-7] \d{1,3} (?:msi \d+ \d+|irqchip \d+|none)$/,
  efd: /^\d{1,2}$/,
  efdclose: /^\d{1,2}$/,
  efdwrite: /^\d{1,2}$/,
  efdread: /^\d{1,2}$/,
  irqfd: /^[0-7] \d{1,2} \d{1,3}$/,
  deirqfd: /^[0-7] \d{1,2} \d{1,3}$/,
  vec: /^[0-7] \d{1,2}(?: (?:\d{1,2}|-|b\w*)){1,17}$/,
  vecoff: /^[0-7]$/,
  loop: /^[0-7] \d{1,2}$/,
  devirq: /^[0-7] [0-4]$/,
  trace: /^[01]$/,
  vmclose: /^[0-7]$/,
  devclose: /^[0-7]$/,
  sleep: /^\d{1,5}$/,
  mark: /^.*$/,
  stress: /^(?:[1-9]|1[0-6]) \d+ \d+(?: \d+)?$/,
  die: /^$/,
  exit: /^$/,
};

/** The commands there are. */
export const commandNames: readonly string[] = Object.keys(COMMANDS);

/**
 * Reads a sequence.
 *
 * @param text - a command a line; `#` begins a comment
 * @param file - how it is called in messages
 * @throws InputError IRQB613 for a command that is not known, or has the wrong words after it
 */
export function sequenceOf(text: string, file: string): readonly Command[] {
  const commands = text.split('\n').flatMap((line, i): Command[] => {
    const words = line
      .replace(/#.*/, '')
      .split(/\s+/)
      .filter((word) => word !== '');
    const [name, ...rest] = words;
    if (name === undefined) return [];
    const where = `${file}:${i + 1}`;
    const pattern = COMMANDS[name];
    if (pattern === undefined)
      throw new InputError('IRQB613', `unknown command ${name}`, { where, hint: `one of ${commandNames.join(', ')}` });
    if (!pattern.test(rest.join(' ')))
      throw new InputError('IRQB613', `${words.join(' ')}: ${name} wants other words after it`, {
        where,
        hint: 'docs/real-host.md has them',
      });
    return [{ line: i + 1, words }];
  });
  if (commands.length === 0) throw new InputError('IRQB613', 'a sequence without a command', { where: file });
  return commands;
}

/** A sequence as text. */
export const sequenceText = (commands: readonly (readonly string[])[]): string =>
  commands.map((words) => `${words.join(' ')}\n`).join('');
