// Tests of src/engine/diagrams/mermaid.ts: what is drawn is compared with the machines' configuration, as Mermaid itself reads it.
//
// Mermaid's sanitizer wants a DOM even for parsing. (In happy-dom it loses the text before a label's first <br/>.)
// @vitest-environment jsdom
import mermaid from 'mermaid';
import { describe, expect, it } from 'vitest';
import type { DrawnMachine, DrawnState } from '../../../src/engine/diagrams/mermaid.ts';
import { escapeLabel, stateDiagram } from '../../../src/engine/diagrams/mermaid.ts';
import { createCallerMachine } from '../../../src/machines/manager/thread.ts';
import { createConsumerMachine } from '../../../src/machines/manager/consumer.ts';
import { createProducerMachine } from '../../../src/machines/manager/producer.ts';
import { createRegistryMachine } from '../../../src/registry/registry.ts';
import { findRevision } from '../../../src/registry/revisions.ts';

type Named = string | { readonly type: string; readonly params?: Readonly<Record<string, string>> };
type Many<T> = T | readonly T[];
interface TransitionConfig {
  readonly target?: string;
  readonly guard?: Named;
  readonly actions?: Many<Named>;
}
/** What was written in createMachine(): another source than the state nodes that are drawn. */
interface StateConfig {
  readonly id?: string;
  readonly initial?: string;
  readonly entry?: Many<Named>;
  readonly always?: Many<TransitionConfig>;
  readonly on?: Readonly<Record<string, Many<TransitionConfig>>>;
  readonly states?: Readonly<Record<string, StateConfig>>;
}
interface Place {
  readonly path: readonly string[];
  readonly state: StateConfig;
}
interface Expected {
  readonly from: string;
  readonly to: string;
  readonly words: readonly string[];
}

const many = <T>(value: Many<T> | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];

/** All states below one, with their paths (the machine's id first). */
function places(parent: Place): Place[] {
  return Object.entries(parent.state.states ?? {}).flatMap(([key, state]) => {
    const place = { path: [...parent.path, key], state };
    return [place, ...places(place)];
  });
}

function resolve(all: readonly Place[], from: Place, target: string | undefined): string {
  if (target === undefined) return from.path.join('_');
  if (!target.startsWith('#')) return [...from.path.slice(0, -1), target].join('_');
  const found = all.find(({ path, state }) => `#${state.id ?? path.join('.')}` === target);
  return found?.path.join('_') ?? `nothing has the id ${target}`;
}

/** The words that must stand in the label. */
function words(item: Named): string[] {
  if (typeof item === 'string') return [item];
  return [item.type, ...(item.params === undefined ? [] : [Object.values(item.params).join('.')])];
}

/** The words of a drawn label, sorted, without those that tell the order of the branches. */
function wordsOf(line: string): string {
  const all = line.replace(/\[else( if)? ?/, '[').split(/[[\]/, ]+/);
  return all
    .filter((word) => word !== '')
    .toSorted()
    .join(' ');
}

function expectedEdges(root: Place): Expected[] {
  const all = places(root);
  return all.flatMap((place) =>
    [[[], place.state.always] as const, ...Object.entries(place.state.on ?? {})].flatMap(([event, candidates]) =>
      many(candidates).map(({ target, guard, actions }) => ({
        from: place.path.join('_'),
        to: resolve(all, place, target),
        words: [...many(event), ...many(guard).flatMap(words), ...many(actions).flatMap(words)],
      })),
    ),
  );
}

interface Reading {
  readonly nodes: readonly { id: string; label: string; description?: readonly string[]; parentId?: string }[];
  readonly edges: readonly { start: string; end: string; label: string }[];
}

/** What Mermaid understands of a diagram. (mermaidAPI is internal; nothing public shows the parsed graph.) */
async function read(text: string): Promise<Reading> {
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  return (db as unknown as { getData(): Reading }).getData();
}

function registryOf(revision: string): DrawnMachine {
  const policy = findRevision(revision)?.policy;
  if (policy === undefined) throw new Error(`no revision ${revision}`);
  return createRegistryMachine(policy);
}

function machinesOf(revision: string): (DrawnMachine & { readonly config: unknown })[] {
  const policy = findRevision(revision)?.policy;
  if (policy === undefined) throw new Error(`no revision ${revision}`);
  return [
    createRegistryMachine(policy),
    createProducerMachine(policy),
    createConsumerMachine(policy),
    createCallerMachine(policy, 'clean'),
  ];
}

for (const revision of ['base', 'v2p8']) {
  for (const machine of machinesOf(revision)) {
    describe(`the ${machine.id} of ${revision}`, () => {
      const root: Place = { path: [machine.id], state: machine.config as StateConfig };
      const states = places(root);
      const text = stateDiagram(machine, { title: revision });

      it('says at the top what it is', () => {
        const [first, second, third] = text.split('\n');
        expect(first).toBe(`%% Machine ${machine.id}, ${revision}.`);
        expect(second).toContain('Generated');
        expect(third).toBe('stateDiagram-v2');
      });

      it('is a state diagram to Mermaid', async () => {
        await expect(mermaid.parse(text)).resolves.toMatchObject({ diagramType: 'stateDiagram' });
      });

      it('shows every state under its name and within its parent, with its entry actions', async () => {
        const nodes = (await read(text)).nodes.filter(({ id }) => !id.endsWith('_start'));
        expect(states.length).toBeGreaterThan(0);
        expect(nodes).toHaveLength(states.length);
        for (const { path, state } of states) {
          const node = nodes.find(({ id }) => id === path.join('_'));
          expect(node?.label).toBe(path.at(-1));
          expect(node?.parentId).toBe(path.length === 2 ? undefined : path.slice(0, -1).join('_'));
          const entry = many(state.entry).map((action) => words(action).join(' '));
          expect(node?.description).toEqual(entry.length === 0 ? [] : [`entry / ${entry.join(', ')}`]);
        }
      });

      it('shows every transition once, with its event, guard and actions', async () => {
        const { edges } = await read(text);
        const lines = edges
          .filter(({ start }) => !start.endsWith('_start'))
          .flatMap(({ start, end, label }) => label.split(/<br ?\/?>/).map((line) => ({ start, end, line })));
        const expected = expectedEdges(root);
        expect(expected.length).toBeGreaterThan(0);
        for (const { from, to, words: parts } of expected) {
          const wanted = parts.toSorted().join(' ');
          const at = lines.findIndex((each) => each.start === from && each.end === to && wordsOf(each.line) === wanted);
          expect(at, `${from} --> ${to} : ${parts.join(' ')}`).toBeGreaterThanOrEqual(0);
          lines.splice(at, 1);
        }
        expect(lines).toEqual([]);
      });

      it('shows the initial state of the machine and of every composite state', async () => {
        const { edges } = await read(text);
        const starts = edges.filter(({ start }) => start.endsWith('_start')).map(({ end }) => end);
        const initials = [root, ...states].flatMap(({ path, state }) =>
          state.initial === undefined ? [] : [[...path, state.initial].join('_')],
        );
        expect(starts.toSorted()).toEqual(initials.toSorted());
      });

      it('has no more than one loop on a state, since Mermaid 11 shows one', async () => {
        const loops = (await read(text)).edges.filter(({ start, end }) => start === end).map(({ start }) => start);
        expect(new Set(loops).size).toBe(loops.length);
      });

      it('is the same bytes twice, from two machines', () => {
        const again = machinesOf(revision).find(({ id }) => id === machine.id);
        expect(again).not.toBe(machine);
        expect(again === undefined ? '' : stateDiagram(again, { title: revision })).toBe(text);
      });
    });
  }
}

describe('connect and disconnect', () => {
  const connect =
    'stopProducer stopConsumer addConsumer addedConsumer addProducer addedProducer delConsumer starting startConsumer startProducer';
  const disconnect = 'stopProducer stopConsumer delProducer delConsumer startConsumer startProducer';

  it.each(['base', 'v2p8'])('have every state under its own name (%s)', async (revision) => {
    const { nodes } = await read(stateDiagram(registryOf(revision)));
    const within = (parent: string): string[] =>
      nodes.filter(({ id, parentId }) => parentId === parent && !id.endsWith('_start')).map(({ label }) => label);
    expect(within('registry_locked_connecting')).toEqual(connect.split(' '));
    expect(within('registry_locked_disconnecting')).toEqual(disconnect.split(' '));
    expect(within('registry_locked')).toEqual(
      expect.arrayContaining(['inserting', 'committing', 'undoing', 'erasing']),
    );
  });

  it('show parameters and the order of the branches', () => {
    const lines = stateDiagram(registryOf('base')).split('\n');
    const at = (key: string): string => `registry_locked_connecting_${key}`;
    for (const line of [
      `${at('stopProducer')} --> ${at('stopConsumer')} : [lacks producer.stop]`,
      `${at('stopProducer')} --> ${at('stopConsumer')} : callback_return / takeValue`,
      `${at('addConsumer')} : entry / callBack producer.add_consumer`,
      `${at('addedProducer')} --> ${at('delConsumer')} : [rollsBack]`,
      `${at('addedProducer')} --> ${at('starting')} : [else if hasFailed]`,
      `${at('starting')} --> registry_locked_failed : [else]`,
    ]) {
      expect(lines.map((each) => each.trim())).toContain(line);
    }
  });
});

describe('a machine made of plain objects', () => {
  const none = { states: {}, initial: { actions: [] }, entry: [], exit: [], invoke: [], transitions: new Map() };
  const state = (key: string, more: Partial<DrawnState> = {}): DrawnState => ({
    ...none,
    key,
    path: [key],
    type: 'atomic',
    ...more,
  });
  const machine = (states: readonly DrawnState[], more: Partial<DrawnState> = {}): DrawnMachine => ({
    id: 'm',
    root: {
      ...none,
      key: 'm',
      path: [],
      type: 'compound',
      states: Object.fromEntries(states.map((s) => [s.key, s])),
      initial: { target: states.slice(0, 1), actions: [] },
      ...more,
    },
  });
  const composite = (inner: DrawnState): DrawnState =>
    state('a', { type: 'compound', states: { [inner.key]: inner }, initial: { target: [inner], actions: [] } });
  const stay = (event: string, guard?: unknown): Partial<DrawnState> => ({
    transitions: new Map([[event, [{ eventType: event, guard, actions: [] }]]]),
  });

  it('may use any sign in its names', async () => {
    const odd = 'a:b; #c "d" {e} %%f <g> *h* `i`';
    const text = stateDiagram(machine([state(odd, { ...stay(odd, { type: odd, params: { odd } }), exit: [odd] })]), {
      title: 'two\nlines %%{init: {}}%%',
    });
    const { nodes, edges } = await read(text);
    expect(nodes).toHaveLength(2);
    expect(edges).toHaveLength(2);
    expect(text.split('\n')[0]).toBe('%% Machine m, two lines {init: {}}.');
    expect(text).toContain(`state "${escapeLabel(odd).replace(':', '#58;')}" as m_`);
  });

  it('may have a state named start at the top', async () => {
    const { nodes } = await read(stateDiagram(machine([state('start')])));
    expect(nodes.map(({ id }) => id).toSorted()).toEqual(['m_start', 'root_start']);
  });

  it('shows exit actions, and entry actions of a composite state in its title', async () => {
    const inner = state('inner', { path: ['outer', 'inner'], exit: ['tidy'] });
    const outer = state('outer', {
      type: 'compound',
      states: { inner },
      initial: { target: [inner], actions: [] },
      entry: [{ type: 'enter' }],
    });
    const { nodes } = await read(stateDiagram(machine([outer])));
    expect(nodes.find(({ id }) => id === 'm_outer')?.label).toBe('outer, entry / enter');
    expect(nodes.find(({ id }) => id === 'm_outer_inner')?.description).toEqual(['exit / tidy']);
  });

  it.each([
    ['parallel states', machine([state('a', { type: 'parallel' })]), 'm_a is parallel'],
    ['final states', machine([state('a', { type: 'final' })]), 'm_a is final'],
    ['invoked actors', machine([state('a', { invoke: [{}] })]), 'm_a invokes'],
    ['a transition of the machine', machine([state('a')], stay('e')), 'machine m has'],
    ['two states with one id', machine([state('a b'), state('a_b')]), 'two states'],
    ["a state named like Mermaid's [*]", machine([composite(state('start', { path: ['a', 'start'] }))]), 'two states'],
    ['no initial state', machine([state('a')], { initial: { actions: [] } }), 'state m has no initial'],
  ])('is refused with %s', (_, refused, message) => {
    expect(() => stateDiagram(refused)).toThrow(RangeError);
    expect(() => stateDiagram(refused)).toThrow(message);
  });

  it('is refused with a guard without a name', () => {
    expect(() => stateDiagram(machine([state('a', stay('e', {}))]))).toThrow(TypeError);
  });
});
