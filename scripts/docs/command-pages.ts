// The manual of each command: arguments, options and examples from the source of `--help`, then the page of transcripts.
import type { Command } from 'commander';
import { createProgram } from '../../src/cli/commands.ts';
import { commandOf } from './commands-text.ts';
import type { Page } from './page.ts';
import { cell, plain, table } from './page.ts';

/** Pages elsewhere that say more on a command than its page of transcripts, or stand for it. */
const more: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  host: [['A real host without hardware', '/real-host.html']],
  'check-log': [['Check a host', '/check-a-host.html']],
  scale: [['What it costs at scale', '/scale.html']],
  explore: [['How fast it is', '/performance.html']],
};

/** All commands, those that are hidden left out. */
export function commandsOfProgram(): readonly Command[] {
  const program = createProgram(() => undefined);
  const hidden = (one: Command): boolean => (one as unknown as { readonly _hidden?: boolean })._hidden === true;
  return program.commands.filter((one) => !hidden(one));
}

/** What `--help` prints. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

/** The examples at the end of `--help`, as they are typed; one that is a pipe begins with the other command. */
export function examplesOf(command: Command): readonly string[] {
  const [, listed = ''] = helpOf(command).split(/^Examples:$/m);
  return [...listed.matchAll(/^ {2}\$ (?:npx )?irqbypass (.*)$/gm)].map(([, line = '']) => {
    const [, before, after] = /^(.* \| )irqbypass (.*)$/.exec(line) ?? [];
    return before === undefined ? commandOf(line) : `${before}${commandOf(after ?? '')}`;
  });
}

/** Arguments, options and examples of a command. */
function synopsis(command: Command): string[] {
  const given = command.registeredArguments.map((one) => {
    const name = `${one.name()}${one.variadic ? '...' : ''}`;
    return [`\`${cell(one.required ? `<${name}>` : `[${name}]`)}\``, cell(plain(one.description))];
  });
  const options = command.options
    .filter(({ hidden }) => !hidden)
    .map(({ flags, description }) => [`\`${cell(flags)}\``, cell(plain(description))]);
  const examples = examplesOf(command);
  return [
    ...(given.length === 0 ? [] : [...table(['argument', 'what it is'], given), '']),
    ...(options.length === 0 ? [] : [...table(['option', 'what it does'], options), '']),
    ...(examples.length === 0 ? [] : ['```text', ...examples, '```', '']),
  ];
}

/**
 * The manual of the commands.
 *
 * @param written - pages of transcripts with links of the site already, by command
 */
export function commandPages(written: ReadonlyMap<string, Page>): readonly Page[] {
  const commands = commandsOfProgram();
  const pages = commands.map((command): Page => {
    const name = command.name();
    const page = written.get(name);
    const others = (more[name] ?? []).map(([title, address]) => `[${title}](${address})`);
    const body = page?.text.replace(/^# .*\n+/, '') ?? '';
    const text = [
      `# irqbypass ${name}`,
      '',
      `${plain(command.description())}.${others.length === 0 ? '' : ` See also: ${others.join(', ')}.`}`,
      '',
      ...synopsis(command),
      ...(body === '' ? [] : ['## What it does', '', body]),
    ];
    return {
      path: `cli/${name}.md`,
      text: text.join('\n'),
      ...(page?.source === undefined ? {} : { source: page.source }),
    };
  });
  const names = new Set(commands.map((one) => one.name()));
  const others = [...written].filter(([name]) => !names.has(name)).map(([, page]) => page);
  const rows = commands.map((one) => [`[${one.name()}](/cli/${one.name()}.html)`, cell(plain(one.description()))]);
  const text = [
    '# Commands',
    '',
    `\`${commandOf('COMMAND --help')}\` prints the same.`,
    '',
    ...table(['command', 'what it does'], rows),
    '',
  ];
  return [{ path: 'cli/index.md', text: text.join('\n') }, ...pages, ...others];
}
