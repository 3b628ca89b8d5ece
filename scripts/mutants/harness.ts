// What tests import from vitest, for the judging of mutants: the same names, run in one thread without a test runner around them.
//
// A mutant is judged in a thread of its own, so that nothing is left over from the one before; vitest itself would take most of that
// time. `expect` is vitest's.
import { expect } from 'vitest';

export { expect };

type Body = () => unknown;
type Hook = 'beforeAll' | 'afterAll' | 'beforeEach' | 'afterEach';

interface Suite {
  readonly name: string;
  readonly parent: Suite | null;
  readonly hooks: Readonly<Record<Hook, Body[]>>;
  /** Tests of it and of what is in it that are not over. */
  left: number;
  entered: boolean;
}

/** A test, by the names of what it is in and its own. */
export interface CollectedTest {
  readonly id: string;
  readonly suite: Suite;
  readonly body: Body;
}

const suiteOf = (name: string, parent: Suite | null): Suite => ({
  name,
  parent,
  hooks: { beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] },
  left: 0,
  entered: false,
});

let current = suiteOf('', null);

/** All tests, in the order of the files that are bundled. */
export const collected: CollectedTest[] = [];
const ids = new Map<string, number>();

const withAll = (suite: Suite): readonly Suite[] =>
  suite.parent === null ? [suite] : [...withAll(suite.parent), suite];

/** The id of a test; tests of the same name are numbered. */
function idOf(name: string): string {
  const id = [...withAll(current).map((suite) => suite.name), name].filter((part) => part !== '').join(' > ');
  const count = (ids.get(id) ?? 0) + 1;
  ids.set(id, count);
  return count === 1 ? id : `${id} (${count})`;
}

/** JSON knows no BigInt. */
const plain = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);
const text = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value, plain) ?? String(value));

/** `%s` and its like, as far as names have to differ. */
function nameOf(name: string, row: readonly unknown[]): string {
  const rest = [...row];
  return name.replaceAll(/%[sdijfo]/g, () => text(rest.shift()).slice(0, 80));
}

const rowOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

function addTest(name: string, body: Body): void {
  collected.push({ id: idOf(name), suite: current, body });
  for (const suite of withAll(current)) suite.left += 1;
}

function addSuite(name: string, body: Body): void {
  const outer = current;
  current = suiteOf(name, outer);
  body();
  current = outer;
}

type Callback = (...row: never[]) => unknown;
type Each = (list: readonly unknown[]) => (name: string, body: Callback) => void;

const each =
  (add: (name: string, body: Body) => void): Each =>
  (list) =>
  (name, body) => {
    for (const value of list) {
      const row = rowOf(value);
      add(nameOf(name, row), () => body(...(row as never[])));
    }
  };

const skip = (): void => undefined;

export const it = Object.assign(addTest, { each: each(addTest), skip, fails: skip });
export const describe = Object.assign(addSuite, {
  each: each(addSuite),
  skip,
  skipIf: (skipped: boolean) => (skipped ? skip : addSuite),
});

const hook = (kind: Hook) => (body: Body) => {
  current.hooks[kind].push(body);
};

export const beforeAll = hook('beforeAll');
export const afterAll = hook('afterAll');
export const beforeEach = hook('beforeEach');
export const afterEach = hook('afterEach');

async function call(hooks: readonly Body[]): Promise<void> {
  for (const body of hooks) await body();
}

/** After this all tests can be run again: what is entered is left, in the order of the files. */
export async function leave(): Promise<void> {
  const count = new Map<Suite, number>();
  for (const one of collected) for (const suite of withAll(one.suite)) count.set(suite, (count.get(suite) ?? 0) + 1);
  for (const [suite, tests] of count) {
    if (suite.entered && suite.left > 0) await call(suite.hooks.afterAll);
    suite.entered = false;
    suite.left = tests;
  }
}

/** Runs one test with the hooks around it. Rejects where it fails. */
export async function run({ suite, body }: CollectedTest): Promise<void> {
  const suites = withAll(suite);
  for (const one of suites) {
    if (!one.entered) await call(one.hooks.beforeAll);
    one.entered = true;
  }
  try {
    for (const one of suites) await call(one.hooks.beforeEach);
    await body();
  } finally {
    for (const one of suites.toReversed()) await call(one.hooks.afterEach);
    for (const one of suites.toReversed()) {
      one.left -= 1;
      if (one.left === 0) await call(one.hooks.afterAll);
    }
  }
}
