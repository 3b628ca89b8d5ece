// One trace from disk, taken again: its steps as this release has them, in the world that it names.
import { RecordedFormatError } from './recorded-format.ts';
import type { TakenTrace } from './replay.ts';
import { replayFiles } from './replay.ts';
import { InputError } from '../engine/input-error.ts';

/**
 * Takes a trace again.
 *
 * @param file - what `run --out` or `explore --trace` wrote: ndjson or ITF, plain or gzipped
 * @throws InputError where it cannot be read, as replay says it
 * @throws RecordedFormatError where it is no trace, or its world does something else now
 */
export async function takenTrace(file: string): Promise<TakenTrace> {
  let found: TakenTrace | undefined;
  const { diverged, errors } = await replayFiles([file], { taken: (_, trace) => (found = trace) });
  const [error] = errors;
  if (error !== undefined)
    throw new InputError(error.code, `${file}${error.line === 0 ? '' : `:${error.line}`}: ${error.message}`);
  if (found === undefined) throw new RecordedFormatError(`${file}: recorded behaviour, not a trace of run or explore`);
  const [other] = diverged;
  if (other !== undefined)
    throw new RecordedFormatError(
      `${file}: step ${other.operation + 1} is another one now (${other.field}): the trace is of another release, or was changed`,
    );
  return found;
}
