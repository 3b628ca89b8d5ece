// Cases made from counterexamples: they fail on the C of which the explorer says so, and pass on the other.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { caseOf } from '../../../src/bridge/generate/counterexample.ts';
import { stagingOf, StagingError } from '../../../src/bridge/generate/staging.ts';
import { SuiteRunner } from '../../../src/bridge/generate/suite-runner.ts';
import { headerOf } from '../../../src/bridge/trace-file.ts';
import { explore } from '../../../src/engine/explorer/search/explore.ts';
import { runOnce } from '../../../src/engine/traces/run-once.ts';
import { createScheduler } from '../../../src/engine/world/schedulers.ts';
import type { TraceStep } from '../../../src/engine/world/trace.ts';
import { traceOf } from '../../../src/engine/world/trace.ts';
import type { Assembled } from '../../../src/scenarios/assembled.ts';
import { revisionOf } from '../../../src/scenarios/assembled.ts';
import { assembled } from '../../engine/assembled.ts';
import { isLong } from '../../sample.ts';
import { assembleScript } from '../../../src/scenarios/assemble.ts';
import { registerConsumer, registerProducer, step } from '../../../src/scenarios/calls.ts';
import { defineScenario } from '../../../src/scenarios/define.ts';
import { standIn } from '../compiled/kernel-trees.ts';

const folder = mkdtempSync(join(tmpdir(), 'irqbypass-trace-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;

/** The revisions of which there is C. */
const trees = { base: standIn('list'), v2p8: standIn('xarray') };
type Compiled = keyof typeof trees;

/** Does the case of a trace pass on the C of a revision? */
async function passes(one: Assembled, steps: readonly TraceStep[], on: Compiled): Promise<boolean> {
  const { files } = await caseOf({ header: headerOf(one), assembled: one, steps }, revisionOf(on));
  const header = join(trees[on], 'include', 'linux', 'irqbypass.h');
  const suite = files['virt/lib/tests/irqbypass_trace_kunit.c'] ?? '';
  const runner = await SuiteRunner.of(join(folder, String((count += 1))), header, suite);
  const { isPassed, ktap } = await runner.run(join(trees[on], 'virt', 'lib', 'irqbypass.c'));
  expect(ktap).toMatch(isPassed ? /^ok 1 irqbypass_trace$/m : /EXPECTATION FAILED/);
  return isPassed;
}

const isStageable = (steps: readonly TraceStep[]): boolean => {
  try {
    stagingOf(steps, { structs: new Set(['p0', 'p1', 'c0', 'c1']) });
    return true;
  } catch (error) {
    if (error instanceof StagingError) return false;
    throw error;
  }
};

const scenarios = [
  'double-unregister-race',
  'double-register-race',
  'loser-unregisters',
  ...(isLong
    ? [
        'pairing',
        'duplicate-producer',
        'optional-callbacks',
        'null-key',
        'double-unregister',
        'double-register',
        're-pairing',
      ]
    : []),
] as const;

describe.each(scenarios)('%s', (id) => {
  it.each(['base', 'v2p8'] as const)('counterexamples on %s fail on the C that the explorer says', async (revision) => {
    const one = assembled(id, { revision });
    const { violations } = await explore(one.world, { properties: one.properties });
    // One of each in npm test: each is two programs to compile.
    for (const { property, path } of isLong ? violations : violations.slice(-1)) {
      const steps = traceOf(one.world, path);
      for (const on of ['base', 'v2p8'] as const) {
        const { world, properties } = assembled(id, { revision: on });
        const { verdict } = await explore(world, { properties });
        expect(await passes(one, steps, on), `${property} on ${on}`).toBe(verdict === 'holds');
      }
    }
  });
});

describe('runs that violate nothing pass', () => {
  const holds = ['connect-failure', 're-pairing', 'optional-callbacks', 'duplicate-consumer', 'double-unregister'];
  it.each(isLong ? holds : holds.slice(0, 3))('%s', async (id) => {
    for (const revision of ['base', 'v2p8'] as const) {
      for (const seed of isLong ? [1, 2, 3, 4, 5, 6] : [2]) {
        const one = assembled(id, { revision });
        const { trace } = await runOnce(one.world, createScheduler('random', one.world, seed), [], 400);
        expect(isStageable(trace)).toBe(true);
        expect(await passes(one, trace, revision), `seed ${seed} on ${revision}`).toBe(true);
      }
    }
  });
});

describe('a case', () => {
  it('of a script that calls its structs and eventfds what it likes numbers them', async () => {
    const script = {
      producers: ['disk3', 'net10'],
      consumers: ['guest7'],
      eventfds: ['fd0', 'x0'],
      threads: { t0: [step(registerProducer('net10', 'x0')), step(registerConsumer('guest7', 'x0'))] },
    };
    const scenario = defineScenario({ id: 'int', title: '', description: '', parameters: {}, script: () => script });
    const one = assembleScript(scenario, {}, script, 'v2p8', null);
    const { trace } = await runOnce(one.world, createScheduler('fifo', one.world, 1), [], 100);
    expect(await passes(one, trace, 'v2p8')).toBe(true);
    const { files } = await caseOf({ header: headerOf(one), assembled: one, steps: trace }, revisionOf('v2p8'));
    const text = files['virt/lib/tests/irqbypass_trace_kunit.c'] ?? '';
    expect(text).toContain('static void trace_int(struct kunit *test)');
    expect(text).toContain('call(REGISTER_PRODUCER, 1, 1);');
    expect(text).toContain('call(REGISTER_CONSUMER, 0, 1);');
    const lines = text.split('\n').map((line) => line.replaceAll('\t', '        '));
    expect(lines.filter((line) => line.length > 100 && !line.includes('"'))).toEqual([]);
  });

  it('names the property that the trace is about, not the first that it violates', async () => {
    const one = assembled('double-unregister-race', { revision: 'v2p8' });
    const { violations } = await explore(one.world, { properties: one.properties });
    const found = violations.find(({ property }) => property === 'i-owner');
    const steps = traceOf(one.world, found?.path ?? []);
    const { files } = await caseOf({ header: headerOf(one, 'i-owner'), assembled: one, steps }, revisionOf('v2p8'));
    expect(files['virt/lib/tests/irqbypass_trace_kunit.c']).toContain(' * double-unregister-race on v2p8: i-owner\n');
  });

  it('says where it does not look at what the trace violates', async () => {
    const one = assembled('pairing', { revision: 'v2p8', mutation: 'm-del-consumer-first' });
    const { violations } = await explore(one.world, { properties: one.properties });
    const steps = traceOf(one.world, violations[0]?.path ?? []);
    const { cannotTell, files } = await caseOf({ header: headerOf(one), assembled: one, steps }, revisionOf('v2p8'));
    expect(cannotTell).toBe('i-order');
    expect(files['virt/lib/tests/irqbypass_trace_kunit.c']).toContain('is not what i-order is about');
  });
});
