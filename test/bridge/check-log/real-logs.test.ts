// Logs of real kernels: 6.12, 6.18 and 7.3, every set-up of tracing; how they were made is in test/fixtures/real-logs/README.md.
import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkLog } from '../../../src/bridge/check-log/check-log.ts';

/** By file: format, events, objects, verdict. */
const expected: Readonly<Record<string, readonly [string, number, number, string]>> = {
  's01-612-kprobe-clean-consumer-first.log': ['ftrace', 36, 2, 'accepted'],
  's02-612-function-clean-producer-first.log': ['ftrace', 42, 0, 'accepted'],
  's03-612-graph-dup-producer.log': ['ftrace', 164, 0, 'accepted'],
  's04-612-kprobe-second-vm-einval.log': ['ftrace', 156, 6, 'accepted'],
  's05-612-kprobe-stress4.log.gz': ['ftrace', 7090, 58, 'accepted'],
  's06-612-function-hup-close.log': ['ftrace', 95, 0, 'accepted'],
  's07-612-kprobe-reassign-routing.log': ['ftrace', 127, 3, 'accepted'],
  's08-612-kprobe-vm-killed.log': ['ftrace', 136, 8, 'accepted'],
  's09-612-kprobe-lost-pipe.log.gz': ['ftrace', 2786, 51, 'inconclusive'],
  's10-612-function-truncated.log': ['ftrace', 606, 0, 'inconclusive'],
  's11-612-perfscript-clean-producer-first.log': ['perf', 36, 2, 'accepted'],
  's12-618-kprobe-dup-producer.log': ['ftrace', 114, 4, 'accepted'],
  's13-618-fprobe-reassign-routing.log': ['ftrace', 76, 2, 'accepted'],
  's14-618-funcargs-dup-consumer.log': ['ftrace', 70, 2, 'accepted'],
  's15-618-graphargs-vm-close-first.log': ['ftrace', 189, 8, 'accepted'],
  's16-618-kprobe-second-vm-einval.log': ['ftrace', 156, 4, 'accepted'],
  's17-618-tracecmd-dup-producer.log': ['trace-cmd', 57, 0, 'accepted'],
  's18-618-bpftrace-dup-producer.log': ['bpftrace', 49, 4, 'accepted'],
  's19-73-kprobe-clean-consumer-first.log': ['ftrace', 36, 2, 'accepted'],
  's20-73-fprobe-stress.log.gz': ['ftrace', 998, 44, 'accepted'],
  's21-612-bpftrace-host-run.log': ['bpftrace', 65, 3, 'accepted'],
  's22-618-bpftrace-host-run.log': ['bpftrace', 61, 2, 'accepted'],
};

const FOLDER = 'test/fixtures/real-logs';
const revisionOf = (name: string): string => (name.includes('-612-') ? '6.12' : '6.18');

it('are all there', () => {
  const files = globSync(`${FOLDER}/*.log{,.gz}`).map((file) => basename(file));
  expect(files.toSorted()).toEqual(Object.keys(expected).toSorted());
});

describe('verdicts', () => {
  it.each(Object.entries(expected))('%s', async (name, [format, events, objects, verdict]) => {
    const report = await checkLog(`${FOLDER}/${name}`, { revision: revisionOf(name) });
    expect(report.rejected).toEqual([]);
    expect([report.format, report.events, report.objects, report.verdict]).toEqual([format, events, objects, verdict]);
  });
});

describe('what was lost', () => {
  it('is counted, and said where', async () => {
    const report = await checkLog(`${FOLDER}/s09-612-kprobe-lost-pipe.log.gz`, { revision: '6.12' });
    expect([report.lost, report.truncated]).toEqual([4256, false]);
    expect(report.reasons[0]).toMatch(/^lines 347 to 1174: 4256 events were lost/);
  });

  it('a log that ends in the middle of a line says so', async () => {
    const report = await checkLog(`${FOLDER}/s10-612-function-truncated.log`, { revision: '6.12' });
    expect([report.lost, report.truncated]).toEqual([0, true]);
    expect(report.reasons[0]).toContain('in the middle of a line');
  });
});

describe('what the verdict does not say', () => {
  it.each([
    ['s02-612-function-clean-producer-first.log', 'no addresses'],
    ['s03-612-graph-dup-producer.log', 'no results'],
    ['s14-618-funcargs-dup-consumer.log', 'no results'],
  ])('%s: %s', async (name, reason) => {
    const { reasons } = await checkLog(`${FOLDER}/${name}`, { revision: revisionOf(name) });
    expect(reasons.join('\n')).toContain(reason);
  });

  it('nothing, where all is shown', async () => {
    const { reasons } = await checkLog(`${FOLDER}/s12-618-kprobe-dup-producer.log`);
    expect(reasons).toEqual([]);
  });
});

describe('kernel messages', () => {
  it('are evidence, no verdict', async () => {
    const report = await checkLog(`${FOLDER}/s16-618-kprobe-second-vm-einval.dmesg`);
    expect(report.verdict).toBe('inconclusive');
    expect(report.evidence.map(({ about }) => about)).toContain('registration fails');
  });
});
