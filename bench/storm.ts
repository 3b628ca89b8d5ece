// Figure 4: a million irqfds, two million actors, register, connect and unregister in a scheduled world.
//
//   npm run bench:storm                     1 000 000 irqfds
//   npm run bench:storm -- 100000           fewer
//
// A benchmark, never a test. Contestants in one run: the world in columns, an ordinary world (remembered transitions, one
// row), and live XState actors (npm run bench:live grows those). Those two get few irqfds: rates, not totals, compare.
import { World } from '../src/engine/world/world.ts';
import { findRevision } from '../src/registry/revisions.ts';
import { LiveStorm } from '../src/scale/live-scale-run.ts';
import { Storm } from '../src/scale/scale-run.ts';
import { build } from '../src/scenarios/build.ts';
import { invoke, loop } from '../src/scenarios/calls.ts';
import { machine, peakMiB, ratio, table } from './report.ts';

const irqfds = Number(process.argv.find((argument) => /^\d+$/.test(argument)) ?? 1_000_000);
const policy = findRevision('v2p8')?.policy;
if (policy === undefined) throw new Error('no revision');
const SMALL = 100;
const ROUNDS = 20;
const LIVE = 2000;

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
  if (storm.violation !== null) throw new Error(storm.violation.message);
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
  const numbered = (letter: string): string[] => Array.from({ length: SMALL }, (_, i) => `${letter}${i}`);
  const program = (i: number, half: 'producer' | 'consumer') => {
    const struct = `${half.charAt(0)}${i}`;
    return loop(invoke(`register_${half}`, struct, { eventfd: `e${i}` }), invoke(`unregister_${half}`, struct));
  };
  const threads = (['producer', 'consumer'] as const).flatMap((half, k) =>
    numbered('t').map((_, i) => [`t${k * SMALL + i}`, program(i, half)] as const),
  );
  const script = { producers: numbered('p'), consumers: numbered('c'), eventfds: numbered('e') };
  return new World(build({ ...script, threads: Object.fromEntries(threads) }, policy as NonNullable<typeof policy>));
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
  const one = new LiveStorm({ policy: policy as NonNullable<typeof policy>, irqfds: LIVE, threads: 144, seed: 1 });
  const begin = performance.now();
  while (one.run(1000));
  const seconds = (performance.now() - begin) / 1000;
  if (one.violation !== null) throw new Error(one.violation.message);
  one.stop();
  return { contestant: 'live XState actors', actors: one.actors, steps: one.steps, seconds, peakMiB: peakMiB() };
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
      `${storm.messages.toLocaleString('en')} messages; the machines were asked ${storm.machineCalls} times; ${storm.peakNodes.toLocaleString('en')} xarray nodes at most.`,
      '',
    ].join('\n'),
  );
}
