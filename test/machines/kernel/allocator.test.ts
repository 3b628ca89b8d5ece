// The allocator: a freed address comes again, so that an old pointer may be a new one's; and how kmalloc() fails.
import { describe, expect, it } from 'vitest';
import { call, set, show } from '../../../src/engine/actors/effects.ts';
import { handlers } from '../../../src/engine/actors/handlers.ts';
import { machine } from '../../../src/engine/actors/machine.ts';
import type { Name } from '../../../src/engine/actors/name.ts';
import { returnTo } from '../../../src/machines/kernel/call.ts';
import { go } from '../../../src/scenarios/calls.ts';
import type { ScenarioActor } from '../../../src/scenarios/define.ts';
import { does, expectLiveRunsToAgree, places, searched, seen, shownByRuns } from './litmus.ts';

const slab = (addresses: number, more: Partial<ScenarioActor> = {}): ScenarioActor => ({
  name: 'slab0',
  machine: 'allocator',
  wiring: Object.fromEntries(Array.from({ length: addresses }, (_, i) => [`address${i}`, `x${i}`])),
  ...more,
});
const allocates = does('kmalloc', 'slab0');
const frees = does('kfree', 'slab0');
const got = (shown: { readonly kind: string }): string | null => {
  const { kind, op, value } = shown as { readonly kind: string; readonly op?: string; readonly value?: unknown };
  return kind === 'return' && op === 'kmalloc' ? String(value) : null;
};

describe('an allocator', () => {
  it('hands out what was freed last', () => {
    const t0 = [
      allocates,
      allocates,
      does('kfree', 'slab0', { address: 'x0' }),
      does('kfree', 'slab0', { address: 'x1' }),
      allocates,
      allocates,
    ];
    expect(shownByRuns({ actors: [slab(3)], threads: { t0 } }, got)).toEqual(['x0 x1 x1 x0']);
  });

  it('that gives nothing out again has none left in the end', () => {
    const t0 = [allocates, frees, allocates, frees, allocates];
    const quarantine = slab(2, { constants: { reuses: false } });
    expect(shownByRuns({ actors: [quarantine], threads: { t0 } }, got)).toEqual(['x0 x1 -12']);
  });

  it('gives a thread back what it got itself', () => {
    const t = [allocates, frees];
    const script = { actors: [slab(2)], threads: { t0: t, t1: t } };
    const { atEnd } = seen(script, (state) => JSON.stringify(state.context('slab0')['objects']));
    expect(atEnd).toEqual(['[]']);
  });

  it('answers -ENOMEM where none is free, or where the environment has it so', async () => {
    const t0 = [go(allocates, { ok: 1, error: 9 })];
    expect(seen({ actors: [slab(0)], threads: { t0 } }, places('t0')).atEnd).toEqual(['9']);
    const fails = { actors: [slab(1, { failures: [-12] })], threads: { t0 } };
    expect(seen(fails, places('t0')).atEnd).toEqual(['1', '9']);
    expect((await searched(fails)).violated).toEqual({});
  });

  it('sees a double free, and a use of what is free', async () => {
    const twice = await searched({ actors: [slab(1)], threads: { t0: [allocates, frees, frees] } });
    expect(twice.messages['i-nocorrupt']).toBe('kfree(slab0): double free, or of what was never allocated');
    const used = await searched({
      actors: [slab(1)],
      threads: { t0: [allocates, frees, does('access', 'slab0', { address: 'x0' })] },
    });
    expect(used.messages['i-nocorrupt']).toBe('use after free: access of x0');
  });

  it('sleeps with GFP_KERNEL, not with GFP_ATOMIC', async () => {
    const s0 = { name: 's0', machine: 'spinlock' };
    const under = (atomic: boolean) => ({
      actors: [slab(1), s0],
      threads: { t0: [does('spin_lock', 's0'), does('kmalloc', 'slab0', { atomic }), does('spin_unlock', 's0')] },
    });
    expect((await searched(under(false))).messages).toEqual({
      'i-ctx': 'kmalloc(GFP_KERNEL): may sleep, is called with preemption off',
    });
    expect((await searched(under(true))).violated).toEqual({});
  });

  it('lives as the search has it', () => {
    expectLiveRunsToAgree({
      actors: [slab(2)],
      threads: { t0: [allocates, frees, allocates], t1: [allocates, frees] },
    });
  });
});

// A stack without a lock: pop() reads the top and what is below, then compares and swaps. Between the two steps others may
// pop the top, pop what is below it, and push the top again: the comparison succeeds, and the stack has what was freed.
type Node = { readonly address: Name; readonly below: Name | null };
type StackContext = {
  readonly self: Name;
  readonly slab: Name;
  readonly nodes: readonly Node[];
  readonly top: Name | null;
  readonly pops: readonly { readonly task: Name; readonly top: Name; readonly below: Name | null }[];
  readonly caller: Name | null;
};
type StackMessage =
  | { readonly type: 'push' | 'look'; readonly caller: Name }
  | { readonly type: 'swap'; readonly caller: Name; readonly keeps?: boolean }
  | { readonly type: 'return'; readonly value: Name | number | null };
const { on } = handlers<StackContext, StackMessage>();

const stack = machine<StackContext, StackMessage>({
  id: 'stack',
  title: 'A stack without a lock',
  wiring: { slab: 'allocator' },
  sends: ['kmalloc', 'kfree', 'return'],
  operations: {
    push: { how: 'call' },
    look: { how: 'call' },
    swap: { arguments: ['keeps?'], how: 'call' },
  },
  context: ({ self, wiring }) => ({ self, slab: wiring['slab'] as Name, nodes: [], top: null, pops: [], caller: null }),
  handlers: {
    push: on('push', ({ context, event }) => [
      set({ caller: event.caller }),
      call(context.slab, { type: 'kmalloc', caller: context.self, task: event.caller }),
    ]),
    pushed: on('return', ({ context, event: { value } }) => [
      set({
        nodes: [...context.nodes, { address: value as Name, below: context.top }],
        top: value as Name,
        caller: null,
      }),
      returnTo(context.caller as Name, null),
    ]),
    look: on('look', ({ context: { nodes, top, pops }, event: { caller } }) => [
      ...(top === null
        ? []
        : [
            set<StackContext>({
              pops: [...pops, { task: caller, top, below: nodes.find((node) => node.address === top)?.below ?? null }],
            }),
          ]),
      returnTo(caller, 0),
    ]),
    swap: on('swap', ({ context: { slab: from, nodes, top, pops }, event: { caller, keeps } }) => {
      const pop = pops.find(({ task }) => task === caller);
      const rest = pops.filter((one) => one !== pop);
      if (pop === undefined || pop.top !== top) return [set<StackContext>({ pops: rest }), returnTo(caller, -11)];
      const left = nodes.filter((node) => node.address !== pop.top);
      const isThere = pop.below === null || left.some((node) => node.address === pop.below);
      return [
        set<StackContext>({ pops: rest, nodes: left, top: pop.below }),
        ...(isThere
          ? []
          : [
              show({
                kind: 'corruption',
                in: 'pop',
                object: pop.below,
                what: 'it is on the stack no more',
              } as never),
            ]),
        ...(keeps === true ? [] : [call(from, { type: 'kfree', address: pop.top, task: caller })]),
        returnTo(caller, 0),
      ];
    }),
  },
  chart: {
    on: {
      push: { actions: 'push' },
      return: { actions: 'pushed' },
      look: { actions: 'look' },
      swap: { actions: 'swap' },
    },
  },
});

describe('a stack without a lock over an allocator', () => {
  const pop = [does('look', 'k0'), does('swap', 'k0')];
  const script = (reuses: boolean) => ({
    actors: [slab(4, { constants: { reuses } }), { name: 'k0', machine: stack, wiring: { slab: 'slab0' } }],
    threads: {
      t0: [does('push', 'k0'), does('push', 'k0')],
      t1: pop,
      // It keeps the second one, and the first one's memory is the next that it gets.
      t2: [...pop, does('look', 'k0'), does('swap', 'k0', { keeps: true }), does('push', 'k0')],
    },
    after: { t1: ['t0'], t2: ['t0'] },
  });

  it('takes a new object for the old one at the same address (ABA)', async () => {
    const found = await searched(script(true), ['i-nocorrupt']);
    expect(found.messages).toEqual({ 'i-nocorrupt': 'pop(x0): it is on the stack no more' });
  });

  it('does not where no address comes again', async () => {
    expect((await searched(script(false), ['i-nocorrupt'])).violated).toEqual({});
  });
});
