// Every built-in scenario on every revision: verdict, states, transitions, depth and violated properties, exactly.
import { describe, expect, it } from 'vitest';
import { entryOf, rowsOf } from '../../scripts/manifest-rows.ts';
import { revisions } from '../../src/registry/revisions.ts';
import { scenarios } from '../../src/scenarios/builtin.ts';
import { manifest } from '../../src/scenarios/manifest.ts';
import { isQuick, sample, SMALL } from '../sample.ts';

const series = revisions.map(({ id }) => id).filter((id) => id === 'base' || /^v\d/.test(id));
const from = (first: string): string[] => {
  const [patch] = first.match(/\d$/) ?? ['0'];
  return series.filter((id) => id !== 'base' && Number(id.slice(-1)) >= Number(patch));
};

describe('manifest.json', () => {
  it('has every scenario and every revision, and nothing else', () => {
    expect(Object.keys(manifest)).toEqual(scenarios.map(({ id }) => id));
    for (const scenario of scenarios)
      expect(Object.keys(manifest[scenario.id] ?? {})).toEqual(rowsOf(scenario).map(({ key }) => key));
  });

  // Every scenario on each 14th row in npm test, in turn. Mutants are judged by the small worlds of today's kernel.
  for (const [turn, scenario] of scenarios.entries()) {
    const all = Object.entries(manifest[scenario.id] ?? {});
    const some = isQuick
      ? all.filter(([key, { states }]) => key.endsWith('v2p8') && states <= SMALL)
      : sample(all, 14, turn);
    for (const [key, entry] of some) {
      it(`${scenario.id} on ${key}`, async () => {
        const row = rowsOf(scenario).find((one) => one.key === key);
        if (row === undefined) throw new Error(`no row ${key}`);
        expect(await entryOf(scenario, row)).toEqual(entry);
      });
    }
  }
});

describe('violated where, and only where, the real code goes wrong', () => {
  const violates = (scenario: string, revision: string, property: string): boolean =>
    manifest[scenario]?.[revision]?.violated.some((text) => text.startsWith(`${property}@`)) ?? false;
  const violatedOn = (scenario: string): string[] =>
    series.filter((id) => manifest[scenario]?.[id]?.verdict === 'violated');

  it('null-key leaks from the third patch on', () => {
    expect(violatedOn('null-key')).toEqual(from('p3'));
    for (const id of from('p3')) expect(violates('null-key', id, 'i-leak')).toBe(true);
  });

  it('double-unregister-race: corruption, then a WARN, then an evicted newcomer', () => {
    expect(violatedOn('double-unregister-race')).toEqual(from('p5'));
    for (const id of ['v1p5', 'v1p6', 'v2p5', 'v2p6'])
      expect(violates('double-unregister-race', id, 'i-nocorrupt')).toBe(true);
    for (const id of ['v1p7', 'v2p7', 'v2p8']) expect(violates('double-unregister-race', id, 'i-nowarn')).toBe(true);
    const evicting = series.filter((id) => violates('double-unregister-race', id, 'i-owner'));
    expect(evicting).toEqual(['v2p7', 'v2p8']);
  });

  it('double-register-race: corruption on lists, two keys on xarrays', () => {
    expect(violatedOn('double-register-race')).toEqual(from('p3'));
    for (const id of from('p3')) {
      const property = Number(id.slice(-1)) <= 6 ? 'i-nocorrupt' : 'i-keysync';
      expect(violates('double-register-race', id, property)).toBe(true);
    }
  });

  it('loser-unregisters tears the winner down until the manager owns the key', () => {
    expect(violatedOn('loser-unregisters')).toEqual(['base', 'v1p1', 'v1p2', 'v2p1', 'v2p2']);
    for (const id of violatedOn('loser-unregisters')) {
      expect(violates('loser-unregisters', id, 'i-owner')).toBe(true);
      expect(violates('loser-unregisters', id, 'i-nocorrupt')).toBe(true);
    }
  });

  it('the rejected attempts fail where the reviewers said', () => {
    expect(violates('allocation-failure', 'likexu-v1', 'i-notrace')).toBe(true);
    expect(violates('connect-failure', 'likexu-v2', 'i-notrace')).toBe(true);
    expect(violates('pairing', 'longpeng-hlist', 'i-complete')).toBe(true);
  });

  it('the years before the series: what 4.4 and 4.7 hold and break is what the state before the series does', () => {
    for (const { id } of scenarios) {
      const outcome = (revision: string): unknown => manifest[id]?.[revision]?.violated;
      for (const revision of ['linux-4.4', 'linux-4.7'])
        expect({ id, revision, violated: outcome(revision) }).toEqual({ id, revision, violated: outcome('base') });
    }
  });

  it('5.9 runs del_consumer after every connect of a producer that has one, and starts nothing after a failure', () => {
    for (const scenario of ['pairing', 'connect-failure', 're-pairing', 'manager'])
      expect(violates(scenario, 'linux-5.9', 'i-adddel')).toBe(true);
    // Where add_producer or add_consumer may fail.
    for (const scenario of ['connect-failure', 'optional-callbacks', 'manager'])
      expect(violates(scenario, 'linux-5.9', 'i-balance')).toBe(true);
    expect(violates('pairing', 'linux-5.9', 'i-balance')).toBe(false);
    // Nothing is connected, or the producer is VFIO's, which has no callbacks.
    for (const scenario of ['unpaired', 'null-key', 'assign'])
      expect(manifest[scenario]?.['linux-5.9']?.verdict).toBe('holds');
  });

  it('what well-behaved callers do holds on every patch of the series', () => {
    for (const scenario of [
      'pairing',
      'unpaired',
      'connect-failure',
      'allocation-failure',
      'optional-callbacks',
      'duplicate-producer',
      'duplicate-consumer',
      'double-unregister',
      're-pairing',
      'manager',
      'assign',
    ]) {
      expect({ scenario, violated: violatedOn(scenario) }).toEqual({ scenario, violated: [] });
    }
  });
});
