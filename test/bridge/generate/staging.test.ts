// How counterexamples are staged: by hand for the races, and for all of them the model sees the same violation again.
import { describe, expect, it } from 'vitest';
import { explore } from '../../../src/engine/explorer/search/explore.ts';
import { runOnce } from '../../../src/engine/traces/run-once.ts';
import type { TraceStep } from '../../../src/engine/world/trace.ts';
import { TracedRun, traceOf } from '../../../src/engine/world/trace.ts';
import { stagingOf, StagingError } from '../../../src/bridge/generate/staging.ts';
import type { Staging } from '../../../src/bridge/generate/staging.ts';
import { assembleScript } from '../../../src/scenarios/assemble.ts';
import type { Assembled } from '../../../src/scenarios/assembled.ts';
import { registerConsumer, registerProducer, step, unregisterProducer } from '../../../src/scenarios/calls.ts';
import type { Script } from '../../../src/scenarios/define.ts';
import { defineScenario } from '../../../src/scenarios/define.ts';
import { findScenario } from '../../../src/scenarios/builtin.ts';
import { revisions } from '../../../src/registry/revisions.ts';
import { assembled } from '../../engine/assembled.ts';
import { isLong } from '../../sample.ts';

function scripted(script: Script, revision = 'v2p8'): Assembled {
  const scenario = defineScenario({ id: 'own', title: '', description: '', parameters: {}, script: () => script });
  return assembleScript(scenario, {}, script, revision, null);
}

/** Takes the first choice that begins as each text says. */
function taken({ world }: Assembled, beginnings: readonly string[]): readonly TraceStep[] {
  const run = new TracedRun(world);
  for (const beginning of beginnings) {
    const place = run.choices().findIndex((choice) => world.nameOf(choice).startsWith(beginning));
    if (place < 0)
      throw new Error(
        `${beginning}: ${run
          .choices()
          .map((one) => world.nameOf(one))
          .join('; ')}`,
      );
    run.take(place);
  }
  return run.steps;
}

const structs = new Set(['p0', 'p1', 'c0', 'c1']);
const staged = (steps: readonly TraceStep[], writesKeys = false): Staging => stagingOf(steps, { structs, writesKeys });

const shown = ({ stages }: Staging): string[] =>
  stages.map(({ calls }) =>
    calls.map(({ op, object, argument }) => [op, object, argument].join(' ').trim()).join(' + '),
  );

const p0Twice = {
  producers: ['p0', 'p1'],
  consumers: ['c0'],
  eventfds: ['e0', 'e1'],
  threads: {
    t0: [step(registerProducer('p0', 'e0'))],
    t1: [step(registerProducer('p0', 'e1'))],
    t2: [step(unregisterProducer('p0'))],
    t3: [step(registerProducer('p1', 'e1'))],
  },
};
const lock = (call: string): string => `registry.${call}`;

describe('by hand', () => {
  it('calls one after the other are a stage each, even where unlocked halves of other structs come early', () => {
    const steps = taken(scripted(p0Twice), [
      't0 register_producer',
      't3 register_producer',
      lock('register_producer(p0, e0'),
      lock('register_producer(p1, e1'),
      't2 unregister',
      lock('unregister_producer(p0'),
    ]);
    expect(shown(staged(steps))).toEqual([
      'register_producer p0 e0',
      'register_producer p1 e1',
      'unregister_producer p0',
    ]);
  });

  it('two registrations of one struct race', () => {
    const steps = taken(scripted(p0Twice), [
      't0 register_producer',
      't1 register_producer',
      lock('register_producer(p0, e1'),
      lock('register_producer(p0, e0'),
    ]);
    expect(shown(staged(steps))).toEqual(['register_producer p0 e1 + register_producer p0 e0']);
  });

  it('a call that has no more than begun when the trace ends is made whole', () => {
    const steps = taken(scripted(p0Twice), [
      't0 register_producer',
      't1 register_producer',
      lock('register_producer(p0, e0'),
    ]);
    expect(shown(staged(steps))).toEqual(['register_producer p0 e0 + register_producer p0 e1']);
  });

  it('a call that returns without the mutex stands where it came', () => {
    const steps = taken(scripted(p0Twice), [
      't2 unregister',
      't0 register_producer',
      lock('register_producer(p0, e0'),
      't1 register_producer',
    ]);
    expect(shown(staged(steps))).toEqual([
      'unregister_producer p0',
      'register_producer p0 e0',
      'register_producer p0 e1',
    ]);
  });

  it('an unlocked half between two sections, of which the later one waits already, is named', () => {
    const steps = taken(scripted(p0Twice), [
      't0 register_producer',
      't1 register_producer',
      lock('register_producer(p0, e0'),
      't2 unregister',
      lock('register_producer(p0, e1'),
      lock('unregister_producer(p0'),
    ]);
    expect(() => staged(steps)).toThrow(
      'cannot be staged: the unlocked half of unregister_producer(p0) of t2 comes after register_producer(p0, e0) of t0 and before register_producer(p0, e1) of t1, which waits for the mutex already',
    );
  });

  it('a key that is written before the mutex is had is read by every section: callers that leave it race with all', () => {
    const script: Script = {
      producers: ['p0'],
      consumers: ['c0'],
      eventfds: ['e0', 'e1'],
      discipline: 'raw',
      threads: {
        t0: [step(registerProducer('p0', 'e0'))],
        t1: [step(registerProducer('p0', 'e1'))],
        t2: [step(registerConsumer('c0', 'e1'))],
      },
    };
    const steps = taken(scripted(script, 'base'), [
      't0 register_producer',
      lock('register_producer(p0, e0'),
      't1 register_producer',
      't2 register_consumer',
      lock('register_consumer(c0'),
    ]);
    expect(shown(staged(steps, true))).toEqual([
      'register_producer p0 e0',
      'register_consumer c0 e1 + register_producer p0 e1',
    ]);
  });

  it('a trace without calls is no case', () => {
    expect(() => staged([])).toThrow('the trace makes no call of the manager');
  });

  it.each([
    ['allocation-failure', 'a node allocation fails'],
    ['module-unload', "that try_module_get() fails is not a test's to decide"],
    ['assign', 'set_irqs(p0) of v0 is no call of the manager'],
  ])('of %s says what a test cannot do', (scenario, says) => {
    const one = assembled(scenario, { revision: scenario === 'module-unload' ? 'base' : 'v2p8' });
    const wanted = ({ message: { type, call, allocation } }: TraceStep): boolean =>
      allocation === 'fails' ||
      type === 'set_irqs' ||
      (typeof call === 'object' &&
        call !== null &&
        ('moduleGet' in call || (call as { op?: string }).op === 'set_irqs'));
    // The first choice that is like it, else the first one.
    const run = new TracedRun(one.world);
    while (!run.steps.some(wanted)) {
      const choices = run.choices();
      const { transitions } = one.world;
      const place = choices.findIndex(({ event }) => {
        const { message: sent } = transitions.event(event);
        return wanted({ message: sent } as TraceStep);
      });
      run.take(Math.max(place, 0));
    }
    expect(() => staged(run.steps)).toThrow(StagingError);
    expect(() => staged(run.steps)).toThrow(says);
  });
});

/** Takes stages in the model: in each every unlocked half first, then the locked ones in their order. */
function restaged(
  script: Script,
  revision: string,
  { stages, answers }: Staging,
): Assembled & { readonly choices: readonly string[] } {
  const { after: _after, ...free } = script;
  const one = scripted(
    {
      ...free,
      threads: Object.fromEntries(
        stages
          .flatMap(({ calls }) => calls)
          .map(({ op, object, argument }, i) => [
            `t${i}`,
            [
              step({
                op,
                object: object as never,
                ...(op === 'copy' ? { to: argument ?? null } : argument === undefined ? {} : { eventfd: argument }),
              }),
            ],
          ]),
      ),
    },
    revision,
  );
  const { world } = one;
  const run = new TracedRun(world);
  const left = Object.fromEntries(Object.entries(answers).map(([struct, all]) => [struct, [...all]]));
  const take = (fits: (event: ReturnType<typeof world.transitions.event>) => boolean): boolean => {
    const place = run.choices().findIndex(({ event }) => fits(world.transitions.event(event)));
    if (place >= 0) run.take(place);
    return place >= 0;
  };
  /** Goes on with whoever has the mutex until nobody has. */
  const finish = (): void => {
    const isCallback = ({ to, message }: ReturnType<typeof world.transitions.event>): boolean => {
      if (to === 'registry' || message.type === 'call') return false;
      if (!message.type.startsWith('add_')) return true;
      return (message['answer'] ?? 0) === (left[to]?.[0] ?? 0);
    };
    for (;;) {
      const before = run.steps.length;
      if (!take(isCallback)) return;
      const { to, message } = run.steps[before] as TraceStep;
      if (message.type.startsWith('add_')) left[to]?.shift();
    }
  };
  let thread = 0;
  for (const { calls } of stages) {
    const threads = calls.map(() => `t${thread++}`);
    for (const t of threads) expect(take(({ to, message }) => to === t && message.type === 'call')).toBe(true);
    for (const t of threads) {
      take(({ to, message }) => to === 'registry' && message['caller'] === t && message['allocation'] === undefined);
      finish();
    }
  }
  return { ...one, choices: run.steps.map(({ choice }) => choice) };
}

const scenarios = [
  'double-unregister-race',
  'double-register-race',
  'double-register',
  'null-key',
  'loser-unregisters',
  'unregister-copy',
  'connect-failure',
  're-pairing',
];
const some = isLong ? revisions.map(({ id }) => id) : ['base', 'v1p5', 'v2p8', 'likexu-v2', 'linux-4.7'];

describe.each(some)('on %s, staged in the model', (revision) => {
  it.each(scenarios)('%s violates the same', async (id) => {
    const scenario = findScenario(id);
    const one = assembled(id, { revision });
    const { violations } = await explore(one.world, { properties: one.properties });
    const { script } = one as { readonly script?: Script };
    if (scenario === undefined) throw new Error(id);
    const written = script ?? scenario.script({});
    for (const { property, path } of violations) {
      const staging = staged(traceOf(one.world, path));
      const again = restaged(written, revision, staging);
      const names = [...again.choices];
      const { world } = again;
      const properties = one.properties.filter((known) => known.id === property);
      const { violation } = await runOnce(
        world,
        (_row, choices) =>
          choices.findIndex((choice) => world.nameOf(choice) === names[0] && names.shift() !== undefined),
        properties,
        names.length,
      );
      expect(violation?.property, `${id} ${property} ${shown(staging).join('; ')}`).toBe(property);
    }
  });
});
