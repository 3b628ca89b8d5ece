// Durable checkpoints: what goes in comes out, damage is noticed, other people's files are left alone.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Checkpoint } from '../../../src/engine/checkpoint/checkpoint.ts';
import type { CheckpointTrouble } from '../../../src/engine/checkpoint/checkpoint-error.ts';
import { CheckpointError } from '../../../src/engine/checkpoint/checkpoint-error.ts';
import { nodeFiles } from '../../../src/engine/checkpoint/checkpoint-files.ts';
import { MAX_MANIFEST_BYTES } from '../../../src/engine/checkpoint/checkpoint-manifest.ts';
import type { CheckpointDescription, CheckpointHeader } from '../../../src/engine/checkpoint/checkpoint-manifest.ts';
import { FOLD_BELOW_BYTES } from '../../../src/engine/checkpoint/checkpoint-section.ts';

let place: string;
let directory: string;

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'checkpoint-'));
  directory = join(place, 'run');
});

afterEach(() => {
  rmSync(place, { recursive: true, force: true });
});

const description: CheckpointDescription = {
  scenario: 'manager',
  parameters: { producers: 3, faults: true },
  revision: 'v2p8',
  mutation: null,
  options: { symmetry: true },
};
const header: CheckpointHeader = { model: 'aaaa', description };

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function read(checkpoint: Checkpoint, section: string): Uint8Array {
  const content = new Uint8Array(checkpoint.length(section));
  checkpoint.read(section, content);
  return content;
}

/** A small checkpoint of two commits; closed. */
function small(): void {
  const checkpoint = Checkpoint.create(directory, header);
  checkpoint.append('rows', bytes('some rows'));
  checkpoint.replace('names', bytes('p0'));
  checkpoint.commit({ level: 1 });
  checkpoint.append('rows', bytes(' and more'));
  checkpoint.replace('names', bytes('p0 c0'));
  checkpoint.commit({ level: 2, limits: [1, 2] });
  checkpoint.close();
}

function trouble(work: () => unknown): CheckpointError {
  try {
    work();
  } catch (error) {
    if (error instanceof CheckpointError) return error;
    throw error;
  }
  throw new Error('expected a CheckpointError');
}

function expectTrouble(work: () => unknown, kind: CheckpointTrouble, message: string | RegExp): void {
  const error = trouble(work);
  expect(error.message).toMatch(message);
  expect(error.trouble).toBe(kind);
}

const open = (): Checkpoint => Checkpoint.open(directory, header);

describe('a checkpoint', () => {
  it('gives back what was committed, whatever was appended, replaced, and committed when', () => {
    const name = fc.constantFrom('rows', 'parents', 'a-0');
    const content = fc.uint8Array({ maxLength: 40 });
    const operation = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('append' as const), name, content }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('replace' as const), name, content }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('commit' as const), state: fc.jsonValue() }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
        rmSync(directory, { recursive: true, force: true });
        let checkpoint = Checkpoint.create(directory, header);
        let model = new Map<string, number[]>();
        let committed: { model: Map<string, number[]>; state: unknown } | undefined;
        for (const one of operations) {
          if (one.kind === 'append') {
            checkpoint.append(one.name, one.content);
            model.set(one.name, [...(model.get(one.name) ?? []), ...one.content]);
          } else if (one.kind === 'replace') {
            checkpoint.replace(one.name, one.content);
            model.set(one.name, [...one.content]);
          } else if (one.kind === 'commit') {
            const state: unknown = JSON.parse(JSON.stringify(one.state));
            checkpoint.commit(state);
            committed = { model: new Map(model), state };
          } else if (committed !== undefined) {
            checkpoint.close();
            checkpoint = open();
            model = new Map(committed.model);
            expect(checkpoint.state).toEqual(committed.state);
          }
          expect([...checkpoint.sections].toSorted()).toEqual([...model.keys()].toSorted());
          for (const [section, expected] of model) expect([...read(checkpoint, section)]).toEqual(expected);
        }
        checkpoint.close();
      }),
      { numRuns: 60 },
    );
  });

  it('reads any part of a section, over the ends of segments', () => {
    const all = Uint8Array.from({ length: 3 * FOLD_BELOW_BYTES + 3000 }, (_, i) => i % 251);
    const checkpoint = Checkpoint.create(directory, header);
    const cuts = [0, 1000, FOLD_BELOW_BYTES + 7, 2 * FOLD_BELOW_BYTES + 100, all.length];
    for (let i = 1; i < cuts.length; i++) {
      checkpoint.append('rows', all.subarray(cuts[i - 1], cuts[i]));
      if (i < 4) checkpoint.commit(null);
    }
    for (const at of [0, 999, FOLD_BELOW_BYTES, 2 * FOLD_BELOW_BYTES, all.length - 10]) {
      const into = new Uint8Array(Math.min(FOLD_BELOW_BYTES + 500, all.length - at));
      checkpoint.read('rows', into, at);
      expect(Buffer.compare(into, all.subarray(at, at + into.length))).toBe(0);
    }
    expect(() => checkpoint.read('rows', new Uint8Array(2), all.length - 1)).toThrow(
      new RangeError(`section rows has ${all.length} bytes: cannot read 2 from position ${all.length - 1} on`),
    );
    expect(() => checkpoint.read('none', new Uint8Array(1))).toThrow(RangeError);
    checkpoint.close();
  });

  it('takes memory that is shared by workers', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(5)).fill(7);
    const checkpoint = Checkpoint.create(directory, header);
    checkpoint.append('rows', shared);
    checkpoint.commit(null);
    shared.fill(0);
    checkpoint.read('rows', shared);
    expect([...shared]).toEqual([7, 7, 7, 7, 7]);
    checkpoint.close();
  });

  it('writes what is new and little more, and keeps few segments however often it is committed', () => {
    let written = 0;
    const files = {
      ...nodeFiles,
      write: (fd: number, chunk: Uint8Array, at: number) => {
        written += chunk.length;
        nodeFiles.write(fd, chunk, at);
      },
    };
    const checkpoint = Checkpoint.create(directory, header, { files });
    checkpoint.append('rows', new Uint8Array(20 * FOLD_BELOW_BYTES));
    checkpoint.commit(null);
    for (let i = 0; i < 50; i++) {
      written = 0;
      checkpoint.append('rows', new Uint8Array(FOLD_BELOW_BYTES / 8));
      checkpoint.commit(null);
      expect(written).toBeLessThan(1.2 * FOLD_BELOW_BYTES);
    }
    expect(readdirSync(directory).length).toBeLessThan(2 + 1 + 50 / 8 + 1);
    checkpoint.close();
  });

  it('compares lengths and reads at positions beyond 2^32 bytes', () => {
    small();
    const file = join(directory, 'rows.000003.irqseg');
    const length = 5 * 2 ** 30;
    // Sparse: takes no room on the disk.
    truncateSync(file, length);
    expectTrouble(open, 'corrupt', `${file}: corrupt segment: has ${length} bytes, expected 18`);
    const fd = nodeFiles.openForReading(file);
    expect(nodeFiles.read(fd, new Uint8Array(64), length - 10)).toBe(10);
    nodeFiles.close(fd);
  });

  it('tells what it is without being opened', () => {
    small();
    expect(Checkpoint.inspect(directory)).toEqual({
      header,
      state: { level: 2, limits: [1, 2] },
      sections: [
        { name: 'rows', bytes: 18 },
        { name: 'names', bytes: 5 },
      ],
    });
  });

  it('is the same files, byte for byte, when the same is written', () => {
    small();
    const first = readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]);
    rmSync(directory, { recursive: true });
    small();
    expect(readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')])).toEqual(first);
  });

  it('refuses what is not plain JSON, and names of sections that are not file names', () => {
    const checkpoint = Checkpoint.create(directory, header);
    for (const state of [undefined, Number.NaN, new Map(), { a: undefined }, () => 1])
      expect(() => checkpoint.commit(state)).toThrow(TypeError);
    for (const section of ['', '../rows', 'Rows', 'a.b', 'x'.repeat(65)])
      expect(() => checkpoint.append(section, bytes('x'))).toThrow(RangeError);
    checkpoint.commit(null);
    checkpoint.close();
    checkpoint.close();
    expect(() => checkpoint.commit(1)).toThrow(/the checkpoint is closed/);
    const odd = { ...header, description: { ...description, options: { a: Number.NaN } } };
    expect(() => Checkpoint.create(join(place, 'other'), odd)).toThrow(TypeError);
    expect(existsSync(join(place, 'other'))).toBe(false);
  });
});

describe('damage', () => {
  it('of any single byte, in any way, is noticed', () => {
    small();
    for (const name of readdirSync(directory)) {
      const file = join(directory, name);
      const good = readFileSync(file);
      for (let at = 0; at < good.length; at++) {
        for (const flip of [0x01, 0x20, 0x80, 0xff]) {
          const bad = Buffer.from(good);
          bad.writeUInt8(good.readUInt8(at) ^ flip, at);
          writeFileSync(file, bad);
          const { message } = trouble(() => Checkpoint.open(directory, header, { readOnly: true }));
          expect(message).toContain(file);
        }
      }
      writeFileSync(file, good);
    }
    expect(open().state).toEqual({ level: 2, limits: [1, 2] });
  });

  it('by truncation or growth, at any length, is noticed and says which file', () => {
    small();
    for (const name of readdirSync(directory)) {
      const file = join(directory, name);
      const good = readFileSync(file);
      for (let length = 0; length < good.length; length++) {
        writeFileSync(file, good.subarray(0, length));
        const error = trouble(open);
        expect(error.message).toContain(file);
        if (name !== 'checkpoint.json')
          expect(error.message).toBe(`${file}: truncated segment: has ${length} bytes, expected ${good.length}`);
      }
      writeFileSync(file, Buffer.concat([good, Buffer.from(' ')]));
      expectTrouble(open, 'corrupt', file);
      rmSync(file);
      expectTrouble(
        open,
        name === 'checkpoint.json' ? 'absent' : 'truncated',
        /holds no checkpoint|is missing, expected/,
      );
      writeFileSync(file, good);
    }
    open().close();
  });

  it('says expected and actual checksum of a segment', () => {
    small();
    const file = join(directory, 'rows.000003.irqseg');
    const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
    expect(readFileSync(file, 'utf8')).toBe('some rows and more');
    writeFileSync(file, 'some rows and mora');
    const found = sha256('some rows and mora');
    expectTrouble(
      open,
      'corrupt',
      `${file}: corrupt segment: SHA-256 of its content is ${found}, expected ${sha256('some rows and more')}`,
    );
    // Nothing was written, no lock was left.
    expect(readdirSync(directory).toSorted()).toEqual(['checkpoint.json', 'names.000004.irqseg', 'rows.000003.irqseg']);
  });

  it('that swaps segments, or makes one a directory or a link, is noticed', () => {
    small();
    const rows = join(directory, 'rows.000003.irqseg');
    const content = readFileSync(rows);
    rmSync(rows);
    mkdirSync(rows);
    expectTrouble(open, 'corrupt', `${rows}: not a regular file`);
    rmSync(rows, { recursive: true });
    writeFileSync(join(place, 'elsewhere'), content);
    symlinkSync(join(place, 'elsewhere'), rows);
    expectTrouble(open, 'corrupt', `${rows}: not a regular file`);
  });
});

describe('a directory in which nothing was committed', () => {
  it('is removed with the last trace of the checkpoint, where it was made for it', () => {
    const checkpoint = Checkpoint.create(directory, header);
    checkpoint.append('rows', bytes('not committed'));
    checkpoint.close();
    expect(existsSync(directory)).toBe(false);
  });

  it('stays where it was there before, or is not empty', () => {
    mkdirSync(directory);
    Checkpoint.create(directory, header).close();
    expect(readdirSync(directory)).toEqual([]);
    rmSync(directory, { recursive: true });
    const checkpoint = Checkpoint.create(directory, header);
    writeFileSync(join(directory, 'letter.txt'), 'dear');
    checkpoint.close();
    expect(readdirSync(directory)).toEqual(['letter.txt']);
  });

  it('may be gone already', () => {
    const checkpoint = Checkpoint.create(directory, header);
    rmSync(directory, { recursive: true });
    checkpoint.close();
    expect(existsSync(directory)).toBe(false);
  });
});

describe('a checkpoint that is not the one that was asked for', () => {
  it('is refused with both models named', () => {
    small();
    const asked = {
      model: 'bbbb',
      description: { ...description, parameters: { producers: 4, faults: true }, mutation: 'b1', options: {} },
    };
    expectTrouble(
      () => Checkpoint.open(directory, asked),
      'model',
      `${directory}: checkpoint is of another model: of manager producers=3 faults=true on v2p8, asked for manager producers=4 faults=true on v2p8 with b1 (model aaaa, asked for bbbb)`,
    );
    expectTrouble(
      () => Checkpoint.open(directory, { model: 'bbbb', description }),
      'model',
      /on v2p8, as asked for, but of another model of it \(model aaaa, asked for bbbb\): the program or the scenario has changed since/,
    );
  });

  it('is refused with what differs in the search', () => {
    const searched = (options: CheckpointDescription['options']): CheckpointHeader => ({
      model: JSON.stringify(options),
      description: { ...description, options },
    });
    const begun = { symmetry: true, traces: 5, properties: ['i-uniq', 'i-leak', 'i-ctx'] };
    Checkpoint.create(directory, searched(begun)).commit(null);
    for (const [options, message] of [
      [{ ...begun, symmetry: false, traces: 6 }, 'symmetry was on, is off; traces was 5, is 6'],
      [{ ...begun, traces: null }, 'traces was 5, is not given'],
      [{ ...begun, properties: ['i-uniq', 'l-term'] }, 'properties had i-leak, i-ctx, has l-term now'],
      [{ ...begun, properties: [] }, 'properties had i-uniq, i-leak, i-ctx'],
      [{ ...begun, properties: ['i-leak', 'i-uniq', 'i-ctx'] }, 'properties were in another order'],
      [{ ...begun, release: '2.0.0' }, 'release was not given, is 2.0.0'],
    ] as const) {
      expectTrouble(
        () => Checkpoint.open(directory, searched(options)),
        'model',
        `${directory}: checkpoint is of manager producers=3 faults=true on v2p8, as asked for, but of another search: ${message} (a search goes on with the options that it was begun with)`,
      );
    }
  });

  it('of another version or format is refused', () => {
    small();
    const file = join(directory, 'checkpoint.json');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"version": 3', '"version": 1'));
    expectTrouble(open, 'version', `${file}: checkpoint of format version 1, this program reads version 3`);
    writeFileSync(file, text.replace('irqbypass-lab', 'other'));
    expectTrouble(open, 'corrupt', 'its format is "other checkpoint", expected "irqbypass-lab checkpoint"');
    writeFileSync(file, '[]');
    expectTrouble(open, 'corrupt', 'its format is missing');
    writeFileSync(file, 'null');
    expectTrouble(open, 'corrupt', 'its format is missing');
  });

  it('with a lock or a manifest that is far too large is refused without reading it all', () => {
    small();
    writeFileSync(join(directory, 'lock'), 'x'.repeat(5000));
    expectTrouble(open, 'corrupt', /lock: has more than the 4096 bytes that it may have/);
    rmSync(join(directory, 'lock'));
    truncateSync(join(directory, 'checkpoint.json'), MAX_MANIFEST_BYTES + 1);
    expectTrouble(open, 'corrupt', /checkpoint\.json: has more than the \d+ bytes that it may have/);
  });

  it('or is none is refused', () => {
    expectTrouble(open, 'absent', `${directory}: checkpoint cannot be read: no such file or directory`);
    mkdirSync(directory);
    expectTrouble(open, 'absent', `${directory}: holds no checkpoint (no checkpoint.json)`);
    expect(readdirSync(directory)).toEqual([]);
    writeFileSync(join(place, 'file'), '');
    expectTrouble(() => Checkpoint.open(join(place, 'file'), header), 'absent', /not a directory/);
    expectTrouble(() => Checkpoint.create(join(place, 'file'), header), 'foreign', /there is a file of that name/);
    expectTrouble(() => Checkpoint.create(join(place, 'a', 'b'), header), 'absent', /no such file or directory/);
  });

  it('with a manifest that names files elsewhere is refused, checksum or not', () => {
    small();
    const file = join(directory, 'checkpoint.json');
    const text = readFileSync(file, 'utf8').replace('rows.000003.irqseg', '../../../etc/passwd');
    const start = text.slice(0, text.lastIndexOf(',\n "checksum"'));
    const sum = createHash('sha256').update(start).digest('hex');
    writeFileSync(file, `${start},\n "checksum": "${sum}"\n}\n`);
    expectTrouble(open, 'corrupt', /corrupt manifest.*sections\[0\]\.segments\[0\]\.file/);
  });
});

describe('the directory', () => {
  it('with other files is refused and not touched', () => {
    mkdirSync(directory);
    for (const name of ['thesis.tex', 'a', 'b', 'c']) writeFileSync(join(directory, name), name);
    expectTrouble(
      () => Checkpoint.create(directory, header),
      'foreign',
      `${directory}: holds files that are not a checkpoint's (a, b, c and 1 more): give a new or an empty directory`,
    );
    expect(readdirSync(directory)).toHaveLength(4);
  });

  it.skipIf(process.getuid?.() === 0)('that cannot be written to is refused', () => {
    mkdirSync(directory, { mode: 0o555 });
    expectTrouble(() => Checkpoint.create(directory, header), 'permission', /cannot be written: permission denied/);
    rmSync(directory, { recursive: true });
    small();
    chmodSync(directory, 0o555);
    expectTrouble(open, 'permission', /cannot be written: permission denied/);
    expect(read(Checkpoint.open(directory, header, { readOnly: true }), 'names')).toEqual(bytes('p0 c0'));
    chmodSync(directory, 0o755);
  });

  it.each([
    ['EACCES', 'permission', 'permission denied'],
    ['EROFS', 'permission', 'the file system is read-only'],
    ['EDQUOT', 'failed', 'the disk quota is used up'],
    ['EWEIRD', 'failed', 'EWEIRD: something else'],
  ] as const)('that the system refuses with %s is an error of kind %s', (code, kind, reason) => {
    const create = (): never => {
      throw Object.assign(new Error(`${code}: something else`), { code });
    };
    expectTrouble(
      () => Checkpoint.create(directory, header, { files: { ...nodeFiles, create } }),
      kind,
      `${directory}: checkpoint cannot be written: ${reason}`,
    );
  });

  it('can be read without a lock, and is not written to then', () => {
    small();
    writeFileSync(join(directory, 'rows.000009.irqseg'), 'left over');
    const reading = Checkpoint.open(directory, header, { readOnly: true });
    expect(readdirSync(directory)).toHaveLength(4);
    expect(new TextDecoder().decode(read(reading, 'rows'))).toBe('some rows and more');
    expect(() => reading.append('rows', bytes('x'))).toThrow(/open for reading only/);
    expect(() => reading.commit(1)).toThrow(/open for reading only/);
    reading.close();
    const writing = open();
    expect(readdirSync(directory)).toHaveLength(4);
    expect(existsSync(join(directory, 'rows.000009.irqseg'))).toBe(false);
    writing.close();
  });
});

describe('the lock', () => {
  const lock = (owner: object): void => {
    writeFileSync(
      join(directory, 'lock'),
      JSON.stringify({ host: hostname(), boot: '', started: '', nonce: '', ...owner }),
    );
  };

  it('keeps a second writer out until the first has closed', () => {
    const first = Checkpoint.create(directory, header);
    first.commit(1);
    expectTrouble(open, 'locked', `${directory}: in use by this process ${process.pid}: wait until it has ended`);
    expectTrouble(() => Checkpoint.create(directory, header), 'locked', /in use/);
    first.commit(2);
    first.close();
    expect(readdirSync(directory)).toEqual(['checkpoint.json']);
    open().close();
  });

  it('of a living process is respected, of a dead one taken over', async () => {
    small();
    const living = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
    lock({ pid: living.pid });
    expectTrouble(open, 'locked', `in use by process ${living.pid}`);
    // The same number, but a process that started at another time, or before the machine did.
    lock({ pid: living.pid, started: '1' });
    open().close();
    lock({ pid: living.pid, boot: 'another boot' });
    open().close();
    const ended = new Promise((resolve) => {
      living.on('exit', resolve);
    });
    lock({ pid: living.pid });
    living.kill('SIGKILL');
    await ended;
    open().close();
    lock({ pid: spawnSync(process.execPath, ['--version']).pid });
    open().close();
    expect(readdirSync(directory).filter((name) => name.startsWith('lock'))).toEqual([]);
  });

  it('of another host is respected, with the way out named', () => {
    small();
    lock({ pid: 1, host: 'elsewhere' });
    expectTrouble(
      open,
      'locked',
      `process 1 on host elsewhere, which cannot be asked from here: if it runs no more, remove ${join(directory, 'lock')}`,
    );
  });

  it('that says nothing of use, as after a crash, is taken over', () => {
    small();
    for (const text of ['', '{', 'null', '{"pid":0}']) {
      writeFileSync(join(directory, 'lock'), text);
      open().close();
    }
  });

  it('that was taken away is noticed before a commit', () => {
    const first = Checkpoint.create(directory, header);
    first.append('rows', bytes('mine'));
    first.commit(1);
    rmSync(join(directory, 'lock'));
    const second = open();
    first.append('rows', bytes('late'));
    expectTrouble(() => first.commit(2), 'locked', /its lock was taken away/);
    first.close();
    second.commit(3);
    second.close();
    expect(open().state).toBe(3);
  });
});
