// Mutation testing, file by file: judges the mutants of src with Stryker and keeps what became of them in docs/mutants.json.
//
//   node scripts/mutants/run.ts [--again|--survivors] [GROUP|FILE ...]
//
// A file whose text is on record is not judged again, unless --again is given: hours of work can be done in parts. With --survivors
// those of its mutants that live are judged again: what tests that were added make of them.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Group } from './groups.ts';
import { filesOf, groupIds, groupOf } from './groups.ts';
import type { FileRecord, Records, Survivor } from './records.ts';

const isAgain = process.argv.includes('--again');
const onlySurvivors = process.argv.includes('--survivors');
const RECORDS = 'docs/mutants.json';
const REPORT = 'reports/mutants.json';

/** As much of Stryker's report as is read. */
interface Report {
  readonly files: Readonly<
    Record<
      string,
      {
        readonly source: string;
        readonly mutants: readonly {
          readonly status: string;
          readonly mutatorName: string;
          readonly replacement?: string;
          readonly location: Readonly<Record<'start' | 'end', { readonly line: number; readonly column: number }>>;
        }[];
      }
    >
  >;
}

const readJson = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;
const hashOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 12);
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim().slice(0, 100);

/** The text between two places, of the first line. */
function textAt(source: string, { start, end }: Report['files'][string]['mutants'][number]['location']): string {
  const line = source.split('\n')[start.line - 1] ?? '';
  return oneLine(line.slice(start.column - 1, start.line === end.line ? end.column - 1 : undefined));
}

/** What became of the mutants of a file. */
function recordOf(file: string, { source, mutants }: Report['files'][string]): FileRecord {
  const count = (status: string): number => mutants.filter((mutant) => mutant.status === status).length;
  const survivors = mutants.flatMap(({ status, mutatorName, replacement = '', location }): Survivor[] =>
    status === 'Survived' || status === 'NoCoverage'
      ? [
          {
            line: location.start.line,
            mutator: mutatorName,
            from: textAt(source, location),
            to: oneLine(replacement),
            ...(status === 'NoCoverage' ? { isNotRun: true } : {}),
          },
        ]
      : [],
  );
  return {
    hash: file === '' ? '' : hashOf(file),
    killed: count('Killed'),
    timedOut: count('Timeout'),
    texts: count('Ignored'),
    survivors,
  };
}

/** What became of the mutants that lived, of which the lines were judged again. */
function judgedAgain(record: FileRecord, file: Report['files'][string]): FileRecord {
  const textOf = ({ line, mutator, from, to }: Survivor): string => `${line} ${mutator} ${from} ${to}`;
  const left = new Map<string, Survivor[]>();
  for (const one of recordOf('', file).survivors) left.set(textOf(one), [...(left.get(textOf(one)) ?? []), one]);
  const survivors = record.survivors.flatMap((one): Survivor[] => {
    const found = left.get(textOf(one))?.shift();
    return found === undefined ? [] : [found];
  });
  return { ...record, killed: record.killed + record.survivors.length - survivors.length, survivors };
}

/** Lines of a file on which mutants live, as Stryker wants them. */
const linesOf = (file: string, { survivors }: FileRecord): readonly string[] =>
  [...new Set(survivors.map(({ line }) => line))].map((line) => `${file}:${line}-${line}`);

/** Judges some files; keeps what became of them. */
function judge(group: Group, files: readonly string[]): void {
  rmSync(REPORT, { force: true });
  mkdirSync('reports', { recursive: true });
  const before = existsSync(RECORDS) ? readJson<Records>(RECORDS) : {};
  const isPart = (file: string): boolean => onlySurvivors && before[file]?.hash === hashOf(file);
  const what = files.flatMap((file) => (isPart(file) ? linesOf(file, before[file] as FileRecord) : [file]));
  execFileSync('npx', ['stryker', 'run', '--mutate', what.join(',')], {
    env: { ...process.env, MUTANTS: group.id },
    stdio: ['ignore', openSync('reports/mutants.log', 'w'), 'inherit'],
  });
  const { files: found } = readJson<Report>(REPORT);
  const records: Record<string, FileRecord> = { ...before };
  for (const file of files) {
    const judged = found[file] ?? { source: '', mutants: [] };
    records[file] = isPart(file) ? judgedAgain(before[file] as FileRecord, judged) : recordOf(file, judged);
  }
  const sorted = Object.fromEntries(Object.entries(records).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(RECORDS, `${JSON.stringify(sorted, null, 1)}\n`);
}

/** Files by some bytes each time: enough to be worth the tests without a mutant, few enough to lose little. */
function* portions(files: readonly string[], bytes: number): Generator<readonly string[]> {
  let portion: string[] = [];
  let size = 0;
  for (const file of files) {
    portion.push(file);
    size += readFileSync(file).length;
    if (size < bytes) continue;
    yield portion;
    portion = [];
    size = 0;
  }
  if (portion.length > 0) yield portion;
}

const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const wanted = words.length === 0 ? groupIds : words;
for (const id of groupIds) {
  const group = groupOf(id);
  const known = existsSync(RECORDS) ? readJson<Records>(RECORDS) : {};
  const files = filesOf(group)
    .filter((file) => wanted.includes(id) || wanted.includes(file))
    .filter(
      (file) => isAgain || known[file]?.hash !== hashOf(file) || (onlySurvivors && known[file].survivors.length > 0),
    );
  let done = 0;
  for (const portion of portions(files, 60_000)) {
    const begin = performance.now();
    judge(group, portion);
    done += portion.length;
    const records = readJson<Records>(RECORDS);
    const [killed, all] = portion.reduce(
      ([k, n], file) => {
        const { killed: dead = 0, timedOut = 0, survivors = [] } = records[file] ?? {};
        return [k + dead + timedOut, n + dead + timedOut + survivors.length];
      },
      [0, 0] as readonly [number, number],
    );
    const seconds = ((performance.now() - begin) / 1000).toFixed(0);
    process.stdout.write(
      `${id} ${done}/${files.length}: ${killed} of ${all} killed, ${seconds} s: ${portion.join(' ')}\n`,
    );
  }
}
