// Replay: the recorded kernel agrees on every operation, and whatever is altered is found, exactly.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { replayFiles } from '../../src/bridge/replay.ts';
import { headerOf, toItf, toNdjson, TRACE_FORMAT } from '../../src/bridge/trace-file.ts';
import { TracedRun } from '../../src/engine/world/trace.ts';
import { assemble } from '../../src/scenarios/assemble.ts';
import { findScenario } from '../../src/scenarios/builtin.ts';
import { isLong } from '../sample.ts';

const fixtures = fileURLToPath(new URL('../fixtures/recorded/', import.meta.url));
const files = readdirSync(fixtures).map((file) => join(fixtures, file));
const scratch = mkdtempSync(join(tmpdir(), 'irqbypass-replay-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function linesOf(name: string): string[] {
  return gunzipSync(readFileSync(join(fixtures, name)))
    .toString()
    .trimEnd()
    .split('\n');
}

function write(name: string, lines: readonly string[]): string {
  const file = join(scratch, name);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

describe('the recorded kernel', () => {
  const agrees = async (some: readonly string[], sequences: number, operations: number): Promise<void> => {
    expect(await replayFiles(some)).toEqual({
      files: some.length,
      sequences,
      operations,
      agreed: operations,
      diverged: [],
      errors: [],
    });
  };

  // `npm run demo` replays all, too.
  it.runIf(isLong)('agrees on every operation of every version', () => {
    expect(files).toHaveLength(51);
    return agrees(files, 18_003, 224_200);
  });

  it('agrees on random calls and races of the first and the last version, on systematic ones of some between', () => {
    const some = files.filter((file) => /\/(base-raw|v2p8|v1p[147])\.(systematic|races)|v2p8\.random/.test(file));
    return agrees(some, 3336, 27_693);
  });

  it('does not agree with another revision', async () => {
    const report = await replayFiles([join(fixtures, 'v2p8.systematic.jsonl.gz')], { revision: 'v1p6' });
    expect(report.diverged.length).toBeGreaterThan(10);
  });
});

describe('an altered value is found', () => {
  const lines = linesOf('v2p8.systematic.jsonl.gz');
  const fields: Record<string, unknown> = {
    ret: -99,
    callbacks: ['p9.stop'],
    warn: true,
    producers: { e9: 'p9' },
    bindings: { p9: 'c9' },
    xa_nodes: 99,
  };
  for (const [field, value] of Object.entries(fields)) {
    it(field, async () => {
      const altered = JSON.parse(lines[3] ?? '') as { seq: number; ops: Record<string, unknown>[] };
      const operation = altered.ops[1];
      if (operation === undefined) throw new Error('too short');
      const actual = operation[field];
      operation[field] = value;
      const file = write(`${field}.jsonl`, [...lines.slice(0, 3), JSON.stringify(altered), ...lines.slice(4)]);
      const { diverged, operations, agreed } = await replayFiles([file]);
      expect(diverged).toMatchObject([{ file, sequence: altered.seq, operation: 1, field, expected: value, actual }]);
      expect(agreed).toBe(operations - 1);
    });
  }
});

it('something else may perform the calls: what it does otherwise is told', async () => {
  const file = write('runner.jsonl', linesOf('v2p8.systematic.jsonl.gz').slice(0, 3));
  const started: string[] = [];
  const { diverged } = await replayFiles([file], {
    runner: ({ revision }) => ({
      start: ({ seq }) => {
        started.push(`${revision} ${seq}`);
        return { isCorrupt: false, perform: ({ op: _op, fault: _fault, ...rest }) => ({ ...rest, ret: -99 }) };
      },
    }),
  });
  expect(started).toEqual(['v2p8 0', 'v2p8 1']);
  expect(diverged.map(({ operation, field, actual }) => [operation, field, actual])).toEqual([
    [0, 'ret', -99],
    [0, 'ret', -99],
  ]);
});

describe('wrong input', () => {
  it('names the broken line and compares the others', async () => {
    const lines = linesOf('v1p3.systematic.jsonl.gz').slice(0, 20);
    const file = write('broken.jsonl', [...lines.slice(0, 7), (lines[7] ?? '').slice(0, 50), ...lines.slice(8)]);
    const report = await replayFiles([file]);
    expect(report.errors).toEqual([
      { file, line: 8, code: 'IRQB103', message: expect.stringContaining('not valid JSON') },
    ]);
    expect(report.sequences).toBe(18);
    expect(report.agreed).toBe(report.operations);
  });

  it('names the field that is not as it should be', async () => {
    const lines = linesOf('v1p3.systematic.jsonl.gz').slice(0, 3);
    const file = write('field.jsonl', [...lines, '{"seq":9,"ops":[{"op":"register_gadget"}]}']);
    const { errors } = await replayFiles([file]);
    expect(errors).toEqual([{ file, line: 4, code: 'IRQB103', message: expect.stringMatching(/^ops\.0\.op: /) }]);
  });

  it('an empty file and a file that is no trace are errors of line 1', async () => {
    const empty = join(scratch, 'empty.jsonl');
    writeFileSync(empty, '');
    const other = write('other.txt', ['hello']);
    const { errors } = await replayFiles([empty, other]);
    expect(errors.map(({ line, message }) => [line, message.split(':')[0]])).toEqual([
      [1, 'the file is empty'],
      [1, 'not a trace'],
    ]);
  });

  it('a missing file, a directory, a truncated gzip are reported, the others compared', async () => {
    const gz = join(scratch, 'cut.jsonl.gz');
    writeFileSync(gz, readFileSync(join(fixtures, 'v2p8.races.jsonl.gz')).subarray(0, 2000));
    const good = join(fixtures, 'v2p8.races.jsonl.gz');
    const { errors, agreed } = await replayFiles([join(scratch, 'none.jsonl'), scratch, gz, good]);
    expect(errors.map(({ message }) => message)).toEqual([
      'cannot be read: no such file',
      'cannot be read: it is a directory',
      expect.stringContaining('cannot be read: unexpected end of file'),
    ]);
    expect(agreed).toBeGreaterThan(3000);
  });

  it('a file that ends after its header is no agreement', async () => {
    const file = write('header.jsonl', linesOf('v2p8.races.jsonl.gz').slice(0, 1));
    expect((await replayFiles([file])).errors).toEqual([
      { file, line: 1, code: 'IRQB103', message: expect.stringContaining('nothing was compared') },
    ]);
  });

  it('a trace whose header or states are nonsense is wrong input, not a crash', async () => {
    const head = { format: TRACE_FORMAT, scenario: 'x', parameters: {}, revision: 'v9', mutation: null };
    const unknown = write('unknown.ndjson', [JSON.stringify({ ...head, script: { eventfds: [], threads: {} } })]);
    const calls = write('calls.ndjson', [
      JSON.stringify({ ...head, revision: 'v2p8', script: { eventfds: [], threads: { t0: [{ calls: 7 }] } } }),
    ]);
    const meta = { ...head, revision: 'v2p8', script: { eventfds: [], threads: {} } };
    const itf = write('bad.itf.json', [
      JSON.stringify({ '#meta': meta, vars: [], states: [{ '#meta': { index: 0 } }, { '#meta': { index: 1 } }] }),
    ]);
    const { errors } = await replayFiles([unknown, calls, itf]);
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('unknown revision "v9"'),
      expect.stringContaining('a step has "calls"'),
      expect.stringContaining('choice'),
    ]);
  });

  it('a trace whose choices are numbers is of an older release, and says so', async () => {
    const head = { format: 'irqbypass-trace/1', scenario: 'pairing', parameters: {}, revision: 'v2p8', mutation: null };
    const lines = write('old.ndjson', [JSON.stringify({ ...head, script: {} }), '{"step":1,"choice":0}']);
    const document = write('old.itf.json', [JSON.stringify({ '#meta': head, vars: [], states: [] })]);
    const { errors, diverged } = await replayFiles([lines, document]);
    expect(diverged).toEqual([]);
    expect(errors.map(({ line, message }) => [line, message.split(':')[0]])).toEqual([
      [1, expect.stringContaining('irqbypass-lab 0.1')],
      [1, expect.stringContaining('irqbypass-lab 0.1')],
    ]);
  });

  it('a file that is no trace is told which formats there are', async () => {
    const { errors } = await replayFiles([write('hello.txt', ['hello'])]);
    expect(errors[0]?.message).toContain(TRACE_FORMAT);
    expect(errors[0]?.message).toContain('irqbypass-recorded/1');
  });
});

describe('a trace of a device assignment', () => {
  /** The first fifty steps, one of the choices in turn. */
  function traced(): {
    readonly run: TracedRun;
    readonly header: ReturnType<typeof headerOf>;
    readonly initial: object;
  } {
    const scenario = findScenario('assign');
    if (scenario === undefined) throw new Error('no assign');
    const assembled = assemble({ scenario, set: { vcpus: 2 } });
    const run = new TracedRun(assembled.world);
    const initial = run.view.toJSON();
    for (let step = 0; step < 50; step++) run.take((step * 7) % run.choices().length);
    return { run, header: headerOf(assembled), initial };
  }

  it('agrees when it is replayed, as lines and as an ITF document', async () => {
    const { run, header, initial } = traced();
    const lines = write('assign.ndjson', [toNdjson(header, run.steps).trimEnd()]);
    const document = write('assign.itf.json', [toItf(header, initial as Readonly<Record<string, unknown>>, run.steps)]);
    const report = await replayFiles([lines, document]);
    expect(report).toMatchObject({ sequences: 2, operations: 100, agreed: 100, diverged: [], errors: [] });
  });

  it('names choices by what they mean, not by their place', () => {
    const { run } = traced();
    for (const { choice } of run.steps) expect(choice).toMatch(/^([vkdr]0 [a-z_]+\(|[a-z]+\d*\.[a-z_.]+\()/);
  });

  it.each(['choice', 'from', 'to'] as const)('diverges where %s is altered', async (field) => {
    const { run, header } = traced();
    const steps = run.steps.map((step) => (step.step === 20 ? { ...step, [field]: 'x9' } : step));
    const { diverged, agreed } = await replayFiles([write(`${field}.ndjson`, [toNdjson(header, steps).trimEnd()])]);
    expect(diverged).toMatchObject([{ operation: 19, field, expected: 'x9' }]);
    expect(agreed).toBe(19);
  });
});
