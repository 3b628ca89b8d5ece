// Checks a log of a real host against the model: what it shows can have come about, cannot, or too little is shown.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../engine/input-error.ts';
import type { Revision } from '../../registry/revisions.ts';
import { revisionOf } from '../../scenarios/assembled.ts';
import { CallerCheck } from './caller-check.ts';
import type { Evidence, FormatId, LogEvent } from './log-event.ts';
import { linesOf, withLogFile } from './log-lines.ts';
import type { LogSurvey } from './log-survey.ts';
import { surveyed } from './log-survey.ts';
import { isCallback, isManagerCall, ManagerCheck } from './manager-check.ts';
import { NestedCalls } from './nested-calls.ts';
import { tracedFunctions } from './probe-names.ts';
import type { Rejection } from './rejection.ts';
import { TimeOrder } from './time-order.ts';

/** What a check found. Keys are fixed: other programs read them. */
export interface LogReport {
  readonly file: string;
  readonly format: FormatId;
  readonly revision: string;
  readonly events: number;
  /** Producers and consumers whose addresses were seen. */
  readonly objects: number;
  readonly verdict: 'accepted' | 'rejected' | 'inconclusive';
  readonly rejected: readonly Rejection[];
  /** Events that the log says were lost; null where it does not say how many. */
  readonly lost: number | null;
  /** Does it end in the middle of a line, or begin after what was overwritten? */
  readonly truncated: boolean;
  /** Why the verdict says less than it could, and what to trace to know. */
  readonly reasons: readonly string[];
  /** Kernel messages about irqbypass: no verdict. */
  readonly evidence: readonly { readonly line: number; readonly about: Evidence; readonly text: string }[];
}

/** How a log is checked. */
export interface CheckLogOptions {
  readonly format?: FormatId | 'auto';
  /** Of the manager; v2p8 where absent. */
  readonly revision?: string;
  /** Is told now and then: what is being done, and the lines so far. */
  readonly progress?: (what: 'read' | 'checked', lines: number) => void;
  readonly signal?: AbortSignal;
}

/** Every CPU has an idle thread of this number. */
const IDLE = '0';
/** So many rejections are told. */
const MOST_REJECTIONS = 100;
/** So many reasons, and kernel messages. */
const MOST_REASONS = 50;
const MOST_EVIDENCE = 1000;
/** Lines of bpftrace from several CPUs are out of order by less than this. */
const WINDOW = 4096;

/**
 * Checks a log.
 *
 * @param given - its path, or `-` for standard input
 * @param options - its format and the revision of the manager
 * @returns the verdict, with the lines that cannot be
 * @throws InputError where it is no log, or nothing in it is understood
 */
export async function checkLog(given: string, options: CheckLogOptions = {}): Promise<LogReport> {
  const { format = 'auto', revision = 'v2p8', progress } = options;
  const found = revisionOf(revision);
  return await withLogFile(
    given,
    async (file, shown) => {
      const survey = await surveyed(file, shown, format, (lines) => progress?.('read', lines));
      const check = new LogCheck(survey, found);
      for await (const { first, lines } of linesOf(file, shown)) {
        options.signal?.throwIfAborted();
        for (const [i, text] of lines.entries()) check.take(text, first + i);
        progress?.('checked', first + lines.length - 1);
      }
      return check.report(shown);
    },
    options.signal,
  );
}

/**
 * Checks a log that is at hand, whole.
 *
 * @param text - of the log
 * @param name - how it is called in the report
 * @param revision - of the manager
 * @param format - `ftrace` where absent
 */
export async function checkLogText(
  text: string,
  name: string,
  revision: Revision,
  format: FormatId = 'ftrace',
): Promise<LogReport> {
  const folder = mkdtempSync(join(tmpdir(), 'irqbypass-log-'));
  try {
    const file = join(folder, 'log');
    writeFileSync(file, text);
    return { ...(await checkLog(file, { format, revision: revision.id })), file: name };
  } catch (error) {
    // A sequence that calls nothing leaves nothing to judge.
    if (!(error instanceof InputError)) throw error;
    const nothing = { events: 0, objects: 0, rejected: [], lost: 0, truncated: false, evidence: [] };
    const { message } = error;
    return {
      file: name,
      format,
      revision: revision.id,
      ...nothing,
      verdict: 'inconclusive',
      reasons: [message],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

class LogCheck {
  readonly #survey: LogSurvey;
  readonly #revision: Revision;
  readonly #manager: ManagerCheck;
  readonly #callers: CallerCheck;
  readonly #calls: NestedCalls;
  readonly #order: TimeOrder;
  readonly #rejected: Rejection[] = [];
  readonly #reasons = new Set<string>();
  readonly #evidence: LogReport['evidence'][number][] = [];
  #rejections = 0;
  #line = 0;
  #text = '';
  #gap = 0;
  #isInGap = false;
  #isUnclear = false;
  /** Threads by the CPU that they are on, where a log shows only CPUs. */
  readonly #running = new Map<number, string>();
  /** Threads that go by the name of the CPU that they were first seen on. */
  readonly #threads = new Map<string, string>();

  constructor(survey: LogSurvey, revision: Revision) {
    this.#survey = survey;
    this.#revision = revision;
    const reject = (why: string, expected: string): void => this.#reject(why, expected);
    this.#manager = new ManagerCheck(revision, survey.traced, reject, (why) => {
      this.#isUnclear = true;
      this.#say([why]);
    });
    this.#callers = new CallerCheck(survey.traced, reject);
    this.#calls = new NestedCalls(tracedFunctions, {
      entered: (call) => {
        if (this.#isInGap) return;
        if (isManagerCall(call.function)) this.#manager.begin(call);
        else if (isCallback(call.function)) this.#entered(call);
      },
      left: (call) => {
        if (this.#isInGap) return;
        if (isManagerCall(call.function)) this.#manager.end(call);
        else if (isCallback(call.function)) this.#manager.answered(call);
        this.#callers.end(call);
      },
      orphan: (event, isLate) => {
        if (!isLate && !this.#isInGap && isCallback(event.function ?? ''))
          this.#reject(`${event.function} returns without having been called`, 'its call before it');
      },
    });
    this.#order = new TimeOrder(survey.format.id === 'bpftrace' ? WINDOW : 0, (event, text) =>
      this.#event(event, text),
    );
  }

  take(text: string, line: number): void {
    // What is left of a line that was cut may say something else than the line.
    if (this.#survey.isCut && line === this.#survey.lines) return;
    const event = this.#survey.format.read(text);
    if (event !== null) this.#order.take({ ...event, line }, text);
  }

  #event(given: LogEvent, text: string): void {
    const event = this.#onCpu(given);
    this.#line = event.line;
    this.#text = text;
    this.#passGaps(event.line);
    switch (event.kind) {
      case 'enter':
        this.#calls.enter(event);
        break;
      case 'return':
        this.#calls.leave(event);
        break;
      case 'message':
        if (this.#evidence.length < MOST_EVIDENCE)
          this.#evidence.push({ line: event.line, about: event.about, text: event.text });
        break;
      default:
    }
  }

  /** The event with its thread, where the log shows only CPUs and switches between threads. */
  #onCpu(event: LogEvent): LogEvent {
    if (event.kind === 'switch' && event.cpu !== null) {
      // Until its first switch a CPU runs a thread without a name: it keeps the CPU's.
      if (!this.#running.has(event.cpu) && event.from !== IDLE) this.#threads.set(event.from, `CPU ${event.cpu}`);
      const idle = `idle of CPU ${event.cpu}`;
      this.#running.set(event.cpu, event.task === IDLE ? idle : (this.#threads.get(event.task) ?? event.task));
    }
    if ((event.kind !== 'enter' && event.kind !== 'return') || event.cpu === null) return event;
    const thread = event.task === `CPU ${event.cpu}` ? this.#running.get(event.cpu) : undefined;
    return thread === undefined ? event : { ...event, task: thread };
  }

  /** Between the first line that may show what lost events did and the line that says so nothing is judged. */
  #passGaps(line: number): void {
    for (
      let gap = this.#survey.gaps[this.#gap];
      gap !== undefined && line >= gap.from;
      gap = this.#survey.gaps[this.#gap]
    ) {
      if (!this.#isInGap) this.#forget();
      this.#isInGap = true;
      if (line <= gap.to) return;
      this.#forget();
      this.#isInGap = false;
      this.#gap += 1;
    }
  }

  #forget(): void {
    this.#calls.forget();
    this.#manager.forget();
  }

  #entered(call: Parameters<ManagerCheck['callback']>[0]): void {
    const isWithin = call.parent !== null && isManagerCall(call.parent.function);
    const isTraced = tracedFunctions.every((name) => !isManagerCall(name) || this.#survey.traced.has(name));
    if (isWithin) this.#manager.callback(call);
    else if (isTraced && !this.#calls.isLate(call))
      this.#reject(
        `${call.function} runs outside any call of the manager`,
        'irq_bypass_register_... or irq_bypass_unregister_... around it',
      );
  }

  #reject(why: string, expected: string): void {
    this.#rejections += 1;
    if (this.#rejected.length < MOST_REJECTIONS)
      this.#rejected.push({ line: this.#line, text: this.#text.trim(), why, expected });
  }

  report(file: string): LogReport {
    this.#order.end();
    const { format, events, gaps, overwritten, isCut } = this.#survey;
    this.#sayAll();
    const isLost = gaps.length > 0;
    const counts = gaps.map(({ count }) => count);
    const verdict =
      this.#rejections > 0
        ? 'rejected'
        : isLost || isCut || this.#isUnclear || !this.#saysSomething()
          ? 'inconclusive'
          : 'accepted';
    return {
      file,
      format: format.id,
      revision: this.#revision.id,
      events,
      objects: this.#manager.objects,
      verdict,
      rejected: this.#rejected,
      lost: counts.some((count) => count === null)
        ? null
        : counts.reduce<number>((sum, count) => sum + (count ?? 0), 0),
      truncated: isCut || overwritten > 0,
      reasons: [...this.#reasons],
      evidence: this.#evidence,
    };
  }

  #saysSomething(): boolean {
    return tracedFunctions.some((name) => isManagerCall(name) && this.#survey.traced.has(name));
  }

  /** Adds reasons, as many as anybody reads. */
  #say(reasons: readonly string[]): void {
    for (const reason of reasons) if (this.#reasons.size < MOST_REASONS) this.#reasons.add(reason);
  }

  /** Why the verdict says less than it could. */
  #sayAll(): void {
    const { traced, withResults, gaps, overwritten, isCut, format, lines } = this.#survey;
    const found: string[] = [];
    for (const { from, to, count } of gaps)
      found.push(
        `lines ${from} to ${to > lines ? 'the end' : to}: ${count === null ? 'events' : `${count} events`} were lost: nothing is judged there, and nothing is known after it (trace fewer functions, or into larger buffers)`,
      );
    if (overwritten > 0)
      found.push(
        `${overwritten} entries were overwritten before the first line: what was registered before is not known (larger buffers: buffer_size_kb)`,
      );
    if (isCut) found.push('the log ends in the middle of a line: that line and what comes after it are not known');
    if (format.id === 'dmesg')
      found.push('kernel messages are evidence and no trace: trace the calls (irqbypass generate ftrace)');
    else if (this.#saysSomething()) found.push(...this.#limits(traced, withResults));
    else
      found.push(
        'no call of the manager: trace irq_bypass_register_producer and the three beside it (irqbypass generate ftrace)',
      );
    this.#say(found);
  }

  /** What a log of the manager's calls does not show. */
  #limits(traced: ReadonlySet<string>, withResults: ReadonlySet<string>): readonly string[] {
    const found: string[] = [];
    const untraced = tracedFunctions.filter((name) => isManagerCall(name) && !traced.has(name));
    if (!this.#manager.hasAddresses)
      found.push(
        'no addresses: only the order of calls and callbacks was checked, not who is connected with whom (kprobe events or function arguments show addresses)',
      );
    else if (untraced.length > 0)
      found.push(
        `not traced, or never called: ${untraced.join(', ')}: who is registered is not known, so only the order of callbacks within a call was checked`,
      );
    const silent = [...traced].filter(
      (name) => isManagerCall(name) && name.includes('_register_') && !withResults.has(name),
    );
    if (silent.length > 0)
      found.push(
        `no results of ${silent.join(', ')}: whether a registration succeeds is concluded from what comes later, if at all`,
      );
    const missing = tracedFunctions.filter((name) => isCallback(name) && !traced.has(name));
    if (missing.length > 0) found.push(`not traced, or never called: ${missing.join(', ')}`);
    return found;
  }
}
