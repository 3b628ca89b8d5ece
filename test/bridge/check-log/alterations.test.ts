// Logs of real kernels, each changed in one place: what cannot be is rejected at the right line, what still can be is not.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkLog } from '../../../src/bridge/check-log/check-log.ts';
import { sample } from '../../sample.ts';

type Change = (lines: string[]) => readonly string[];

/** Lines are numbered from 1, as in the log. */
const drop =
  (from: number, to = from): Change =>
  (lines) =>
    lines.toSpliced(from - 1, to - from + 1);
const swap =
  (one: number, other: number): Change =>
  (lines) =>
    lines.with(one - 1, lines[other - 1] ?? '').with(other - 1, lines[one - 1] ?? '');
const replace =
  (at: number, from: string, to: string): Change =>
  (lines) => {
    const line = lines[at - 1] ?? '';
    if (!line.includes(from)) throw new Error(`line ${at} has no ${from}: ${line}`);
    return lines.with(at - 1, line.replaceAll(from, to));
  };
/** The log ends before a line. */
const end =
  (before: number): Change =>
  (lines) => [...lines.slice(0, before - 1), ''];
/** Copies of lines, after another one. */
const copy =
  (from: number, to: number, after: number, change: (line: string) => string = (line) => line): Change =>
  (lines) =>
    lines.toSpliced(after, 0, ...lines.slice(from - 1, to).map(change));
const move =
  (from: number, to: number, after: number): Change =>
  (lines) => {
    const moved = lines.slice(from - 1, to);
    const rest = lines.toSpliced(from - 1, to - from + 1);
    return rest.toSpliced(after > to ? after - moved.length : after, 0, ...moved);
  };
const both =
  (one: Change, other: Change): Change =>
  (lines) =>
    other([...one(lines)]);

const KPROBE = 's12-618-kprobe-dup-producer';
const EARLIER = 's01-612-kprobe-clean-consumer-first';
const KILLED = 's08-612-kprobe-vm-killed';
const FUNCTION = 's02-612-function-clean-producer-first';
const GRAPH = 's03-612-graph-dup-producer';
const GRAPH_ARGUMENTS = 's15-618-graphargs-vm-close-first';
const ARGUMENTS = 's14-618-funcargs-dup-consumer';
const BPFTRACE = 's18-618-bpftrace-dup-producer';
const TRACE_CMD = 's17-618-tracecmd-dup-producer';
const PERF = 's11-612-perfscript-clean-producer-first';
const FPROBE = 's13-618-fprobe-reassign-routing';

const P0 = '0xffff0000038e1db0';
const P1 = '0xffff0000038e1530';
const C0 = '0xffff00000393ccf0';
const C1 = '0xffff00000393c0f0';
const E0 = '0xffff000007f8b880';
const E1 = '0xffff000007f8b480';

/** What is changed, where, how, and the line that is rejected then (of the changed log), with a part of why. */
const rejected: readonly (readonly [string, string, Change, number, string])[] = [
  // kprobe events, 6.18
  ['a connect without stop', KPROBE, drop(29, 30), 29, 'add_producer cannot come here'],
  ['a connect without add_producer', KPROBE, drop(31, 36), 31, 'start cannot come here'],
  ['a connect without start', KPROBE, drop(37, 38), 37, 'over without start'],
  ['add_producer before stop', KPROBE, swap(29, 31), 29, 'add_producer cannot come here'],
  ['start before add_producer', KPROBE, swap(31, 37), 31, 'start cannot come here'],
  ['stop twice', KPROBE, copy(29, 30, 30), 31, 'stop cannot come here'],
  ['start twice', KPROBE, copy(37, 38, 38), 39, 'start cannot come here'],
  ['a connect that is reported as -EBUSY', KPROBE, replace(39, 'ret=0', 'ret=-16'), 39, 'returns -16'],
  ['the second producer of an eventfd gets 0', KPROBE, replace(43, 'ret=-16', 'ret=0'), 43, 'returns 0'],
  ['add_producer fails, set_forwarding did not', KPROBE, replace(36, 'ret=0', 'ret=-22'), 36, 'returns -22'],
  ['its_map_vlpi fails, set_forwarding does not', KPROBE, replace(34, 'ret=0', 'ret=-22'), 35, 'returns 0'],
  [
    'add_producer fails and the registration succeeds',
    KPROBE,
    both(replace(34, 'ret=0', 'ret=-22'), both(replace(35, 'ret=0', 'ret=-22'), replace(36, 'ret=0', 'ret=-22'))),
    39,
    'returns 0 after add_producer returned -22',
  ],
  ['the loser is connected', KPROBE, copy(29, 38, 42), 43, `stop(${C0}) cannot come here`],
  [
    'a consumer that is connected is connected again',
    KPROBE,
    both(
      copy(29, 38, 51, (line) => line.replaceAll(P0, P1)),
      (lines) => replace(62, 'ret=-16', 'ret=0')(lines),
    ),
    52,
    `stop(${C0}) cannot come here`,
  ],
  [
    'del_producer where add_producer belongs',
    KPROBE,
    both(replace(31, 'irq_bypass_add_producer', 'irq_bypass_del_producer'), replace(31, 'add_prod', 'del_prod')),
    31,
    'del_producer cannot come here',
  ],
  [
    'add_producer where del_producer belongs',
    KPROBE,
    both(replace(58, 'irq_bypass_del_producer', 'irq_bypass_add_producer'), replace(58, 'del_prod', 'add_prod')),
    58,
    'add_producer cannot come here',
  ],
  ['the wrong producer is added', KPROBE, replace(31, P0, P1), 31, 'add_producer('],
  ['the wrong consumer is stopped', KPROBE, replace(29, C0, C1), 29, 'stop('],
  ['the wrong producer is taken away', KPROBE, replace(58, P0, P1), 58, 'del_producer('],
  ['the wrong consumer is started', KPROBE, replace(62, C0, C1), 62, 'start('],
  ['a producer is unregistered twice, with callbacks', KPROBE, copy(55, 64, 64), 65, 'cannot have'],
  ['a disconnect without callbacks', KPROBE, drop(56, 63), 56, 'returns'],
  ['the unregistration of a loser runs callbacks', KPROBE, copy(56, 63, 46), 47, 'stop('],
  ['a callback outside of any call', KPROBE, copy(29, 29, 16), 17, 'outside any call'],
  ['a registration fails, and its consumer is connected', KPROBE, replace(15, 'ret=0', 'ret=-12'), 29, 'stop('],
  ['KVM_IRQFD succeeds without registering', KPROBE, drop(14, 15), 14, '0 registrations'],
  ['KVM_IRQFD fails after it registered', KPROBE, replace(16, 'ret=0', 'ret=-16'), 16, 'fails with -16'],
  ['a vector that is switched off registers', KPROBE, replace(27, 'fd=13', 'fd=-1'), 40, 'switched off'],
  ['a vector that is given an eventfd does not register', KPROBE, drop(42, 43), 42, 'registers no producer'],
  ['the consumer of another eventfd is connected', KPROBE, replace(28, E0, E1), 29, 'stop('],
  ['a producer has gone without a trace', KPROBE, drop(55, 64), 61, 'stop('],
  ['a connected producer has another partner', KPROBE, replace(55, C0, C1), 55, 'partner set'],
  ['a loser has a key', KPROBE, replace(46, 'token=0x0', `token=${E0}`), 46, 'cannot have'],
  [
    'a producer is registered with a second eventfd',
    KPROBE,
    both(
      copy(70, 70, 82, (line) => line.replace(E0, E1)),
      copy(96, 96, 83),
    ),
    84,
    'was not unregistered',
  ],
  [
    'a connected producer has no partner',
    KPROBE,
    (lines) => lines.with(54, (lines[54] ?? '').replace(/partner=0x\w+/, 'partner=0x0')),
    55,
    'partner NULL',
  ],
  ['a loser has a partner', KPROBE, replace(46, 'partner=0x0', `partner=${C0}`), 46, 'partner set'],
  // kprobe events, 6.12
  ['6.12: a connect without stop', EARLIER, drop(19, 20), 19, 'add_producer cannot come here'],
  ['callbacks of two calls at once', KILLED, move(117, 119, 108), 110, 'both under'],
  ['a return before what made it possible', KILLED, move(105, 106, 94), 95, 'returns'],
  // function tracer: no addresses
  ['function: a connect without stop', FUNCTION, drop(27, 28), 27, 'add_producer cannot come here'],
  ['function: a connect without start', FUNCTION, drop(32, 33), 34, 'over without start'],
  ['function: add_producer before stop', FUNCTION, swap(27, 29), 27, 'add_producer cannot come here'],
  [
    'function: add_producer in an unregistration',
    FUNCTION,
    replace(43, 'del_producer', 'add_producer'),
    43,
    'add_producer',
  ],
  // function_graph
  ['graph: a connect without start', GRAPH, drop(35, 37), 36, 'over without start'],
  ['graph: a connect without stop', GRAPH, drop(27, 29), 27, 'add_producer cannot come here'],
  ['graph: stop twice', GRAPH, copy(27, 29, 29), 30, 'stop cannot come here'],
  [
    'graph with arguments: the wrong producer is added',
    GRAPH_ARGUMENTS,
    replace(45, '8e18b0', '8e13b0'),
    45,
    'add_producer(',
  ],
  [
    'graph with arguments: the wrong consumer is stopped',
    GRAPH_ARGUMENTS,
    replace(139, '93ccf0', '93def0'),
    139,
    'stop(',
  ],
  ['graph with arguments: unregistered twice with callbacks', GRAPH_ARGUMENTS, copy(137, 150, 150), 153, 'stop('],
  // others
  ['bpftrace: the second producer of an eventfd gets 0', BPFTRACE, replace(11, 'ret=-16', 'ret=0'), 11, 'returns 0'],
  ['bpftrace: a disconnect without del_producer', BPFTRACE, drop(18), 18, 'start cannot come here'],
  ['trace-cmd: a connect without start', TRACE_CMD, drop(14), 14, 'over without start'],
  ['perf: the wrong consumer is stopped', PERF, replace(7, '84138500', '84138600'), 7, 'stop('],
];

/** What is changed and cannot be seen, or still can be. */
const accepted: readonly (readonly [string, string, Change])[] = [
  ['a return moved within its call', KILLED, move(105, 106, 109)],
  ['a return moved to the end of what runs beside it', KILLED, move(105, 106, 116)],
  ['function: a connect twice (nobody is named)', FUNCTION, copy(25, 33, 33)],
  ['the only del_producer of a log, which may not have been traced', EARLIER, drop(36, 39)],
  ['function: a registration more', FUNCTION, copy(19, 19, 19)],
  ['a job that unregisters in silence, its end not being traced', KPROBE, drop(109, 110)],
  ['a log that begins late, in a callback', KPROBE, drop(13, 36)],
  ['a log that begins within a call', KPROBE, drop(13, 28)],
  ['a log that begins between callbacks', KPROBE, drop(13, 30)],
  ['registrations of producers are not traced', KPROBE, (lines) => lines.filter((line) => !/ reg_prod/.test(line))],
  ['unregistrations of consumers are not traced', KILLED, (lines) => lines.filter((line) => !/ unreg_cons/.test(line))],
  ['function: the only unregistration of a consumer, which may not have been traced', FUNCTION, drop(39)],
  ['a log that ends early', KPROBE, end(60)],
  ['allocation fails', KPROBE, both(end(41), both(drop(29, 38), replace(29, 'ret=0', 'ret=-12')))],
  ['funcargs: results are not shown', ARGUMENTS, (lines) => lines],
  ['fprobe: an unregistration, begun before the log', FPROBE, drop(13, 24)],
];

/** What is not whole: nothing is rejected for what is missing. */
const inconclusive: readonly (readonly [string, string, Change])[] = [
  [
    'events were lost in the middle of a call',
    KPROBE,
    both((lines) => lines.toSpliced(30, 0, 'CPU:0 [LOST 3 EVENTS]'), drop(13, 28)),
  ],
  ['a result is cut', KPROBE, (lines) => [...lines.slice(0, 42), (lines[42] ?? '').slice(0, -1)]],
  [
    'the buffer has wrapped, and one CPU begins late',
    KPROBE,
    both(drop(55, 64), (lines) =>
      lines
        .map((line) => line.replace(/written: 114/, 'written: 114'))
        .toSpliced(77, 0, '##### CPU 3 buffer started ####')
        .with(2, '# entries-in-buffer/entries-written: 104/114   #P:4'),
    ),
  ],
];

const folder = mkdtempSync(join(tmpdir(), 'irqbypass-alterations-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function check(name: string, change: Change): ReturnType<typeof checkLog> {
  const lines = readFileSync(`test/fixtures/real-logs/${name}.log`, 'utf8').split('\n');
  const file = join(folder, 'log');
  writeFileSync(file, change(lines).join('\n'));
  return await checkLog(file, { revision: name.includes('-612-') ? 'base' : 'v2p8' });
}

describe('is rejected at the right line', () => {
  it('in forty ways at least', () => expect(rejected.length).toBeGreaterThanOrEqual(40));

  it.each(sample(rejected, 2))('%s (%s)', async (_, name, change, line, why) => {
    const report = await check(name, change);
    expect(report.verdict).toBe('rejected');
    const [first] = report.rejected;
    expect({ line: first?.line, why: first?.why }).toEqual({ line, why: expect.stringContaining(why) as string });
    expect(first?.expected).not.toBe('');
  });
});

describe('is inconclusive', () => {
  it.each(inconclusive)('%s (%s)', async (_, name, change) => {
    const report = await check(name, change);
    expect([report.verdict, report.rejected]).toEqual(['inconclusive', []]);
    expect(report.reasons.length).toBeGreaterThan(0);
  });
});

describe('is not rejected', () => {
  it.each(accepted)('%s (%s)', async (_, name, change) => {
    const report = await check(name, change);
    expect([report.verdict, report.rejected]).toEqual(['accepted', []]);
  });
});
