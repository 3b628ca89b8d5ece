// The mutex: exclusion, no order among waiters, owners, what lockdep sees.
import { describe, expect, it } from 'vitest';
import { explore } from '../../../src/engine/explorer/search/explore.ts';
import { go } from '../../../src/scenarios/calls.ts';
import { assembled, does, expectLiveRunsToAgree, places, searched, seen, shownByRuns } from './litmus.ts';

const m0 = { name: 'm0', machine: 'mutex' };
const m1 = { name: 'm1', machine: 'mutex' };
const section = [does('mutex_lock', 'm0'), does('mutex_unlock', 'm0')];

describe('a mutex', () => {
  it('is held by one thread at a time, whoever of two comes first', async () => {
    const script = { actors: [m0], threads: { t0: section, t1: section } };
    const { anywhere, atEnd } = seen(script, places('t0', 't1'));
    // In the section is: past the lock, before the unlock has returned.
    expect(anywhere.filter((place) => /^1\.? 1/.test(place))).toEqual([]);
    expect(anywhere).toEqual(expect.arrayContaining(['1 0.', '0. 1', '2 0.', '0. 2']));
    expect(atEnd).toEqual(['2 2']);
    const found = await searched(script);
    expect(found.violated).toEqual({});
    // Each thread is before, waiting, inside or through; not both are inside.
    expect(found.states).toBe(4 * 4 - 1);
  });

  it('promises waiters no order: the second to come may be the next', () => {
    const script = { actors: [m0], threads: { t0: section, t1: section, t2: section } };
    const taken = shownByRuns(script, (shown) =>
      shown.kind === 'return' && (shown as { op?: string }).op === 'mutex_lock'
        ? ((shown as { caller?: string }).caller ?? '')
        : null,
    );
    expect(taken).toHaveLength(6);
    // t1 and t2 both wait while t0 holds it; either is next.
    const { anywhere } = seen(script, places('t0', 't1', 't2'));
    expect(anywhere).toEqual(expect.arrayContaining(['1 0. 0.', '2 1 0.', '2 0. 1']));
  });

  it('is not taken by trylock where it is locked', () => {
    const script = {
      actors: [m0],
      threads: { t0: section, t1: [go(does('mutex_trylock', 'm0'), { ok: 1, error: 9 }), does('mutex_unlock', 'm0')] },
    };
    expect(seen(script, places('t1')).atEnd).toEqual(['2', '9']);
    expect(seen(script, places('t0', 't1')).anywhere.filter((place) => place.startsWith('1 1'))).toEqual([]);
  });

  it('warns where somebody gives it back who does not have it, and stays as it is', async () => {
    const script = { actors: [m0], threads: { t0: [does('mutex_lock', 'm0')], t1: [does('mutex_unlock', 'm0')] } };
    expect((await searched(script)).messages['i-nowarn']).toBe('WARN in mutex_unlock: the caller does not hold it');
    expect(seen(script, (state) => String(state.context('m0')['owner'])).atEnd).toEqual(['t0']);
  });

  it('that is taken twice by one thread hangs, and lockdep says so, too', async () => {
    const found = await searched({ actors: [m0], threads: { t0: [does('mutex_lock', 'm0'), ...section] } });
    expect(found.violated).toEqual({ 'i-lockorder': 3, 'l-term': 3 });
    expect(found.messages['i-lockorder']).toBe('a cycle of lock classes: m0 -> m0; t0 wants m0 while it holds m0');
  });

  it('may not be taken under a spinlock', async () => {
    const script = {
      actors: [m0, { name: 's0', machine: 'spinlock' }],
      threads: { t0: [does('spin_lock', 's0'), ...section, does('spin_unlock', 's0')] },
    };
    const found = await searched(script);
    expect(found.messages).toEqual({ 'i-ctx': 'mutex_lock: may sleep, is called with preemption off' });
  });

  it('serves threads that are alike alike: with symmetry, states of how many are where', async () => {
    const threads = { t0: section, t1: section, t2: section };
    const script = { actors: [m0], threads, interchangeable: [[['t0'], ['t1'], ['t2']]] };
    expect((await searched(script)).violated).toEqual({});
    const { world, properties } = assembled(script);
    const found = await explore(world, { properties, symmetry: true });
    // Three threads in four places, at most one inside: 10 without anybody inside, 6 with one.
    expect(found).toMatchObject({ symmetry: true, representative: 'exact', states: 10 + 6 });
  });

  it('lives as the search has it', () => {
    expectLiveRunsToAgree({
      actors: [m0, m1],
      threads: { t0: [...section, does('mutex_trylock', 'm1')], t1: [does('mutex_lock', 'm1'), ...section] },
    });
  });
});
