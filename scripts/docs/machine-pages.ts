// A page for each built-in machine: what it stands for, its picture, its states and transitions, what it is wired to.
import type { Machine } from '../../src/engine/actors/machine.ts';
import { chartOf, placed, statesIn, stateTexts, transitionText } from '../../src/engine/diagrams/chart.ts';
import { mutations } from '../../src/mutations/mutations.ts';
import type { MachineId } from '../../src/scenarios/machines.ts';
import { machineIds } from '../../src/scenarios/machines.ts';
import { abstractedAway, headerOf, markdownOf, withoutAbstractedAway } from './header-comment.ts';
import { machineFiles } from './machine-files.ts';
import { machineOf, root } from './model.ts';
import type { Page } from './page.ts';
import { cell, codes, outsideLink, plain, sourceAddressOf, table } from './page.ts';
import type { Pictures } from './pictures.ts';
import { inlinePicture } from './pictures.ts';

/** A link to the source, by its path in `src`. */
export function sourceLink(file: string): string {
  return outsideLink(`\`${file}\``, sourceAddressOf(file, false));
}

/** What the sources of a machine say is left out, a line a file. */
export function notModelled(id: MachineId): readonly string[] {
  return machineFiles(id).flatMap((file) => {
    const text = abstractedAway(headerOf(root, file));
    return text === null ? [] : [`* ${markdownOf(text)} (${sourceLink(file)})`];
  });
}

/** States with what they do, each with its ways on in the order in which they are tried. */
function transitionsTable(machine: Machine): string[] {
  const rows = statesIn(chartOf(machine).root).flatMap((state) => {
    const name = state.path === '' ? '(the machine)' : state.path;
    const kind =
      state.kind === 'atomic' ? '' : ` (${state.kind}${state.initial === null ? '' : `, begins in ${state.initial}`})`;
    const own = stateTexts(state).map((text) => ['', cell(plain(text)), '']);
    const ways = placed(state).map((one) => [
      '',
      cell(plain(transitionText(one) || 'always')),
      one.transition.target === null ? 'stays' : `\`${one.transition.target}\``,
    ]);
    const [first = ['', '', ''], ...others] = [...own, ...ways];
    return [[`\`${name}\`${kind}`, first[1] ?? '', first[2] ?? ''], ...others];
  });
  return table(['state', 'on', 'next state'], rows);
}

/** A section, unless there is nothing in it. */
function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, '', ...lines, ''];
}

function wiringTable({ wiring = {}, usual = {} }: Machine['declaration']): string[] {
  const rows = Object.entries(wiring).map(([role, kinds]) => {
    const filled = usual[role.replace(/\?$/, '')];
    const how =
      filled === undefined
        ? ''
        : typeof filled === 'string'
          ? `that of \`${filled}\``
          : `a part of its own, \`${filled.part}\``;
    const kindsText = [kinds].flat().map((kind) => (kind === '*' ? 'any name' : `\`${kind}\``));
    return [`\`${role}\``, kindsText.join(', '), how];
  });
  return rows.length === 0 ? [] : table(['role', 'who plays it', 'where the scenario leaves it open'], rows);
}

function wordsTable({ cells = {}, constants = {}, families = [] }: Machine['declaration']): string[] {
  const rows = [
    ...Object.entries(cells).map(([name, value]) => [`\`${name}\``, 'cell', `\`${String(value)}\``]),
    ...Object.entries(constants).map(([name, value]) => [
      `\`${name}\``,
      'constant of the scenario',
      `\`${String(value)}\``,
    ]),
    ...families.map(({ id }) => [`\`${id}\``, 'family of cells', '']),
  ];
  return rows.length === 0 ? [] : table(['word', 'what it is', 'at first'], rows);
}

function operationsTable({ operations = {} }: Machine['declaration']): string[] {
  const rows = Object.entries(operations).map(([name, { arguments: given = [], how, kernel = '' }]) => [
    `\`${name}(${cell(given.join(', '))})\``,
    how === 'call' ? 'runs at once' : 'may have to wait',
    cell(plain(kernel)),
  ]);
  return rows.length === 0 ? [] : table(['call of a thread', 'how', 'in the kernel'], rows);
}

/** The picture of a machine. */
export function pictureOf(id: string, pictures: Pictures): string {
  const svg = pictures.get(id);
  if (svg === undefined) throw new Error(`there is no picture of ${id}`);
  return inlinePicture(svg, `Statechart of ${id}`);
}

function machinePage(id: MachineId, scenarios: readonly string[], pictures: Pictures): Page {
  const machine = machineOf(id);
  const { declaration } = machine;
  const files = machineFiles(id);
  const [summary = '', ...rest] = headerOf(root, files[0] ?? '');
  const bugs = mutations.filter(({ patches = {} }) => id in patches);
  const leftOut = notModelled(id);
  const text = [
    `# ${id}`,
    '',
    `**${plain(declaration.title)}.** Written in ${files.map(sourceLink).join(', ')}.`,
    '',
    markdownOf(summary),
    '',
    ...rest.flatMap((paragraph) => [markdownOf(withoutAbstractedAway(paragraph)), '']),
    ...section(
      'What is not modelled',
      leftOut.length > 0
        ? leftOut
        : ['Its sources name nothing that is left out. What they do not say of the kernel is not there.'],
    ),
    ...section('Picture', [pictureOf(id, pictures), '', `As text: \`npx irqbypass diagram ${id}\`.`]),
    '## States and transitions',
    '',
    'Of several ways on with the same event the first whose guard holds is taken. `waits`: these messages stay in flight.',
    '',
    ...transitionsTable(machine),
    '',
    ...section('Wiring', wiringTable(declaration)),
    ...section('Memory', wordsTable(declaration)),
    ...section('Operations', operationsTable(declaration)),
    ...section('Messages', [
      `Takes ${codes([...machine.takes].toSorted())}.`,
      ...(declaration.sends === undefined ? [] : ['', `Sends ${codes(declaration.sends)}.`]),
    ]),
    ...section(
      'Scenarios with it',
      scenarios.length === 0 ? [] : [scenarios.map((one) => `[${one}](/scenario/${one}.html)`).join(', ')],
    ),
    ...section(
      'Bugs in it',
      bugs.map((bug) => `* [${bug.id}](/bugs/${bug.id}.html): ${plain(bug.title)}`),
    ),
  ];
  return { path: `machine/${id}.md`, text: text.join('\n') };
}

/** The pages of all machines, and the list of them. */
export function machinePages(
  inScenarios: ReadonlyMap<string, ReadonlySet<MachineId>>,
  pictures: Pictures,
): readonly Page[] {
  const pages = machineIds.map((id) =>
    machinePage(
      id,
      [...inScenarios].filter(([, ids]) => ids.has(id)).map(([scenario]) => scenario),
      pictures,
    ),
  );
  const rows = machineIds.map((id) => [`[${id}](/machine/${id}.html)`, cell(plain(machineOf(id).declaration.title))]);
  const text = [
    '# Machines',
    '',
    'Each actor is one XState machine: it runs live, is explored, is tested against the kernel, and is drawn here. A page has its picture, its',
    'states and transitions, and what it leaves out of the kernel. [How to write one](/machines.html).',
    '',
    ...table(['machine', 'what it is'], rows),
    '',
  ];
  return [{ path: 'machine/index.md', text: text.join('\n') }, ...pages];
}
