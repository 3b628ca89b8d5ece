// Checkpoints and crashes: whenever a process is killed or a machine loses power, a whole checkpoint is there.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Checkpoint } from '../../../src/engine/checkpoint/checkpoint.ts';
import { CheckpointError } from '../../../src/engine/checkpoint/checkpoint-error.ts';
import type { CheckpointHeader } from '../../../src/engine/checkpoint/checkpoint-manifest.ts';
import { seeded } from '../../../src/engine/world/schedulers.ts';
import type { Pick } from './volatile-disk.ts';
import { Stopped, VolatileDisk } from './volatile-disk.ts';
import { isLong } from '../../sample.ts';

const header: CheckpointHeader = {
  model: 'm1',
  description: { scenario: 'manager', parameters: {}, revision: 'v2p8', mutation: null, options: {} },
};

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Everything that a checkpoint says, as text. */
function contentOf(checkpoint: Checkpoint): string {
  const sections = checkpoint.sections.map((name) => {
    const content = new Uint8Array(checkpoint.length(name));
    checkpoint.read(name, content);
    return `${name}=${new TextDecoder().decode(content)}`;
  });
  return `${JSON.stringify(checkpoint.state)} ${sections.join(' ')}`;
}

/** What was committed, and what was being committed when the process was stopped. */
interface Journal {
  readonly committed: string[];
  attempted: string | undefined;
}

/** A session that does everything; every commit is noted before and after. */
function session(disk: VolatileDisk, journal: Journal): void {
  const model = new Map<string, string>();
  let checkpoint = Checkpoint.create(disk.directory, header, { files: disk });
  const append = (name: string, text: string): void => {
    model.set(name, (model.get(name) ?? '') + text);
    checkpoint.append(name, bytes(text));
  };
  const replace = (name: string, text: string): void => {
    model.set(name, text);
    checkpoint.replace(name, bytes(text));
  };
  const commit = (state: unknown): void => {
    const sections = [...model].map(([name, text]) => `${name}=${text}`).join(' ');
    journal.attempted = `${JSON.stringify(state)} ${sections}`;
    checkpoint.commit(state);
    journal.committed.push(journal.attempted);
    journal.attempted = undefined;
  };
  append('rows', 'first');
  replace('names', 'p0 p1');
  commit({ level: 1 });
  append('rows', 'second');
  append('parents', '0000');
  append('rows', 'third');
  replace('names', 'p0 p1 p2');
  replace('names', 'p0 p1 p2 p3');
  commit({ level: 2 });
  commit({ level: 3 });
  checkpoint.close();
  checkpoint = Checkpoint.open(disk.directory, header, { files: disk });
  append('rows', 'fourth');
  replace('parents', '');
  commit({ level: 4 });
  append('rows', 'never committed');
  checkpoint.close();
}

/** Opens what a crash left; tells what it is, after making sure that one can go on from there. */
function found(disk: VolatileDisk): string | undefined {
  let checkpoint: Checkpoint;
  try {
    checkpoint = Checkpoint.open(disk.directory, header, { files: disk });
  } catch (error) {
    if (error instanceof CheckpointError && error.trouble === 'absent') return undefined;
    throw error;
  }
  const content = contentOf(checkpoint);
  const segments = JSON.stringify([...disk.snapshot()].map(([, text]) => new TextDecoder().decode(text)));
  for (const name of disk.snapshot().keys())
    if (name !== 'lock' && name !== 'checkpoint.json') expect(segments).toContain(name);
  checkpoint.append('after', bytes('wards'));
  checkpoint.commit('resumed');
  checkpoint.close();
  const resumed = Checkpoint.open(disk.directory, header, { files: disk });
  expect(contentOf(resumed)).toBe(`"resumed" ${[content.slice(content.indexOf(' ') + 1), 'after=wards'].join(' ')}`);
  resumed.close();
  return content;
}

/** Runs the session until after an operation; answers the disk and what was committed. */
function stoppedAfter(
  operation: number,
  broken: readonly ('sync' | 'syncDirectory')[] = [],
): [VolatileDisk, Journal, boolean] {
  const disk = new VolatileDisk(operation, broken);
  const journal: Journal = { committed: [], attempted: undefined };
  try {
    session(disk, journal);
    return [disk, journal, true];
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    return [disk, journal, false];
  }
}

/** What may be found after a crash: the last checkpoint, or the one that was being committed. */
function allowed({ committed, attempted }: Journal): (string | undefined)[] {
  return [committed.at(-1), ...(attempted === undefined ? [] : [attempted])];
}

const extremes: readonly Pick[] = [() => 0, () => 1, (bound) => bound - 1];

describe('a checkpoint after a crash', () => {
  it('is the last committed one, wherever the process is killed', () => {
    let ended = false;
    let operation = 0;
    for (; !ended; operation++) {
      const [disk, journal, isWhole] = stoppedAfter(operation);
      expect(allowed(journal)).toContain(found(disk.afterKill()));
      ended = isWhole;
    }
    expect(operation).toBeGreaterThan(60);
  });

  it('is the last committed one, wherever the machine loses power, whatever the device had not written', () => {
    let ended = false;
    for (let operation = 0; !ended; operation++) {
      const [disk, journal, isWhole] = stoppedAfter(operation);
      const random = seeded(operation);
      const picks = [...extremes, ...Array.from({ length: 60 }, (): Pick => (bound) => random(0, bound - 1))];
      for (const pick of picks) expect(allowed(journal)).toContain(found(disk.afterPowerLoss(pick)));
      ended = isWhole;
    }
  });

  it.each(['sync', 'syncDirectory'] as const)('needs every %s: without, power loss is noticed (canary)', (broken) => {
    let wrong = 0;
    let ended = false;
    for (let operation = 0; !ended; operation++) {
      const [disk, journal, isWhole] = stoppedAfter(operation, [broken]);
      const random = seeded(operation);
      for (let run = 0; run < 20; run++) {
        let answer: string | undefined;
        try {
          answer = found(disk.afterPowerLoss((bound) => random(0, bound - 1)));
        } catch (error) {
          if (!(error instanceof CheckpointError)) throw error;
          answer = error.message;
        }
        if (!allowed(journal).includes(answer)) wrong += 1;
      }
      ended = isWhole;
    }
    expect(wrong).toBeGreaterThan(0);
  });

  it('leaves an earlier checkpoint alone until the first commit of one that takes over', () => {
    const disk = new VolatileDisk();
    const old = Checkpoint.create(disk.directory, header, { files: disk });
    old.append('rows', bytes('old'));
    old.commit('old');
    old.close();
    const taking = Checkpoint.create(disk.directory, header, { files: disk });
    expect(taking.sections).toEqual([]);
    expect(taking.state).toBeUndefined();
    taking.append('rows', bytes('new'));
    expect(found(disk.afterKill())).toBe('"old" rows=old');
    taking.commit('new');
    expect(found(disk.afterKill())).toBe('"new" rows=new');
    expect([...disk.snapshot().keys()].toSorted()).toEqual(['checkpoint.json', 'lock', 'rows.000002.irqseg']);
  });

  it('is kept when writing fails; the object is then good for closing only', () => {
    const disk = new VolatileDisk();
    const checkpoint = Checkpoint.create(disk.directory, header, { files: disk });
    checkpoint.append('rows', bytes('kept'));
    checkpoint.commit(1);
    disk.isFull = true;
    expect(() => checkpoint.append('rows', bytes('lost'))).toThrow(
      '/disk/checkpoint: checkpoint cannot be written: no space left on the device',
    );
    expect(() => checkpoint.commit(2)).toThrow(/an earlier write failed: open the checkpoint again/);
    expect(() => checkpoint.read('rows', new Uint8Array(1))).toThrow(/an earlier write failed/);
    checkpoint.close();
    expect([...disk.snapshot().keys()].toSorted()).toEqual(['checkpoint.json', 'rows.000001.irqseg']);
    expect(found(disk.afterKill())).toBe('1 rows=kept');
  });
});

/** A process that goes on from a checkpoint, commit after commit, until it is killed. */
const endless = `
import { Checkpoint } from ${JSON.stringify(fileURLToPath(new URL('../../../src/engine/checkpoint/checkpoint.ts', import.meta.url)))};
const [directory, header] = [process.argv[1], ${JSON.stringify(header)}];
const checkpoint = Checkpoint.open(directory, header);
for (let commits = checkpoint.state + 1; ; commits++) {
  checkpoint.append('rows', new Uint8Array(1000).fill(commits));
  checkpoint.append('rows', new Uint8Array(commits).fill(commits));
  checkpoint.replace('names', new TextEncoder().encode('commit ' + commits));
  checkpoint.commit(commits);
}`;

describe('a process that is killed', () => {
  it.runIf(isLong)('leaves a whole checkpoint on the real file system, from which the next one goes on', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'checkpoint-kill-'));
    const begun = Checkpoint.create(directory, header);
    begun.commit(0);
    begun.close();
    const random = seeded(7);
    let last = 0;
    for (let kill = 0; kill < 12; kill++) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', endless, directory], { stdio: 'inherit' });
      const ended = new Promise((resolve) => {
        child.on('exit', resolve);
      });
      while (child.exitCode === null && Checkpoint.inspect(directory).state === last) await sleep(5);
      await sleep(random(0, 30));
      child.kill('SIGKILL');
      await ended;
      expect(child.signalCode).toBe('SIGKILL');
      const checkpoint = Checkpoint.open(directory, header);
      const commits = checkpoint.state as number;
      expect(commits).toBeGreaterThan(last);
      last = commits;
      const rows = new Uint8Array(checkpoint.length('rows'));
      checkpoint.read('rows', rows);
      const expected = Array.from({ length: commits }, (_, i) => new Uint8Array(1001 + i).fill(i + 1));
      expect(Buffer.compare(rows, Buffer.concat(expected))).toBe(0);
      expect(contentOf(checkpoint)).toContain(`names=commit ${commits}`);
      checkpoint.close();
      expect(readdirSync(directory).filter((name) => !name.endsWith('.irqseg'))).toEqual(['checkpoint.json']);
      expect(readdirSync(directory).length).toBeLessThan(5);
    }
    rmSync(directory, { recursive: true });
  });
});
