// The JSON document of each command as a JSON Schema. A command that has --json and is not here fails test/cli/help.test.ts.
import * as z from 'zod';
import { kernelDocuments } from './kernel-documents.ts';
import { listDocuments } from './list-documents.ts';
import { searchDocuments } from './search-documents.ts';
import { selection } from './shapes.ts';

const error = z.strictObject({
  error: z.strictObject({
    code: z.string().regex(/^IRQB\d{3}$/),
    message: z.string(),
    where: z.string().optional(),
    hint: z.string().optional(),
  }),
});

/** With --check the picture itself is not printed. */
const picture = {
  format: z.enum(['mermaid', 'dot', 'svg', 'plantuml', 'scxml']),
  text: z.string().optional().describe('the picture'),
  out: z.string().optional().describe('--check: the file that is compared'),
  fresh: z.boolean().optional().describe('--check: is it what would be written?'),
} as const;
const diagram = z.union([
  z
    .strictObject({
      machine: z.string(),
      revision: z.string(),
      mutation: z.string().optional(),
      against: z.string().optional(),
      ...picture,
    })
    .describe('a machine'),
  z.strictObject({ ...selection, steps: z.int(), ...picture }).describe('a run of a scenario, or a trace'),
]);

const help = z.strictObject({
  program: z.string(),
  version: z.string(),
  description: z.string(),
  exitCodes: z.array(z.strictObject({ code: z.int(), name: z.string(), meaning: z.string() })),
  errorCodes: z.array(z.strictObject({ code: z.string(), section: z.string(), text: z.string() })),
  error: z.looseObject({}).describe('JSON Schema of what is printed where the input is wrong'),
  commands: z.array(
    z.strictObject({
      name: z.string(),
      description: z.string(),
      usage: z.string(),
      arguments: z.array(
        z.strictObject({
          name: z.string(),
          description: z.string(),
          required: z.boolean(),
          repeatable: z.boolean(),
          default: z.unknown().optional(),
          choices: z.array(z.string()).optional(),
          others: z.boolean().optional().describe('may it be something else than one of the choices, as a file?'),
        }),
      ),
      options: z.array(
        z.strictObject({
          flags: z.string(),
          name: z.string().describe('without dashes'),
          description: z.string(),
          mandatory: z.boolean().describe('does the command refuse to go without it?'),
          value: z.enum(['none', 'required', 'optional']),
          valueName: z.string().optional(),
          repeatable: z.boolean(),
          default: z.unknown().optional(),
          choices: z.array(z.string()).optional(),
          others: z.boolean().optional(),
        }),
      ),
      examples: z.array(z.string()),
      documents: z
        .array(z.strictObject({ of: z.string(), schema: z.looseObject({}) }))
        .describe('what --json prints, by the words that the command begins with; empty where it prints none'),
    }),
  ),
});

/** Schemas by the words that a command begins with: `run`, `list machines`, `explore --swarm`. */
export const documents: Readonly<Record<string, z.ZodType>> = {
  ...listDocuments,
  ...searchDocuments,
  ...kernelDocuments,
  diagram,
  help,
};

/** A schema as JSON Schema, draft 2020-12. What is used twice is defined once. */
export function jsonSchema(schema: z.ZodType): object {
  return z.toJSONSchema(schema, { target: 'draft-2020-12' });
}

/** The JSON Schemas of a command's documents. */
export function documentsOf(command: string): readonly { readonly of: string; readonly schema: object }[] {
  return Object.entries(documents)
    .filter(([of]) => of === command || of.startsWith(`${command} `))
    .map(([of, schema]) => ({ of, schema: jsonSchema(schema) }));
}

/** The JSON Schema of what is printed where the input is wrong. */
export const errorSchema = (): object => jsonSchema(error);
