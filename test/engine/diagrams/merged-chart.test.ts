// Merged charts: marks where the bug is, for every mutation of a machine, and none where nothing differs.
import { describe, expect, it } from 'vitest';
import type { Chart, ChartState, Mark } from '../../../src/engine/diagrams/chart.ts';
import { chartOf, statesIn } from '../../../src/engine/diagrams/chart.ts';
import { chartDifference } from '../../../src/engine/diagrams/chart-difference.ts';
import { summaryOf } from '../../../src/engine/diagrams/chart-summary.ts';
import { dotOf } from '../../../src/engine/diagrams/dot.ts';
import { marksIn, mergedChart, withReplaced } from '../../../src/engine/diagrams/merged-chart.ts';
import { mermaidOf } from '../../../src/engine/diagrams/mermaid.ts';
import { plantumlOf } from '../../../src/engine/diagrams/plantuml.ts';
import { mutations } from '../../../src/mutations/mutations.ts';
import { findRevision } from '../../../src/registry/revisions.ts';
import { machinesWith, replacedBy } from '../../../src/scenarios/charts-of-lab.ts';
import { read } from './read-mermaid.ts';

// @vitest-environment jsdom

const policyOf = (revision: string) => {
  const found = findRevision(revision);
  if (found === undefined) throw new Error(`no revision ${revision}`);
  return found.policy;
};

const chart = (id: string, revision: string, mutation: string | null = null): Chart => {
  const machine = machinesWith(policyOf(revision), mutations.find((one) => one.id === mutation) ?? null).get(id);
  if (machine === undefined) throw new Error(`no machine ${id}`);
  return chartOf(machine);
};

/** What is marked, as `+ path` or `+ path: event [guard] -> target`. */
function marked({ root }: Chart): readonly string[] {
  const signs = { added: '+', removed: '-', changed: '~' } as const;
  const line = (mark: Mark | undefined, text: string): string[] =>
    mark === undefined ? [] : [`${signs[mark]} ${text}`];
  return statesIn(root).flatMap(({ path, mark, transitions }) => [
    ...line(mark, path),
    ...transitions.flatMap(({ mark: own, event, guard, target }) =>
      line(own, `${path}: ${event ?? 'always'}${guard === null ? '' : ` [${guard}]`} -> ${target ?? 'itself'}`),
    ),
  ]);
}

/** A merged chart without what one of the two lacks. */
function side({ machine, root }: Chart, lacks: Mark): Chart {
  const strip = (state: ChartState): object => ({
    path: state.path,
    transitions: state.transitions
      .filter(({ mark }) => mark !== lacks)
      .map(({ event, guard, target }) => JSON.stringify([event, guard, target]))
      .toSorted(),
    states: state.states
      .filter(({ mark }) => mark !== lacks)
      .map(strip)
      .toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
  });
  return { machine, root: strip(root) as ChartState };
}

describe('a mutation of a machine', () => {
  const shown = mutations.flatMap(({ id, shown: places }) =>
    [...new Set(places.map(({ revision }) => revision))].map((revision) => [id, revision] as const),
  );

  it.each(shown)(
    '%s on %s: is marked where its drawing differs, and each side of the merged chart is the chart of that side',
    async (id, revision) => {
      const mutation = mutations.find((one) => one.id === id);
      for (const machine of Object.keys(mutation?.patches ?? {})) {
        const [before, after] = [chart(machine, revision), chart(machine, revision, id)];
        const merged = mergedChart(before, after);
        const counts = marksIn(merged);
        expect(counts.added + counts.removed + counts.changed > 0, machine).toBe(
          chartDifference(before, after).length > 0,
        );
        // Whatever is marked, Mermaid reads it.
        if (counts.added + counts.removed + counts.changed > 0)
          expect((await read(mermaidOf(merged))).nodes.length).toBeGreaterThan(0);
        expect(side(merged, 'added')).toEqual(side(before, 'added'));
        expect(side(merged, 'removed')).toEqual(side(after, 'removed'));
      }
    },
  );

  it('shows every bug where it strikes, but for those in what threads call or which actors there are', () => {
    const undrawn = shown.flatMap(([id, revision]) => {
      const mutation = mutations.find((one) => one.id === id);
      const machines = machinesWith(policyOf(revision), null);
      const isDrawn = [...machines].some(([name, machine]) => {
        const replaced = mutation === undefined ? new Set<string>() : replacedBy(mutation, machine);
        const { added, removed, changed } = marksIn(
          withReplaced(mergedChart(chartOf(machine), chart(name, revision, id)), replaced),
        );
        return added + removed + changed > 0;
      });
      return isDrawn ? [] : [id];
    });
    expect([...new Set(undrawn)].toSorted()).toEqual([
      'b22f',
      'b29c',
      'm-free-early',
      'm-lock-left',
      'm-lock-order',
      'm-reentry',
    ]);
  });

  it('marks a handler and a guard that do something else under their names, and nothing else', () => {
    const mutation = mutations.find(({ id }) => id === 'b1');
    const machine = machinesWith(policyOf('v2p8'), null).get('irqfd');
    if (mutation === undefined || machine === undefined) throw new Error('no b1');
    const drawn = withReplaced(chartOf(machine), replacedBy(mutation, machine));
    expect(marked(drawn)).toEqual(['~ bypass.posting: return.callback [hasFailed] -> bypass.idle']);
    expect(mermaidOf(drawn)).toContain('~ return.callback [hasFailed] / addFailed (was another addFailed)');
  });

  it.each([
    ['b10', 'irqfd', ['+ routing.updating: pi_update_irte [hasNoRoute] -> routing.idle']],
    ['b6', 'vdpa-queue', ['- ioctl.locking: return [swapsLive] -> ioctl.unregistering']],
    [
      'b24b',
      'registry',
      [
        '- locked.failed: always -> locked.undoing',
        '+ locked.failed: always -> locked.returning',
        '- locked.undoing',
        '- locked.undoing: always -> locked.returning',
      ],
    ],
    ['m-no-disconnect', 'registry', ['- locked.finding: always [isPaired] -> locked.disconnecting']],
  ])('%s of %s is marked just there', (id, machine, lines) => {
    expect(marked(mergedChart(chart(machine, 'v2p8'), chart(machine, 'v2p8', id)))).toEqual(lines);
  });
});

describe('a merged chart', () => {
  const merged = mergedChart(chart('registry', 'base'), chart('registry', 'v2p8'));

  it('of a chart with itself has no marks', () => {
    const one = chart('irqfd', 'v2p8');
    expect(marksIn(mergedChart(one, one))).toEqual({ added: 0, removed: 0, changed: 0 });
  });

  it('is marked in every text: signs, and colours or classes', async () => {
    expect(dotOf(merged)).toContain('+ undoing');
    expect(dotOf(merged)).toMatch(/- corrupted.*#cf222e/);
    expect(plantumlOf(merged)).toMatch(/state "\+ undoing" as s\d+ #dafbe1;line:1a7f37/);
    expect(plantumlOf(merged)).toMatch(/s\d+ -\[#cf222e,dashed\]-> s\d+ : - \[isCorrupt\]/);
    const mermaid = mermaidOf(merged);
    expect(mermaid).toMatch(/class registry_locked_undoing added/);
    const { nodes } = await read(mermaid);
    expect(nodes.find(({ id }) => id === 'registry_locked_undoing')?.label).toContain('+ undoing');
  });

  it('says what a changed transition was', () => {
    const ways = statesIn(merged.root).flatMap(({ transitions }) => transitions.flatMap(({ was }) => was ?? []));
    expect(ways).toContain('/ lock, readKey, findByKey');
    const tried = mergedChart(chart('registry', 'v2p8'), chart('registry', 'v2p8', 'b2'));
    expect(marksIn(tried)).not.toEqual({ added: 0, removed: 0, changed: 0 });
  });
});

describe('a summary', () => {
  const registry = chart('registry', 'v2p8');

  it('has no more levels than asked for, and says how many states are within', () => {
    const states = statesIn(summaryOf(registry, 2).root);
    expect(Math.max(...states.map(({ path }) => path.split('.').length))).toBe(2);
    expect(states.find(({ path }) => path === 'locked.connecting')).toMatchObject({ kind: 'atomic', hidden: 8 });
  });

  it('leads out of a box where something within leads out', () => {
    const connecting = statesIn(summaryOf(registry, 2).root).find(({ path }) => path === 'locked.connecting');
    expect(connecting?.transitions.map(({ guard, target }) => [guard, target])).toEqual([
      ['hasFailed', 'locked.failed'],
      [null, 'locked.connected'],
    ]);
  });

  it('of as many levels as there are is the chart itself', () => {
    expect(summaryOf(registry, 9)).toEqual(registry);
    expect(() => summaryOf(registry, 0)).toThrow('at least 1 level');
  });

  it('of a merged chart marks a box in which something is marked', () => {
    const merged = mergedChart(registry, chart('registry', 'v2p8', 'm-consumer-not-stopped'));
    expect(marked(summaryOf(merged, 2)).some((line) => line.startsWith('~ locked.connecting'))).toBe(true);
  });
});
