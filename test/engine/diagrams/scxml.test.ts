// SCXML that another program reads: state-machine-cat finds the states and transitions of the machine in it, and no others.
import type { IState, IStateMachine } from 'state-machine-cat';
import { render } from 'state-machine-cat';
import { describe, expect, it } from 'vitest';
import type { Chart, ChartState } from '../../../src/engine/diagrams/chart.ts';
import { chartOf, statesIn } from '../../../src/engine/diagrams/chart.ts';
import { mergedChart } from '../../../src/engine/diagrams/merged-chart.ts';
import { SCXML_NAMESPACE, scxmlOf } from '../../../src/engine/diagrams/scxml.ts';
import { machineIds } from '../../../src/scenarios/machines.ts';
import { everyShownMachine } from './every-machine.ts';
import { parsedXml } from './read-xml.ts';

/** A statechart as sorted lines: what there is, nested how, and what leads where. */
interface Lines {
  readonly states: readonly string[];
  readonly transitions: readonly string[];
}

async function readAgain(scxml: string): Promise<Lines> {
  const machine = (await render(scxml, { inputType: 'scxml', outputType: 'json' })) as unknown as IStateMachine;
  const states: string[] = [];
  const transitions: string[] = [];
  const visit = ({ states: inner, transitions: ways = [] }: IStateMachine, parent: string): void => {
    for (const state of inner) if (state.type !== 'initial') enter(state, parent);
    for (const { from, to, event, cond, action } of ways)
      transitions.push(
        from === 'initial'
          ? `${parent} begins in ${to}`
          : wayLine(from, to, event?.replaceAll('·', '.'), cond, namesIn(action)),
      );
  };
  const enter = ({ name, type, statemachine, actions = [] }: IState, parent: string): void => {
    const done = actions.map(({ type: when, body }) => `${when} ${namesIn(body)}`).toSorted();
    states.push([`${parent} > ${name}`, type, ...done].join('; '));
    if (statemachine !== undefined) visit(statemachine, name);
  };
  visit(machine, 'scxml');
  return { states: states.toSorted(), transitions: transitions.toSorted() };
}

const wayLine = (from: string, to: string, event = '', cond = '', done = ''): string =>
  `${from} -> ${to}: ${event} [${cond}] / ${done}`;

/** Names of actions in what is between tags. */
const namesIn = (body = ''): string => [...body.matchAll(/name="([^"]*)"/g)].map(([, name]) => name).join(', ');

function expected({ machine, root }: Chart): Lines {
  const isPlain =
    root.kind === 'composite' &&
    root.transitions.length + root.entry.length + root.exit.length + root.waits.length === 0;
  const id = (path: string): string => (path === '' ? machine : path);
  const types = { atomic: 'regular', composite: 'regular', parallel: 'parallel', final: 'final' } as const;
  const states: string[] = [];
  const transitions = [`scxml begins in ${isPlain ? String(root.initial) : machine}`];
  const enter = (state: ChartState, parent: string): void => {
    const { path, kind, entry, exit, initial } = state;
    const done = [
      ['entry', entry],
      ['exit', exit],
    ] as const;
    const shown = done.flatMap(([when, names]) => (names.length === 0 ? [] : [`${when} ${names.join(', ')}`]));
    states.push([`${parent} > ${id(path)}`, types[kind], ...shown.toSorted()].join('; '));
    if (initial !== null) transitions.push(`${id(path)} begins in ${initial}`);
    inside(state, id(path));
  };
  const inside = (state: ChartState, name: string): void => {
    for (const { event, guard, target, actions } of state.transitions)
      transitions.push(wayLine(id(state.path), id(target ?? state.path), event ?? '', guard ?? '', actions.join(', ')));
    for (const inner of state.states) enter(inner, name);
  };
  if (isPlain) inside(root, 'scxml');
  else enter(root, 'scxml');
  return { states: states.toSorted(), transitions: transitions.toSorted() };
}

describe('SCXML is read by state-machine-cat', () => {
  for (const id of machineIds) {
    it(`${id}: the same states and transitions, on every revision and with the mutations that are shown there`, async () => {
      const charts = new Map(
        everyShownMachine
          .filter(({ machine }) => machine.id === id)
          .map(({ title, machine }) => [scxmlOf(chartOf(machine)), { title, chart: chartOf(machine) }]),
      );
      for (const [scxml, { title, chart }] of charts)
        expect({ title, ...(await readAgain(scxml)) }).toEqual({ title, ...expected(chart) });
    });
  }
});

describe('SCXML', () => {
  const state = (path: string, more: Partial<ChartState> = {}): ChartState => ({
    path,
    key: path,
    kind: 'atomic',
    initial: null,
    entry: [],
    exit: [],
    waits: [],
    transitions: [],
    states: [],
    ...more,
  });
  const chart: Chart = {
    machine: 'two & "three"',
    root: state('', {
      kind: 'composite',
      initial: 'a b',
      states: [
        state('a b', {
          waits: ['x'],
          kernel: '__connect()',
          transitions: [{ event: 'go', guard: 'a < b && "c"', actions: ['<do>'], target: 'a_b' }],
        }),
        state('a_b', { kind: 'final' }),
      ],
    }),
  };
  it('is well-formed whatever names there are, and names what it has no word for in a namespace of its own', () => {
    const document = parsedXml(scxmlOf(chart, { title: 'a -- b' }));
    const all = [...document.querySelectorAll('*')];
    const ids = all.flatMap((one) => one.getAttribute('id') ?? []);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^[\p{L}_][\p{L}\p{N}_.-]*$/u);
    const [way] = document.querySelectorAll('transition');
    expect(way?.getAttribute('cond')).toBe('a < b && "c"');
    const [action] = document.getElementsByTagNameNS(SCXML_NAMESPACE, 'action');
    expect(action?.getAttribute('name')).toBe('<do>');
    const [first] = document.querySelectorAll('state');
    expect(first?.getAttributeNS(SCXML_NAMESPACE, 'waits')).toBe('x');
    expect(first?.getAttributeNS(SCXML_NAMESPACE, 'kernel')).toBe('__connect()');
  });

  it('has the marks of a merged chart', () => {
    const other: Chart = { ...chart, root: { ...chart.root, states: [state('a b'), state('a_b', { kind: 'final' })] } };
    const document = parsedXml(scxmlOf(mergedChart(chart, other)));
    const marks = [...document.querySelectorAll('*')].flatMap(
      (one) => one.getAttributeNS(SCXML_NAMESPACE, 'mark') ?? [],
    );
    expect(marks).toEqual(['changed', 'removed']);
  });

  it('has every state of a chart once', () => {
    for (const { machine } of everyShownMachine.filter(({ machine: { id } }) => id === 'vm').slice(0, 1)) {
      const found = parsedXml(scxmlOf(chartOf(machine))).querySelectorAll('state, parallel, final');
      expect([...found].length).toBe(statesIn(chartOf(machine).root).length);
    }
  });
});
