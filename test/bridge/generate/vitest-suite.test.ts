// Generated suites for vitest: they are run here as they are, pass on what they are made for, and tell a mutation.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { suiteOf, vitestOf } from '../../../src/bridge/generate/generate.ts';
import { revisionOf } from '../../../src/scenarios/assembled.ts';
import { explore } from '../../../src/engine/explorer/search/explore.ts';
import { takenWalk, walkScript } from '../../../src/bridge/generate/walk-run.ts';

// Where the suite finds the package and vitest.
const folder = mkdtempSync(join(import.meta.dirname, 'generated-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const scope = { producers: 1, consumers: 1, eventfds: 1 };

function textOf(revision: string): string {
  const one = revisionOf(revision);
  const suite = suiteOf(one, scope, 'transitions', 'vitest');
  return Object.values(vitestOf(one, suite, 'transitions', scope, 'call in every state'))[0] ?? '';
}

async function registered(name: string, text: string): Promise<void> {
  const file = join(folder, `${name}.ts`);
  writeFileSync(file, text);
  await import(file);
}

for (const revision of ['base', 'v2p8', 'linux-4.7']) await registered(revision, textOf(revision));

/** Sequences in which something is disconnected, which must fail now. */
const DISCONNECTING = `it.fails.each(
  sequences
    .map((rows, i) => ({ i: i + 1, rows }))
    .filter(({ rows }) => rows.some(([, , , callbacks]) => /^[^=]*del_consumer/.test(callbacks))),
)`;
await registered(
  'mutated',
  textOf('v2p8')
    .replace('MUTATION: string | null = null', "MUTATION: string | null = 'm-del-consumer-first'")
    .replace('it.each(sequences.map((rows, i) => ({ i: i + 1, rows })))', DISCONNECTING)
    .replace('`${REVISION}, live`', '`${REVISION} with ${MUTATION}`'),
);

it('runs a sequence with its faults, as a world that can be searched', async () => {
  const calls = [
    { op: 'register_consumer', object: 'c0', eventfd: 'e0' },
    { op: 'register_producer', object: 'p0', eventfd: 'e0', fault: 'add_producer' },
    { op: 'register_producer', object: 'p0', eventfd: 'e0', fault: 'allocation' },
  ] as const;
  const { assembled, steps } = takenWalk(revisionOf('v2p8'), 'sequence', calls, scope);
  const returned = steps.flatMap(({ observations }) => observations).filter(({ kind }) => kind === 'return');
  expect(returned.map((one) => (one as { readonly value?: unknown }).value)).toEqual([0, -5, -12]);
  expect(walkScript(calls, scope).threads?.['t0']).toHaveLength(3);
  const { states } = await explore(assembled.world, { properties: [] });
  expect(states).toBeGreaterThan(steps.length);
});
