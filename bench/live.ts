// As many real XState actors as fit: the live host, its irqfds doubled until time or memory ends it.
//
//   npm run bench:live                            60 s, a quarter of this machine's memory
//   npm run bench:live -- --seconds 600 --memory 8192
//   npm run bench:live -- --json | --record       one JSON document | docs/figures/live.json
//
// A benchmark, never a test. The host is src/engine/world/live-host.ts with its registry, producers, consumers and threads, every one
// an actor of createActor(); all irqfds register, connect and unregister, and the driver of storms checks that they do
// (src/scale/scale-run-driver.ts). Sizes run one after the other in this process; the last one may be cut short.
import { writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { findRevision } from '../src/registry/revisions.ts';
import { LiveStorm } from '../src/scale/live-scale-run.ts';
import { machine, table } from './report.ts';

const MIB = 2 ** 20;
const FIRST = 1000;
const THREADS = 144;
const STEPS_AT_ONCE = 1000;
const REVISION = 'v2p8';

/** One size. */
export interface LiveFigures {
  readonly irqfds: number;
  /** Producers, consumers, threads, the registry. */
  readonly actors: number;
  readonly startedPerSecond: number;
  readonly messages: number;
  /** Messages delivered to actors in a second, garbage collections of the measurement left out. */
  readonly messagesPerSecond: number;
  /** Live heap and array buffers an actor: just started, and with every pair connected (absent where it was cut short before). */
  readonly bytesStarted: number;
  readonly bytesConnected?: number;
  /** Did all register, connect and unregister? Else what ended it. */
  readonly ended: 'complete' | 'time' | 'memory';
}

/** What is in docs/figures/live.json. */
export interface LiveRecord {
  readonly machine: string;
  readonly revision: string;
  readonly threads: number;
  readonly secondsAtMost: number;
  readonly memoryMiBAtMost: number;
  readonly sizes: readonly LiveFigures[];
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '60' },
    memory: { type: 'string', default: String(Math.floor(totalmem() / 4 / MIB)) },
  },
});
const limitOf = (option: 'seconds' | 'memory', unit: string): number => {
  const text = values[option];
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  process.stderr.write(`bench:live: --${option} ${text}: expected a whole number of ${unit} from 1\n`);
  return process.exit(2);
};
const secondsAtMost = limitOf('seconds', 'seconds');
const memoryMiBAtMost = limitOf('memory', 'MiB');
// V8's own limit would end it first, and not gently.
setFlagsFromString(`--max-old-space-size=${memoryMiBAtMost * 2}`);
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function usedBytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const begin = performance.now();
const elapsed = (): number => (performance.now() - begin) / 1000;

function limitReached(): 'time' | 'memory' | null {
  if (elapsed() > secondsAtMost) return 'time';
  const { rss, heapUsed } = process.memoryUsage();
  return rss > memoryMiBAtMost * MIB || heapUsed > getHeapStatistics().heap_size_limit * 0.8 ? 'memory' : null;
}

function measure(irqfds: number): LiveFigures {
  const policy = findRevision(REVISION)?.policy;
  if (policy === undefined) throw new Error('no revision');
  const before = usedBytes();
  const start = performance.now();
  const storm = new LiveStorm({ policy, irqfds, threads: THREADS, seed: 1 });
  const startedMs = performance.now() - start;
  const bytesStarted = usedBytes() - before;
  let bytesConnected: number | undefined;
  let runMs = 0;
  let ended: LiveFigures['ended'] | null = limitReached();
  while (ended === null) {
    const from = performance.now();
    // One step at a time near the middle, where for one moment every pair is connected.
    const isNearMiddle = bytesConnected === undefined && 2 * irqfds - storm.calls < STEPS_AT_ONCE;
    const goesOn = storm.run(isNearMiddle ? 1 : STEPS_AT_ONCE);
    runMs += performance.now() - from;
    if (storm.violation !== null) throw new Error(`${storm.violation.property}: ${storm.violation.message}`);
    if (bytesConnected === undefined && storm.isConnected) bytesConnected = usedBytes() - before;
    ended = goesOn ? (isNearMiddle ? null : limitReached()) : 'complete';
  }
  const { actors } = storm;
  const { messages } = storm.world;
  storm.stop();
  return {
    irqfds,
    actors,
    startedPerSecond: Math.round((actors / startedMs) * 1000),
    messages,
    messagesPerSecond: runMs === 0 ? 0 : Math.round((messages / runMs) * 1000),
    bytesStarted: Math.round(bytesStarted / actors),
    ...(bytesConnected === undefined ? {} : { bytesConnected: Math.round(bytesConnected / actors) }),
    ended,
  };
}

const sizes: LiveFigures[] = [];
for (let irqfds = FIRST; sizes.at(-1)?.ended !== 'time' && sizes.at(-1)?.ended !== 'memory'; irqfds *= 2) {
  sizes.push(measure(irqfds));
  if (!values.json && process.stderr.isTTY) process.stderr.write(`${irqfds} irqfds, ${elapsed().toFixed(0)} s\n`);
}
const record: LiveRecord = {
  machine: machine(),
  revision: REVISION,
  threads: THREADS,
  secondsAtMost,
  memoryMiBAtMost,
  sizes,
};
const text = `${JSON.stringify(record, null, 2)}\n`;
if (values.record) {
  const file = fileURLToPath(new URL('../docs/figures/live.json', import.meta.url));
  writeFileSync(file, text);
  process.stderr.write(`${file} written\n`);
}
if (values.json) {
  process.stdout.write(text);
} else {
  const whole = (value: number | undefined): string => (value === undefined ? '-' : value.toLocaleString('en'));
  const rows = sizes.map((size) => [
    whole(size.irqfds),
    whole(size.actors),
    whole(size.startedPerSecond),
    whole(size.messages),
    whole(size.messagesPerSecond),
    whole(size.bytesStarted),
    whole(size.bytesConnected),
    size.ended,
  ]);
  const head = ['irqfds', 'actors', 'started/s', 'messages', 'messages/s', 'bytes an actor', 'connected', 'ended by'];
  process.stdout.write(
    `${record.machine}; ${secondsAtMost} s, ${memoryMiBAtMost} MiB at most\n\n${table(head, rows)}\n`,
  );
}
