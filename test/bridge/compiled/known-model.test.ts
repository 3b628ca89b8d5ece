// What is known is not asked of the machines again: the answers are those that they would have given.
import { describe, expect, it } from 'vitest';
import { CallModel } from '../../../src/bridge/call-model.ts';
import { KnownModel } from '../../../src/bridge/compiled/known-model.ts';
import type { Part } from '../../../src/bridge/compiled/parts.ts';
import { setups } from '../../../src/bridge/compiled/parts.ts';
import { plainCalls, withFaults } from '../../../src/bridge/manager-calls.ts';
import { revisions } from '../../../src/registry/revisions.ts';
import { isLong, sample } from '../../sample.ts';

const SIGHTS = { peers: true, sets: true };
const STATES_MAX = isLong ? 500 : 40;

const parts: readonly Part[] = [
  { title: 'clean', scope: { producers: 2, consumers: 1, eventfds: 1 }, callers: 'clean' },
  { title: 'raw', scope: { producers: 1, consumers: 2, eventfds: 1 }, callers: 'raw' },
  {
    title: 'irqs and missing callbacks',
    scope: { producers: 1, consumers: 1, eventfds: 1 },
    callers: 'raw',
    hasIrqs: true,
    ...(setups[2] === undefined ? {} : { lacks: setups[2] }),
  },
];

describe.each(sample(revisions, 3))('of $id', ({ policy }) => {
  it.each(parts)('$title: every call in every state', async (part) => {
    const { scope, callers, lacks, hasIrqs } = part;
    const model = new CallModel(policy, scope, callers, lacks, hasIrqs, SIGHTS);
    const known = new KnownModel(policy, model);
    const plain = plainCalls(scope);
    const states = new Map([[model.textOf(model.initial), model.initial]]);
    for (const state of states.values()) {
      const ones = await known.performAll(state, plain);
      for (const { state: next, observed } of ones)
        if (!observed.corruption && states.size < STATES_MAX) states.set(model.textOf(next), next);
      const compound = plain.flatMap((call) => [...withFaults(call), ...plain.map((race) => ({ ...call, race }))]);
      const others = await known.performAll(state, compound);
      for (const [i, call] of [...plain, ...compound].entries()) {
        const got = [...ones, ...others][i];
        const wanted = model.perform(state, call);
        expect([call, got?.observed]).toEqual([call, wanted.observed]);
        // Where the kernel has stopped nobody goes on.
        if (!wanted.observed.corruption) expect(known.textOf(got?.state ?? state)).toBe(model.textOf(wanted.state));
      }
    }
    expect(states.size).toBeGreaterThan(5);
  });
});
