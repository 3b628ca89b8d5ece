// The years before the series: what Linux 4.4, 4.7 and 5.9 do that the state before the series (4.10 on) does not.
//
// Source: virt/lib/irqbypass.c at f73f8173126b (4.4), b52f3ed02220 (4.7), 4f3dbdf47e15 (4.10), a979a6aa009f (5.9).
import { describe, expect, it } from 'vitest';
import type { CallRun, Observed } from '../../src/bridge/call-runner.ts';
import { RecordedRunner } from '../../src/bridge/recorded-run.ts';
import type { RecordedFault, RecordedOperation, RecordedSequence } from '../../src/bridge/recorded-format.ts';
import { explore } from '../../src/engine/explorer/search/explore.ts';
import type { Discipline } from '../../src/machines/manager/tokens.ts';
import { findRevision } from '../../src/registry/revisions.ts';
import { assemble } from '../../src/scenarios/assemble.ts';
import { findScenario } from '../../src/scenarios/builtin.ts';

/** Calls on one revision, by a caller that keeps its tokens unless said otherwise. */
class Calls {
  readonly #run: CallRun;

  constructor(revision: string, discipline: Discipline = 'raw', setup: RecordedSequence['setup'] = {}) {
    const policy = findRevision(revision)?.policy;
    if (policy === undefined) throw new Error(revision);
    this.#run = new RecordedRunner(policy, discipline).start({ seq: 0, setup, ops: [] });
  }

  get isCorrupt(): boolean {
    return this.#run.isCorrupt;
  }

  #perform(op: RecordedOperation['op'], struct: string, rest: Partial<RecordedOperation>): Observed {
    const half = op.endsWith('producer') ? { producer: struct } : { consumer: struct };
    const nothing = { ret: null, callbacks: [], warn: false, producers: {}, consumers: {}, bindings: {} };
    return this.#run.perform({ ...nothing, op, ...half, ...rest });
  }

  register(struct: string, eventfd: string | null, fault: RecordedFault = {}): Observed {
    return this.#perform(struct.startsWith('p') ? 'register_producer' : 'register_consumer', struct, {
      eventfd,
      fault,
    });
  }

  unregister(struct: string): Observed {
    return this.#perform(struct.startsWith('p') ? 'unregister_producer' : 'unregister_consumer', struct, {});
  }
}

/** `Pstop Cstop PaddC CaddP!`: the callbacks of a pair as the kernel's history writes them; `!` fails. */
function traceOf({ callbacks = [] }: Observed): string {
  return callbacks
    .map((text) => {
      const [, struct = '', verb = '', other = '', value = ''] =
        /^([pc])\d+\.([a-z]+)(?:_([pc])\w+\([^)]*\))?(?:=(-?\d+))?$/.exec(text) ?? [];
      return `${struct.toUpperCase()}${verb}${other.toUpperCase()}${value.startsWith('-') ? '!' : ''}`;
    })
    .join(' ');
}

const CONNECT = 'Pstop Cstop PaddC CaddP Cstart Pstart';
const DISCONNECT = 'Pstop Cstop CdelP PdelC Cstart Pstart';
const halves = [
  ['producer', 'p0', 'p1', 'producers'],
  ['consumer', 'c0', 'c1', 'consumers'],
] as const;

/** What exploring a scenario finds violated. */
async function violated(id: string, revision: string): Promise<string[]> {
  const scenario = findScenario(id);
  if (scenario === undefined) throw new Error(`no scenario ${id}`);
  const { world, properties } = assemble({ scenario, revision });
  return (await explore(world, { properties })).violations.map(({ property }) => property);
}

describe('linux-4.4: NULL is a key like any other', () => {
  it('so that nothing leaks that is registered under it, as it does since the series', async () => {
    expect(await violated('null-key', 'linux-4.4')).toEqual([]);
    expect(await violated('null-key', 'v2p8')).toContain('i-leak');
  });

  it.each(halves)('a %s is registered under NULL, a second one gets -EBUSY', (_, first, second, side) => {
    const calls = new Calls('linux-4.4');
    const registered = calls.register(first, null);
    expect([registered.ret, registered.warn, registered[side]]).toEqual([0, false, { null: first }]);
    const refused = calls.register(second, null);
    expect([refused.ret, refused.warn, refused[side]]).toEqual([-16, false, { null: first }]);
  });

  it.each(halves)('a %s under NULL is unregistered, and can be registered again', (_, first, second, side) => {
    const calls = new Calls('linux-4.4');
    calls.register(first, null);
    const gone = calls.unregister(first);
    expect([gone.ret, gone[side], gone.module_refs]).toEqual([null, {}, 0]);
    expect(calls.register(second, null).ret).toBe(0);
  });

  it.each([
    ['producer', 'c0', 'p0'],
    ['consumer', 'p0', 'c0'],
  ])('a pair under NULL is connected when the %s comes second, and disconnected when it goes', (_, first, second) => {
    const calls = new Calls('linux-4.4');
    expect(traceOf(calls.register(first, null))).toBe('');
    const connected = calls.register(second, null);
    expect([connected.ret, traceOf(connected), connected.bindings]).toEqual([0, CONNECT, { p0: 'c0' }]);
    const gone = calls.unregister(second);
    expect([traceOf(gone), gone.bindings]).toEqual([DISCONNECT, {}]);
    const last = calls.unregister(first);
    expect([last.callbacks, last.producers, last.consumers, last.module_refs]).toEqual([[], {}, {}, 0]);
  });

  it('NULL is not another key: what is registered under an eventfd is not touched', () => {
    const calls = new Calls('linux-4.4');
    calls.register('p0', null);
    expect(traceOf(calls.register('c0', 'e1'))).toBe('');
    expect(calls.unregister('p0').consumers).toEqual({ e1: 'c0' });
  });

  it.each(halves)('a %s that was never registered matches nothing: a no-op', (_, first, _second, side) => {
    const gone = new Calls('linux-4.4').unregister(first);
    expect([gone.ret, gone.callbacks, gone[side], gone.corruption, gone.module_refs]).toEqual([null, [], {}, false, 0]);
  });

  it.each(halves)('a zeroed %s matches the one that is registered under NULL: corruption', (_, first, second) => {
    const calls = new Calls('linux-4.4');
    calls.register(first, null);
    expect(calls.unregister(second).corruption).toBe(true);
  });

  it('a consumer still needs both of its mandatory callbacks', () => {
    const calls = new Calls('linux-4.4', 'raw', { c0: ['add_producer'], c1: ['del_producer'] });
    expect([calls.register('c0', null).ret, calls.register('c1', 'e1').ret]).toEqual([-22, -22]);
  });
});

describe('linux-4.7: NULL is refused', () => {
  it.each(halves)('a %s under NULL gets -EINVAL and is not entered', (_, first, _second, side) => {
    const refused = new Calls('linux-4.7').register(first, null);
    expect([refused.ret, refused.warn, refused[side], refused.module_refs]).toEqual([-22, false, {}, 0]);
  });

  it.each(halves)('unregister of a zeroed %s returns at once, whatever is registered', (_, first, second, side) => {
    const calls = new Calls('linux-4.7');
    calls.register(first, 'e1');
    const nothing = calls.unregister(second);
    expect([nothing.callbacks, nothing[side], nothing.corruption]).toEqual([[], { e1: first }, false]);
  });
});

describe.each(['linux-4.4', 'linux-4.7'])('%s: consumers are matched by token', (revision) => {
  /** What the same calls do on this revision and on the one that matches by pointer. */
  const both = (run: (calls: Calls) => unknown): unknown[] => [revision, 'base'].map((id) => run(new Calls(id)));

  it('the loser of a key tears the winner down, since its token is the same', () => {
    const loser = (calls: Calls): unknown => {
      calls.register('p0', 'e1');
      calls.register('c0', 'e1');
      expect(calls.register('c1', 'e1').ret).toBe(-16);
      const gone = calls.unregister('c1');
      return [traceOf(gone), gone.corruption];
    };
    expect(both(loser)).toEqual([
      [DISCONNECT, true],
      ['', false],
    ]);
  });

  it('a struct that is in the list gets -EBUSY under whatever token: the walk meets the struct itself', () => {
    const twice = (calls: Calls): unknown => {
      calls.register('c0', 'e1');
      const again = calls.register('c0', 'e2');
      return [again.ret, again.corruption];
    };
    expect(both(twice)).toEqual([
      [-16, false],
      [-16, false],
    ]);
  });

  it('a caller that clears the token of the loser does no harm', () => {
    const calls = new Calls(revision, 'clean');
    calls.register('p0', 'e1');
    calls.register('c0', 'e1');
    expect(calls.register('c1', 'e1').ret).toBe(-16);
    const nothing = calls.unregister('c1');
    expect([nothing.callbacks, nothing.bindings, nothing.corruption]).toEqual([[], { p0: 'c0' }, false]);
  });

  it('producers are, too, as in the state before the series', () => {
    const loser = (calls: Calls): unknown => {
      calls.register('p0', 'e1');
      expect(calls.register('p1', 'e1').ret).toBe(-16);
      return calls.unregister('p1').corruption;
    };
    expect(both(loser)).toEqual([true, true]);
  });

  it('connects and rolls back as the state before the series does', () => {
    const calls = new Calls(revision);
    calls.register('c0', 'e1');
    expect(traceOf(calls.register('p0', 'e1', { prod_add: -5 }))).toBe('Pstop Cstop PaddC! Cstart Pstart');
    expect(traceOf(calls.register('p0', 'e1', { cons_add: -5 }))).toBe('Pstop Cstop PaddC CaddP! PdelC Cstart Pstart');
    expect(traceOf(calls.register('p0', 'e1'))).toBe(CONNECT);
  });
});

describe('linux-5.9: another __connect()', () => {
  const pairs = [
    ['producer', 'c0', 'p0'],
    ['consumer', 'p0', 'c0'],
  ] as const;

  it.each(pairs)('a successful connect runs on into del_consumer, and returns 0 (%s second)', (_, first, second) => {
    const calls = new Calls('linux-5.9');
    calls.register(first, 'e1');
    const connected = calls.register(second, 'e1');
    expect([connected.ret, traceOf(connected)]).toEqual([0, `${CONNECT} PdelC`]);
    // The pair is connected all the same.
    expect([connected.producers, connected.consumers, connected.bindings]).toEqual([
      { e1: 'p0' },
      { e1: 'c0' },
      { p0: 'c0' },
    ]);
  });

  it.each(pairs)('a later disconnect runs del_consumer a second time (%s goes)', (_, first, second) => {
    const calls = new Calls('linux-5.9');
    calls.register(first, 'e1');
    calls.register(second, 'e1');
    const gone = calls.unregister(second);
    expect([traceOf(gone), gone.bindings]).toEqual([DISCONNECT, {}]);
  });

  it.each(pairs)('where add_consumer fails nothing is started (%s second)', (_, first, second) => {
    const calls = new Calls('linux-5.9');
    calls.register(first, 'e1');
    const failed = calls.register(second, 'e1', { prod_add: -5 });
    expect([failed.ret, traceOf(failed), failed.bindings]).toEqual([-5, 'Pstop Cstop PaddC!', {}]);
    expect(second === 'p0' ? failed.producers : failed.consumers).toEqual({});
  });

  it.each(pairs)(
    'where add_producer fails del_consumer runs, and nothing is started (%s second)',
    (_, first, second) => {
      const calls = new Calls('linux-5.9');
      calls.register(first, 'e1');
      const failed = calls.register(second, 'e1', { cons_add: -5 });
      expect([failed.ret, traceOf(failed), failed.bindings]).toEqual([-5, 'Pstop Cstop PaddC CaddP! PdelC', {}]);
      expect(second === 'p0' ? failed.producers : failed.consumers).toEqual({});
    },
  );

  it('a producer without callbacks, as all in the tree are, does not show it', () => {
    const passive = { p0: ['add_consumer', 'del_consumer', 'stop', 'start'] } as const;
    const [there, base] = ['linux-5.9', 'base'].map((revision) => {
      const calls = new Calls(revision, 'raw', { p0: [...passive.p0] });
      calls.register('p0', 'e1');
      return [calls.register('c0', 'e1'), calls.unregister('c0')];
    });
    expect(there).toEqual(base);
    expect(traceOf(there?.[0] ?? {})).toBe('Cstop CaddP Cstart');
  });

  it('breaks i-adddel on a plain pairing, which holds before and after', async () => {
    expect(await violated('pairing', 'linux-5.9')).toContain('i-adddel');
    for (const revision of ['linux-4.7', 'base']) expect(await violated('pairing', revision)).toEqual([]);
  });
});
