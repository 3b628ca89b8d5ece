// A first look at a whole log: which tool wrote it, which functions it has, where events were lost, where another log begins.
import { InputError } from '../../engine/input-error.ts';
import type { FormatId, LogEvent, LogFormat } from './log-event.ts';
import { formatNamed, formatOf } from './formats/formats.ts';
import { linesOf } from './log-lines.ts';
import { tracedFunctions } from './probe-names.ts';

/** Events that are missing: anything may have happened from one line to another. */
export interface Gap {
  /** The first line that may show what lost events did. */
  readonly from: number;
  /** The line that says so. */
  readonly to: number;
  readonly count: number | null;
}

/** What a first look tells. */
export interface LogSurvey {
  readonly format: LogFormat;
  readonly lines: number;
  readonly events: number;
  /** Functions that are understood and are there. */
  readonly traced: ReadonlySet<string>;
  /** Those whose results are shown. */
  readonly withResults: ReadonlySet<string>;
  readonly gaps: readonly Gap[];
  /** Entries that were overwritten before the log was taken. */
  readonly overwritten: number;
  /** Does it end in the middle of a line? */
  readonly isCut: boolean;
}

/** Lines that the format is found by. */
const SAMPLE = 400;
/** Where one log ends and another begins. */
const BEGINNING = /^(?:# tracer: |cpus=\d+$|Attach(?:ing|ed) \d+ probes|\{"type": ?"attached_probes")/;
/** Clocks of CPUs differ by less: a second is another log. */
const BACKWARDS = 1_000_000_000n;

class Survey {
  readonly #file: string;
  readonly #isOrdered: boolean;
  readonly #traced = new Set<string>();
  readonly #withResults = new Set<string>();
  readonly #gaps: Gap[] = [];
  readonly #lastLine = new Map<number, number>();
  #events = 0;
  #overwritten = 0;
  /** The last line that says that a CPU's buffer begins: those of other CPUs began before it. */
  #begun = 0;
  #latest: bigint | null = null;

  constructor(file: string, isOrdered: boolean) {
    this.#file = file;
    this.#isOrdered = isOrdered;
  }

  take(event: LogEvent): void {
    if (event.time !== null && this.#isOrdered) this.#expectLater(event.time, event.line);
    switch (event.kind) {
      case 'enter':
      case 'return':
        this.#call(event);
        break;
      case 'lost':
        this.#lost(event);
        break;
      case 'header':
        this.#overwritten += event.overwritten;
        if (event.overwritten === 0) this.#begun = event.line;
        break;
      case 'switch':
        break;
      case 'message':
        this.#events += 1;
    }
    if (event.cpu !== null && event.kind !== 'lost') this.#lastLine.set(event.cpu, event.line);
  }

  #call(event: Extract<LogEvent, { readonly kind: 'enter' | 'return' }>): void {
    this.#events += 1;
    const { function: name } = event;
    if (name === null || !tracedFunctions.includes(name)) return;
    if (event.kind === 'enter') this.#traced.add(name);
    if (event.result !== undefined) this.#withResults.add(name);
  }

  /** What CPU n shows is whole up to its last line before the one that says so; a loss without a CPU may be of any. */
  #lost({ cpu, line, count }: Extract<LogEvent, { readonly kind: 'lost' }>): void {
    const from = cpu === null ? 1 : (this.#lastLine.get(cpu) ?? 0) + 1;
    // Where lines are not in the order of time, nobody knows what was lost before what.
    this.#gaps.push({ from, to: this.#isOrdered ? line : Number.MAX_SAFE_INTEGER, count });
  }

  #expectLater(time: bigint, line: number): void {
    if (this.#latest !== null && time + BACKWARDS < this.#latest)
      throw new InputError('IRQB603', `the clock goes back by ${Number((this.#latest - time) / 1_000_000n)} ms`, {
        where: `${this.#file}:${line}`,
        hint: 'one log of one boot, sorted by time: check them one by one',
      });
    if (this.#latest === null || time > this.#latest) this.#latest = time;
  }

  result(format: LogFormat, lines: number, isCut: boolean): LogSurvey {
    if (this.#overwritten > 0 && this.#begun > 0) this.#gaps.push({ from: 1, to: this.#begun, count: null });
    return {
      format,
      lines,
      events: this.#events,
      traced: this.#traced,
      withResults: this.#withResults,
      gaps: joined(this.#gaps),
      overwritten: this.#overwritten,
      isCut,
    };
  }
}

/** Gaps in order, those that touch each other as one. */
function joined(gaps: readonly Gap[]): readonly Gap[] {
  const found: Gap[] = [];
  for (const gap of gaps.toSorted((a, b) => a.from - b.from)) {
    const last = found.at(-1);
    if (last === undefined || gap.from > last.to) found.push(gap);
    else
      found[found.length - 1] = {
        from: last.from,
        to: Math.max(last.to, gap.to),
        count: last.count === null || gap.count === null ? null : last.count + gap.count,
      };
  }
  return found;
}

/**
 * Looks a log over.
 *
 * @param file - its path
 * @param shown - how it is called in messages
 * @param wanted - its format, or `auto`
 * @param progress - is told the lines so far
 * @throws InputError IRQB601 to IRQB604: no log, binary, two logs, nothing of irqbypass
 */
export async function surveyed(
  file: string,
  shown: string,
  wanted: FormatId | 'auto',
  progress: (lines: number) => void,
): Promise<LogSurvey> {
  let survey: Survey | undefined;
  let format = wanted === 'auto' ? null : formatNamed(wanted);
  let count = 0;
  let isEndCut = false;
  let hasBegun = false;
  for await (const { first, lines, isCut } of linesOf(file, shown)) {
    if (format === null) {
      if (lines.every((line) => line.trim() === ''))
        throw new InputError('IRQB601', 'the log is empty', { where: shown, hint: 'trace again, then check' });
      format = formatOf(lines.slice(0, SAMPLE), shown);
    }
    survey ??= new Survey(shown, format.id !== 'bpftrace' && format.id !== 'dmesg');
    for (const [i, text] of lines.entries()) {
      const line = first + i;
      if (BEGINNING.test(text)) {
        if (hasBegun)
          throw new InputError('IRQB603', 'another log begins here', {
            where: `${shown}:${line}`,
            hint: 'check them one by one',
          });
        hasBegun = true;
      }
      const event = format.read(text);
      if (event !== null) survey.take({ ...event, line });
    }
    count = first + lines.length - 1;
    isEndCut = isCut;
    progress(count);
  }
  if (format === null || survey === undefined) throw new InputError('IRQB601', 'the log is empty', { where: shown });
  const result = survey.result(format, count, isEndCut);
  if (result.traced.size === 0 && result.format.id !== 'dmesg')
    throw new InputError('IRQB604', 'no call of irqbypass, KVM or VFIO that is understood', {
      where: shown,
      hint: 'irqbypass generate ftrace (or bpftrace) writes a set-up that traces what is needed; docs/check-a-host.md',
    });
  return result;
}
