// Tests of src/engine/diagrams/mermaid.ts: what Mermaid itself reads in a diagram is compared with the machine's declaration.
//
// Mermaid's sanitizer wants a DOM even for parsing. (In happy-dom it loses the text before a label's first <br/>.)
// @vitest-environment jsdom
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Chart, ChartState, ChartTransition } from '../../../src/engine/diagrams/chart.ts';
import { escapeLabel, mermaidOf, stateDiagram } from '../../../src/engine/diagrams/mermaid.ts';
import { findRevision } from '../../../src/registry/revisions.ts';
import type { MachineId } from '../../../src/scenarios/machines.ts';
import { machineIds, machinesOf } from '../../../src/scenarios/machines.ts';
import { declaredChart } from './declared-chart.ts';
import { sample } from '../../sample.ts';
import { everyShownMachine } from './every-machine.ts';
import type { Edge, Reading } from './read-mermaid.ts';
import { inOrder, linesOf, read, readChart } from './read-mermaid.ts';

function drawing(id: MachineId, revision: string): string {
  const policy = findRevision(revision)?.policy;
  if (policy === undefined) throw new Error(`no revision ${revision}`);
  return stateDiagram(machinesOf(policy, 'clean')[id], { title: revision });
}

/** The edges that Mermaid 11 or 12 does not show: all loops of a state but one, those between a state and one that it is in. */
function hiddenEdges({ nodes, edges }: Reading): readonly Edge[] {
  const parents = new Map(nodes.map(({ id, parentId }) => [id, parentId]));
  const isIn = (id: string | undefined, outer: string): boolean =>
    id !== undefined && (id === outer || isIn(parents.get(id), outer));
  const groups = new Set(parents.values());
  const loops = new Set<string>();
  return edges.filter(({ start, end }) => {
    if (start !== end) return isIn(start, end) || isIn(end, start);
    const isShown = !loops.has(start) && !groups.has(start);
    loops.add(start);
    return !isShown;
  });
}

describe('every machine, on every revision, and with every mutation', () => {
  for (const id of machineIds) {
    it(`${id}: every state, transition, action and waiting message is in the diagram, and nothing else`, async () => {
      const those = everyShownMachine.filter(({ machine }) => machine.id === id);
      const drawn = Map.groupBy(those, ({ machine }) => stateDiagram(machine));
      for (const [text, machines] of sample([...drawn], 4)) {
        // Many revisions and mutations have the same drawing of it: Mermaid reads that once.
        const shown = inOrder(readChart(await read(text), id));
        for (const { title, machine } of machines)
          expect({ title, shown }).toEqual({ title, shown: inOrder(declaredChart(machine)) });
      }
    });
  }

  it.each(machineIds)(
    '%s: has one loop on a state and no edge between a state and one in it, since Mermaid shows no more',
    async (id) => {
      expect(hiddenEdges(await read(drawing(id, 'base')))).toEqual([]);
    },
  );

  it.each(machineIds)('%s: is the same bytes twice, and says what it is', (id) => {
    const text = drawing(id, 'v2p8');
    expect(drawing(id, 'v2p8')).toBe(text);
    const [first, second, third] = text.split('\n');
    expect(first).toBe(`%% Machine ${id}, v2p8.`);
    expect(second).toContain('Generated');
    expect(third).toBe('stateDiagram-v2');
  });
});

describe('the drawing', () => {
  const linesIn = (id: MachineId, revision = 'base'): string[] =>
    drawing(id, revision)
      .split('\n')
      .map((line) => line.trim());

  it('shows the order of the branches, several ways between two states on one edge', () => {
    const at = (key: string): string => `registry_locked_connecting_${key}`;
    expect(linesIn('registry')).toEqual(
      expect.arrayContaining([
        `${at('stopProducer')} --> ${at('stopConsumer')} : [no producer.stop]<br/>callback_return / takeValue`,
        `${at('addConsumer')} : entry / producer.add_consumer()`,
        `${at('addProducer')} --> ${at('delConsumer')} : callback_return [answersError] / takeValue`,
        `${at('started')} --> registry_locked_failed : [hasFailed]`,
        `${at('started')} --> registry_locked_connected : [else]`,
      ]),
    );
  });

  it('shows the machine as a box where it has regions or transitions of its own', () => {
    const regions = ['life', 'deassigning', 'hangingUp', 'shuttingDown', 'bypass', 'routing'];
    const lines = linesIn('irqfd');
    expect(lines.filter((line) => line === '--')).toHaveLength(regions.length - 1);
    for (const region of regions) expect(lines).toContain(`state "${region}" as irqfd_${region} {`);
    const own = [
      'pending / scheduleInject',
      'wakeup [mayInjectAtOnce] / injectAtOnce',
      'wakeup [else] / scheduleInject',
    ];
    expect(lines).toContainEqual(expect.stringContaining(`state "${['irqfd', ...own].join('<br/>')}<br/>`));
    expect(linesIn('irte')).toContain('state "irte<br/>msi / translate" as irte_ {');
    expect(linesIn('passthru-irq')).toContain('passthru_irq_ : msi / deliver');
    expect(linesIn('device')).toContain('[*] --> device_idle');
  });

  it('shows what waits', () => {
    const updates = 'waits#58; set_gsi_routing, clear_gsi_routing';
    expect(linesIn('vm')).toContain(`vm_routing_synchronizing : ${updates}`);
    expect(linesIn('vm')).toContain(`state "updating<br/>${updates}" as vm_routing_updating {`);
  });
});

const nothing = { initial: null, entry: [], exit: [], waits: [], transitions: [], states: [] };
function state(path: string, more: Partial<ChartState> = {}): ChartState {
  return { ...nothing, path, key: path.split('.').at(-1) ?? '', kind: 'atomic', ...more };
}
function chart(states: readonly ChartState[], more: Partial<ChartState> = {}, machine = 'm'): Chart {
  return {
    machine,
    root: state('', { key: machine, kind: 'composite', initial: states[0]?.path ?? null, states, ...more }),
  };
}
const way = (event: string | null, more: Partial<ChartTransition> = {}): ChartTransition => ({
  event,
  guard: null,
  actions: [],
  target: null,
  ...more,
});

/** That the whole chart is read back. */
async function expectDrawn(drawn: Chart): Promise<void> {
  const reading = await read(mermaidOf(drawn));
  expect(inOrder(readChart(reading, drawn.machine))).toEqual(inOrder(drawn));
  expect(hiddenEdges(reading)).toEqual([]);
}

describe('a chart of plain objects', () => {
  it('may use any sign in its names', async () => {
    const odd = 'a:b; #c "d" {e} %%f <g> *h* `i`';
    const drawn = chart([state(odd, { exit: [odd], transitions: [way(odd, { guard: odd, target: odd })] })]);
    const text = mermaidOf(drawn, { title: 'two\nlines %%{init: {}}%%' });
    expect(text.split('\n')[0]).toBe('%% Machine m, two lines {init: {}}.');
    expect(text).toContain(`state "${escapeLabel(odd).replace(':', '#58;')}" as m_`);
    const { nodes, edges } = await read(text);
    expect(nodes.map(({ label }) => linesOf(label))).toContainEqual([odd]);
    expect(edges.map(({ label }) => linesOf(label))).toContainEqual([`${odd} [${odd}]`]);
  });

  it.each(['end', 'state', 'note', 'direction', 'default', 'class', 'style', 'fork', 'stateDiagram'])(
    'may be called %s, and so may its states',
    async (word) => {
      await expectDrawn(chart([state(word), state('other')], {}, word));
      await expectDrawn(chart([state(word)], { transitions: [way(word)] }, word));
    },
  );

  it('may have states whose names differ in signs only, or are those that Mermaid gives itself', async () => {
    const inner = ['start', 'end', 'b c', 'b_c', 'b-c'].map((key) => state(`a.${key}`));
    await expectDrawn(
      chart([state('a', { kind: 'composite', initial: 'a.end', states: inner }), state('a_start'), state('start')]),
    );
  });

  it('shows what a composite state and the machine do, in their titles', async () => {
    const inner = state('outer.inner', { exit: ['tidy', 'leave'] });
    const own = { entry: ['enter'], exit: ['tidy'], waits: ['lock', 'free'] };
    const stays = [way('poke', { guard: 'g', actions: ['a', 'b'] }), way('poke', { target: 'outer', actions: ['c'] })];
    const outer = state('outer', {
      kind: 'composite',
      initial: 'outer.inner',
      states: [inner],
      ...own,
      transitions: stays,
    });
    await expectDrawn(chart([outer], { ...own, transitions: [way('reset', { target: 'outer.inner' }), way('sync')] }));
  });

  it('shows a state that begins anew, and plain arrows beside others', async () => {
    const transitions = [
      way(null, { guard: 'g', target: 'b' }),
      way('again', { target: 'a' }),
      way('anew', { target: 'a' }),
      way('go', { target: 'b' }),
    ];
    await expectDrawn(chart([state('a', { transitions }), state('b', { transitions: [way(null, { target: 'a' })] })]));
    const both = [way(null, { target: 'b' }), way('go', { target: 'b' })];
    await expectDrawn(chart([state('a', { transitions: both }), state('b')]));
  });

  it('shows in which order three or more guards are asked', async () => {
    const transitions = ['x', 'y', 'z', null].map((guard, n) => way('e', { guard, target: n === 1 ? 'b' : null }));
    await expectDrawn(chart([state('a', { transitions }), state('b')]));
    expect(mermaidOf(chart([state('a', { transitions }), state('b')]))).toContain('m_a : e [else if z, tried 3rd]');
  });

  it('shows the ways between a state and those that it is in, in words', async () => {
    const inner = state('outer.inner', { transitions: [way('up', { target: 'outer' }), way('top', { target: '' })] });
    const outer = state('outer', { kind: 'composite', initial: 'outer.inner', states: [inner] });
    await expectDrawn(chart([outer, state('outer2', { transitions: [way('in', { target: 'outer.inner' })] })]));
    expect(mermaidOf(chart([outer]))).toContain('m_outer_inner : up --#62; outer\n');
  });

  it('shows final states, and regions in regions', async () => {
    const region = (path: string): ChartState =>
      state(path, {
        kind: 'composite',
        initial: `${path}.run`,
        states: [
          state(`${path}.run`, { transitions: [way('stop', { target: `${path}.done` })] }),
          state(`${path}.done`, { kind: 'final' }),
        ],
      });
    const deep = state('p', {
      kind: 'parallel',
      states: [region('p.a'), state('p.q', { kind: 'parallel', states: [region('p.q.b'), region('p.q.c')] })],
    });
    await expectDrawn(chart([deep, state('over', { kind: 'final' })]));
  });
});

/** Charts of any shape, with names of any signs that do not look like the grammar of a label. */
function anyChart(): fc.Arbitrary<Chart> {
  const text = fc
    .string({ unit: fc.constantFrom(...Array.from('abcxyz_:;#"<>%`*{}\\()&=+-~')), minLength: 1, maxLength: 6 })
    .map((odd) => `n${odd}`);
  const list = fc.array(text, { maxLength: 3 });
  interface Shape {
    readonly kind: 'composite' | 'parallel';
    readonly facts: Pick<ChartState, 'entry' | 'exit' | 'waits'>;
    readonly children: Readonly<Record<string, Shape>>;
  }
  const { shape } = fc.letrec<{ shape: Shape }>((tie) => ({
    shape: fc.record({
      kind: fc.constantFrom('composite', 'parallel'),
      facts: fc.record({ entry: list, exit: list, waits: list }),
      children: fc.oneof(
        { depthSize: 'small', maxDepth: 3 },
        fc.constant({}),
        fc.dictionary(text, tie('shape'), { minKeys: 2, maxKeys: 3 }),
      ),
    }),
  }));
  const stateOf = ({ kind, facts, children }: Shape, key: string, path: readonly string[]): ChartState => {
    const states = Object.entries(children).map(([name, child]) => stateOf(child, name, [...path, name]));
    return {
      ...nothing,
      path: path.join('.'),
      key,
      ...facts,
      kind: states.length === 0 ? 'atomic' : kind,
      initial: states.length > 0 && kind === 'composite' ? (states.at(-1)?.path ?? null) : null,
      states,
    };
  };
  const pathsIn = ({ path, states }: ChartState): string[] => [path, ...states.flatMap(pathsIn)];
  return shape.chain((made) => {
    const root = stateOf(made, 'm', []);
    const anyWay = fc.record({
      event: fc.option(text),
      guards: fc.array(text, { maxLength: 3 }),
      actions: list,
      target: fc.option(fc.constantFrom(...pathsIn(root))),
    });
    return fc.array(fc.array(anyWay, { maxLength: 3 }), { minLength: 8, maxLength: 8 }).map((ways) => {
      let n = 0;
      const withWays = (one: ChartState): ChartState => {
        const events = new Map((ways[n++ % ways.length] ?? []).map((each) => [each.event, each]));
        const transitions = [...events.values()].flatMap(({ event, guards, actions, target }) => [
          ...guards.map((guard, i) => way(event, { guard, actions, target: i % 2 === 0 ? target : null })),
          way(event, { actions, target }),
        ]);
        return { ...one, transitions, states: one.states.map(withWays) };
      };
      return { machine: 'm', root: withWays(root) };
    });
  });
}

it('any chart is read back from its diagram', async () => {
  await fc.assert(fc.asyncProperty(anyChart(), expectDrawn), { numRuns: 50 });
});
