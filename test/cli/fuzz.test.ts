// Valid files and command lines with one mistake: refused with a message, or taken. Never a bug of the program (exit 70), never a hang.
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { main } from '../../src/cli/main.ts';
import { root } from '../docs/transcripts.ts';
import { isLong } from '../sample.ts';

/** Of each of the four: 300 in npm test together. */
const RUNS = isLong ? 5000 : 75;
/** The same runs each time in npm test; others each time in test:long. */
const PARAMETERS = isLong ? { numRuns: RUNS } : { numRuns: RUNS, seed: 1 };
/** Nothing takes longer, for a limit of two seconds. Milliseconds. */
const MOST_MS = 4000;
const LIMITS = ['--max-seconds', '2', '--max-states', '300'];

const folder = mkdtempSync(join(tmpdir(), 'irqbypass-fuzz-'));
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ran {
  readonly exit: number;
  readonly said: string;
}

async function ran(args: readonly string[]): Promise<Ran> {
  let said = '';
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  const exit = await main(args);
  stdout.mockRestore();
  stderr.mockRestore();
  return { exit, said };
}

/** The answer is one of the five that are promised, in time, and a refusal is one message with its code. */
async function expectManners(args: readonly string[]): Promise<void> {
  const begin = performance.now();
  const { exit, said } = await ran(args);
  expect(performance.now() - begin).toBeLessThan(MOST_MS);
  expect({ exit, said }).toEqual({ exit: expect.toBeOneOf([0, 1, 2, 3]), said });
  if (exit === 2) expect(said).toMatch(/^irqbypass: IRQB\d{3} /m);
}

type Tree = null | boolean | number | string | Tree[] | { [key: string]: Tree };

/** What may stand where something else should. */
const strange: fc.Arbitrary<Tree> = fc.oneof(
  fc.constantFrom<Tree[]>(null, true, 0, -1, 1e9, 0.5, '', 'e0', 'p0', 'c9', 'NULL', 'end', [], {}, [null], {
    name: 'p0',
  }),
  fc.string({ maxLength: 12 }),
  fc.constantFrom('__proto__', 'constructor', 'toString', '𝔭0', 'p0\n', "'; drop", 'p'.repeat(300)),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Tree>,
);

/** One place of a tree changed: a value replaced, a key renamed or taken away, an item doubled. */
function changed(tree: Tree, at: number, how: number, by: Tree): Tree {
  const places: (() => void)[] = [];
  const visit = (node: Tree): void => {
    if (Array.isArray(node))
      for (const [i, item] of node.entries()) {
        places.push(() => {
          if (how === 0) node[i] = by;
          else if (how === 1) node.splice(i, 1);
          else node.splice(i, 0, structuredClone(item));
        });
        visit(item);
      }
    else if (typeof node === 'object' && node !== null)
      for (const [key, item] of Object.entries(node)) {
        places.push(() => {
          if (how === 0) node[key] = by;
          else delete node[key];
          if (how === 2) node[typeof by === 'string' ? by : `${key}x`] = item;
        });
        visit(item);
      }
  };
  const copy = structuredClone(tree);
  visit(copy);
  places[at % Math.max(places.length, 1)]?.();
  return copy;
}

/** One place of a text changed: characters taken away, put in or doubled, a line moved, the rest cut off. */
function edited(text: string, at: number, how: number, by: string): string {
  const place = at % (text.length + 1);
  const rest = text.slice(place);
  const head = text.slice(0, place);
  const lines = text.split('\n');
  switch (how) {
    case 0:
      return head + rest.slice(1);
    case 1:
      return head + by + rest;
    case 2:
      return head;
    case 3:
      return lines.toSpliced(at % lines.length, 1).join('\n');
    default:
      return lines.toSpliced(at % lines.length, 0, lines[(at * 7) % lines.length] ?? '').join('\n');
  }
}

const place = fc.nat({ max: 1 << 20 });
const kind = fc.nat({ max: 2 });
const edit = fc.nat({ max: 4 });

const files = globSync(['examples/**/*.yaml', 'examples/**/*.json'], { cwd: root }).toSorted();
const texts = files.map((file) => readFileSync(join(root, file), 'utf8'));
let traces: readonly { readonly name: string; readonly text: string }[] = [];

beforeAll(async () => {
  const made = ['run.ndjson', 'run.itf.json'].map((name) => join(folder, name));
  for (const file of made) await ran(['run', 'null-key', '--out', file]);
  traces = made.map((file) => ({ name: basename(file), text: readFileSync(file, 'utf8') }));
});

it(`a scenario file with another value, key or item somewhere (${RUNS} files)`, async () => {
  const which = fc.nat({ max: files.length - 1 });
  await fc.assert(
    fc.asyncProperty(which, place, kind, strange, async (i, at, how, by) => {
      const file = join(folder, `tree${extname(files[i] ?? '')}`);
      writeFileSync(file, stringify(changed(parse(texts[i] ?? '') as Tree, at, how, by)));
      await expectManners(['explore', file, ...LIMITS]);
    }),
    PARAMETERS,
  );
});

it(`a scenario file with another text somewhere (${RUNS} files)`, async () => {
  const which = fc.nat({ max: files.length - 1 });
  await fc.assert(
    fc.asyncProperty(which, place, edit, fc.string({ maxLength: 8 }), async (i, at, how, by) => {
      const file = join(folder, `text${extname(files[i] ?? '')}`);
      writeFileSync(file, edited(texts[i] ?? '', at, how, by));
      await expectManners(['explore', file, ...LIMITS]);
    }),
    PARAMETERS,
  );
});

it(`a trace with another value or text somewhere (${RUNS} files)`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.boolean(), place, edit, strange, async (isItf, at, how, by) => {
      const { name = '', text = '' } = traces[isItf ? 1 : 0] ?? {};
      const file = join(folder, `changed-${name}`);
      const lines = isItf ? [text] : text.trimEnd().split('\n');
      const line = at % lines.length;
      const tree = JSON.parse(lines[line] ?? '') as Tree;
      const other = lines.with(line, JSON.stringify(changed(tree, at >> 3, how % 3, by))).join('\n');
      writeFileSync(file, how < 3 ? `${other}\n` : edited(text, at, how, JSON.stringify(by)));
      await expectManners(['replay', file]);
    }),
    PARAMETERS,
  );
});

/** Command lines that are right, in words. */
const lines = [
  ['explore', 'pairing', '--revision', 'v2p8', '--property', 'i-keysync', ...LIMITS],
  ['explore', 'manager', '--set', 'producers=1', '--no-symmetry', '--search', 'dfs', '--max-depth', '9', ...LIMITS],
  ['explore', 'null-key', '--mutation', 'b6', '--traces', '2', '--distinct-by', 'final', '--json', ...LIMITS],
  ['explore', 'manager', '--liveness', '--set', 'producers=1', '--set', 'consumers=1', ...LIMITS],
  ['run', 'manager', '--scheduler', 'pct', '--seed', '7', '--max-steps', '20', '--format', 'ndjson'],
  ['list', 'scenarios', '--json'],
  ['diagram', 'registry', '--revision', 'base', '--format', 'mermaid'],
];

it(`a command line with another word (${RUNS} lines)`, async () => {
  const word = fc.oneof(
    fc.constantFrom(
      ...new Set(lines.flat()),
      '--',
      '-',
      '',
      '0',
      '-1',
      '1e9',
      '2.5',
      'NaN',
      '--json',
      '--help',
      '=',
      'a=b',
    ),
    fc.string({ maxLength: 10 }),
  );
  const which = fc.constantFrom(...lines);
  await fc.assert(
    fc.asyncProperty(which, place, kind, word, async (line, at, how, by) => {
      // A word that names a file would be read or written where the test runs.
      fc.pre(!by.includes('/') && !by.includes('.') && !['--out', '--trace', '--lts'].includes(by));
      const i = at % line.length;
      const other = how === 0 ? line.with(i, by) : how === 1 ? line.toSpliced(i, 1) : line.toSpliced(i, 0, by);
      // Without its limits a search may take as long as it likes.
      fc.pre(other[0] !== 'explore' || LIMITS.every((limit) => other.includes(limit)));
      fc.pre(!['demo', 'worker', 'scale', 'storm'].some((long) => other.includes(long)));
      await expectManners(other);
    }),
    PARAMETERS,
  );
});
