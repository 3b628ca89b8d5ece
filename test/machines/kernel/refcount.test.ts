// The reference count: to zero exactly once, and not from there.
import { describe, expect, it } from 'vitest';
import { go } from '../../../src/scenarios/calls.ts';
import { does, expectLiveRunsToAgree, places, searched, seen, shownByRuns } from './litmus.ts';

const counts = (count: number) => ({ name: 'r0', machine: 'refcount', constants: { count } });
const puts = [go(does('refcount_dec_and_test', 'r0'), { ok: 1, error: 9 }), does('refcount_dec_and_test', 'r0')].slice(
  0,
  1,
);

describe('a reference count', () => {
  it('drops to zero exactly once, in whichever thread is last', async () => {
    const script = { actors: [counts(3)], threads: { t0: puts, t1: puts, t2: puts } };
    expect(seen(script, places('t0', 't1', 't2')).atEnd).toEqual(['1 9 9', '9 1 9', '9 9 1']);
    const last = shownByRuns(script, (shown) => (shown.kind === 'last reference' ? 'last' : null));
    expect(last).toEqual(['last']);
    const found = await searched(script);
    // Threads that have put theirs; of all three any may have been the last.
    expect([found.violated, found.states]).toEqual([{}, 7 + 3]);
  });

  it('is not had by refcount_inc_not_zero() once it is zero', async () => {
    const gets = [go(does('refcount_inc_not_zero', 'r0'), { ok: 1, error: 9 }), does('refcount_dec_and_test', 'r0')];
    const script = { actors: [counts(1)], threads: { t0: puts, t1: gets } };
    const { atEnd } = seen(script, (state) => `${places('t1')(state)} ${String(state.context('r0')['count'])}`);
    expect(atEnd).toEqual(['2 0', '9 0']);
    expect((await searched(script)).violated).toEqual({});
    expect(shownByRuns(script, (shown) => (shown.kind === 'last reference' ? 'last' : null))).toEqual(['last']);
  });

  it('warns of an addition on zero and of an underflow, and stays saturated', async () => {
    const adds = await searched({ actors: [counts(0)], threads: { t0: [does('refcount_inc', 'r0')] } });
    expect(adds.messages['i-nowarn']).toBe('WARN in refcount_inc: addition on 0: use after free');
    const under = { actors: [counts(1)], threads: { t0: [...puts, does('refcount_dec_and_test', 'r0')] } };
    expect((await searched({ ...under, threads: { t0: puts, t1: puts } })).messages['i-nowarn']).toBe(
      'WARN in refcount_dec_and_test: underflow: use after free',
    );
    const after = [does('refcount_inc', 'r0'), does('refcount_inc', 'r0'), does('refcount_dec_and_test', 'r0')];
    const { atEnd } = seen({ actors: [counts(0)], threads: { t0: after } }, (state) => String(state.value('r0')));
    expect(atEnd).toEqual(['saturated']);
  });

  it('is set anew', () => {
    const sets = [does('refcount_set', 'r0', { value: 2 }), does('refcount_inc', 'r0')];
    expect(
      seen({ actors: [counts(0)], threads: { t0: sets } }, (state) => String(state.context('r0')['count'])).atEnd,
    ).toEqual(['3']);
  });

  it('lives as the search has it', () => {
    expectLiveRunsToAgree({ actors: [counts(1)], threads: { t0: puts, t1: [does('refcount_inc', 'r0'), ...puts] } });
  });
});
