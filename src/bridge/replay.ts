// Replays trace files and compares every observation with what the machines do.
import { createReadStream, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { isDeepStrictEqual } from 'node:util';
import { revisionOf } from '../scenarios/assembled.ts';
import { InputError } from '../engine/input-error.ts';
import { expectFile, unreadable } from '../scenarios/files/load.ts';
import { TracedRun, TraceError } from '../engine/world/trace.ts';
import type { Assembled } from '../scenarios/assembled.ts';
import type { RecordedHeader, RecordedOperation, RecordedSequence } from './recorded-format.ts';
import { parseLine, RecordedFormatError, recordedHeader, recordedSequence } from './recorded-format.ts';
import type { Discipline } from '../machines/manager/tokens.ts';
import type { CallRunner } from './call-runner.ts';
import { RecordedRunner } from './recorded-run.ts';
import type { Difference } from './divergence.ts';
import { differencesOf } from './divergence.ts';
import type { TakenTrace } from '../scenarios/trace-document.ts';
import type { TraceHeader } from './trace-file.ts';
import { itfDocument, stepsOfItf, TRACE_FORMAT, traceHeader, traceStep, worldOf } from './trace-file.ts';

export type { TakenTrace } from '../scenarios/trace-document.ts';

/** One observation that is not as expected. */
export interface Divergence {
  readonly file: string;
  /** The sequence's own number; 0 for a trace, which is one sequence. */
  readonly sequence: number;
  /** Place of the operation in its sequence, from 0. */
  readonly operation: number;
  readonly field: string;
  readonly expected: unknown;
  readonly actual: unknown;
  /** Where within the field the two differ. */
  readonly differences: readonly Difference[];
}

/** A line that could not be read. */
export interface BrokenLine {
  readonly file: string;
  /** From 1; 0 where the file cannot be read at all. */
  readonly line: number;
  /** Of the error: docs/errors.md. */
  readonly code: string;
  readonly message: string;
}

/** What a replay found. Keys are fixed: other programs read them. */
export interface ReplayReport {
  files: number;
  sequences: number;
  operations: number;
  agreed: number;
  readonly diverged: Divergence[];
  readonly errors: BrokenLine[];
}

/** Against what a replay compares, and whom it tells of its progress. */
export interface ReplayOptions {
  /** Run against this revision instead of the one that each file names. */
  readonly revision?: string;
  /** What performs the calls of a recording; the machines of its revision where absent. */
  readonly runner?: (header: RecordedHeader) => CallRunner;
  /** Is given each trace, as far as it was taken. */
  readonly taken?: (file: string, trace: TakenTrace) => void;
  /** Is given the calls of each recorded sequence that diverges, the last one is the one that does. */
  readonly diverged?: (divergence: Divergence, operations: readonly RecordedOperation[]) => void;
  /** Called now and then with the file and the operations so far. */
  readonly progress?: (file: string, report: ReplayReport) => void;
}

/** Fields of a recorded operation that are input, not observation. */
const inputs = new Set(['op', 'producer', 'consumer', 'eventfd', 'irq', 'fault']);
const PROGRESS_EVERY = 50;
/** Of a line that is not what it should be. */
const TRACE_CODE = 'IRQB103';

/**
 * Replays files: recorded behaviour (`irqbypass-recorded/1`, plain or gzipped), traces of `run` and `explore` (ndjson or
 * ITF). Compares up to the first divergence of each sequence. A file that cannot be read and a line that
 * cannot be understood are reported in `errors`; the rest is still compared.
 *
 * @param files - paths; those that end in `.gz` are unpacked
 * @param options - another revision, what performs the calls of recordings, progress
 * @returns counts, divergences and errors
 */
export async function replayFiles(files: readonly string[], options: ReplayOptions = {}): Promise<ReplayReport> {
  const runners = new Map<string, CallRunner>();
  const report: ReplayReport = { files: 0, sequences: 0, operations: 0, agreed: 0, diverged: [], errors: [] };
  for (const file of files) {
    await new FileReplay(file, report, options, runners).run();
    report.files += 1;
  }
  return report;
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

class FileReplay {
  readonly #file: string;
  readonly #report: ReplayReport;
  readonly #options: ReplayOptions;
  /** Machines by revision and kind of caller: what they do is remembered from file to file. */
  readonly #runners: Map<string, CallRunner>;
  #line = 0;
  #compared = 0;
  #runner: CallRunner | undefined;
  #header: TraceHeader | undefined;
  #assembled: Assembled | undefined;
  #trace: TracedRun | undefined;
  #traceOver = false;
  /** Lines of a document that is not line by line. */
  #document: string[] | undefined;

  constructor(file: string, report: ReplayReport, options: ReplayOptions, runners: Map<string, CallRunner>) {
    this.#file = file;
    this.#runners = runners;
    this.#report = report;
    this.#options = options;
  }

  async run(): Promise<void> {
    try {
      expectFile(this.#file, statSync(this.#file), true);
      // A plain stream error is thrown by the loop; anything else that is thrown there is not about the file.
      for await (const line of createInterface({ input: this.#open(), crlfDelay: Infinity })) {
        this.#line += 1;
        await this.#guarded(() => this.#take(line));
        if (this.#line % PROGRESS_EVERY === 0) this.#options.progress?.(this.#file, this.#report);
      }
    } catch (error) {
      if (!isSystemError(error) && !(error instanceof InputError)) throw error;
      const { code, message } = error instanceof InputError ? error : unreadable(this.#file, error);
      this.#break(this.#line === 0 ? 0 : this.#line + 1, message.replace(`${this.#file}: `, ''), code);
      return;
    }
    if (this.#document !== undefined) await this.#guarded(() => this.#takeItf());
    const [header, assembled, run] = [this.#header, this.#assembled, this.#trace];
    if (header !== undefined && assembled !== undefined && run !== undefined)
      this.#options.taken?.(this.#file, { header, assembled, steps: run.steps });
    if (this.#line === 0) this.#break(1, 'the file is empty: expected a header line');
    else if (this.#compared === 0 && this.#report.errors.every(({ file }) => file !== this.#file)) {
      this.#break(this.#line, 'the file ends after its header: nothing was compared');
    }
  }

  #open(): Readable {
    const raw = createReadStream(this.#file);
    if (!this.#file.endsWith('.gz')) return raw;
    const plain = createGunzip();
    raw.on('error', (error) => plain.destroy(error));
    return raw.pipe(plain);
  }

  /** Notes an input error with its line and goes on. */
  async #guarded(action: () => Promise<void> | void): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#break(this.#line, error.message, error.code);
    }
  }

  #break(line: number, message: string, code: string = TRACE_CODE): void {
    this.#report.errors.push({ file: this.#file, line, code, message });
  }

  async #take(line: string): Promise<void> {
    if (this.#document !== undefined) this.#document.push(line);
    else if (this.#runner !== undefined) {
      if (line.trim() !== '') this.#sequence(parseLine(line, recordedSequence), this.#runner);
    } else if (this.#trace !== undefined) {
      if (line.trim() !== '' && !this.#traceOver) this.#traceStep(parseLine(line, traceStep), this.#trace);
    } else if (this.#line === 1) await this.#head(line);
  }

  async #head(line: string): Promise<void> {
    if (line.includes('irqbypass-trace/1'))
      throw new RecordedFormatError(
        'a trace of irqbypass-lab 0.1, whose choices are numbers that meant something in one process only: write it again with --trace or --out',
      );
    if (line.includes(TRACE_FORMAT) && !line.includes('"#meta"')) {
      this.#trace = await this.#beginTrace(parseLine(line, traceHeader));
    } else if (line.includes('"format"') && !line.includes('"#meta"')) {
      const head = parseLine(line, recordedHeader);
      const { runner, revision = head.revision } = this.#options;
      this.#runner = runner?.(head) ?? this.#runnerOf(revision, head.caller ?? 'clean');
    } else if (line.trimStart().startsWith('{')) {
      this.#document = [line];
    } else {
      throw new RecordedFormatError(
        `not a trace: expected a header with "format": "irqbypass-recorded/1" or "${TRACE_FORMAT}", or an ITF document`,
      );
    }
  }

  #runnerOf(revision: string, caller: Discipline): CallRunner {
    const { id, policy } = revisionOf(revision);
    const known = this.#runners.get(`${id} ${caller}`) ?? new RecordedRunner(policy, caller);
    this.#runners.set(`${id} ${caller}`, known);
    return known;
  }

  #sequence(sequence: RecordedSequence, runner: CallRunner): void {
    this.#report.sequences += 1;
    const run = runner.start(sequence);
    for (const [operation, expected] of sequence.ops.entries()) {
      const actual: Readonly<Record<string, unknown>> = run.perform(expected);
      const wanted: Readonly<Record<string, unknown>> = expected;
      const fields = new Set([...Object.keys(wanted), ...Object.keys(actual)]);
      if (
        !this.#compare(
          sequence.seq,
          operation,
          [...fields].filter((field) => !inputs.has(field)),
          wanted,
          actual,
        )
      ) {
        const divergence = this.#report.diverged.at(-1) as Divergence;
        this.#options.diverged?.(divergence, sequence.ops.slice(0, operation + 1));
        return;
      }
      if (run.isCorrupt) return;
    }
  }

  async #beginTrace(header: TraceHeader): Promise<TracedRun> {
    this.#header = header;
    this.#assembled = await worldOf(header, this.#options.revision);
    this.#report.sequences += 1;
    return new TracedRun(this.#assembled.world);
  }

  #traceStep(expected: { readonly choice: string }, run: TracedRun): void {
    const operation = run.steps.length;
    let actual: unknown;
    try {
      actual = JSON.parse(JSON.stringify(run.take(expected.choice)));
    } catch (error) {
      if (!(error instanceof TraceError)) throw error;
      const offered = run.choices().map((choice) => run.world.nameOf(choice));
      actual = { choice: `one of: ${offered.join('; ') || 'nothing'}` };
    }
    const fields = ['choice', 'from', 'to', 'message', 'calls', 'observations', 'state'];
    if (!this.#compare(0, operation, fields, expected, actual as never)) this.#traceOver = true;
  }

  async #takeItf(): Promise<void> {
    const document = parseLine((this.#document ?? []).join('\n'), itfDocument);
    const run = await this.#beginTrace(document['#meta']);
    this.#trace = run;
    for (const expected of stepsOfItf(document)) {
      this.#traceStep(expected, run);
      if (this.#traceOver) return;
    }
  }

  /** Compares fields; notes the first that differs. */
  #compare(
    sequence: number,
    operation: number,
    fields: readonly string[],
    wanted: Readonly<Record<string, unknown>>,
    actual: Readonly<Record<string, unknown>>,
  ): boolean {
    this.#report.operations += 1;
    this.#compared += 1;
    const field = fields.find((one) => !isDeepStrictEqual(wanted[one], actual[one]));
    if (field === undefined) {
      this.#report.agreed += 1;
      return true;
    }
    this.#report.diverged.push({
      file: this.#file,
      sequence,
      operation,
      field,
      expected: wanted[field],
      actual: actual[field],
      differences: differencesOf(wanted[field], actual[field]),
    });
    return false;
  }
}
