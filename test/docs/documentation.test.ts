// The documentation is run: every fenced shell or ts block of README and docs.
import { spawnSync } from 'node:child_process';
import { globSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isLong, sample } from '../sample.ts';
import { blocksOf, commandsOf, normalise, pageOf, root, Shell, updated } from './transcripts.ts';

const pages = [
  'README.md',
  ...globSync('*.md', { cwd: root }).filter((page) => page !== 'README.md'),
  ...globSync('docs/**/*.md', { cwd: root }),
].toSorted();
/** Commands that search for seconds: in test:long. */
const slow = [
  'for arch in vmx svm arm64 powerpc; do npx irqbypass explore assign --set arch=$arch | head -1; done',
  'for arch in vmx svm powerpc; do npx irqbypass explore live-update --set arch=$arch --set quiesced=false | head -1; done',
  'for reaction in drop retry go-on; do npx irqbypass explore reported-failure --set reaction=$reaction | head -1; done',
  'npx irqbypass explore assign --set vectors=2 --swarm 4 --seed 1 --workers 2 --max-states 100 --max-steps 20000',
  'npx irqbypass explore manager --mutation m-forgets-nothing --swarm 4 --seed 1 --workers 2 --max-states 10 --max-steps 20000',
  'npx irqbypass explore routing-race --set arch=arm64 --set reached=true | head -1',
  'npx irqbypass explore routing-race --set arch=arm64 --set reached=true --mutation b23 --property i-noloss | grep i-noloss:',
  'npx irqbypass explore routing-race --set arch=arm64 --set reached=true --mutation b30b --property i-irte | grep i-irte:',
  'npx irqbypass scale --workload like-xu --index list,xarray',
  'npx irqbypass diff test/fixtures/kernel-trees/xarray guarded --set producers=1 --set consumers=1 --set eventfds=1 | tail -6',
  'npx irqbypass explore assign',
  'npx irqbypass explore assign --mutation b10 --property i-irte',
  'npx irqbypass explore assign --property i-irte --coverage | tail -2',
  'npx irqbypass explore assign --property i-irte --coverage --no-por | tail -1',
  'npx irqbypass explore pairing --swarm 4 --workers 2 --max-steps 20000',
  'npx irqbypass explore assign --revision likexu-v2 --property l-term --max-states 20000',
  'npx irqbypass explore manager --property i-uniq --property i-leak --swarm 2 --workers 1 --max-states 10 --ktap swarm.ktap > /dev/null; grep ok swarm.ktap',
  'npx irqbypass explore routing-race | head -1',
  "npx irqbypass explore routing-race --set arch=arm64 | grep -E '^  i-'",
  'npx irqbypass explore vdpa-swap | head -1',
  "timeout 5 npx irqbypass ui --port 0 | sed -E 's/:[0-9]+/:PORT/'",
];
/** Pages of bugs whose command is run in `npm test`: what each finds is tested by itself, with every mutation. */
const ofBugs = new Set(
  sample(
    pages.filter((page) => page.startsWith('docs/bugs/')),
    8,
  ),
);
/** Pages of searches that stand by themselves: in `npm test` one of four is run. */
const ofSearches = new Set(['docs/findings.md', 'docs/how-irqbypass-works.md']);
const isPassedOver = (page: string, line: number): boolean =>
  (page.startsWith('docs/bugs/') && !ofBugs.has(page)) || (ofSearches.has(page) && line % 4 !== 0);
const setUp = ['npm ci && npm run demo\n', 'npm ci && npm test\n'];

for (const page of pages) {
  describe(page, () => {
    const shell = new Shell();
    afterAll(() => shell.remove());
    if (process.env['UPDATE_TRANSCRIPTS'] === '1') {
      // In a folder of its own: what the commands leave there is not there yet when they are tested.
      const scratch = new Shell();
      writeFileSync(join(root, page), updated(pageOf(page), scratch));
      scratch.remove();
    }
    for (const block of blocksOf(pageOf(page))) {
      const place = `line ${block.line}`;
      switch (block.language) {
        case 'console':
          for (const [i, { command, output }] of commandsOf(block).entries()) {
            it.skipIf(!isLong && (slow.includes(command) || isPassedOver(page, i)))(
              `${place}: $ ${command}`,
              async () => expect(normalise(await shell.runHere(command))).toBe(normalise(output)),
            );
          }
          break;
        case 'ts':
          it(`${place}: runs`, () => {
            const file = join(root, 'dist', `snippet-${block.line}.ts`);
            writeFileSync(file, block.content);
            const { status, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
            rmSync(file);
            expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
          });
          break;
        case 'sh':
          it(`${place}: is one of the two commands that set everything up`, () =>
            expect(setUp).toContain(block.content));
          break;
        default:
          it(`${place}: a block is console, ts, sh, js, mermaid, text or yaml`, () => {
            expect(['js', 'mermaid', 'text', 'yaml']).toContain(block.language);
          });
      }
    }
    // Lines to paste are pasted (all of them in test:long): each leads to the same line again, so to the same run.
    const lines = [...pageOf(page).matchAll(/^reproduce {2}((?:npx )?irqbypass .*)$/gm)].map((match) => match[1] ?? '');
    for (const line of sample([...new Set(lines)], 5)) {
      it(`reproduce  ${line}`, async () => expect(await shell.runHere(line)).toContain(`reproduce  ${line}\n`));
    }
    it('has no link to a file that is not there', () => {
      const links = [...pageOf(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1] ?? '');
      const missing = links.filter((link) => globSync(join(root, page, '..', link)).length === 0);
      expect(missing).toEqual([]);
    });
    it('names no file of the source that is not there', () => {
      const named = [...pageOf(page).matchAll(/`((?:src|test|scripts|bench|examples)\/[\w./*-]+)`/g)].map(
        (match) => match[1] ?? '',
      );
      expect(named.filter((file) => globSync(file, { cwd: root }).length === 0)).toEqual([]);
    });
  });
}

it('slow commands are on some page', () => {
  const commands = pages.flatMap((page) => blocksOf(pageOf(page)).flatMap(commandsOf)).map(({ command }) => command);
  expect(commands).toEqual(expect.arrayContaining(slow));
});

it('docs/errors.md has a paragraph for each code of the source, and for no other', () => {
  const code = /IRQB\d{3}/g;
  const inSource = globSync('src/**/*.ts', { cwd: root }).flatMap((file) => pageOf(file).match(/'IRQB\d{3}'/g) ?? []);
  const lines = [...pageOf('docs/errors.md').matchAll(/^### (IRQB\d{3})\n\S.{40}/gm)].map((match) => match[1]);
  expect(lines).toEqual([...new Set(lines)]);
  expect(lines.toSorted()).toEqual([...new Set(inSource.flatMap((one) => one.match(code) ?? []))].toSorted());
});
