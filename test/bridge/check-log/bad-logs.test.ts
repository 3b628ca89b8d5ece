// What is no log, or not one log: one message with a code and a place, nothing else.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { checkLog } from '../../../src/bridge/check-log/check-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'irqbypass-bad-logs-'));
afterAll(() => rmSync(folder, { recursive: true }));

const log = (name: string): string => readFileSync(`test/fixtures/real-logs/${name}.log`, 'utf8');
const KPROBE = log('s12-618-kprobe-dup-producer');
const line = (seconds: string, text: string): string => `  t-1 [000] d....  ${seconds}: ${text}\n`;
const CALL = 'reg_cons: (irq_bypass_register_consumer+0x0/0x138) cons=0xffff000000000010 token=0xffff000000000020';

/** What it is, the text, the code, the place, a part of the message. */
const bad: readonly (readonly [string, string | Uint8Array, string, string, string])[] = [
  ['empty', '', 'IRQB601', '', 'the log is empty'],
  ['only blanks', '\n \n\t\n', 'IRQB601', '', 'the log is empty'],
  ['no log', 'Dear all,\nplease find below\n', 'IRQB601', '', 'no log that is understood'],
  ['binary', new Uint8Array([0x17, 0x08, 0x44, 0x74, 0, 0, 0, 1]), 'IRQB602', '', 'binary'],
  ['a line without an end', `# tracer: nop\n${'x'.repeat(1 << 20)}\n`, 'IRQB602', ':2', 'a line of over 65536'],
  ['two logs', KPROBE + KPROBE, 'IRQB603', ':127', 'another log begins here'],
  [
    'a clock that goes back',
    line('100.000000', CALL) + line('90.000000', CALL),
    'IRQB603',
    ':2',
    'goes back by 10000 ms',
  ],
  ['another function set', line('1.000000', 'vfs_read <-ksys_read'), 'IRQB604', '', 'no call of irqbypass'],
];

it.each(bad)('%s', async (_, content, code, place, message) => {
  const file = join(folder, 'log');
  writeFileSync(file, content);
  const error = await checkLog(file).then(
    () => null,
    (caught: unknown) => caught as { code: string; where: string; message: string },
  );
  expect(error).toMatchObject({ code, where: `${file}${place}`, message: expect.stringContaining(message) as string });
});

it('a pipe is read twice, as a file is', () => {
  const lines = KPROBE.split('\n').toSpliced(28, 2).join('\n');
  writeFileSync(join(folder, 'piped'), lines);
  const { status, stdout } = spawnSync(
    'bash',
    ['-c', `node bin/irqbypass.js check-log <(cat "${join(folder, 'piped')}")`],
    {
      encoding: 'utf8',
    },
  );
  expect([status, /add_producer cannot come here/.test(stdout)]).toEqual([1, true]);
});

it('hostile names are text', async () => {
  const file = join(folder, '$(touch pwned) log');
  writeFileSync(file, line('1.000000', `${CALL} comm="$(touch pwned)"`).replace('t-1', '`rm -rf ~`;\u001b[31m-7 -1'));
  const report = await checkLog(file);
  expect([report.verdict, report.objects]).toEqual(['accepted', 1]);
});
