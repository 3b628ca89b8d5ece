// SRCU: a writer waits for read sections that began before, and for no later ones.
import { describe, expect, it } from 'vitest';
import { does, expectLiveRunsToAgree, places, searched, seen } from './litmus.ts';

const srcu0 = { name: 'srcu0', machine: 'srcu' };
const m0 = { name: 'm0', machine: 'mutex' };
const reader = [does('srcu_read_lock', 'srcu0'), does('srcu_read_unlock', 'srcu0')];
const writer = [does('synchronize_srcu', 'srcu0')];

describe('synchronize_srcu()', () => {
  it('waits for a section that began before it', () => {
    // t1 waits for t0, which began first: t1 is through only when t0 is.
    const script = { actors: [srcu0], threads: { t0: reader, t1: writer }, after: {} };
    const { anywhere } = seen(script, (state) => {
      const { writers } = state.context<{ writers: { readers: string[] }[] }>('srcu0');
      return `${places('t0', 't1')(state)} ${writers.flatMap((one) => one.readers).join()}`;
    });
    expect(anywhere).toContain('1 0. t0');
    // Through while t0 reads: only where t0 began later, when nobody was waited for.
    expect(anywhere).toContain('1 1 ');
    expect(anywhere.filter((state) => state.startsWith('2 0. t0'))).toEqual([]);
  });

  it('does not wait for a section that begins later, though others of that thread came before', async () => {
    const script = { actors: [srcu0], threads: { t0: [...reader, ...reader], t1: writer } };
    const { anywhere } = seen(script, (state) => {
      const { writers } = state.context<{ writers: { readers: string[] }[] }>('srcu0');
      return `${places('t0', 't1')(state)} ${writers.flatMap((one) => one.readers).join()}`;
    });
    // In its second section while the writer waits for nobody, or waits for that one, where it asked in it.
    expect(anywhere).toEqual(expect.arrayContaining(['3 0. ', '3 0. t0', '3 1 ']));
    expect((await searched(script)).violated).toEqual({});
  });

  it('waits for all that it found, each on its own', async () => {
    const found = await searched({ actors: [srcu0], threads: { t0: reader, t1: reader, t2: writer, t3: writer } });
    expect(found.violated).toEqual({});
    const { anywhere } = seen({ actors: [srcu0], threads: { t0: reader, t1: reader, t2: writer } }, (state) =>
      state
        .context<{ writers: { readers: string[] }[] }>('srcu0')
        .writers.map((one) => one.readers.join(' and '))
        .join(),
    );
    expect(anywhere).toEqual(['', 't0', 't0 and t1', 't1', 't1 and t0']);
  });

  it('ends a nested section with the outermost one', () => {
    const nested = [does('srcu_read_lock', 'srcu0'), ...reader, does('srcu_read_unlock', 'srcu0')];
    const script = { actors: [srcu0], threads: { t0: nested, t1: writer } };
    const { anywhere } = seen(script, (state) => {
      const { writers } = state.context<{ writers: { readers: string[] }[] }>('srcu0');
      return `${places('t0')(state)} ${writers.map((one) => one.readers.join()).join()}`;
    });
    expect(anywhere).toEqual(expect.arrayContaining(['1 t0', '2 t0', '3 t0']));
    expect(anywhere).not.toContain('4 t0');
  });

  it('in a read section waits for itself for ever; lockdep says so, and i-srcu', async () => {
    const script = { actors: [srcu0], threads: { t0: [does('srcu_read_lock', 'srcu0'), ...writer] } };
    const found = await searched(script);
    expect(found.violated).toEqual({ 'i-lockorder': 2, 'i-srcu': 2, 'l-term': 2 });
    expect(found.messages['i-srcu']).toBe('t0 waits for readers of srcu0, and holds srcu0');
  });

  it('sleeps', async () => {
    const script = {
      actors: [srcu0, { name: 's0', machine: 'spinlock' }],
      threads: { t0: [does('spin_lock', 's0'), ...writer, does('spin_unlock', 's0')] },
    };
    expect((await searched(script)).messages['i-ctx']).toBe(
      'synchronize_srcu: may sleep, is called with preemption off',
    );
  });
});

describe('read sections', () => {
  it('under a mutex, and a mutex in read sections: no cycle, since readers wait for nobody', async () => {
    const script = {
      actors: [srcu0, m0],
      threads: {
        t0: [does('mutex_lock', 'm0'), ...reader, does('mutex_unlock', 'm0')],
        t1: [
          does('srcu_read_lock', 'srcu0'),
          does('mutex_lock', 'm0'),
          does('mutex_unlock', 'm0'),
          does('srcu_read_unlock', 'srcu0'),
        ],
      },
    };
    expect(await searched(script)).toMatchObject({ violated: {}, vacuous: ['i-ctx', 'i-srcu'] });
  });

  it('with a writer under that mutex: a cycle, and a deadlock', async () => {
    const script = {
      actors: [srcu0, m0],
      threads: {
        t0: [does('mutex_lock', 'm0'), ...writer, does('mutex_unlock', 'm0')],
        t1: [
          does('srcu_read_lock', 'srcu0'),
          does('mutex_lock', 'm0'),
          does('mutex_unlock', 'm0'),
          does('srcu_read_unlock', 'srcu0'),
        ],
      },
    };
    const found = await searched(script);
    expect(Object.keys(found.violated).toSorted()).toEqual(['i-lockorder', 'l-term']);
    expect(found.messages['i-lockorder']).toBe(
      'a cycle of lock classes: m0 -> srcu0 -> m0; t0 wants srcu0 while it holds m0; t1 wants m0 while it holds srcu0',
    );
  });

  it('that are ended by somebody who does not read', async () => {
    const script = { actors: [srcu0], threads: { t0: [does('srcu_read_unlock', 'srcu0')] } };
    expect((await searched(script)).messages['i-nowarn']).toBe('WARN in srcu_read_unlock: the caller does not hold it');
  });

  it('live as the search has it', () => {
    expectLiveRunsToAgree({
      actors: [srcu0],
      threads: { t0: [...reader, ...reader], t1: reader, t2: [...writer, ...writer] },
    });
  });
});
