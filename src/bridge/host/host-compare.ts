// The world's word for each call of a sequence beside what a real kernel did: classes of difference, each with its shortest sequence.
import type { HostSequence } from './host-sequences.ts';
import { commandsFor } from './host-sequences.ts';
import type { Row } from '../../engine/world/world.ts';
import type { Played } from './host-boot.ts';
import type { HostOutcome, HostSeen, HostWorld } from './host-world.ts';
import type { PlayedCommand } from './played-run.ts';
import { playedCommands, seenOf } from './played-run.ts';

/** One call that is not as the world says. */
export interface HostDifference {
  readonly sequence: string;
  /** Calls up to it, the last is the one that differs. */
  readonly calls: readonly string[];
  readonly field: 'returns' | 'manager' | 'signals' | 'play';
  readonly world: string;
  readonly kernel: string;
}

/** Differences that are the same but for names. */
export interface DifferenceClass {
  readonly id: string;
  readonly summary: string;
  readonly count: number;
  readonly shortest: HostDifference;
}

/** What a comparison came to. */
export interface Comparison {
  readonly sequences: number;
  readonly calls: number;
  /** Fields that were compared and agree. */
  readonly agreed: number;
  readonly classes: readonly DifferenceClass[];
}

/** What a comparison of one sequence came to. */
export interface ComparedSequence {
  readonly agreed: number;
  readonly calls: number;
  readonly difference: HostDifference | null;
}

const GSI = 32;

/** What is compared, as text; null where it is not. */
const fields: Readonly<Record<'returns' | 'manager' | 'signals', (seen: HostSeen) => string | null>> = {
  returns: ({ returns }) => String(returns),
  manager: ({ manager }) => manager.join(' '),
  signals: ({ isSignalled }) => (isSignalled === null ? null : isSignalled ? 'signalled' : 'not signalled'),
};

/**
 * Compares one sequence; ends at its first difference: what comes later is a consequence. All that the world can do is allowed: jobs of
 * several workers run in any order.
 */
export function compared(world: HostWorld, sequence: HostSequence, played: Played): ComparedSequence {
  const commands = callsOf(playedCommands(played.log ?? '', played.truth, GSI), sequence);
  let agreed = 0;
  let rows: readonly Row[] = [world.initial];
  for (const [i, { call }] of sequence.steps.entries()) {
    const calls = sequence.steps.slice(0, i + 1).map((step) => step.call);
    const differs = (field: HostDifference['field'], expected: string, kernel: string): ComparedSequence => ({
      agreed,
      calls: i + 1,
      difference: { sequence: sequence.name, calls, field, world: expected, kernel },
    });
    const command = commands[i];
    if (command === undefined)
      return differs('play', 'the call is made', `the test program ended with ${played.status}`);
    const seen = seenOf(command);
    if (!seen.isOver)
      return differs('play', 'the call returns', `it does not; the test program ended with ${played.status}`);
    let possible = [
      ...new Map(rows.flatMap((row) => world.everyOutcome(row, call)).map((one) => [keyOf(world, one), one])).values(),
    ];
    if (possible.length === 0)
      return differs('play', 'the world cannot make this call, or has no word for it', seen.manager.join(' '));
    for (const [field, textOf] of Object.entries(fields)) {
      const expected = possible.map((one) => textOf(one.seen));
      if (expected.every((text) => text === null)) continue;
      const kernel = textOf(seen) ?? '';
      possible = possible.filter((_, k) => expected[k] === null || expected[k] === kernel);
      if (possible.length === 0)
        return differs(field as HostDifference['field'], [...new Set(expected)].join(' or '), kernel);
      agreed += 1;
    }
    rows = possible.map(({ row }) => row);
  }
  return { agreed, calls: sequence.steps.length, difference: null };
}

const keyOf = (world: HostWorld, { row, seen }: HostOutcome): string => `${world.textOf(row)} ${JSON.stringify(seen)}`;

/** The commands of the calls: those of the prologue are before them. */
function callsOf(commands: readonly PlayedCommand[], sequence: HostSequence): readonly PlayedCommand[] {
  const { text } = commandsFor({ ...sequence, steps: [] });
  // But for the mark at the end.
  return commands.slice(text.split('\n').filter((line) => line !== '').length - 1);
}

/** Names of a text, numbered as they come. */
function shapeOf(text: string): string {
  const names = new Map<string, string>();
  return text.replaceAll(/\b(vcpu|vm|[a-z])(\d)\b/g, (name, kind: string) => {
    let shape = names.get(name);
    if (shape === undefined) {
      const count = [...names.keys()].filter((other) => other.replace(/\d/, '') === kind).length;
      shape = `${kind}${count}`;
      names.set(name, shape);
    }
    return shape;
  });
}

/** Compares all, and sorts differences into classes. */
export function compareAll(
  world: HostWorld,
  sequences: readonly HostSequence[],
  played: readonly Played[],
): Comparison {
  const byName = new Map(played.map((one) => [one.name, one]));
  const found = sequences.flatMap((sequence) => {
    const one = byName.get(sequence.name);
    return one === undefined ? [] : [compared(world, sequence, one)];
  });
  const differences = found.flatMap(({ difference }) => difference ?? []);
  return {
    sequences: found.length,
    calls: found.reduce((sum, { calls }) => sum + calls, 0),
    agreed: found.reduce((sum, { agreed }) => sum + agreed, 0),
    classes: classesOf(differences.map((one) => ({ count: 1, shortest: one }))),
  };
}

/** Several comparisons as one. */
export function joined(all: readonly Comparison[]): Comparison {
  const sum = (of: (one: Comparison) => number): number => all.reduce((total, one) => total + of(one), 0);
  return {
    sequences: sum((one) => one.sequences),
    calls: sum((one) => one.calls),
    agreed: sum((one) => one.agreed),
    classes: classesOf(all.flatMap(({ classes }) => classes)),
  };
}

/** Differences by what they are but for names, the shortest of each; the shortest classes first. */
function classesOf(all: readonly Pick<DifferenceClass, 'count' | 'shortest'>[]): readonly DifferenceClass[] {
  const classes = new Map<string, { count: number; shortest: HostDifference }>();
  for (const { count, shortest } of all) {
    const { calls, field, world, kernel } = shortest;
    const summary = shapeOf(
      `${calls.at(-1) ?? ''}: ${field}: the world ${world || 'nothing'}, the kernel ${kernel || 'nothing'}`,
    );
    const known = classes.get(summary);
    if (known === undefined) classes.set(summary, { count, shortest });
    else {
      known.count += count;
      if (calls.length < known.shortest.calls.length) known.shortest = shortest;
    }
  }
  return [...classes]
    .toSorted(([, a], [, b]) => a.shortest.calls.length - b.shortest.calls.length)
    .map(([summary, one], i) => ({ id: `H${i + 1}`, summary, ...one }));
}
