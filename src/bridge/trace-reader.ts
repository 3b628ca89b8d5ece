// Reads a trace from disk and takes it again: its steps as this release has them, in the world that it names.
import { readFileSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { InputError } from '../engine/input-error.ts';
import type { Assembled } from '../scenarios/assembled.ts';
import { expectFile, unreadable } from '../scenarios/files/load.ts';
import type { TraceStep } from '../engine/world/trace.ts';
import { TracedRun, TraceError } from '../engine/world/trace.ts';
import { parseLine, RecordedFormatError } from './recorded-format.ts';
import type { TraceHeader } from './trace-file.ts';
import { itfDocument, stepsOfItf, TRACE_FORMAT, traceHeader, traceStep, worldOf } from './trace-file.ts';

/** A trace that was taken again. */
export interface TakenTrace {
  readonly header: TraceHeader;
  readonly assembled: Assembled;
  readonly steps: readonly TraceStep[];
}

/**
 * Takes a trace again.
 *
 * @param file - what `run --out` or `explore --trace` wrote: ndjson or ITF, plain or gzipped
 * @throws UnreadableFileError where it cannot be read
 * @throws RecordedFormatError where it is no trace, or its world offers a step of it no more, with the line
 */
export async function takenTrace(file: string): Promise<TakenTrace> {
  const { header, steps } = readTrace(file);
  const assembled = await worldOf(header);
  const run = new TracedRun(assembled.world);
  for (const { line, choice } of steps) {
    try {
      run.take(choice);
    } catch (error) {
      if (!(error instanceof TraceError)) throw error;
      throw new RecordedFormatError(`${error.message}: the trace is of another release, or was changed`).at(
        `${file}:${line}`,
      );
    }
  }
  return { header, assembled, steps: run.steps };
}

interface ReadStep {
  readonly line: number;
  readonly choice: string;
}

function readTrace(file: string): { readonly header: TraceHeader; readonly steps: readonly ReadStep[] } {
  const text = textOf(file);
  const lines = text.split('\n');
  const inLine = <T>(line: number, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof RecordedFormatError)) throw error;
      throw error.at(`${file}:${line}`);
    }
  };
  if (text.includes('"#meta"')) {
    const document = inLine(1, () => parseLine(text, itfDocument));
    return {
      header: document['#meta'],
      steps: inLine(1, () => stepsOfItf(document)).map(({ choice }) => ({ line: 1, choice })),
    };
  }
  if (!(lines[0] ?? '').includes(TRACE_FORMAT))
    throw new RecordedFormatError(
      `not a trace: expected a header with "format": "${TRACE_FORMAT}", or an ITF document`,
    ).at(`${file}:1`);
  return {
    header: inLine(1, () => parseLine(lines[0] ?? '', traceHeader)),
    steps: lines
      .slice(1)
      .flatMap((line, i) =>
        line.trim() === '' ? [] : [{ line: i + 2, choice: inLine(i + 2, () => parseLine(line, traceStep)).choice }],
      ),
  };
}

function textOf(file: string): string {
  try {
    expectFile(file, statSync(file));
    const bytes = readFileSync(file);
    return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  } catch (error) {
    throw error instanceof InputError ? error : unreadable(file, error);
  }
}
