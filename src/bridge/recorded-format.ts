// The format of recorded behaviour of the real kernel code: types, and lines read one by one with clear errors.
//
// One file is gzipped or plain JSON lines: a header, then one sequence of calls a line. Every sequence starts from an
// empty manager and zeroed objects.
import { complaint } from '../scenarios/files/complaint.ts';
import { InputError } from '../engine/input-error.ts';
import * as z from 'zod';

const operationNames = [
  'register_producer',
  'unregister_producer',
  'register_consumer',
  'unregister_consumer',
] as const;

const errnoValue = z.int();
const key = z.union([z.string(), z.null()]);
const entries = z.record(z.string(), z.union([z.string(), z.array(z.string())]));
const callbackName = z.enum(['stop', 'start', 'add_consumer', 'del_consumer', 'add_producer', 'del_producer']);

const call = z.object({
  op: z.enum(operationNames),
  producer: z.string().optional(),
  consumer: z.string().optional(),
  eventfd: key.optional(),
  irq: z.int().nullish(),
});
const plainFault = z.object({
  prod_add: errnoValue.optional(),
  cons_add: errnoValue.optional(),
  alloc: z.union([z.enum(['all', 'first']), z.array(z.int().positive())]).optional(),
  module_get: z.boolean().optional(),
});
const racing = call.extend({ fault: plainFault.nullish() });
const fault = plainFault.extend({ race: z.union([racing, z.array(racing)]).optional() });

const observed = z.object({
  ret: z.int().nullable(),
  callbacks: z.array(z.string()),
  warn: z.boolean(),
});
const racingObserved = observed.partial();

/** One call with what was observed after it. */
export const recordedOperation = call.extend({
  fault: fault.nullish(),
  ...observed.shape,
  corruption: z.boolean().optional(),
  warn_in: z.array(z.string()).optional(),
  warn_printed: z.boolean().optional(),
  race: z.union([racingObserved, z.array(racingObserved)]).optional(),
  producers: entries,
  consumers: entries,
  bindings: entries,
  cons_bindings: entries.optional(),
  ledger: entries.optional(),
  stale: z.record(z.string(), z.string()).optional(),
  irq_after: z.int().nullish(),
  module_refs: z.int().optional(),
  xa_nodes: z.int().optional(),
});

/** One sequence of calls. */
export const recordedSequence = z.object({
  seq: z.int(),
  name: z.string().optional(),
  caller: z.enum(['clean', 'raw']).nullish(),
  setup: z.record(z.string(), z.array(callbackName)).optional(),
  eventfds: z
    .record(z.string(), z.string().regex(/^0x[0-9a-f]{1,16}$/i, 'an address such as 0xffff888100000040'))
    .optional(),
  ops: z.array(recordedOperation),
  stopped_after: z.int().optional(),
});

/** The first line of a file. */
export const recordedHeader = z.object({
  format: z.literal('irqbypass-recorded/1'),
  revision: z.string(),
  caller: z.enum(['clean', 'raw']).nullable(),
  kind: z.string(),
});

/** A call by itself. */
export type RecordedCall = z.infer<typeof call>;
/** What was made to go wrong in a call, and the calls that raced with it. */
export type RecordedFault = z.infer<typeof fault>;
/** A call, what was made to go wrong in it, and what was observed after it. */
export type RecordedOperation = z.infer<typeof recordedOperation>;
/** Calls one after the other, from an empty manager and zeroed objects: one line of a file. */
export type RecordedSequence = z.infer<typeof recordedSequence>;
/** The first line of a file: which revision was recorded, and how its callers treat tokens. */
export type RecordedHeader = z.infer<typeof recordedHeader>;

/** A line that could not be understood: what is wrong with it. */
export class RecordedFormatError extends InputError {
  override readonly name = 'RecordedFormatError';

  constructor(message: string, cause?: unknown) {
    super('IRQB103', message, { cause });
  }
}

/** Reads one line as JSON of the given shape. Throws RecordedFormatError saying what is wrong. */
export function parseLine<T>(line: string, schema: z.ZodType<T>): T {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RecordedFormatError(
      `not valid JSON (${reason.replace(/, "?.*is not valid JSON$/, '').replace(/ \(line \d+ column \d+\)/, '')})`,
      {
        cause: error,
      },
    );
  }
  const parsed = schema.safeParse(json, { reportInput: true });
  if (parsed.success) return parsed.data;
  const { path, message } = complaint(parsed.error.issues, { whole: 'a line is a map' });
  throw new RecordedFormatError(path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`);
}
