// Figure 4: a million irqfds, two million actors, register, connect and unregister in a scheduled world.
//
//   npm run bench:storm                     1 000 000 irqfds
//   npm run bench:storm -- 100000           fewer
//
// A benchmark, never a test. Contestants in one run: the world in columns, an ordinary world (remembered transitions, one
// row), and live XState actors. Those two hold all sets in one row, so they get few irqfds: rates, not totals, compare.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createActor } from 'xstate';
import { createConsumerMachine } from '../src/machines/consumer.ts';
import { name } from '../src/machines/protocol.ts';
import { findRevision } from '../src/registry/revisions.ts';
import { LiveHost } from '../src/world/live-host.ts';
import { Storm } from '../src/world/storm.ts';
import { World } from '../src/world/world.ts';
import { machine, peakMiB, ratio, table } from './report.ts';

const irqfds = Number(process.argv.find((argument) => /^\d+$/.test(argument)) ?? 1_000_000);
const policy = findRevision('v2p8')?.policy;
if (policy === undefined) throw new Error('no revision');
const SMALL = 100;
const ROUNDS = 20;
const LIVE = 200_000;

interface Figures {
  readonly contestant: string;
  readonly actors: number;
  readonly steps: number;
  readonly seconds: number;
  readonly peakMiB: number;
}

/** Messages a step on average: 40 for 20 steps of an irqfd. */
const MESSAGES = 2;

function columns(): Figures & { readonly machineCalls: number; readonly peakNodes: number; readonly messages: number } {
  const begin = performance.now();
  const storm = new Storm({ policy: policy as NonNullable<typeof policy>, irqfds, threads: 144, seed: 1 });
  while (storm.run(1_000_000));
  return {
    contestant: 'world in columns',
    actors: storm.actors,
    steps: storm.steps,
    messages: storm.world.messages,
    machineCalls: storm.world.machineCalls,
    peakNodes: storm.peakNodes,
    seconds: (performance.now() - begin) / 1000,
    peakMiB: peakMiB(),
  };
}

function ordinary(): World {
  const numbered = (letter: string): { name: string }[] =>
    Array.from({ length: SMALL }, (_, i) => ({ name: `${letter}${i}` }));
  const program = (i: number, side: 'producer' | 'consumer') => [
    { calls: [{ op: `register_${side}`, object: name(`${side[0] ?? ''}${i}`), eventfd: name(`e${i}`) } as const] },
    { calls: [{ op: `unregister_${side}`, object: name(`${side[0] ?? ''}${i}`) } as const], ok: 0 },
  ];
  return new World({
    policy: policy as NonNullable<typeof policy>,
    discipline: 'clean',
    producers: numbered('p'),
    consumers: numbered('c'),
    eventfds: numbered('e').map((eventfd) => eventfd.name),
    callers: (['producer', 'consumer'] as const).flatMap((side, k) =>
      numbered('t').map((_, i) => ({ name: `t${k * SMALL + i}`, program: program(i, side) })),
    ),
    allocationFaults: false,
  });
}

function world(): Figures {
  const one = ordinary();
  const begin = performance.now();
  let row = one.initial();
  let steps = 0;
  for (; steps < ROUNDS * 20 * SMALL; steps++) {
    const choices = one.choices(row);
    const choice = choices[(steps * 7919) % choices.length];
    if (choice === undefined) break;
    ({ row } = one.step(row, choice));
  }
  const seconds = (performance.now() - begin) / 1000;
  return { contestant: 'ordinary world', actors: one.actors.length, steps, seconds, peakMiB: peakMiB() };
}

function live(): Figures {
  const one = ordinary();
  const host = new LiveHost(one);
  const begin = performance.now();
  let steps = 0;
  for (; steps < 20 * SMALL; steps++) {
    const choices = host.choices();
    const choice = choices[(steps * 7919) % choices.length];
    if (choice === undefined) break;
    host.take(choice);
  }
  const seconds = (performance.now() - begin) / 1000;
  host.stop();
  return { contestant: 'live XState actors', actors: one.actors.length, steps, seconds, peakMiB: peakMiB() };
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Live actors alone: how many start in a second, and what each takes. */
function liveActors(): string {
  const machine = createConsumerMachine(policy as NonNullable<typeof policy>);
  const before = heapUsed();
  const begin = performance.now();
  const actors = Array.from({ length: LIVE }, (_, i) =>
    createActor(machine, { input: { self: name(`c${i}`) }, systemId: `c${i}` }).start(),
  );
  const seconds = (performance.now() - begin) / 1000;
  const bytes = (heapUsed() - before) / actors.length;
  return `${LIVE.toLocaleString('en')} live XState consumers: ${Math.round(LIVE / seconds).toLocaleString('en')} start a second, ${bytes.toFixed(0)} bytes each.`;
}

const storm = columns();
const others = process.argv.includes('--json') ? [] : [world(), live()];
if (process.argv.includes('--json')) {
  process.stdout.write(`${JSON.stringify({ machine: machine(), irqfds, ...storm }, null, 2)}\n`);
} else {
  const rate = ({ steps, seconds }: Figures): number => (steps * MESSAGES) / seconds;
  const rows = [storm, ...others].map((figures) => [
    figures.contestant,
    figures.actors.toLocaleString('en'),
    figures.steps.toLocaleString('en'),
    figures.seconds.toFixed(2),
    Math.round(rate(figures)).toLocaleString('en'),
    ratio(rate(storm), rate(figures)),
    figures.peakMiB.toLocaleString('en'),
  ]);
  process.stdout.write(
    [
      machine(),
      '',
      table(
        ['contestant', 'actors', 'steps', 'seconds', 'messages/s', 'columns are faster by', 'peak MiB so far'],
        rows,
      ),
      '',
      liveActors(),
      `${storm.messages.toLocaleString('en')} messages; the machines were asked ${storm.machineCalls} times; ${storm.peakNodes.toLocaleString('en')} xarray nodes at most.`,
      '',
    ].join('\n'),
  );
}
