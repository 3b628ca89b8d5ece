// Every cell of the misuse matrix (kernel-spec 1.3): what each revision does when it is called wrongly.
import { describe, expect, it } from 'vitest';
import { name } from '../../src/engine/actors/name.ts';
import { WorldView } from '../../src/engine/world/view.ts';
import { World } from '../../src/engine/world/world.ts';
import type { Observation } from '../../src/machines/manager/protocol.ts';
import { ManagerView } from '../../src/registry/manager-view.ts';
import { findRevision, revisions } from '../../src/registry/revisions.ts';
import { build } from '../../src/scenarios/build.ts';
import type { Call } from '../../src/scenarios/calls.ts';
import {
  allocateEventfd,
  copy,
  invoke,
  putEventfd,
  registerConsumer,
  registerProducer,
  unregisterConsumer,
  unregisterProducer,
} from '../../src/scenarios/calls.ts';
import type { StructDefinition } from '../../src/scenarios/define.ts';
import { machinesOf } from '../../src/scenarios/machines.ts';

const columns = {
  'R0-R2': ['base', 'v1p1', 'v1p2', 'v2p1', 'v2p2'],
  'R3-R4': ['v1p3', 'v1p4', 'v2p3', 'v2p4'],
  'R5-R6': ['v1p5', 'v1p6', 'v2p5', 'v2p6'],
  'R7-R8': ['v1p7', 'v2p7', 'v2p8'],
} as const;
type Column = keyof typeof columns;
const all: readonly Column[] = ['R0-R2', 'R3-R4', 'R5-R6', 'R7-R8'];
const columnOf = (revision: string): Column =>
  all.find((column) => (columns[column] as readonly string[]).includes(revision)) ?? 'R0-R2';

/** A world whose threads call what the test says, when it says. */
class Bench {
  readonly world: World;
  readonly manager: ManagerView;
  #row: Uint16Array;

  constructor(
    revision: string,
    structs: { producers?: StructDefinition[]; consumers?: StructDefinition[]; raw?: boolean } = {},
  ) {
    const policy = findRevision(revision)?.policy;
    if (policy === undefined) throw new Error(revision);
    const discipline = structs.raw === true ? 'raw' : 'clean';
    const definition = build(
      {
        producers: structs.producers ?? ['p0', 'p1'],
        consumers: structs.consumers ?? ['c0'],
        eventfds: ['e0', 'e1'],
        discipline,
      },
      policy,
    );
    const { thread: machine } = machinesOf(policy, discipline);
    const threads = [0, 1, 2].map((n) => ({ name: `t${n}`, machine }));
    this.world = new World({ ...definition, actors: [...definition.actors, ...threads] });
    this.#row = this.world.initial();
    this.manager = new ManagerView(new WorldView(this.world, this.#row));
  }

  #take(event: number, column: number): Observation[] {
    const { row, observations } = this.world.step(this.#row, { event, column });
    this.#row = row;
    this.manager.state.row = row;
    return observations as Observation[];
  }

  /** Runs the unlocked half of a call. */
  begin(thread: number, call: Call): Observation[] {
    const { event } = this.world.call(name(`t${thread}`), {
      type: 'call',
      how: 'call',
      call,
      next: { ok: 0, error: 0 },
    });
    return this.#take(event, -1);
  }

  /** Lets a thread have the mutex and delivers everything else until nothing moves. */
  finish(thread?: number): Observation[] {
    const seen: Observation[] = [];
    for (;;) {
      const waiting = this.world
        .inFlight(this.#row)
        .filter(({ event, id }) => this.world.transitions.accepts(this.#row[this.world.actor(event.to)] ?? 0, id));
      const next = waiting.find(
        ({ event }) => event.to !== 'registry' || thread === undefined || event.message['caller'] === `t${thread}`,
      );
      if (next === undefined) return seen;
      seen.push(...this.#take(next.id, next.column));
    }
  }

  /** A whole call by thread 0. */
  call(call: Call): Observation[] {
    return [...this.begin(0, call), ...this.finish(0)];
  }

  sets(): string {
    return (['producers', 'consumers'] as const)
      .map((side) =>
        this.manager
          .entries(side)
          .map(({ key, object }) => `${String(key)}:${object}`)
          .join(' '),
      )
      .join(' | ');
  }
}

const returned = (seen: readonly Observation[]): number | null | undefined => {
  const last = seen.findLast((o) => o.kind === 'return');
  return last?.kind === 'return' ? last.value : undefined;
};
const kinds = (seen: readonly Observation[]): string[] =>
  [...new Set(seen.map(({ kind }) => kind))].filter((kind) => !['call', 'return', 'callback'].includes(kind));
const callbacks = (seen: readonly Observation[]): number => seen.filter(({ kind }) => kind === 'callback').length;

/** One row of the matrix: a test per revision, with the column it belongs to. */
function row(title: string, body: (revision: string, column: Column) => void): void {
  describe(title, () => {
    for (const { id } of revisions.filter((r) => r.id === 'base' || /^v\d/.test(r.id)))
      it(`${id} (${columnOf(id)})`, () => body(id, columnOf(id)));
  });
}

row('key NULL at register', (revision, column) => {
  const bench = new Bench(revision);
  const first = bench.call(registerProducer('p0', null));
  expect(returned(first)).toBe(column === 'R0-R2' ? -22 : 0);
  bench.call(unregisterProducer('p0'));
  expect(bench.sets()).toBe(column === 'R0-R2' ? ' | ' : 'null:p0 | ');
});

row('consumer without a mandatory callback', (revision) => {
  for (const lacks of [['add_producer'], ['del_producer']] as const) {
    const bench = new Bench(revision, { consumers: [{ name: 'c0', lacks }] });
    expect(returned(bench.call(registerConsumer('c0', 'e0')))).toBe(-22);
    expect(bench.sets()).toBe(' | ');
  }
});

row('NULL pointer', (revision) => {
  for (const op of ['register_producer', 'unregister_producer', 'register_consumer', 'unregister_consumer'] as const) {
    expect(kinds(new Bench(revision).call(invoke(op, null, { eventfd: 'e0' })))).toEqual(['oops']);
  }
});

row('same struct, same key, twice', (revision, column) => {
  const bench = new Bench(revision);
  bench.call(registerProducer('p0', 'e0'));
  const second = bench.call(registerProducer('p0', 'e0'));
  expect(returned(second)).toBe(column === 'R0-R2' ? -16 : -22);
  expect(kinds(second)).toEqual(column === 'R0-R2' ? [] : ['warn']);
  expect(bench.sets()).toBe('e0:p0 | ');
});

row('second struct, same key', (revision) => {
  const bench = new Bench(revision);
  bench.call(registerProducer('p0', 'e0'));
  const second = bench.call(registerProducer('p1', 'e0'));
  expect([returned(second), kinds(second)]).toEqual([-16, []]);
});

row('unregister of a zeroed, never registered struct', (revision) => {
  const bench = new Bench(revision);
  const seen = [...bench.call(unregisterProducer('p0')), ...bench.call(unregisterConsumer('c0'))];
  expect([kinds(seen), callbacks(seen), bench.sets()]).toEqual([[], 0, ' | ']);
});

row('unregister after a failed register, by a caller that keeps its token', (revision, column) => {
  const bench = new Bench(revision, { raw: true, consumers: [{ name: 'c0' }, { name: 'c1' }] });
  bench.call(registerProducer('p0', 'e0'));
  bench.call(registerConsumer('c0', 'e0'));
  bench.call(registerConsumer('c1', 'e0'));
  expect(callbacks(bench.call(unregisterConsumer('c1')))).toBe(0);
  bench.call(registerProducer('p1', 'e0'));
  const seen = bench.call(unregisterProducer('p1'));
  expect(kinds(seen)).toEqual(column === 'R0-R2' ? ['corruption'] : []);
  expect(callbacks(seen) > 0).toBe(column === 'R0-R2');
});

row('unregister twice, one after the other', (revision) => {
  const bench = new Bench(revision);
  bench.call(registerProducer('p0', 'e0'));
  bench.call(unregisterProducer('p0'));
  bench.call(registerProducer('p1', 'e0'));
  const second = bench.call(unregisterProducer('p0'));
  expect([kinds(second), bench.sets()]).toEqual([[], 'e0:p1 | ']);
});

it('unregister twice, one after the other, the key taken meanwhile, by a caller that keeps its token: corrupts R0', () => {
  const bench = new Bench('base', { raw: true });
  bench.call(registerProducer('p0', 'e0'));
  bench.call(unregisterProducer('p0'));
  bench.call(registerProducer('p1', 'e0'));
  expect(kinds(bench.call(unregisterProducer('p0')))).toEqual(['corruption']);
});

row('unregister twice, concurrently', (revision, column) => {
  const bench = new Bench(revision);
  bench.call(registerProducer('p0', 'e0'));
  bench.begin(1, unregisterProducer('p0'));
  bench.begin(2, unregisterProducer('p0'));
  expect(kinds(bench.finish(1))).toEqual([]);
  bench.call(registerProducer('p1', 'e0'));
  const second = bench.finish(2);
  expect(kinds(second)).toEqual(column === 'R5-R6' ? ['corruption'] : column === 'R7-R8' ? ['warn'] : []);
  const evicts = revision === 'v2p7' || revision === 'v2p8';
  expect(bench.sets()).toBe(evicts ? ' | ' : 'e0:p1 | ');
});

row('unregister of a by-value copy', (revision, column) => {
  const bench = new Bench(revision);
  bench.call(registerProducer('p0', 'e0'));
  bench.call(copy('p0', 'p1'));
  const seen = bench.call(unregisterProducer('p1'));
  expect(kinds(seen)).toEqual(column === 'R7-R8' ? ['warn'] : ['corruption']);
  expect(bench.sets()).toBe(column === 'R7-R8' ? ' | ' : 'e0:p0 | ');
});

row('key memory freed and used again while registered (ABA): a false match', (revision) => {
  const bench = new Bench(revision);
  bench.call(registerProducer('p0', 'e0'));
  bench.begin(1, putEventfd('e0'));
  expect(bench.manager.isPut(name('e0'))).toBe(true);
  bench.begin(1, allocateEventfd('e0'));
  const seen = bench.call(registerConsumer('c0', 'e0'));
  expect([returned(seen), callbacks(seen)]).toEqual([0, 6]);
});

row('register from atomic context', (revision) => {
  const bench = new Bench(revision);
  const seen = bench.call(registerProducer('p0', 'e0', { atomic: true }));
  expect(kinds(seen)).toEqual(['splat']);
  const splat = seen.find((o) => o.kind === 'splat');
  const mightSleep = ['base', 'v1p1', 'v2p1'].includes(revision);
  expect(splat?.what).toContain(mightSleep ? 'might_sleep()' : 'mutex_lock()');
});

row('unregister from inside a callback: waits for its own mutex', (revision) => {
  const bench = new Bench(revision, { consumers: [{ name: 'c0', reenters: 'del_producer' }] });
  bench.call(registerProducer('p0', 'e0'));
  bench.call(registerConsumer('c0', 'e0'));
  const seen = bench.call(unregisterProducer('p0'));
  expect([kinds(seen), returned(seen)]).toEqual([['reentry'], undefined]);
  expect(bench.manager.threads().map(({ value }) => value)).toEqual(['calling', 'idle', 'idle']);
  expect(bench.finish()).toEqual([]);
});

row('consumers: NULL key, same struct twice, second struct, unregister twice', (revision, column) => {
  const bench = new Bench(revision, { consumers: [{ name: 'c0' }, { name: 'c1' }] });
  expect(returned(bench.call(registerConsumer('c1', null)))).toBe(column === 'R0-R2' ? -22 : 0);
  const entered = column === 'R0-R2' ? '' : 'null:c1';
  bench.call(unregisterConsumer('c1'));
  expect(bench.sets()).toBe(` | ${entered}`);

  const second = new Bench(revision, { consumers: [{ name: 'c0' }, { name: 'c1' }] });
  second.call(registerConsumer('c0', 'e0'));
  const again = second.call(registerConsumer('c0', 'e0'));
  expect([returned(again), kinds(again)]).toEqual(column === 'R0-R2' ? [-16, []] : [-22, ['warn']]);
  const other = second.call(registerConsumer('c1', 'e0'));
  expect([returned(other), kinds(other)]).toEqual([-16, []]);
  second.call(unregisterConsumer('c0'));
  second.call(registerConsumer('c1', 'e0'));
  const twice = second.call(unregisterConsumer('c0'));
  expect([kinds(twice), second.sets()]).toEqual([[], ' | e0:c1']);
});

row('consumers: unregister twice, concurrently', (revision, column) => {
  const bench = new Bench(revision, { consumers: [{ name: 'c0' }, { name: 'c1' }] });
  bench.call(registerConsumer('c0', 'e0'));
  bench.begin(1, unregisterConsumer('c0'));
  bench.begin(2, unregisterConsumer('c0'));
  expect(kinds(bench.finish(1))).toEqual([]);
  bench.call(registerConsumer('c1', 'e0'));
  expect(kinds(bench.finish(2))).toEqual(column === 'R5-R6' ? ['corruption'] : column === 'R7-R8' ? ['warn'] : []);
  const evicts = revision === 'v2p7' || revision === 'v2p8';
  expect(bench.sets()).toBe(evicts ? ' | ' : ' | e0:c1');
});

row('consumers: unregister of a by-value copy', (revision, column) => {
  const bench = new Bench(revision, { consumers: [{ name: 'c0' }, { name: 'c1' }] });
  bench.call(registerConsumer('c0', 'e0'));
  bench.call(copy('c0', 'c1'));
  const seen = bench.call(unregisterConsumer('c1'));
  // Lists match consumers by address before R5: the copy is not found, and R3 and R4 say so.
  const expected = { 'R0-R2': [], 'R3-R4': ['warn'], 'R5-R6': ['corruption'], 'R7-R8': ['warn'] }[column];
  expect(kinds(seen)).toEqual(expected);
  expect(bench.sets()).toBe(column === 'R7-R8' ? ' | ' : ' | e0:c0');
});

row('consumers: the registered test comes before the callback test, and warns (D3.8)', (revision, column) => {
  const bench = new Bench(revision, { consumers: [{ name: 'c0' }, { name: 'c1', lacks: ['del_producer'] }] });
  bench.call(registerConsumer('c0', 'e0'));
  bench.call(copy('c0', 'c1'));
  const seen = bench.call(registerConsumer('c1', 'e1'));
  expect([returned(seen), kinds(seen)]).toEqual([-22, column === 'R0-R2' ? [] : ['warn']]);
});

row('unregister from atomic context', (revision) => {
  const bench = new Bench(revision);
  bench.call(registerProducer('p0', 'e0'));
  bench.call(registerConsumer('c0', 'e0'));
  expect(kinds(bench.call(unregisterProducer('p0', { atomic: true })))).toEqual(['splat']);
  expect(kinds(bench.call(unregisterConsumer('c0', { atomic: true })))).toEqual(['splat']);
});
