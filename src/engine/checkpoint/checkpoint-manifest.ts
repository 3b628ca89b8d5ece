// The manifest of a checkpoint, `checkpoint.json`: what model it is of, which segments it consists of, and its state.
//
// One JSON object on several lines. `format` and `version` come first, `checksum` last: SHA-256, in hexadecimal, of all
// text before it, so that every changed byte of the file is noticed.
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { CheckpointError } from './checkpoint-error.ts';
import type { Segment } from './checkpoint-segment.ts';
import { sectionName, segmentName } from './checkpoint-segment.ts';

/** What a checkpoint is of, in words, for messages and people; `Checkpoint` compares `model` only. */
export interface CheckpointDescription {
  readonly scenario: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly revision: string;
  readonly mutation: string | null;
  /** Whatever else makes a search another one: symmetry, properties, counterexamples kept. Null where it is not given. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Identity of what a checkpoint is of. */
export interface CheckpointHeader {
  /** A hash of everything that the stored bytes depend on. Another hash, another model. */
  readonly model: string;
  readonly description: CheckpointDescription;
}

/** A section with its segments in order. */
export interface ManifestSection {
  readonly name: string;
  readonly segments: readonly Segment[];
}

/** The content of a manifest. */
export interface Manifest {
  readonly header: CheckpointHeader;
  readonly sections: readonly ManifestSection[];
  /** The caller's, plain JSON. */
  readonly state: unknown;
}

const FORMAT = 'irqbypass-lab checkpoint';
/** 2: what the search remembers of growing variables is saved, too. 3: with symmetry other rows are canonical. */
const VERSION = 3;
/** No manifest is larger, in bytes: a hundred thousand segments take 20 MiB. */
export const MAX_MANIFEST_BYTES = 256 * 2 ** 20;

const record = z.record(z.string(), z.unknown());
const schema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  model: z.string(),
  description: z.strictObject({
    scenario: z.string(),
    parameters: record,
    revision: z.string(),
    mutation: z.string().nullable(),
    options: record,
  }),
  sections: z.array(
    z.strictObject({
      name: z.string().regex(sectionName),
      segments: z.array(
        z.strictObject({
          file: z.string().regex(segmentName),
          bytes: z.int().min(0),
          sha256: z.string().regex(/^[0-9a-f]{64}$/),
        }),
      ),
    }),
  ),
  state: z.unknown(),
  checksum: z.string(),
});

const END = /,\n "checksum": "([0-9a-f]{64})"\n\}\n$/;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A manifest as text. Throws TypeError where state or description are not plain JSON (NaN, undefined, a Map). */
export function encodeManifest({ header, sections, state }: Manifest): string {
  expectPlain('state', state);
  expectPlain('description', header.description);
  const { model, description } = header;
  const text = JSON.stringify({ format: FORMAT, version: VERSION, model, description, sections, state }, null, 1);
  const start = text.slice(0, -'\n}'.length);
  return `${start},\n "checksum": "${sha256(start)}"\n}\n`;
}

/** Reads a manifest back; `file` is for messages. Throws CheckpointError. */
export function decodeManifest(file: string, bytes: Uint8Array): Manifest {
  const corrupt = (what: string): CheckpointError =>
    new CheckpointError('corrupt', `${file}: corrupt manifest of a checkpoint: ${what}`);
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (error) {
    throw corrupt(error instanceof Error ? error.message : String(error));
  }
  const { format, version } = (value ?? {}) as { readonly format?: unknown; readonly version?: unknown };
  if (format !== FORMAT)
    throw corrupt(`its format is ${JSON.stringify(format) ?? 'missing'}, expected ${JSON.stringify(FORMAT)}`);
  if (version !== VERSION)
    throw new CheckpointError(
      'version',
      `${file}: checkpoint of format version ${JSON.stringify(version) ?? 'missing'}, this program reads version ${VERSION}`,
    );
  const end = END.exec(text);
  if (end === null) throw corrupt('it does not end with its checksum');
  const actual = sha256(text.slice(0, end.index));
  if (actual !== end[1]) throw corrupt(`SHA-256 of its content is ${actual}, expected ${end[1] as string}`);
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw corrupt(z.prettifyError(parsed.error).replaceAll('\n', ' '));
  const { model, description, sections, state } = parsed.data;
  return { header: { model, description }, sections, state };
}

function expectPlain(what: string, value: unknown): void {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined || !isDeepStrictEqual(JSON.parse(text), value))
    throw new TypeError(`the ${what} of a checkpoint must be plain JSON: it does not survive JSON.stringify and parse`);
}
