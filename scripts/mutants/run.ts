// Mutation testing, file by file: judges the mutants of src with Stryker and keeps what became of them in docs/mutants.json.
//
//   node scripts/mutants/run.ts [--again|--survivors] [GROUP|FILE ...]
//
// A file whose text is on record is not judged again, unless --again is given: hours of work can be done in parts. With --survivors
// those of its mutants that live are judged again, with twice the time.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Group } from './groups.ts';
import { filesOf, groupIds, groupOf } from './groups.ts';
import type { FileRecord, Records, Survivor } from './records.ts';
import { hashOf } from './records.ts';

const isAgain = process.argv.includes('--again');
const onlySurvivors = process.argv.includes('--survivors');
const RECORDS = 'docs/mutants.json';
const REPORT = 'reports/mutants.json';

/** As much of Stryker's report as is read. */
interface Mutant {
  readonly status: string;
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly location: Readonly<Record<'start' | 'end', { readonly line: number; readonly column: number }>>;
}
interface Judged {
  readonly source: string;
  readonly mutants: readonly Mutant[];
}
interface Report {
  readonly files: Readonly<Record<string, Judged>>;
}

const readJson = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim().slice(0, 100);

/** The text between two places, of the first line. */
function textAt(source: string, { start, end }: Mutant['location']): string {
  const line = source.split('\n')[start.line - 1] ?? '';
  return oneLine(line.slice(start.column - 1, start.line === end.line ? end.column - 1 : undefined));
}

/** A mutant as it is kept where it lives. */
const survivorOf = (source: string, { status, mutatorName, replacement = '', location }: Mutant): Survivor => ({
  line: location.start.line,
  ...(location.end.line === location.start.line ? {} : { end: location.end.line }),
  mutator: mutatorName,
  from: textAt(source, location),
  to: oneLine(replacement),
  ...(status === 'NoCoverage' ? { isNotRun: true } : {}),
});

const lives = ({ status }: Mutant): boolean => status === 'Survived' || status === 'NoCoverage';
const count = (mutants: readonly Mutant[], status: string): number =>
  mutants.filter((mutant) => mutant.status === status).length;

/** What became of the mutants of a file. */
function recordOf(file: string, { source, mutants }: Judged): FileRecord {
  return {
    hash: hashOf(file),
    killed: count(mutants, 'Killed'),
    timedOut: count(mutants, 'Timeout'),
    texts: count(mutants, 'Ignored'),
    survivors: mutants.filter(lives).map((mutant) => survivorOf(source, mutant)),
  };
}

const keyOf = ({ line, end, mutator, from, to }: Survivor): string => JSON.stringify([line, end, mutator, from, to]);

/** What became of the mutants that lived. Throws where one of them was not judged. */
function judgedAgain(file: string, record: FileRecord, { source, mutants }: Judged): FileRecord {
  // Of several that look the same on a line those that live are meant: who was killed is not asked again.
  const found = Map.groupBy(
    mutants.toSorted((a, b) => Number(lives(b)) - Number(lives(a))),
    (mutant) => keyOf(survivorOf(source, mutant)),
  );
  const again = record.survivors.map((one): Mutant => {
    const mutant = found.get(keyOf(one))?.shift();
    if (mutant === undefined) throw new Error(`${file}:${one.line}: ${one.mutator} lived, and was not judged again`);
    return mutant;
  });
  return {
    ...record,
    killed: record.killed + count(again, 'Killed'),
    timedOut: record.timedOut + count(again, 'Timeout'),
    survivors: again.filter(lives).map((mutant) => survivorOf(source, mutant)),
  };
}

/** Lines of a file on which mutants live, as Stryker wants them. */
const linesOf = (file: string, { survivors }: FileRecord): readonly string[] => [
  ...new Set(survivors.map(({ line, end = line }) => `${file}:${line}-${end}`)),
];

/** Judges some files; keeps what became of them. */
function judge(group: Group, files: readonly string[]): void {
  rmSync(REPORT, { force: true });
  mkdirSync('reports', { recursive: true });
  const before = existsSync(RECORDS) ? readJson<Records>(RECORDS) : {};
  const isPart = (file: string): boolean => onlySurvivors && before[file]?.hash === hashOf(file);
  const mutated = files.flatMap((file) => (isPart(file) ? linesOf(file, before[file] as FileRecord) : [file]));
  execFileSync('npx', ['stryker', 'run', '--mutate', mutated.join(',')], {
    env: { ...process.env, MUTANTS: group.id, ...(onlySurvivors ? { MUTANTS_AGAIN: 'survivors' } : {}) },
    stdio: ['ignore', openSync('reports/mutants.log', 'w'), 'inherit'],
  });
  const { files: found } = readJson<Report>(REPORT);
  const records: Record<string, FileRecord> = { ...before };
  for (const file of files) {
    const judged = found[file] ?? { source: '', mutants: [] };
    records[file] = isPart(file) ? judgedAgain(file, before[file] as FileRecord, judged) : recordOf(file, judged);
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
