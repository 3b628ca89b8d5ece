// What strangers write into scripts: each mistake is one message with its code and the file, exit code 2, and never a verdict.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { irqbypass } from '../engine/swarm/command.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'irqbypass-scripts-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

/** A good script, from which each bad one differs in one thing: two threads signal a counter. */
const good = `
import { always, call, changeTransitions, defineScenario, handlers, invoke, machine, memory, post, returnTo, set, show, step }
  from 'irqbypass-lab';
const { on, when, act } = handlers();
const signal = on('signal', ({ context, event }) => [set({ n: context.n + 1 }), returnTo(event.caller, null)]);
const counter = (changes = {}, takes = {}) => machine({
  id: 'counter', title: 'Counts signals', cells: { count: 0 }, sends: ['return'],
  operations: { signal: { how: 'call' } },
  context: ({ self }) => ({ self, n: 0 }),
  chart: { on: { signal: { actions: signal }, ...takes } },
  ...changes,
});
const threads = { t0: [step(invoke('signal', 'k0'))], t1: [step(invoke('signal', 'k0'))] };
const scenario = (script, changes = {}) =>
  defineScenario({ id: 'bad', title: 'Bad', description: '', parameters: {}, properties: ['l-term'], script: () => script, ...changes });
const of = (machine, changes = {}) => scenario({ actors: [{ name: 'k0', machine }], threads }, changes);
const does = (run, changes = {}) => of(counter(changes, { signal: { actions: on('signal', run) } }));
const bug = (patch) => of(counter(), { mutations: [{ id: 'own', title: 'A bug', source: 'here', shown: [], patches: { counter: patch } }] });
`;

let written = 0;

/** Writes a script; answers its file. */
function script(text: string): string {
  written += 1;
  const file = join(folder, `bad${written}.ts`);
  writeFileSync(file, text.includes('import ') ? text : `${good}\n${text}`);
  return file;
}

/** What the command line answers and says, in this process. */
async function explore(...args: readonly string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      said[stream] += String(text);
      return true;
    });
  const status = await main(['explore', ...args]);
  vi.restoreAllMocks();
  return { status, ...said };
}

/** A bad script, the code of its mistake and what is said of it. */
type Case = readonly [what: string, text: string, code: string, says: RegExp, args?: readonly string[]];

function refused(cases: readonly Case[]): void {
  for (const [what, text, code, says, args = []] of cases)
    it(what, async () => {
      const file = script(text);
      const { status, stdout, stderr } = await explore(file, ...args);
      expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: '', stderr: expect.stringContaining(code) });
      expect(stderr).not.toMatch(/this is a bug|nothing can move any more/);
      expect(stderr.match(/^irqbypass: /gm)).toHaveLength(1);
      expect(stderr).toContain(file);
      expect(stderr).toMatch(says);
    });
}

it('the good script holds', async () => {
  const { status, stdout, stderr } = await explore(script('export default of(counter());'));
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^bad on v2p8, Linux 6.17: holds\n/);
});

describe('a file that is no script', () => {
  refused([
    ['no default export', 'export const other = 1;', 'IRQB206', /exports no scenario: export default defineScenario/],
    ['something else is exported', 'export default 42;', 'IRQB206', /exports no scenario/],
    ['a syntax error', 'export default ((;', 'IRQB206', /Expression expected|Unexpected token/],
    ['it throws', "throw new TypeError('no luck');", 'IRQB206', /no luck/],
    [
      'the script throws',
      "export default scenario({}, { script: () => { throw new TypeError('no luck'); } });",
      'IRQB206',
      /bad: the script failed: TypeError: no luck/,
    ],
    ['the script returns nothing', 'export default scenario(undefined);', 'IRQB201', /returns no object/],
    ['the script is asynchronous', 'export default scenario(Promise.resolve({}));', 'IRQB201', /returns a promise/],
    [
      'a misspelt part',
      'export default scenario({ acters: [] });',
      'IRQB201',
      /has no "acters", did you mean "actors"\?/,
    ],
    [
      'an actor that is none',
      'export default scenario({ actors: [null], threads });',
      'IRQB201',
      /actors, 0: expected an object with a name/,
    ],
    [
      'a step that is none',
      "export default scenario({ actors: [{ name: 'k0', machine: counter() }], threads: { t0: [{ calls: [42] }] } });",
      'IRQB201',
      /thread t0: a call has "op" and "object"/,
    ],
  ]);
});

describe('machines and wiring', () => {
  const wired = (roles: string, wiring: string): string =>
    `export default scenario({ actors: [{ name: 'k0', machine: counter({ wiring: ${roles} }), wiring: ${wiring} }], threads });`;
  refused([
    [
      'an event that nobody sends',
      "export default of(counter({}, { signnal: { actions: on('signnal', () => []) } }));",
      'IRQB310',
      /machine counter takes "signnal", which nobody sends, did you mean "signal"\?/,
    ],
    ['missing wiring', wired("{ peer: 'counter' }", '{}'), 'IRQB221', /k0 \(machine counter\) lacks the wiring "peer"/],
    ['an unknown role', wired('{}', "{ peer: 'k0' }"), 'IRQB222', /has no role "peer"/],
    ['wired to nobody', wired("{ peer: 'counter' }", "{ peer: 'k9' }"), 'IRQB222', /peer is "k9", which is no actor/],
    [
      'wired to the wrong machine',
      wired("{ peer: 'eventfd' }", "{ peer: 'k0' }"),
      'IRQB223',
      /peer is "k0", a counter; it has to be a eventfd/,
    ],
    [
      'no machine',
      "export default scenario({ actors: [{ name: 'k0' }], threads });",
      'IRQB201',
      /k0: expected a machine/,
    ],
    [
      'an unknown built-in machine',
      "export default of('eventfdd');",
      'IRQB203',
      /there is no machine "eventfdd", did you mean "eventfd"\?/,
    ],
    [
      'a declaration that is not made a machine',
      "export default of({ id: 'x', title: 'y', context: () => ({}), chart: {} });",
      'IRQB201',
      /machine\(\) makes a machine/,
    ],
    [
      'a machine of a revision that cannot be made',
      "export default of(() => { throw new TypeError('no luck'); });",
      'IRQB206',
      /k0: its machine cannot be made: TypeError: no luck/,
    ],
    [
      'a bad name',
      "export default scenario({ actors: [{ name: 'K-zero', machine: counter() }] });",
      'IRQB226',
      /"K-zero" is not a name/,
    ],
    [
      'the same name twice',
      "export default scenario({ actors: [{ name: 'k0', machine: counter() }, { name: 'k0', machine: counter() }], threads });",
      'IRQB202',
      /"k0" is declared twice/,
    ],
    [
      'an unknown guard',
      "export default of(counter({}, { signal: { guard: 'isOpen', actions: signal } }));",
      'IRQB301',
      /there is no guard "isOpen"/,
    ],
    [
      'a handler of another event',
      "export default of(counter({}, { signal: { actions: on('other', () => []) } }));",
      'IRQB30',
      /is for other, it is bound to "signal"/,
    ],
    [
      'a target that is not there',
      "export default of(counter({}, { signal: { target: 'nowhere', actions: signal } }));",
      'IRQB206',
      /nowhere/,
    ],
  ]);
});

describe('calls', () => {
  const once = (changes: string): string =>
    `export default of(counter({ ${changes} chart: { initial: 'a', states: { a: { on: { signal: { target: 'b', actions: signal } } }, b: {} } } }));`;
  refused([
    [
      'a call that no state takes',
      once(''),
      'IRQB307',
      /k0 \(machine counter\) is called with "signal" in state b.*not modelled/,
    ],
    [
      'a message that no state takes',
      once("operations: { signal: { how: 'post' } },"),
      'IRQB307',
      /k0 \(machine counter\) gets "signal" in state b.*not modelled/,
    ],
    [
      'a call that is not declared',
      "export default scenario({ actors: [{ name: 'k0', machine: counter() }], threads: { t0: [step(invoke('reset', 'k0'))] } });",
      'IRQB205',
      /k0 is a counter, which has no such call: not modelled/,
    ],
    [
      'a declared call that no state takes',
      "export default of(counter({ operations: { signal: { how: 'call' }, reset: { how: 'call' } } }));",
      'IRQB307',
      /declares the call "reset", which no state of it takes/,
    ],
    [
      'a call of nobody',
      "export default scenario({ actors: [{ name: 'k0', machine: counter() }], threads: { t0: [step(invoke('signal', 'k1'))] } });",
      'IRQB203',
      /"k1" is not declared, did you mean "k0"\?/,
    ],
    [
      'two returns',
      'export default does(({ event }) => [returnTo(event.caller, null), returnTo(event.caller, null)]);',
      'IRQB307',
      /t0 \(machine thread\) is called with "return" in state idle/,
    ],
    [
      'a message to nobody',
      "export default does(({ event }) => [call('ghost', { type: 'return' }), returnTo(event.caller, null)]);",
      'IRQB308',
      /no actor is called ghost/,
    ],
    [
      'a message that is not declared',
      'export default of(counter({ sends: [] }));',
      'IRQB306',
      /machine counter sends "return", which it does not declare/,
    ],
    [
      'calls without end',
      "export default does(({ context }) => call(context.self, { type: 'signal' }), { sends: ['signal', 'return'] });",
      'IRQB301',
      /function calls without end/,
    ],
    [
      'a thread after nobody',
      "export default scenario({ actors: [{ name: 'k0', machine: counter() }], threads, after: { t1: ['t9'] } });",
      'IRQB203',
      /thread "t9" is not declared/,
    ],
  ]);
});

describe('cells, contexts, names', () => {
  refused([
    [
      'a cell that is not declared',
      "export default does(({ context, event, cells }) => { cells.store(context.self, 'cuont', 1); return returnTo(event.caller, null); });",
      'IRQB303',
      /cell "cuont" is not declared by any machine \(known: count\)/,
    ],
    [
      "another machine's cell",
      "const word = memory({ id: 'word', title: 'A word', cells: { word: 0 } }); export default scenario({ actors: [{ name: 'w0', machine: word }, { name: 'k0', machine: counter({}, { signal: { actions: on('signal', ({ context, event, cells }) => { cells.load(context.self, 'word'); return returnTo(event.caller, null); }) } }) }], threads });",
      'IRQB303',
      /k0 has no cell "word"/,
    ],
    [
      'a context that becomes no plain data',
      'export default does(({ event }) => [set({ at: new Date(0) }), returnTo(event.caller, null)]);',
      'IRQB304',
      /handler "signal": context.at is a Date; contexts/,
    ],
    [
      'a machine that tells names apart',
      "export default does(({ event }) => [set({ n: event.caller === 't1' ? 1 : 2 }), returnTo(event.caller, null)]);",
      'IRQB305',
      /the machine of k0 tells names apart/,
    ],
    [
      'a machine that takes names to pieces',
      'export default does(({ event }) => [set({ n: Number(event.caller.slice(1)) }), returnTo(event.caller, null)]);',
      'IRQB305',
      /tells names apart/,
    ],
    [
      'a machine that makes names up',
      "export default does(({ event }) => [set({ n: 't7' }), returnTo(event.caller, null)]);",
      'IRQB305',
      /made up the name "t7"/,
    ],
  ]);
});

describe('properties', () => {
  const claims = (property: string): string => `export default of(counter(), { properties: [${property}] });`;
  refused([
    [
      'of states, throws',
      claims("always('i-own', 'Own', (state) => state.context('k0').nowhere.at)"),
      'IRQB211',
      /bad: property i-own throws: TypeError/,
    ],
    [
      'of steps, throws',
      claims("{ id: 'i-own', title: 'Own', step: () => { throw new RangeError('no luck'); } }"),
      'IRQB211',
      /bad: property i-own throws: RangeError: no luck/,
    ],
    [
      'of deadlocks, throws',
      "export default scenario({ actors: [{ name: 'k0', machine: counter({ sends: ['signal'] }, { signal: { actions: on('signal', () => []) } }) }], threads }, { properties: [{ id: 'i-own', title: 'Own', deadlock: () => { throw new RangeError('no luck'); } }] });",
      'IRQB211',
      /property i-own throws: RangeError: no luck/,
    ],
    [
      'whether it applies, throws',
      claims("{ id: 'i-own', title: 'Own', state: { checks: () => { throw new RangeError('no luck'); } } }"),
      'IRQB211',
      /property i-own throws: RangeError: no luck/,
    ],
    [
      'answers neither null nor text',
      claims("always('i-own', 'Own', () => undefined)"),
      'IRQB211',
      /property i-own answers undefined/,
    ],
    [
      'reads an undeclared cell',
      claims("always('i-own', 'Own', (state) => (state.load('k0', 'cuont') === 0 ? null : 'wrong'))"),
      'IRQB303',
      /cell "cuont" is not declared/,
    ],
    [
      'reads a cell of nobody',
      claims("always('i-own', 'Own', (state) => (state.load('k7', 'count') === 0 ? null : 'wrong'))"),
      'IRQB303',
      /k7 has no cell "count"/,
    ],
    ['claims nothing', claims("{ id: 'i-own', title: 'Own' }"), 'IRQB211', /property i-own claims nothing/],
    ['is none', claims('undefined'), 'IRQB211', /a property is an id of a built-in one, or an object with an id/],
    ['is unknown', claims("'i-unic'"), 'IRQB101', /unknown property "i-unic"/],
    [
      'throws where it is asked for by name',
      claims("always('i-own', 'Own', () => { throw new RangeError('no luck'); })"),
      'IRQB211',
      /property i-own throws: RangeError: no luck/,
      ['--property', 'i-own'],
    ],
  ]);
});

describe('mutations', () => {
  const own = ['--mutation', 'own'];
  refused([
    [
      'of a machine that is not there',
      "export default of(counter(), { mutations: [{ id: 'own', title: 'A bug', source: 'here', shown: [], patches: { vgic: () => ({}) } }] });",
      'IRQB309',
      /mutation own is a bug of vgic, which bad does not have/,
      own,
    ],
    [
      'of a handler that is not there',
      'export default bug(() => ({ handlers: { nothing: signal } }));',
      'IRQB309',
      /machine counter has no handler "nothing" to be patched/,
      own,
    ],
    [
      'of a state that is not there',
      "export default bug(() => ({ chart: (chart) => changeTransitions(chart, 'nowhere', 'signal', (ways) => ways) }));",
      'IRQB309',
      /there is no state "nowhere" to be patched/,
      own,
    ],
    [
      'that throws',
      "export default bug(() => { throw new TypeError('no luck'); });",
      'IRQB209',
      /mutation own failed: TypeError: no luck/,
      own,
    ],
  ]);
});

describe('what a machine throws', () => {
  const throws = "{ throw new TypeError('no luck'); }";
  refused([
    [
      'its handler throws',
      `export default does(() => ${throws});`,
      'IRQB311',
      /machine counter, handler "signal": no luck/,
    ],
    [
      'its guard throws',
      `export default of(counter({ guards: { isOpen: when('signal', () => ${throws}) } }, { signal: [{ guard: 'isOpen', actions: signal }] }));`,
      'IRQB311',
      /machine counter, guard "isOpen": no luck/,
    ],
    [
      'a guard that may wait reads memory',
      "export default of(counter({ operations: { signal: { how: 'post' } }, guards: { isOpen: when('signal', ({ context, cells }) => cells.load(context.self, 'count') === 0) } }, { signal: [{ guard: 'isOpen', actions: signal }] }));",
      'IRQB308',
      /a guard that decides whether a message waits looks at context and event only/,
    ],
  ]);
});

describe('what a machine is, and what it answers', () => {
  const throws = "{ throw new TypeError('no luck'); }";
  refused([
    [
      'its handler answers nothing',
      'export default does(() => undefined);',
      'IRQB301',
      /handler "signal" answers undefined/,
    ],
    [
      'its context throws',
      `export default of(counter({ context: () => ${throws} }));`,
      'IRQB311',
      /machine counter, context: no luck/,
    ],
    [
      'its context is no plain data',
      'export default of(counter({ context: ({ self }) => ({ self, n: 0, all: new Map() }) }));',
      'IRQB304',
      /machine counter, context: context.all is a Map/,
    ],
    [
      'its message is no plain data',
      "export default does(({ context, event }) => [post(context.self, { type: 'signal', later: () => 1 }), returnTo(event.caller, null)], { sends: ['signal', 'return'] });",
      'IRQB304',
      /message.later is a function/,
    ],
    [
      'its cell gets no value',
      "export default does(({ context, event, cells }) => { cells.store(context.self, 'count', undefined); return returnTo(event.caller, null); });",
      'IRQB304',
      /cell "count" cannot hold undefined/,
    ],
    [
      'its variants throw',
      `export default of(counter({ operations: { signal: { how: 'post' } }, variants: { signal: () => ${throws} } }));`,
      'IRQB311',
      /variants of "signal": no luck/,
    ],
    [
      'it acts before it is asked',
      "export default of(counter({ chart: { entry: act(() => show({ kind: 'begun' })), on: { signal: { actions: signal } } } }));",
      'IRQB301',
      /acts before it is asked anything/,
    ],
    [
      'its initial state is not there',
      "export default of(counter({ chart: { initial: 'zero', states: { one: { on: { signal: { actions: signal } } } } } }));",
      'IRQB301',
      /its initial state "zero" is none of one/,
    ],
    [
      'it goes on without end',
      "export default of(counter({ chart: { initial: 'a', states: { a: { on: { signal: { target: 'b', actions: signal } } }, b: { always: { target: 'c' } }, c: { always: { target: 'b' } } } } }));",
      'IRQB301',
      /transitions without end/,
    ],
  ]);
});

it('the same from a process of its own', () => {
  const file = script("export default does(() => { throw new TypeError('no luck'); });");
  const missing = script('export const other = 1;');
  for (const bad of [file, missing]) {
    const { status, stdout, stderr } = irqbypass('explore', bad);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^irqbypass: IRQB\d{3} .*\n$/);
    expect(stderr).toContain(bad);
  }
});

describe('declarations, constants, failures', () => {
  const k0 = (changes: string, more = ''): string =>
    `export default scenario({ actors: [{ name: 'k0', machine: counter(${changes}) ${more} }], threads });`;
  refused([
    ['no slots', k0('{ slots: 0 }'), 'IRQB301', /machine counter: slots is 0/],
    [
      'a cell without a value',
      k0('{ cells: { count: undefined } }'),
      'IRQB301',
      /machine counter: cells.count is undefined/,
    ],
    [
      'an operation of no kind',
      k0("{ operations: { signal: { how: 'cal' } } }"),
      'IRQB301',
      /machine counter: operations.signal.how is cal/,
    ],
    [
      'failures of a machine that answers nothing fallible',
      k0('{}', ', failures: [-5]'),
      'IRQB201',
      /k0: a counter answers nothing that may fail/,
    ],
    [
      'failures that are none',
      "export default scenario({ consumers: [{ name: 'c0', failures: [5] }], threads: {} });",
      'IRQB201',
      /c0: a failure is an error, as in \[-5\], not 5/,
    ],
    [
      'a constant of another kind',
      k0('{ constants: { limit: 1 } }', ", constants: { limit: 'hello' }"),
      'IRQB201',
      /k0: the constant "limit" is a number, not "hello"/,
    ],
    [
      'a negative count',
      "export default scenario({ actors: [{ name: 'r0', machine: 'refcount', constants: { count: -1 } }], threads: {} });",
      'IRQB201',
      /r0: the constant "count" is a whole number from 0, not -1/,
    ],
    [
      'a machine that is called as a built-in one',
      k0("{ id: 'eventfd' }"),
      'IRQB201',
      /k0: its machine is called "eventfd", as a built-in one is/,
    ],
    [
      'two machines of one name',
      "export default scenario({ actors: [{ name: 'k0', machine: counter() }, { name: 'k1', machine: counter() }], threads });",
      'IRQB201',
      /k1: its machine is called "counter", as another one is/,
    ],
    [
      'what is interchangeable is not there',
      "export default scenario({ actors: [{ name: 'k0', machine: counter() }], threads, interchangeable: [[['t0'], ['t7']]] });",
      'IRQB210',
      /t7 is declared interchangeable, but nothing in the scenario is called so/,
    ],
    [
      'a mutation without a title',
      "export default of(counter(), { mutations: [{ id: 'own' }] });",
      'IRQB206',
      /mutations one of objects with id, title, source and shown/,
    ],
  ]);
});
