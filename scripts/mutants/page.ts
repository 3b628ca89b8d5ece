// Writes what is on record of mutation testing into docs/testing.md: a row a file, survivors by kind.
import { readFileSync, writeFileSync } from 'node:fs';
import { filesOf, groupIds, groupOf } from './groups.ts';
import type { FileRecord, Records } from './records.ts';
import { hashOf } from './records.ts';

const PAGE = 'docs/testing.md';
const [BEGIN, END] = ['<!-- mutants -->\n', '<!-- end of mutants -->'];

const records = JSON.parse(readFileSync('docs/mutants.json', 'utf8')) as Records;
const killed = ({ killed: dead, timedOut }: FileRecord): number => dead + timedOut;
const all = (record: FileRecord): number => killed(record) + record.survivors.length;
const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;
const sum = (of: readonly number[]): number => of.reduce((total, one) => total + one, 0);

/** The kinds of survivors of a file, the most frequent first. */
function kindsOf({ survivors }: FileRecord): string {
  const counts = new Map<string, number>();
  for (const { mutator } of survivors) counts.set(mutator, (counts.get(mutator) ?? 0) + 1);
  const sorted = [...counts].toSorted(([, a], [, b]) => b - a).slice(0, 3);
  return sorted.map(([kind, count]) => `${kind} ${count}`).join(', ');
}

const lines = ['| file | mutants | killed | | survivors, most frequent kinds |', '|---|---:|---:|---:|---|'];
for (const id of groupIds) {
  const files = filesOf(groupOf(id));
  const judged = files.flatMap((file) => {
    const record = records[file];
    // What became of another text of a file says nothing of this one.
    return record === undefined || record.hash !== hashOf(file) ? [] : [{ file, record }];
  });
  // A file of types has none.
  for (const { file, record } of judged.filter((one) => all(one.record) > 0))
    lines.push(
      `| ${file.replace('src/', '')} | ${all(record)} | ${killed(record)} | ${percent(killed(record), all(record))} | ${kindsOf(record)} |`,
    );
  const [dead, whole] = [sum(judged.map(({ record }) => killed(record))), sum(judged.map(({ record }) => all(record)))];
  const score = whole === 0 ? 'not yet' : percent(dead, whole);
  lines.push(`| **${id}**: ${judged.length} of ${files.length} files | ${whole} | ${dead} | **${score}** | |`);
}

const page = readFileSync(PAGE, 'utf8');
const [before = '', rest = ''] = page.split(BEGIN);
writeFileSync(PAGE, `${before}${BEGIN}\n${lines.join('\n')}\n\n${END}${rest.split(END)[1] ?? ''}`);
