// A mutation is a patch in a file of its own: it changes what it says, and throws where that is not there.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { State } from '../../src/engine/actors/chart.ts';
import { many, statesOf } from '../../src/engine/actors/chart.ts';
import { handlers } from '../../src/engine/actors/handlers.ts';
import type { AnyDeclaration, Machine } from '../../src/engine/actors/machine.ts';
import { changeState, machine, patched } from '../../src/engine/actors/machine.ts';
import { MachineError, machineErrors } from '../../src/engine/actors/machine-error.ts';
import { set } from '../../src/engine/actors/effects.ts';
import { InputError } from '../../src/engine/input-error.ts';
import type { World } from '../../src/engine/world/world.ts';
import type { Mutation } from '../../src/mutations/mutation.ts';
import { mutations } from '../../src/mutations/mutations.ts';
import { changed, changeTransitions, handlerOf } from '../../src/mutations/patching.ts';
import { revisions } from '../../src/registry/revisions.ts';
import type { Parameters } from '../../src/scenarios/define.ts';
import { assembled, whereText } from '../engine/assembled.ts';

const folder = fileURLToPath(new URL('../../src/mutations/', import.meta.url));
/** What is in the folder besides the catalogue itself. */
const shared = new Set(['mutation.ts', 'mutations.ts', 'patching.ts']);

it('every mutation is in a file of its own, which is called after it', async () => {
  const files = readdirSync(folder).filter((file) => !shared.has(file));
  expect(files.toSorted()).toEqual(mutations.map(({ id }) => `${id}.ts`).toSorted());
  for (const file of files) {
    const module = (await import(`${folder}${file}`)) as Readonly<Record<string, Partial<Mutation>>>;
    const ids = Object.values(module).flatMap(({ id, shown }) => (id === undefined || shown === undefined ? [] : [id]));
    expect(ids).toEqual([file.replace(/\.ts$/, '')]);
  }
});

const worldOf = (id: string, revision: string, mutation: string | null, set: Parameters = {}): World =>
  assembled(id, { revision, mutation, set }).world;

/** A chart without its functions: names of handlers, targets, guards. */
const drawn = (chart: State): string =>
  JSON.stringify(chart, (_, value: unknown) => (typeof value === 'function' ? null : value));

/** Handlers and guards that a chart names. */
function named({ chart }: AnyDeclaration): Set<string> {
  const found = statesOf(chart).flatMap(([, { entry, exit, always, on = {} }]) => [
    ...many(entry),
    ...many(exit),
    ...[...many(always), ...Object.values(on).flatMap((ways) => many(ways))].flatMap(({ guard, actions }) => [
      ...(guard === undefined ? [] : [guard]),
      ...many(actions),
    ]),
  ]);
  return new Set(found.filter((one) => typeof one === 'string'));
}

/** In what a machine with a bug differs from the one without. */
function differences(before: Machine, after: Machine): string[] {
  if (before === after) return [];
  const [one, other] = [before.declaration, after.declaration];
  const used = named(other);
  const changedIn = (kind: 'handlers' | 'guards'): string[] =>
    Object.entries(other[kind] ?? {}).flatMap(([key, value]) =>
      used.has(key) && (one[kind] as Readonly<Record<string, unknown>> | undefined)?.[key] !== value ? [key] : [],
    );
  return [
    ...(drawn(one.chart) === drawn(other.chart) ? [] : ['chart']),
    ...changedIn('handlers'),
    ...changedIn('guards'),
  ];
}

/** In what two worlds differ: by actor, the chart, handlers, the program, constants. */
function worldDifferences(before: World, after: World): Readonly<Record<string, readonly string[]>> {
  const found: Record<string, readonly string[]> = {};
  for (const one of before.definition.actors) {
    const other = after.definition.actors.find(({ name }) => name === one.name);
    const different = [
      ...(other === undefined ? ['actor'] : differences(one.machine, other.machine)),
      ...(JSON.stringify(one.program) === JSON.stringify(other?.program) ? [] : ['program']),
      ...(JSON.stringify(one.constants) === JSON.stringify(other?.constants) ? [] : ['constants']),
    ];
    if (different.length > 0) found[one.name] = different;
  }
  return found;
}

const ofWorld = expect.stringMatching(/program|constants/) as string;

describe('a mutation changes what it says, where it is shown', () => {
  for (const { id, patches, policy, definition, shown } of mutations) {
    for (const { scenario, revision, set = {} } of shown) {
      it(`${id} in ${whereText({ scenario, revision, set })}`, () => {
        const [before, after] = [null, id].map((mutation) => worldOf(scenario, revision, mutation, set));
        if (before === undefined || after === undefined) throw new Error('two worlds');
        const found = worldDifferences(before, after);
        expect(Object.keys(found)).not.toEqual([]);
        if (policy !== undefined) return;
        const changedMachines = new Set(
          after.definition.actors.flatMap(({ name, machine: { id: kind } }) =>
            (found[name] ?? []).some((one) => !['program', 'constants'].includes(one)) ? [kind] : [],
          ),
        );
        // A patch changes the machines that it names, of those that are there, and a changed world none.
        const there = new Set(before.definition.actors.map(({ machine: { id: kind } }) => kind));
        const patched = Object.keys(patches ?? {}).filter((kind) => there.has(kind));
        expect([...changedMachines].toSorted()).toEqual(patched.toSorted());
        // Where a bug is one of machines, one of them is there; where of a world, too, the world may have none of them.
        if (definition === undefined) expect(patched).not.toEqual([]);
        else if (patched.length === 0) expect(Object.values(found).flat()).toContainEqual(ofWorld);
      });
    }
  }
});

it('a change of a world changes a program or a constant in one of the places where it is shown', () => {
  for (const { id, shown } of mutations.filter((one) => one.definition !== undefined)) {
    const found = shown.flatMap(({ scenario, revision, set }) => {
      const [before, after] = [worldOf(scenario, revision, null, set), worldOf(scenario, revision, id, set)];
      return Object.values(worldDifferences(before, after)).flat();
    });
    expect({ id, found }).toEqual({ id, found: expect.arrayContaining([ofWorld]) as string[] });
  }
});

describe('on every revision a mutation is refused, or patches something that the chart uses', () => {
  // The rest are policies of other revisions: such a bug may be there already.
  for (const { id, shown } of mutations.filter(({ patches }) => patches !== undefined)) {
    it.each(shown.map(({ scenario, set = {} }) => ({ scenario, set })))(
      `${id} in $scenario $set`,
      ({ scenario, set }) => {
        const inVain = revisions.filter(({ id: revision }) => {
          try {
            const [before, after] = [worldOf(scenario, revision, null, set), worldOf(scenario, revision, id, set)];
            return Object.keys(worldDifferences(before, after)).length === 0;
          } catch (error) {
            if (error instanceof InputError) return false;
            throw error;
          }
        });
        expect(inVain.map((revision) => revision.id)).toEqual([]);
      },
    );
  }
});

type Tick = { readonly type: 'tick' };
type Count = { readonly count: number };
const { on, whenever } = handlers<Count, Tick>();
const counter = machine<Count, Tick>({
  id: 'counter',
  title: 'Counts',
  context: () => ({ count: 0 }),
  guards: { isFull: whenever(({ context }) => context.count > 2) },
  handlers: { count: on('tick', ({ context }) => set({ count: context.count + 1 })) },
  chart: {
    initial: 'counting',
    states: { counting: { on: { tick: [{ guard: 'isFull' }, { actions: 'count' }] } } },
  },
});
const nothing = on('tick', () => []);

/** The code of what a patch throws; undefined where it throws nothing. */
function refusal(patch: () => unknown): string | undefined {
  try {
    patch();
  } catch (error) {
    if (error instanceof MachineError) return `${error.code} ${error.message}`;
    throw error;
  }
  return undefined;
}

describe('a patch of what is not there throws', () => {
  it.each<readonly [string, () => unknown, string]>([
    ['a handler', () => patched(counter, { handlers: { cuont: nothing } }), 'machine counter has no handler "cuont"'],
    [
      'a guard',
      () => patched(counter, { guards: { isEmpty: whenever(() => true) } }),
      'machine counter has no guard "isEmpty"',
    ],
    ['a state', () => changeState(counter.declaration.chart, 'counted', (state) => state), 'no state "counted"'],
    ['a state within', () => changeState(counter.declaration.chart, 'counting.on', (state) => state), 'no state "on"'],
    ['the handler of a changed one', () => handlerOf(counter, 'cuont'), 'machine counter has no handler "cuont"'],
    ['the handler whose effects change', () => changed(counter, 'cuont', (all) => all), 'has no handler "cuont"'],
    [
      'a handler that no changed chart uses',
      () => patched(counter, { handlers: { cuont: nothing }, chart: (chart) => ({ ...chart }) }),
      'cuont',
    ],
    [
      'a transition: what is taken out was not there',
      () =>
        patched(counter, {
          chart: (chart) =>
            changeTransitions(chart, 'counting', 'tick', (all) => all.filter(({ guard }) => guard !== 'isEmpty')),
        }),
      'tick',
    ],
  ])('%s', (_, patch, message) => {
    const refused = refusal(patch) ?? 'nothing was thrown';
    expect(refused).toContain(machineErrors.patch);
    expect(refused).toContain(message);
  });

  it('a machine that a world does not have', () => {
    for (const mutation of ['b1', 'b8', 'b10', 'm-irte-hangs'])
      expect(() => worldOf('pairing', 'v2p8', mutation)).toThrow(`mutation ${mutation} is a bug of `);
  });

  it('a target or a guard of the changed chart', () => {
    const aim = (way: object): unknown =>
      patched(counter, { chart: (chart) => changeTransitions(chart, 'counting', 'tick', () => [way]) });
    expect(refusal(() => aim({ guard: 'isEmpty' }))).toContain('there is no guard "isEmpty"');
    expect(refusal(() => aim({ actions: 'cuont' }))).toContain('there is no handler "cuont"');
    expect(() => aim({ target: 'counted' })).toThrow('counted');
  });

  it('and leaves the machine without the bug as it was', () => {
    const chart = drawn(counter.declaration.chart);
    const slow = patched(counter, { handlers: { count: nothing } });
    expect(differences(counter, slow)).toEqual(['count']);
    expect([drawn(counter.declaration.chart), counter.declaration.handlers?.['count'] === nothing]).toEqual([
      chart,
      false,
    ]);
  });
});

it('a mutation either changes a revision or is refused for a policy of it, where it is shown and on every other revision', () => {
  const odd: string[] = [];
  let assembledThere = 0;
  for (const mutation of mutations)
    for (const { scenario: id, set } of mutation.shown)
      for (const revision of revisions)
        try {
          worldOf(id, revision.id, mutation.id, set);
          assembledThere++;
        } catch (error) {
          if (!(error instanceof InputError && error.code === 'IRQB209'))
            odd.push(`${mutation.id} in ${id} on ${revision.id}: ${String(error)}`);
        }
  expect(odd).toEqual([]);
  expect(assembledThere).toBeGreaterThan(mutations.length);
});
